"""From figures to a world: closed formulas for the journey's rows and gaps, one root for what channels do.

Stages: visitor, lead, opportunity (which may cool down to a lead again), customer. With every gap exponential
the rates of ordering and leaving are exact at any age, and `sim.model.exact` solves the world without a lattice.
"""

from dataclasses import dataclass
from math import ceil, isclose
from typing import Any

from sim.calibration.from_funnel.complete import YEAR, Company
from sim.calibration.from_funnel.contradictions import WORKING_HOURS
from sim.calibration.from_funnel.usual import Usual
from sim.errors import ConfigError, Problem

VISITOR, LEAD, OPPORTUNITY, CUSTOMER, LOST, CHURNED = "visitor", "lead", "opportunity", "customer", "lost", "churned"
DESK, PERSONA = "reps", "everyone"
LONGEST_GAP = YEAR / 12  # of a customer: that of a monthly fee
BACK = 0.9  # of the most that cooling down could be, so that some opportunities are lost at once
SHORTEST = 0.05  # of a gap is left where the queue alone takes longer than the figures allow
CYCLES = 5  # followed: under 1 in 100 take longer than five times the mean of all stages together
MANY = 200_000  # customers from which on their events are not kept
MOST = 50_000_000  # customers of a world
Row = dict[str, float]


@dataclass(frozen=True)
class Queue:
    """What waiting for reps does: the share of occasions that are given up, and the mean wait in days."""

    gave_up: float = 0.0
    waited: float = 0.0


@dataclass(frozen=True)
class Funnel:
    """The chances and times behind a company's figures: of an exit from each stage, occasions an entry, days a gap."""

    to_lead: float
    to_opportunity: float
    to_win: float
    back: float
    occasions: tuple[float, float, float]
    gaps: tuple[float, float, float]

    @property
    def rounds(self) -> float:
        """How often who becomes an opportunity is one: cooling down and coming back is a geometric number of rounds."""
        return 1 / (1 - self.back * self.to_opportunity)


def funnel(company: Company, usual: Usual, gave_up: float = 0.0) -> Funnel:
    """Return the chances and times at which one year's visitors come to the company's figures, with room for so many who give up at an occasion.

    An opportunity is won, cools down to a lead (b) or is lost; of leads a share f becomes an opportunity (again). Who is an opportunity wins
    with p + b f (p + b f (...)) = p / (1 - b f); the days from lead to win are those of both stages times 1 / (1 - b f), as rounds
    and exits are independent (Kemeny and Snell 1960, chapter 3).
    """
    visitors, leads, deals, wins = company.funnel
    f, won = deals / leads, wins / deals
    occasions = (sum(company.visits.values()) / visitors, usual.occasions[1], usual.occasions[2])
    lost = max((1 - BACK) * (1 - won), occasions[2] * gave_up / BACK)  # at least, of those who leave opportunity
    back = max(0.0, min(usual.back, (1 - won - lost) / (1 - won * f))) if won < 1 else 0.0
    rounds = 1 / (1 - back * f)
    days = rounds * sum(n * gap for n, gap in zip(occasions[1:], usual.gaps[1:], strict=True))
    scale = company.cycle / days
    return Funnel(leads / visitors, f, won / rounds, back, occasions, (usual.gaps[0], usual.gaps[1] * scale, usual.gaps[2] * scale))


def world(company: Company, usual: Usual, queue: Queue | None = None) -> dict[str, Any]:
    """Return the world as plain data: with ``queue`` it has a desk, and a row and a gap that leave room for what waiting does; without, no desk.

    Raise ConfigError where the work takes longer than the days between lead and order.
    """
    found = funnel(company, usual, queue.gave_up if queue else 0.0)
    horizon = followed(company, found)
    customers = max(1, round(company.funnel[0] * horizon / YEAR))
    if customers > MOST:
        given = f"{company.funnel[0]:,.0f} visitors a year for {horizon / YEAR:g} years"
        raise ConfigError([Problem("visitors", given, f"at most {MOST:,} customers can be simulated: give a tenth of every count, spend and reps too")])
    raw: dict[str, Any] = {
        "customers": customers,
        "arrivals": {"days": horizon, "shape": "uniform"},
        "horizon": horizon,
        "money": {"currency": company.currency, "margin": short(company.margin), "discount_rate": company.discount_rate, "clv_days": usual.money.clv_days},
        "stages": _stages(company, usual, found),
        "personas": {PERSONA: _persona(company, usual)},
        "channels": _channels(company, usual),
    }
    if customers > MANY:
        raw["log"] = "customers"
    if queue is not None:
        raw["desks"] = {DESK: _desk(company, usual, found)}
        _make_room(raw, found, queue)
    return raw


def followed(company: Company, found: Funnel) -> float:
    """Return the horizon: whole years, so that nearly all visitors of the first year, of the second where there is a queue to fill, have long decided."""
    longest = found.occasions[0] * found.gaps[0] + company.cycle
    return YEAR * (max(3, ceil(2 + CYCLES * longest / YEAR)) + (company.reps > 0))


