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
from sim.language import current

WIDE = 100
LINE = "{:<24.24} {:>11} {:>11} {:>11} {:>20}  {}".format
FAR = 2.2  # half widths of the interval: about five standard errors, beyond which it is not chance
LEAST = 0.005  # of the figure: a smaller difference is none


def table(rows: Sequence[Row]) -> Iterator[str]:
    """Yield asked beside obtained, figure by figure."""
    head = LINE(*map(_text, ("figure", "asked", "exact", "simulated")), current().text("what_if.interval"), _text("source"))
    yield from (head, "-" * len(head))
    yield from (LINE(row.figure, *map(number, (row.asked, row.exact, row.simulated)), _interval(row), _source(row)) for row in _shown(rows))


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
            yield Row(_text("kinds", name=kind, number=len(some)), asked, exact, simulated, nan, nan, DEFAULT)
        else:
            yield from some


def number(value: float) -> str:
    """Return a number in a few digits, nothing where there is none."""
    if isnan(value):
        return ""
    if value == 0 or abs(value) >= 1e4:
        return current().number(value)
    return current().number(value) if value == round(value) and abs(value) >= 10 else current().signs(f"{float(f'{value:.4g}'):,.10g}")


def _interval(row: Row) -> str:
    low, high = number(row.low), number(row.high)
    return "" if low == high else current().range(low, high)


def _source(row: Row) -> str:
    return _text(row.source.split()[0])


def _text(key: str, **values: object) -> str:
    return current().text(f"from_funnel.{key}", **values)


def _about(company: Company, usual: Usual, queue: Queue | None, runs: str) -> Iterator[str]:
    yield _text("about", runs=runs, followed=_followed(queue))
    if queue is None:
        return
    found = funnel(company, usual, queue.gave_up)
    busy = company.funnel[2] * company.hours / (company.reps * WORKING_HOURS)
    say = current()
    yield _text("reps", reps=company.reps, hours=say.count(WORKING_HOURS), busy=say.share(busy, 0))
    gone = queue.gave_up * found.occasions[2] * found.rounds
    if gone > 0:
        yield _text("patience", gone=say.share(gone, 0), days=say.exactly(queue.waited, 2))


def _followed(queue: Queue | None) -> str:
    if queue is None:
        return _text("decided")
    return _text("queueing")


def _misses(rows: Sequence[Row]) -> Iterator[str]:
    known = [row for row in rows if not isnan(row.low)]
    missed = [row for row in known if abs(row.simulated - row.asked) > max(FAR * (row.high - row.low) / 2, LEAST * row.asked)]
    if missed:
        said = (_text("instead", figure=row.figure, simulated=number(row.simulated), asked=number(row.asked)) for row in missed)
        yield _text("missed", what="; ".join(said))
    else:
        yield _text("all_right")


def _money(company: Company) -> Iterator[str]:
    spend, wages = sum(company.spend.values()), 12 * company.reps * company.wage
    leads, wins = company.funnel[1], company.funnel[3]
    cost = (spend + wages) / wins
    year = company.order_value * company.margin * (1 + company.orders * (1 - exp(-365 * company.churn)) / company.churn)
    currency = company.currency
    people = _text("wages", money=number(wages)) if wages else ""
    known = {"spend": number(spend), "lead": number(spend / leads), "win": number(cost), "year": number(year)}
    yield _text("money", currency=currency, people=people, **known)


def _unknown(company: Company, usual: Usual, rows: Sequence[Row]) -> Iterator[str]:
    filled = sum(row.source == DEFAULT for row in rows)
    given = sum(row.source == YOURS for row in rows)
    yield _text("unknown", given=given, market=usual.market, filled=filled)
    silent = [name for name in company.spend if name not in usual.channels]
    yield _text("odds", silent=_text("silent", names=", ".join(silent)) if silent else "")
