"""Verdicts: sentences that are functions of numbers, drawn once, when the replications have been played."""

from enum import Enum

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
    found = verdict(row.low, row.high, matters)
    unit, name = row.unit, row.scenario
    size = f"{money(abs(row.difference), unit)} ({_limits(row, found)})"
    said = {
        Verdict.BETTER: f"{name} is better: profit is higher by {size}",
        Verdict.WORSE: f"{name} is worse: profit is lower by {size}",
        Verdict.SAME: f"{name} makes no difference that matters: profit changes by {money(row.low, unit)} to {money(row.high, unit)}, "
        f"less than {money(matters, unit)} either way",
        Verdict.UNDECIDED: f"{name} is undecided: profit changes by {money(row.low, unit)} to {money(row.high, unit)}; "
        f"{'luck and assumptions leave both possible' if assumed else _why(row, matters, most)}",
    }[found]
    return f"{said}{', if these assumptions hold' if assumed else ''}."


def headline(row: Difference, matters: float) -> str:
    """Return the verdict on a scenario in few words, for titles."""
    found = verdict(row.low, row.high, matters)
    size = f" by {money(abs(row.difference), row.unit)}" if found in (Verdict.BETTER, Verdict.WORSE) else ""
    return f"{row.scenario.replace('_', ' ')}: {found.value}{size}"


def disagreement(profit: Difference, value: Difference | None) -> str:
    """Return the warning that the two numbers which decide point different ways, or nothing."""
    if value is None or not (profit.low > 0 > value.high or profit.high < 0 < value.low):
        return ""
    more, less = ("profit", "value_365d") if profit.low > 0 else ("value_365d", "profit")
    return f"{profit.scenario}: {more} rises and {less} falls; fixed costs, or what comes after the first year, make the difference."


def money(value: float, unit: str) -> str:
    """Return an amount for people."""
    digits = 0 if abs(value) >= 100 else 2
    return f"{'-' if round(value, digits) < 0 else ''}{unit} {abs(value):,.{digits}f}"


def _limits(row: Difference, found: Verdict) -> str:
    low, high = (row.low, row.high) if found is Verdict.BETTER else (-row.high, -row.low)
    return f"95 % interval {money(low, row.unit)} to {money(high, row.unit)}"


def _why(row: Difference, matters: float, most: int) -> str:
    if row.half > matters and row.n >= most:
        return f"{row.n} replications are the maximum (study.max) and were too few for {money(matters, row.unit)} either way"
    return "it is known to what matters, and both 0 and more than that are possible (a smaller study.matters would tell)"
