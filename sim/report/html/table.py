"""Tables and figures of the page: every table has a caption and heads, every figure what a screen reader says and its numbers as a table."""

from collections.abc import Collection, Iterable, Sequence
from math import isfinite
from typing import NamedTuple

from sim.language import NOTHING, current
from sim.metrics import Metric
from sim.metrics.table import COUNT, DAYS, PER_MONTH, RATIO, SCORE, SHARE
from sim.report.html.drawing import drawing
from sim.report.html.element import Element, Inside, el
from sim.report.words import limits, percent, spoken

CHURN = "churn_rate_monthly"  # of those who are there, the share that leaves in a month
MOST = 400  # rows of a table; the files have all of them


class Cell(NamedTuple):
    """What stands in a cell; ``sort`` is the number that it is sorted by, ``below`` the small line under it, ``share`` fills a bar behind it."""

    text: str
    sort: float | None = None
    below: str = ""
    share: float | None = None


class Row(NamedTuple):
    """The cells of a row, the head of the row first; ``persona`` is the number of the persona whom the row is about."""

    cells: Sequence[Cell | str]
    persona: int | None = None
    strong: bool = False


def table(caption: str, header: Sequence[str], rows: Iterable[Row | Sequence[Cell | str]], *, sorts: bool = True) -> Element:
    """Return a table; its columns can be sorted where the script runs."""
    lines = [row if isinstance(row, Row) else Row(row) for row in rows]
    words = {k for k in range(1, len(header)) if all(_is_word(row.cells[k]) for row in lines if k < len(row.cells))}
    kinds = ["text" if k in words else "number" if k else None for k in range(len(header))]
    head = el("tr", {}, [el("th", {"scope": "col", "class": kind}, text) for kind, text in zip(kinds, header, strict=True)])
    body = [_row(row, words) for row in lines[:MOST]]
    how = {"class": "data sortable" if sorts and len(lines) > 2 else "data"}
    more = el("p", {"class": "note"}, current().text("report.more_rows", number=current().count(len(lines) - MOST))) if len(lines) > MOST else None
    inner = el("table", how, el("caption", {}, caption), el("thead", {}, head), el("tbody", {}, body))
    return el("div", {"class": "scroll", "tabindex": "0", "role": "region", "aria-label": caption}, inner, more)


def figure(name: str, svg: str, alt: str, numbers: Element, caption: str = "") -> Element:
    """Return a figure with what it says in words, and its numbers folded below it."""
    label = current().text("report.numbers")
    shown = el("div", {"class": "scroll", "tabindex": "0", "role": "region", "aria-label": alt}, drawing(svg, name, alt))
    text = el("figcaption", {}, caption) if caption else None
    return el("figure", {"id": f"figure-{name}"}, shown, text, el("details", {}, el("summary", {}, label), numbers))


def measured(metric: Metric | None) -> Cell:
    """Return a measurement as people read it, its interval below it, or why there is none."""
    if metric is None or not isfinite(metric.value):
        return Cell(NOTHING, None, current().note(metric.note) if metric is not None else "")
    unit = SHARE if metric.metric == CHURN else metric.unit
    return Cell(valued(metric.value, unit), metric.value, interval(metric))


def interval(metric: Metric) -> str:
    """Return the interval of a measurement, or nothing where there is none or it has no width."""
    share = metric._replace(unit=SHARE) if metric.metric == CHURN else metric
    return "" if metric.low == metric.high else limits(share)


def interval_text(low: float, high: float, unit: str) -> str:
    """Return two limits as an interval, nothing where there is none."""
    return interval(Metric("", "", "", low, low, high, unit, 0))


def valued(value: float, unit: str) -> str:
    """Return a number in its unit; a rate of leaving per month is a share."""
    say = current()
    plain = {SHARE: percent, DAYS: say.days, COUNT: _counted, PER_MONTH: _monthly, RATIO: say.significant, SCORE: _scored}
    return unbroken(plain[unit](value) if unit in plain else say.money(value, unit))


def unbroken(text: str) -> str:
    """Return a number with its unit so that no line breaks between them."""
    return text.replace(" ", "\N{NO-BREAK SPACE}").replace("\N{EN DASH}", "\N{WORD JOINER}\N{EN DASH}\N{WORD JOINER}")


def note(text: str) -> Element:
    """Return a small paragraph."""
    return el("p", {"class": "note"}, text)


def named(name: str) -> str:
    """Return a name from a configuration as people say it."""
    return spoken(name)


def _counted(value: float) -> str:
    return current().number(value, 1 if 0 < abs(value) < 100 and value != round(value) else 0)


def _monthly(value: float) -> str:
    return current().significant(value, 2)


def _scored(value: float) -> str:
    return current().number(value, 2)


def _is_word(given: Cell | str) -> bool:
    """Return whether a cell holds words rather than a number, or nothing."""
    text, sort = (given.text, given.sort) if isinstance(given, Cell) else (given, None)
    return sort is None and text not in ("", NOTHING)


def _row(row: Row, words: Collection[int] = ()) -> Element:
    cells = [_cell(cell, k, word=k in words) for k, cell in enumerate(row.cells)]
    return el("tr", {"data-persona": row.persona, "class": "strong" if row.strong else None}, cells)


def _cell(given: Cell | str, column: int, *, word: bool) -> Element:
    cell = given if isinstance(given, Cell) else Cell(given)
    inside: list[Inside] = [cell.text]
    if cell.below:
        inside += [el("br"), el("small", {}, cell.below)]
    if column == 0:
        return el("th", {"scope": "row"}, inside)
    bar = f"--share: {100 * min(1.0, cell.share):.1f}%" if cell.share is not None and isfinite(cell.share) else None
    return el("td", {"data-sort": None if cell.sort is None else f"{cell.sort:.6g}", "class": "bar" if bar else "word" if word else None, "style": bar}, inside)
