"""V12: what must not change, or only so, when a world is told in another way; on random worlds (estimators 14 says which relations are true)."""

import random
from copy import deepcopy
from functools import cache

import numpy as np
import pytest

from sim import log as L
from sim.customers import fold
from sim.errors import ConfigError
from sim.model.check import world
from sim.play import play
from tests.contracts.conservation import rows_of
from tests.contracts.telling import backwards, living, renamed, scaled_in_time, twice_as_dear, without
from tests.dice import Dice
from tests.known.distance import FAR
from tests.random_worlds import Drawn

ROWS, BIRTHS = set(L.ROW.names), set(L.BIRTH.names)
FEW, MANY = 12, 200


class Seeded(Dice):
    """Dice that fall the same way whenever they are thrown with the same seed."""

    def __init__(self, seed):
        self.whole = random.Random(seed).randint


def drawn(number):
    """Return the random world of this number as plain data."""
    return Drawn(Seeded(number)).raw()


def logs(*raws):
    """Return the logs of these worlds."""
    return [play(world(raw), clock="compiled") for raw in raws]


def same(before, after, *but):
    """Check that two logs have the same births and rows, byte for byte, but for these columns."""
    one, two = rows_of(before), rows_of(after)
    assert (len(before.births), len(one)) == (len(after.births), len(two))
    for name in BIRTHS - set(but):
        assert before.births[name].tobytes() == after.births[name].tobytes(), name
    for name in ROWS - set(but):
        assert one[name].tobytes() == two[name].tobytes(), name
    return one, two


def put(raw, *path, to):
    """Return the world with one value replaced or added; `path` is where."""
    changed = deepcopy(raw)
    inner = changed
    for key in path[:-1]:
        inner = inner.setdefault(key, {})
    inner[path[-1]] = to
    return changed


def everywhere(raw, section, **fields):
    """Return the world with fields given to every part of a section that lacks them."""
    changed = deepcopy(raw)
    for part in changed.get(section, {}).values():
        part.update({name: given for name, given in fields.items() if name not in part})
    return changed


# ---- the same world, told in another way ----
def split_persona(raw):
    """Let two personas alike in everything share what one had."""
    name, first = next(iter(raw["personas"].items()))
    half = first | {"share": first["share"] / 2}
    people = {name: half, "twin": deepcopy(half)} | {other: who for other, who in raw["personas"].items() if other != name}
    changed = deepcopy(raw) | {"personas": people}
    for rule in changed["rules"].values():
        rule.get("only", {}).update({"personas": [*rule["only"]["personas"], "twin"]} if name in rule.get("only", {}).get("personas", []) else {})
    for desk in changed["desks"].values():
        desk.get("serves", {}).update({"personas": [*desk["serves"]["personas"], "twin"]} if name in desk.get("serves", {}).get("personas", []) else {})
    return changed


def twice_the_odds(raw):
    """Double all odds of a row, for everybody: nothing is likelier than before."""
    changed = deepcopy(raw)
    stage = next(iter(raw["stages"]))
    for persona in changed["personas"].values():
        odds = persona.setdefault("odds", {})
        odds[stage] = {to: 2 * odds.get(stage, {}).get(to, 1.0) for to in raw["stages"][stage]["next"]}
    return changed


def slower(raw, how):
    """Double all gaps, by the stages or by everybody's pace."""
    changed = without(raw, "set")
    if how == "stages":
        for stage in changed["stages"].values():
            stage.get("gap", {}).update({"mean": 2 * stage["gap"]["mean"]} if "gap" in stage else {})
        return changed
    for persona in changed["personas"].values():
        pace = persona.get("pace", 1.0)
        by_stage = pace if isinstance(pace, dict) else dict.fromkeys(living(raw), pace)
        persona["pace"] = {stage: 2 * by_stage.get(stage, 1.0) for stage in living(raw)}
    return changed


def deaf_rule(raw):
    """Return the world with a channel that reaches nobody, and with a rule that notices everything and writes through it."""
    mute, stages = put(raw, "channels", "mute", to={"share": 0.0, "intensity": 0.0}), living(raw)
    return mute, put(mute, "rules", "deaf", to={"when": {"enters": stages, "stays": stages, "orders": True}, "do": {"channel": "mute"}, "at_most": 9})


def guesses(raw):
    """Return whether some rule takes customers to be in any stage there is."""
    return any(rule["sees"].get("accuracy", 1.0) < 1 for rule in raw["rules"].values())


