"""Warm-up: a world is played from nobody on until as many leave a stage as come, and whoever is there then can open a budget year.

The rule for "warm" looks at the second half of the time. Where a stage fills up exponentially, n(t) = n (1 - exp(-t / τ)), a part
c = 1 - n(T/2) / n(T) of who is there has come in the second half, and (c / (1 - c))² of the final level is still missing, whatever τ is.
"""

import math
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from math import ceil, isfinite
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sim import files
from sim.errors import ConfigError, Problem
from sim.language import current
from sim.log import Array
from sim.metrics.present import present
from sim.model import check
from sim.model.world import World
from sim.play import MONTH, Progress, play
from sim.stats.means import ratio_pseudo_values, t_interval, t_intervals
from sim.studies.replicate import over

TENTH = 0.1  # of who is there: no stage of a warm world has changed by more in the second half
YEAR, LONGEST, WIDE = 365, 100_000, 100
MOST = 50_000_000  # people in one run

Start = dict[str, dict[str, int]]


class Asked(NamedTuple):
    """How many days are played, and how often."""

    days: float = 1460
    replications: int = 10


class Standing(NamedTuple):
    """How many are in a stage at the end (all stages together: ``stage`` is empty), and what part of them came in the second half of the time.

    Mean over replications with its 95 % t interval; the change with one that holds for all stages together (Bonferroni).
    """

    stage: str
    there: float
    low: float
    high: float
    change: float
    change_low: float
    change_high: float

    @property
    def moves(self) -> bool:
        """Whether it has changed by more than a tenth, and not by luck."""
        return abs(self.change) > TENTH and (self.change_low > 0 or self.change_high < 0)

    @property
    def is_vague(self) -> bool:
        """Whether a change of a tenth can't be told from none."""
        return not self.change_high - self.change_low <= 2 * TENTH


