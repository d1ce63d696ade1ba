"""Tests for `sim.play`: one world, one seed, one log; who is numbered how, and worlds whose results are known exactly (V10)."""

import numpy as np
import pytest

from sim import log as L
from sim.errors import ConfigError
from sim.model import check
from sim.play import clock_of, ledger, play, terms
from tests import worlds
from tests.contracts.conservation import conserve, rows_of

CLOCKS = ("simpy", "compiled")


def desked(people=1, service=0.5, **desk):
    """Return a line of customers that a desk must serve at every occasion."""
    fixed = {"mean": service, "family": "fixed"}
    return {"serves": {}, "people": people, "service": fixed} | desk


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_world_to_which_nobody_comes_is_a_log_without_rows(clock):
    """Poisson arrivals with mean 1 and this seed: nobody."""
    log = play(worlds.made(worlds.plain(1), seed=1, arrivals={"days": 10, "shape": "poisson"}), clock=clock)

    assert len(log.births) == 0
    assert list(log.blocks()) == []


@pytest.mark.parametrize("clock", CLOCKS)
def test_whoever_arrives_at_or_after_the_horizon_is_not_in_the_log(clock):
    """Even arrivals on days 0, 10, .. 90 and a horizon of 40: customers 0 to 3."""
    log = play(worlds.made(worlds.line(customers=10, horizon=40.0, arrivals={"days": 100, "shape": "even"})), clock=clock)

    assert log.births["customer"].tolist() == [0, 1, 2, 3]
    assert log.births["arrived"].tolist() == [0, 10, 20, 30]
    assert log.founders == 4


def test_the_referred_are_numbered_after_all_founders():
    """Founders 0 .. N-1 also where some never came; the referred from N on, by (day, identity)."""
    births = play(worlds.made(worlds.late(2000)), clock="compiled").births
    late = births[births["parent"] >= 0]

    assert 0 < np.count_nonzero(births["parent"] < 0) < 2000
    assert late["customer"].tolist() == list(range(2000, 2000 + len(late)))
    assert np.array_equal(np.lexsort((late["identity"], late["arrived"])), np.arange(len(late)))
    assert np.array_equal(births["identity"][births["parent"] < 0], births["customer"][births["parent"] < 0])


def test_arrivals_come_as_their_shape_says():
    """uniform: N, independent, in [0, days); even: i x days / N; poisson: N varies from seed to seed."""
    shapes = {
        s: [play(worlds.made(worlds.plain(400), seed=k, arrivals={"days": 50, "shape": s}), clock="compiled").births["arrived"] for k in range(20)]
        for s in ("uniform", "even", "poisson")
    }
    numbers = np.array([len(a) for a in shapes["poisson"]])

    assert {len(a) for a in shapes["uniform"]} == {400}
    assert shapes["even"][0].tolist() == [k * 50 / 400 for k in range(400)]
    assert len(set(numbers)) > 10
    assert abs(numbers.mean() - 400) < 5 * 20 / np.sqrt(20)


def test_auto_is_the_clear_clock_for_small_runs_and_for_python():
    """Design 6: simpy up to 20,000 customers or with behaviour in Python, compiled above."""
    small, large = worlds.made(worlds.plain(20_000)), worlds.made(worlds.plain(20_001))

    assert clock_of(small, "auto") == "simpy"
    assert clock_of(large, "auto") == "compiled"
    assert clock_of(large, "auto", [object()]) == "simpy"
    with pytest.raises(ConfigError, match="behaviour in Python needs the simpy clock"):
        clock_of(small, "compiled", [object()])


@pytest.mark.parametrize("clock", CLOCKS)
def test_one_desk_serves_one_after_the_other_in_the_order_of_asking(clock):
    """V10, by hand: three ask at day 1, half a day each: they wait 0, 0.5 and 1 day; ties go by identity."""
    rows = rows_of(play(worlds.made(worlds.line(customers=3, horizon=2.6, desks={"d": desked()})), clock=clock))
    first = rows[rows["number"] == 0]

    assert first["time"].tolist() == [1.5, 2.0, 2.5]
    assert first["waited"].tolist() == [0, 0.5, 1.0]
    assert first["served"].tolist() == [0.5] * 3


