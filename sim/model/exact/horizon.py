"""What becomes of a customer by the horizon, with these arrivals: expected occasions on a clock, weighted by what they bring.

A customer who arrived on day a has lived T - a days at the horizon T. Everything is linear in U, the expected occasions
in each state so many days after arrival; arrivals turn U into its average over their days. A trait of rate r turns U(t) into U(r t).
"""

import math
from collections.abc import Callable
from fractions import Fraction
from functools import partial

import numpy as np

from sim.model.exact.chain import MONEY, Array, Chain
from sim.model.exact.clocks import Lattice, Occasions, Uniformised, exponential
from sim.model.exact.ever import MONTH, Sums, by_name, converted, discount, entered, first_orders, rates
from sim.model.exact.spreads import is_fixed
from sim.model.profiles import Profile
from sim.model.world import World

WINDOWS = (30.0, 90.0, 365.0)
COARSEST = 2048  # points of the first lattice
LISTED = 2048  # equally spaced arrivals that are summed one by one; more are integrated


class Course:
    """The life of one profile's customers in time, at one level of refinement (each level halves steps and doubles nodes)."""

    def __init__(self, profile: Profile, chain: Chain, level: int) -> None:
        self.world, self.chain = profile.world, chain
        self.rate, self.weight = rates(profile, 32 << level)
        self.targets = np.flatnonzero((chain.entry * chain.won > 0) | (chain.converting.sum(0) > 0))
        starts = np.vstack([chain.entry, np.eye(len(chain.states))[self.targets]])
        longest = self.world.horizon * self._fastest()
        self.clock = _clock(chain, starts, longest, self.world, level)
        self.days = min(self.world.arrivals.days, self.world.horizon)

    def _fastest(self) -> float:
        return float(self.rate[self.weight.cumsum() <= 1 - 1e-8].max(initial=1.0))

    def average(self, day: Array, rate: float, integrals: int = 0) -> Array:
        """Return the integral of U, averaged over the arrivals, as of these days of the run, (B, n, A)."""

        def at(days: Array, more: int = 0) -> Array:
            return np.asarray(self.clock.count(rate * days, integrals + more) / rate ** (integrals + more))

        if self.days == 0:
            return at(day)
        if self.world.arrivals.shape != "even":
            return np.asarray((at(day, 1) - at(day - self.days, 1)) / self.days)
        return self._even(day, at)

    def _even(self, day: Array, at: Callable[..., Array]) -> Array:  # arrivals at 0, s, 2 s ...
        step = self.world.arrivals.days / self.world.customers
        count = math.ceil(self.days / step - 1e-9)
        if count * len(day) <= LISTED:
            return np.stack([at(x - step * np.arange(count)).mean(1) for x in day], axis=1)
        first = day - count * step
        return np.asarray(((at(day, 1) - at(first, 1)) / step + (at(day) - at(first)) / 2) / count)  # Euler-Maclaurin

    def arrived(self, day: Array) -> Array:
        """Return the share of arrivals before these days of the run."""
        return np.clip(day / self.days, 0.0, 1.0) if self.days > 0 else (day > 0).astype(float)

    def mixed(self, amount: Callable[[float], Array]) -> Array:
        """Return an amount that depends on the customer's rate, averaged over rates."""
        return np.asarray(sum(weight * amount(rate) for rate, weight in zip(self.rate, self.weight, strict=True)))


def by_horizon(profile: Profile, chain: Chain, level: int) -> Sums:
    """Return the by-horizon values of one profile at one level of refinement, as (numerator, denominator) per arrived customer."""
    course = Course(profile, chain, level)
    end = np.array([course.world.horizon])
    visits = course.mixed(lambda rate: course.average(end, rate)[0, 0])
    return {**_state(course, visits, end), **_windows(course), **_retention(course), **_clv(course, visits)}


def windows(world: World) -> list[float]:
    """Return the windows shorter than the horizon, which customers can be followed through."""
    return [days for days in WINDOWS if days < world.horizon]


def _state(course: Course, visits: Array, end: Array) -> Sums:
    chain = course.chain
    states, inside = list(chain.states), len(chain.states)
    present = chain.entry + visits @ chain.living - visits  # gaps begun less gaps ended
    out: Sums = {f"visits.{s}": (x, 1.0) for s, x in by_name(states, visits).items()}
    out |= {f"entries.{s}": (x, 1.0) for s, x in by_name(states, entered(chain, visits)).items()}
    left = visits @ chain.next[:, inside:]
    out |= {f"present.{s}": (x, 1.0) for s, x in (by_name(states, present) | by_name(list(chain.exits), left)).items()}
    after = np.array([won for _, won in chain.exits])
    out |= {"lost": (float(left @ ~after), 1.0), "churned": (float(left @ after), 1.0), "steps": (float(visits.sum()), 1.0)}
    out["conversion_rate"] = (float(converted(chain, visits).sum()), 1.0)
    out |= {name: (float(visits @ chain.brings[name].sum(1)), 1.0) for name in MONEY}
    lived = _lived(course, end)
    out |= {f"days.{s}": (x, 1.0) for s, x in by_name(states, lived).items()}
    gone = float(visits @ (chain.next[:, inside:].sum(1) * chain.won))
    return out | {"days": (float(lived.sum()), 1.0), "churn_rate_monthly": (gone, float(lived @ chain.won) / MONTH)}


