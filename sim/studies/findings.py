"""What a what-if found, in words and one table of at most 100 columns."""

import textwrap
from math import isnan
from typing import TYPE_CHECKING

from sim.language import current
from sim.model.world import World
from sim.studies.difference import COMPARED, DESCRIBES, Difference
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
        return _indented("equal")
    say = current()
    seeds = {"flips": say.count(row.flips), "runs": row.n, "range": say.range(say.share(row.flips_low), say.share(row.flips_high))}
    return _indented("chance", chance=_chance(row.p_better), money=money(row.money_at_risk, row.unit), **seeds)


def _assumptions(one: Assumed, unit: str) -> list[str]:
    """Return how the interval splits into luck and assumptions, and the inputs that could turn the decision."""
    say, size = current(), {"draws": one.draws, "each": one.each, "explained": current().share(one.explained)}
    lines = [_indented("luck", luck=money(one.luck, unit), assumptions=money(one.assumptions, unit), **size)]
    for turn in one.turns:
        played = say.range(money(turn.difference_low, unit), money(turn.difference_high, unit))
        kind = say.text("what_if.confirmed" if turn.is_confirmed else "what_if.unconfirmed")
        within = say.range(say.exactly(turn.low, 6), say.exactly(turn.high, 6))
        lines.append(_indented("turns", path=turn.path, at=say.exactly(turn.break_even), range=within, played=played, kind=kind))
    return lines if one.turns else [*lines, _indented("no_turn")]


def _moved(pair: Twins | None) -> str:
    if pair is None:
        return ""
    with_, without = (current().share(count / pair.size) for count in (pair.only_with, pair.only_without))
    return _indented("moved", more=with_, less=without)


def _choice(found: "WhatIf") -> str:
    if found.choice is None:
        return ""
    names, matters = list(found.worlds), money(found.matters, found.baseline.money.currency)
    if found.choice.best is None:
        alive = ", ".join(name for name, out in zip(names, found.choice.left_out, strict=True) if not out)
        return current().text("what_if.open", runs=found.runs, names=alive)
    best = names[found.choice.best]
    return current().text("what_if.best", name=best, matters=matters, runs=found.choice.runs)


def _chance(share: float) -> str:
    say = current()
    if share > 0.999:
        return say.text("numbers.parts.over", number=say.share(0.999))
    return say.text("numbers.parts.under", number=say.share(0.001)) if share < 0.001 else say.share(share)


def _table(found: "WhatIf", scenario: str) -> list[str]:
    rows = found.whole(scenario)
    head = LINE(clipped(scenario, 24), *(current().text(f"what_if.{name}") for name in ("baseline", "scenario", "difference", "interval")))
    return [head, "-" * len(head), *(_row(rows[name]) for name in COMPARED if name in rows)]


def _row(row: Difference) -> str:
    name = current().text("what_if.describes", metric=row.metric) if row.metric in DESCRIBES else row.metric
    limits = current().range(number(row.low, row.unit), number(row.high, row.unit))
    return LINE(name, *(number(x, row.unit) for x in (row.baseline, row.value, row.difference)), limits)


def _reading(found: "WhatIf") -> list[str]:
    world, unit = found.baseline, found.baseline.money.currency
    known = {"runs": found.precise, **played(world), "currency": unit, "matters": money(found.matters, unit)}
    lines = [current().text("what_if.reading", **known), current().text("what_if.others")]
    return [line for one in lines for line in textwrap.wrap(one, COLUMNS)]


def number(value: float, unit: str) -> str:
    """Return a number of a table: shares in percent, money with as many digits as help."""
    if isnan(value):
        return "-"
    if unit in ("share", "per month"):
        return current().share(value, 3)
    return current().number(value, 0 if abs(value) >= 1000 else 2)


def played(world: World) -> dict[str, object]:
    """Return what texts say of what was played: customers, last day, seed."""
    return {"customers": current().count(world.customers), "day": current().exactly(world.horizon, 6), "seed": world.seed}


def clipped(name: str, columns: int) -> str:
    """Return a name within some columns."""
    return name if len(name) <= columns else f"{name[: columns - 3]}..."


def _indented(key: str, **values: object) -> str:
    return f"  {current().text(f'what_if.{key}', **values)}"