def granted_to_all(raw):
    """Let every channel need a permission that all have and none can lose."""
    changed = put(raw, "permissions", "granted", to={"start": 1.0})
    for channel in changed["channels"].values():
        channel["needs"] = [*channel.get("needs", []), "granted"]
    return changed


AA = {"name": "aa", "arms": {"a": {"share": 0.5}, "b": {"share": 0.5}}}
IDLE = {"start": 0.5, "half_life": 3.0, "adds": {"exposure": 0.2, "order": -0.1}}
LIMBO = {"kind": "prospect", "next": {"limbo": 1.0}, "gap": {"mean": 1.0}}
UNUSED = {"share": 0.0, "engage": 0.3, "cost": {"month": 9.0}}
CONTENT = {"only": {}}

# name: (world -> the same world told in another way, columns that may differ)
TELLINGS = {
    "other names": (lambda raw: None if any(raw.get("start", {}).values()) else renamed(raw), ()),  # who is there on day 0 goes by names, too
    "fields and lists backwards": (backwards, ()),
    "a persona split in two alike": (split_persona, ("persona",)),
    "a channel without share": (lambda raw: put(raw, "channels", "unused", to=UNUSED), ()),
    "a stage that nobody enters": (lambda raw: None if guesses(raw) else put(raw, "stages", "limbo", to=LIMBO), ()),
    "a persona without share": (lambda raw: put(raw, "personas", "nobody", to={"share": 0.0, "pace": 3.0}), ()),
    "a driver that bends nothing": (lambda raw: put(raw, "drivers", "idle", to=IDLE), ()),
    "a permission that nothing needs": (lambda raw: put(raw, "permissions", "mark", to={"start": 0.5, "order": 0.5}), ()),
    "a permission that all have": (granted_to_all, ()),
    "a test of nothing": (lambda raw: None if "ab_test" in raw else put(raw, "ab_test", to=AA), ("arm",)),
    "budgets that never bind": (lambda raw: everywhere(raw, "channels", budget={"amount": 1e12}), ()),
    "caps that never bind": (lambda raw: everywhere(raw, "channels", cap={"exposures": 30_000}), ()),
    "a flight as long as the run": (lambda raw: everywhere(raw, "channels", flights=[{"start": 0.0, "end": 1000.0}]), ()),
    "one content without odds": (lambda raw: everywhere(raw, "channels", contents=CONTENT), ()),
    "patience without end": (lambda raw: everywhere(raw, "desks", patience={"family": "fixed", "mean": 9000.0}), ()),
    "people who come after the end": (lambda raw: everywhere(raw, "desks", hire={"people": 9, "from": 9000.0}), ()),
    "nobody refers": (lambda raw: None if "referral" in raw else put(raw, "referral", to={"chance": {"stage 0": 0.0}, "enters": "stage 0"}), ()),
    "other terms of business": (lambda raw: put(raw, "money", to={"margin": 0.1, "discount_rate": 0.5, "currency": "SEK", "clv_days": 31.0}), ()),
    "twice the odds of a whole row": (twice_the_odds, ()),
}


@cache
def played(number):
    """Return a random world and its log."""
    raw = drawn(number)
    return raw, *logs(raw)


def told(telling, raw, log):
    """Check one telling against the log of the world as it was; return whether it could be told."""
    change, but = TELLINGS[telling]
    after = change(raw)
    if after is None:
        return False
    try:
        made = world(after)
    except ConfigError:  # a limit of the schema: so many caps, drivers, permissions a world can hold
        return False
    same(log, play(made, clock="compiled"), *but)
    return True


@pytest.mark.parametrize("telling", TELLINGS)
def test_another_telling_is_the_same_world(telling):
    """The log is the same, byte for byte, but for the columns that say in which words; twelve random worlds, at least a quarter of which can be told so."""
    assert sum(told(telling, *played(number)) for number in range(FEW)) >= FEW / 4


@pytest.mark.slow
@pytest.mark.parametrize("telling", TELLINGS)
def test_another_telling_is_the_same_world_many_times(telling):
    """Two hundred random worlds."""
    assert sum(told(telling, raw, *logs(raw)) for raw in map(drawn, range(100, 100 + MANY))) >= MANY / 4


