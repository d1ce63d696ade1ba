"""What if? Scenarios against a baseline, with the same customers' luck, and a verdict that is drawn once.

Replications go on until the paired difference in profit is known to ± ``matters``: a rule that looks at how
much differences vary and not at which way they point.  Then, and only then, the verdict is read off.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim import files
from sim.errors import ConfigError, Problem
from sim.metrics.journey import facts
from sim.model.world import World
from sim.play import Progress, play
from sim.studies.difference import Difference, Measured, differences, measured
from sim.studies.plan import Lines, PlanRow, month_by_month, plan
from sim.studies.planner import LEAST, LEAST_OF_MANY, half_width, until
from sim.studies.ranges import Assumed, Turn
from sim.studies.replicate import over
from sim.studies.selection import Selection, select
from sim.studies.twins import Twins, added, twins
from sim.studies.verdict import headline

if TYPE_CHECKING:
    import pandas as pd

ONE_TWIN = "converted; one possible twin"
PROFIT = ("profit", "all", "all")


class Asked(NamedTuple):
    """How sure one wants to be: the smallest difference in profit that matters (None: 1 % of the baseline's), and the most replications."""

    matters: float | None = None
    most: int = 100


USUAL = Asked()


@dataclass(frozen=True)
class WhatIf:
    """Scenarios compared with a baseline: ``rows`` by scenario, of the first ``precise`` of the ``runs`` replications.

    ``months`` is the plan of every world; ``twins`` by scenario, where customers share nothing; ``choice`` among more than two worlds;
    ``assumed``, by scenario, is what comes of ranges.
    """

    worlds: Mapping[str, World]
    rows: tuple[Difference, ...]
    months: tuple[PlanRow, ...]
    twins: Mapping[str, Twins]
    choice: Selection | None
    runs: int
    precise: int
    matters: float
    most: int
    assumed: tuple[Assumed, ...] = ()

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
        said = "; ".join(headline(self.deciding(name), self.matters) for name in list(self.worlds)[1:])
        return f"{said}, if these assumptions hold" if self.assumed else said

    def deciding(self, scenario: str) -> Difference:
        """Return the difference in profit that decides: over the ranges where there are any, else in the world as it is written."""
        row = self.whole(scenario)["profit"]
        over_ranges = next((one for one in self.assumed if one.scenario == scenario), None)
        if over_ranges is None:
            return row
        return row._replace(difference=over_ranges.mean, low=over_ranges.mean - over_ranges.half, high=over_ranges.mean + over_ranges.half)

    def differences(self) -> "pd.DataFrame":
        """Return every difference as a tidy table."""
        import pandas as pd

        return pd.DataFrame(self.rows)

    def write(self, folder: Path) -> None:
        """Write differences.csv, plan.csv; twins.csv where customers share nothing; inputs.csv where there are ranges."""
        folder.mkdir(parents=True, exist_ok=True)
        files.write_csv(folder / "differences.csv", Difference._fields, ([_cell(value) for value in row] for row in self.rows))
        files.write_csv(folder / "plan.csv", PlanRow._fields, ([_cell(value) for value in row] for row in self.months))
        if self.twins:
            header = ("scenario", *Twins._fields, "variance_ratio", "bound", "note")
            files.write_csv(folder / "twins.csv", header, ((k, *t, _cell(t.variance_ratio), _cell(t.bound), ONE_TWIN) for k, t in self.twins.items()))

        if self.assumed:
            rows = [(*turn, turn.is_confirmed) for one in self.assumed for turn in one.turns]
            files.write_csv(folder / "inputs.csv", (*Turn._fields, "is_confirmed"), rows)
            parts = [(one.scenario, one.mean, one.half, one.luck, one.assumptions, one.draws, one.each, one.explained) for one in self.assumed]
            files.write_csv(folder / "assumptions.csv", ("scenario", "difference", "half", "luck", "assumptions", "draws", "each", "explained"), parts)

    def plan(self) -> "pd.DataFrame":
        """Return the plan as a tidy table."""
        import pandas as pd

        return pd.DataFrame(self.months)

    def text(self) -> str:
        """Return the verdicts and the table of differences, at most 100 columns wide."""
        from sim.studies.findings import text

        return text(self)


def what_if(worlds: Mapping[str, World], asked: Asked = USUAL, progress: Progress | None = None) -> WhatIf:
    """Return each scenario compared with the first world.

    Differences and verdicts are of the replications at which profit was known well enough; the choice among more than two worlds
    may go on from there.  Raise ConfigError unless there are two worlds and they are worth comparing: the same seed, customers,
    arrivals, people on day 0 and horizon.
    """
    _check(worlds, asked)
    names, least = list(worlds), LEAST if len(worlds) == 2 else LEAST_OF_MANY
    play_all = partial(over, partial(_play_all, worlds), worlds[names[0]], progress=progress)
    runs = until(play_all, lambda runs: bool(all(half_width(d) <= _matters(runs, asked) for d in _paired(runs).T)), least, asked.most)
    precise, matters, choice = len(runs), _matters(runs, asked), None
    if len(worlds) > 2:
        runs += until(lambda numbers: play_all([precise + n for n in numbers]), lambda more: _chosen(runs + more, matters), 0, asked.most - precise)
        choice = select(_profits(runs), matters, LEAST_OF_MANY)
    by_world = {name: [run.worlds[k] for run in runs[:precise]] for k, name in enumerate(names)}
    measured = {name: [one.measured for one in played] for name, played in by_world.items()}
    rows = [row for name in names[1:] for row in differences(name, measured[names[0]], measured[name])]
    currency = worlds[names[0]].money.currency
    months = [row for name, played in by_world.items() for row in plan(name, [one.lines for one in played], currency)]
    pairs = {name: added([run.twins[k] for run in runs[:precise]]) for k, name in enumerate(names[1:]) if runs[0].twins}
    return WhatIf(worlds, tuple(rows), tuple(months), pairs, choice, len(runs), precise, matters, asked.most)


class Played(NamedTuple):
    """One world in one replication: its metrics and its months."""

    measured: Measured
    lines: Lines


class Run(NamedTuple):
    """All worlds in one replication, and each scenario's twins where customers share nothing."""

    worlds: tuple[Played, ...]
    twins: tuple[Twins, ...]


def _play_all(worlds: Mapping[str, World], _: World, number: int) -> Run:
    found = [facts(play(world, clock="compiled", replication=number), intervals=False, enough=3) for world in worlds.values()]
    came = [(one.came or one).customers for one in found]
    pairs = () if any(world.couples for world in worlds.values()) else tuple(twins(came[0], one) for one in came[1:])
    return Run(tuple(Played(measured(one), month_by_month(one)) for one in found), pairs)


def _matters(runs: Sequence[Run], asked: Asked) -> float:
    """Return what matters; where nobody said, 1 % of the baseline's profit in the first replications, so that it does not move."""
    return asked.matters if asked.matters is not None else 0.01 * abs(float(_profits(runs[:LEAST])[:, 0].mean()))


def _chosen(runs: Sequence[Run], matters: float) -> bool:
    return select(_profits(runs), matters, LEAST_OF_MANY).best is not None


def _profits(runs: Sequence[Run]) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """Return profit, shape (replications, worlds)."""
    return np.array([[one.measured[PROFIT].value for one in run.worlds] for run in runs])


def _paired(runs: Sequence[Run]) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """Return profit less the baseline's, shape (replications, scenarios)."""
    profits = _profits(runs)
    return np.asarray(profits[:, 1:] - profits[:, :1])


SHARED = ("seed", "customers", "arrivals", "start", "horizon")


def _check(worlds: Mapping[str, World], asked: Asked) -> None:
    if asked.matters is not None and not asked.matters > 0:
        raise ConfigError([Problem("study.matters", f"given {asked.matters!r}", "must be more than 0: an amount of profit, or null")])
    if asked.most < 2:
        raise ConfigError([Problem("study.max", f"given {asked.most!r}", "must be 2 replications or more")])
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
    return None if isinstance(value, float) and not isfinite(value) else value
