"""What becomes of a customer in the end, however long it takes: linear algebra on the embedded chain.

Every quantity is returned as (numerator, denominator) per arrived customer, so that groups are mixed by adding both:
a mean visit or a mean customer value is a ratio of sums, never a mean of ratios.
"""

import numpy as np

from sim.model.exact.chain import MONEY, Array, Chain
from sim.model.exact.spreads import is_fixed, moment, quadrature, transform
from sim.model.profiles import Profile
from sim.model.world import Persona, Trait, World

Sums = dict[str, tuple[float, float]]
MONTH = 365 / 12


def ever(profile: Profile, chain: Chain) -> Sums:
    """Return the ever-values of one profile."""
    visits = visited(chain, chain.entry)
    return {**_course(chain, visits), **_times(profile, chain, visits), **_money(profile, chain, visits)}


def visited(chain: Chain, start: Array) -> Array:
    """Return the expected occasions in each state from a distribution of starts: start N, N = (I - P)^-1 (Kemeny and Snell 1960, theorem 3.2.4)."""
    return np.linalg.solve(np.eye(len(chain.states)) - chain.living.T, start)


def values(chain: Chain, gains: Array) -> Array:
    """Return N gains: the expected total from each state of what its occasions bring (Kemeny and Snell 1960, theorem 3.3.5)."""
    return np.linalg.solve(np.eye(len(chain.states)) - chain.living, gains)


def distribution(chain: Chain, steps: int) -> dict[str, float]:
    """Return where a customer is after so many occasions: start P^k."""
    now = np.concatenate([chain.entry, np.zeros(len(chain.exits))])
    for _ in range(steps):
        inside, out = now[: len(chain.states)], now[len(chain.states) :]
        now = inside @ chain.next + np.concatenate([np.zeros_like(inside), out])
    return by_name([*chain.states, *chain.exits], now)


def by_name(states: list[tuple[str, bool]], amounts: Array) -> dict[str, float]:
    """Return the amounts by stage, before and after conversion together."""
    out: dict[str, float] = {}
    for (stage, _), amount in zip(states, amounts, strict=True):
        out[stage] = out.get(stage, 0.0) + float(amount)
    return out


def entered(chain: Chain, visits: Array) -> Array:
    """Return the expected entries into each state: starts, and moves from another state."""
    moves = chain.living - np.diag(np.diag(chain.living))
    return np.asarray(chain.entry + visits @ moves)


def converted(chain: Chain, visits: Array) -> Array:
    """Return the chance to convert by entering each state: at arrival, or by a first entry into a customer stage."""
    return np.asarray(chain.entry * chain.won + visits @ chain.converting)


def _course(chain: Chain, visits: Array) -> Sums:
    states, inside = list(chain.states), len(chain.states)
    out: Sums = {f"visits.{s}": (x, 1.0) for s, x in by_name(states, visits).items()}
    out |= {f"entries.{s}": (x, 1.0) for s, x in by_name(states, entered(chain, visits)).items()}
    out |= {f"stage_reach.{s}": (_reach(chain, visits, s), 1.0) for s in dict.fromkeys(s for s, _ in states)}
    left = visits @ chain.next[:, inside:]
    out |= {f"stage_reach.{s}": (x, 1.0) for s, x in by_name(list(chain.exits), left).items()}
    after = np.array([won for _, won in chain.exits])
    steps = values(chain, np.ones(inside))
    # E[steps^2] = start (2 N - I) t with t = N 1 (Kemeny and Snell 1960, theorem 3.3.5)
    squared = float(2 * visits @ steps - chain.entry @ steps)
    out |= {"lost": (float(left @ ~after), 1.0), "churned": (float(left @ after), 1.0), "conversion_rate": (float(converted(chain, visits).sum()), 1.0)}
    return out | {"steps": (float(visits.sum()), 1.0), "steps_squared": (squared, 1.0)}


def _reach(chain: Chain, visits: Array, stage: str) -> float:
    """Return the chance ever to be in a stage: visits over the visits of one who is there (Kemeny and Snell 1960, theorem 3.2.7 rearranged)."""
    here = np.array([s == stage for s, _ in chain.states])
    start = np.zeros(len(chain.states))
    start[chain.states.index((stage, True))] = 1.0
    return float(visits @ here / (visited(chain, start) @ here))


