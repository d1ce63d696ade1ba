"""Worlds whose answers are known exactly, with the answers and where they come from; and the formulas of queues and families.

Worlds are plain data, as in a configuration file, so that they can be changed before `sim.model.check.world` makes them.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from sim.log import Array

Raw = dict[str, Any]
EXPONENTIAL_DAY: Raw = {"mean": 1.0, "family": "exponential"}


class Known(NamedTuple):
    """A world, its known answers by name (as in the exact solver's ever-values) and their source."""

    world: Raw
    answers: dict[str, float]
    source: str


# ---- chains ----
def tiny(stay: float = 0.6, buy: float = 0.3, renew: float = 0.8) -> Known:
    """Return the smallest journey: looking until one buys or goes; buying again until one goes."""
    stages = {
        "looking": {"kind": "prospect", "entry": 1.0, "next": {"looking": stay, "buying": buy, "gone": 1 - stay - buy}, "gap": {"mean": 5.0}},
        "buying": {"kind": "customer", "order": {"on_entry": 1.0, "on_stay": 1.0}, "next": {"buying": renew, "gone": 1 - renew}, "gap": {"mean": 30.0}},
        "gone": {"kind": "lost"},
    }
    raw = {"horizon": 365.0, "arrivals": {"days": 0.0}, "stages": stages, "personas": {"everyone": _buyer(10.0)}}
    won, orders = buy / (1 - stay), buy / (1 - stay) / (1 - renew)
    answers = {"conversion_rate": won, "visits.looking": 1 / (1 - stay), "visits.buying": orders, "orders": orders, "revenue": 10 * orders}
    return Known(raw, answers, "geometric numbers of occasions: Kemeny and Snell 1960, chapter 3")


def gamblers_ruin(start: int, goal: int, win: float) -> Known:
    """Return a walk between ruin at 0 and conversion at ``goal``, one step a day up with chance ``win``, else down."""
    at = [f"at_{k}" for k in range(goal)]
    stages: Raw = {}
    for k in range(1, goal):
        up, down = at[k + 1] if k + 1 < goal else "rich", at[k - 1] if k > 1 else "ruined"
        stages[at[k]] = {"kind": "prospect", "entry": float(k == start), "next": {up: win, down: 1 - win}, "gap": EXPONENTIAL_DAY}
    stages |= {"rich": {"kind": "customer", "next": {"content": 1.0}, "gap": EXPONENTIAL_DAY}, "ruined": {"kind": "lost"}, "content": {"kind": "churned"}}
    ratio = (1 - win) / win
    won = start / goal if ratio == 1 else (1 - ratio**start) / (1 - ratio**goal)
    walk = start * (goal - start) if ratio == 1 else start / (1 - 2 * win) - goal / (1 - 2 * win) * won
    raw = {"horizon": 10_000.0, "arrivals": {"days": 0.0}, "stages": stages}
    return Known(raw, {"conversion_rate": won, "steps": walk + won, "days": walk + won}, "Feller 1968, volume 1, chapter XIV, sections 2 and 3")


def subscription(renew: float, price: float, margin: float, rate: float) -> Known:
    """Return a yearly contract: everybody starts as a customer and renews with chance ``renew`` at the end of each year."""
    stages = {
        "subscribed": {
            "kind": "customer",
            "entry": 1.0,
            "order": {"on_stay": 1.0},
            "next": {"subscribed": renew, "left": 1 - renew},
            "gap": {"mean": 365.0, "family": "fixed"},
        },
        "left": {"kind": "churned"},
    }
    raw = {
        "horizon": 36_500.0,
        "arrivals": {"days": 0.0},
        "stages": stages,
        "money": {"margin": margin, "discount_rate": rate},
        "personas": {"everyone": _buyer(price)},
    }
    return Known(raw, {"clv": margin * price * renew / (1 + rate - renew), "days": 365 / (1 - renew)}, "Gupta and Lehmann 2003: m r / (1 + i - r)")


# ---- the full funnel ----
FUNNEL_STATES = ("unaware", "aware", "interested")
FUNNEL_START = (0.8, 0.1, 0.1)
NOTHING, BRANDING, PERFORMANCE = (0.1, 0.1, 0.1), (0.4, 0.1, 0.1), (0.1, 0.3, 0.2)
Policy = Callable[[int, int], str | None]  # (visit from 1, state) -> channel
POLICIES: dict[str, Policy] = {
    "nothing": lambda _visit, _state: None,
    "branding": lambda _visit, _state: "branding",
    "performance": lambda _visit, _state: "performance",
    "branding_then_performance": lambda visit, _state: "branding" if visit <= 2 else "performance",
    "full_funnel": lambda _visit, state: "branding" if state == 0 else "performance",
}
PURCHASES = {"nothing": 0.04258, "branding": 0.05050, "performance": 0.10050, "branding_then_performance": 0.10082, "full_funnel": 0.14370}


def full_funnel(policy: str, visits: int = 4) -> Known:
    """Return Yang's case as a world: a person visits four times, each visit may move them one state on, after the last one they are gone.

    Stages are unrolled by visit (``aware_3``: aware before the third visit), so that a policy may change from visit to
    visit. A channel that lifts a step's chance from p to q has the odds q / (1 - q) : p / (1 - p).
    """
    chosen, stages = POLICIES[policy], {}
    share: dict[str, dict[str, float]] = {"branding": {}, "performance": {}}
    odds: dict[str, Raw] = {"branding": {}, "performance": {}}
    for visit in range(1, visits + 1):
        for state, name in enumerate(FUNNEL_STATES):
            here = f"{name}_{visit}"
            stay, on = (f"{s}_{visit + 1}" if visit < visits else "not_bought" for s in (name, (*FUNNEL_STATES, "")[state + 1]))
            on = "bought" if state == 2 else on
            stages[here] = _step(stay, on, FUNNEL_START[state] if visit == 1 else 0.0)
            channel = chosen(visit, state)
            for known, chances in (("branding", BRANDING), ("performance", PERFORMANCE)):
                share[known][here] = float(channel == known)
                if on in stages[here]["next"] and stay != on:
                    odds[known][here] = {on: odds_ratio(NOTHING[state], chances[state])}
    stages |= {"bought": {"kind": "customer", "next": {"used": 1.0}, "gap": EXPONENTIAL_DAY}, "not_bought": {"kind": "lost"}, "used": {"kind": "churned"}}
    channels = {name: {"media": "paid", "share": share[name], "odds": odds[name]} for name in share}
    raw = {"horizon": 1000.0, "arrivals": {"days": 0.0}, "stages": stages, "channels": channels}
    return Known(raw, {"conversion_rate": PURCHASES[policy]}, "Yang, full-funnel case, HBS 525-065; rounded to five digits")


def _step(stay: str, on: str, entry: float) -> Raw:
    following = {stay: 1.0} if stay == on else {stay: 0.9, on: 0.1}
    return {"kind": "prospect", "entry": entry, "next": following, "gap": EXPONENTIAL_DAY}


def odds_ratio(before: float, after: float) -> float:
    """Return the odds that turn one chance into another."""
    return after / (1 - after) / (before / (1 - before))


# ---- customers who are born different ----
WEEK, YEAR = 7.0, 365.0
MANY = 1e6  # beta prime (MANY, q) / MANY is the inverse of a gamma(q) variable, but for a factor whose cv is a thousandth


class Repeat(NamedTuple):
    """BG/NBD (Fader, Hardie and Lee 2005): orders a week ~ gamma(r, alpha); after each one the customer leaves with their own chance ~ beta(a, b)."""

    r: float
    alpha: float  # weeks
    a: float
    b: float

    def orders(self, weeks: float) -> float:
        """Return the expected orders in so many weeks after the first one: equation 9."""
        from scipy.special import hyp2f1

        r, alpha, a, b = self
        return float((a + b - 1) / (a - 1) * (1 - (alpha / (alpha + weeks)) ** r * hyp2f1(r, b, a + b - 1, weeks / (alpha + weeks))))

    def chances(self, most: int, weeks: float) -> Array:
        """Return the chances of 0 .. ``most`` orders in so many weeks: equation 8."""
        from scipy.special import betaln
        from scipy.stats import nbinom

        r, alpha, a, b = self
        x, buys = np.arange(most + 1), nbinom(r, alpha / (alpha + weeks))
        stays = np.exp(betaln(a, b + x) - betaln(a, b)) * buys.pmf(x)
        left = np.exp(betaln(a + 1, b + np.maximum(x, 1) - 1) - betaln(a, b)) * buys.sf(x - 1)
        return np.asarray(stays + np.where(x > 0, left, 0.0))


class Spend(NamedTuple):
    """Gamma-gamma (Fader and Hardie 2013): orders ~ gamma(p, nu), the customer's own nu ~ gamma(q, gamma), whatever the number of orders."""

    p: float
    q: float
    gamma: float

    @property
    def mean(self) -> float:
        """The expected value of an order."""
        return self.p * self.gamma / (self.q - 1)

    def expected(self, orders: float, average: float) -> float:
        """Return the expected value of the next order of who spent this on average: their own average, drawn towards everybody's mean (equation 5)."""
        own = self.p * orders / (self.p * orders + self.q - 1)
        return own * average + (1 - own) * self.mean


CDNOW = Repeat(0.243, 4.414, 0.793, 2.426)  # Fader, Hardie and Lee 2005, table 2
CDNOW_SPEND = Spend(6.25, 3.74, 15.45)  # as the documentation of the package lifetimes gives it
REGULAR, HIGH_END = (0.704, 1.182), (0.668, 3.806)  # Fader and Hardie 2007


def repeat_buyers(repeat: Repeat = CDNOW, spend: Spend = CDNOW_SPEND, weeks: float = 78.0) -> Known:
    """Return customers on the day of their first order, who come back at their own rate, spend their own way, and may leave after each further order.

    ``bought`` takes no time: the order comes first, then the customer stays or leaves. A transition of base 0.5 whose odds
    are a beta prime (a, b) trait has a chance that is beta (a, b).
    """
    stages = {
        "shopping": {"kind": "customer", "entry": 1.0, "next": {"bought": 1.0}, "gap": {"mean": WEEK * repeat.alpha / repeat.r}},
        "bought": {"kind": "customer", "order": {"on_entry": 1.0}, "next": {"shopping": 0.5, "gone": 0.5}, "gap": {"mean": 0.0, "family": "fixed"}},
        "gone": {"kind": "churned"},
    }
    traits = {
        "tempo": {"acts": "rate", "family": "gamma", "mean": 1.0, "cv": repeat.r**-0.5},
        "parting": {"acts": "odds", "family": "beta_prime", "a": repeat.a, "b": repeat.b, "of": {"bought": {"gone": 1.0}}},
        "wallet": {"acts": "spend", "family": "beta_prime", "a": MANY, "b": spend.q},
    }
    value = {"mean": spend.p * spend.gamma / MANY, "cv": spend.p**-0.5, "family": "gamma"}
    raw = {"horizon": WEEK * weeks, "arrivals": {"days": 0.0}, "stages": stages, "personas": {"shopper": {"traits": traits, "revenue": {"value": value}}}}
    answers = {"orders": repeat.orders(weeks), "no_order": float(repeat.chances(0, weeks)[0]), "order_value": spend.mean}
    return Known(raw, answers, "BG/NBD: Fader, Hardie and Lee 2005, equations 8 and 9; gamma-gamma: Fader and Hardie 2013")


def subscribers(a: float, b: float, years: int = 12) -> Known:
    """Return yearly contracts that are given up at each renewal with the customer's own chance ~ beta(a, b)."""
    renewal = {"order": {"on_stay": 1.0}, "next": {"subscribed": 0.5, "left": 0.5}, "gap": {"mean": YEAR, "family": "fixed"}}
    stages = {"subscribed": {"kind": "customer", "entry": 1.0} | renewal, "left": {"kind": "churned"}}
    parting = {"acts": "odds", "family": "beta_prime", "a": a, "b": b, "of": {"subscribed": {"left": 1.0}}}
    raw = {"horizon": YEAR * (years + 0.5), "arrivals": {"days": 0.0}, "stages": stages, "personas": {"subscriber": {"traits": {"parting": parting}}}}
    return Known(raw, {f"survival.{k}": renewed(a, b, k) for k in range(1, years + 1)}, "sBG: Fader and Hardie 2007, equation 6")


def renewed(a: float, b: float, times: int) -> float:
    """Return the share that is still there after so many renewals: B(a, b + times) / B(a, b)."""
    from scipy.special import betaln

    return float(np.exp(betaln(a, b + times) - betaln(a, b)))


# ---- families ----
def advocates(chance: float, leaves: float) -> Known:
    """Return customers who refer with ``chance`` at every occasion and then leave with chance ``leaves``.

    Occasions are geometric, so a customer has chance / leaves children on average, with variance c (1 - c) / l + c^2 (1 - l) / l^2.
    """
    stages = {
        "advocacy": {"kind": "customer", "entry": 1.0, "next": {"advocacy": 1 - leaves, "left": leaves}, "gap": EXPONENTIAL_DAY},
        "left": {"kind": "churned"},
    }
    raw = {"horizon": 10_000.0, "arrivals": {"days": 0.0}, "stages": stages, "referral": {"chance": {"advocacy": chance}, "enters": "advocacy"}}
    mean = chance / leaves
    variance = chance * (1 - chance) / leaves + chance**2 * (1 - leaves) / leaves**2
    answers = {"children": mean, "family": family_mean(mean), "family_variance": family_variance(mean, variance)}
    return Known(raw, answers, "Harris 1963, The Theory of Branching Processes, chapter I, sections 5 and 13")


def family_mean(children: float) -> float:
    """Return the expected size of a family, founder included: 1 / (1 - m), infinite from m = 1 on."""
    return 1 / (1 - children) if children < 1 else math.inf


def family_variance(children: float, variance: float) -> float:
    """Return the variance of a family's size: s^2 / (1 - m)^3 (Harris 1963, chapter I, section 13)."""
    return variance / (1 - children) ** 3 if children < 1 else math.inf


def extinction(generating: Callable[[float], float], tolerance: float = 1e-14) -> float:
    """Return the chance that a family dies out: the smallest fixed point of its generating function (Harris 1963, theorem I.6.1)."""
    chance, before = 0.0, -1.0
    while chance - before > tolerance:
        before, chance = chance, generating(chance)
    return chance


# ---- queues ----
class Queue(NamedTuple):
    """A desk in steady state: chance to wait, mean wait of the served, share that gives up, share of time that people are busy."""

    waits: float
    mean_wait: float
    gives_up: float
    utilisation: float


def desk(people: int, load: float, service: float = 1.0, patience: float | None = None, arrivals: int = 10_000) -> Known:
    """Return a world that is nothing but an M/M/c queue (M/M/c+M with patience): one occasion at arrival, served by a desk, then gone."""
    horizon = arrivals * service / (people * load)
    stages = {"asking": {"kind": "prospect", "entry": 1.0, "next": {"done": 1.0}, "gap": {"mean": 0.0, "family": "fixed"}}, "done": {"kind": "lost"}}
    served: Raw = {"people": people, "service": {"mean": service, "family": "exponential"}, "gives_up_to": "done"}
    if patience is not None:
        served["patience"] = {"mean": patience, "family": "exponential"}
    raw = {
        "customers": arrivals,
        "arrivals": {"days": horizon, "shape": "poisson"},
        "horizon": horizon,
        "stages": stages,
        "channels": {"call": {"media": "owned", "share": 1.0, "desk": "sales"}},
        "desks": {"sales": served},
    }
    found = erlang_c(people, load, service) if patience is None else erlang_a(people, load, service, patience)
    answers = {"waits": found.waits, "queue_wait": found.mean_wait, "gave_up_rate": found.gives_up, "utilisation": found.utilisation}
    return Known(raw, answers, "Erlang 1917" if patience is None else "Palm 1957")


def erlang_b(people: int, offered: float) -> float:
    """Return the chance that all people are busy when nobody waits: B_k = a B_{k-1} / (k + a B_{k-1}) (Erlang 1917)."""
    blocked = 1.0
    for k in range(1, people + 1):
        blocked = offered * blocked / (k + offered * blocked)
    return blocked


def erlang_c(people: int, load: float, service: float = 1.0) -> Queue:
    """Return M/M/c: C = B / (1 - load (1 - B)), mean wait C service / (c (1 - load)) (Gross, Shortle, Thompson and Harris 2008, section 2.3)."""
    blocked = erlang_b(people, people * load)
    waits = blocked / (1 - load * (1 - blocked))
    return Queue(waits, waits * service / (people * (1 - load)), 0.0, load)


def erlang_a(people: int, load: float, service: float, patience: float) -> Queue:
    """Return M/M/c+M by its birth-death chain (Palm 1957; Mandelbaum and Zeltyn 2007).

    With n in the system it falls at rate min(n, c) / service + max(n - c, 0) / patience. Who finds j waiting moves up at
    rate c / service + j / patience, or leaves at 1 / patience.
    """
    birth, weight, n = people * load / service, 1.0, 0
    total, waiting, served, waited = 0.0, 0.0, 0.0, 0.0
    stays, stayed = 1.0, 0.0  # chance to be served and E[wait; served] of an arrival who finds n
    while weight > 1e-18 * total or n <= people:
        if n >= people:
            ahead, leave = people / service + (n - people) / patience, 1 / patience
            stays, stayed = ahead / (ahead + leave) * stays, ahead / (ahead + leave) * (stays / (ahead + leave) + stayed)
            waiting += weight
        total, served, waited = total + weight, served + weight * stays, waited + weight * stayed
        n += 1
        weight *= birth / (min(n, people) / service + max(n - people, 0) / patience)
    return Queue(waiting / total, waited / served, 1 - served / total, load * served / total)


def _buyer(price: float) -> Raw:
    return {"revenue": {"value": {"mean": price, "family": "fixed"}}}
