"""A file into an event log, every row of it used or counted under a reason.

Refused, with file, row and column: what makes the whole file doubtful - rows of another length, broken quotes, damaged text, a time or
an amount that is none (NaN and infinity too), times of two kinds. Counted and left out: blank rows, rows without customer, time or
stage, exact duplicates, and negative revenue (a refund is not an order). Rows out of order are sorted, stably, and counted.
Identifiers stay text; blanks around them go.
"""

import unicodedata
from array import array
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from sim.calibration import rows, times
from sim.calibration.columns import NEEDED, OPTIONAL, places
from sim.calibration.events import OWN, Account, EventLog
from sim.errors import LogError
from sim.language import current
from sim.log import Array

MOST_NAMES = 116  # stages or channels; a world holds 120, and up to three stages are added
LONGEST = 100_000  # days a world can last
FLAGS = {"true": True, "1": True, "yes": True, "t": True, "": True, "false": False, "0": False, "no": False, "f": False}
ILLEGAL = str.maketrans(dict.fromkeys(".=,[]{}", "_") | {chr(code): "_" for code in range(32)})


def read(path: str | Path, columns: Mapping[str, str | None] | None = None, *, separator: str = ",", time_unit: str = "auto") -> tuple[EventLog, Account]:
    """Read a CSV or Parquet file of events; ``columns`` maps customer, time, stage, persona, channel, revenue, engaged to column names.

    Raise `LogError` with file, row (the header is row 1) and column if the file can't be trusted.
    """
    table = rows.table(Path(path), separator)
    collected = _Events(str(path), table.header, places(str(path), table.header, columns or {}), time_unit)
    for row, fields in table.rows:
        reason = collected.take(row, fields)
        if reason:
            collected.dropped[reason] += 1
    return collected.close()


