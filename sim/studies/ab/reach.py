"""Whether an arm can act on customers before they are exposed: then the exposed of both arms are other customers, and no test is fair.

What only changes money (discounts, order values, costs without a budget) moves nobody, so it may be set anywhere:
outcomes count from exposure on.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sim.errors import ConfigError, Problem
from sim.model.places import entry, shares
from sim.model.profiles import Profile, profiles
from sim.model.world import World

_MONEY = {"stages": ("order",), "channels": ("discount",), "personas": ("revenue", "margin"), "drivers": ()}


def refuse_early(world: World, stage: str | None) -> None:
    """Raise ConfigError with every path of an arm's ``set`` that can act before the first entry into the stage."""
    if stage is None or world.ab_test is None:
        return
    seen = [*profiles(world), *profiles(world.model_copy(update={"ab_test": None}))]
    early = _before(seen, stage)
    problems = [problem for name, arm in world.ab_test.arms.items() for problem in _early(name, arm.set, seen, early, stage)]
    if problems:
        raise ConfigError(problems)


def _before(seen: Sequence[Profile], stage: str) -> set[str]:
    """Return the stages that some customer can be in before the first entry into this one, in any arm or persona."""
    found: set[str] = set()
    todo = {name for profile in seen for name, share in entry(profile).items() if share > 0} - {stage}
    while todo:
        name = todo.pop()
        found.add(name)
        onward = {to for profile in seen for to, p in profile.world.stages[name].next.items() if p > 0}
        todo |= onward - found - {stage}
    return found


def _early(arm: str, changes: Mapping[str, Any], seen: Sequence[Profile], early: set[str], stage: str) -> Iterator[Problem]:
    for path, value in changes.items():
        acts = sorted(_acts_in(path.split("."), value, seen, early) & early)
        if acts:
            given = f"acts in {', '.join(acts)}, where customers are before {stage}"
            yield Problem(f"ab_test.arms.{arm}.set.{path}", given, "it would decide who is exposed; take study.stage=null, or an earlier stage")
        elif path.startswith("personas.") and path.split(".")[2] == "entry":
            yield Problem(f"ab_test.arms.{arm}.set.{path}", f"acts at arrival, before {stage}", "it would decide who is exposed; take study.stage=null")


def _acts_in(keys: list[str], value: Any, seen: Sequence[Profile], stages: set[str]) -> set[str]:
    """Return the stages among these in which the assignment can change what customers do next."""
    section, name, field, *rest = keys
    if field in _MONEY[section] or (field == "cost" and not _capped(seen, name)):
        return set()
    if section == "stages":
        return {name}
    if section == "personas" and field == "traits" and _only_spends(seen, name, rest):
        return set()
    held = {stage for stage in stages if section != "channels" or any(shares(profile, stage)[name] > 0 for profile in seen)}
    if rest and field in ("odds", "share", "engage", "pace"):
        return held & {rest[0]}
    if isinstance(value, Mapping) and field in ("odds", "pace"):
        return held & (set(value) | {stage for profile in seen for stage in _mapped(profile, section, name, field)})
    return held


def _mapped(profile: Profile, section: str, name: str, field: str) -> set[str]:
    there = getattr(getattr(profile.world, section)[name], field)
    return set(there) if isinstance(there, Mapping) else set(profile.world.stages)


def _capped(seen: Sequence[Profile], channel: str) -> bool:
    return any(channel in profile.world.channels and profile.world.channels[channel].budget is not None for profile in seen)


def _only_spends(seen: Sequence[Profile], persona: str, rest: list[str]) -> bool:
    traits = [trait for profile in seen for key, trait in profile.world.personas[persona].traits.items() if not rest or key == rest[0]]
    return bool(traits) and all(trait.acts == "spend" for trait in traits)
