"""Two worlds side by side: every number before and after, with what is sure of the difference."""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from sim.language import current
from sim.metrics.map import GAVE_UP, cell
from sim.report.map import lanes
from sim.report.map.sheet import GAIN, LOSS, PLAIN, QUIET, Cell, Change, Column, Curve, Lane, Line, Sheet
from sim.report.words import brief, customers, inside, money, percent, rounded, spoken
from sim.studies.difference import Difference
from sim.studies.journey_map import FutureState, certain

CHANNELS = 3  # whose touches changed most, of each stage


class Way(NamedTuple):
    """How a number and a difference are said, and which way is better: 1 more, -1 less, 0 neither."""

    said: Callable[[float], str]
    better: int = 0
    gap: Callable[[float], str] | None = None


def sheet(found: FutureState) -> Sheet:
    """Return the two worlds' map, ready to draw."""
    rows = (_touchpoints(found), _emotion(found), _pains(found), _waiting(found), _time(found), _money(found))
    notes = (current().text("map.future.read"),)
    return Sheet("future_state", finding(found), _source(found), _columns(found), tuple(row for row in rows if row is not None), notes)


def finding(found: FutureState) -> str:
    """Return what comes of the scenario, in one sentence: what is sure of the profit."""
    profit, name = found.differences.get(("profit", "all", "all")), spoken(found.after.source.scenario)
    if profit is None:
        return name
    currency = found.before.terms.currency
    low, high = (profit.low, profit.high) if profit.high > 0 else (-profit.high, -profit.low)
    limits = current().range(money(rounded(low), ""), money(rounded(high), ""))
    key = "profit_unsure" if not certain(profit) else "profit_more" if profit.difference > 0 else "profit_less"
    what = current().text(f"map.future.{key}", money=money(rounded(abs(profit.difference)), currency), range=limits)
    return current().text("map.future.title", scenario=name, what=what)


def _source(found: FutureState) -> str:
    made = found.before.source
    return current().text(
        "map.future.source",
        after=spoken(found.after.source.scenario),
        before=inside(made.scenario),
        customers=customers(made.customers),
        days=current().number(made.horizon),
        seed=made.seed,
        runs=current().plural("numbers.runs", made.runs),
    )


def _columns(found: FutureState) -> tuple[Column, ...]:
    out = []
    for column, stage in zip(lanes.columns(found.before), found.before.stages, strict=True):
        came = found.at("visitors", stage)
        said = (f"{_count(came.baseline)} \u2192 {_count(came.value)}", _difference(came, _count)) if came else ()
        out.append(replace(column, lines=tuple(said)))
    return tuple(out)


def _touchpoints(found: FutureState) -> Lane:
    return _lane("touchpoints", [_touched(found, stage) for stage in found.before.stages])


def _touched(found: FutureState, stage: str) -> Cell:
    known = [(name, one) for name in found.before.terms.channels[1:] if (one := found.at("cell_touches", cell(stage, name), "cell")) is not None]
    moved = sorted((pair for pair in known if certain(pair[1])), key=lambda pair: -abs(pair[1].difference))[:CHANNELS]
    if not moved:
        return (Line(current().text("map.future.same"), QUIET),)
    return tuple(change(spoken(name), one, Way(_count)) for name, one in moved)


def _emotion(found: FutureState) -> Curve | None:
    one, two = lanes.emotion(found.before), lanes.emotion(found.after)
    if one is None or two is None:
        return None
    text = current().text
    keys = (text("map.future.after"), text("map.future.before"), f"{text('map.feel.half')}, {text('map.feel.most')}")
    said = [
        feeling._replace(said=f"{old.said} \u2192 {feeling.said}") if feeling is not None and old is not None else feeling
        for feeling, old in zip(two.feelings, one.feelings, strict=True)
    ]
    return Curve(one.name, one.hint, tuple(said), one.feelings, keys)


def _pains(found: FutureState) -> Lane:
    def lost(stage: str) -> Cell:
        left, gave_up = found.at("drop_off_rate", stage), found.at("pain_customers", cell(GAVE_UP, stage), "pain")
        known = [(left, Way(percent, -1, _points), "share"), (gave_up, Way(_count, -1), "gave_up")]
        return tuple(change(current().text(f"map.future.{key}"), one, way) for one, way, key in known if one is not None and (one.baseline or one.value))

    return _lane("pains", [lost(stage) for stage in found.before.stages])


def _waiting(found: FutureState) -> Lane | None:
    rows = [found.at("queue_wait", stage) for stage in found.before.stages]
    return _lane("waiting", [_lasted(one, -1) for one in rows]) if any(rows) else None


def _time(found: FutureState) -> Lane:
    return _lane("time", [_lasted(found.at("dwell_time", stage), 0) for stage in found.before.stages])


def _lasted(one: Difference | None, better: int) -> Cell:
    if one is None:
        return ()
    after = current().text("map.future.days", number=_two(one.value))
    return (change("", one, Way(_two, better))._replace(after=after),)


def _two(value: float) -> str:
    return current().significant(value, 2)


def _money(found: FutureState) -> Lane:
    def flows(stage: str) -> Cell:
        named = (("money_in", "came_in", 1), ("money_out", "went_out", -1))
        known = [(key, better, found.at(metric, stage)) for metric, key, better in named]
        return tuple(change(current().text(f"map.future.{key}"), one, Way(brief, better)) for key, better, one in known if one and (one.baseline or one.value))

    return _lane("money", [flows(stage) for stage in found.before.stages])


def change(name: str, one: Difference, way: Way) -> Change:
    """Return a number before and after; the difference is coloured where it is sure and one way is better."""
    tone = QUIET if not certain(one) else PLAIN if not way.better else GAIN if one.difference * way.better > 0 else LOSS
    return Change(name, way.said(one.baseline), way.said(one.value), _difference(one, way.gap or way.said), tone)


def _difference(one: Difference, said: Callable[[float], str]) -> str:
    if one.difference == 0 and one.low == one.high:
        return current().text("map.future.same")
    sign = "\u25b2" if one.difference > 0 else "\u25bc"
    low, high = (_signed(limit, said).removesuffix(_points_word()) for limit in (one.low, one.high))
    return f"{sign} {said(abs(one.difference))} ({current().text('map.future.range', low=low, high=high)})"


def _signed(value: float, said: Callable[[float], str]) -> str:
    text = said(value)
    return f"+{text}" if value > 0 and text != said(0.0) else text


def _count(value: float) -> str:
    return current().number(value, 0 if abs(value) >= 20 else 1)


def _points_word() -> str:
    return current().text("map.future.points", number="")


def _points(value: float) -> str:
    return current().text("map.future.points", number=current().number(100 * value, 1 if abs(value) > 0.001 else 2))


def _lane(key: str, cells: list[Cell]) -> Lane:
    return Lane(current().text(f"map.rows.{key}"), current().text(f"map.future.hints.{key}"), tuple(cells))


__all__ = ["change", "finding", "sheet"]
