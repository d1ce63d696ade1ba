"""A world's numbers from an event log: counts where counting is the maximum-likelihood estimate, `gaps.fit` where it is not.

The likelihood of a log falls apart by stage into a multinomial of the next stages and a (censored) gap distribution with the share who
left unseen; with counts n(a, b) the estimate of next[a][b] is (1 - left[a]) n(a, b) / n(a).
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from sim.calibration import gaps
from sim.calibration.events import Account, EventLog, after_exits
from sim.calibration.moves import Moves, exit_of, moves
from sim.calibration.options import Options
from sim.errors import LogError
from sim.language import current
from sim.log import Array

FEW = 30
VISITS_CV = 5.0  # gaps this uneven are of two scales
LIKELY = {"customer": ("purchase", "order", "paid", "payment_done", "won", "buy", "customer", "converted"), "exit": ("lost", "churned", "left", "cancelled")}


class Number(NamedTuple):
    """An estimate, its standard error, and how many observations of it there are."""

    value: float
    se: float
    seen: int


@dataclass(frozen=True)
class Stage:
    """What was found about a stage; an exit has no ``next`` and no ``gap``."""

    name: str
    kind: str
    entry: Number
    next: dict[str, Number] = field(default_factory=dict)
    gap: gaps.Fit | None = None
    order: dict[str, Number] = field(default_factory=dict)  # on_entry, on_stay
    hidden: bool = False


@dataclass(frozen=True)
class Channel:
    """A channel's part of a stage's occasions, by stage, and how often it was engaged with."""

    name: str
    share: dict[str, Number]
    engage: Number


@dataclass(frozen=True)
class Persona:
    """A persona's part of the customers and the distribution of its order values (None without orders)."""

    name: str
    share: Number
    value: gaps.Fit | None


@dataclass(frozen=True)
class Estimate:
    """Everything that goes into a world, and what to know about it; ``hidden`` stages leave no event in a log."""

    customers: int
    arrival_days: float  # from day 0 to the last first event
    days: float  # to the end of the log
    day_zero: str
    stages: tuple[Stage, ...]
    channels: tuple[Channel, ...]
    personas: tuple[Persona, ...]
    hidden: tuple[str, ...]
    notes: tuple[str, ...]


def usable(log: EventLog, account: Account, options: Options) -> tuple[EventLog, Account]:
    """Return the log without the stages of ``options.drop``, without events after an exit and without exits that come first, and its account.

    Raise `LogError` if too little is left.
    """
    options.check(log)
    dropped = _in(log, options.drop)
    kept = log.only(~dropped)
    late = after_exits(kept, options.exits)
    account = account.without({f"in a stage named in study.drop ({', '.join(options.drop)})": int(dropped.sum()), "after an exit": int(late.sum())})
    kept = kept.only(~late)
    early = kept.first & _in(kept, options.exits)
    account = account.without({"in an exit as the customer's first event": int(early.sum())})
    kept = kept.only(~early)
    if not (kept.time[~kept.first] > kept.time[np.flatnonzero(~kept.first) - 1]).any():
        raise LogError(account.file, "no customer has two events at different times, so there is no gap to learn from")
    return kept, account


def _in(log: EventLog, names: Iterable[str]) -> Array:
    return np.isin(log.stage, [log.stages.index(name) for name in names])


def estimate(log: EventLog, options: Options) -> Estimate:
    """Return the estimate from a log that `usable` has passed."""
    found = moves(log, options)
    names, notes = _order(log, options, found), _taken(log, options)
    stages = [_stage(log, found, found.stages.index(name), options, notes) for name in names]
    notes += _bad_fits(stages, options)
    reached = {name for stage in stages for name in stage.next} | {stage.name for stage in stages if stage.entry.seen}
    stages = [stage for stage in stages if stage.name in reached]
    if len(log.personas) > 1:
        notes.append(_text("personas"))
    first_orders = log.revenue[log.first]
    if first_orders.any():
        say = current()
        notes.append(_text("first_orders", number=say.count((first_orders > 0).sum()), money=say.number(first_orders.sum(), 2)))
    return Estimate(
        customers=log.customers,
        arrival_days=float(log.time[log.first].max()),
        days=float(log.until.max()),
        day_zero=log.day_zero,
        stages=tuple(stages),
        channels=tuple(_channels(log, found, {stage.name for stage in stages})),
        personas=tuple(_personas(log)),
        hidden=tuple(name for name in found.hidden if name in reached),
        notes=tuple(notes),
    )


