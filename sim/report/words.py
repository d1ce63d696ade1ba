"""Numbers and names as people say them, in the language that is being spoken: 3.1 %, EUR 1,240, 12 days, Paid search."""

import re
import unicodedata
from collections.abc import Callable
from math import isnan

from sim.language import NOTHING, current, rounded
from sim.metrics import Metric
from sim.metrics.table import COUNT, DAYS, PER_MONTH, RATIO, SCORE, SHARE

_WINDOW = re.compile(r"(?P<what>.+)_(?P<days>\d+)d")
TAIL = 4  # letters kept at the end of a name that is cut


def spoken(name: str) -> str:
    """Return a name for people: as the language calls it, else underscores become blanks, the first letter a capital; what can't be printed U+FFFD."""
    plain = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in name.replace("_", " ").strip())
    return current().name(name) or plain[:1].upper() + plain[1:]


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
    """Return a number with some significant digits, thousands set apart."""
    return current().significant(value, digits)


def customers(number: int) -> str:
    """Return how many customers."""
    return current().plural("numbers.customers", number)


def count(value: float) -> str:
    """Return a number of things."""
    return current().count(value)


def percent(value: float) -> str:
    """Return a share in percent: 0.031 is 3.1, 0.31 is 31, with its sign."""
    return current().percent(value)


def money(value: float, currency: str) -> str:
    """Return an amount: three significant digits or whole units, millions in words."""
    return current().money(value, currency)


def days(value: float) -> str:
    """Return a length of time in the unit that suits it, from seconds to days."""
    return current().days(value)


def limits(metric: Metric) -> str:
    """Return the interval of a measurement without unit, as in ``2.8 to 3.4``, or nothing."""
    if isnan(metric.low) or isnan(metric.high):
        return ""
    bare = days if metric.unit == DAYS and abs(metric.value) < 1 else _BARE.get(metric.unit, brief)  # hours are said as hours
    low, high = bare(metric.low), bare(metric.high)
    if low == high and metric.unit == SHARE:  # two equal numbers would look like certainty
        low, high = (current().number(100 * limit, 1) for limit in (metric.low, metric.high))
    return current().range(low, high)


def metric(name: str) -> str:
    """Return what a metric is called, also one of an A/B test with its days: Conversion rate in 90 days."""
    texts = current().texts
    known = texts.get(f"metrics.{name}")
    if isinstance(known, str):
        return known
    found = _WINDOW.fullmatch(name)
    parts = found["what"].split("_per_") if found else []
    if found is None or any(f"outcomes.{part}" not in texts for part in parts):
        return spoken(name)
    said = [current().text(f"outcomes.{part}") for part in parts]
    what = current().text("outcomes.per", above=said[0], below=said[1]) if len(said) == 2 else said[0]
    return current().text("outcomes.within", what=what, days=found["days"])


def times(ratio: float) -> str:
    """Return a ratio above 1 in words."""
    return current().text("numbers.times", number=significant(ratio, 2))


def brief(value: float) -> str:
    """Return an amount in few letters: 3.26, 4,100, 38.8k, 2.49M."""
    return current().brief(value)


def _score(value: float) -> str:
    return significant(value, 3)


def _share(value: float) -> str:
    return current().bare_percent(value)


_BARE: dict[str, Callable[[float], str]] = {SHARE: _share, DAYS: _score, COUNT: count, PER_MONTH: _score, RATIO: _score, SCORE: _score}

__all__ = [
    "NOTHING", "TAIL", "brief", "clipped", "count", "customers", "days", "inside", "limits", "metric", "money", "percent", "rounded", "significant",
    "spoken", "times", "width",
]  # fmt: skip