# ---- the same world at another scale ----
def check_unit(raw):
    """Tell days as units of which a day has 32 (no calendar budgets, caps, flights, calendars): the same rows, all times 32 times as large.

    Not as hours: sums of days times a power of two are exact, so what happened at the same moment still does.
    """
    plain = without(raw, "set", "budget", "cap", "flights", "calendars", "hours")
    days, units = logs(plain, scaled_in_time(plain, 32.0))
    one, two = same(days, units, "arrived", "time", "waited", "served", "satisfaction")
    for name, scale in {"time": 32, "waited": 32, "served": 32, "satisfaction": 1}.items():
        assert two[name] == pytest.approx(scale * one[name], rel=1e-5, abs=1e-5)  # waits and satisfaction are kept as float32
    assert units.births["arrived"] == pytest.approx(32 * days.births["arrived"], rel=1e-9)


def check_money(raw):
    """Prices, fees, costs and budgets in a currency of half the worth: the same rows, all money twice as much, to the last bit."""
    plain = without(raw, "set")
    one, two = same(*logs(plain, twice_as_dear(plain)), "revenue", "cost")
    assert np.array_equal(two["revenue"], 2 * one["revenue"])
    assert np.array_equal(two["cost"], 2 * one["cost"])


def check_pace(raw):
    """Twice the gaps of all stages is twice the pace of all personas."""
    same(*logs(slower(raw, "stages"), slower(raw, "personas")))


def check_horizon(raw):
    """Run half of the days: what happens later changes nothing before."""
    half = raw["horizon"] / 2
    long, short = logs(raw, raw | {"horizon": half})
    early, rows = rows_of(long)[rows_of(long)["time"] < half], rows_of(short)
    came = long.births[long.births["arrived"] < half]
    for name in BIRTHS - {"customer", "parent"}:
        assert came[name].tobytes() == short.births[name].tobytes()
    for name in ROWS - {"customer"}:
        assert early[name].tobytes() == rows[name].tobytes()


def check_cost(raw):
    """Dearer channels never bring more profit, customer by customer, where no budget binds; the journeys are the same."""
    plain = without(raw, "set", "budget")
    dear = deepcopy(plain)
    for channel in dear["channels"].values():
        channel["cost"] = {name: 0.5 + 1.3 * channel.get("cost", {}).get(name, 0.0) for name in ("exposure", "touch", "order", "month")}
    before, after = logs(plain, dear)
    same(before, after, "cost")
    worth = [(people["margin"] - people["cost"]) for people in (fold(before), fold(after))]
    assert np.all(worth[1] <= worth[0])
    assert sum(money for *_, money in after.ledger) >= sum(money for *_, money in before.ledger)


def check_silence(raw):
    """Add a rule that reaches nobody: it moves nothing, whatever it notices; its looks use luck of their own."""
    same(*logs(*deaf_rule(raw)))


SCALES = {check.__name__.removeprefix("check_"): check for check in (check_unit, check_money, check_pace, check_horizon, check_cost, check_silence)}


@pytest.mark.parametrize("relation", SCALES)
def test_a_world_at_another_scale_is_the_same_world(relation):
    """Another unit of time or money, half of the days, dearer, slower; twelve random worlds."""
    for number in range(FEW):
        SCALES[relation](drawn(number))


@pytest.mark.slow
@pytest.mark.parametrize("relation", SCALES)
def test_a_world_at_another_scale_is_the_same_world_many_times(relation):
    """Two hundred random worlds."""
    for number in range(100, 100 + MANY):
        SCALES[relation](drawn(number))


# ---- the same law, by other luck ----
def uncoupled(number, customers=1500):
    """Return a random world in which customers share nothing but their families."""
    raw = without(drawn(number), "set", "budget", "meets", "desk", "shared") | {"desks": {}, "customers": customers}
    return raw | {"arrivals": raw["arrivals"] | {"shape": "uniform"}}


def other_order(raw, section):
    """Return the world with the parts of a section listed the other way round, and other luck."""
    return raw | {section: dict(reversed(raw[section].items())), "seed": raw["seed"] + 1}


def amounts(log, founders):
    """Return what the family of each founder came to, nothing for who came too late: people, occasions ... conversions; shape (7, founders)."""
    people, root = fold(log), np.arange(len(log.births))
    place = {int(who): k for k, who in enumerate(log.births["customer"])}
    for child in np.argsort(log.births["arrived"], kind="stable"):
        if log.births["parent"][child] >= 0:
            root[child] = root[place[int(log.births["parent"][child])]]
    each = [np.ones(len(root)), *(people[name] for name in ("occasions", "exposures", "orders", "revenue", "cost")), ~np.isnan(people["converted_at"])]
    return np.stack([np.bincount(root, amount, minlength=max(founders, len(root)))[:founders] * (np.arange(founders) < log.founders) for amount in each])


