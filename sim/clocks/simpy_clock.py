"""The clear clock: one SimPy process a customer, a SimPy resource a desk.

Both clocks call the same compiled rules; this one calls one of them for each event.
"""

import gc
from collections.abc import Generator, Iterator, Sequence
from heapq import heappush
from typing import Any

import numpy as np
import simpy

from sim import log, step
from sim.clocks.behaviour import Behaviour, Moment
from sim.clocks.compiled_clock import CHUNK_ROWS, live_of, settle, tables_of
from sim.handles import handle
from sim.jit import entry, rule
from sim.model.layout import BILLING, DEADLINE, END_OF_SERVICE, OCCASION, RULE, SATISFACTION, Array, Tables
from sim.model.state import live, roomier
from sim.model.tables import tables
from sim.model.world import OWN, World

ROWS_FULL, LIVES_FULL = 8, 16
SOONEST = 1  # the rank of what comes before all that customers do at the same time


@rule
def _days(live, who, code):
    # what the SimPy process wants to know: the days to the next occasion, or minus the code if there is more to do
    return live.lives[who].gap if code == step.GO else -float(code)


@entry
def occasion(read, written, who, now):
    """Propose the occasion that is due; return the days to the next one, or minus the code of what the clock must do."""
    t, live = tables_of(read), live_of(written)
    if live.play[0].rows + step.ROWS > len(live.rows):
        return -float(ROWS_FULL)
    if live.play[0].made == len(live.lives):
        return -float(LIVES_FULL)
    return _days(live, who, step.occasion(t, live, who, now, step.luck(t, live.lives[who], live.lives[who].step)))


@entry
def act(read, written, who, now):
    """Let the rule act that is due."""
    step.act(tables_of(read), live_of(written), who, now)


@entry
def bill(read, written, who, now):
    """Let the customer pay the fee that is due."""
    step.bill(tables_of(read), live_of(written), who, now)


@entry
def ends_service(read, written, who, now):
    """Let the served occasion happen; return as `occasion` does."""
    t, live = tables_of(read), live_of(written)
    return _days(live, who, step.ends_service(t, live, who, now))


@entry
def give_up(read, written, who, now):
    """Let the customer leave the queue; return as `occasion` does."""
    t, live = tables_of(read), live_of(written)
    return _days(live, who, step.give_up(t, live, who, now))


@entry
def begins_service(read, written, who, now):
    """Let the desk call the customer; return the days of service."""
    return step.begins_service(tables_of(read), live_of(written), who, now)


@entry
def patience(read, written, who):
    """Return the days that the customer queues before giving up."""
    return step.patience(tables_of(read), live_of(written), who)


class Agenda(simpy.Environment):
    """A SimPy environment that also takes events at a time: now plus the days to it would miss it by the last bit now and then."""

    def put(self, event: simpy.Event, time: float, rank: int) -> None:
        """Let an event happen at a time, among simultaneous ones by its rank."""
        heappush(self._queue, (time, rank, next(self._eid), event))  # type: ignore[misc]  # SimPy sorts by any integer


class Due(simpy.Event):
    """An event at a time, with a rank: simultaneous events happen by kind, then customer. SimPy's own events (ranks 0 and 1) come before."""

    def __init__(self, env: Agenda, time: float, rank: int) -> None:
        self.env, self.callbacks, self._value, self._ok, self._defused = env, [], None, True, False
        env.put(self, time, rank)


