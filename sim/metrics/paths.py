"""Which ways customers take: stages by occasion number, sequences of stages, and how straight they are."""

from dataclasses import dataclass

import numpy as np

from sim.log import Array, Log, Terms
from sim.metrics.path import Path, PathCollector, exits, ranks
from sim.metrics.rows import blocks

LENGTH = 8  # stages of a path that are told apart


@dataclass(frozen=True)
class Flows:
    """Where customers are after 0, 1, 2 ... of their occasions: ``counts`` has the shape (steps, stages + 1, stages + 1), from and to.

    The last place is that of journeys which go on, but whose next occasion was not seen.
    """

    stages: tuple[str, ...]
    counts: Array

    @property
    def at(self) -> Array:
        """Return how many customers are in each place after k occasions, shape (steps + 1, stages + 1)."""
        return np.concatenate([self.counts[:1].sum(axis=2), self.counts.sum(axis=1)])


@dataclass(frozen=True)
class PathCount:
    """A sequence of stages (repeats in a row are one), how many customers took it, and how many of those converted."""

    stages: tuple[str, ...]
    is_cut: bool  # it goes on: longer than `LENGTH`
    customers: int
    converted: int


@dataclass(frozen=True)
class Straight:
    """What a report finds that knows one way only: from each stage to the next, and out.

    Per stage that is no exit: ``entered`` customers in truth, and ``counted`` who came there by steps to the next stage alone.
    Of ``arrived`` customers ``converted`` converted, ``straight`` of them without any step back, skip or loop.
    """

    stages: tuple[str, ...]
    entered: Array
    counted: Array
    arrived: int
    converted: int
    straight: int


@dataclass(frozen=True)
class Moves:
    """How many moves between stages went to the next stage, further forward, back, or out; and how many of them came back to a stage left before."""

    onward: int
    skips: int
    back: int
    out: int
    loops: int

    @property
    def total(self) -> int:
        """Return all moves."""
        return self.onward + self.skips + self.back + self.out


def flows(log: Log, steps: int = 7) -> Flows:
    """Return the flow of customers between stages from occasion to occasion; who has left stays where they left to."""
    size = len(log.terms.stages) + 1
    counts = np.zeros((steps, size, size), np.int64)
    for block in blocks(log):
        rows = block.steps()
        here = log.births["entry"][rows.first : rows.last].astype(np.intp)
        gone = np.zeros(len(here), bool)
        at = np.searchsorted(rows.who, np.arange(len(here)))
        many = np.bincount(rows.who, minlength=len(here))
        for step in range(steps):
            there = np.where(gone, here, size - 1)
            more = np.flatnonzero(many > step)
            there[more] = rows.stage_to[at[more] + step]
            counts[step] += np.bincount(here * size + there, minlength=size * size).reshape(size, size)
            here, gone = there, np.append(exits(log.terms), [False])[there]
    return Flows(log.terms.stages, counts)


def ways(log: Log) -> Path:
    """Return every customer's way through the stages."""
    collector = PathCollector(log.terms, log.births)
    for rows in blocks(log):
        collector.add(rows)
    return collector.done()


def top(log: Log, way: Path, most: int = 10) -> dict[str, list[PathCount]]:
    """Return the commonest paths: of ``all`` customers, of the ``won`` up to their conversion, and of those ``lost`` without converting."""
    terms = log.terms
    size, stages, won = len(terms.stages) + 1, _sequences(way, len(log.births)), _converted(terms, way)
    customer = np.append([kind == "customer" for kind in terms.kinds], False)
    before = np.where(np.cumsum(customer[stages], axis=1) - customer[stages] > 0, -1, stages)  # up to the first stage of a customer
    lost = (way.left_from >= 0) & ~won
    chosen = {"all": (stages, won), "won": (before[won], won[won]), "lost": (stages[lost], won[lost])}
    return {name: _counted(terms, _coded(some, size), whose, size, most) for name, (some, whose) in chosen.items()}


def straight(log: Log, way: Path) -> Straight:
    """Return what is left of the journeys for a report that follows each customer only while every move goes to the next stage."""
    terms, place, inside = log.terms, ranks(log.terms), np.flatnonzero(~exits(log.terms))
    first = np.flatnonzero(np.diff(way.visit_customer, prepend=-1) != 0)
    step = np.diff(place[way.visit_stage], prepend=0)
    step[first] = 1
    order = np.arange(len(step))
    began = np.repeat(first, np.diff(np.append(first, len(step))))
    crooked = np.cumsum(step != 1)
    onward = crooked == (crooked[began] - (step[began] != 1))
    prospect = np.array(terms.kinds) != "customer"
    counted = np.bincount(way.visit_stage[onward], minlength=len(terms.stages))[inside]
    won = _converted(terms, way)
    through = np.zeros(len(log.births), bool)
    through[way.visit_customer[order[onward & ~prospect[way.visit_stage]]]] = True
    entered = np.isfinite(way.reached).sum(axis=0)[inside]
    names = tuple(terms.stages[s] for s in inside)
    return Straight(names, entered, counted, len(log.births), int(won.sum()), int((through & won).sum()))


def moves(way: Path) -> Moves:
    """Return the moves by direction."""
    total, back, skips, loops = (int(n) for n in way.steps.sum(axis=0))
    return Moves(total - back - skips, skips, back, int((way.left_from >= 0).sum()), loops)


def _sequences(way: Path, customers: int) -> Array:
    """Return the first stages of each customer's way, one more than `LENGTH`, -1 after the last."""
    first = np.flatnonzero(np.diff(way.visit_customer, prepend=-1) != 0)
    position = np.arange(len(way.visit_customer)) - np.repeat(first, np.diff(np.append(first, len(way.visit_customer))))
    out = np.full((customers, LENGTH + 1), -1, np.int64)
    some = position <= LENGTH
    out[way.visit_customer[some], position[some]] = way.visit_stage[some]
    return out


def _coded(stages: Array, size: int) -> Array:
    """Return one number a path: its first `LENGTH` stages, and whether it goes on."""
    places = np.power(size, np.arange(LENGTH), dtype=np.int64)
    return np.asarray(((stages[:, :LENGTH] + 1) * places).sum(axis=1) * 2 + (stages[:, LENGTH] >= 0))


def _converted(terms: Terms, way: Path) -> Array:
    customer = np.array([kind == "customer" for kind in terms.kinds])
    return np.asarray(np.isfinite(way.reached[:, customer]).any(axis=1))


def _counted(terms: Terms, code: Array, won: Array, size: int, most: int) -> list[PathCount]:
    codes, of, counts = np.unique(code, return_inverse=True, return_counts=True)
    converted = np.bincount(of, weights=won, minlength=len(codes))
    order = np.argsort(-counts, kind="stable")[:most]
    return [PathCount(_decoded(terms, int(codes[k]) // 2, size), bool(codes[k] % 2), int(counts[k]), int(converted[k])) for k in order]


def _decoded(terms: Terms, code: int, size: int) -> tuple[str, ...]:
    out = []
    while code:
        code, stage = divmod(code, size)
        out.append(terms.stages[stage - 1])
    return tuple(out)
