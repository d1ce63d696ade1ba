"""What an analyst observes of a test: who was assigned to which arm, who was exposed when, and what they did in the days after.

Exposure is arrival, or the first entry into a stage. Outcomes count occasions after the exposure until ``days`` later
(day ``days`` included), and only customers who were followed that long (F = horizon - exposure >= days) have one.
Nothing here knows the truth.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim import log as schema
from sim.customers import discounted
from sim.log import Array, Log
from sim.metrics.arrivals import arrivals
from sim.model.world import CUSTOMER
from sim.studies.ab.question import Outcome, Question

NEVER = np.iinfo(np.int32).max
COVARIATES = ("occasions", "exposures", "touches", "days")  # before exposure; persona and entry stage come on top


@dataclass(frozen=True)
class Sample:
    """The eligible customers, one entry each; ``origin`` is the day of exposure (NaN: never exposed, or not in the test's time).

    ``arm``: index into ``arms`` (control first). ``covariates``: (customers, k), all from before exposure.
    ``amounts``: what each customer came to within the days after exposure, by (days, amount).
    """

    arms: tuple[str, ...]
    identity: Array
    arm: Array
    origin: Array
    followed: Array
    covariates: Array
    amounts: dict[tuple[float, str], Array]

    def counted(self, outcome: Outcome) -> Array:
        """Return who counts: exposed, and followed for the outcome's window."""
        return np.asarray(self.followed >= outcome.days)

    def values(self, outcome: Outcome) -> tuple[Array, Array]:
        """Return numerator and denominator (ones, unless it is a ratio) of those who count."""
        who = self.counted(outcome)
        above = self.amounts[outcome.days, outcome.above][who]
        return above, self.amounts[outcome.days, outcome.below][who] if outcome.below else np.ones(len(above))

    def kept(self, who: Array) -> "Sample":
        """Return the sample of some of these customers (a mask, or indices)."""
        amounts = {key: value[who] for key, value in self.amounts.items()}
        return Sample(self.arms, self.identity[who], self.arm[who], self.origin[who], self.followed[who], self.covariates[who], amounts)

    def assigned_again(self, arm: Array, arms: tuple[str, ...]) -> "Sample":
        """Return the same customers and outcomes under other arms."""
        return Sample(arms, self.identity, arm, self.origin, self.followed, self.covariates, self.amounts)


def observe(log: Log, question: Question, arms: Sequence[str]) -> Sample:
    """Return what an analyst sees in a log; ``arms`` in the order of the sample, control first.

    Not eligible: who was there on day 0, and whom they brought.
    """
    log = arrivals(log) or log
    parts = [_block(log, question, *block) for block in log.blocks()]
    whole = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]} if parts else _block(log, question, 0, 0, np.zeros(0, schema.ROW))
    births = log.births
    number = np.array([list(arms).index(name) for name in log.terms.arms] or [0])
    eligible = whole["eligible"]
    if question.personas:
        eligible = eligible & np.isin(births["persona"], [log.terms.personas.index(name) for name in question.personas])
    origin = np.where(_within(whole["origin"], question), whole["origin"], np.nan)
    covariates = np.column_stack([*(whole[name] for name in COVARIATES), births["arrived"], *_dummies(births["persona"]), *_dummies(births["entry"])])
    amounts = {key: value for key, value in whole.items() if isinstance(key, tuple)}
    arm = number[np.maximum(births["arm"], 0)]
    sample = Sample(tuple(arms), births["identity"], arm, origin, log.terms.horizon - origin, covariates, amounts)
    return sample.kept(eligible)


def _within(origin: Array, question: Question) -> Array:
    return (origin >= question.start) & (origin < (np.inf if question.end is None else question.end))


def _dummies(codes: Array) -> list[Array]:
    return [(codes == code).astype(float) for code in np.unique(codes)[1:]]


def _block(log: Log, question: Question, first: int, last: int, rows: Array) -> "dict[str | tuple[float, str], Array]":
    """Return the columns of the customers of one block of rows."""
    terms, births, who = log.terms, log.births[first:last], rows["customer"] - first
    start, origin = _exposure(terms, question, births, rows, who)
    won = np.where(_kind(terms, births["entry"]) == CUSTOMER, -1, NEVER)
    enters = _firsts(who, _kind(terms, rows["stage_to"]) == CUSTOMER)
    won[who[enters]] = np.minimum(won[who[enters]], rows["number"][enters])
    late = question.stage is not None and terms.kinds[terms.stages.index(question.stage)] != CUSTOMER
    before, count = rows["number"] <= start[who], len(births)

    def summed(mask: Array, weights: Array | None = None) -> Array:
        return np.bincount(who[mask], None if weights is None else weights[mask], minlength=count).astype(float)

    flows = _flows(log, births, rows, who, origin)
    out: dict[str | tuple[float, str], Array] = {"origin": origin, "eligible": ~(won < start) if late else np.ones(count, bool)}
    out |= {name: summed(before, flows[name]) for name in COVARIATES if name != "days"}
    out["days"] = np.nan_to_num(origin - births["arrived"])
    age = np.round(rows["time"] - origin[who], 9)
    for days in {outcome.days for outcome in question.outcomes}:
        inside = ~before & (age <= days)
        out |= {(days, name): summed(inside, flow) for name, flow in flows.items()}
        out[days, "converted"] = summed(inside & (rows["number"] == won[who])) + (won == start)
    return out


def _exposure(terms: schema.Terms, question: Question, births: Array, rows: Array, who: Array) -> tuple[Array, Array]:
    """Return the number of the row that exposed each customer (-1: its birth; `NEVER`) and the day."""
    if question.stage is None:
        return np.full(len(births), -1), births["arrived"].astype(float)
    stage = terms.stages.index(question.stage)
    born = births["entry"] == stage
    start, origin = np.where(born, -1, NEVER), np.where(born, births["arrived"], np.nan)
    enters = _firsts(who, (rows["stage_to"] == stage) & (rows["stage_from"] != stage) & ~born[who])
    start[who[enters]], origin[who[enters]] = rows["number"][enters], rows["time"][enters]
    return start, origin


def _flows(log: Log, births: Array, rows: Array, who: Array, origin: Array) -> dict[str, Array]:
    """Return what each row adds to each amount; value is contribution less variable cost, discounted to exposure."""
    exposed = schema.exposed(rows)
    cost, revenue = rows["cost"].astype(float), rows["revenue"].astype(float)
    margin = revenue * log.terms.contribution()[births["persona"][who], np.maximum(births["arm"][who], 0), rows["channel"]]
    counts = {"orders": schema.ordered(rows), "touches": schema.engaged(rows) & exposed, "exposures": exposed, "occasions": schema.kind(rows) <= schema.GAVE_UP}
    value = (margin - cost) * discounted(log.terms, rows["time"] - origin[who])
    return {name: flow.astype(float) for name, flow in counts.items()} | {"cost": cost, "revenue": revenue, "margin": margin, "value": value}


def _kind(terms: schema.Terms, stages: Array) -> Array:
    return np.array(terms.kinds)[stages]


def _firsts(who: Array, mask: Array) -> Array:
    """Return the index of each customer's first row under the mask; rows are ordered by customer and time."""
    inside = np.flatnonzero(mask)
    return inside[np.diff(who[inside], prepend=-1) > 0]
