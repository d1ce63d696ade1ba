"""The split of a total over channels and people: searched on some replications, judged on others.

All splits are played with the same customers' luck (twins), so that what differs is the split; the first is today's.  The
best of many noisy trials is partly lucky (the winner's curse), so its gain is measured again on replications that the
search has not seen, and only that gain has an interval and a verdict.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim import files
from sim.errors import ConfigError, Problem
from sim.log import Array
from sim.metrics import METRICS
from sim.metrics.journey import facts
from sim.metrics.rows import MONTH
from sim.model.world import World
from sim.play import Progress, play
from sim.stats.means import t_interval
from sim.studies.counterfactual import totals
from sim.studies.occasions import occasions
from sim.studies.optimise_search import Trial, search
from sim.studies.optimise_space import SLACK, Space, Split, applied, chosen_channels, chosen_desks, settings
from sim.studies.planner import LEAST
from sim.studies.replicate import enough, over

if TYPE_CHECKING:
    import pandas as pd

GOALS = ("profit", "value_365d")
PERIODS = {"month": 1.0, "year": 12.0}
CHANNEL, DESK = "channel", "desk"


@dataclass(frozen=True)
class Options:
    """What is asked; each option is explained in configs/study/optimise.yaml. Raise ConfigError for what makes no sense."""

    goal: str = "profit"
    total: float | None = None
    per: str = "month"
    channels: Sequence[str] | None = None
    desks: Sequence[str] | None = None
    trials: int = 60
    replications: int = 5
    fresh: int = 20
    matters: float | None = None
    points: int = 6

    def __post_init__(self) -> None:
        rules = {
            "goal": (self.goal in GOALS, f"must be one of {', '.join(GOALS)}"),
            "total": (self.total is None or self.total > 0, "must be money above 0, or null for what is spent today"),
            "per": (self.per in PERIODS, f"must be one of {', '.join(PERIODS)}"),
            "trials": (self.trials >= 2, "must be at least 2: today's split and another"),
            "replications": (self.replications >= 1, "must be at least 1"),
            "fresh": (self.fresh >= LEAST, f"must be at least {LEAST}: they have the interval"),
            "matters": (self.matters is None or self.matters > 0, "must be more than 0, or null"),
            "points": (self.points == 0 or self.points >= 3, "must be 0 (no curves), or at least 3"),
        }
        problems = [Problem(f"study.{name}", f"given {getattr(self, name)!r}", rule) for name, (fine, rule) in rules.items() if not fine]
        if problems:
            raise ConfigError(problems)


class Gain(NamedTuple):
    """What the best split gains on today's: as the search saw it, and on fresh replications with its 95 % interval; both levels there."""

    search: float
    mean: float
    low: float
    high: float
    today: float
    best: float


class Decided(NamedTuple):
    """One decision, today and in the best split: money really spent a month on fresh replications, or people; ``wage`` of one of them."""

    decision: str
    kind: str
    today: float
    best: float
    wage: float


class Point(NamedTuple):
    """One decision changed, the others as in the best split: the gain on today's split, fresh replications, 95 % interval.

    ``at``: money really spent on it a month, or people; ``spent``: on all decisions together; ``fits``: that is no more than the total,
    or than the best split itself costs on these replications.
    """

    decision: str
    kind: str
    at: float
    gain: float
    low: float
    high: float
    spent: float
    fits: bool
    is_best: bool