class Surroundings:
    """Where customers live: the environment, the desks, and the memory that rules read and write."""

    def __init__(self, world: World, t: Tables, behaviour: Sequence[Behaviour]) -> None:
        self.world, self.t, self.behaviour = world, t, behaviour
        founders = int(t.world[0]["founders"])
        self.live = live(world, t, founders * 9 // 8 + 64)._replace(rows=np.empty(CHUNK_ROWS, log.ROW))
        self.handles = handle(t), handle(self.live)
        settle(*self.handles, 0, founders)
        self.full: list[Array] = []
        self.bills, self.billing = bool(t.world[0]["contracts"] or t.world[0]["debts"]), dict[int, float]()  # whether there are any; each customer's next one
        self.env = Agenda()
        hired = np.bincount(t.hires["desk"], minlength=len(self.live.queues))
        self.desks = [simpy.Resource(self.env, people) for people in (self.live.queues["free"] + hired).tolist()]
        for time, desk in t.hires.tolist():
            self.env.process(self.absent(self.desks[desk], time))
        self.names = (list(world.personas), list(world.ab_test.arms) if world.ab_test else [], [OWN, *world.channels], list(world.stages))

    def make_room(self, code: int) -> None:
        """Put full rows aside, or make room for more customers."""
        if code == ROWS_FULL:
            self.full.append(self.live.rows[: int(self.live.play[0]["rows"])])
            self.live = self.live._replace(rows=np.empty(CHUNK_ROWS, log.ROW))
            self.live.play["rows"] = 0
        else:
            self.live = roomier(self.live)
        self.handles = self.handles[0], handle(self.live)

    def absent(self, desk: simpy.Resource, until: float) -> Generator[Any, Any, None]:
        """Keep one of the desk's people away until they take up work, before anything else that happens then."""
        with desk.request() as place:
            yield place
            yield Due(self.env, until, SOONEST)

    def customer(self, who: int, delay: float) -> Generator[Any, Any, None]:
        """Live one customer's journey: wait, let the occasion happen, queue where a desk is needed, until an exit."""
        env, rank = self.env, self.rank(who, OCCASION)
        while True:
            yield from self.orchestrated(who) if self.world.rules else (Due(env, env.now + delay, rank),)
            delay = self.proposed(who)
            if delay == -step.QUEUES:
                delay = yield from self.served(who)
            self.expect_bill(who)
            if delay < 0:
                code = int(-delay)
                if code & step.CHILD:
                    self.arrive(int(self.live.play[0]["made"]) - 1)
                if code & step.END:
                    self.tell(who, delay)
                    return
                delay = float(self.live.lives[who]["gap"])
            if self.behaviour:
                delay = self.tell(who, delay)

    def proposed(self, who: int) -> float:
        """Propose the customer's occasion, once there is room for it; return as `occasion` does."""
        delay = float(occasion(*self.handles, who, self.env.now))
        while delay < 0 and -delay in (ROWS_FULL, LIVES_FULL):
            self.make_room(int(-delay))
            delay = float(occasion(*self.handles, who, self.env.now))
        return delay

    def orchestrated(self, who: int) -> Generator[Any, Any, None]:
        """Wait until the customer's next occasion is due; let the rules act that are due before it."""
        env, at = self.env, self.live.lives[who]["at"]
        while at[RULE] <= at[OCCASION]:
            yield Due(env, float(at[RULE]), self.rank(who, RULE))
            self.room_for(act, who)
            at = self.live.lives[who]["at"]  # there may be room for more lives elsewhere
        yield Due(env, float(at[OCCASION]), self.rank(who, OCCASION))

    def expect_bill(self, who: int) -> None:
        """Let what the customer's agenda says fall due (a fee, an instalment, a refund), unless that is expected already."""
        if not self.bills:
            return
        time = float(self.live.lives[who]["at"][BILLING])
        if time < np.inf and self.billing.get(who) != time:
            self.billing[who] = time
            self.env.process(self.billed(who, time))

    def billed(self, who: int, time: float) -> Generator[Any, Any, None]:
        """Pay what is due at a time, also after notice was given, and expect the next bill."""
        yield Due(self.env, time, self.rank(who, BILLING))
        if self.live.lives[who]["at"][BILLING] == time:  # else something falls due earlier by now, or no more at all
            self.billing.pop(who, None)
            self.room_for(bill, who)
            self.expect_bill(who)

    def served(self, who: int) -> Generator[Any, Any, float]:
        """Queue at the desk until served or out of patience; return what comes after."""
        env, asked = self.env, self.desks[self.live.lives[who]["desk"]]
        request = asked.request()
        if not request.triggered:
            days = patience(*self.handles, who)
            yield request | Due(env, env.now + days, self.rank(who, DEADLINE)) if days < np.inf else request
            if not request.triggered:
                request.cancel()
                return self.room_for(give_up, who)
        yield Due(env, env.now + begins_service(*self.handles, who, env.now), self.rank(who, END_OF_SERVICE))
        after = self.room_for(ends_service, who)
        asked.release(request)
        return after

    def room_for(self, happens: Any, who: int) -> float:
        """Let happen what writes rows and may make a customer, once there is room for both."""
        play = self.live.play[0]
        if play["rows"] + step.ROWS > len(self.live.rows):
            self.make_room(ROWS_FULL)
        if play["made"] == len(self.live.lives):
            self.make_room(LIVES_FULL)
        return float(happens(*self.handles, who, self.env.now) or 0.0)

    def rank(self, who: int, kind: int) -> int:
        """Return the priority of a customer's events of one kind."""
        return 2 + (kind << 63) + int(self.live.lives[who]["identity"])

    def arrive(self, who: int) -> None:
        """Let a referred customer begin."""
        self.env.process(self.customer(who, float(self.live.lives[who]["gap"])))
        self.expect_bill(who)

    def tell(self, who: int, delay: float) -> float:
        """Show the occasion that has just happened to the behaviours; return the days to the next one."""
        for behaviour in self.behaviour:
            life, moment = self.live.lives[who], self.moment(who)
            days = behaviour.after(moment)
            life["level"][SATISFACTION] = min(1.0, max(-1.0, moment.satisfaction))
            if days is not None and not days >= 0:
                raise ValueError(f"{type(behaviour).__name__}.after: gave {days!r} days; must be 0 or more")
            if days is not None and delay >= 0:
                delay = days
                life["at"][OCCASION] = self.env.now + days
        return delay

    def moment(self, who: int) -> Moment:
        """Return the customer's last row in words."""
        life, row = self.live.lives[who], self.live.rows[int(self.live.play[0]["rows"]) - 1 : int(self.live.play[0]["rows"])]
        personas, arms, channels, stages = self.names
        persona, arm = divmod(int(life["profile"]), max(1, len(arms)))
        places = (channels[row["channel"][0]], bool(log.engaged(row)[0]), stages[row["stage_from"][0]], stages[row["stage_to"][0]])
        marks = (bool(log.ordered(row)[0]), int(log.kind(row)[0]) == log.GAVE_UP)
        return Moment(self.env.now, int(life["identity"]), personas[persona], arms[arm] if arms else None, *places, *marks, float(life["level"][SATISFACTION]))


def run(world: World, replication: int, behaviour: Sequence[Behaviour] = (), progress: Any = None) -> Iterator[tuple[int, Array, Array]]:
    """Yield (first founder, rows, lives); the rows as they were written, in the order of time."""
    yield from played(world, tables(world, replication), behaviour, progress)


def played(world: World, t: Tables, behaviour: Sequence[Behaviour] = (), progress: Any = None) -> Iterator[tuple[int, Array, Array]]:
    """Yield what `run` yields, of a world whose tables are made."""
    around = Surroundings(world, t, behaviour)
    due = around.live.lives["at"][: int(around.t.world[0]["founders"]), OCCASION]
    for who, delay in enumerate(due.tolist()):
        if delay < world.horizon:
            around.env.process(around.customer(who, delay))
        around.expect_bill(who)
    collects = gc.isenabled()
    gc.disable()  # customers are many and live long: looking for cycles among them again and again doubles the time
    try:
        _play(around, world.horizon, progress)
    finally:
        if collects:
            gc.enable()
    lives = around.live.lives[: int(around.live.play[0]["made"])]
    for rows in [*around.full, around.live.rows[: int(around.live.play[0]["rows"])]]:
        yield 0, rows, lives


def _play(around: Surroundings, horizon: float, progress: Any, steps: int = 100) -> None:
    for k in range(1, steps):
        if progress is not None:
            around.env.run(until=horizon * k / steps)
            progress(1 / steps)
    around.env.run(until=horizon)
    if progress is not None:
        progress(1 / steps)
