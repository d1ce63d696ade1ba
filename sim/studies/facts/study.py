"""What do the sources say, and what does the world do?  Every fact with its simulated value, its interval and its band."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from math import isnan, nan
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim import files
from sim.errors import ConfigError, Problem
from sim.model.world import World
from sim.play import Progress, play
from sim.stats.means import ratio_pseudo_values, t_intervals
from sim.studies.facts.counts import WORLD, Count
from sim.studies.facts.listed import FACTS, Fact
from sim.studies.facts.seen import Seen
from sim.studies.replicate import over

if TYPE_CHECKING:
    import pandas as pd

LEAST = 2  # replications, for an interval


class Verdict(Enum):
    """Where a value and its interval lie beside a band."""

    INSIDE = "inside"
    EDGE = "edge"  # the value lies inside, its interval holds a limit of the band
    OUTSIDE = "outside"
    SHOWN = "shown"  # there is no band
    MISSING = "absent"  # no value


class Row(NamedTuple):
    """A fact beside the world: simulated value with its 95 % interval, and whether it lies in its band; ``n`` is the whole that was counted."""

    fact: str
    words: str
    asked: str
    simulated: float
    low: float
    high: float
    least: float
    most: float
    verdict: str
    unit: str
    mark: str
    n: int
    reading: str


@dataclass(frozen=True)
class Found:
    """Facts as simulated in ``runs`` replications of a world."""

    world: World
    rows: tuple[Row, ...]
    runs: int

    @property
    def outside(self) -> tuple[Row, ...]:
        """The facts that the world misses."""
        return tuple(row for row in self.rows if row.verdict == Verdict.OUTSIDE.value)

    def frame(self) -> "pd.DataFrame":
        """Return the facts as a tidy table."""
        import pandas as pd

        return pd.DataFrame(self.rows)

    def write(self, folder: Path) -> None:
        """Write facts.csv."""
        folder.mkdir(parents=True, exist_ok=True)
        files.write_csv(folder / "facts.csv", Row._fields, ([None if isinstance(x, float) and isnan(x) else x for x in row] for row in self.rows))

    def text(self) -> str:
        """Return the table, what is outside, and how facts are read, at most 100 columns wide."""
        from sim.studies.facts.words import text

        return text(self)


def verdict(value: float, low: float, high: float, least: float, most: float) -> Verdict:
    """Return where a value with its interval (NaN: none) lies beside a band; limits belong to the band."""
    if isnan(value):
        return Verdict.MISSING
    if isnan(least) or isnan(most):
        return Verdict.SHOWN
    if not least <= value <= most:
        return Verdict.OUTSIDE
    return Verdict.EDGE if low < least or high > most else Verdict.INSIDE


def simulated(worlds: Mapping[str, World], replications: int, progress: Progress | None = None, facts: Sequence[Fact] = FACTS) -> Found:
    """Return the facts as simulated in these worlds (by the names in `sim.studies.facts.counts`), each replication with the same luck in all.

    A fact whose worlds are not all there has no value. Raise ConfigError for under two replications.
    """
    if replications < LEAST:
        raise ConfigError([Problem("study.replications", f"given {replications!r}", f"must be {LEAST} or more")])
    counted = over(partial(_counted, worlds, facts), worlds[WORLD], range(replications), progress)
    totals = np.array(counted).reshape(replications, len(facts), 2)
    return Found(worlds[WORLD], tuple(_row(fact, totals[:, k]) for k, fact in enumerate(facts)), replications)


def _counted(worlds: Mapping[str, World], facts: Sequence[Fact], _: World, number: int) -> list[Count]:
    seen = {name: Seen(play(world, clock="compiled", replication=number, threads=1)) for name, world in worlds.items()}
    return [fact.counted(seen) if set(fact.worlds) <= set(seen) else (nan, nan) for fact in facts]


def _row(fact: Fact, counts: "np.ndarray[tuple[int, int], np.dtype[np.float64]]") -> Row:
    """Return total over total, with the jackknife's interval over replications, Tukey (1958)."""
    part, whole = counts.sum(axis=0)
    value = float(part / whole) if whole > 0 else nan
    _, low, high = (float(x[0]) for x in t_intervals(ratio_pseudo_values(counts[None, :, 0], counts[None, :, 1])))
    half = (high - low) / 2
    low, high = value - half, value + half
    if fact.unit == "share" and fact.least >= 0 and 0 <= value <= 1:
        low, high = max(0.0, low), min(1.0, high)
    found = verdict(value, low, high, fact.least, fact.most)
    size = 0 if isnan(whole) else round(whole)
    return Row(fact.name, fact.words, fact.asked, value, low, high, fact.least, fact.most, found.value, fact.unit, fact.mark, size, fact.reading)
