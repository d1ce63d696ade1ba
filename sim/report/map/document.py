"""Maps as one page: a file that needs no other, opens from disk and asks nothing of any network."""

from collections.abc import Sequence
from typing import NamedTuple

from sim.report.html.element import Element, Raw, el
from sim.report.language import current
from sim.report.map.page import STYLE

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_PAGE = """
:root { color-scheme: light dark; --ink: #1a1a1a; --quiet: #595959; --faint: #d9d9d9; --paper: #fff; --blue: #0072B2; --green: #00785A; --vermilion: #C04F00; }
@media (prefers-color-scheme: dark) { :root { --ink: #ececec; --quiet: #b4b4b4; --faint: #454545; --paper: #16181b;
  --blue: #5aaee0; --green: #46b592; --vermilion: #f0894a; } }
@media print { :root { --ink: #1a1a1a; --quiet: #595959; --faint: #d9d9d9; --paper: #fff; } @page { size: A4 landscape; margin: 10mm; } }
body { margin: 0 auto; padding: 1rem clamp(.7rem, 2.5vw, 2rem) 3rem; max-width: 96rem; background: var(--paper); color: var(--ink);
  font-family: system-ui, "Segoe UI", "DejaVu Sans", Verdana, sans-serif; line-height: 1.45; }
h1 { font-size: clamp(1.25rem, 2.6vw, 1.8rem); line-height: 1.2; margin: .4rem 0 .3rem; }
h2 { font-size: 1.25rem; margin: 2rem 0 .4rem; }
.kind { display: inline-block; background: var(--ink); color: var(--paper); border-radius: 1rem; padding: .1rem .8rem; font-weight: 700; font-size: .85rem; }
.source { color: var(--quiet); margin: 0 0 1rem; }
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
        el("style", {}, Raw(_PAGE + STYLE)),
    )
    top = [el("span", {"class": "kind"}, current().text(f"map.kinds.{kind}")), *_part("h1", first)]
    rest = [element for part in others for element in _part("h2", part)]
    return f"<!doctype html>\n{el('html', {'lang': current().code}, head, el('body', {}, el('main', {}, top, rest)))}\n"


def _part(heading: str, part: Part) -> tuple[Element, ...]:
    return el(heading, {}, part.title), el("p", {"class": "source"}, part.source), part.body
