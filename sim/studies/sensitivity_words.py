"""What a sensitivity study found, in words and one table of at most 100 columns."""

import textwrap
from collections.abc import Sequence
from math import hypot, isnan
from typing import TYPE_CHECKING

from sim.studies.findings import clipped, number
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
    """Return which input decides most, or which can't be told apart: those whose index is within the joint interval of the largest one's."""
    first = ranking[0]
    if isnan(first.value):
        return f"No indices of {metric}: it has a value at too few points."
    if not first.value > 0:
        return f"None of the inputs moves {metric}."
    rivals = [row for row in ranking if row is first or first.value - row.value <= hypot(first.high - first.value, row.high - row.value)]
    if len(rivals) == 1:
        return f"{first.path} decides most about {metric}."
    if len(rivals) > MANY:
        return f"No input stands out: {len(rivals)} of {len(ranking)} may decide most about {metric}."
    names = ", ".join(row.path for row in rivals[:-1])
    return f"{names} or {rivals[-1].path} decides most about {metric}: this study can't tell which."


def idle(metric: str, ranking: Sequence[Index]) -> str:
    """Return the inputs that move nothing at all: the same luck at every point makes their index exactly 0."""
    names = [row.path for row in ranking if row.value == 0]
    return f"Without any effect on {metric}: {', '.join(names)}." if names and len(names) < len(ranking) else ""


def luck(metric: str, one: Noise, method: str) -> str:
    """Return the share of noise, and what it does to the indices where it is large."""
    if isnan(one.left):
        return f"Luck in {metric}: not known."
    said = f"Luck is {share(one.single)} of the variance of single runs of {metric}, and {share(one.left)} of that between points on the same seeds."
    if one.left <= MUCH_LUCK:
        return said
    which = "total indices" if method == "sobol" else "mu_star and sigma"
    return f"{said} That is much: {which} are too large by about as much; take more replications or customers."


def both(metric: str, pair: "Together", unit: str) -> str:
    """Return whether what the strongest input does depends on the second."""
    amounts = f"by {number(pair.at_low, unit)} where {pair.other} is at its low end, by {number(pair.at_high, unit)} at its high end"
    apart = f"{number(pair.value, unit)} apart, {number(pair.low, unit)} to {number(pair.high, unit)}"
    verdict = "no interaction to be seen" if pair.low <= 0 <= pair.high else "they interact"
    return f"{pair.path} moves {metric} from end to end {amounts} ({apart}): {verdict}."


def share(value: float) -> str:
    """Return a share in percent."""
    return f"{100 * value:.1f} %" if value >= 0.0005 or value == 0 else "under 0.1 %"


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
        return "The inputs one by one explain all of its variance, as far as can be seen."
    return f"The inputs one by one explain {share(max(0.0, alone))} of its variance; the rest is in combinations."


def _table(found: "Sensitivity", metric: str) -> list[str]:
    unit, method = found.units[metric], found.asked.method
    first, second = {"sobol": ("total", "first"), "morris": ("mu_star", "sigma")}[method]
    ends = {(row.path, row.end): row.value for row in found.ends if row.metric == metric}
    other = {row.path: row.value for row in found.indices if row.metric == metric and row.quantity == second}
    cells = [("at low", "at high", f"{first}, 95 % interval", second)]
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
    return _index(row.value, method, unit) + (f" ({low} to {high})" if low != "-" else "")


def _index(value: float, method: str, unit: str) -> str:
    if isnan(value):
        return "-"
    return f"{value:.2f}" if method == "sobol" else number(value, unit)


def _reading(found: "Sensitivity") -> list[str]:
    world, asked = found.base, found.asked
    kinds = {
        "sobol": "total: share of the variance that would be left if all other inputs were known; first: share that this one alone explains.",
        "morris": "mu_star: mean change over the whole range, sign aside; sigma: how much that depends on the other inputs (or is no straight line).",
    }
    lines = [
        f"At low, at high: one input at an end of its range, all else as written. {kinds[asked.method]}",
        f"{len(found.played.tried):,} points, {asked.replications} replications each of {world.customers:,} customers until day {world.horizon:g}, "
        f"seed {world.seed}: the same luck at every point.",
    ]
    if found.played.changed:
        lines.append(
            f"{found.played.store.folder} was filled by another request ({', '.join(found.played.changed)} changed); points that are the same were kept."
        )
    return [line for one in lines for line in textwrap.wrap(one, COLUMNS)]


def _tail(path: str, columns: int) -> str:
    """Return a path within some columns, its end kept, which tells inputs apart."""
    return path if len(path) <= columns else f"...{path[3 - columns :]}"