def _stages(company: Company, usual: Usual, found: Funnel) -> dict[str, Any]:
    n = found.occasions
    target = _row(VISITOR, n[0], {LEAD: found.to_lead, LOST: 1 - found.to_lead})
    lead = _row(LEAD, n[1], {OPPORTUNITY: found.to_opportunity, LOST: 1 - found.to_opportunity})
    deal = _row(OPPORTUNITY, n[2], {LEAD: found.back, CUSTOMER: found.to_win, LOST: 1 - found.back - found.to_win})
    gap = short(min(LONGEST_GAP, 1 / (company.orders + company.churn)))  # short enough that an occasion is at most one order
    leaves = company.churn * gap
    return {
        VISITOR: {"kind": "prospect", "entry": 1.0, "next": base(target, _ways(company, usual)), "gap": _gap(found.gaps[0])},
        LEAD: {"kind": "prospect", "next": lead, "gap": _gap(found.gaps[1])},
        OPPORTUNITY: {"kind": "prospect", "next": deal, "gap": _gap(found.gaps[2])},
        CUSTOMER: {
            "kind": "customer",
            "order": {"on_entry": 1.0, "on_stay": min(1.0, short(company.orders * gap / (1 - leaves))) if leaves < 1 else 0.0},
            "next": _summing({CUSTOMER: 1 - leaves, CHURNED: leaves}),
            "gap": _gap(gap),
        },
        LOST: {"kind": "lost"},
        CHURNED: {"kind": "churned"},
    }


def _row(stage: str, occasions: float, exits: Row) -> Row:
    """Return the row of a stage that takes so many occasions on average (geometric) and is left in these shares."""
    return _summing({stage: 1 - 1 / occasions} | {to: share / occasions for to, share in exits.items()})


def _summing(row: Row) -> Row:
    """Leave out what is nothing, to rounding; the largest takes what is left."""
    out = {to: short(p) for to, p in row.items() if p > 1e-15}
    largest = max(out, key=lambda to: out[to])
    out[largest] = round(1 - sum(p for to, p in out.items() if to != largest), 15)
    return out


def short(value: float) -> float:
    """Return a number with eleven digits, as it stands in the world's file: what is solved is what is written."""
    return float(f"{value:.11g}")


def _ways(company: Company, usual: Usual) -> list[tuple[float, float]]:
    """Return (share of visits, odds of becoming a lead) of each channel and of own visits."""
    total = sum(company.visits.values())
    return [(value / total, usual.channels[name].odds if name in usual.channels else 1.0) for name, value in company.visits.items()]


def base(target: Row, ways: list[tuple[float, float]]) -> Row:
    """Return the row of a visitor whom nothing influences, such that with these shares and odds the visitors' row is ``target``.

    Odds o turn the chance x of the lead into o x / (o x + 1 - x); the mean over shares grows with x, so there is one root.
    """
    from scipy.optimize import brentq
    from scipy.special import expit, logit

    asked = target[LEAD]
    if asked >= 1 or all(isclose(odds, 1) for _, odds in ways):
        return target

    def missed(z: float) -> float:
        mean = sum(share * expit(z + logit(odds / (1 + odds))) for share, odds in ways)
        return float(mean / asked - 1)

    chance = float(expit(brentq(missed, logit(asked) - 25, logit(asked) + 25, xtol=1e-13, rtol=1e-14)))
    return _summing({to: chance if to == LEAD else p * (1 - chance) / (1 - asked) for to, p in target.items()})


def _gap(mean: float) -> dict[str, Any]:
    return {"family": "exponential", "mean": short(mean)}


def _persona(company: Company, usual: Usual) -> dict[str, Any]:
    value = {"family": "lognormal", "mean": short(company.order_value), "cv": short(usual.order_cv)}
    return {"market": company.market, "share": 1.0, "revenue": {"model": "orders", "value": value}, "margin": short(company.margin)}


def _channels(company: Company, usual: Usual) -> dict[str, Any]:
    total = sum(company.visits.values())
    out: dict[str, Any] = {}
    for name, spend in company.spend.items():
        visits, known = company.visits[name], usual.channels.get(name)
        media = known.channel.media if known else "paid" if spend else "owned"
        part: dict[str, Any] = {"media": media, "share": {VISITOR: short(visits / total)}}
        if known is not None and known.odds != 1:
            part["odds"] = {VISITOR: {LEAD: short(known.odds)}}
        if spend:
            part["cost"] = {"touch": short(spend / visits)} if media == "paid" and visits else {"month": short(spend / 12)}
        out[name] = part
    return out


def _desk(company: Company, usual: Usual, found: Funnel) -> dict[str, Any]:
    """Return the people who serve every occasion of an opportunity; patience and spread are the default world's."""
    days = company.hours * YEAR / WORKING_HOURS / (found.occasions[2] * found.rounds)
    like = usual.desk
    service = {"family": like.service.family, "mean": short(days), "cv": like.service.cv} if like else {"family": "exponential", "mean": short(days)}
    out: dict[str, Any] = {"people": company.reps, "wage": company.wage, "serves": {"stages": [OPPORTUNITY]}, "service": service, "gives_up_to": LOST}
    if like is not None and like.patience is not None:
        out["patience"] = like.patience.model_dump(exclude_none=True)
    return out


def _make_room(raw: dict[str, Any], found: Funnel, queue: Queue) -> None:
    """Take work and waiting out of the gap, and who gives up out of the lost, so that with the queue the figures stay as asked.

    With a chance g to give up, rows (row - g lost) / (1 - g) of those who are served move everybody by ``row``.
    """
    deal, desk = raw["stages"][OPPORTUNITY], raw["desks"][DESK]
    days = desk["service"]["mean"]
    if found.gaps[2] <= days:
        given = f"{found.gaps[2]:.3g} days between contacts with an opportunity, of which each takes {days:.3g} days of a rep's time"
        raise ConfigError([Problem("hours_per_deal", given, "must be less work, or a longer sales_cycle_days")])
    deal["gap"] = _gap(max(found.gaps[2] - days - queue.waited, SHORTEST * found.gaps[2]))
    gone = min(queue.gave_up, BACK * deal["next"].get(LOST, 0.0))
    deal["next"] = _summing({to: (p - gone * (to == LOST)) / (1 - gone) for to, p in deal["next"].items()})
    desk["service"]["mean"] = short(days / (1 - gone))