@dataclass(frozen=True)
class WarmUp:
    """Who was where: ``counts`` has the shape (replications, days, stages, personas), ``world`` is what was played for the one ``asked``."""

    asked: World
    world: World
    left_out: tuple[str, ...]
    days: Array
    counts: Array

    @property
    def runs(self) -> int:
        """How many replications there are."""
        return len(self.counts)

    @property
    def living(self) -> dict[str, int]:
        """The stages in which somebody was at the end of any replication, exits left out, with their place in ``counts``."""
        there = self.counts[:, -1].sum(axis=(0, 2))
        return {name: k for k, (name, stage) in enumerate(self.world.stages.items()) if not stage.is_exit and there[k]}

    @property
    def stages(self) -> tuple[Standing, ...]:
        """Every stage in which somebody is."""
        return tuple(self._standing(name, [k], len(self.living)) for name, k in self.living.items())

    @property
    def whole(self) -> Standing:
        """All who are there."""
        return self._standing("", list(self.living.values()), 1)

    def _standing(self, name: str, stages: list[int], together: int) -> Standing:
        there = self.counts[..., stages, :].sum(axis=(2, 3)).astype(float)  # (replications, days)
        half, end = there[:, len(self.days) // 2], there[:, -1]
        _, low, high = t_intervals(ratio_pseudo_values((end - half)[None], end[None]), 1 - 0.05 / together)
        return Standing(name, *t_interval(end), float((end - half).sum() / end.sum()), float(low[0]), float(high[0]))

    @property
    def is_warm(self) -> bool:
        """Whether no stage moves, and a tenth more or less would have been seen."""
        return not any(one.moves for one in self.stages) and not self.whole.is_vague

    @property
    def start(self) -> Start:
        """Who is there by stage and persona, in whole people; 0 where nobody is: a start that a file of the world says must give way everywhere."""
        stages = {name: k for k, (name, stage) in enumerate(self.world.stages.items()) if not stage.is_exit}
        whole = rounded(self.counts[:, -1, list(stages.values())].mean(axis=0))
        return {stage: dict(zip(self.world.personas, row, strict=True)) for stage, row in zip(stages, whole.tolist(), strict=True)}

    def write(self, folder: Path) -> None:
        """Write warm_up.csv: who is in each stage, by persona and day, mean and 95 % interval."""
        folder.mkdir(parents=True, exist_ok=True)
        files.write_csv(folder / "warm_up.csv", ("day", "stage", "persona", "customers", "low", "high"), self._rows())

    def _rows(self) -> Iterator[list[Any]]:
        for d, day in enumerate(self.days.tolist()):
            for stage, k in self.living.items():
                for p, persona in enumerate(self.world.personas):
                    yield [day, stage, persona, *t_interval(self.counts[:, d, k, p].astype(float))]

    def text(self) -> str:
        """Return whether the world was warm, and who was where, at most 100 columns wide."""
        lines = [self.verdict, *self._vague(), "", *self._table(), "", *self._about()]
        return "\n".join(part for line in lines for part in (textwrap.wrap(line, WIDE) or [""]))

    @property
    def verdict(self) -> str:
        """Whether the world was warm, in a sentence or two, and what to do if not."""
        say, half = current(), current().exactly(self.days[len(self.days) // 2], 6)
        moving = sorted((one for one in self.stages if one.moves), key=lambda one: -abs(one.change))
        if moving:
            said = ", ".join(say.text("warm_up.stage", stage=one.stage, change=signed(one.change)) for one in moving)
            return say.text("warm_up.moving", half=half, stages=said, more=say.exactly(min(2 * self.world.horizon, LONGEST), 6))
        if self.whole.is_vague:
            return say.text("warm_up.vague", limit=say.percent(TENTH), more=4 * self.runs)
        return say.text("warm_up.warm", half=half, limit=say.percent(TENTH), missing=say.percent(missing(TENTH)))

    def _vague(self) -> list[str]:
        few = [one.stage for one in self.stages if one.is_vague and not one.moves]
        return [current().text("warm_up.few", stages=", ".join(few))] if few and not self.whole.is_vague else []

    def _table(self) -> list[str]:
        line, say = "{:<24} {:>12} {:>24} {:>12} {:>22}".format, current()
        since = say.text("warm_up.since", half=say.exactly(self.days[len(self.days) // 2], 6))
        head = line(say.text("warm_up.column"), say.text("warm_up.there"), say.text("what_if.interval"), since, say.text("what_if.interval"))
        return [head, "-" * len(head), *(line(*self._cells(one)) for one in (*self.stages, self.whole))]

    def _cells(self, one: Standing) -> tuple[str, ...]:
        say = current()
        name = one.stage if len(one.stage) <= 24 else f"{one.stage[:21]}..."
        digits = 0 if one.there >= 100 else 1
        limits = say.range(say.number(max(0.0, one.low), digits), say.number(one.high, digits))
        change = say.range(signed(one.change_low), signed(one.change_high)) if isfinite(one.change_low) else ""
        return name or say.text("report.all"), say.number(one.there, digits), limits, signed(one.change), change

    def _about(self) -> Iterator[str]:
        say, world = current(), self.world
        known = {"rate": say.significant(rate(self.asked)), "days": say.exactly(world.horizon, 6), "customers": say.count(world.customers)}
        yield say.text("warm_up.about", **known, runs=self.runs, seed=world.seed)
        if self.left_out:
            yield say.text("warm_up.left_out", what=", ".join(self.left_out))


def warm_up(world: World, asked: Asked, progress: Progress | None = None) -> WarmUp:
    """Play a world from nobody on, and count who is where at least once a month.

    Raise ConfigError where there is no rate of arrivals, where the days do not end with the seasons, or where nobody is there at the end.
    """
    _check(world, asked)
    empty, left_out = before(world, asked.days)
    days = np.linspace(0, asked.days, 2 * ceil(asked.days / MONTH / 2) + 1)  # half the time is one of them
    counts = np.array(over(partial(_counted, days), empty, range(asked.replications), progress))
    found = WarmUp(world, empty, left_out, days, counts)
    if not found.living:
        raise ConfigError([Problem("study.days", f"given {asked.days:g}", f"nobody is there on day {asked.days:g}: everybody has left, or nobody has come")])
    return found


def before(world: World, days: float) -> tuple[World, tuple[str, ...]]:
    """Return the world of the days before day 0, and the paths of what is dated and so left to the year to come.

    Arrivals keep the rate of day 0; nobody is there at first, nobody has been hired, no flight has flown, no test has begun.
    """
    raw, left_out = world.model_dump(exclude_unset=True), []
    changes: dict[str, Any] = {"customers": round(rate(world) * days), "horizon": days}
    changes["arrivals"] = {"days": days, "shape": world.arrivals.shape}
    left_out += ["arrivals.growth"] if world.arrivals.growth else []
    for name, empty in (("start", {}), ("ab_test", None)):
        if getattr(world, name):
            changes[name] = empty
            left_out.append(name)
    for part, dated, never in (("channels", "flights", []), ("desks", "hire", None)):
        named = [name for name, one in getattr(world, part).items() if getattr(one, dated) is not None]
        raw |= {part: {name: one | ({dated: never} if name in named else {}) for name, one in raw.get(part, {}).items()}}
        left_out += [f"{part}.{name}.{dated}" for name in named]
    personas = {name: one | {"set": _unflown(one.get("set", {}))} for name, one in raw.get("personas", {}).items()}
    raw |= {"personas": personas} if personas else {}
    return check.world(raw | changes), tuple(left_out)


def _unflown(changes: Mapping[str, Any]) -> dict[str, Any]:
    return {path: [] if path.endswith(".flights") and value is not None else value for path, value in changes.items()}


def rate(world: World) -> float:
    """Return how many arrive a day on day 0: with growth at a rate γ a day, N γ / (exp(γ D) - 1) of N within D days; else N / D."""
    growth = math.log1p(world.arrivals.growth) / YEAR
    return world.customers * (growth / math.expm1(growth * world.arrivals.days) if growth else 1 / world.arrivals.days)


def missing(change: float) -> float:
    """Return what part of the final level is missing where such a part of who is there has come in the second half: (c / (1 - c))²."""
    return (change / (1 - change)) ** 2


def rounded(means: Array) -> Array:
    """Return whole numbers whose sum is the rounded sum of these: down, and one more where the largest parts were cut off (Hamilton)."""
    down = np.floor(means)
    left = round(float(means.sum())) - int(down.sum())
    most = np.argsort(-(means - down), axis=None, kind="stable")[:left]
    down.flat[most] += 1
    return np.asarray(down.astype(np.int64))


def signed(share: float) -> str:
    """Return a change in percent with its sign."""
    return current().text("numbers.percent", number=current().signs(f"{100 * share:+.1f}")) if isfinite(share) else "-"


def _counted(days: Array, world: World, number: int) -> Array:
    return present(play(world, clock="compiled", replication=number, threads=1), days)


def _check(world: World, asked: Asked) -> None:
    problems, days = [], asked.days
    if isinstance(days, bool) or not isinstance(days, int | float) or not 0 < days <= LONGEST:
        problems.append(Problem("study.days", f"given {days!r}", f"must be more than 0 and at most {LONGEST}"))
    elif _has_seasons(world) and days % (2 * YEAR):
        problems.append(Problem("study.days", f"given {days:g}, and the world has seasons", "must be 730, 1460, ...: whole years, and so their half"))
    elif world.arrivals.days and round(rate(world) * days) < 1:
        problems.append(Problem("study.days", f"given {days:g}", f"nobody arrives in that time, at {rate(world):.2g} a day"))
    elif world.arrivals.days and round(rate(world) * days) > MOST:
        rule = f"{rate(world):,.0f} arrive a day, and one run has at most {MOST // 10**6} million people: {MOST / rate(world):,.1f} days of them"
        problems.append(Problem("study.days", f"given {days:g}", rule))
    if not world.arrivals.days:
        problems.append(Problem("arrivals.days", "given 0", "must be more than 0, as in arrivals.days=365: who all come at once come at no rate"))
    if isinstance(asked.replications, bool) or not isinstance(asked.replications, int) or asked.replications < 2:
        problems.append(Problem("study.replications", f"given {asked.replications!r}", "must be 2 or more"))
    if problems:
        raise ConfigError(problems)


def _has_seasons(world: World) -> bool:
    hours = [desk.hours for desk in world.desks.values() if desk.hours is not None]
    return any(calendar.season is not None for calendar in [*world.calendars.values(), *hours])
