"""V11: what every simulated log must satisfy, whatever the world. `conserve` is called on each log of the whole suite (see `tests/conftest.py`)."""

import numpy as np

from sim import log as L
from sim.model.profiles import profiles
from sim.model.state import PERIODS
from sim.model.world import World, by_stage

TIE, ROUNDING = 1e-4, 2.0**-22  # days, and a part of the days: `waited` and `served` are kept as float32


def rows_of(log: L.Log) -> L.Array:
    """Return all rows of a log, ordered by (customer, number)."""
    blocks = [rows for _, _, rows in log.blocks()]
    return np.concatenate(blocks) if blocks else np.empty(0, L.ROW)


def conserve(world: World, log: L.Log) -> None:
    """Check a log against its world: people, order, money and desks; raise AssertionError where something was lost or made up."""
    rows = rows_of(log)
    _people(world, log, rows)
    _order(world, log, rows)
    _money(world, log, rows)
    _gave_up(world, log, rows)
    for number, desk in enumerate(world.desks.values()):
        at = rows[L.desk(rows) == number]
        _desk(at, desk.people + (desk.hire.people if desk.hire else 0), closes=desk.hours is not None, one_queue=not desk.owned)


def _people(world: World, log: L.Log, rows: L.Array) -> None:
    births, count = log.births, len(log.births)
    referred = births["parent"] >= 0
    assert log.founders == np.count_nonzero(~referred)
    assert not referred[: log.founders].any(), "founders come first"
    if world.arrivals.shape != "poisson" and world.arrivals.days < world.horizon:
        assert log.founders == world.customers + sum(people for groups in world.start.values() for people in groups.values())
    assert len(np.unique(births["identity"])) == count
    assert np.all(np.diff(births["customer"]) > 0)
    assert np.all(births["arrived"] < world.horizon)
    assert np.all(births["arrived"][~referred] <= world.arrivals.days)
    parents = np.searchsorted(births["customer"], births["parent"][referred])
    assert np.array_equal(births["customer"][parents], births["parent"][referred]), "parents are in the log"
    brought_by = births[parents]
    assert np.all(brought_by["arrived"] <= births["arrived"][referred])
    assert np.array_equal(brought_by["persona"], births["persona"][referred])
    occasions = rows[L.kind(rows) == L.OCCASION]
    moments = np.stack([parents.astype("f8"), births["arrived"][referred]], 1)
    lived = {(who, time) for who, time in zip(occasions["customer"].tolist(), occasions["time"].tolist(), strict=True)} if len(moments) else set()
    assert all((int(who), time) in lived for who, time in moments.tolist()), "the referred arrive at an occasion of their parent"
    if referred.any():
        assert world.referral is not None
        assert set(births["entry"][referred]) == {list(world.stages).index(world.referral.enters)}
    exits = _exits(log)[rows["stage_to"]]
    last = np.append(np.diff(rows["customer"]) != 0, True) if len(rows) else np.empty(0, bool)
    left = exits & (L.kind(rows) != L.BILLING)
    after = np.append(False, exits[:-1]) & (np.diff(rows["customer"], prepend=-1) == 0)
    assert np.all(L.kind(rows)[after] == L.BILLING), "nothing after an exit but the fees of a contract that runs out"
    absorbed, active = np.count_nonzero(left), np.count_nonzero(last & ~exits) + count - len(np.unique(rows["customer"]))
    assert log.founders + np.count_nonzero(referred) == absorbed + active


def _exits(log: L.Log) -> L.Array:
    return np.isin(log.terms.kinds, ("lost", "churned"))


def _order(world: World, log: L.Log, rows: L.Array) -> None:
    if not len(rows):
        return
    who = rows["customer"]
    first = np.append(True, np.diff(who) != 0)
    assert who.min() >= 0
    assert who.max() < len(log.births)
    assert np.all(np.diff(who) >= 0)
    starts = np.flatnonzero(first)
    assert np.array_equal(rows["number"], np.arange(len(rows)) - np.repeat(starts, np.diff(starts, append=len(rows)))), "rows are numbered from 0 without a gap"
    before = np.where(first, log.births["arrived"][who], np.roll(rows["time"], 1))
    assert np.all(rows["time"] >= before), "a customer's time never goes back"
    assert rows["time"].max() < world.horizon, "nothing at or after the horizon"
    came_from = np.where(first, log.births["entry"][who], np.roll(rows["stage_to"], 1))
    assert np.array_equal(rows["stage_from"], came_from), "every row starts where the one before ended"
    assert not np.any(_exits(log)[rows["stage_from"]] & (L.kind(rows) != L.BILLING))
    assert np.all(np.abs(rows["satisfaction"]) <= 1)