@pytest.mark.parametrize("clock", CLOCKS)
def test_enough_people_let_nobody_wait(clock):
    """V10: as many people as customers: only the service is added to the journey without a desk."""
    rows = rows_of(play(worlds.made(worlds.line(customers=50, desks={"d": desked(people=50)})), clock=clock))

    assert rows["waited"].max() == 0
    assert set(rows["time"][rows["number"] == 0]) == {1.5}


@pytest.mark.parametrize("clock", CLOCKS)
def test_without_patience_whoever_is_not_served_at_once_is_gone(clock):
    """V10: zero patience, two people, ten who ask at day 1: two are served, eight give up at day 1 having waited nothing."""
    desk = desked(people=2, patience={"mean": 0, "family": "fixed"}, gives_up_to="lost")
    rows = rows_of(play(worlds.made(worlds.line(customers=10, horizon=1.9, desks={"d": desk})), clock=clock))
    gave_up = L.kind(rows) == L.GAVE_UP

    assert rows["customer"][~gave_up].tolist() == [0, 1]
    assert set(rows["time"][gave_up]) == {1.0}
    assert set(rows["stage_to"][gave_up]) == {3}
    assert np.all(rows["waited"] == 0)


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_call_at_the_moment_of_the_deadline_wins(clock):
    """Design 6: patience 0.5 and service 0.5: the second is called at the very moment of giving up; the third gives up then."""
    desk = desked(patience={"mean": 0.5, "family": "fixed"}, gives_up_to="lost")
    rows = rows_of(play(worlds.made(worlds.line(customers=3, horizon=2.4, desks={"d": desk})), clock=clock))

    assert L.kind(rows).tolist() == [L.OCCASION, L.OCCASION, L.GAVE_UP]
    assert rows["time"].tolist() == [1.5, 2.0, 1.5]


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_customer_who_gives_up_stays_and_is_less_satisfied(clock):
    """By hand: two owners, one desk for long: the second gives up every 2 days (1 of gap, 1 of patience), -0.3 each, at most to -1."""
    raw = worlds.put(worlds.line(customers=2, horizon=12.0), stages__look__entry=0.0, stages__buy__entry=1.0)
    desk = desked(service=100, patience={"mean": 1, "family": "fixed"}, gives_up_to="lost", giving_up=-0.3)
    rows = rows_of(play(worlds.made(raw, desks={"d": desk}), clock=clock))

    assert rows["customer"].tolist() == [1] * 5
    assert rows["time"].tolist() == [2.0, 4.0, 6.0, 8.0, 10.0]
    assert rows["satisfaction"].tolist() == pytest.approx([-0.3, -0.6, -0.9, -1.0, -1.0])
    assert set(rows["stage_to"]) == {1}


@pytest.mark.parametrize("clock", CLOCKS)
def test_whoever_was_called_in_time_is_not_expelled_later(clock):
    """An old deadline must not touch a later visit: two share a desk, patience 1, service 0.9; nobody ever waits a day."""
    stages = {"on": {"kind": "prospect", "entry": 1.0, "next": {"on": 1.0}, "gap": {"mean": 0.05, "family": "fixed"}}, "lost": {"kind": "lost"}}
    desk = desked(service=0.9, patience={"mean": 1, "family": "fixed"}, gives_up_to="lost")
    rows = rows_of(play(worlds.made({"customers": 2, "arrivals": {"days": 0}, "horizon": 50.0, "stages": stages, "desks": {"d": desk}}), clock=clock))

    assert not np.any(L.kind(rows) == L.GAVE_UP)
    assert len(rows) > 50


