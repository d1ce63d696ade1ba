"""Personas times arms: the kinds of customer that the rules tell apart, each with its own reading of the world.

Scenario, persona `set` and arm are one mechanism: dotted assignments to plain data, applied in that order. A rule
of behaviour never asks which arm a customer is in; it reads the tables of the customer's profile.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from sim.errors import ConfigError, Problem, near
from sim.model.world import World

NAMED = ("stages", "personas", "channels", "desks", "drivers", "permissions", "rules")
_REACH = ("share", "intensity", "engage", "flights", "needs", "targets", "saturation")
_EFFECT = ("odds", "experience", "cost", "discount", "gives", "loses", "contents")
_CHANNEL_FIELDS = (*_REACH, *_EFFECT)
_PERSONA_FIELDS = ("pace", "entry", "odds", "channels", "traits", "revenue", "margin")
_ALLOWED = {"stages": ("next", "gap", "order"), "personas": _PERSONA_FIELDS, "channels": _CHANNEL_FIELDS, "drivers": ("odds", "engage")}


class Profile(NamedTuple):
    """One persona in one arm; ``world`` is the world as this profile sees it, ``share`` its part of all arrivals."""

    persona: str
    arm: str | None
    share: float
    world: World


@lru_cache(maxsize=32)
def profiles(world: World) -> tuple[Profile, ...]:
    """Return the profiles, persona after persona, within it arm after arm."""
    return tuple(_profiles(world, world.model_dump()))


def _profiles(world: World, raw: dict[str, Any]) -> Iterator[Profile]:
    arms: dict[str | None, tuple[float, dict[str, Any]]] = {None: (1.0, {})}
    if world.ab_test is not None:
        arms = {name: (arm.share, arm.set) for name, arm in world.ab_test.arms.items()}
    for name, persona in world.personas.items():
        seen = _set_by(f"personas.{name}.set", raw, persona.set)
        for arm, (share, changes) in arms.items():
            own = world if not persona.set and not changes else World.model_validate(_set_by(f"ab_test.arms.{arm}.set", seen, changes))
            yield Profile(name, arm, persona.share * share, own)


def _set_by(where: str, raw: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return assign(raw, changes)
    except ConfigError as error:
        raise ConfigError(problem._replace(path=f"{where}.{problem.path}") for problem in error.problems) from None


def assign(raw: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of plain data with these dotted assignments made; mappings on the way are made where they lack.

    Raise ConfigError where a path leads through a name that does not exist, or through a value.
    """
    out = dict(raw)
    problems: list[Problem] = []
    for path, value in changes.items():
        try:
            _assign(out, str(path), value)
        except ConfigError as error:
            problems.extend(error.problems)
    if problems:
        raise ConfigError(problems)
    return out


def _assign(out: dict[str, Any], path: str, value: Any) -> None:
    keys = path.split(".")
    if len(keys) > 2 and keys[0] in NAMED and keys[1] not in (out.get(keys[0]) or {}):
        raise ConfigError([Problem(path, f"no such name {keys[1]!r}", near(keys[1], out.get(keys[0]) or {}))])
    node = out
    for k, key in enumerate(keys[:-1]):
        inner = node.get(key)
        if isinstance(inner, int | float) and not isinstance(inner, bool) and k == len(keys) - 2:
            inner = {stage: inner for stage, given in (out.get("stages") or {}).items() if (given or {}).get("next")}
        if inner is not None and not isinstance(inner, Mapping):
            raise ConfigError([Problem(path, f"{'.'.join(keys[: k + 1])} is {inner!r}", "only a mapping has parts that can be set")])
        node[key] = dict(inner or {})
        node = node[key]
    node[keys[-1]] = value


def refused(where: str, changes: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what a persona or an arm may not set: only what a profile holds can differ between customers of one world."""
    for path in changes:
        keys = str(path).split(".")
        fields = _ALLOWED.get(keys[0], ())
        if len(keys) < 3 or keys[2] not in fields or keys[2:4] == ["cost", "month"]:
            may = "; ".join(f"{section}.NAME.{{{', '.join(names)}}}" for section, names in _ALLOWED.items())
            yield Problem(f"{where}.{path}", "shared by all customers, so it can't differ between them", f"may be set: {may}")