def proportion(count: int, of: int) -> Number:
    """Return a share and its standard error sqrt(p (1 - p) / n)."""
    share = count / of if of else 0.0
    return Number(share, (share * (1 - share) / of) ** 0.5 if of else 0.0, count)


def _order(log: EventLog, options: Options, found: Moves) -> list[str]:
    """Return stages in listed order: hidden ``away`` first, those of the log as named or by mean rank of the first visit, exits last."""
    living = [name for name in log.stages if name not in options.drop and name not in options.exits]
    if options.stages:
        living = [name for name in options.stages if name in living]
    else:
        rank = _first_visit_rank(log)
        living.sort(key=lambda name: rank.get(log.stages.index(name), np.inf))
    hidden = [name for name in found.hidden if found.kinds[found.stages.index(name)] == "prospect"]
    return [*hidden, *living, *options.exits, *(name for name in found.hidden if name not in hidden)]


def _first_visit_rank(log: EventLog) -> dict[int, float]:
    """Return the mean place of a stage among its customers' first visits, by stage."""
    pair = log.customer.astype("i8") * len(log.stages) + log.stage
    _, row = np.unique(pair, return_index=True)
    row.sort()
    customer = log.customer[row]
    start = np.searchsorted(customer, customer)
    rank = np.arange(len(row)) - start
    return {int(stage): float(rank[log.stage[row] == stage].mean()) for stage in np.unique(log.stage)}


def _taken(log: EventLog, options: Options) -> list[str]:
    """Say what each stage was taken for, and how leaving was found."""
    prospects = [name for name in log.stages if name not in (*options.customer_stages, *options.exits, *options.drop)]
    named = {"customer": options.customer_stages, "exit": options.exits}
    taken = [_text("taken", part=part, names=", ".join(names) or _text("nobody")) for part, names in named.items()]
    notes = ["; ".join(taken) + _text("others")]
    for part, key in (("customer", "customer_stages"), ("exit", "exits")):
        likely = [name for name in prospects if name.lower() in LIKELY[part]]
        if likely:
            notes.append(_text("likely", names=", ".join(likely), option=key))
    if options.idle_days is not None:
        notes.append(_text("idle", days=current().exactly(options.idle_days)))
    else:
        notes.append(_text("cure"))
    return notes


def _stage(log: EventLog, found: Moves, code: int, options: Options, notes: list[str]) -> Stage:
    name, kind = found.stages[code], found.kinds[code]
    entry = proportion(int((log.stage[log.first] == code).sum()), log.customers)
    if kind in ("lost", "churned"):
        return Stage(name, kind, entry, hidden=name in found.hidden)
    mine, hidden = found.origin == code, name in found.hidden
    fit = _gap(found, code, options, notes)
    counts = Counter(found.target[mine].tolist())
    return Stage(name, kind, entry, _next(found, code, counts, fit, notes), fit, _orders(log, found, code), hidden)


