"""Facts in words: one table of at most 100 columns, what lies outside, and how each fact is read."""

import textwrap
from collections.abc import Iterator
from math import isnan
from typing import TYPE_CHECKING

from sim.studies.facts.listed import LEFT_OUT, POINTS, SHARE

if TYPE_CHECKING:
    from sim.studies.facts.study import Found, Row

COLUMNS = 100


def text(found: "Found") -> str:
    """Return the table and what to know of it."""
    head = _line("fact", "asked", "simulated", "95 % interval", "band", "")
    parts = [[head, "-" * COLUMNS, *(line for row in found.rows for line in _row(row))], list(_outside(found)), list(_readings(found)), list(_about(found))]
    return "\n\n".join("\n".join(part) for part in parts if part)


def number(value: float, unit: str, *, sign: bool = True) -> str:
    """Return a value of a fact: shares in percent, points in points."""
    if isnan(value):
        return "-"
    if unit in (SHARE, POINTS):
        mark = (" %" if unit == SHARE else " p.") if sign else ""
        return f"{100 * value:.{1 if abs(value) < 0.9995 else 0}f}{mark}"
    return f"{value:.{1 if abs(value) < 99.95 else 0}f}"


def limits(low: float, high: float, unit: str) -> str:
    """Return an interval without unit, or nothing."""
    if isnan(low) or isnan(high):
        return "-"
    low_text, high_text = (number(limit, unit, sign=False) for limit in (low, high))
    return f"{low_text} to {high_text}"


def _line(words: str, asked: str, value: str, interval: str, band: str, said: str) -> str:
    return f"{words:<43} {asked:>10} {value:>9} {interval:>14} {band:>12} {said:<7}".rstrip()


def _row(row: "Row") -> Iterator[str]:
    first, *more = textwrap.wrap(row.words, 43)
    band = limits(row.least, row.most, row.unit)
    yield _line(first, row.asked, number(row.simulated, row.unit), limits(row.low, row.high, row.unit), band, row.verdict)
    yield from (f"  {line}" for line in more)


def _outside(found: "Found") -> Iterator[str]:
    for row in found.outside:
        side = "above" if row.simulated > row.most else "below"
        said = f"Outside its band: {row.words} ({number(row.simulated, row.unit)} lies {side} {limits(row.least, row.most, row.unit)})."
        yield from textwrap.wrap(said, COLUMNS)


def _readings(found: "Found") -> Iterator[str]:
    for reading in dict.fromkeys(row.reading for row in found.rows if row.reading):
        asked = dict.fromkeys(row.asked for row in found.rows if row.reading == reading and any(letter.isdigit() for letter in row.asked))
        yield from textwrap.wrap(f"{', '.join(asked)}: {reading}.", COLUMNS, subsequent_indent="  ")


def _about(found: "Found") -> Iterator[str]:
    yield from textwrap.wrap("Left out: " + "; ".join(LEFT_OUT) + ".", COLUMNS, subsequent_indent="  ")
    said = (
        f"{found.runs} replications of {found.world.customers:,} customers until day {found.world.horizon:g}, seed {found.world.seed}; totals over totals, "
        "95 % intervals by the jackknife. inside: value and interval lie in the band; edge: the interval holds a limit of it; p.: percentage points."
    )
    yield from textwrap.wrap(said, COLUMNS)
