"""What the reader reads: texts, numbers and dates in one language.  A language is one file, ``languages/CODE.toml``.

Texts have names (``report.funnel.title``) and gaps (``{stage}``).  A text that depends on how many is a table of its forms,
``{one = "...", other = "..."}``.  TOML, because only the application knows YAML, and Python reads it by itself.  Signs of
numbers are those of CLDR 46; they stand in the file too, as a library for four signs would be larger than all the rest.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from math import floor, isfinite, log10
from typing import Any

from sim.errors import ConfigError, Problem, near

LANGUAGES = ("en", "fi")
NOTHING = "-"
_UNITS = (("seconds", 1 / 86400), ("minutes", 1 / 1440), ("hours", 1 / 24))
_ENOUGH = {"seconds": 60, "minutes": 60, "hours": 24}  # of the next unit
_LARGE = (("bn", 1e9), ("M", 1e6), ("k", 1e3))
_NOTES = {  # what measurements say of themselves with numbers in it
    "notes.window": re.compile(r"within (?P<low>\d+) days"),
    "notes.windows": re.compile(r"within (?P<low>\d+) to (?P<high>\d+) days"),
    "notes.some": re.compile(r"in (?P<count>\d+) of (?P<runs>\d+) replications"),
    "notes.thinned": re.compile(r"its budget was thinned: it binds in (?P<share>\d+) % of its periods"),
    "notes.paths": re.compile(r"(?P<customers>[\d,]+) customers, (?P<converted>[\d,]+) converted"),
    "notes.pathless": re.compile(r"(?P<customers>[\d,]+) arrived as customers and have no path"),
    "notes.in_drop": re.compile(r"in a stage named in study\.drop \((?P<names>.*)\)"),
    "notes.rows_used": re.compile(r"(?P<rows>[\d,]+) rows used"),
}
Forms = str | Mapping[str, str]  # a text, or its forms by number


@dataclass(frozen=True)
class Language:
    """One language: its code and its texts."""

    code: str
    texts: Mapping[str, Forms]

    def text(self, key: str, **values: object) -> str:
        """Return a text with its gaps filled; raise KeyError where there is no such text, or no value for a gap."""
        found = self.texts[key]
        if not isinstance(found, str):
            raise KeyError(f"{key} depends on how many: use plural")
        return found.format(**values)

    def plural(self, key: str, number: float, **values: object) -> str:
        """Return the text that fits a number of things; ``{number}`` is that number."""
        forms = self.texts[key]
        if isinstance(forms, str):
            raise KeyError(f"{key} does not depend on how many: use text")
        return forms["one" if number == 1 else "other"].format(number=self.count(number), **values)

    def name(self, name: str) -> str | None:
        """Return how people call something that polku ships (a stage, a persona, a channel ...), None of anything else."""
        found = self.texts.get(f"names.{name}")
        return found if isinstance(found, str) else None

    def note(self, note: str) -> str:
        """Return what a measurement says of itself (``follow-up too short; few``) in the language; what it does not know stays as it is."""
        return "; ".join(self._noted(part) for part in note.split("; "))

    def number(self, value: float, digits: int = 0) -> str:
        """Return a number with some decimals, thousands set apart."""
        return self.signs(f"{value:,.{digits}f}") if isfinite(value) else NOTHING

    def significant(self, value: float, digits: int = 3) -> str:
        """Return a number with some significant digits."""
        cut = rounded(value, digits)
        size = floor(log10(abs(cut))) + 1 if isfinite(cut) and cut else 1
        return self.number(cut, max(0, digits - size))

    def count(self, value: float) -> str:
        """Return a number of things."""
        return self.number(value)

    def percent(self, share: float) -> str:
        """Return a share in percent: 0.031 is 3.1 %, 0.31 is 31 %."""
        return self.text("numbers.percent", number=self.bare_percent(share)) if isfinite(share) else NOTHING

    def share(self, value: float, digits: int = 1) -> str:
        """Return a share in percent with so many decimals: for tables."""
        return self.text("numbers.percent", number=self.number(100 * value, digits)) if isfinite(value) else NOTHING

    def exactly(self, value: float, digits: int = 4) -> str:
        """Return a number as short as it is with some significant digits: 0.25, 1e-09, 40."""
        return self.signs(f"{value:.{digits}g}")

    def bare_percent(self, share: float) -> str:
        """Return a share in percent without its sign."""
        return self.signs(_percent(share))

    def money(self, value: float, currency: str = "") -> str:
        """Return an amount: three significant digits or whole units, millions in words; without a currency the number alone."""
        if not isfinite(value):
            return NOTHING
        amount = self._amount(abs(value))
        sign = self.text("numbers.minus") if value < 0 else ""
        return self.text("numbers.money", sign=sign, amount=amount, currency=currency) if currency else sign + amount

    def brief(self, value: float) -> str:
        """Return an amount in few letters: 3.26, 4,100, 38.8k, 2.49M."""
        sign, size = self.text("numbers.minus") if value < 0 else "", abs(value)
        for mark, unit in _LARGE:
            if size >= 0.9995 * unit and size >= 9_999.5:
                return sign + self.text(f"numbers.{mark}", number=self.significant(size / unit, 3))
        return sign + self._amount(size)

    def days(self, value: float) -> str:
        """Return a length of time in the unit that suits it, from seconds to days."""
        if not isfinite(value):
            return NOTHING
        unit, size = next(((unit, size) for unit, size in _UNITS if value and round(abs(value) / size, 6) < _ENOUGH[unit]), ("days", 1.0))
        said = self.significant(value / size, 2).removesuffix(self.signs(".0"))
        return self._form(f"numbers.{unit}", said)

    def range(self, low: str, high: str) -> str:
        """Return an interval of two numbers that are already written; nothing between nothing and nothing."""
        if low == high == NOTHING:
            return NOTHING
        signs = ("+", self.text("numbers.minus"))
        return self.text("numbers.signed_range" if low.startswith(signs) or high.startswith(signs) else "numbers.range", low=low, high=high)

    def points(self, share: float, digits: int = 2) -> str:
        """Return a difference of two shares in points of a percent: 0.0003 is 0.03 points."""
        return self.text("numbers.points", number=self.number(100 * share, digits)) if isfinite(share) else NOTHING

    def date(self, day: date) -> str:
        """Return a day of the calendar."""
        return self.text("numbers.date", day=day.day, month=self.text(f"months.{day.month}"), year=day.year)

    def _noted(self, note: str) -> str:
        for key, pattern in _NOTES.items():
            if match := pattern.fullmatch(note):
                return self.text(key, **{name: self.signs(said) if said[0].isdigit() else said for name, said in match.groupdict().items()})
        found = self.texts.get(f"notes.{note}", note)
        return found if isinstance(found, str) else note

    def _form(self, key: str, said: str) -> str:
        forms = self.texts[key]
        assert not isinstance(forms, str)
        return forms["one" if said == "1" else "other"].format(number=said)

    def _amount(self, size: float) -> str:
        if size >= 999_500:
            return self.text("numbers.million", number=self.significant(size / 1e6, 3))
        return self.number(size, 0 if size >= 99.5 or size == 0 else 2 if size < 9.995 else 1)

    def signs(self, text: str) -> str:
        """Return a number written as Python does, with the signs of the language."""
        signs = {",": self.text("numbers.group"), ".": self.text("numbers.decimal"), "-": self.text("numbers.minus")}
        return "".join(signs.get(letter, letter) for letter in text)


def language(code: str) -> Language:
    """Return a language by its code; raise ConfigError if there is none."""
    if code not in LANGUAGES:
        raise ConfigError([Problem("language", f"no such language {code!r}", near(code, LANGUAGES))])
    return _read(code)


def current() -> Language:
    """Return the language that is being spoken: English unless `speaking` says otherwise."""
    return _SPOKEN.get() or language("en")


@contextmanager
def speaking(code: str) -> Iterator[Language]:
    """Speak a language inside the block (as `decimal.localcontext` does with precision); each thread has its own."""
    token = _SPOKEN.set(language(code))
    try:
        yield current()
    finally:
        _SPOKEN.reset(token)


def rounded(value: float, digits: int = 2) -> float:
    """Return a number with some significant digits left: for headlines."""
    return round(value, digits - 1 - floor(log10(abs(value)))) if isfinite(value) and value else value


_SPOKEN: ContextVar[Language | None] = ContextVar("language", default=None)


@cache
def _read(code: str) -> Language:
    catalogue = tomllib.loads(files("sim").joinpath("languages", f"{code}.toml").read_text(encoding="utf-8"))
    return Language(code, dict(_flat("", catalogue)))


def _flat(path: str, table: Mapping[str, Any]) -> Iterator[tuple[str, Forms]]:
    for key, value in table.items():
        if isinstance(value, str) or set(value) == {"one", "other"}:
            yield path + key, value
        else:
            yield from _flat(f"{path}{key}.", value)


def _percent(share: float) -> str:
    value = 100 * share
    if abs(value) >= 99.95 or value == 0:
        return f"{value:.0f}"
    if abs(value) < 0.05:
        return f"{value:.1g}"
    return f"{value:.1f}" if abs(value) < 9.95 or abs(value) > 99 else f"{value:.0f}"