def _gap(found: Moves, code: int, options: Options, notes: list[str]) -> gaps.Fit:
    seen = found.gap[(found.origin == code) & ~np.isnan(found.gap)]
    still_open = found.open_gap[found.open_stage == code]
    still_open = still_open[still_open > 0]
    # leaving is unseen in `away` alone when there are sessions, and it is settled when idle days are given
    elsewhere = options.idle_days is not None or (options.session_minutes is not None and found.stages[code] not in found.hidden)
    if not len(seen):
        notes.append(_text("ended" if (found.origin == code).any() else "unseen", stage=found.stages[code]))
        away = np.isin(found.origin, [found.stages.index(name) for name in found.hidden])
        known = ~np.isnan(found.gap)
        seen = found.gap[known & ~away] if (known & ~away).any() else found.gap[known]
        return replace(gaps.fit(seen, still_open[:0], 0.0), gaps=0, open=len(still_open), distance=0.0)
    return gaps.fit(seen, still_open, 0.0 if elsewhere or not len(still_open) else 1.0)


def _bad_fits(stages: list[Stage], options: Options) -> list[str]:
    bad = {stage.name: stage.gap for stage in stages if stage.gap and stage.gap.distance > max(0.1, 3 * stage.gap.noise)}
    if not bad:
        return []
    scales = options.session_minutes is None and max(fit.cv for fit in bad.values()) > VISITS_CV
    distance = current().number(max(fit.distance for fit in bad.values()), 2)
    return [_text("bad_fit", names=", ".join(bad), distance=distance, hint=_text("scales") if scales else "")]


def _text(key: str, **values: object) -> str:
    return current().text(f"from_log.{key}", **values)


def _next(found: Moves, code: int, counts: Counter[int], fit: gaps.Fit, notes: list[str]) -> dict[str, Number]:
    total, name, exit_name = sum(counts.values()), found.stages[code], found.stages[exit_of(found, code)]
    if not total:
        return {exit_name: Number(1.0, 0.0, 0)}
    if total < FEW:
        notes.append(_text("weak", stage=name, number=total))
    out = {}
    for target, count in sorted(counts.items()):
        share = proportion(count, total)
        se = float(np.hypot((1 - fit.left) * share.se, share.value * fit.left_se))
        out[found.stages[target]] = Number((1 - fit.left) * share.value, se, count)
    if fit.left > 0:
        known = out.get(exit_name, Number(0.0, 0.0, 0))
        out[exit_name] = Number(known.value + fit.left, fit.left_se, known.seen)
    if fit.left_se > 0.1:
        notes.append(_text("left", stage=name, left=current().number(fit.left, 2), se=current().number(fit.left_se, 2)))
    return out


def _orders(log: EventLog, found: Moves, code: int) -> dict[str, Number]:
    if not log.revenue.any():
        return {}
    into = (found.target == code) & (found.event >= 0)
    ordered = log.revenue[found.event] > 0
    if not ordered[into].any():
        return {}
    enters, stays = into & (found.origin != code), into & (found.origin == code)
    return {name: proportion(int(ordered[rows].sum()), int(rows.sum())) for name, rows in (("on_entry", enters), ("on_stay", stays)) if rows.any()}


def _channels(log: EventLog, found: Moves, written: set[str]) -> list[Channel]:
    seen = found.event >= 0
    origin, channel, engaged = found.origin[seen], log.channel[found.event[seen]], log.engaged[found.event[seen]]
    visits = np.bincount(origin, minlength=len(found.stages))
    out = []
    for code, name in enumerate(log.channels[1:], 1):
        held = np.bincount(origin[channel == code], minlength=len(found.stages))
        share = {found.stages[k]: proportion(int(held[k]), int(visits[k])) for k in np.flatnonzero(held) if found.stages[k] in written}
        if share:
            out.append(Channel(name, share, proportion(int(engaged[channel == code].sum()), int(held.sum()))))
    return out


def _personas(log: EventLog) -> list[Persona]:
    later = ~log.first & (log.revenue > 0)
    out = []
    for code, name in enumerate(log.personas):
        count = int((log.persona == code).sum())
        own = log.revenue[later & (log.persona[log.customer] == code)]
        values: Array = own if len(own) >= FEW else log.revenue[later]
        if count:
            out.append(Persona(name, proportion(count, log.customers), gaps.fit(values, values[:0], 0.0) if len(values) else None))
    return out
