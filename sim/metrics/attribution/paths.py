"""Paths: what an analyst sees of each customer before the first conversion, from a log or from a file of paths."""

import csv
import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path as File
from typing import NamedTuple

import numpy as np

from sim.customers import fold
from sim.errors import ConfigError, LogError, Problem, near
from sim.log import Array, Log
from sim.metrics.arrivals import arrivals
from sim.metrics.rows import Rows, blocks

SEEN: dict[str, Callable[[Rows], Array]] = {
    "touches": lambda rows: rows.touch,  # what the customer engaged with
    "visits": lambda rows: rows.touch | (rows.occasion & (rows.channel == 0)),  # and own occasions, as one's own web sees them: direct
    "exposures": lambda rows: rows.exposure,  # and what they did not engage with
}
DIRECT = ("own", "direct", "(direct)")


class Columns(NamedTuple):
    """What the columns of a file of paths are called, and what stands between two steps."""

    path: str = "path"
    conversions: str = "total_conversions"
    value: str = "total_conversion_value"
    without: str = "total_null"
    separator: str = ">"


@dataclass(frozen=True)
class Paths:
    """Paths and how many journeys took each.

    Path ``i`` has the steps ``start[i]`` .. ``start[i + 1]`` - 1, each with a channel (an index into ``channels``) and an age, the days
    before the conversion (NaN where times are unknown). ``won`` and ``null`` count journeys with and without a conversion, ``value``
    is what the converted brought in all. ``direct`` is the channel that stands for nobody's work, -1 if there is none.
    ``note`` says what became of every customer, or row, that is no path.
    """

    channels: tuple[str, ...]
    start: Array
    channel: Array
    age: Array
    won: Array
    null: Array
    value: Array
    direct: int
    note: str

    @property
    def of(self) -> Array:
        """The path of each step."""
        return np.repeat(np.arange(len(self.won)), self.steps)

    @property
    def steps(self) -> Array:
        """The number of steps of each path."""
        return np.diff(self.start)

    @property
    def timed(self) -> bool:
        """Whether ages are known."""
        return not bool(np.isnan(self.age).any())


def from_log(log: Log, *, seen: str = "touches", lookback: float | None = 90.0) -> Paths:
    """Return one path a customer: what was seen up to and with the occasion of the first conversion, at most ``lookback`` days before it.

    Who has not converted by the horizon has a path too, whose lookback counts from what was seen last. Who arrived as a
    customer has none, and is counted; who was there on day 0 is not. ``seen``: touches, visits or exposures. The value is the contribution of the run.
    Raise ConfigError for another ``seen``.
    """
    if seen not in SEEN:
        raise ConfigError([Problem("study.seen", f"given {seen!r}", near(seen, SEEN))])
    log = arrivals(log) or log
    worth, parts = fold(log)["margin"], list(_parts(log, SEEN[seen], math.inf if lookback is None else lookback))
    customer = np.array([kind == "customer" for kind in log.terms.kinds])
    who, channel, age, won = (np.concatenate(part) for part in zip(*parts, strict=True))
    keep = ~customer[log.births["entry"]]
    number = np.cumsum(keep) - 1
    start = np.concatenate([[0], np.cumsum(np.bincount(number[who], minlength=int(keep.sum())))])
    won, already = won[keep].astype(float), int(np.count_nonzero(~keep))
    note = f"{len(won):,} customers, {int(won.sum()):,} converted; {already:,} arrived as customers and have no path"
    return Paths(log.terms.channels, start, channel, age, won, 1 - won, worth[keep] * won, 0, note)


def _parts(log: Log, seen: Callable[[Rows], Array], lookback: float) -> Iterator[tuple[Array, Array, Array, Array]]:
    """Yield customer, channel and age of each step, and whether each customer converted on the way, block by block."""
    customer = np.array([kind == "customer" for kind in log.terms.kinds])
    for rows in blocks(log):
        already = customer[log.births["entry"][rows.first : rows.last]]
        last = np.full(rows.last - rows.first, len(rows.time))  # the row of the conversion
        wins = np.flatnonzero(customer[rows.stage_to])[::-1]
        last[rows.who[wins]] = wins  # the last assignment stays: the first win
        won = (last < len(rows.time)) & ~already
        steps = np.flatnonzero(seen(rows) & (np.arange(len(rows.time)) <= last[rows.who]) & ~already[rows.who])
        who = rows.who[steps]
        end = np.zeros(len(last))
        end[who] = rows.time[steps]  # rows are in order: what was seen last
        end[won] = rows.time[last[won]]
        age = end[who] - rows.time[steps]
        near_enough = age <= lookback
        yield rows.customer[steps][near_enough], rows.channel[steps][near_enough], age[near_enough], won


def from_file(file: File, columns: Columns | None = None) -> Paths:
    """Return the paths of a CSV file, one row a path with its counts; every row is used, or counted with the reason why not.

    A missing column of value or of journeys without conversion counts as 0. Raise LogError where the file can't be read as paths.
    """
    names = columns or Columns()
    steps, numbers, unused = [], [], Counter[str]()
    try:
        with file.open(newline="", encoding="utf-8-sig") as text:
            reader = csv.DictReader(text)
            for name in (names.path, names.conversions):
                if name not in (reader.fieldnames or ()):
                    raise LogError(str(file), f"no such column; {near(name, reader.fieldnames or ())}", 1, name)
            for row in reader:
                counts = _counts(row, names)
                if isinstance(counts, str):
                    unused[counts] += 1
                    continue
                steps.append([step.strip() for step in (row[names.path] or "").split(names.separator) if step.strip()])
                numbers.append(counts)
    except (OSError, UnicodeDecodeError) as error:
        raise LogError(str(file), f"can't be read: {error}") from None
    if not numbers:
        raise LogError(str(file), f"no row can be used: {_said(unused)}")
    return _coded(steps, numbers, f"{len(numbers):,} rows used; {_said(unused)}")


def _said(unused: Counter[str]) -> str:
    return "; ".join(f"{count:,} not used: {reason}" for reason, count in unused.items()) or "none left out"


def _counts(row: dict[str, str | None], names: Columns) -> tuple[float, float, float] | str:
    """Return conversions, journeys without one, and value; or why the row can't be used."""
    try:
        won, null, value = (float(row.get(name) or 0) for name in (names.conversions, names.without, names.value))
    except ValueError:
        return "a count is no number"
    if not all(map(math.isfinite, (won, null, value))) or won < 0 or null < 0:
        return "a count is negative or not finite"
    return (won, null, value) if won + null > 0 else "nobody took this path"


def _coded(steps: list[list[str]], numbers: list[tuple[float, float, float]], note: str) -> Paths:
    flat = [name for path in steps for name in path]
    names = tuple(dict.fromkeys(flat))
    code = {name: k for k, name in enumerate(names)}
    won, null, value = np.array(numbers).T
    start = np.concatenate([[0], np.cumsum([len(path) for path in steps])]).astype(np.intp)
    direct = next((code[name] for name in names if name.lower() in DIRECT), -1)
    return Paths(names, start, np.array([code[name] for name in flat], np.intp), np.full(len(flat), np.nan), won, null, value, direct, note)
