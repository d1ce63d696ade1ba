"""Asked beside obtained, in words and within 100 columns."""

import textwrap
from collections.abc import Iterator, Sequence
from math import exp, isnan, nan

from sim.calibration.from_funnel.complete import DEFAULT, YOURS, Company
from sim.calibration.from_funnel.contradictions import WORKING_HOURS
from sim.calibration.from_funnel.figures import BY_NAME, MAPPINGS
from sim.calibration.from_funnel.obtain import Row
from sim.calibration.from_funnel.solve import Queue, funnel
from sim.calibration.from_funnel.usual import Usual

WIDE = 100
LINE = "{:<24.24} {:>11} {:>11} {:>11} {:>20}  {}".format
FAR = 2.2  # half widths of the interval: about five standard errors, beyond which it is not chance
LEAST = 0.005  # of the figure: a smaller difference is none


def table(rows: Sequence[Row]) -> Iterator[str]:
    """Yield asked beside obtained, figure by figure."""
    head = LINE("figure", "asked", "exact", "simulated", "95 % interval", "source")
    yield from (head, "-" * len(head))
    yield from (LINE(row.figure, *map(number, (row.asked, row.exact, row.simulated)), _interval(row), row.source) for row in _shown(rows))


def notes(company: Company, usual: Usual, queue: Queue | None, rows: Sequence[Row], runs: str) -> Iterator[str]:
    """Yield how the columns came about, what follows from the figures, and what they can't say."""
    for note in (*_about(company, usual, queue, runs), *_misses(rows), *_money(company), *_unknown(company, usual, rows)):
        yield from textwrap.wrap(note, WIDE)


def _shown(rows: Sequence[Row]) -> Iterator[Row]:
    """Yield the rows; of visits and spend that are all the default world's only the sum (the table on disk has each)."""
    for kind in ("", *MAPPINGS):
        some = [row for row in rows if row.figure.partition(".")[0] in ((kind,) if kind else BY_NAME)]
        if some and kind and all(row.source == DEFAULT for row in some):
            asked, exact, simulated = (sum(column) for column in zip(*((row.asked, row.exact, row.simulated) for row in some), strict=True))
            yield Row(f"{kind}, {len(some)} kinds", asked, exact, simulated, nan, nan, DEFAULT)
        else:
            yield from some


def number(value: float) -> str:
    """Return a number in a few digits, nothing where there is none."""
    if isnan(value):
        return ""
    if value == 0 or abs(value) >= 1e4:
        return f"{value:,.0f}"
    return f"{value:,.0f}" if value == round(value) and abs(value) >= 10 else f"{float(f'{value:.4g}'):,.10g}"


def _interval(row: Row) -> str:
    low, high = number(row.low), number(row.high)
    return "" if low == high else f"{low} to {high}"


def _about(company: Company, usual: Usual, queue: Queue | None, runs: str) -> Iterator[str]:
    yield f"Exact: what one year's visitors come to in the end. Simulated: {runs}, {_followed(queue)}."
    if queue is None:
        return
    found = funnel(company, usual, queue.gave_up)
    busy = company.funnel[2] * company.hours / (company.reps * WORKING_HOURS)
    yield f"Reps: {company.reps} who each work {WORKING_HOURS:,.0f} hours a year (assumed), {busy:.0%} of them on opportunities."
    gone = queue.gave_up * found.occasions[2] * found.rounds
    if gone > 0:
        yield (
            f"By the default world's patience {gone:.0%} of all opportunities, part of those that you lose, are lost by waiting {queue.waited:.2g} days "
            "for a rep, contact by contact: what more reps would save. If you know better, change desks.reps.patience."
        )


def _followed(queue: Queue | None) -> str:
    if queue is None:
        return "followed until nearly all have decided"
    return "what the second year's come to with the reps' queue, which the exact solver leaves out"


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
    yield f"Yours: {given} of the figures. From the default world ({usual.market}): {filled}; replace those you can."
    silent = [name for name in company.spend if name not in usual.channels]
    yield (
        "What a channel moves can't be seen in such figures: odds are the default world's"
        + (f", and 1 for {', '.join(silent)}, so that dropping it saves money and loses nobody until you give it odds" if silent else "")
        + ". Test before you decide on a channel."
    )
