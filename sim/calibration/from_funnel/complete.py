"""Figures with nothing left open: what was given stays, the rest comes from the default world or follows from what was given."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, exp, expm1, log, log1p

from sim.calibration.from_funnel.contradictions import WORKING_HOURS, overload
from sim.calibration.from_funnel.figures import FUNNEL, TEXTS, Figures
from sim.calibration.from_funnel.usual import Usual
from sim.errors import ConfigError, Problem, near
from sim.model.world import OWN

YOURS, DEFAULT, FOLLOWS = "yours", "default world", "follows"
YEAR = 365.0
BUSY = 0.75  # of reps whose number is unknown: busy, not absurd


@dataclass(frozen=True)
class Company:
    """Every figure of a company; ``sources`` says of each where it comes from (channels as ``visits.NAME``, ``spend.NAME``)."""

    currency: str
    market: str
    funnel: tuple[float, float, float, float]  # visitors, leads, opportunities, wins a year
    cycle: float  # days from lead to first order
    visits: Mapping[str, float]  # a year, own ones too
    spend: Mapping[str, float]  # a year
    order_value: float
    margin: float
    orders: float  # an active customer's, a day
    churn: float  # of an active customer, a day
    reps: int
    wage: float  # a month
    hours: float  # an opportunity
    discount_rate: float
    sources: Mapping[str, str]

    @property
    def figures(self) -> dict[str, float]:
        """The figures by the names under which they are asked; of two that say the same, the one that was given."""
        out = dict(zip(FUNNEL, self.funnel, strict=True)) | {"sales_cycle_days": self.cycle}
        out |= {f"visits.{name}": value for name, value in self.visits.items()} | {f"spend.{name}": value for name, value in self.spend.items()}
        out |= {"order_value": self.order_value, "margin": self.margin}
        rates = {"orders_per_year": self.orders * YEAR, "repeat_rate": repeat_rate(self.orders, self.churn)}
        rates |= {"churn_yearly": -expm1(-self.churn * YEAR), "churn_monthly": self.churn * YEAR / 12}
        out |= {name: value for name, value in rates.items() if name in self.sources}
        if self.reps:
            out |= {"reps": float(self.reps), "wage": self.wage, "hours_per_deal": self.hours}
        return out | {"discount_rate": self.discount_rate}


def repeat_rate(orders: float, churn: float) -> float:
    """Return the share of customers who order again within a year: the first of two exponential times, cut at a year."""
    both = orders + churn
    return orders / both * -expm1(-both * YEAR) if both else 0.0


def complete(figures: Figures, usual: Usual) -> Company:
    """Return the figures with what is unknown filled; raise ConfigError with all that can't be filled or can't be."""
    sources = dict.fromkeys((*figures.numbers, *(t for t in TEXTS if getattr(figures, t))), YOURS)
    funnel = filled([figures.get(name) for name in FUNNEL], usual.reach, usual.visitors)
    visits, problems = _visits(figures, usual, funnel[0], sources)
    spend = _spend(figures, usual, visits, sources)
    orders, churn = _customers(figures, usual, sources)
    reps, wage, hours, more = _people(figures, usual, funnel[2], sources)
    problems += more
    if problems:
        raise ConfigError(problems)

    def known(name: str, otherwise: float) -> float:
        value = figures.get(name)
        sources.setdefault(name, DEFAULT)
        return otherwise if value is None else value

    for name in FUNNEL:
        sources.setdefault(name, DEFAULT)
    sources.setdefault("currency", DEFAULT)
    sources.setdefault("market", DEFAULT)
    again = 1 / (1 - usual.back * funnel[2] / funnel[1])
    cycle = known("sales_cycle_days", again * sum(n * gap for n, gap in zip(usual.occasions[1:], usual.gaps[1:], strict=True)))
    return Company(
        figures.currency or usual.money.currency,
        usual.market,
        (funnel[0], funnel[1], funnel[2], funnel[3]),
        cycle,
        visits,
        spend,
        known("order_value", usual.order_value),
        known("margin", usual.margin),
        orders,
        churn,
        reps,
        wage,
        hours,
        known("discount_rate", usual.money.discount_rate),
        sources,
    )


def filled(known: Sequence[float | None], usual: Sequence[float], least: float) -> list[float]:
    """Return a funnel without holes: what drops between two known levels is split as in the usual one, on the scale of ratios.

    Before the first and after the last known level the usual ratios hold; ``least`` is the first level where none is known.
    """
    at = [k for k, value in enumerate(known) if value is not None]
    levels = [log(value) if value is not None else 0.0 for value in known]
    shape = [log(value) for value in usual]
    if not at:
        return [least * value / usual[0] for value in usual]
    out = []
    for k, value in enumerate(known):
        if value is not None:
            out.append(value)
            continue
        a, b = max((i for i in at if i < k), default=at[0]), min((i for i in at if i > k), default=at[-1])
        slope = (levels[b] - levels[a]) / (shape[b] - shape[a]) if a < k < b else 1.0
        near_to = a if a < k else b
        out.append(exp(levels[near_to] + slope * (shape[k] - shape[near_to])))
    return out


def _visits(figures: Figures, usual: Usual, visitors: float, sources: dict[str, str]) -> tuple[dict[str, float], list[Problem]]:
    """Return visits a year by channel, own ones last; a visit brings one who is no lead yet."""
    named = [name for name in dict.fromkeys([*figures.visits, *figures.spend]) if name != OWN]
    if not named and figures.visits.get(OWN) is None:
        total = visitors * max(1.0, usual.occasions[0])
        named = [name for name, channel in usual.channels.items() if channel.part > 0]
        sources |= {f"visits.{name}": DEFAULT for name in (*named, OWN)}
        return {name: total * usual.channels[name].part for name in named} | {OWN: total * usual.own}, []
    out, problems = {}, []
    for name in named:
        value = figures.visits.get(name)
        sources[f"visits.{name}"] = DEFAULT if value is None else YOURS
        value = _usual_visits(figures, usual, visitors, name) if value is None else value
        if value is None:
            rule = f"the default world has no such channel: give its visits a year, 0 if none ({near(name, usual.channels)})"
            problems.append(Problem(f"visits.{name}", "missing", rule))
        else:
            out[name] = value
    own = figures.visits.get(OWN)
    sources[f"visits.{OWN}"] = DEFAULT if own is None else YOURS
    brought = sum(out.values())
    out[OWN] = max(brought * usual.own / (1 - usual.own) if usual.own < 1 else 0.0, visitors - brought) if own is None else own
    if not problems and sum(out.values()) < visitors * (1 - 1e-9):
        given = f"{sum(out.values()):,.10g} in all, with {visitors:,.10g} visitors"
        problems.append(Problem("visits", given, "must be at least one each (leave visits.own empty)"))
    return out, problems


def _usual_visits(figures: Figures, usual: Usual, visitors: float, name: str) -> float | None:
    """Return the visits that the spend buys at the usual price, or the usual part of all visits."""
    channel, spend = usual.channels.get(name), figures.spend.get(name)
    if channel is None:
        return None
    if spend and channel.cost > 0:
        return spend / channel.cost
    return visitors * max(1.0, usual.occasions[0]) * channel.part


def _spend(figures: Figures, usual: Usual, visits: Mapping[str, float], sources: dict[str, str]) -> dict[str, float]:
    out = {}
    for name in visits:
        if name == OWN:
            continue
        given, channel = figures.spend.get(name), usual.channels.get(name)
        sources[f"spend.{name}"] = DEFAULT if given is None else YOURS
        out[name] = given if given is not None else (channel.cost * visits[name] + 12 * channel.channel.cost.month if channel else 0.0)
    return out


def _customers(figures: Figures, usual: Usual, sources: dict[str, str]) -> tuple[float, float]:
    """Return the rates a day at which a customer orders and leaves."""
    yearly, monthly = figures.get("churn_yearly"), figures.get("churn_monthly")
    if yearly is None and monthly is None:
        sources["churn_yearly"] = DEFAULT
    churn = -log1p(-yearly) / YEAR if yearly is not None else (usual.churn_monthly if monthly is None else monthly) * 12 / YEAR
    again, repeat = figures.get("orders_per_year"), figures.get("repeat_rate")
    if repeat is not None:
        return _orders(repeat, churn), churn
    if again is None:
        sources["orders_per_year"] = DEFAULT
    return (usual.orders_per_year if again is None else again) / YEAR, churn


def _orders(repeat: float, churn: float) -> float:
    """Return the rate of orders at which this share orders again within a year."""
    from scipy.optimize import brentq

    most = 1.0
    while repeat_rate(most, churn) < repeat:
        most *= 2
    return float(brentq(lambda rate: repeat_rate(rate, churn) - repeat, 0.0, most, xtol=1e-300, rtol=1e-14))


def _people(figures: Figures, usual: Usual, deals: float, sources: dict[str, str]) -> tuple[int, float, float, list[Problem]]:
    """Return reps, wage and hours an opportunity; nobody where none of them was given."""
    names = ("reps", "wage", "hours_per_deal")
    reps, wage, hours = (figures.get(name) for name in names)
    if reps == 0 or (reps is None and wage is None and hours is None):
        return 0, 0.0, 0.0, []
    problems = list(_no_desk(usual, {"wage": wage, "hours_per_deal": hours}))
    if problems or (usual.desk is None and (wage is None or hours is None)):
        return 0, 0.0, 0.0, problems
    for name in names:
        sources.setdefault(name, FOLLOWS if name == "reps" else DEFAULT)
    if usual.desk is not None:
        wage = usual.desk.wage if wage is None else wage
        hours = usual.desk.service.mean * WORKING_HOURS / YEAR * usual.occasions[2] if hours is None else hours
    assert wage is not None
    assert hours is not None
    people = max(1, ceil(deals * hours / WORKING_HOURS / BUSY)) if reps is None else int(reps)
    return people, wage, hours, list(overload(deals, hours, people))


def _no_desk(usual: Usual, given: Mapping[str, float | None]) -> Iterator[Problem]:
    if usual.desk is None:
        yield from (Problem(name, "missing", "the world that fills what you don't know has no desk: give it") for name, value in given.items() if value is None)