@dataclass(frozen=True)
class Optimum:
    """What was tried, what came out best, and what that is worth."""

    world: World
    options: Options
    space: Space
    trials: tuple[Trial, ...]
    best: Split
    gain: Gain
    decided: tuple[Decided, ...]
    curves: tuple[Point, ...]
    matters: float

    @property
    def settings(self) -> Mapping[str, Any]:
        """Return what a scenario must set to have the best split."""
        return settings(self.world, self.space, self.best)

    def frame(self) -> "pd.DataFrame":
        """Return the decisions, today and best, as a table."""
        import pandas as pd

        return pd.DataFrame(self.decided, columns=list(Decided._fields))

    def curve_frame(self) -> "pd.DataFrame":
        """Return the response curves as a tidy table."""
        import pandas as pd

        return pd.DataFrame(self.curves, columns=list(Point._fields))

    def write(self, folder: Path) -> None:
        """Write split.csv, trials.csv, response.csv, optimise.json, and scenario/best_split.yaml, which runs the best split."""
        (folder / "scenario").mkdir(parents=True, exist_ok=True)
        files.write_csv(folder / "split.csv", Decided._fields, self.decided)
        names = (*(f"factor_{name}" for name in self.space.channels), *(f"people_{name}" for name in self.space.desks))
        rows = ((t.number, *t.split.factors, *t.split.people, t.value, t.spent, t.fits) for t in self.trials)
        files.write_csv(folder / "trials.csv", ("trial", *names, self.options.goal, "spent", "fits"), rows)
        if self.curves:
            files.write_csv(folder / "response.csv", Point._fields, self.curves)
        asked = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self.options).items()}
        files.write_json(folder / "optimise.json", {"options": asked, "customers": self.world.customers, "seed": self.world.seed} | self.headline())
        files.write_text(folder / "scenario" / "best_split.yaml", self.scenario())

    def headline(self) -> dict[str, Any]:
        """Return the numbers that matter, rounded: total, split, gain in the search and fresh."""
        split = {row.decision: {"today": _rounded(row.today), "best": _rounded(row.best)} for row in self.decided}
        return {"total": _rounded(self.space.total), "split": split, "gain": {name: _rounded(value) for name, value in self.gain._asdict().items()}}

    def scenario(self) -> str:
        """Return the best split as a scenario's file."""
        changes = {**self.world.scenario.set, **self.settings}
        lines = [f"    {json.dumps(path)}: {json.dumps(value)}" for path, value in changes.items()]
        head = ["# @package _global_", "# The best split that the study optimise found.", "scenario:", "  name: best_split"]
        return "\n".join([*head, "  set:" if lines else "  set: {}", *lines]) + "\n"

    def text(self) -> str:
        """Return verdict, split and curves, at most 100 columns wide."""
        from sim.studies.optimise_words import report

        return report(self)


def optimise(world: World, options: Options | None = None, progress: Progress | None = None) -> Optimum:
    """Return the best split found of a total over channels and people; raise ConfigError where there is nothing to decide, or too little money."""
    asked = options or Options()
    if world.ab_test is not None:
        raise ConfigError([Problem("ab_test", f"given {world.ab_test.name!r}", "a split is for everybody: ab_test=none")])
    space = _space(world, asked, progress)
    seen = Plays(world, space, asked.goal, range(asked.replications), progress)
    trials = search(space, seen.of, asked.trials, world.seed)
    best = max((t for t in trials if t.fits), key=lambda t: t.value).split
    fresh = Plays(world, space, asked.goal, range(asked.replications, asked.replications + asked.fresh), progress)
    now, then = fresh.of(space.today), fresh.of(best)
    searched = float(np.mean(seen.of(best)[:, 0] - seen.of(space.today)[:, 0]))
    gain = Gain(searched, *t_interval(then[:, 0] - now[:, 0]), float(now[:, 0].mean()), float(then[:, 0].mean()))
    curves = _curves(space, fresh, best, asked.points) if asked.points else ()
    matters = asked.matters if asked.matters is not None else 0.01 * abs(gain.today)
    return Optimum(world, asked, space, tuple(trials), best, gain, tuple(_decided(space, best, now, then)), curves, matters)


class Plays:
    """Splits of a world played on the same replications, each split once: their goal, and what each channel cost a month."""

    def __init__(self, world: World, space: Space, goal: str, numbers: Sequence[int], progress: Progress | None = None) -> None:
        self.world, self.space, self.numbers, self.progress = world, space, numbers, progress
        self.task = partial(_played, goal=goal, channels=space.channels)
        self.known: dict[Split, list[list[float]]] = {}

    def of(self, split: Split, count: int | None = None) -> Array:
        """Return the goal and the money of each channel a month, shape (replications, 1 + channels); of all replications, or the first ``count``."""
        rows = self.known.setdefault(split, [])
        rows += over(self.task, applied(self.world, self.space, split), self.numbers[len(rows) : count], self.progress)
        return np.array(rows[:count])


