"""The command line's verbs for programs and notebooks."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.app.compose import Request, study_options
from sim.app.config import read
from sim.app.team import with_seed
from sim.app.verbs import VERBS
from sim.errors import ConfigError, Problem, near
from sim.model import check
from sim.model.world import World

if TYPE_CHECKING:
    import pandas as pd

    from sim.clocks.behaviour import Behaviour
    from sim.studies.ab.study import Result as ABTestResult
    from sim.studies.attribution import Attribution
    from sim.studies.run import Result
    from sim.studies.sensitivity import Sensitivity
    from sim.studies.sweep import Sweep
    from sim.studies.what_if import WhatIf


def load(*overrides: str, config_dir: str | Path | None = None, config_name: str = "config") -> World:
    """Return the world that ``polku`` would run with these overrides; raise ConfigError with every problem found.

    ``load("scenario=coupon", "seed=7")``; ``config_dir`` and ``config_name`` are the command line's -cd and -cn.
    """
    return read(Request(overrides, Path(config_dir) if config_dir else None, config_name.removesuffix(".yaml")), VERBS).world


def run(world: World, *, behaviour: "Sequence[Behaviour]" = (), **changes: Any) -> "Result":
    """Return the world simulated and measured, after these changes to its plain values: ``run(world, customers=100_000, seed=1)``.

    Raise ConfigError if they make no sense.
    """
    from sim.studies.run import simulate

    return simulate(changed(world, changes), behaviour=behaviour)


def replicate(world: World, **changes: Any) -> "pd.DataFrame":
    """Return means over the world's replications with 95 % intervals, one metric and group a row."""
    from sim.metrics.table import frame
    from sim.studies import replicate as study

    return frame(study.summary(study.replicate(changed(world, changes))))


def ab_test(world: World, **options: Any) -> "ABTestResult":
    """Return what an analyst concludes from the world's A/B test, beside what is true: ``ab_test(load("ab_test=email_coupon"), stage="decision").text()``.

    Options as in configs/study/ab_test.yaml. Raise ConfigError if they make no sense.
    """
    from sim.studies.ab.question import Question
    from sim.studies.ab.study import ab_test

    return ab_test(world, Question.of(options, world))


def attribution(world: World, **options: Any) -> "Attribution":
    """Return credit by every attribution model beside the truth; options as in configs/study/attribution.yaml: ``attribution(world, replications=20)``.

    Raise ConfigError if they make no sense.
    """
    from sim.studies import attribution as study

    return study.attribution(world, study.Options(**options))


def what_if(*worlds: World, matters: float | None = None, most: int = 100) -> "WhatIf":
    """Return scenarios compared with the first world, by the names of their scenarios: ``what_if(load(), load("scenario=coupon")).differences()``.

    Raise ConfigError if they can't be compared.
    """
    from sim.studies.what_if import Asked
    from sim.studies.what_if import what_if as study

    return study({world.scenario.name: world for world in worlds}, Asked(matters, most))


def sweep(world: World | Sequence[str], over: Mapping[str, Any] | None = None, **options: Any) -> "Sweep":
    """Return every point of a design played on the same seeds: ``sweep(world, {"channels.email.intensity": [0.5, 1]}, metrics=["profit"]).frame()``.

    Options as in configs/study/sweep.yaml; no ``store``: points are kept as long as the result. Choices (``{"scenario": ["baseline", "coupon"]}``)
    are composed: give overrides in place of a world, ``sweep(["personas=b2b"], ...)``. Raise ConfigError if it makes no sense.
    """
    from sim.app.designs import sweep_of
    from sim.studies.store import Store

    option = _options("sweep", {"over": over or {}, **options})
    base = world if isinstance(world, World) else load(*world)
    compose = _no_choices if isinstance(world, World) else partial(load, *world)
    return sweep_of(base, compose, option, Store.of(option["store"], None)).play()


def sensitivity(world: World, ranges: Mapping[str, Any], **options: Any) -> "Sensitivity":
    """Return which of the numbers that nobody knows matter: ``sensitivity(world, {"money.margin": {"low": 0.3, "high": 0.5}, ...}).text()``.

    Options as in configs/study/sensitivity.yaml; no ``store``: points are kept as long as the result. Raise ConfigError if it makes no sense.
    """
    from sim.app.designs import sensitivity_of
    from sim.studies.store import Store

    option = _options("sensitivity", {"ranges": ranges, **options})
    return sensitivity_of(world, option, Store.of(option["store"], None)).play()


def changed(world: World, changes: dict[str, Any]) -> World:
    """Return the world with some of its fields replaced, checked again; a new seed or team is the seed of that team.

    Raise ConfigError if they make no sense.
    """
    if not changes:
        return world
    if world.team and "team" in changes and "seed" not in changes:
        raise ConfigError([Problem("team", f"given {changes['team']!r} in the world of team {world.team}", "give the seed too: seed=1")])
    plain = world.model_dump(exclude_unset=True) | changes
    return check.world(with_seed(plain) if {"seed", "team"} & set(changes) else plain)


def _options(study: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a study's options as shipped, but for those given, as plain data; raise ConfigError for names that it does not have."""
    known = {name: value for name, value in study_options(study).items() if name not in ("name", "figures")}
    problems = [Problem(f"study.{name}", f"study {study!r} has no such option", near(name, known)) for name in given if name not in known]
    if problems:
        raise ConfigError(problems)
    return known | {name: _plain(value) for name, value in given.items()}


def _plain(value: Any) -> Any:
    """Return data of Python and NumPy as YAML would have it."""
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list | range):
        return [_plain(inner) for inner in value]
    return value.tolist() if hasattr(value, "tolist") else str(value) if isinstance(value, Path) else value


def _no_choices(*overrides: str) -> World:
    raise ConfigError(
        Problem(text.partition("=")[0], f"given {text.partition('=')[2]!r}", "a choice is composed: give overrides in place of a world") for text in overrides
    )
