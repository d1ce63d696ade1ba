"""The model, described after the ODD protocol (Grimm et al. 2020, JASSS 23(2) 7), from the configuration."""

from collections.abc import Iterator

from sim.language import current
from sim.report.html.element import Element, el
from sim.report.html.report import Report
from sim.report.odd import described


def section(report: Report) -> Iterator[Element]:
    """Return the seven elements of the protocol; nothing without a configuration."""
    if not report.world:
        return
    say = current()
    yield el("p", {"class": "note"}, say.text("odd.protocol"))
    parts = []
    for name, paragraphs in described(report.world).items():
        parts += [el("dt", {}, say.text(f"odd.{name}.title")), *(el("dd", {}, text) for text in paragraphs)]
    yield el("dl", {"class": "model"}, parts)
