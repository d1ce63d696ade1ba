"""Money misplaced: the profit of the budget split that each attribution model would choose, beside the best split of the same total.

A split gives every movable channel a share of what they cost together today; its intensity (and its budget, if it has one)
is multiplied by what it gets over what it costs now. Where that needs more occasions than there are, raises are capped at what
there is (`sim.studies.occasions`) and the money that is left is not spent. The best split is the best on a grid of shares; it is sought on replications of its
own and judged, with all others, on fresh ones.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from sim.customers import fold
from sim.log import Array
from sim.model.world import World
from sim.play import Progress, play
from sim.stats.means import t_interval
from sim.studies.counterfactual import budgeted, scaled
from sim.studies.occasions import occasions
from sim.studies.replicate import over

BEST, NOW = "best", "now"
ROUNDING = 1e-6  # a raise that falls short by less is not called capped
SEARCHED = 4  # replications on which the grid is compared


class Split(NamedTuple):
    """A split, what it costs a replication, and its profit a replication less that of the best split, with its 95 % interval.

    ``shares`` of the money go to the movable channels, in their order; ``factors`` multiply their intensities, and are below
    ``wanted``, what the shares ask for, where the occasions do not suffice.
    """

    model: str
    shares: tuple[float, ...]
    wanted: tuple[float, ...]
    factors: tuple[float, ...]
    cost: float
    profit: float
    misplaced: float
    low: float
    high: float


    def capped(self, k: int) -> bool:
        """Return whether the occasions of a channel do not suffice for its share, beyond rounding."""
        return self.factors[k] < self.wanted[k] * (1 - ROUNDING)


class Movable(NamedTuple):
    """The channels whose money is moved and what each costs a replication today."""

    channels: tuple[str, ...]
    costs: Array

    def wanted(self, shares: Sequence[float]) -> Array:
        """Return by how much each channel's intensity would have to be multiplied."""
        return np.asarray(np.array(shares) * self.costs.sum() / self.costs)


def movable(world: World, paid: Mapping[str, float], most: int) -> Movable:
    """Return the paid channels that cost something per exposure, touch or order: the dearest ones."""
    names = [name for name, channel in world.channels.items() if channel.media == "paid" and paid.get(name, 0.0) > 0]
    names = sorted(sorted(names, key=lambda name: -paid[name])[:most], key=list(world.channels).index)
    return Movable(tuple(names), np.array([paid[name] for name in names]))


def compare(world: World, move: Movable, wanted: Mapping[str, Array], steps: int, fresh: Sequence[int], progress: Progress | None = None) -> tuple[Split, ...]:
    """Return every model's split beside the best one; ``wanted``: what each model gives the movable channels (any unit)."""
    asked = {NOW: move.costs} | {name: np.maximum(weights, 0.0) for name, weights in wanted.items()}
    shares = {name: tuple(weights / weights.sum()) for name, weights in asked.items() if weights.sum() > 0}
    first, judged = fresh[:SEARCHED], fresh[SEARCHED:]
    tried = {*grid(len(move.channels), steps), shares[NOW]}
    best = max(sorted(tried), key=lambda split: _profits(_world(world, move, split), first, progress)[:, 0].mean())
    found = {split: _profits(_world(world, move, split), judged, progress) for split in {best, *shares.values()}}
    return tuple(_row(name, split, _raises(world, move, split), found[split], found[best]) for name, split in {BEST: best, **shares}.items())


def grid(channels: int, steps: int) -> Iterator[tuple[float, ...]]:
    """Yield every way to divide 1 among the channels in steps of 1 / ``steps``."""
    if channels == 1:
        yield (1.0,)
        return
    for whole in _compositions(channels, steps):
        yield tuple(part / steps for part in whole)


def _compositions(parts: int, total: int) -> Iterator[tuple[int, ...]]:
    if parts == 1:
        yield (total,)
        return
    for head in range(total + 1):
        yield from ((head, *rest) for rest in _compositions(parts - 1, total - head))


def factors(world: World, move: Movable, shares: Sequence[float]) -> dict[str, float]:
    """Return by how much each channel's intensity is multiplied, at most so much that its occasions exist."""
    return dict(zip(move.channels, occasions(world, move.channels).shrunk(move.wanted(shares)), strict=True))


def _world(world: World, move: Movable, shares: Sequence[float]) -> World:
    times = factors(world, move, shares)
    return budgeted(scaled(world, times), times)


def _profits(world: World, numbers: Sequence[int], progress: Progress | None) -> Array:
    """Return profit before fixed cost, which no split changes, and variable cost of each replication, shape (numbers, 2)."""
    return np.array(over(_profit, world, numbers, progress))


def _profit(world: World, number: int) -> tuple[float, float]:
    customers = fold(play(world, clock="compiled", replication=number))
    cost = float(customers["cost"].sum())
    return float(customers["margin"].sum()) - cost, cost


def _raises(world: World, move: Movable, shares: tuple[float, ...]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the factors that the shares ask for, and those they get."""
    return tuple(move.wanted(shares).tolist()), tuple(factors(world, move, shares).values())


def _row(name: str, shares: tuple[float, ...], raises: tuple[tuple[float, ...], tuple[float, ...]], found: Array, best: Array) -> Split:
    mean, low, high = t_interval(found[:, 0] - best[:, 0])
    return Split(name, tuple(float(share) for share in shares), *raises, float(found[:, 1].mean()), float(found[:, 0].mean()), mean, low, high)
