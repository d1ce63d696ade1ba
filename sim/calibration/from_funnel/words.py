"""Asked beside obtained, in words and within 100 columns."""

import textwrap
from collections.abc import Iterator, Sequence
from math import exp, isnan

from sim.calibration.from_funnel.complete import DEFAULT, YOURS, Company
from sim.calibration.from_funnel.contradictions import WORKING_HOURS
from sim.calibration.from_funnel.obtain import Row
from sim.calibration.from_funnel.usual import Usual
from sim.model.world import World

WIDE = 100
LINE = "{:<30.30} {:>11} {:>11} {:>11} {:>20}  {}".format
FAR = 1.5  # of the interval's half width: beyond, chance is no good excuse
LEAST = 0.005  # of the figure: a smaller difference is none


def table(company: Company, usual: Usual, world: World, rows: Sequence[Row], replications: int) -> Iterator[str]:
    """Yield the table, what follows from the figures, and what they can't say."""
    head = LINE("figure", "asked", "exact", "simulated", "95 % interval", "source")
    yield from (head, "-" * len(head))
    yield from (LINE(row.figure, *map(number, (row.asked, row.exact, row.simulated)), _interval(row), row.source) for row in rows)
    yield ""
    for note in (*_about(company, world, replications), *_misses(rows), *_money(company), *_unknown(company, usual, rows)):
        yield from textwrap.wrap(note, WIDE)


def number(value: float) -> str:
    """Return a number in a few digits, nothing where there is none."""
    if isnan(value):
        return ""
    if value == 0 or abs(value) >= 1e4:
        return f"{value:,.0f}"
    return f"{value:,.0f}" if value == round(value) and abs(value) >= 10 else f"{float(f'{value:.4g}'):,.10g}"


def _interval(row: Row) -> str:
    return "" if isnan(row.low) or row.low == row.high else f"{number(row.low)} to {number(row.high)}"


def _about(company: Company, world: World, replications: int) -> Iterator[str]:
    queue = ", with the reps' queue, which the exact solver leaves out" if world.desks else ""
    yield (
        f"exact: what one year's visitors come to in the end. simulated: those of the first of {world.horizon / 365:g} years, "
        f"followed to day {world.horizon:g}{queue}; {replications} replications."
    )
    if company.reps:
        busy = company.funnel[2] * company.hours / (company.reps * WORKING_HOURS)
        yield f"Reps: {company.reps} of {WORKING_HOURS:,.0f} hours a year (assumed), busy {busy:.0%} with opportunities."


def _misses(rows: Sequence[Row]) -> Iterator[str]:
    known = [row for row in rows if not isnan(row.low)]
    missed = [row for row in known if abs(row.simulated - row.asked) > max(FAR * (row.high - row.low) / 2, LEAST * row.asked)]
    if missed:
        said = "; ".join(f"{row.figure} {number(row.simulated)} for {number(row.asked)}" for row in missed)
        yield f"Not as asked when simulated: {said}."
    else:
        yield "Simulated, every figure comes back as asked, to chance."


def _money(company: Company) -> Iterator[str]:
    spend, wages = sum(company.spend.values()), 12 * company.reps * company.wage
    leads, wins = company.funnel[1], company.funnel[3]
    cost = (spend + wages) / wins
    year = company.order_value * company.margin * (1 + company.orders * (1 - exp(-365 * company.churn)) / company.churn)
    currency = company.currency
    people = f" and {number(wages)} of wages" if wages else ""
    yield (
        f"What follows: {number(spend)} {currency} of spend{people} a year are {number(spend / leads)} {currency} a lead and {number(cost)} {currency} "
        f"a win; a customer leaves {number(year)} {currency} of contribution in the first year."
    )


def _unknown(company: Company, usual: Usual, rows: Sequence[Row]) -> Iterator[str]:
    filled = sum(row.source == DEFAULT for row in rows)
    given = sum(row.source == YOURS for row in rows)
    yield f"{given} figures are yours, {filled} come from the default world ({usual.market}): replace those you can."
    silent = [name for name in company.spend if name not in usual.channels]
    yield (
        "What a channel moves can't be seen in such figures: odds are the default world's"
        + (f", and 1 for {', '.join(silent)}, so that dropping it saves money and loses nobody until you give it odds" if silent else "")
        + ". Test before you decide on a channel."
    )
