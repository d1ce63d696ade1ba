"""What an A/B test asks: who takes part, from when they count, and which outcomes are compared."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from math import isfinite
from typing import Any, NamedTuple

from sim.errors import ConfigError, Problem, near
from sim.model.world import CUSTOMER, World

MODES = ("test", "aa", "peeking", "power")
BOUNDARIES = ("none", "pocock", "obrien_fleming", "always_valid")
AMOUNTS = ("value", "revenue", "margin", "cost", "orders", "touches", "exposures", "occasions")
UNITS = {"order": "orders", "touch": "touches", "exposure": "exposures", "occasion": "occasions"}
CONVERSION = "conversion_rate"
SHARE, MEAN, RATIO = "share", "mean", "ratio"
_DAYS = re.compile(r"(.+)_(\d+)d")


class Outcome(NamedTuple):
    """A number per customer within ``days`` from exposure: a share (0 or 1), a mean, or a ratio of the totals ``above`` and ``below``."""

    name: str
    kind: str
    above: str
    below: str
    days: float


@dataclass(frozen=True)
class Question:
    """The keys of the study ``ab_test``; see `configs/study/ab_test.yaml`."""

    mode: str = "test"
    stage: str | None = None
    start: float = 0.0
    end: float | None = None
    personas: tuple[str, ...] = ()
    control: str | None = None
    metrics: tuple[str, ...] = (f"{CONVERSION}_90d", "value_365d", "orders_per_touch_90d")
    boundary: str = "none"
    looks: int = 5
    replications: int = 20
    splits: int = 2000
    alpha: float = 0.05
    power: float = 0.8
    lift: float = 0.1

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """The outcomes asked for; the first one decides."""
        return tuple(outcome(name) for name in self.metrics)

    @property
    def steps(self) -> int:
        """How many steps of progress the study takes."""
        return {"aa": len(self.metrics), "peeking": 1}.get(self.mode, self.replications)

    @classmethod
    def of(cls, given: Mapping[str, Any], world: World) -> "Question":
        """Return the checked question; ``name`` and ``figures`` are the study's own. Raise ConfigError with every problem."""
        asked = {key: value for key, value in given.items() if value is not None and key not in ("name", "figures")}
        data = _declared(world) | {key: value for key, value in asked.items() if key != "personas" or value}  # none named: as the test says
        known = [item.name for item in fields(cls)]
        problems = [Problem(f"study.{key}", "no such option", near(key, known)) for key in data if key not in known]
        if problems:
            raise ConfigError(problems)
        for key in ("personas", "metrics"):
            if key in data:
                data[key] = (data[key],) if isinstance(data[key], str) else tuple(data[key])
        made = cls(**data)
        problems = [*_wrong_numbers(made), *_wrong_names(made, world)]
        if problems:
            raise ConfigError(problems)
        return made

    def arms(self, world: World) -> tuple[str, ...]:
        """Return the arms, control first; raise ConfigError without a test."""
        if world.ab_test is None:
            raise ConfigError([Problem("ab_test", "null", "there is nothing to test; choose one: ab_test=NAME")])
        names = list(world.ab_test.arms)
        control = self.control or names[0]
        return (control, *(name for name in names if name != control))


def outcome(name: str) -> Outcome:
    """Return what a metric's name means, such as ``orders_per_touch_90d``; raise ConfigError if nothing."""
    found = _DAYS.fullmatch(name)
    base, days = (found[1], float(found[2])) if found else (name, 0.0)
    above, _, unit = base.partition("_per_")
    if days > 0 and base == CONVERSION:
        return Outcome(name, SHARE, "converted", "", days)
    if days > 0 and base in AMOUNTS:
        return Outcome(name, MEAN, base, "", days)
    if days > 0 and above in AMOUNTS and unit in UNITS:
        return Outcome(name, RATIO, above, UNITS[unit], days)
    forms = f"{CONVERSION}_90d; {', '.join(AMOUNTS)} with days, as in value_365d; or two with _per_, as in orders_per_touch_90d"
    raise ConfigError([Problem("study.metrics", f"given {name!r}", f"must be one of: {forms}")])


def _declared(world: World) -> dict[str, Any]:
    """Return who takes part as the world's test says it; what the study is asked has the last word."""
    return world.ab_test.model_dump(include={"stage", "start", "end", "personas"}, exclude_none=True) if world.ab_test is not None else {}


def _wrong_names(question: Question, world: World) -> Iterator[Problem]:
    if question.stage is not None and question.stage not in world.stages:
        yield Problem("study.stage", f"no such stage {question.stage!r}", near(question.stage, world.stages))
    elif question.stage is not None and world.stages[question.stage].is_exit:
        yield Problem("study.stage", f"{question.stage!r} is an exit", "exposure is the first entry into a stage that customers go on from")
    for name in question.personas:
        if name not in world.personas:
            yield Problem("study.personas", f"no such persona {name!r}", near(name, world.personas))
    arms = world.ab_test.arms if world.ab_test is not None else {}
    if question.control is not None and question.control not in arms:
        yield Problem("study.control", f"no such arm {question.control!r}", near(question.control, arms))
    for key, known in (("mode", MODES), ("boundary", BOUNDARIES)):
        if getattr(question, key) not in known:
            yield Problem(f"study.{key}", f"given {getattr(question, key)!r}", near(str(getattr(question, key)), known))
    yield from _wrong_metrics(question, world)


def _wrong_metrics(question: Question, world: World) -> Iterator[Problem]:
    if not question.metrics:
        yield Problem("study.metrics", "given []", "name at least one; the first one decides")
    after = question.stage in world.stages and world.stages[question.stage or ""].kind == CUSTOMER
    for name in question.metrics:
        try:
            made = outcome(name)
        except ConfigError as error:
            yield from error.problems
            continue
        if after and made.kind == SHARE:
            yield Problem("study.metrics", f"{name} from {question.stage}", "who enters a customer stage has converted; count orders or value")
        if made.days >= world.horizon:
            yield Problem("study.metrics", f"{name} with a horizon of {world.horizon:g} days", "nobody is followed that long; shorten it, or lengthen horizon")


def _wrong_numbers(question: Question) -> Iterator[Problem]:
    for key, low, high in (("alpha", 0.0, 0.5), ("power", 0.0, 1.0), ("lift", -1.0, 100.0)):
        value = getattr(question, key)
        if not _number(value) or not low < value < high or value == 0:
            yield Problem(f"study.{key}", f"given {value!r}", f"must be a number between {low:g} and {high:g}, not 0")
    for key, low, high in (("looks", 1, 1000), ("replications", 2, 100_000), ("splits", 10, 1_000_000)):
        value = getattr(question, key)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            yield Problem(f"study.{key}", f"given {value!r}", f"must be a whole number from {low:,} to {high:,}")
    for key in ("start", "end"):
        value = getattr(question, key)
        if value is not None and not _number(value):
            yield Problem(f"study.{key}", f"given {value!r}", "must be a day")
    if _number(question.start) and _number(question.end) and question.end is not None and not question.start < question.end:
        yield Problem("study.end", f"given {question.end:g}", f"must be after study.start ({question.start:g})")


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
