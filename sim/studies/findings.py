"""What a what-if found, in words and one table of at most 100 columns."""

import textwrap
from math import isnan
from typing import TYPE_CHECKING

from sim.studies.difference import COMPARED, DESCRIBES, OTHERS, Difference
from sim.studies.ranges import Assumed
from sim.studies.twins import Twins
from sim.studies.verdict import disagreement, money, sentence

if TYPE_CHECKING:
    from sim.studies.what_if import WhatIf

COLUMNS = 100
LINE = "{:<24} {:>14} {:>14} {:>14} {:>28}".format


def text(found: "WhatIf") -> str:
    """Return verdicts, the table of differences by scenario, and how to read it."""
    parts = [verdicts(found), *(_table(found, name) for name in list(found.worlds)[1:]), _reading(found)]
    return "\n\n".join("\n".join(part) for part in parts if part)


def verdicts(found: "WhatIf") -> list[str]:
    """Return the sentences that matter most, wrapped."""
    said = []
    for name in list(found.worlds)[1:]:
        rows = found.whole(name)
        said.append(sentence(found.deciding(name), found.matters, found.most, assumed=bool(found.assumed)))
        said += [line for one in found.assumed if one.scenario == name for line in _assumptions(one, rows["profit"].unit)]
        said.append(disagreement(rows["profit"], rows.get("value_365d")))
        said.append("" if found.assumed else _chances(rows["profit"]))
        said.append(_moved(found.twins.get(name)))
    said.append(_choice(found))
    return [line for one in said if one for line in textwrap.wrap(one, COLUMNS)]


def _chances(row: Difference) -> str:
    if isnan(row.p_better):
        return "  Both worlds make the same profit in every replication."
    seeds = f"{row.flips:.0f} of {row.n} seeds alone would point the other way (95 % interval {_percent(row.flips_low)} to {_percent(row.flips_high)})"
    return f"  Chance that profit is higher: {_chance(row.p_better)}; money at risk if it is chosen: {money(row.money_at_risk, row.unit)}; {seeds}."


def _assumptions(one: Assumed, unit: str) -> list[str]:
    """Return how the interval splits into luck and assumptions, and the inputs that could turn the decision."""
    size = f"{one.draws} draws, {one.each} replications each; a straight line through the inputs explains {_percent(one.explained)}"
    lines = [f"  Of the interval, luck is +-{money(one.luck, unit)} and the assumptions +-{money(one.assumptions, unit)} ({size})."]
    for turn in one.turns:
        played = f"played there: {money(turn.difference_low, unit)} to {money(turn.difference_high, unit)}"
        kind = "confirmed" if turn.is_confirmed else "not confirmed: the effect is no straight line"
        lines.append(f"  It turns at {turn.path} = {turn.break_even:.4g}, in {turn.low:g} to {turn.high:g} ({played}, {kind}).")
    return lines if one.turns else [*lines, "  No input alone was seen to turn the decision within its range."]


def _moved(pair: Twins | None) -> str:
    if pair is None:
        return ""
    with_, without = (_percent(count / pair.size) for count in (pair.only_with, pair.only_without))
    return f"  {with_} of customers convert only with it, {without} only without it (one possible twin of each)."


def _choice(found: "WhatIf") -> str:
    if found.choice is None:
        return ""
    names, matters = list(found.worlds), money(found.matters, found.baseline.money.currency)
    if found.choice.best is None:
        alive = ", ".join(name for name, out in zip(names, found.choice.left_out, strict=True) if not out)
        return f"The most profit: undecided after {found.runs} replications; still in the race: {alive}."
    best = names[found.choice.best]
    return f"The most profit: {best}, or less than {matters} from it (Kim and Nelson's selection, right in 95 % of studies; {found.choice.runs} replications)."


def _chance(share: float) -> str:
    return "over 99.9 %" if share > 0.999 else "under 0.1 %" if share < 0.001 else _percent(share)


def _table(found: "WhatIf", scenario: str) -> list[str]:
    rows = found.whole(scenario)
    head = LINE(clipped(scenario, 24), "baseline", "scenario", "difference", "95 % interval")
    return [head, "-" * len(head), *(_row(rows[name]) for name in COMPARED if name in rows)]


def _row(row: Difference) -> str:
    name = f"{row.metric}{' (describes)' if row.metric in DESCRIBES else ''}"
    return LINE(name, *(number(x, row.unit) for x in (row.baseline, row.value, row.difference)), f"{number(row.low, row.unit)} to {number(row.high, row.unit)}")


def _reading(found: "WhatIf") -> list[str]:
    world = found.baseline
    lines = [
        f"{found.precise} replications of {world.customers:,} customers until day {world.horizon:g}, seed {world.seed}, the same luck in every scenario; "
        f"money in {world.money.currency}. Profit and value_365d decide; a difference in profit matters from {money(found.matters, world.money.currency)} on.",
        f"A difference in clv: {OTHERS}. Intervals take replication means as normal.",
    ]
    return [line for one in lines for line in textwrap.wrap(one, COLUMNS)]


def number(value: float, unit: str) -> str:
    """Return a number of a table: shares in percent, money with as many digits as help."""
    if isnan(value):
        return "-"
    if unit in ("share", "per month"):
        return f"{100 * value:.3f} %"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.2f}"


def clipped(name: str, columns: int) -> str:
    """Return a name within some columns."""
    return name if len(name) <= columns else f"{name[: columns - 3]}..."


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