def _times(profile: Profile, chain: Chain, visits: Array) -> Sums:
    """Return mean times and their squares (Cinlar 1975, chapter 10): a visit is a run of occasions, geometric in number."""
    persona = profile.world.personas[profile.persona]
    slow, slow2 = slowness(persona, 1), slowness(persona, 2)
    mean, square = (np.array([moment(gap, power) for gap in chain.gaps]) for power in (1, 2))
    total = values(chain, mean)  # time to absorption from each state, and below its square
    squared = float(visits @ (square + 2 * mean * (chain.living @ total)))
    stay = np.diag(chain.living)
    run = mean / (1 - stay)
    run2 = (square - mean**2) / (1 - stay) + mean**2 * stay / (1 - stay) ** 2 + run**2
    entries = entered(chain, visits)
    count = by_name(list(chain.states), entries)
    out: Sums = {"days": (_product(float(chain.entry @ total), slow), 1.0), "days_squared": (_product(squared, slow2), 1.0)}
    out |= {f"days.{s}": (_product(x, slow), 1.0) for s, x in by_name(list(chain.states), visits * mean).items()}
    out |= {f"dwell_time.{s}": (_product(x, slow), count[s]) for s, x in by_name(list(chain.states), entries * run).items()}
    return out | {f"dwell_squared.{s}": (_product(x, slow2), count[s]) for s, x in by_name(list(chain.states), entries * run2).items()}


def slowness(persona: Persona, power: int) -> float:
    """Return E[rate^-power] of a persona: the traits that divide gaps are independent."""
    return float(np.prod([moment(trait, -power) for trait in varying(persona)]))


def varying(persona: Persona) -> list[Trait]:
    """Return the traits that divide gaps and differ between customers."""
    return [trait for trait in persona.traits.values() if trait.acts == "rate" and not is_fixed(trait)]


def _product(amount: float, factor: float) -> float:
    return amount * factor if amount else 0.0  # a stage that nobody enters takes no time, not even infinitely slow customers'


def _money(profile: Profile, chain: Chain, visits: Array) -> Sums:
    won = float(converted(chain, visits).sum())
    out: Sums = {name: (float(visits @ chain.brings[name].sum(1)), 1.0) for name in MONEY}
    exits = float(visits @ (chain.next[:, len(chain.states) :].sum(1) * chain.won))
    mean = np.array([moment(gap, 1) for gap in chain.gaps])
    stayed = _product(float(visits @ (mean * chain.won)), slowness(profile.world.personas[profile.persona], 1))
    return out | {"clv": (_clv(profile, chain, visits), won), "churn_rate_monthly": (exits, stayed / MONTH)}


def _clv(profile: Profile, chain: Chain, visits: Array) -> float:
    """Return the expected value after conversion per arrived customer: the first order, then every occasion discounted to the conversion.

    From state i after conversion w_i = E[e^(-d gap_i)] (gain_i + sum_j P_ij w_j): discounted renewal rewards (Cinlar 1975, chapter 10).
    """
    gain = (chain.brings["margin"] - chain.brings["cost"]).sum(1) * chain.won
    moves = chain.living * chain.won[:, None]
    worth = np.zeros(len(chain.states))
    for rate, weight in zip(*rates(profile, 256), strict=True):
        shrink = np.array([transform(gap, discount(profile.world) / rate) for gap in chain.gaps])
        worth += weight * np.linalg.solve(np.eye(len(shrink)) - shrink[:, None] * moves, shrink * gain)
    return float(first_orders(chain, visits) + converted(chain, visits) @ worth)


def first_orders(chain: Chain, visits: Array) -> float:
    """Return the expected contribution of the occasions that convert; their cost is acquisition."""
    inside = len(chain.states)
    return float((visits @ (chain.brings["margin"][:, :inside] * (chain.converting > 0))).sum())


def discount(world: World) -> float:
    """Return the force of interest a day: (1 + rate)^(-days / 365) = e^(-d days)."""
    return float(np.log1p(world.money.discount_rate) / 365)


def rates(profile: Profile, panels: int) -> tuple[Array, Array]:
    """Return nodes and weights for the trait that divides gaps, of which there is at most one."""
    found = varying(profile.world.personas[profile.persona])
    return quadrature(found[0], panels) if found else (np.ones(1), np.ones(1))
