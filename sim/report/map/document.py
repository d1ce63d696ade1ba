"""Maps as one page: a file that needs no other, opens from disk and asks nothing of any network."""

from collections.abc import Sequence
from importlib.resources import files
from typing import NamedTuple

from sim.language import current
from sim.report.html.element import Element, Raw, el
from sim.report.map.page import STYLE

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_PAGE = """
main { margin: 0 auto; padding: 1.2rem clamp(0.8rem, 2.5vw, 2rem) 3rem; max-width: 96rem; }
main h1 { font-size: clamp(1.25rem, 2.6vw, 1.8rem); margin: 0.5rem 0 0.3rem; }
main h2 { font-size: 1.25rem; margin-top: 2rem; }
.kind { display: inline-block; background: var(--ink); color: var(--paper); border-radius: 1rem; padding: 0.1rem 0.8rem; font-weight: 700; font-size: 0.85rem; }
@media print { @page { size: A4 landscape; margin: 10mm; } }
"""


class Part(NamedTuple):
    """One map of a page: its heading, a line of source under it, and the map."""

    title: str
    source: str
    body: Element


def document(kind: str, parts: Sequence[Part]) -> str:
    """Return a whole page: the first part's title is the page's."""
    first, *others = parts
    head = el(
        "head",
        {},
        el("meta", {"charset": "utf-8"}),
        el("meta", {"http-equiv": "Content-Security-Policy", "content": _POLICY}),
        el("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        el("title", {}, first.title),
        el("style", {}, Raw(_report_style() + _PAGE + STYLE)),
    )
    top = [el("span", {"class": "kind"}, current().text(f"map.kinds.{kind}")), *_part("h1", first)]
    rest = [element for part in others for element in _part("h2", part)]
    return f"<!doctype html>\n{el('html', {'lang': current().code}, head, el('body', {}, el('main', {}, top, rest)))}\n"


def _part(heading: str, part: Part) -> tuple[Element, ...]:
    return el(heading, {}, part.title), el("p", {"class": "source"}, part.source), part.body


def _report_style() -> str:
    return files("sim.report.html").joinpath("style.css").read_text(encoding="utf-8")
