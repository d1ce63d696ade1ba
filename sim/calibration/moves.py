"""An event log as moves between stages: what an observer sees of the occasions, and the ends that are still open.

With a session limit, a gap longer than it becomes two moves: into the stage ``away``, unseen, and back from it. With idle days,
who has been silent for longer has moved to the unseen exit.
"""

from dataclasses import dataclass

import numpy as np

from sim.calibration.events import EventLog
from sim.calibration.options import Options
from sim.log import Array

AWAY = ("away", "away_", "between_visits")  # the first that the log doesn't have
LEFT = {"prospect": ("lost", "gone", "left_unseen"), "customer": ("churned", "gone_customer", "left_unseen_customer")}


@dataclass(frozen=True)
class Moves:
    """One row a move: stages are codes of ``stages`` (the log's, then hidden ones), ``gap`` is nan where unseen, ``event`` the log's row or -1.

    ``open_stage`` and ``open_gap``: where customers were last seen, and the days since.
    """

    stages: tuple[str, ...]
    kinds: tuple[str, ...]
    hidden: tuple[str, ...]
    origin: Array
    target: Array
    gap: Array
    event: Array
    open_stage: Array
    open_gap: Array


def moves(log: EventLog, options: Options) -> Moves:
    """Return the moves of a log whose events after an exit are already gone."""
    kinds = [options.exits.get(name, "customer" if name in options.customer_stages else "prospect") for name in log.stages]
    later = np.flatnonzero(~log.first)
    end, done = log.last, np.isin(log.stage, [k for k, kind in enumerate(kinds) if kind in ("lost", "churned")])
    seen = Moves(
        stages=log.stages,
        kinds=tuple(kinds),
        hidden=(),
        origin=log.stage[later - 1],
        target=log.stage[later],
        gap=_positive(log.time[later] - log.time[later - 1]),
        event=later,
        open_stage=log.stage[end & ~done],
        open_gap=(log.until[log.customer] - log.time)[end & ~done],
    )
    if options.session_minutes is not None:
        seen = _through_away(seen, options.session_minutes / 1440)
    seen = _with_exits(seen)
    return seen if options.idle_days is None else _idle_left(seen, options.idle_days)


def exit_of(moves: Moves, stage: int) -> int:
    """Return the unseen exit of a stage."""
    return moves.stages.index(_free(LEFT[moves.kinds[stage]], [name for name in moves.stages if name not in moves.hidden]))


def _positive(gap: Array) -> Array:
    """Lift gaps of 0, which no distribution has, to half the smallest one seen."""
    seen = gap[gap > 0]
    return np.where(gap > 0, gap, seen.min() / 2 if len(seen) else 0.0)


def _free(names: tuple[str, ...], taken: list[str]) -> str:
    folded = {name.casefold() for name in taken}
    return next(name for name in (*names, f"{names[0]} (unseen)") if name not in folded)


def _through_away(seen: Moves, limit: float) -> Moves:
    away, long, gone = len(seen.stages), seen.gap > limit, seen.open_gap > limit
    leaving = np.concatenate([seen.origin[long], seen.open_stage[gone]])
    count = len(leaving)
    return Moves(
        stages=(*seen.stages, _free(AWAY, list(seen.stages))),
        kinds=(*seen.kinds, "prospect"),
        hidden=(_free(AWAY, list(seen.stages)),),
        origin=np.concatenate([np.where(long, away, seen.origin), leaving]),
        target=np.concatenate([seen.target, np.full(count, away)]),
        gap=np.concatenate([seen.gap, np.full(count, np.nan)]),
        event=np.concatenate([seen.event, np.full(count, -1)]),
        open_stage=np.where(gone, away, seen.open_stage),
        open_gap=seen.open_gap,
    )


def _with_exits(seen: Moves) -> Moves:
    taken = [name for name in seen.stages if name not in seen.hidden]
    exits = tuple(_free(names, taken) for names in LEFT.values())
    return Moves(
        (*seen.stages, *exits),
        (*seen.kinds, "lost", "churned"),
        (*seen.hidden, *exits),
        seen.origin,
        seen.target,
        seen.gap,
        seen.event,
        seen.open_stage,
        seen.open_gap,
    )


def _idle_left(seen: Moves, days: float) -> Moves:
    gone = seen.open_gap > days
    origin = seen.open_stage[gone]
    exits = np.array([exit_of(seen, int(stage)) for stage in origin], dtype="i8")
    count = len(origin)
    return Moves(
        seen.stages,
        seen.kinds,
        seen.hidden,
        np.concatenate([seen.origin, origin]),
        np.concatenate([seen.target, exits]),
        np.concatenate([seen.gap, np.full(count, np.nan)]),
        np.concatenate([seen.event, np.full(count, -1)]),
        seen.open_stage[~gone],
        seen.open_gap[~gone],
    )