def _lived(course: Course, end: Array) -> Array:
    """Return the expected days in each state: the time integral of gaps begun less gaps ended."""
    chain = course.chain
    count = course.mixed(lambda rate: course.average(end, rate, 1)[0, 0])
    if course.days == 0:
        age = end[0]
    elif course.world.arrivals.shape == "even":
        step = course.world.arrivals.days / course.world.customers
        age = end[0] - step * (math.ceil(course.days / step - 1e-9) - 1) / 2
    else:
        age = end[0] - course.days / 2
    return np.asarray(chain.entry * age + count @ chain.living - count)


def _windows(course: Course) -> Sums:
    """Return what happens within so many days of arrival, for customers followed that long."""
    chain, out = course.chain, Sums()
    gain = (chain.brings["margin"] - chain.brings["cost"]).sum(1)
    for days in windows(course.world):
        visits = course.mixed(partial(_since_arrival, course, days))
        out[f"conversion_rate_{days:.0f}d"] = (float(converted(chain, visits).sum()), 1.0)
        if days == 365:
            out["value_365d"] = (float(course.mixed(partial(_discounted, course, days, gain))), 1.0)
    return out


def _since_arrival(course: Course, days: float, rate: float) -> Array:
    return np.asarray(course.clock.until(np.array([rate * days]))[0, 0])


def _discounted(course: Course, window: float, gain: Array, rate: float) -> Array:
    ages, flow = course.clock.flow(window, rate)
    return np.asarray(np.exp(-discount(course.world) * ages) @ (flow[0] @ gain))


def _entries(course: Course, day: Array, rate: float) -> Array:
    """Return the share of arrivals who have converted by entering each target before these days of the run, (n, targets)."""
    chain = course.chain
    visits = course.average(day, rate)[0]
    found = visits @ chain.converting + course.arrived(day)[:, None] * (chain.entry * chain.won)
    return np.asarray(found[:, course.targets])


def _retention(course: Course) -> Sums:
    """Return who is still there so many days after converting, of those who converted at least that long before the horizon."""
    chain, out = course.chain, Sums()
    leaving, won = chain.next[:, len(chain.states) :].sum(1), _won(course)
    for days in windows(course.world):
        since = np.array([course.world.horizon - days])
        stayed = followed = 0.0
        for rate, weight in zip(course.rate, course.weight, strict=True):
            entries = weight * _entries(course, since, rate)[0]
            gone = course.clock.until(np.array([rate * days]))[1:, 0] @ leaving
            stayed, followed = stayed + float(entries @ (1 - gone)), followed + float(entries.sum())
        out[f"retention_{days:.0f}d"] = (stayed / followed * won if followed > 0 else 0.0, won)
    return out


def _won(course: Course) -> float:
    end = np.array([course.world.horizon])
    return float(course.mixed(lambda rate: _entries(course, end, rate)[0]).sum())


def _clv(course: Course, visits: Array) -> Sums:
    """Return the value of the first `clv_days` after conversion as the log shows it.

    At each age the mean flow among those converted at least that long before the horizon (estimators: the sum over ages).
    """
    world, chain = course.world, course.chain
    won = _won(course)
    if won <= 0:
        return {"clv": (0.0, 0.0)}
    gain = (chain.brings["margin"] - chain.brings["cost"]).sum(1) * chain.won
    end, flows, entries = np.array([world.horizon]), [], []
    for rate, weight in zip(course.rate, course.weight, strict=True):
        ages, flow = course.clock.flow(min(world.money.clv_days, world.horizon), rate)
        flows.append(flow[1:] @ gain)
        entries.append(weight * _entries(course, np.concatenate([world.horizon - ages, end]), rate).T)
    followed = np.sum(entries, axis=(0, 1))
    # Towards the last age nobody is followed: the mixture of all who converted stands in for its limit, unless fixed gaps leave those ages empty.
    known = followed > 1e-13 * won
    kinds = np.stack([np.where(known, found, found[:, -1:]) for found in entries])[:, :, :-1]
    mean = np.einsum("rbn,rbn->n", np.stack(flows), kinds) / kinds.sum((0, 1))
    if any(is_fixed(gap) for gap in chain.gaps):
        mean = mean * known[:-1]
    return {"clv": (first_orders(chain, visits) + float(np.exp(-discount(world) * ages) @ mean) * won, won)}


def _clock(chain: Chain, starts: Array, longest: float, world: World, level: int) -> Occasions:
    if exponential(chain, longest):
        return Uniformised(chain, starts, longest, 12 << level)
    return Lattice(chain, starts, longest, lattice_step(chain, world, longest, level))


def lattice_step(chain: Chain, world: World, longest: float, level: int) -> float:
    """Return the step of the lattice: a whole part of every fixed gap, window and day of the arrivals, where there is such a step."""
    common = float(shared_step(chain, world))
    if longest / common > COARSEST and not any(is_fixed(gap) for gap in chain.gaps):
        common = world.horizon
    return common / (math.ceil(common / longest * COARSEST) << level)


def shared_step(chain: Chain, world: World) -> Fraction:
    """Return the greatest number of days that divides all that matters; days are taken as fractions with denominators up to 1,000 (a month is 365/12)."""
    listed = [world.horizon, min(world.arrivals.days, world.horizon), *windows(world)]
    days = [Fraction(x).limit_denominator(1000) for x in [*listed, *(gap.mean for gap in chain.gaps if is_fixed(gap))]]
    parts = math.lcm(*(x.denominator for x in days))
    return Fraction(math.gcd(*(int(x * parts) for x in days)), parts)