@pytest.mark.parametrize("clock", CLOCKS)
def test_the_budget_is_asked_when_the_occasion_happens(clock):
    """Two are served at once at day 1 and end at day 1.5, one exposure is paid: who has the lower identity gets it, the other a plain occasion."""
    channel = {"share": 1.0, "cost": {"exposure": 1}, "budget": {"amount": 1, "per": "month"}, "desk": "d"}
    raw = worlds.line(customers=2, horizon=1.9, channels={"a": channel}, desks={"d": desked(people=2) | {"serves": None}})
    rows = rows_of(play(worlds.made(raw), clock=clock))

    assert rows["channel"].tolist() == [1, 0]
    assert rows["served"].tolist() == [0.5, 0.5]


def test_the_ledger_counts_wages_and_fees_by_the_month():
    """By hand: 2 people x 3000 and a fee of 100; 45 days are a month of 365/12 days and a part."""
    raw = worlds.put(worlds.line(horizon=45.0), desks={"d": desked(people=2, wage=3000)}, channels={"a": {"cost": {"month": 100}}})
    part = 45 / (365 / 12) - 1

    assert [(month, item) for month, item, _ in ledger(worlds.made(raw))] == [(0, "d"), (0, "a"), (1, "d"), (1, "a")]
    assert [cost for *_, cost in ledger(worlds.made(raw))] == pytest.approx([6000, 100, 6000 * part, 100 * part])


def test_terms_say_which_desks_serve_prospects():
    """One claims every occasion, the other one those of customers alone."""
    desks = {"all": desked(), "customers": desked() | {"serves": {"stages": ["owning"]}}}
    stages = {"looking": {"kind": "prospect", "entry": 1.0, "next": {"owning": 1.0}, "gap": {"mean": 1}}}
    stages |= {"owning": {"kind": "customer", "next": {"gone": 1.0}, "gap": {"mean": 1}}, "gone": {"kind": "churned"}}
    for name, wins in {"all": (True,), "customers": (False,)}.items():
        raw = {"customers": 2, "horizon": 50.0, "stages": stages, "desks": {name: desks[name]}}
        assert terms(worlds.made(raw)).wins == wins


def test_terms_say_what_each_persona_and_arm_earns():
    """Margins of personas go before money's; discounts are those that the arm sees."""
    made = terms(worlds.made(worlds.arms()))

    assert made.margin == ((0.4, 0.4), (0.5, 0.5))
    assert made.discount[0] == ((0.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.15, 0.0))
    assert made.contribution()[1, 1, 2] == pytest.approx((0.5 - 0.15) / 0.85)
    assert type(made).from_dict(made.to_dict()) == made


BROKEN = {
    "time goes back": lambda rows: rows["time"].__setitem__(1, 0.5),
    "a row is missing": lambda rows: rows["number"].__setitem__(1, 2),
    "a stage is skipped": lambda rows: rows["stage_from"].__setitem__(1, 0),
    "money from nowhere": lambda rows: rows["cost"].__setitem__(0, 1.0),
    "life after an exit": lambda rows: rows["stage_to"].__setitem__(0, 2),
    "beyond the horizon": lambda rows: rows["time"].__setitem__(1, 10.0),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_the_check_of_conservation_sees_what_is_broken(fault):
    """V11 itself: each fault planted in a good log by hand is found."""
    world = worlds.made(worlds.line(channels={"a": {"share": 0.0}}))
    log = play(world, clock="compiled")
    rows = rows_of(log).copy()
    BROKEN[fault](rows)

    with pytest.raises(AssertionError):
        conserve(world, L.in_memory(log.terms, log.births, rows))


def test_the_ledger_holds_all_wages_and_monthly_costs():
    """Σ people · wage · months + Σ monthly costs · months, 730 days being 24 months; a desk and a channel can't share a name."""
    raw = worlds.plain() | {"horizon": 730.0, "desks": {"help": {"people": 2, "wage": 1000.0, "serves": {}, "service": {"mean": 0.01}}}}
    raw["channels"]["ad"]["cost"] = {"month": 70.0}
    assert sum(money for _, _, money in ledger(check.world(raw))) == pytest.approx(24 * (2 * 1000 + 70))

    raw["channels"]["help"] = {"share": 0.1}
    with pytest.raises(ConfigError) as refused:
        check.world(raw)
    assert "desks.help" in [problem.path for problem in refused.value.problems]
