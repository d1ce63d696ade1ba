"""Verdicts: sentences that are functions of numbers, drawn once, when the replications have been played."""

from enum import Enum

from sim.language import current
from sim.studies.difference import Difference


class Verdict(Enum):
    """What the interval of a difference in profit says of a scenario."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "no difference that matters"
    UNDECIDED = "undecided"


def verdict(low: float, high: float, matters: float) -> Verdict:
    """Return what an interval says: nothing in it matters; all of it on one side of 0; or neither.

    An interval within ± ``matters`` shows that no difference matters, even where it excludes 0.
    """
    if -matters <= low and high <= matters:
        return Verdict.SAME
    if low > 0:
        return Verdict.BETTER
    return Verdict.WORSE if high < 0 else Verdict.UNDECIDED


def sentence(row: Difference, matters: float, most: int, *, assumed: bool = False) -> str:
    """Return the verdict on a scenario from its difference in profit; ``assumed``: some of the world's numbers are ranges."""
    found, say, unit = verdict(row.low, row.high, matters), current(), row.unit
    size = f"{money(abs(row.difference), unit)} ({_limits(row, found)})"
    why = say.text("verdict.assumptions") if assumed else _why(row, matters, most)
    change = say.range(money(row.low, unit), money(row.high, unit))
    said = say.text(f"verdict.{_KEYS[found]}", name=row.scenario, size=size, range=change, matters=money(matters, unit), why=why)
    return f"{said}{say.text('verdict.hold') if assumed else ''}."


def headline(row: Difference, matters: float) -> str:
    """Return the verdict on a scenario in few words, for titles."""
    found = verdict(row.low, row.high, matters)
    return current().text(f"verdict.head.{_KEYS[found]}", name=_named(row.scenario), money=money(abs(row.difference), row.unit))


def _named(scenario: str) -> str:
    name = scenario.replace("_", " ")
    return current().name(scenario) or name[:1].upper() + name[1:]


def disagreement(profit: Difference, value: Difference | None) -> str:
    """Return the warning that the two numbers which decide point different ways, or nothing."""
    if value is None or not (profit.low > 0 > value.high or profit.high < 0 < value.low):
        return ""
    more, less = ("profit", "value_365d") if profit.low > 0 else ("value_365d", "profit")
    return current().text("verdict.disagree", name=profit.scenario, more=more, less=less)


def money(value: float, unit: str) -> str:
    """Return an amount for people."""
    digits = 0 if abs(value) >= 100 else 2
    say = current()
    sign = say.text("numbers.minus") if round(value, digits) < 0 else ""
    return say.text("numbers.money", sign=sign, currency=unit, amount=say.number(abs(value), digits))


def _limits(row: Difference, found: Verdict) -> str:
    low, high = (row.low, row.high) if found is Verdict.BETTER else (-row.high, -row.low)
    return current().text("verdict.interval", range=current().range(money(low, row.unit), money(high, row.unit)))


def _why(row: Difference, matters: float, most: int) -> str:
    if row.half > matters and row.n >= most:
        return current().text("verdict.few", runs=row.n, matters=money(matters, row.unit))
    return current().text("verdict.both")


_KEYS = {Verdict.BETTER: "better", Verdict.WORSE: "worse", Verdict.SAME: "same", Verdict.UNDECIDED: "undecided"}
