"""What waiting for reps does, measured: the exact solver refuses queues, so the world makes room for what simulation finds."""

from math import ceil

import numpy as np

from sim.calibration.from_funnel import solve
from sim.calibration.from_funnel.complete import YEAR, Company
from sim.calibration.from_funnel.solve import LEAD, VISITOR, Queue
from sim.calibration.from_funnel.usual import Usual
from sim.metrics.rows import blocks
from sim.model import check
from sim.model.world import World
from sim.play import play
from sim.studies.replicate import over

ROUNDS = 6  # how often the world is corrected; each round leaves about half of what was wrong
DEALS = 10_000  # seen in each round, so that chance leaves a hundredth
FEWEST, MOST = 2, 100  # replications of a round


def settled(company: Company, usual: Usual, seed: int) -> Queue:
    """Return what the queue does once the world has made room for it: a fixed point, found by simulating leads alone."""
    queue = Queue()
    for _ in range(ROUNDS):
        world = _of_leads(company, usual, queue, seed)
        count = ceil(DEALS / (company.funnel[2] * world.horizon / YEAR))
        found = np.array(over(_waiting, world, range(min(MOST, max(FEWEST, count))))).sum(axis=0)
        queue = Queue(float(found[1] / found[0]), float(found[2] / found[0])) if found[0] else Queue()
    return queue


def _of_leads(company: Company, usual: Usual, queue: Queue, seed: int) -> World:
    """Return the world of those who become leads: nobody else ever meets a rep."""
    raw = solve.world(company, usual, queue)
    raw["stages"][VISITOR]["entry"], raw["stages"][LEAD]["entry"] = 0.0, 1.0
    arrivals = {**raw["arrivals"], "shape": "poisson"}
    return check.world({**raw, "arrivals": arrivals, "customers": max(1, round(company.funnel[1] * raw["horizon"] / YEAR)), "seed": seed})


def _waiting(world: World, replication: int) -> tuple[float, float, float]:
    """Return how many occasions came to the desk after the first year, which fills the pipeline, how many were given up, and the days waited."""
    asked = gone = waited = 0.0
    for rows in blocks(play(world, clock="compiled", replication=replication, threads=1)):
        here = (rows.desk >= 0) & (rows.time >= YEAR)
        asked, gone, waited = asked + here.sum(), gone + (here & ~rows.occasion).sum(), waited + float(rows.waited[here].sum())
    return asked, gone, waited
