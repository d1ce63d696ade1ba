"""V13: journeys drawn at random, simulated until everybody has left, against the exact solver."""

import numpy as np
import pytest
from scipy.stats import norm

from sim.customers import fold
from sim.model.check import world
from sim.model.exact.answers import mixed
from sim.model.exact.chain import chain
from sim.model.exact.ever import ever
from sim.model.profiles import profiles
from sim.play import play
from sim.studies.exact import StageSums
from tests.known.distance import z, z_share

FAMILIES = ("exponential", "gamma", "weibull", "lognormal", "fixed")
FAR = 5.6  # two-sided tail 2e-8: some 20 values of each of 500 chains
OFTEN = 400  # successes and failures that a share needs to be as good as normal


def drawn(number):
    """Draw 3 to 12 stages, one or two of them exits that each occasion reaches with 0.1 at least; up to two channels bend the odds."""
    dice = np.random.default_rng([13, number])
    count = int(dice.integers(3, 13))
    exits = ["lost", "left"][: int(dice.integers(1, 3)) if count > 3 else 1]
    living = [f"s{k}" for k in range(count - len(exits))]
    entry = dice.dirichlet(np.ones(len(living)))
    stages = {name: living_stage(dice, living, exits, float(share)) for name, share in zip(living, entry, strict=True)}
    stages |= {name: {"kind": "churned" if name == "left" else "lost"} for name in exits}
    channels = {name: channel(dice, stages) for name in "ab"[: int(dice.integers(0, 3))]}
    return {"arrivals": {"days": 0.0}, "horizon": 100_000.0, "stages": stages, "channels": channels, "seed": number}


def living_stage(dice, living, exits, share):
    """Draw one stage: ways to some of the others, a gap of any family."""
    some = dice.uniform(size=len(living)) < 0.6
    row = np.append(dice.dirichlet(np.ones(len(living))) * some, dice.dirichlet(np.ones(len(exits))) / 2 + 0.1)
    gap = {"mean": float(dice.uniform(0.5, 10)), "cv": float(dice.uniform(0.2, 2)), "family": str(dice.choice(FAMILIES))}
    return {
        "kind": str(dice.choice(["prospect", "customer"])),
        "entry": share,
        "next": {name: float(p) for name, p in zip(living + exits, row / row.sum(), strict=True) if p > 0},
        "gap": gap,
    }


def channel(dice, stages):
    """Draw a channel: up to half of the occasions of each stage, odds on some of the ways."""
    living = {name: stage for name, stage in stages.items() if "next" in stage}
    odds = {a: {b: float(dice.uniform(0.3, 3)) for b in stage["next"] if dice.uniform() < 0.5} for a, stage in living.items()}
    return {"share": {name: float(dice.uniform(0, 0.5)) for name in living}, "engage": float(dice.uniform()), "odds": odds}


def distances(number, customers):
    """Return the standard errors between a simulated chain and its exact answers, by quantity: the solver's means, their variances from its chain."""
    one = world(drawn(number) | {"customers": customers})
    log, (profile,) = play(one, clock="compiled"), profiles(one)
    of = chain(profile)
    exact = mixed((profile,), [ever(profile, of)])["all", "all"]  # what `solve` says of ever, without its slower answers by horizon
    people, sums, living = fold(log), StageSums(log), [s for s in one.stages if not one.stages[s].is_exit]
    found = {name: z(values.mean(), exact[name], exact[f"{name}_variance"], customers) for name, values in amounts(people).items()}
    shares = {"conversion_rate": ~np.isnan(people["converted_at"])} | {f"stage_reach.{s}": sums.entries[:, k] > 0 for k, s in enumerate(living)}
    shares = {name: hit.mean() for name, hit in shares.items() if min(exact[name], 1 - exact[name]) * customers > OFTEN}
    found |= {name: z_share(share, exact[name], customers) for name, share in shares.items()}
    for k, stage in enumerate(living):
        mine = np.array([s == stage for s, _ in of.states])
        variance = visits_variance(of.entry, of.living, mine)
        found[f"visits.{stage}"] = z(sums.visits[:, k].mean(), exact[f"visits.{stage}"], variance, customers)
    return found


def amounts(people):
    """Return occasions and days of each customer until they left."""
    return {"steps": people["occasions"].astype(float), "days": np.fmax(people["churned_at"], people["lost_at"])}


def visits_variance(entry, moves, mine):
    """Return the variance of the occasions spent in some states: V = 1 + 2 E[later ones] at each of them (Kemeny and Snell 1960, chapter 3)."""
    lives = np.linalg.inv(np.eye(len(entry)) - moves)
    mean = entry @ lives @ mine
    return 2 * entry @ lives @ (mine * (lives @ mine)) - mean - mean**2


def judge(chains, customers):
    """Check the largest distance, and that one of each chain, in turn, is standard normal: sup |F_n - F| below the DKW bound at 1e-6."""
    all_of_them = [distances(number, customers) for number in range(chains)]
    worst = max((abs(far), number, name) for number, found in enumerate(all_of_them) for name, far in found.items())
    one_each = np.sort([list(found.values())[number % len(found)] for number, found in enumerate(all_of_them)])
    off = np.abs(norm.cdf(one_each) - (np.arange(chains) + 0.5) / chains).max() + 0.5 / chains

    assert worst[0] < FAR, worst
    assert off < np.sqrt(np.log(2 / 1e-6) / (2 * chains))
    assert 0.8 < np.std(np.concatenate([list(found.values()) for found in all_of_them])) < 1.2


def test_random_chains_come_out_as_the_solver_says():
    """Forty chains of 5,000 customers: occasions, days, conversion, reach of and visits to each stage."""
    judge(40, 5_000)


@pytest.mark.slow
def test_many_random_chains_come_out_as_the_solver_says():
    """500 chains of 20,000 customers; the bound of one value each is DKW(500, 1e-6) = 0.12045."""
    judge(500, 20_000)
