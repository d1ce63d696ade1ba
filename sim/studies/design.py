"""Which points to try: every combination, a list, or points that fill the space between limits; and how a point becomes a world."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any

from sim.errors import ConfigError, Problem, near
from sim.model import check
from sim.model.profiles import assign
from sim.model.world import World
from sim.stats import Array
from sim.stats.bootstrap import generator
from sim.studies.ranges import Range, ranges, whole

Point = dict[str, Any]  # {dotted path: value}
DESIGNS = ("grid", "latin_hypercube", "sobol")
MOST = 10_000


def points(base: World, design: str, over: Mapping[str, Any], listed: Sequence[Mapping[str, Any]] = (), size: int = 64) -> tuple[Point, ...]:
    """Return the points of a design over paths, or those listed.

    ``over`` is nested or dotted: a list of values, or, for designs that fill space, {low, high}, where people are rounded to whole ones.
    Raise ConfigError if it makes no sense.
    """
    if listed:
        return _listed(listed, over)
    if design not in DESIGNS:
        raise ConfigError([Problem("study.design", f"no such design {design!r}", near(str(design), DESIGNS))])
    found = dict(_flat("study.over", "", over))
    if not found:
        raise ConfigError([Problem("study.over", "nothing to vary", "give {path: [values]}, or study.points")])
    return _grid(found) if design == "grid" else _filled(base, design, found, size)


def world_at(base: World, point: Mapping[str, Any]) -> World:
    """Return the base with a point's values; raise ConfigError as any configuration does."""
    return check.world(assign(base.model_dump(exclude_unset=True), point))


def rounded(base: World, paths: Sequence[str], values: Sequence[float]) -> Point:
    """Return the point of these numbers, rounded where the world counts (people)."""
    return {path: whole(base, path, value) for path, value in zip(paths, values, strict=True)}


def unit_sample(kind: str, size: int, width: int, seed: int) -> Array:
    """Return points that fill the unit cube, shape (size, width): a Latin hypercube or a scrambled Sobol' sequence (Owen 1998), addressed."""
    from scipy.stats import qmc

    chance = int(generator("design", kind, str(seed), str(size), str(width)).integers(1, 2**63))
    sampler = qmc.LatinHypercube(width, rng=chance) if kind == "latin_hypercube" else qmc.Sobol(width, rng=chance)
    return sampler.random(size)  # type: ignore[no-any-return]  # scipy has no types


def _listed(listed: Sequence[Mapping[str, Any]], over: Mapping[str, Any]) -> tuple[Point, ...]:
    wrong = [
        Problem(f"study.points.{k}", f"given {one!r}", "must be {path: value, ...}") for k, one in enumerate(listed) if not isinstance(one, Mapping) or not one
    ]
    if over:
        wrong.append(Problem("study.points", "given beside study.over", "give one of the two"))
    if wrong:
        raise ConfigError(wrong)
    return tuple(dict(one) for one in listed)


def _grid(found: Mapping[str, Any]) -> tuple[Point, ...]:
    """Return every combination, the last path changing fastest."""
    problems = [
        Problem(f"study.over.{path}", f"given {values!r}", "must be a list of values in a grid") for path, values in found.items() if not _is_list(values)
    ]
    if problems:
        raise ConfigError(problems)
    _few(prod(len(values) for values in found.values()))
    return tuple(dict(zip(found, values, strict=True)) for values in itertools.product(*found.values()))


def _filled(base: World, design: str, found: Mapping[str, Any], size: int) -> tuple[Point, ...]:
    """Return ``size`` points: numbers from {low, high}, or one of the values listed, each as often as any other."""
    inputs = {r.path: r for r in ranges({path: values for path, values in found.items() if not _is_list(values)}, "study.over")}
    if size < 2 or (design == "sobol" and size & (size - 1)):
        rule = "must be a power of 2, such as 64: a Sobol' sequence is even only there" if design == "sobol" else "must be 2 or more"
        raise ConfigError([Problem("study.size", f"given {size!r}", rule)])
    _few(size)
    counted = {path for path in inputs if whole(base, path, 0.5) != 0.5}
    sample = unit_sample(design, size, len(found), base.seed)
    return tuple(
        {path: _placed(inputs.get(path), values, float(u), path in counted) for (path, values), u in zip(found.items(), row, strict=True)} for row in sample
    )


def _placed(between: Range | None, values: Any, unit: float, is_counted: bool) -> Any:  # noqa: FBT001 - private, one caller
    if between is None:
        return values[min(int(unit * len(values)), len(values) - 1)]
    value = between.low + unit * (between.high - between.low)
    return round(value) if is_counted else value


def _few(count: int) -> None:
    if count > MOST:
        raise ConfigError([Problem("study.over", f"{count:,} points", f"must be at most {MOST:,}")])


def _is_list(values: Any) -> bool:
    return isinstance(values, list) and bool(values)


def _flat(where: str, path: str, node: Any) -> Iterator[tuple[str, Any]]:
    """Yield path and values, down to lists and {low, high}; raise ConfigError where a branch ends in neither."""
    if isinstance(node, Mapping) and not {"low", "high"} & set(node):
        for key, inner in node.items():
            yield from _flat(where, f"{path}.{key}" if path else str(key), inner)
    elif isinstance(node, Mapping | list) and node:
        yield path, list(node) if isinstance(node, list) else node
    else:
        raise ConfigError([Problem(f"{where}.{path}", f"given {node!r}", "must be a list of values, or {low: NUMBER, high: NUMBER}")])
