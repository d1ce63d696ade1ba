"""Tests for `sim.step`: calendars, word of mouth, reputation, targeting, hiring and growth, each with an answer by hand or by theory."""

import math

import numpy as np
import pytest
from scipy.linalg import expm

from sim import log as L
from sim.metrics import measure
from sim.play import ledger, play
from tests import worlds
from tests.contracts.conservation import rows_of
from tests.test_step import ringing, rows
from tests.test_step_channels import far

FAR = 5.0
OFFICE = {"weekday": [1, 1, 1, 1, 1, 0, 0], "hours": [0] * 8 + [1] * 8 + [0] * 8}


def test_nothing_happens_while_the_calendar_stands_still():
    """Office hours: every occasion of 500 customers on a weekday between 8 and 16, as many as without a calendar (|z| below 5)."""
    plain = ringing(500, gap=3.0, family="exponential", horizon=365.0)
    seen, even = (rows(plain | {"calendars": {"b2c": given}})["time"] for given in (OFFICE, {}))
    hour, weekday = seen % 1 * 24, np.floor(seen) % 7

    assert np.all((hour >= 8 - 1e-6) & (hour <= 16 + 1e-6))
    assert weekday.max() == 4
    assert abs(len(seen) - len(even)) / math.sqrt(len(seen) + len(even)) < FAR


def test_a_season_is_a_change_of_clock():
    """Twice as much in January as in February, nothing after: gaps of 10 open days from day 0 with factors 8, 4, 0, ...: by hand."""
    season = [2.0, 1.0] + [0.0] * 10
    seen = rows(ringing(gap=100.0, horizon=365.0, calendars={"b2c": {"season": season}}))["time"]
    month, fast, slow = 365 / 12, 8.0, 4.0

    assert seen.tolist() == pytest.approx([100 / fast, 200 / fast, month + (300 - fast * month) / slow])


