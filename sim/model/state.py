"""What a world remembers while it plays: fresh, and with more room."""

import numpy as np

from sim import log
from sim.model import layout
from sim.model.layout import Live, Tables
from sim.model.numbering import named_drivers, queues
from sim.model.world import World

PERIODS = {"day": 1.0, "week": 7.0, "month": 365 / 12}
ROUNDING = 1e-9  # of a budget: three times 0.1 is a little more than 0.3
COMPANIONS = ("plans", "agreements", "counts", "debtors")  # what only some worlds keep of a customer


def live(world: World, t: Tables, room: int) -> Live:
    """Return fresh state with room for so many customers, and for no row yet."""
    budgets = [(channel.budget.amount * (1 + ROUNDING), PERIODS[channel.budget.per], -1, 0.0) for channel in world.channels.values() if channel.budget]
    free = [(1 if world.desks[name].owned else world.desks[name].people, -1, -1) for name in queues(world)]
    state = (np.zeros(room, layout.LIFE), np.empty(0, log.ROW), np.array(budgets, layout.BUDGET), np.array(free, layout.QUEUE))
    play = np.zeros(1, layout.PLAY)
    starts = [driver.start for driver in named_drivers(world).values()]
    play["level"][0, : len(starts)] = starts
    w, kinds = t.world[0], (layout.PLAN, layout.AGREEMENT, layout.COUNT, layout.DEBTOR)
    kept = (w["rules"], w["contracts"], w["caps"], w["debts"])
    return Live(*state, play, *(np.zeros(room if there else 0, kind) for kind, there in zip(kinds, kept, strict=True)))


def roomier(state: Live) -> Live:
    """Return the state with room for half as many customers more."""
    more = len(state.lives) // 2 + 64
    kept = [name for name in ("lives", *COMPANIONS) if len(getattr(state, name))]
    return state._replace(**{name: np.concatenate([(old := getattr(state, name)), np.zeros(more, old.dtype)]) for name in kept})
