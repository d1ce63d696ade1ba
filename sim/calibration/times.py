"""Times of a log: the first one says what kind they all are, and one of another kind is an error.

ISO times with or without a zone, seconds, milliseconds, microseconds or nanoseconds since 1970, or plain numbers of days. Numbers are
told apart by size: below 100,000 they are days, and the four epochs are believed from 2001-09-09 to 2096-10-02. Everything between is ambiguous.
"""

import re
from datetime import UTC, datetime, timedelta

from sim.errors import LogError

DAY = 86_400_000_000  # microseconds
FURTHEST = 2**62
NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d{1,2})?", re.ASCII)
UNITS = {"days": float(DAY), "s": 1e6, "ms": 1e3, "us": 1.0, "ns": 1e-3}
WORDS = {"s": "seconds since 1970", "ms": "milliseconds since 1970", "us": "microseconds since 1970", "ns": "nanoseconds since 1970"}
WORDS |= {"days": "numbers of days", "naive": "ISO times without a zone", "zoned": "ISO times with a zone"}
SUMMER_TIME = timedelta(hours=1)
EPOCH = datetime(1970, 1, 1)


class Times:
    """One column of times, read row by row."""

    def __init__(self, file: str, column: str, unit: str = "auto") -> None:
        self._file, self._column, self._unit = file, column, unit
        self.kind = ""
        self._offsets: dict[timedelta, int] = {}  # zone offset: the first row that has it

    def microseconds(self, text: str, row: int) -> int:
        """Return a time in whole microseconds since 1970, or since day 0 if times are days. Raise `LogError` if it isn't one like the others."""
        number = NUMBER.fullmatch(text) is not None
        kind = self._number_kind(text, row) if number else "iso"
        if kind == "iso":
            kind, value = self._iso(text, row)
        else:
            value = int(text) * int(UNITS[kind]) if kind in ("s", "ms", "us") and text.isdigit() else round(float(text) * UNITS[kind])
        if abs(value) > FURTHEST:
            raise self._error(f"{text!r} is beyond any calendar", row)
        self.kind = self.kind or kind
        if kind != self.kind:
            raise self._error(f"{text!r} is not like the first time: it would be of {WORDS[kind]}, the first is of {WORDS[self.kind]}", row)
        return value

    def said(self) -> str:
        """Return in words what the times were taken for. Raise `LogError` if their zones are of different places."""
        if len(self._offsets) < 2:
            return f"times are {WORDS[self.kind]}"
        if len(self._offsets) > 2 or max(self._offsets) - min(self._offsets) > SUMMER_TIME:
            row = list(self._offsets.values())[-1]
            raise self._error("its zone differs from that of other rows by more than summer time does; write all times in one zone", row)
        return "times are ISO times with two offsets an hour apart (summer time), taken as instants"

    def _number_kind(self, text: str, row: int) -> str:
        if self._unit != "auto":
            return self._unit
        size = abs(float(text))
        if size < 100_000:
            return "days"
        kinds = [kind for kind in ("s", "ms", "us", "ns") if 1e9 <= size * UNITS[kind] / 1e6 < 4e9]
        if not kinds:
            raise self._error(f"{text!r} is neither a number of days nor seconds, ms, us or ns since 1970; set study.time_unit", row)
        return kinds[0]

    def _iso(self, text: str, row: int) -> tuple[str, int]:
        plain = text[:-4] + "+00:00" if text.endswith(" UTC") else text
        try:
            moment = datetime.fromisoformat(plain)
        except ValueError:
            raise self._error(f"{text!r} is no time; write 2026-01-31T13:45:00, or a number", row) from None
        if moment.tzinfo is None:
            return "naive", (moment - EPOCH) // timedelta(microseconds=1)
        self._offsets.setdefault(moment.utcoffset() or timedelta(0), row)
        return "zoned", (moment - EPOCH.replace(tzinfo=UTC)) // timedelta(microseconds=1)

    def _error(self, what: str, row: int) -> LogError:
        return LogError(self._file, what, row, self._column)


def written(kind: str, microseconds: int) -> str:
    """Return the moment of day 0 as text."""
    if kind == "days":
        return f"day {microseconds / DAY:g} of the log's clock"
    return (EPOCH + timedelta(microseconds=microseconds)).isoformat(sep=" ") + ("" if kind == "naive" else " UTC")