def test_a_fixed_gap_in_open_days_lands_where_the_clock_says():
    """Open 8 to 16 on five days of seven is 4.2 times the even pace: half an open day is 2 h 51 min after opening."""
    seen = rows(ringing(gap=0.5, horizon=3.0, calendars={"b2c": OFFICE}))["time"]
    hours = 0.5 * 24 / 4.2

    open_hours = [hours * (n + 1) for n in range(8)]

    assert (seen * 24).tolist() == pytest.approx([16 * (x // 8) + 8 + x for x in open_hours])


def test_arrivals_grow():
    """Doubling every year over two years: a third of the arrivals in the first one."""
    raw = ringing(20_000, gap=1.0, horizon=730.0) | {"arrivals": {"days": 730, "growth": 1.0}, "log": "none"}
    arrived = play(worlds.made(raw | {"stages": worlds.line()["stages"]}), clock="compiled").births["arrived"]

    assert far(arrived < 365, 1 / 3) < FAR


def master(people, p, q, days):
    """Return mean and variance of the adopters: a pure birth process, (M - k) (p + q k / M) (Bass 1969, on a finite population)."""
    k = np.arange(people + 1)
    rate = (people - k) * (p + q * k / people)
    generator = np.diag(-rate) + np.diag(rate[:-1], 1)
    chance = expm(generator * days)[0]
    return chance @ k, chance @ k**2 - (chance @ k) ** 2


def bass(people, p, q, horizon):
    """Return a world of Bass: advertising holds p / (p + q) of the occasions, talking the rest; either one is believed at once."""
    stages = {
        "unaware": {"kind": "prospect", "entry": 1.0, "next": {"unaware": 1 - 1e-9, "adopted": 1e-9}, "gap": {"mean": 1 / (p + q), "family": "exponential"}},
        "adopted": {"kind": "customer", "next": {"adopted": 1.0}, "gap": {"mean": 1e5, "family": "fixed"}},
    }
    sure = {"unaware": {"adopted": 1e16}}
    channels = {"ad": {"share": {"unaware": p / (p + q)}, "odds": sure}, "talk": {"share": {"unaware": q / (p + q)}, "meets": ["adopted"], "odds": sure}}
    return {"customers": people, "arrivals": {"days": 0}, "horizon": horizon, "stages": stages, "channels": channels}


@pytest.mark.parametrize("people", [20, 100])
def test_word_of_mouth_alone_is_bass_on_a_finite_population(people):
    """Estimators 16: force p + q k / M with p .03, q .4 on day 5; mean within 5 standard errors, variance within 5 of its own, 400 runs."""
    world, runs = worlds.made(bass(people, 0.03, 0.4, 5.0)), 400
    found = np.array([adopters(world, r) for r in range(runs)])
    mean, variance = master(people, 0.03, 0.4, 5.0)

    assert abs(found.mean() - mean) / math.sqrt(variance / runs) < FAR
    spread = ((found - mean) ** 2).std() / math.sqrt(runs)
    assert abs(((found - mean) ** 2).mean() - variance) / spread < FAR


def adopters(world, replication):
    """Return how many have adopted."""
    seen = rows_of(play(world, clock="compiled", replication=replication, threads=1))
    return np.count_nonzero((seen["stage_from"] == 0) & (seen["stage_to"] == 1))


def test_a_shared_driver_is_what_all_have_made_of_it():
    """Three customers order one after the other; each moves the reputation by a tenth of the way to their satisfaction of 1/2."""
    raw = worlds.line(customers=3) | {"arrivals": {"days": 3, "shape": "even"}}
    drivers = {"satisfaction": {"start": 0.5, "odds": {}}, "reputation": {"shared": True, "follows": "satisfaction", "adds": {"order": 0.1}}}
    stages = worlds.put(raw, stages__look__next={"buy": 0.5, "lost": 0.5})["stages"]
    raw |= {"drivers": drivers | {"reputation": drivers["reputation"] | {"odds": {"look": {"buy": 1e9}}}}, "stages": stages, "customers": 3000}
    seen = rows(raw | {"horizon": 40.0})

    bought = seen["stage_to"][seen["number"] == 0] == 1
    assert bought[:50].mean() < 1.0  # nobody has a reputation yet: even odds
    assert bought[200:].all()  # 1e9 to the power of nearly 1/2


def test_ads_that_target_reach_those_who_would_buy_anyway():
    """Chance x^2 / (1 + x^2) for trait x: of two kinds with x 1/2 and 2 it reaches 1/5 and 4/5."""
    for trait, chance in ((0.5, 0.2), (2.0, 0.8)):
        person = {"p": {"traits": {"taste": {"acts": "odds", "family": "fixed", "mean": trait, "of": {"on": {"on": 1.0}}}}}}
        seen = rows(ringing(20_000, horizon=2.0, channels={"ad": {"share": 1.0, "targets": {"taste": 2.0}}}, personas=person))
        assert far(seen["channel"] == 1, chance) < FAR


@pytest.mark.parametrize("clock", ["simpy", "compiled"])
def test_who_is_hired_works_from_their_day_on(clock):
    """Six ask one person on day 0, five days each; two more join on days 2 and 4: served by day 5, 7, 9, 10, 12, 14."""
    desk = {"people": 1, "wage": 300, "serves": {}, "service": {"mean": 5, "family": "fixed"}, "hire": {"people": 2, "from": 1, "ramp": 4}}
    raw = ringing(6, gap=100.0, horizon=300.0, desks={"sales": desk}) | {"stages": worlds.line(gap=0.0)["stages"]}
    raw["stages"] = worlds.put({"stages": raw["stages"]}, stages__look__next={"lost": 1.0})["stages"]
    log = play(worlds.made(raw), clock=clock)

    assert sorted(rows_of(log)["time"].tolist()) == [5.0, 7.0, 9.0, 10.0, 12.0, 14.0]
    busy = next(m for m in measure(log) if (m.metric, m.by) == ("utilisation", "all"))
    assert busy.value == pytest.approx(30 / (300 + 2 * 299))


def test_wages_are_paid_from_the_day_of_hiring():
    """One at 300 a month, two more from the middle of the second month: 300, 600, 900."""
    desk = {"people": 1, "wage": 300, "serves": {}, "service": {"mean": 1}, "hire": {"people": 2, "from": 1.5 * 365 / 12, "ramp": 90}}
    world = worlds.made(ringing(horizon=365 / 4, desks={"sales": desk}))

    assert [cost for _, _, cost in ledger(world)] == pytest.approx([300, 600, 900])


@pytest.mark.parametrize("clock", ["simpy", "compiled"])
def test_a_closed_desk_makes_customers_wait(clock):
    """Asked at 18 h on Monday, open 8 to 16, two hours of work: served at 10 h on Tuesday after 14 hours of waiting."""
    desk = {"people": 1, "serves": {}, "service": {"mean": 2 / 24, "family": "fixed"}, "hours": OFFICE}
    log = play(worlds.made(ringing(gap=0.75, horizon=1.8, desks={"sales": desk})), clock=clock)
    first = rows_of(log)[0]

    assert first["time"] * 24 == pytest.approx(34)
    assert (first["waited"] * 24, first["served"] * 24) == pytest.approx((14, 2), abs=1e-4)
    assert log.terms.open == pytest.approx((5 / 7 / 3,))
    assert L.kind(first) == L.OCCASION


@pytest.mark.parametrize("rho", [-0.6, 0.8])
def test_correlated_traits_have_their_correlation(rho):
    """Two lognormal traits: corr = (exp(rho s1 s2) - 1) / sqrt((exp(s1^2) - 1) (exp(s2^2) - 1)), s^2 = log(1 + cv^2); of 20,000 customers."""
    tempo = {"acts": "rate", "family": "lognormal", "mean": 1, "cv": 0.4}
    wallet = {"acts": "spend", "family": "lognormal", "mean": 1, "cv": 0.3, "like": {"trait": "tempo", "correlation": rho}}
    person = {"traits": {"tempo": tempo, "wallet": wallet}, "revenue": {"value": {"mean": 50, "family": "fixed"}}}
    first = rows(worlds.line(customers=20_000, horizon=1e4) | {"personas": {"p": person}})[::2]
    s, t = (math.sqrt(math.log1p(cv**2)) for cv in (0.4, 0.3))
    exact = math.expm1(rho * s * t) / math.sqrt(math.expm1(s * s) * math.expm1(t * t))
    found = np.corrcoef(1 / first["time"], first["revenue"])[0, 1]

    assert abs(found - exact) < FAR * 1.5 / math.sqrt(20_000)  # heavier tails than the normal's: half as much again
