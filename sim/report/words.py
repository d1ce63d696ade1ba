"""Numbers and names as people say them: 3.1 %, EUR 1,240, 12 days, Paid search."""

import unicodedata
from collections.abc import Callable
from math import floor, isfinite, isnan, log10

from sim.metrics import Metric
from sim.metrics.table import COUNT, DAYS, PER_MONTH, RATIO, SCORE, SHARE

NOTHING = "-"
TAIL = 4  # letters kept at the end of a name that is cut
_UNITS = (("second", 1 / 86400), ("minute", 1 / 1440), ("hour", 1 / 24))
_ENOUGH = {"second": 60, "minute": 60, "hour": 24}  # of the next unit
MARKETS = {"b2b": "B2B", "b2c": "B2C"}


def spoken(name: str) -> str:
    """Return a name for people: underscores become blanks, the first letter a capital; what can't be printed becomes U+FFFD."""
    plain = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in name.replace("_", " ").strip())
    return MARKETS.get(name, plain[:1].upper() + plain[1:])


def inside(name: str) -> str:
    """Return a name for the middle of a sentence: a small first letter, unless more capitals follow."""
    text = spoken(name)
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def width(text: str) -> int:
    """Return how many columns a terminal needs: two for wide letters, none for marks that combine with the letter before."""
    return sum(0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def clipped(text: str, columns: int, more: str = "...") -> str:
    """Return the text within some columns; ``more`` stands for what was cut out: not the end, which often tells names apart."""
    if width(text) <= columns:
        return text
    head, tail = text, text[-TAIL:] if columns > 3 * TAIL else ""
    while head and width(head + more + tail) > columns:
        head = head[:-1]
    return head.rstrip() + more + tail


def significant(value: float, digits: int) -> str:
    """Return a number with some significant digits, thousands set apart by commas."""
    if not isfinite(value):
        return NOTHING
    cut = rounded(value, digits)
    size = floor(log10(abs(cut))) + 1 if cut else 1
    return f"{cut:,.{max(0, digits - size)}f}"


def rounded(value: float, digits: int = 2) -> float:
    """Return a number with some significant digits left: for headlines."""
    return round(value, digits - 1 - floor(log10(abs(value)))) if isfinite(value) and value else value


def customers(number: int) -> str:
    """Return how many customers."""
    return f"{number:,} customer" + "s" * (number != 1)


def count(value: float) -> str:
    """Return a number of things."""
    return NOTHING if isnan(value) else f"{value:,.0f}"


def percent(value: float) -> str:
    """Return a share in percent: 0.031 is 3.1, 0.31 is 31, with its sign."""
    return f"{_percent(value)} %" if isfinite(value) else NOTHING


def money(value: float, currency: str) -> str:
    """Return an amount: three significant digits or whole units, millions in words."""
    if not isfinite(value):
        return NOTHING
    sign, size = "-" if value < 0 else "", abs(value)
    return f"{sign}{currency} {_amount(size)}"


def days(value: float) -> str:
    """Return a length of time in the unit that suits it, from seconds to days."""
    if not isfinite(value):
        return NOTHING
    unit, size = next(((unit, size) for unit, size in _UNITS if value and round(abs(value) / size, 6) < _ENOUGH[unit]), ("day", 1.0))
    said = significant(value / size, 2).removesuffix(".0")
    return f"{said} {unit}" + "s" * (said != "1")


def limits(metric: Metric) -> str:
    """Return the interval of a measurement without unit, as in ``2.8 to 3.4``, or nothing."""
    if isnan(metric.low) or isnan(metric.high):
        return ""
    bare = _BARE.get(metric.unit, brief)
    low, high = bare(metric.low), bare(metric.high)
    if low == high and metric.unit == SHARE:  # two equal numbers would look like certainty
        low, high = (f"{100 * limit:.1f}" for limit in (metric.low, metric.high))
    return f"{low} to {high}"


def times(ratio: float) -> str:
    """Return a ratio above 1 in words."""
    return f"{significant(ratio, 2)} times"


def _percent(value: float) -> str:
    share = 100 * value
    if abs(share) >= 99.95 or share == 0:
        return f"{share:.0f}"
    if abs(share) < 0.05:
        return f"{share:.1g}"
    return f"{share:.1f}" if abs(share) < 9.95 or abs(share) > 99 else f"{share:.0f}"


def _amount(size: float) -> str:
    if size >= 999_500:
        return f"{significant(size / 1e6, 3)} million"
    return f"{size:,.0f}" if size >= 99.5 or size == 0 else f"{size:.2f}" if size < 9.995 else f"{size:.1f}"


def brief(value: float) -> str:
    """Return an amount in few letters: 3.26, 4,100, 38.8k, 2.49M."""
    sign, size = "-" if value < 0 else "", abs(value)
    for unit, mark in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if size >= 0.9995 * unit and size >= 9_999.5:
            return f"{sign}{significant(size / unit, 3)}{mark}"
    return f"{sign}{_amount(size)}"


def _score(value: float) -> str:
    return significant(value, 3)


_BARE: dict[str, Callable[[float], str]] = {SHARE: _percent, DAYS: _score, COUNT: count, PER_MONTH: _score, RATIO: _score, SCORE: _score}