def check_law(before, after, times=1):
    """Check that totals of the second world are so many times those of the first: |z| <= 5 with the variance between families; return how many vary."""
    one, two = (amounts(log, raw["customers"]) for log, raw in zip(logs(before, after), (before, after), strict=True))
    off = two.sum(1) - times * one.sum(1)
    spread = np.sqrt(two.var(1) * two.shape[1] + times**2 * one.var(1) * one.shape[1])
    assert np.all(np.abs(off) <= FAR * spread + 1e-9)
    return np.count_nonzero(spread)


LAWS = {
    "stages listed backwards": lambda raw: (raw, other_order(raw, "stages")),
    "channels listed backwards": lambda raw: (raw, other_order(raw, "channels")),
    "personas listed backwards": lambda raw: (raw, other_order(raw, "personas")),
    "twice the arrivals": lambda raw: (raw, raw | {"customers": 2 * raw["customers"], "seed": raw["seed"] + 1}, 2),
}


@pytest.mark.parametrize("relation", LAWS)
def test_order_and_number_are_a_matter_of_luck_alone(relation):
    """Lists in another order, twice as many arrivals (counts twice as many): six random worlds that share nothing, families as units."""
    assert sum(check_law(*LAWS[relation](uncoupled(number))) > 2 for number in range(6)) >= 3


@pytest.mark.slow
@pytest.mark.parametrize("relation", LAWS)
def test_order_and_number_are_a_matter_of_luck_alone_many_times(relation):
    """Two hundred random worlds."""
    assert sum(check_law(*LAWS[relation](uncoupled(number))) > 2 for number in range(100, 100 + MANY)) >= MANY / 2


# ---- more people ----
def queue(number, **patience):
    """Return a random world with one visit to a desk each: arrivals, gaps and services of any kind, one to four people."""
    dice = Seeded(number)
    stages = {
        "coming": {"kind": "prospect", "entry": 1.0, "next": {"asking": 0.7, "lost": 0.3}, "gap": dice.spread(0, 5)},
        "asking": {"kind": "prospect", "next": {"buying": 0.6, "lost": 0.4}, "gap": dice.spread(0, 5)},
        "buying": {"kind": "customer", "next": {"buying": 0.5, "lost": 0.5}, "gap": {"mean": 3.0}},
        "lost": {"kind": "lost"},
    }
    desk = {"people": dice.whole(1, 4), "serves": {"stages": ["asking"]}, "service": dice.spread(0.5, 2), "gives_up_to": "lost"} | patience
    return {"customers": 100, "arrivals": {"days": dice.number(10, 30)}, "horizon": 2000.0, "stages": stages, "desks": {"one": desk}, "seed": number}


def with_more_people(raw):
    """Return the world with one more at the desk."""
    return put(raw, "desks", "one", "people", to=raw["desks"]["one"]["people"] + 1)


@pytest.mark.parametrize("number", range(40))
def test_more_people_make_nobody_wait_longer_where_nobody_gives_up(number):
    """First come, first served, patience without end, one visit each: workloads are ordered (Kiefer and Wolfowitz 1955), customer by customer."""
    one, two = (rows_of(log) for log in logs(queue(number), with_more_people(queue(number))))
    few, more = one[L.desk(one) >= 0], two[L.desk(two) >= 0]

    assert few["customer"].tobytes() == more["customer"].tobytes()
    assert np.all(more["waited"] <= few["waited"] + 1e-5)
    assert more["waited"].sum() < few["waited"].sum() or not few["waited"].any()


def test_more_people_lose_fewer_where_customers_give_up():
    """With patience one more may make somebody wait longer (estimators 14), but fewer give up: mean of 200 worlds, paired by luck."""
    patient = {"patience": {"mean": 2.0}}
    pairs = [logs(queue(number, **patient), with_more_people(queue(number, **patient))) for number in range(200)]
    gave_up = np.array([[np.count_nonzero(L.kind(rows_of(log)) == L.GAVE_UP) for log in pair] for pair in pairs])
    fewer = gave_up[:, 0] - gave_up[:, 1]

    assert fewer.mean() > FAR * fewer.std(ddof=1) / np.sqrt(200)