class _Events:
    """The rows taken so far, as columns of codes."""

    def __init__(self, file: str, header: Sequence[str], where: dict[str, int], time_unit: str) -> None:
        self.file, self.header, self.places = file, header, where
        self.dropped: Counter[str] = Counter()
        self.read = self.padded = 0
        self.times = times.Times(file, header[where["time"]], time_unit)
        self.names: dict[str, dict[str, int]] = {"customer": {}, "stage": {}, "persona": {}, "channel": {OWN: 0}}
        self.codes = {part: array("i") for part in self.names}
        self.coded = [(self.names[part], self.codes[part]) for part in self.names]
        self.order = [where.get(part) for part in (*NEEDED, *OPTIONAL)]
        self.moment, self.mark, self.revenue, self.engaged = array("q"), array("q"), array("d"), array("b")

    def take(self, row: int, fields: list[str]) -> str | None:
        """Add a row, or return the reason for leaving it out."""
        self.read += 1
        if not any(fields):
            return "blank"
        given = [fields[place] if place is not None else "" for place in self.order]
        texts = customer, time, stage, persona, channel, revenue, engaged = [text.strip() for text in given]
        if not (customer and time and stage):
            return f"without {NEEDED[texts.index('')]}"
        moment, amount, flag = self.times.microseconds(time, row), self._amount(revenue, row), self._flag(engaged, row)
        if amount < 0:
            return "with negative revenue (a refund is not an order)"
        self.padded += texts != given
        for (known, codes), name in zip(self.coded, (customer, stage, persona or "everyone", channel or OWN), strict=True):
            codes.append(known.setdefault(name, len(known)))
        self.moment.append(moment)
        self.mark.append(hash(tuple(fields)))  # 64 bits, compared among rows of one customer and time only
        self.revenue.append(amount)
        self.engaged.append(flag)
        return None

    def close(self) -> tuple[EventLog, Account]:
        """Return the sorted log without duplicates, and the account."""
        self._check()
        code = {part: np.frombuffer(values, "i4") for part, values in self.codes.items()}
        moment = np.frombuffer(self.moment, "i8")
        keep = _first_of_equals(code["customer"], moment, np.frombuffer(self.mark, "i8"))
        customer, moment = code["customer"][keep], moment[keep]
        order = np.lexsort((moment, customer))  # stable: equal times stay as the file has them

        def column(values: Array) -> Array:
            return values[keep][order]

        start = int(moment.min())
        self._check_span(start, int(moment.max()))
        time = (moment[order] - start) / times.DAY
        customer, first = customer[order], np.diff(customer[order], prepend=-1) != 0
        persona = column(code["persona"])
        log = EventLog(
            stages=self._legal("stage"),
            channels=self._legal("channel"),
            personas=self._legal("persona"),
            persona=persona[first],
            until=np.full(first.sum(), time.max()),
            customer=np.cumsum(first) - 1,
            time=time,
            stage=column(code["stage"]),
            channel=column(code["channel"]),
            revenue=column(np.frombuffer(self.revenue, "f8")),
            engaged=column(np.frombuffer(self.engaged, "i1")).astype(bool),
            day_zero=times.written(self.times.kind, start),
        )
        self.dropped["exact duplicates of another row"] += int(len(keep) - keep.sum())
        notes = self._notes(_out_of_order(code["customer"][keep], moment), int((persona != log.persona[log.customer]).sum()))
        return log, Account(self.file, self.read, len(time), {reason: rows for reason, rows in self.dropped.items() if rows}, notes)

    def _check(self) -> None:
        if not self.read:
            raise LogError(self.file, "there is a header and no row under it", 2)
        if not self.moment:
            reasons = ", ".join(f"{rows:,} {reason}" for reason, rows in self.dropped.items())
            raise LogError(self.file, f"no row is left: {reasons}")
        for part in ("stage", "channel"):
            if len(self.names[part]) > MOST_NAMES:
                what = f"{len(self.names[part]):,} different {part}s, at most {MOST_NAMES} can be told apart; is this the right column? (study.columns.{part})"
                raise LogError(self.file, what, None, self.header[self.places[part]])

    def _check_span(self, start: int, end: int) -> None:
        if end - start > LONGEST * times.DAY:
            first, last = (times.written(self.times.kind, moment) for moment in (start, end))
            raise LogError(
                self.file, f"times go from {first} to {last}, more than {LONGEST:,} days; is one of them wrong?", None, self.header[self.places["time"]]
            )

    def _amount(self, text: str, row: int) -> float:
        if not text:
            return 0.0
        if not times.NUMBER.fullmatch(text):
            raise LogError(self.file, f"{text!r} is no amount; write 1234.50, and nothing where nothing was ordered", row, self.header[self.places["revenue"]])
        return float(text)

    def _flag(self, text: str, row: int) -> bool:
        if text.lower() not in FLAGS:
            raise LogError(self.file, f"{text!r} is neither true nor false", row, self.header[self.places["engaged"]])
        return FLAGS[text.lower()]

    def _legal(self, part: str) -> tuple[str, ...]:
        """Return the names as a world may have them: without . = , [ ] { }, at most 60 characters, different even without case."""
        taken: dict[str, str] = {}
        for name in self.names[part]:
            plain = legal = name.translate(ILLEGAL)[:60].strip() or "_"
            number = 2
            while _folded(legal) in taken:
                legal, number = f"{plain[:55]}_{number}", number + 1
            taken[_folded(legal)] = legal
        return tuple(taken.values())

    def _notes(self, unsorted: int, changed: int) -> tuple[str, ...]:
        say = current()
        renamed = {part: sum(a != b for a, b in zip(self.names[part], self._legal(part), strict=True)) for part in ("stage", "channel", "persona")}
        counted = {"unsorted": unsorted, "padded": self.padded, "changed": changed}
        said = [say.text(f"from_log.{key}", number=say.count(count)) for key, count in counted.items() if count]
        said += [say.text("from_log.renamed", part=say.note(part), number=say.count(count)) for part, count in renamed.items() if count]
        return (say.note(self.times.said()), *said)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().casefold()


def _first_of_equals(customer: Array, moment: Array, mark: Array) -> Array:
    """Return whether a row is the first with its content; ``mark`` is a 64-bit hash of the whole row."""
    order = np.lexsort((mark, moment, customer))
    same: Callable[[Array], Array] = lambda values: np.diff(values[order], prepend=values[order][:1]) == 0  # noqa: E731
    repeated = same(customer) & same(moment) & same(mark)
    repeated[0] = False
    keep = np.ones(len(order), bool)
    keep[order[repeated]] = False
    return keep


def _out_of_order(customer: Array, moment: Array) -> int:
    order = np.argsort(customer, kind="stable")
    return int(((np.diff(customer[order]) == 0) & (np.diff(moment[order]) < 0)).sum())
