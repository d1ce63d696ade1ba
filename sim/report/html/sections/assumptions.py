"""Every parameter of the world, its value, and where it comes from."""

from collections.abc import Iterator, Mapping
from typing import Any

from sim.language import current
from sim.report.html.element import Element, el
from sim.report.html.report import Report
from sim.report.html.table import note

LEFT_OUT = ("personas.*.card", "scenario.set")
NOT_ASSUMED = ("customers", "seed", "replications", "clock", "log", "student", "language")


def section(report: Report) -> Iterator[Element]:
    """Return the parameters by part of the world; nothing without a configuration."""
    if not report.world:
        return
    say = current()
    yield note(say.text("report.assumptions.note"))
    for part, value in report.world.items():
        rows = [(path, shown) for path, shown in leaves(part, value) if part not in NOT_ASSUMED]
        if rows:
            yield el("details", {}, el("summary", {}, say.text("report.assumptions.part", part=part, number=say.count(len(rows)))), _table(report, part, rows))


def leaves(path: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yield every value that is set, by its path."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name != "card":
                yield from leaves(f"{path}.{name}", inner)
    elif value is not None and value not in ([], ()):
        yield path, ", ".join(map(str, value)) if isinstance(value, list | tuple) else f"{value:g}" if isinstance(value, float) else str(value)


def _table(report: Report, part: str, rows: list[tuple[str, str]]) -> Element:
    say = current()
    header = [say.text(f"report.assumptions.{name}") for name in ("path", "value", "file", "source")]
    body = []
    for path, shown in rows:
        source = report.sources.get(path)
        cells = [shown, source.file if source else "", source.note if source else ""]
        body.append(el("tr", {}, el("th", {"scope": "row"}, el("code", {}, path)), [el("td", {"class": "text"}, text) for text in cells]))
    head = el("tr", {}, [el("th", {"scope": "col"}, text) for text in header])
    caption = say.text("report.assumptions.caption", part=part)
    inner = el("table", {"class": "data"}, el("caption", {}, caption), el("thead", {}, head), el("tbody", {}, body))
    return el("div", {"class": "scroll", "tabindex": "0", "role": "region", "aria-label": caption}, inner)
