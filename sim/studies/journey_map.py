"""The journey map: one world's stages with what customers meet, feel, cost and bring there; or two worlds side by side; or one map a persona.

Numbers are means over replications with t intervals; of a stored log they are that log's, with the intervals that were stored beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from math import isfinite, isnan
from pathlib import Path
from typing import Any, NamedTuple

from sim import files
from sim.log import Log, Terms
from sim.metrics import METRICS, Metric
from sim.metrics.fixed import fixed_costs
from sim.metrics.journey import facts
from sim.metrics.map import PAINS, cell, journey_map, only
from sim.metrics.table import FEW
from sim.model.world import World, by_stage
from sim.play import Progress, play, terms
from sim.studies.difference import Difference, differences
from sim.studies.moments import Moments
from sim.studies.replicate import enough, over, summary

SHOWN = ("stage_reach", "drop_off_rate", "dwell_time", "satisfaction", "queue_wait", "gave_up_rate", "back_step_rate", "engagement_rate")  # by stage
WHOLE = ("arrived", "conversion_rate", "value_365d", "profit")  # of all customers
HEADER = Metric._fields[:9]

Key = tuple[str, str, str]
Cards = Mapping[str, Mapping[str, Any]]
Weights = Mapping[str, Mapping[str, float | dict[str, float]]]  # channel: content: how often, in all stages or by stage


class Source(NamedTuple):
    """Where the numbers of a map come from: scenario, customers, days, seed, and how many replications are behind the intervals."""

    scenario: str
    customers: int
    horizon: float
    seed: int
    runs: int = 1


class Planned(NamedTuple):
    """A content of a channel, and the part of a stage's exposures that is meant to show it."""

    channel: str
    content: str
    share: float


class Pain(NamedTuple):
    """One kind of loss in one stage: who had it, how many left for it, and what they would have brought had they been like the others."""

    kind: str
    stage: str
    customers: Metric
    lost: Metric
    money: Metric


@dataclass(frozen=True)
class JourneyMap:
    """The numbers of one map by (metric, by, group), the persona whose map it is (None: everybody's), cards for people to read, and moments of truth.

    ``contents`` holds the weights by which channels show what they have: no log says which of them was shown.
    """

    terms: Terms
    source: Source
    numbers: Mapping[Key, Metric]
    cards: Cards = field(default_factory=dict)
    persona: str | None = None
    moments: Moments | None = None
    contents: Weights = field(default_factory=dict)

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages that customers live in, in listed order."""
        return tuple(name for name, kind in zip(self.terms.stages, self.terms.kinds, strict=True) if kind in ("prospect", "customer"))

    @property
    def has_money(self) -> bool:
        """Whether anything was earned or spent."""
        return any(metric.value > 0 for (name, _, _), metric in self.numbers.items() if name in ("money_in", "money_out"))

    def at(self, metric: str, stage: str) -> Metric | None:
        """Return a stage's number, or None where there is none."""
        return self._known(metric, "stage", stage)

    def touchpoint(self, metric: str, stage: str, channel: str) -> Metric | None:
        """Return the number of a channel in a stage, or None where there is none."""
        return self._known(metric, "cell", cell(stage, channel))

    def whole(self, metric: str) -> Metric | None:
        """Return a number of all customers, or None where there is none."""
        return self._known(metric, "all", "all")

    def touchpoints(self, stage: str) -> list[str]:
        """Return the channels that were delivered in a stage, the most frequent first."""
        shares = {name: share.value for name in self.terms.channels if (share := self.touchpoint("exposure_share", stage, name)) and share.value > 0}
        return sorted(shares, key=lambda name: -shares[name])

    def planned(self, stage: str) -> list[Planned]:
        """Return what a stage's exposures are meant to show, the largest share of all its exposures first.

        A content is drawn by its weight, independently of all else: share = exposures of the channel × weight / sum of weights.
        """
        found = []
        for channel in self.touchpoints(stage):
            share = self.touchpoint("exposure_share", stage, channel)
            weights = {name: by_stage(weight, stage, 0.0) for name, weight in self.contents.get(channel, {}).items()}
            whole = sum(weights.values())
            found += [Planned(channel, name, share.value * weight / whole) for name, weight in weights.items() if share and weight > 0]
        return sorted(found, key=lambda one: -one.share)

    def personas(self, stage: str) -> list[tuple[str, float]]:
        """Return the personas in a stage with their share of its customers, the largest first."""
        found = {name: self._known("visitors", "persona_stage", cell(name, stage)) for name in self.terms.personas}
        there = {name: metric.value for name, metric in found.items() if metric and metric.value > 0}
        whole = sum(there.values())
        return sorted(((name, value / whole) for name, value in there.items()), key=lambda one: -one[1])

    @property
    def pains(self) -> list[Pain]:
        """The losses, the dearest first; what cost nobody anything is left out."""
        found = [pain for stage in self.stages for kind in PAINS if (pain := self._pain(kind, stage)) is not None]
        return sorted((pain for pain in found if pain.customers.value > 0), key=lambda pain: (-pain.money.value, -pain.lost.value))

    def _pain(self, kind: str, stage: str) -> Pain | None:
        three = [self._known(f"pain_{name}", "pain", cell(kind, stage)) for name in ("customers", "lost", "money")]
        return None if any(metric is None for metric in three) else Pain(kind, stage, *(metric for metric in three if metric is not None))

    def _known(self, metric: str, by: str, group: str) -> Metric | None:
        found = self.numbers.get((metric, by, group))
        return None if found is None or isnan(found.value) else found

    def write(self, folder: Path) -> None:
        """Write map.csv and, where they were sought, moments.csv."""
        folder.mkdir(parents=True, exist_ok=True)
        name = "map.csv" if self.persona is None else f"map_{self.terms.personas.index(self.persona)}.csv"
        files.write_csv(folder / name, HEADER, ([_cell(value) for value in metric[:9]] for metric in self.numbers.values()))
        if self.moments is not None:
            self.moments.write(folder)


