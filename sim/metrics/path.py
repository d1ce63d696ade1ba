"""The way of each customer through the stages: visits, first arrivals in each stage, steps back, skips and loops."""

from dataclasses import dataclass

import numpy as np

from sim.log import Array, Terms
from sim.metrics.rows import Rows, days


@dataclass(frozen=True)
class Path:
    """What the rows say about stages.

    Per customer: ``reached`` (customers, stages), days from arrival to the first entry, infinite if never; ``left_from``, the stage
    from which the journey was left, -1 if it was not; ``steps`` (customers, 4): moves between stages that are no exits, those back,
    skips, loops.  Per stage that is left: ``steps_by_stage`` (stages, 4) and, for its spread, ``cells``.
    Per visit to a stage that is no exit: customer, stage, start, days (until the horizon at most), whether it ended.
    """

    reached: Array
    left_from: Array
    steps: Array
    steps_by_stage: "StageSteps"
    visit_customer: Array
    visit_stage: Array
    visit_start: Array
    visit_days: Array
    visit_ended: Array


@dataclass(frozen=True)
class StageSteps:
    """Steps by customer and stage left: (records,) and (records, 4)."""

    customer: Array
    stage: Array
    steps: Array


def exits(terms: Terms) -> Array:
    """Return whether customers leave the journey there, by stage."""
    return np.array([kind in ("lost", "churned") for kind in terms.kinds])


def ranks(terms: Terms) -> Array:
    """Return each stage's place among those that are no exits."""
    return np.asarray(np.cumsum(~exits(terms)) - 1)


class PathCollector:
    """Collects the path block by block."""

    def __init__(self, terms: Terms, births: Array) -> None:
        self.terms, self.births = terms, births
        self.reached = np.full((len(births), len(terms.stages)), np.inf)
        self.left_from = np.full(len(births), -1, np.int8)
        self.steps = np.zeros((len(births), 4), np.int32)
        self.visits: list[tuple[Array, ...]] = []
        self.by_stage: list[tuple[Array, ...]] = []

    def add(self, rows: Rows) -> None:
        """Take a block."""
        moved = np.flatnonzero(rows.stage_from != rows.stage_to)
        who, start, stage = self._entries(rows, moved)
        local, size, stages = self.births[rows.first : rows.last], rows.last - rows.first, len(self.terms.stages)
        key = who * stages + stage
        position = np.arange(len(key))
        first = np.empty(size * stages, np.intp)
        first[key[::-1]] = position[::-1]  # the last assignment stays: the earliest entry
        again = first[key] != position
        fresh = ~again
        self.reached[rows.first : rows.last].reshape(-1)[key[fresh]] = days(start[fresh], local["arrived"][who[fresh]])
        leaving = moved[exits(self.terms)[rows.stage_to[moved]]]
        self.left_from[rows.customer[leaving]] = rows.stage_from[leaving]
        self._add_steps(rows, moved, again[np.arange(len(moved)) + rows.who[moved] + 1])
        self._add_visits(rows.first, who, start, stage)

    def _entries(self, rows: Rows, moved: Array) -> tuple[Array, Array, Array]:
        """Return customer (from the block's first), time and stage of every entry into a stage, the one at arrival included, in order."""
        local, size = self.births[rows.first : rows.last], rows.last - rows.first
        who = rows.who[moved]
        at_arrival = np.arange(size) + np.searchsorted(who, np.arange(size))
        at_move = np.arange(len(moved)) + who + 1
        customer, start, stage = np.empty(size + len(moved), np.intp), np.empty(size + len(moved)), np.empty(size + len(moved), np.intp)
        customer[at_arrival], start[at_arrival], stage[at_arrival] = np.arange(size), local["arrived"], local["entry"]
        customer[at_move], start[at_move], stage[at_move] = who, rows.time[moved], rows.stage_to[moved]
        return customer, start, stage

    def _add_steps(self, rows: Rows, moved: Array, again: Array) -> None:
        stays = ~exits(self.terms)[rows.stage_to[moved]]
        moved, again = moved[stays], again[stays]
        rank, last = ranks(self.terms), int(ranks(self.terms)[-1])
        old, new = rank[rows.stage_from[moved]], rank[rows.stage_to[moved]]
        round_again = (old == last) & (new == 0) if self.terms.ring else np.zeros(len(moved), bool)
        kinds = (np.ones(len(moved), bool), (new < old) & ~round_again, new > old + 1, again)
        customer, stage, stages = rows.who[moved], rows.stage_from[moved], len(self.terms.stages)
        key, size = customer * stages + stage, (rows.last - rows.first) * stages
        cells = np.column_stack([np.bincount(key[kind], minlength=size) for kind in kinds])
        self.steps[rows.first : rows.last] = cells.reshape(-1, stages, 4).sum(axis=1)
        some = np.flatnonzero(cells[:, 0])
        self.by_stage.append(((rows.first + some // stages).astype(np.int32), (some % stages).astype(np.int8), cells[some].astype(np.int32)))

    def _add_visits(self, first: int, who: Array, start: Array, stage: Array) -> None:
        ended = np.zeros(len(who), bool)
        ended[:-1] = who[1:] == who[:-1]
        until = np.full(len(who), self.terms.horizon)
        until[:-1][ended[:-1]] = start[1:][ended[:-1]]
        keep = ~exits(self.terms)[stage]
        self.visits.append(((first + who[keep]).astype(np.int32), stage[keep].astype(np.int8), start[keep], days(until[keep], start[keep]), ended[keep]))

    def done(self) -> Path:
        """Return the whole."""
        customer, stage, steps = (np.concatenate(part) for part in zip(*self.by_stage, strict=True))
        return Path(
            self.reached, self.left_from, self.steps, StageSteps(customer, stage, steps), *(np.concatenate(part) for part in zip(*self.visits, strict=True))
        )