def _money(world: World, log: L.Log, rows: L.Array) -> None:
    ordered, engaged = L.ordered(rows), L.engaged(rows)
    later = L.kind(rows) == L.BILLING
    assert np.all(rows["revenue"][~ordered & ~later] == 0)
    assert np.all(rows["revenue"][ordered | ~later] >= 0), "only refunds are below 0"
    assert rows["revenue"].sum() >= -1e-6 * np.abs(rows["revenue"]).sum(), "no more goes back than came in"
    assert not np.any(ordered & _exits(log)[rows["stage_to"]] & (L.kind(rows) != L.BILLING))
    due = rows_cost(world, log, rows, engaged, ordered)
    spent_on = due + rewards(world, log, rows)
    assert np.allclose(rows["cost"], spent_on, rtol=1e-6, atol=1e-9), "spend is the sum of what exposures, touches, orders and rewards cost"
    for number, channel in enumerate(world.channels.values(), 1):
        if channel.budget is not None:
            own = rows[rows["channel"] == number]
            spent = np.bincount((own["time"] / PERIODS[channel.budget.per]).astype(int), weights=due[rows["channel"] == number]) if len(own) else np.zeros(1)
            assert spent.max() <= channel.budget.amount + 0.005, "never overspent by a cent"


def rewards(world: World, log: L.Log, rows: L.Array) -> L.Array:
    """Return what each row must cost on top: a reward just before somebody who was referred enters a customer stage for the first time."""
    out = np.zeros(len(rows))
    if world.referral is not None:
        each = np.array([by_stage(world.referral.reward, persona, 0.0) for persona in world.personas])
        wins = np.flatnonzero((np.array(log.terms.kinds) == "customer")[rows["stage_to"]])
        first = wins[np.diff(rows["customer"][wins], prepend=-1) > 0]
        who = log.births[rows["customer"][first]]
        came_as_one = (np.array(log.terms.kinds) == "customer")[who["entry"]]
        out[first - 1] = each[who["persona"]] * (who["parent"] >= 0) * ~came_as_one
    return out


def rows_cost(world: World, log: L.Log, rows: L.Array, engaged: L.Array, ordered: L.Array) -> L.Array:
    """Return what every row must cost: exposure, touch and order costs of its channel as its customer's profile has them."""
    prices = np.zeros((len(world.personas) * max(1, len(log.terms.arms)), len(log.terms.channels), 3))
    for k, profile in enumerate(profiles(world)):
        for number, channel in enumerate(profile.world.channels.values(), 1):
            prices[k, number] = channel.cost.exposure, channel.cost.touch, channel.cost.order
    who = log.births[rows["customer"]]
    price = prices[who["persona"] * max(1, len(log.terms.arms)) + np.maximum(who["arm"], 0), rows["channel"]]
    free = (L.kind(rows) == L.GAVE_UP) | (L.kind(rows) == L.BILLING)
    return np.where(free, 0.0, price[:, 0] + engaged * price[:, 1] + ordered * price[:, 2])


def _gave_up(world: World, log: L.Log, rows: L.Array) -> None:
    gave_up = rows[L.kind(rows) == L.GAVE_UP]
    assert not np.any(L.engaged(gave_up) | L.ordered(gave_up))
    assert np.all(gave_up["served"] == 0)
    assert np.all(L.desk(gave_up) >= 0)
    plain = rows[L.desk(rows) < 0]
    assert np.all(plain["waited"] == 0)
    assert np.all(plain["served"] == 0)
    stages = list(world.stages)
    leaves_to = np.array([stages.index(d.gives_up_to) if d.gives_up_to else -1 for d in world.desks.values()], "i8")
    prospect = np.array(log.terms.kinds)[gave_up["stage_from"]] == "prospect"
    assert np.array_equal(gave_up["stage_to"][prospect], leaves_to[L.desk(gave_up)][prospect])
    assert np.array_equal(gave_up["stage_to"][~prospect], gave_up["stage_from"][~prospect])


def _desk(at: L.Array, people: int, *, closes: bool, one_queue: bool) -> None:
    """Check one desk: never more people at work than employed, and first come, first served."""
    done = at[L.kind(at) == L.OCCASION]
    tie = TIE + ROUNDING * float(np.max(done["waited"] + done["served"], initial=0.0))
    begin = done["time"] - done["served"].astype("f8")
    long = done["served"] > 2 * tie
    moments = np.concatenate([begin[long] + tie, done["time"][long] - tie])
    change = np.repeat([1, -1], [long.sum(), long.sum()])
    assert np.cumsum(change[np.argsort(moments, kind="stable")]).max(initial=0) <= people
    if closes or not one_queue:
        return  # each has their own queue, or service has nights in it, so the row does not tell when it began
    order = np.argsort(begin - done["waited"], kind="stable")
    asked, begin = (begin - done["waited"])[order], begin[order]
    earlier = np.searchsorted(asked, asked - tie)
    latest = np.maximum.accumulate(begin) if len(begin) else begin
    some = earlier > 0
    assert np.all(latest[earlier[some] - 1] <= begin[some] + tie), "who asked first is served first"
