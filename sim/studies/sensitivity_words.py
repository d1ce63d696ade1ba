"""What a sensitivity study found, in words and one table of at most 100 columns."""

import textwrap
from collections.abc import Sequence
from math import hypot, isnan
from typing import TYPE_CHECKING

from sim.language import current
from sim.studies.findings import clipped, number, played
from sim.studies.indices import Index, Noise
from sim.studies.sweep import failures

if TYPE_CHECKING:
    from sim.studies.sensitivity import Sensitivity, Together

COLUMNS = 100
MUCH_LUCK = 0.05  # of the variance between points
MANY = 3  # inputs that may share the first place by name


def text(found: "Sensitivity") -> str:
    """Return the findings, a table for each metric, how to read it, and every failure."""
    parts = [_sentences(found), *(_table(found, metric) for metric in found.asked.metrics), _reading(found), failures(found.played)]
    return "\n\n".join("\n".join(part) for part in parts if part)


def finding(metric: str, ranking: Sequence[Index]) -> str:
    """Return which input decides most, or which can't be told apart: those whose index is within the joint interval of the largest one's.

    An index of exactly 0 is no estimate: that input does nothing, however wide the interval of another one.
    """
    first = ranking[0]
    if isnan(first.value):
        return _text("none", metric=metric)
    if not first.value > 0:
        return _text("still", metric=metric)
    moving = [row for row in ranking if row.value != 0]
    rivals = [row for row in moving if row is first or first.value - row.value <= hypot(first.high - first.value, row.high - row.value)]
    if len(rivals) == 1:
        return _text("first", path=first.path, metric=metric)
    if len(rivals) > MANY:
        return _text("many", rivals=len(rivals), all=len(ranking), metric=metric)
    names = ", ".join(row.path for row in rivals[:-1])
    return _text("some", names=names, last=rivals[-1].path, metric=metric)


def idle(metric: str, ranking: Sequence[Index]) -> str:
    """Return the inputs that move nothing at all: the same luck at every point makes their index exactly 0."""
    names = [row.path for row in ranking if row.value == 0]
    return _text("idle", metric=metric, names=", ".join(names)) if names and len(names) < len(ranking) else ""


def luck(metric: str, one: Noise, method: str) -> str:
    """Return the share of noise, and what it does to the indices where it is large."""
    if isnan(one.left):
        return _text("luck_unknown", metric=metric)
    said = _text("luck", metric=metric, single=share(one.single), left=share(one.left))
    if one.left <= MUCH_LUCK:
        return said
    return f"{said} {_text('much', which=_text('totals' if method == 'sobol' else 'effects'))}"


def both(metric: str, pair: "Together", unit: str) -> str:
    """Return whether what the strongest input does depends on the second."""
    low, high, apart = (number(value, unit) for value in (pair.at_low, pair.at_high, pair.value))
    limits = current().range(number(pair.low, unit), number(pair.high, unit))
    verdict = _text("apart" if pair.low <= 0 <= pair.high else "together")
    return _text("both", path=pair.path, metric=metric, other=pair.other, low=low, high=high, apart=apart, range=limits, verdict=verdict)


def share(value: float) -> str:
    """Return a share in percent."""
    return current().share(value) if value >= 0.0005 or value == 0 else current().text("numbers.parts.under", number=current().share(0.001))


def _text(key: str, **values: object) -> str:
    return current().text(f"sensitivity.{key}", **values)


def _sentences(found: "Sensitivity") -> list[str]:
    said = []
    for metric in found.asked.metrics:
        ranking = found.ranked(metric)
        said += [finding(metric, ranking), idle(metric, ranking), _alone(found, metric), luck(metric, found.noises[metric], found.asked.method)]
    if found.together is not None:
        said.append(both(found.deciding, found.together, found.units[found.deciding]))
    return [line for one in said if one for line in textwrap.wrap(one, COLUMNS)]


def _alone(found: "Sensitivity", metric: str) -> str:
    firsts = [row.value for row in found.indices if row.metric == metric and row.quantity == "first"]
    if not firsts or any(map(isnan, firsts)) or not any(firsts):
        return ""
    alone = sum(firsts)
    if alone >= 0.995:  # an estimate, so it may pass 1
        return _text("all_alone")
    return _text("alone", share=share(max(0.0, alone)))


def _table(found: "Sensitivity", metric: str) -> list[str]:
    unit, method = found.units[metric], found.asked.method
    first, second = {"sobol": ("total", "first"), "morris": ("mu_star", "sigma")}[method]
    ends = {(row.path, row.end): row.value for row in found.ends if row.metric == metric}
    other = {row.path: row.value for row in found.indices if row.metric == metric and row.quantity == second}
    cells = [(_text("at_low"), _text("at_high"), _text("interval", first=first), second)]
    for row in found.ranked(metric):
        low, high = (number(ends[row.path, end], unit) for end in ("low", "high"))
        cells.append((low, high, _interval(row, method, unit), _index(other[row.path], method, unit)))
    wide = [max(9, *(len(row[k]) for row in cells)) for k in range(4)]
    room = COLUMNS - sum(wide) - 2 * len(wide)
    names = [clipped(f"{metric} ({unit})", room), *(_tail(row.path, room) for row in found.ranked(metric))]
    lines = [f"{name:<{room}}" + "".join(f"  {cell:>{width}}" for cell, width in zip(row, wide, strict=True)) for name, row in zip(names, cells, strict=True)]
    return [lines[0], "-" * COLUMNS, *lines[1:]]


def _interval(row: Index, method: str, unit: str) -> str:
    low, high = (_index(x, method, unit) for x in (row.low, row.high))
    return _index(row.value, method, unit) + (f" ({current().range(low, high)})" if low != "-" else "")


def _index(value: float, method: str, unit: str) -> str:
    if isnan(value):
        return "-"
    return current().number(value, 2) if method == "sobol" else number(value, unit)


def _reading(found: "Sensitivity") -> list[str]:
    tried = current().count(len(found.played.tried))
    lines = [_text(found.asked.method), _text("points", points=tried, runs=found.asked.replications, **played(found.base))]
    if found.played.changed:
        lines.append(_text("filled", folder=found.played.store.folder, what=", ".join(found.played.changed)))
    return [line for one in lines for line in textwrap.wrap(one, COLUMNS)]


def _tail(path: str, columns: int) -> str:
    """Return a path within some columns, its end kept, which tells inputs apart."""
    return path if len(path) <= columns else f"...{path[3 - columns :]}"
