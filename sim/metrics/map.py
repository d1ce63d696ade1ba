"""What a journey map shows, measured on a log: touchpoints, feelings, money and losses, stage by stage.

Every number is a `Metric`, so that replications are averaged, compared and written like all others.  ``by`` is ``stage``; ``cell``
(a stage and a channel, see `cell`); ``persona_stage``; or ``pain`` (a kind of loss and a stage).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sim.log import Array, Log, Terms
from sim.metrics.fixed import FixedCosts, shares
from sim.metrics.journey import Facts
from sim.metrics.path import exits
from sim.metrics.rows import Rows, blocks
from sim.metrics.table import COUNT, SCORE, SHARE, Metric

BAD = 0.1  # satisfaction lost at one touch that makes it a bad experience
SOON = 3  # occasions after a moment in which leaving is counted with it
PERCENTILES = (5, 25, 50, 75, 95)
DROP_OFF, GAVE_UP, BAD_EXPERIENCE = PAINS = ("drop_off", "gave_up", "bad_experience")
_FINE = 2001  # satisfaction in steps of 0.001, from -1 to 1


def cell(*names: str) -> str:
    """Return the name of what several names say together, such as a stage and a channel."""
    return " | ".join(names)


def journey_map(facts: Facts, costs: FixedCosts | None = None) -> list[Metric]:
    """Return the numbers of a map that no other metric has; ``costs`` are those of the whole log where the facts are of some customers only."""
    found = _Sums(facts, costs or facts.costs)
    for rows in blocks(facts.log):
        found.add(rows)
    return [*found.visitors(), *found.touchpoints(), *found.feelings(), *found.money(), *found.pains(), *found.gave_up()]


def only(log: Log, persona: int) -> Log:
    """Return the log of one persona's customers, without the ledger: fixed costs are everybody's."""
    mine = np.flatnonzero(log.births["persona"] == persona)
    place = np.full(len(log.births), -1, np.int32)
    place[mine] = np.arange(len(mine))

    def picked() -> Iterator[tuple[int, int, Array]]:
        for first, last, rows in log.blocks():
            begin, end = np.searchsorted(mine, [first, last])
            some = rows[place[rows["customer"]] >= 0]
            some["customer"] = place[some["customer"]]
            yield int(begin), int(end), some

    births = log.births[mine]
    return Log(log.terms, births, picked, (), int(np.count_nonzero(births["parent"] < 0)))


@dataclass
class _Pain:
    """Of one kind of loss, by stage: who had it, how often, and how often the journey was left soon after; the same of moments like it."""

    who: Array  # (customers, stages)
    times: Array
    left: Array
    others: Array
    others_left: Array


class _Sums:
    """Adds up the rows of a log, block by block."""

    def __init__(self, facts: Facts, costs: FixedCosts) -> None:
        self.facts, self.costs, self.terms = facts, costs, facts.terms
        stages, channels, customers = len(self.terms.stages), len(self.terms.channels), len(facts.customers)
        self.cells = {name: np.zeros((stages, channels)) for name in ("occasions", "exposures", "touches", "cell_cost", "felt")}
        self.queues = np.zeros((stages, len(self.terms.desks) + 1))  # who gave up; the last column is no desk's
        self.levels = np.zeros((stages, _FINE))
        self.flows = {name: np.zeros(stages) for name in ("revenue", "money_in", "variable", "fixed")}
        self.ahead = np.zeros(stages)  # what customers bring after they first came to the stage
        self.queued = np.zeros(customers, bool)  # whose journey ended in a queue
        self.pain = {kind: _Pain(np.zeros((customers, stages), bool), *np.zeros((4, stages))) for kind in (GAVE_UP, BAD_EXPERIENCE)}
        self.table = self.terms.contribution()

    def add(self, rows: Rows) -> None:
        """Take a block."""
        self._add_cells(rows)
        self._add_money(rows)
        self._add_pains(rows.steps())

    def _add_cells(self, rows: Rows) -> None:
        stages, channels = self.cells["touches"].shape
        key, touch = rows.stage_from * channels + rows.channel, rows.touch
        counted = {"occasions": rows.step.astype(float), "exposures": rows.exposure.astype(float), "touches": touch.astype(float)}
        for name, values in (counted | {"cell_cost": rows.cost, "felt": rows.satisfaction * touch}).items():
            self.cells[name] += np.bincount(key, weights=values, minlength=stages * channels).reshape(stages, channels)
        fine = np.clip(np.round((rows.satisfaction[touch] + 1) / 2 * (_FINE - 1)), 0, _FINE - 1).astype(np.intp)
        self.levels += np.bincount(rows.stage_from[touch] * _FINE + fine, minlength=stages * _FINE).reshape(stages, _FINE)

    def _add_money(self, rows: Rows) -> None:
        who = self.facts.customers[rows.first : rows.last]
        contribution = rows.revenue * self.table[who["persona"][rows.who], np.maximum(who["arm"], 0)[rows.who], rows.channel]
        # What is paid after the exit (instalments, refunds, fees until the end of a term) counts where the customer last was.
        stage = np.where(exits(self.terms)[rows.stage_from], self.facts.path.left_from[rows.customer], rows.stage_from)
        of_desks, of_channels = shares(self.costs, rows) if self.costs.any else (np.zeros(len(rows.time)), np.zeros(len(rows.time)))
        for name, values in {"revenue": rows.revenue, "money_in": contribution, "variable": rows.cost, "fixed": of_desks + of_channels}.items():
            self.flows[name] += np.bincount(stage, weights=values, minlength=len(self.ahead))
        net, age = contribution - rows.cost, rows.time - who["arrived"][rows.who]
        paying = np.flatnonzero(net)
        entered = self.facts.path.reached[rows.customer[paying]]
        self.ahead += (net[paying, None] * (age[paying, None] > entered + 1e-9)).sum(axis=0)  # entries are known to a billionth of a day

    def _add_pains(self, rows: Rows) -> None:
        size = len(rows.time)
        if not size:
            return
        first = np.diff(rows.customer, prepend=-1) != 0
        faded = np.exp2(-np.diff(rows.time, prepend=rows.time[0]) / self.terms.half_life) if self.terms.half_life else 1.0
        before = np.where(first, 0.0, np.roll(rows.satisfaction, 1) * faded)
        last = np.flatnonzero(np.diff(rows.customer, append=-1) != 0)
        end = np.repeat(last, np.diff(last, prepend=-1))
        left = exits(self.terms)[rows.stage_to[end]] & (end - np.arange(size) <= SOON)
        touch, gave_up = rows.touch, rows.step & ~rows.occasion
        self.queued[rows.customer[last]] = gave_up[last] & exits(self.terms)[rows.stage_to[last]]
        desks = self.queues.shape[1]
        self.queues += np.bincount((rows.stage_from * desks + rows.desk % desks)[gave_up], minlength=self.queues.size).reshape(self.queues.shape)
        bad = touch & (rows.satisfaction <= before - BAD + 1e-6)  # kept in single precision
        for kind, hurt in ((GAVE_UP, gave_up), (BAD_EXPERIENCE, bad)):
            self._note(self.pain[kind], rows, hurt, touch & ~bad, left)

    def _note(self, pain: _Pain, rows: Rows, hurt: Array, like: Array, left: Array) -> None:
        stages = len(self.ahead)
        pain.who[rows.customer[hurt], rows.stage_from[hurt]] = True
        for column, mask in ((pain.times, hurt), (pain.left, hurt & left), (pain.others, like), (pain.others_left, like & left)):
            column += np.bincount(rows.stage_from[mask], minlength=stages)

    def visitors(self) -> Iterator[Metric]:
        """Yield how many customers were in each stage, all of them and by persona, and how many were there when the log ended."""
        there = np.isfinite(self.facts.path.reached)
        persona = self.facts.customers["persona"]
        for stage in _living(self.terms):
            yield _count("visitors", "stage", self.terms.stages[stage], there[:, stage].sum())
            yield _count("last_seen", "stage", self.terms.stages[stage], float(np.count_nonzero(self.facts.customers["stage"] == stage)))
            for number, name in enumerate(self.terms.personas):
                yield _count("visitors", "persona_stage", cell(name, self.terms.stages[stage]), there[persona == number, stage].sum())

    def touchpoints(self) -> Iterator[Metric]:
        """Yield, by stage and channel, cost, occasions, exposures and their share of the stage's, the part engaged with, and feeling after a touch."""
        whole, occasions = self.cells["exposures"].sum(axis=1), self.cells["occasions"].sum(axis=1)
        for stage in _living(self.terms):
            for number, channel in enumerate(self.terms.channels):
                group = cell(self.terms.stages[stage], channel)
                here = {name: float(table[stage, number]) for name, table in self.cells.items()}
                met = here["occasions"] + here["exposures"] > 0
                if met or here["cell_cost"]:  # a reward comes with no occasion
                    yield _money("cell_cost", "cell", group, here["cell_cost"], self.terms)
                if not met:
                    continue
                yield _ratio("occasion_share", "cell", group, here["occasions"], occasions[stage], SHARE)
                yield _count("cell_exposures", "cell", group, here["exposures"])
                yield _count("cell_touches", "cell", group, here["touches"])
                yield _ratio("exposure_share", "cell", group, here["exposures"], whole[stage], SHARE)
                yield _ratio("cell_engagement", "cell", group, here["touches"], here["exposures"], SHARE)
                yield _ratio("cell_satisfaction", "cell", group, here["felt"], here["touches"], SCORE)

    def feelings(self) -> Iterator[Metric]:
        """Yield percentiles of satisfaction after each touch, by stage, to 0.001; nothing where no touch ever moved it."""
        centre = (_FINE - 1) // 2
        if self.levels.sum() == self.levels[:, centre].sum():
            return
        for stage in _living(self.terms):
            upto, size = np.cumsum(self.levels[stage]), int(self.levels[stage].sum())
            for part in PERCENTILES if size else ():
                at = int(np.searchsorted(upto, part / 100 * size - 1e-9))
                yield Metric(f"satisfaction_p{part:02d}", "stage", self.terms.stages[stage], 2 * at / (_FINE - 1) - 1, math.nan, math.nan, SCORE, size)

    def money(self) -> Iterator[Metric]:
        """Yield, by stage of the customer (the last, once they left), revenue, contribution (in) and all costs (out), wages and monthly costs by their use."""
        there = np.isfinite(self.facts.path.reached).sum(axis=0)
        for stage in _living(self.terms):
            name = self.terms.stages[stage]
            yield _money("stage_revenue", "stage", name, self.flows["revenue"][stage], self.terms)
            yield _money("money_in", "stage", name, self.flows["money_in"][stage], self.terms)
            yield _money("money_out", "stage", name, self.flows["variable"][stage] + self.flows["fixed"][stage], self.terms)
            yield _ratio("worth_ahead", "stage", name, self.ahead[stage], there[stage], self.terms.currency)

    def pains(self) -> Iterator[Metric]:
        """Yield what is lost where: customers, and money at what the average customer who came to the stage brings from there on.

        Drop-off: who left the journey from the stage and did not give up in a queue.  Giving up, a bad experience: who had it, and how
        many more left at it or within three occasions than after other touches of the stage (giving up as a prospect is leaving).
        """
        gone = self.facts.path.left_from
        for stage in _living(self.terms):
            worth = self.ahead[stage] / max(1, np.isfinite(self.facts.path.reached[:, stage]).sum())
            left = float(np.count_nonzero((gone == stage) & ~self.queued))
            yield from self._pain(DROP_OFF, stage, left, left, worth)
            for kind, pain in self.pain.items():
                usual = pain.others_left[stage] / pain.others[stage] if pain.others[stage] else 0.0
                more = max(0.0, float(pain.left[stage] - usual * pain.times[stage]))
                yield from self._pain(kind, stage, float(pain.who[:, stage].sum()), more, worth)

    def gave_up(self) -> Iterator[Metric]:
        """Yield how often customers gave up, by stage and desk."""
        for stage in _living(self.terms):
            for number, name in enumerate(self.terms.desks):
                yield _count("gave_up_at", "stage_desk", cell(self.terms.stages[stage], name), self.queues[stage, number])

    def _pain(self, kind: str, stage: int, customers: float, lost: float, worth: float) -> Iterator[Metric]:
        group = cell(kind, self.terms.stages[stage])
        yield _count("pain_customers", "pain", group, customers)
        yield _count("pain_lost", "pain", group, lost)
        yield _money("pain_money", "pain", group, lost * max(0.0, worth), self.terms)


def _living(terms: Terms) -> list[int]:
    return [int(stage) for stage in np.flatnonzero(~exits(terms))]


def _count(name: str, by: str, group: str, value: float) -> Metric:
    return Metric(name, by, group, float(value), math.nan, math.nan, COUNT, round(value))


def _money(name: str, by: str, group: str, value: float, terms: Terms) -> Metric:
    return Metric(name, by, group, float(value), math.nan, math.nan, terms.currency, 1)


def _ratio(name: str, by: str, group: str, above: float, below: float, unit: str) -> Metric:
    value = above / below if below else math.nan
    return Metric(name, by, group, float(value), math.nan, math.nan, unit, round(below), "" if below else "none", float(above), float(below))
