"""What the study optimise says: sentences that are functions of numbers, and tables of at most 100 columns."""

import textwrap
from itertools import groupby
from typing import TYPE_CHECKING

from sim.studies.findings import clipped, number
from sim.studies.verdict import Verdict, money, verdict

if TYPE_CHECKING:
    from sim.studies.optimise import Decided, Gain, Optimum, Point

COLUMNS = 100
SPLIT = "{:<28} {:>16} {:>16}  {}".format
CURVE = "{:<28} {:>16} {:>14} {:>26}  {}".format


def report(found: "Optimum") -> str:
    """Return the whole report."""
    parts = [verdicts(found), split_table(found), curve_table(found), [reading(found)]]
    return "\n\n".join("\n".join(line for long in part for line in _wrapped(long)) for part in parts if part)


def verdicts(found: "Optimum") -> list[str]:
    """Return the sentences that matter most."""
    unit, goal, fresh = found.world.money.currency, found.options.goal, found.options.fresh
    stays, within = found.best == found.space.today, found.space.allows(found.trials[0].spent)
    said = [sentence(found.gain, found.matters, goal=goal, unit=unit, fresh=fresh, tried=None if stays else len(found.trials))]
    if not within:
        costs, total = (money(value, unit) for value in (found.trials[0].spent, found.space.total))
        said.append(f"Today's split costs {costs} a month, more than the total of {total}: it can't stay, whatever it earns.")
    spent = sum(row.best * (row.wage or 1.0) for row in found.decided)
    if not stays and spent > found.space.total * 1.01:
        more = f"On fresh replications the best split costs {100 * (spent / found.space.total - 1):.0f} % more than the total"
        said.append(f"{more}: the {found.options.replications} of the search, on which it was held to the total, were cheaper.")
    return said if stays else [*said, curse(found.gain, len(found.trials), unit)]


def sentence(gain: "Gain", matters: float, *, goal: str, unit: str, fresh: int, tried: int | None) -> str:
    """Return the verdict on the best split from its gain on fresh replications; ``tried``: None where the best split is today's."""
    if tried is None:
        return "No split that was tried did better than today's: today's split is not shown to be worse than any."
    found, limits = verdict(gain.low, gain.high, matters), f"{money(gain.low, unit)} to {money(gain.high, unit)}"
    where = f"on {fresh} fresh replications"
    return {
        Verdict.BETTER: f"Another split is better than today's: {goal} is higher by {money(gain.mean, unit)} (95 % interval {limits}) {where}.",
        Verdict.WORSE: f"Today's split is not shown to be worse: the one that did best in the search is worse, {goal} changes by {limits} {where}.",
        Verdict.SAME: f"Today's split is as good as the best one found: {goal} changes by {limits} {where}, less than {money(matters, unit)} either way.",
        Verdict.UNDECIDED: f"Today's split is not shown to be worse: the best one found changes {goal} by {limits} {where}; more (study.fresh) may tell.",
    }[found]


def curse(gain: "Gain", tried: int, unit: str) -> str:
    """Return the search's gain beside the fresh one, and what lies between them."""
    both = f"The search saw a gain of {money(gain.search, unit)}, fresh replications {money(gain.mean, unit)}"
    if gain.search <= gain.mean:
        return f"{both}: choosing the best of {tried} trials has not flattered it."
    if gain.search <= gain.high:
        return f"{both}: some flattery from choosing the best of {tried} trials (winner's curse), within the interval."
    return f"{both}: the difference is the winner's curse, the luck of the best of {tried} trials. Expect the fresh one."


def split_table(found: "Optimum") -> list[str]:
    """Return every decision, today and best, and what to set for it."""
    head = SPLIT("a month", "today", "best", "to set")
    lines = [head, "-" * 96]
    for row, to_set in zip(found.decided, _to_set(found), strict=True):
        lines.append(SPLIT(clipped(row.decision, 28), *(_level(row, value) for value in (row.today, row.best)), to_set).rstrip())
    spent = (found.space.total, *(sum(getattr(row, side) * (row.wage or 1.0) for row in found.decided) for side in ("today", "best")))
    unit = found.world.money.currency
    lines.append(SPLIT(f"together, of {unit} {spent[0]:,.0f}"[:28], *(f"{value:,.0f}" for value in spent[1:]), "").rstrip())
    levels = (number(value, unit) for value in (found.gain.today, found.gain.best))
    return [*lines, SPLIT(found.options.goal, *levels, "").rstrip()]


def _level(row: "Decided", value: float) -> str:
    return f"{value:,.0f} people" if row.wage else f"{value:,.2f}" if value < 1000 else f"{value:,.0f}"


def _to_set(found: "Optimum") -> list[str]:
    """Return by decision what changes in the configuration."""
    out = []
    for name, factor in zip(found.space.channels, found.best.factors, strict=True):
        capped = " and budget" if found.world.channels[name].budget else ""
        out.append("" if factor == 1 else f"intensity{capped} x {factor:.4g}")
    return out + ["" if now == then else f"people: {then}" for now, then in zip(found.space.people, found.best.people, strict=True)]


def curve_table(found: "Optimum") -> list[str]:
    """Return one decision changed at a time, with the gain on today's split."""
    if not found.curves:
        return []
    lines = [CURVE("one changed, others as best", "a month", f"{found.options.goal}", "95 % interval", "").rstrip(), "-" * 97]
    for name, points in groupby(found.curves, key=lambda point: point.decision):
        lines += [CURVE(clipped(name, 28) if k == 0 else "", *_point(point)).rstrip() for k, point in enumerate(points)]
    return lines


def _point(point: "Point") -> tuple[str, str, str, str]:
    at = f"{point.at:,.0f} people" if point.kind == "desk" else f"{point.at:,.2f}" if point.at < 1000 else f"{point.at:,.0f}"
    note = "best" if point.is_best else "" if point.fits else "too dear"
    return at, f"{_signed(point.gain)}", f"{_signed(point.low)} to {_signed(point.high)}", note


def _signed(value: float) -> str:
    return f"{value:+,.0f}" if abs(value) >= 100 else f"{value:+,.2f}"


def reading(found: "Optimum") -> str:
    """Return what was played, and what the numbers are."""
    world, asked = found.world, found.options
    wages = " Wages are no part of value_365d: they count against the total alone." if asked.goal == "value_365d" and found.space.desks else ""
    return (
        f"{len(found.trials)} splits on {asked.replications} replications of {world.customers:,} customers until day {world.horizon:g}, seed {world.seed}; "
        f"the best and the curves on {asked.fresh} others, every split with the same luck. Money in {world.money.currency}, as really spent; curves "
        f"show {asked.goal} less that of today's split. Channels' monthly fees are not decided.{wages}"
    )


def _wrapped(line: str) -> list[str]:
    return [line] if len(line) <= COLUMNS else textwrap.wrap(line, COLUMNS)
