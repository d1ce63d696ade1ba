"""What the study optimise says: sentences that are functions of numbers, and tables of at most 100 columns."""

import textwrap
from itertools import groupby
from typing import TYPE_CHECKING

from sim.language import current
from sim.studies.findings import clipped, number, played
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
        said.append(_text("too_dear", costs=costs, total=total))
    spent = sum(row.best * (row.wage or 1.0) for row in found.decided)
    if not stays and spent > found.space.total * 1.01:
        said.append(_text("dearer", share=current().number(100 * (spent / found.space.total - 1)), runs=found.options.replications))
    return said if stays else [*said, curse(found.gain, len(found.trials), unit)]


def sentence(gain: "Gain", matters: float, *, goal: str, unit: str, fresh: int, tried: int | None) -> str:
    """Return the verdict on the best split from its gain on fresh replications; ``tried``: None where the best split is today's."""
    if tried is None:
        return _text("today")
    found, limits = verdict(gain.low, gain.high, matters), current().range(money(gain.low, unit), money(gain.high, unit))
    keys = {Verdict.BETTER: "better", Verdict.WORSE: "worse", Verdict.SAME: "same", Verdict.UNDECIDED: "undecided"}
    known = {"goal": goal, "gain": money(gain.mean, unit), "range": limits, "matters": money(matters, unit)}
    return _text(keys[found], where=_text("fresh", runs=fresh), **known)


def curse(gain: "Gain", tried: int, unit: str) -> str:
    """Return the search's gain beside the fresh one, and what lies between them."""
    key = "unflattered" if gain.search <= gain.mean else "some" if gain.search <= gain.high else "curse"
    return _text("seen", search=money(gain.search, unit), fresh=money(gain.mean, unit), what=_text(key, tried=tried))


def _text(key: str, **values: object) -> str:
    return current().text(f"optimise.{key}", **values)


def split_table(found: "Optimum") -> list[str]:
    """Return every decision, today and best, and what to set for it."""
    head = SPLIT(*map(_text, ("month", "now", "best", "to_set")))
    lines = [head, "-" * 96]
    for row, to_set in zip(found.decided, _to_set(found), strict=True):
        lines.append(SPLIT(clipped(row.decision, 28), *(_level(row, value) for value in (row.today, row.best)), to_set).rstrip())
    spent = (found.space.total, *(sum(getattr(row, side) * (row.wage or 1.0) for row in found.decided) for side in ("today", "best")))
    unit = found.world.money.currency
    total = current().text("numbers.money", sign="", currency=unit, amount=current().number(spent[0]))
    lines.append(SPLIT(_text("together", total=total)[:28], *map(current().count, spent[1:]), "").rstrip())
    levels = (number(value, unit) for value in (found.gain.today, found.gain.best))
    return [*lines, SPLIT(found.options.goal, *levels, "").rstrip()]


def _level(row: "Decided", value: float) -> str:
    return _text("people", number=current().count(value)) if row.wage else current().number(value, 2 if value < 1000 else 0)


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
    lines = [CURVE(_text("changed"), _text("month"), found.options.goal, current().text("what_if.interval"), "").rstrip(), "-" * 97]
    for name, points in groupby(found.curves, key=lambda point: point.decision):
        lines += [CURVE(clipped(name, 28) if k == 0 else "", *_point(point)).rstrip() for k, point in enumerate(points)]
    return lines


def _point(point: "Point") -> tuple[str, str, str, str]:
    at = _text("people", number=current().count(point.at)) if point.kind == "desk" else current().number(point.at, 2 if point.at < 1000 else 0)
    note = _text("best") if point.is_best else "" if point.fits else _text("dear")
    return at, _signed(point.gain), current().range(_signed(point.low), _signed(point.high)), note


def _signed(value: float) -> str:
    return current().signs(f"{value:+,.0f}" if abs(value) >= 100 else f"{value:+,.2f}")


def reading(found: "Optimum") -> str:
    """Return what was played, and what the numbers are."""
    asked = found.options
    wages = _text("wages") if asked.goal == "value_365d" and found.space.desks else ""
    known = {"splits": len(found.trials), "runs": asked.replications, "fresh": asked.fresh, "currency": found.world.money.currency, "goal": asked.goal}
    return _text("reading", wages=wages, **known, **played(found.world))


def _wrapped(line: str) -> list[str]:
    return [line] if len(line) <= COLUMNS else textwrap.wrap(line, COLUMNS)