def _played(world: World, number: int, *, goal: str, channels: Sequence[str]) -> list[float]:
    log = play(world, clock="compiled", replication=number, threads=1)
    found, at = totals(log).all(), [log.terms.channels.index(name) for name in channels]
    value = float(found.contribution - found.cost) - sum(cost for _, _, cost in log.ledger) if goal == "profit" else _value(world, log)
    return [value, *(found.paid[at] * MONTH / world.horizon).tolist()]


def _value(world: World, log: Any) -> float:
    rows = facts(log, intervals=False, enough=enough(world)).once("value_365d", METRICS["value_365d"])
    row = next(row for row in rows if row.by == "all")
    if isnan(row.value):
        raise ConfigError([Problem("study.goal", "given 'value_365d'", f"can't be measured: {row.note}; use profit, or a longer horizon")])
    return row.value


def _space(world: World, asked: Options, progress: Progress | None) -> Space:
    """Return what can be decided, with what it costs today on the replications of the search."""
    names, desks = chosen_channels(world, asked.channels), chosen_desks(world, asked.desks)
    wages = np.array([world.desks[name].wage for name in desks])
    people = tuple(world.desks[name].people for name in desks)
    whole = Space(names, np.ones(len(names)), desks, wages, people, 0.0, occasions(world, names))
    costs = Plays(world, whole, "profit", range(asked.replications), progress).of(whole.today)[:, 1:].mean(axis=0)
    kept = tuple(name for name, cost in zip(names, costs, strict=True) if cost > 0)
    _check(set(asked.channels or ()) - set(kept), kept + desks)
    spent = float(costs.sum() + wages @ np.array(people, float))
    total = spent if asked.total is None else asked.total / PERIODS[asked.per]
    if total < wages.sum():
        raise ConfigError([Problem("study.total", f"given {asked.total!r}", f"one person at every desk costs {wages.sum():,.2f} a month")])
    return Space(kept, costs[costs > 0], desks, wages, people, total, occasions(world, kept))


def _check(free: set[str], decisions: Sequence[str]) -> None:
    problems = [Problem("study.channels", f"given {name!r}", "costs nothing today, so no money can be moved to or from it") for name in sorted(free)]
    if not decisions and not problems:
        problems = [Problem("study", "nothing to decide", "needs paid channels that cost something, or desks with wages; or name study.channels")]
    if problems:
        raise ConfigError(problems)


def _decided(space: Space, best: Split, now: Array, then: Array) -> list[Decided]:
    money = zip(space.channels, now[:, 1:].mean(axis=0).tolist(), then[:, 1:].mean(axis=0).tolist(), strict=True)
    people = zip(space.desks, space.people, best.people, space.wages.tolist(), strict=True)
    return [Decided(name, CHANNEL, a, b, 0.0) for name, a, b in money] + [Decided(name, DESK, a, b, wage) for name, a, b, wage in people]


def _curves(space: Space, fresh: Plays, best: Split, points: int) -> tuple[Point, ...]:
    out = []
    for k in range(len(space.channels)):
        factors = {*np.linspace(0.0, space.most_factor(best, k), points).tolist(), best.factors[k]}
        changed = [best._replace(factors=(*best.factors[:k], factor, *best.factors[k + 1 :])) for factor in sorted(factors)]
        out += [_point(space, fresh, best, split, k) for split in changed]
    for k, (now, then) in enumerate(zip(space.people, best.people, strict=True)):
        people = {*np.linspace(1, 2 * max(now, then) + 1, points).round().astype(int).tolist(), now, then}
        changed = [best._replace(people=(*best.people[:k], n, *best.people[k + 1 :])) for n in sorted(people)]
        out += [_point(space, fresh, best, split, len(space.channels) + k) for split in changed]
    return tuple(out)


def _point(space: Space, fresh: Plays, best: Split, split: Split, at: int) -> Point:
    found, kind = fresh.of(split), CHANNEL if at < len(space.channels) else DESK
    spent = space.spent(split, found)
    fits = spent <= max(space.total, space.spent(best, fresh.of(best))) * (1 + SLACK)
    where = float(found[:, 1 + at].mean()) if kind == CHANNEL else float(split.people[at - len(space.channels)])
    gain = t_interval(found[:, 0] - fresh.of(space.today)[:, 0])
    return Point((*space.channels, *space.desks)[at], kind, where, *gain, spent, fits, split == best)


def _rounded(value: float) -> float:
    return float(f"{value:.6g}") + 0.0
