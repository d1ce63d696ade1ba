"""A real log beside a simulated one, both as an observer has them and cut at the same follow-up.

Beside each distance stands the one that chance alone would give two samples of these sizes: E|N(0, s^2)| = s sqrt(2 / pi) for a
difference and for each term of a total variation distance, sqrt(pi / 2) log(2) sqrt(1/n + 1/m) for Kolmogorov's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from sim.calibration.events import EventLog
from sim.language import current
from sim.log import Array

FEW = 30


class Row(NamedTuple):
    """One measure: what it is in each log, how far apart they are, and how far chance alone would put them."""

    measure: str
    stage: str
    real: float
    simulated: float
    distance: float
    noise: float
    kind: str  # difference, total variation, Kolmogorov
    n_real: int
    n_simulated: int


def compare(real: EventLog, simulated: EventLog, goals: Sequence[str] = ()) -> list[Row]:
    """Return the rows of the comparison; ``goals`` are the stages whose first visit is timed (empty: the last one in the real log's order)."""
    real, simulated = same_names(*same_follow_up(real, simulated))
    goals = [name for name in goals or real.stages[-1:] if name in real.stages]
    return [
        *_reach(real, simulated),
        *_transitions(real, simulated),
        _occasions(real, simulated),
        *(_time_to(real, simulated, name) for name in goals),
        *_gaps(real, simulated),
        *_channels(real, simulated),
        *_money(real, simulated),
    ]


def same_follow_up(real: EventLog, simulated: EventLog) -> tuple[EventLog, EventLog]:
    """Return both logs cut at follow-ups of one distribution.

    Where every simulated customer was followed long enough, each is cut at the follow-up of a real customer of the same persona, in turn;
    otherwise both are cut at the largest number of days that half of the customers of both were followed, and the others are left out.
    """
    days = real.follow_up
    if simulated.follow_up.min() >= days.max():
        return real, simulated.within(_borrowed(real, simulated, days))
    limit = float(min(np.median(days), np.median(simulated.follow_up)))
    return _followed(real, limit), _followed(simulated, limit)


def same_names(real: EventLog, simulated: EventLog) -> tuple[EventLog, EventLog]:
    """Return both logs with the same tuples of stages and channels."""
    stages = tuple(dict.fromkeys([*real.stages, *simulated.stages]))
    channels = tuple(dict.fromkeys([*real.channels, *simulated.channels]))

    def renamed(log: EventLog) -> EventLog:
        stage = np.array([stages.index(name) for name in log.stages])[log.stage]
        return replace(log, stages=stages, channels=channels, stage=stage, channel=np.array([channels.index(name) for name in log.channels])[log.channel])

    return renamed(real), renamed(simulated)


def kolmogorov(real: Array, simulated: Array) -> float:
    """Return the largest distance between two empirical distribution functions; infinite values are never reached."""
    at = np.unique(np.concatenate([real, simulated]))
    at = at[np.isfinite(at)]
    if not len(at) or not len(real) or not len(simulated):
        return float("nan")
    return float(np.abs(_below(real, at) - _below(simulated, at)).max())


def lines(rows: Sequence[Row]) -> list[str]:
    """Return the comparison as lines of at most 100 columns; the median days to a stage are those of who got there."""
    say = current()
    real, simulated, distance, chance = (say.text(f"from_log.{name}") for name in ("real", "simulated", "distance", "chance"))
    out = [f"{'':40}{real:>11}{simulated:>11}{distance:>10}{chance:>10}"]
    for row in rows:
        numbers = "".join(f"{'' if np.isnan(value) else say.exactly(value):>11}" for value in (row.real, row.simulated))
        apart = f"{say.exactly(row.distance, 3):>10}{say.exactly(row.noise, 2):>10}"
        out.append(f"{say.note(row.measure) + ' ' + row.stage:40.40}{numbers}{apart}  {say.note(row.kind)}")
    return out


def _borrowed(real: EventLog, simulated: EventLog, days: Array) -> Array:
    out = np.empty(simulated.customers)
    for code, name in enumerate(simulated.personas):
        mine = np.flatnonzero(simulated.persona == code)
        alike = days[real.persona == real.personas.index(name)] if name in real.personas else days
        out[mine] = np.resize(alike if len(alike) else days, len(mine))
    return out


def _followed(log: EventLog, limit: float) -> EventLog:
    kept = log.only((log.follow_up >= limit)[log.customer])
    return kept.within(np.full(kept.customers, limit))


def _below(values: Array, at: Array) -> Array:
    return np.searchsorted(np.sort(values), at, side="right") / len(values)


def _difference(measure: str, stage: str, real: Array, simulated: Array) -> Row:
    """Return the difference of two means; ``real`` and ``simulated`` have one value a customer."""
    n, m = len(real), len(simulated)
    pooled = np.concatenate([real, simulated])
    noise = float(np.std(pooled)) * (1 / n + 1 / m) ** 0.5 * (2 / np.pi) ** 0.5
    return Row(measure, stage, float(real.mean()), float(simulated.mean()), float(abs(real.mean() - simulated.mean())), noise, "difference", n, m)


def _variation(measure: str, stage: str, real: Array, simulated: Array) -> Row:
    """Return the total variation distance of two tables of counts."""
    n, m = int(real.sum()), int(simulated.sum())
    if not n or not m:
        return Row(measure, stage, float("nan"), float("nan"), float("nan"), float("nan"), "total variation", n, m)
    p = (real + simulated) / (n + m)
    noise = float(np.sqrt(p * (1 - p) * (1 / n + 1 / m)).sum() / (2 * np.pi) ** 0.5)
    return Row(measure, stage, float("nan"), float("nan"), float(np.abs(real / n - simulated / m).sum() / 2), noise, "total variation", n, m)


def _curve(measure: str, stage: str, real: Array, simulated: Array) -> Row:
    """Return Kolmogorov's distance of two samples, with the medians (infinity where under half get there) beside it."""
    n, m = len(real), len(simulated)
    noise = 0.8687 * (1 / max(n, 1) + 1 / max(m, 1)) ** 0.5
    middle = [float(np.quantile(values, 0.5, method="lower")) if len(values) else float("nan") for values in (real, simulated)]
    return Row(measure, stage, middle[0], middle[1], kolmogorov(real, simulated), noise, "Kolmogorov", n, m)


def _reach(real: EventLog, simulated: EventLog) -> Iterator[Row]:
    for code, name in enumerate(real.stages):
        reached = [_ever(log, log.stage == code) for log in (real, simulated)]
        if reached[0].any() or reached[1].any():
            yield _difference("reach of", name, *reached)


def _ever(log: EventLog, rows: Array) -> Array:
    return np.bincount(log.customer[rows], minlength=log.customers) > 0


def _transitions(real: EventLog, simulated: EventLog) -> Iterator[Row]:
    tables = [_table(log) for log in (real, simulated)]
    yield _variation("transitions", "(all)", tables[0].ravel(), tables[1].ravel())
    for code, name in enumerate(real.stages):
        if min(table[code].sum() for table in tables) >= FEW:
            yield _variation("transitions from", name, tables[0][code], tables[1][code])


def _table(log: EventLog) -> Array:
    count = len(log.stages)
    later = np.flatnonzero(~log.first)
    return np.bincount(log.stage[later - 1] * count + log.stage[later], minlength=count * count).reshape(count, count)


def _occasions(real: EventLog, simulated: EventLog) -> Row:
    counts = [np.bincount(log.customer, minlength=log.customers) - 1.0 for log in (real, simulated)]
    row = _curve("mean occasions per customer", "", *counts)
    return row._replace(real=float(counts[0].mean()), simulated=float(counts[1].mean()))


def _time_to(real: EventLog, simulated: EventLog, name: str) -> Row:
    code = real.stages.index(name)
    found = []
    for log in (real, simulated):
        days = np.full(log.customers, np.inf)
        rows = log.stage == code
        np.minimum.at(days, log.customer[rows], log.age[rows])
        found.append(days)
    reached = [days[np.isfinite(days)] for days in found]
    row = _curve("median days to", name, *found)
    middle = [float(np.median(days)) if len(days) else float("nan") for days in reached]
    return row._replace(real=middle[0], simulated=middle[1])


def _gaps(real: EventLog, simulated: EventLog) -> Iterator[Row]:
    samples = []
    for log in (real, simulated):
        later = np.flatnonzero(~log.first)
        samples.append((log.stage[later - 1], log.time[later] - log.time[later - 1]))
    for code, name in enumerate(real.stages):
        mine = [gap[stage == code] for stage, gap in samples]
        if min(map(len, mine)) >= FEW:
            yield _curve("median gap after", name, *mine)


def _channels(real: EventLog, simulated: EventLog) -> Iterator[Row]:
    if len(real.channels) > 1:
        counts = [np.bincount(log.channel[~log.first], minlength=len(log.channels)) for log in (real, simulated)]
        yield _variation("channels of occasions", "", *counts)


def _money(real: EventLog, simulated: EventLog) -> Iterator[Row]:
    if not real.revenue.any():
        return
    money = [log.revenue * ~log.first for log in (real, simulated)]
    for measure, worth in (("orders per customer", [values > 0 for values in money]), ("revenue per customer", money)):
        found = [np.bincount(log.customer, weights=values, minlength=log.customers) for log, values in zip((real, simulated), worth, strict=True)]
        yield _difference(measure, "", *found)
