"""What if? Scenarios against a baseline, with the same customers' luck, and a verdict that is drawn once.

Replications go on until the paired difference in profit is known to ± ``matters``: a rule that looks at how
much differences vary and not at which way they point.  Then, and only then, the verdict is read off.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim import files
from sim.errors import ConfigError, Problem
from sim.model.world import World
from sim.play import Progress, play
from sim.studies.difference import Difference, Measured, differences, measured
from sim.studies.planner import LEAST, LEAST_OF_MANY, half_width, until
from sim.studies.replicate import over
from sim.studies.verdict import headline

if TYPE_CHECKING:
    import pandas as pd

PROFIT = ("profit", "all", "all")


class Asked(NamedTuple):
    """How sure one wants to be: the smallest difference in profit that matters (None: 1 % of the baseline's), and the most replications."""

    matters: float | None = None
    most: int = 100


USUAL = Asked()


@dataclass(frozen=True)
class WhatIf:
    """Scenarios compared with a baseline: ``rows`` in the order of the scenarios, and what was asked of the precision."""

    worlds: Mapping[str, World]
    rows: tuple[Difference, ...]
    runs: int
    matters: float
    most: int

    @property
    def baseline(self) -> World:
        """The first world."""
        return next(iter(self.worlds.values()))

    def whole(self, scenario: str) -> dict[str, Difference]:
        """Return a scenario's differences for all customers together, by metric."""
        return {row.metric: row for row in self.rows if row.scenario == scenario and row.by == "all"}

    @property
    def headline(self) -> str:
        """The verdicts in a line."""
        return "; ".join(headline(self.whole(name)["profit"], self.matters) for name in list(self.worlds)[1:])

    def differences(self) -> "pd.DataFrame":
        """Return every difference as a tidy table."""
        import pandas as pd

        return pd.DataFrame(self.rows)

    def write(self, folder: Path) -> None:
        """Write differences.csv."""
        folder.mkdir(parents=True, exist_ok=True)
        files.write_csv(folder / "differences.csv", Difference._fields, ([_cell(value) for value in row] for row in self.rows))

    def text(self) -> str:
        """Return the verdicts and the table of differences, at most 100 columns wide."""
        from sim.studies.findings import text

        return text(self)


def what_if(worlds: Mapping[str, World], asked: Asked = USUAL, progress: Progress | None = None) -> WhatIf:
    """Return each scenario compared with the first world.

    Raise ConfigError unless there are two worlds and they are worth comparing: the same seed, customers, arrivals and horizon.
    """
    _check(worlds)
    least = LEAST if len(worlds) == 2 else LEAST_OF_MANY
    first = next(iter(worlds.values()))

    def both(_: World, number: int) -> list[Measured]:
        return [measured(play(world, clock="compiled", replication=number), enough=3) for world in worlds.values()]

    def precise(runs: list[list[Measured]]) -> bool:
        matters = asked.matters if asked.matters is not None else 0.01 * abs(_profits(runs[:least])[:, 0].mean())
        return bool(all(half_width(d) <= matters for d in _paired(runs).T))

    runs = until(lambda numbers: over(both, first, numbers, progress), precise, least, asked.most)
    matters = asked.matters if asked.matters is not None else 0.01 * abs(_profits(runs[:least])[:, 0].mean())
    names = list(worlds)
    rows = [row for k, name in enumerate(names[1:], 1) for row in differences(name, [run[0] for run in runs], [run[k] for run in runs])]
    return WhatIf(worlds, tuple(rows), len(runs), float(matters), asked.most)


def _profits(runs: Sequence[Sequence[Measured]]) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """Return profit, shape (replications, worlds)."""
    return np.array([[one[PROFIT].value for one in run] for run in runs])


def _paired(runs: Sequence[Sequence[Measured]]) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """Return profit less the baseline's, shape (replications, scenarios)."""
    profits = _profits(runs)
    return np.asarray(profits[:, 1:] - profits[:, :1])


SHARED = ("seed", "customers", "arrivals", "horizon")


def _check(worlds: Mapping[str, World]) -> None:
    if len(worlds) < 2:
        raise ConfigError([Problem("study.scenarios", f"given {', '.join(worlds) or 'none'}", "name a baseline and at least one scenario")])
    first, *others = worlds.items()
    problems = [
        Problem(field, f"{getattr(world, field)!r} in {name!r} and {getattr(first[1], field)!r} in {first[0]!r}", "must be the same in all scenarios")
        for name, world in others
        for field in SHARED
        if getattr(world, field) != getattr(first[1], field)
    ]
    if problems:
        raise ConfigError(problems)


def _cell(value: Any) -> Any:
    return None if isinstance(value, float) and isnan(value) else value