@dataclass(frozen=True)
class FutureState:
    """Two maps of the same customers' luck, and the paired differences by (metric, by, group), the second less the first."""

    before: JourneyMap
    after: JourneyMap
    differences: Mapping[Key, Difference]

    def at(self, metric: str, stage: str, by: str = "stage") -> Difference | None:
        """Return what differs in a stage, or None where it can't be said."""
        return self.differences.get((metric, by, stage))

    def write(self, folder: Path) -> None:
        """Write map.csv (the first world's) and map_differences.csv."""
        self.before.write(folder)
        rows = ([_cell(value) for value in row] for row in self.differences.values())
        files.write_csv(folder / "map_differences.csv", Difference._fields, rows)


def current_state(world: World, runs: int, progress: Progress | None = None) -> JourneyMap:
    """Return the map of a world over this many replications."""
    measured = over(partial(_play, personas=()), world, range(runs), progress)
    return _map(world, [run[None] for run in measured])


def future_state(before: World, after: World, runs: int, progress: Progress | None = None) -> FutureState:
    """Return the maps of two worlds and their differences, replication by replication."""
    pairs = over(lambda _, number: [_play(world, number, ())[None] for world in (before, after)], before, range(runs), progress)
    sides = [[{metric[:3]: metric for metric in pair[side]} for pair in pairs] for side in (0, 1)]
    found = differences(after.scenario.name, *sides)
    one, two = (_map(world, [pair[side] for pair in pairs]) for side, world in enumerate((before, after)))
    return FutureState(one, two, {(row.metric, row.by, row.group): row for row in found})


def persona_maps(world: World, runs: int, progress: Progress | None = None) -> list[JourneyMap]:
    """Return one map for each persona, in listed order."""
    names = tuple(world.personas)
    measured = over(partial(_play, personas=names), world, range(runs), progress)
    return [replace(_map(world, [run[name] for run in measured]), persona=name) for name in names]


def of_log(
    log: Log, stored: Sequence[Metric] = (), cards: Cards | None = None, source: Source | None = None, contents: Weights | None = None
) -> JourneyMap:
    """Return the map of one log; by-stage numbers that were ``stored`` beside it bring their intervals and take the place of its own."""
    numbers = {metric[:3]: metric for metric in _measure(log, 30)}
    numbers |= {metric[:3]: metric for metric in stored if metric[:3] in numbers}
    return JourneyMap(log.terms, source or Source("", len(log.births), log.terms.horizon, 0), numbers, cards or {}, contents=contents or {})


def persona_of_log(log: Log, persona: str, cards: Cards, source: Source, contents: Weights | None = None) -> JourneyMap:
    """Return the map of one persona's customers in one log."""
    numbers = {metric[:3]: metric for metric in _measure(log, 30, persona)}
    return JourneyMap(log.terms, source, numbers, cards, persona, contents=contents or {})


def cards(world: World) -> Cards:
    """Return the cards of the personas."""
    return {name: persona.card for name, persona in world.personas.items()}


def contents(world: World) -> Weights:
    """Return the weights of the contents of each channel that has any."""
    return {name: {one: content.weight for one, content in channel.contents.items()} for name, channel in world.channels.items() if channel.contents}


def _map(world: World, runs: Sequence[Sequence[Metric]]) -> JourneyMap:
    source = Source(world.scenario.name, world.customers, world.horizon, world.seed, len(runs))
    return JourneyMap(terms(world), source, {metric[:3]: metric for metric in summary(runs)}, cards(world), contents=contents(world))


def _play(world: World, number: int, personas: Sequence[str]) -> dict[str | None, list[Metric]]:
    log = play(world, clock="compiled", replication=number, threads=1)
    return {name: _measure(log, enough(world), name) for name in personas or (None,)}


def _measure(log: Log, enough: int, persona: str | None = None) -> list[Metric]:
    """Return everything that a map shows, of all customers or of one persona's; fixed costs are shared by the use that all make of them."""
    costs = fixed_costs(log)
    some = log if persona is None else only(log, log.terms.personas.index(persona))
    found = facts(some, intervals=not log.terms.coupled, enough=enough)
    named = [metric for name in SHOWN for metric in found.once(name, METRICS[name]) if metric.by == "stage"]
    whole = [metric for name in WHOLE for metric in found.once(name, METRICS[name]) if metric.by == "all"]
    return [*whole, *named, *journey_map(found, costs)]


def certain(difference: Difference | None) -> bool:
    """Return whether an interval leaves out zero."""
    return difference is not None and isfinite(difference.low) and (difference.low > 0 or difference.high < 0)


def few(metric: Metric) -> bool:
    """Return whether a number stands on few customers."""
    return FEW in metric.note


def _cell(value: Any) -> Any:
    return None if isinstance(value, float) and not isfinite(value) else value
