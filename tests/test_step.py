"""Tests for `sim.step`: each rule in a world so small that the log can be written by hand."""

import numpy as np
import pytest
from scipy import stats

from sim import log as L
from sim.play import play
from tests import worlds
from tests.contracts.conservation import rows_of


def rows(raw, **top):
    """Return the rows of a world on the compiled clock."""
    return rows_of(play(worlds.made(raw, **top), clock="compiled"))


def ringing(customers=1, *, gap=1.0, family="fixed", horizon=10.0, **top):
    """Return a world where nobody ever leaves the one stage: occasions and nothing else."""
    stages = {"on": {"kind": "prospect", "entry": 1.0, "next": {"on": 1.0}, "gap": {"mean": gap, "family": family}}}
    return {"customers": customers, "arrivals": {"days": 0}, "horizon": horizon, "stages": stages} | top


def test_a_journey_with_one_way_is_that_way():
    """V10, by hand: look, buy at day 1 (order of 50), gone at day 2."""
    seen = rows(worlds.line())

    assert seen["time"].tolist() == [1.0, 2.0]
    assert seen["stage_to"].tolist() == [1, 2]
    assert seen["revenue"].tolist() == [50.0, 0.0]
    assert L.ordered(seen).tolist() == [True, False]


def test_nothing_happens_at_or_after_the_horizon():
    """Occasions at days 1 .. 9 of a horizon of 10; the tenth would be at the horizon."""
    assert rows(ringing())["time"].tolist() == list(range(1, 10))
    assert rows(ringing(), horizon=10.000001)["time"].tolist() == list(range(1, 11))


@pytest.mark.parametrize(
    ("who", "gap"), [({"pace": 2.0}, 2.0), ({"pace": {"on": 0.5}}, 0.5), ({"traits": {"t": {"acts": "rate", "family": "fixed", "mean": 4.0}}}, 0.25)]
)
def test_pace_multiplies_gaps_and_a_rate_divides_them(who, gap):
    """Design 4: pace is a gap multiplier, a trait that acts as rate divides gaps."""
    assert np.diff(rows(ringing(personas={"one": who}))["time"]).tolist() == pytest.approx([gap] * (len(rows(ringing(personas={"one": who}))) - 1))


def test_the_gap_is_that_of_the_stage_the_customer_is_in():
    """After a change of stage a gap of the new stage is drawn: look 1 day, buy 3 days."""
    raw = worlds.put(worlds.line(), stages__buy__gap={"mean": 3.0, "family": "fixed"})

    assert rows(raw)["time"].tolist() == [1.0, 4.0]


def test_gaps_have_their_distribution():
    """Kolmogorov-Smirnov of 20,000 exponential gaps of mean 3, at 1e-6."""
    first = rows(ringing(20_000, gap=3.0, family="exponential", horizon=1000.0))

    assert stats.kstest(first["time"][first["number"] == 0], "expon", (0, 3)).pvalue > 1e-6


def test_next_stages_have_their_odds():
    """P(next) is proportional to base x persona odds x channel odds x driver odds^level x trait^exponent; chi-squared at 1e-6."""
    stages = {"a": {"kind": "prospect", "entry": 1.0, "next": {"b": 0.2, "c": 0.3, "d": 0.5}, "gap": {"mean": 1, "family": "fixed"}}}
    stages |= {name: {"kind": "lost"} for name in "bcd"}
    who = {"odds": {"a": {"b": 2.0}}, "traits": {"t": {"acts": "odds", "family": "fixed", "mean": 3.0, "of": {"a": {"d": -1.0}}}}}
    channel = {"share": 1.0, "odds": {"a": {"b": 1.5}}, "experience": {"mean": 0.25}}
    drivers = {"satisfaction": {"start": 0.25, "odds": {"a": {"c": 4.0}}}}
    raw = {"customers": 30_000, "arrivals": {"days": 0}, "stages": stages, "personas": {"p": who}, "channels": {"x": channel}, "drivers": drivers}
    weights = np.array([0.2 * 2.0 * 1.5, 0.3 * 4.0**0.5, 0.5 / 3.0])

    assert stats.chisquare(np.bincount(rows(raw)["stage_to"])[1:], 30_000 * weights / weights.sum()).pvalue > 1e-6


def test_channels_hold_their_shares():
    """Share x affinity x intensity of the occasions, the rest own; chi-squared at 1e-6."""
    channels = {"a": {"share": 0.3}, "b": {"share": 0.2, "intensity": 1.5}, "c": {"share": 0.2, "intensity": 0.25}}
    seen = rows(ringing(5000, channels=channels, personas={"p": {"channels": {"a": 0.5}}}))
    shares = np.array([0.5, 0.15, 0.3, 0.05])

    assert stats.chisquare(np.bincount(seen["channel"], minlength=4), len(seen) * shares).pvalue > 1e-6


def test_an_exposure_is_engaged_with_its_probability():
    """Engage 0.3: within 5 standard errors; own occasions never are."""
    seen = rows(ringing(5000, channels={"a": {"share": 0.5, "engage": 0.3}}))
    delivered = seen[seen["channel"] == 1]

    assert not L.engaged(seen[seen["channel"] == 0]).any()
    assert abs(L.engaged(delivered).mean() - 0.3) < 5 * np.sqrt(0.21 / len(delivered))


def test_every_part_of_a_cost_is_due_when_it_is_due():
    """Exposure always, touch if engaged, order if there is one (at the stage that the occasion enters)."""
    cost = {"exposure": 1.0, "touch": 10.0, "order": 100.0}
    for engage, due in ((0.0, [101.0, 1.0]), (1.0, [111.0, 11.0])):
        assert rows(worlds.line(channels={"a": {"share": 1.0, "engage": engage, "cost": cost}}))["cost"].tolist() == due


def test_a_discount_lowers_the_revenue_of_the_orders_it_comes_with():
    """Revenue = value x (1 - discount): 50 at 20 % off."""
    assert rows(worlds.line(channels={"a": {"share": 1.0, "discount": 0.2}}))["revenue"].tolist() == [40.0, 0.0]


def test_a_wallet_multiplies_order_values():
    """A spend trait of 3 makes 150 of 50."""
    raw = worlds.put(worlds.line(), personas__one__traits={"w": {"acts": "spend", "family": "fixed", "mean": 3.0}})

    assert rows(raw)["revenue"].tolist() == [150.0, 0.0]


def test_satisfaction_adds_up_fades_and_stays_in_its_range():
    """By hand: +0.8 a day with a half-life of one day is 0.8, then 0.4 + 0.8 cut at 1, then 0.5 + 0.8 cut at 1."""
    raw = ringing(channels={"a": {"share": 1.0, "experience": {"mean": 0.8}}}, drivers={"satisfaction": {"half_life": 1.0}}, horizon=4.0)

    assert rows(raw)["satisfaction"].tolist() == pytest.approx([0.8, 1.0, 1.0])


def test_satisfaction_fades_to_nothing_without_news():
    """Start 0.8, half-life 2 days: 0.8 x 2^(-t/2) at day t."""
    seen = rows(ringing(drivers={"satisfaction": {"start": 0.8, "half_life": 2.0}}))

    np.testing.assert_allclose(seen["satisfaction"], 0.8 * 0.5 ** (seen["time"] / 2), rtol=1e-6)


def test_experience_is_normal_with_its_mean_and_spread():
    """One engaged touch each: mean 0.1 and sd 0.2 of satisfaction, |z| <= 5; no touch, no experience."""
    channels = {"a": {"share": 1.0, "engage": 0.5, "experience": {"mean": 0.1, "sd": 0.2}}}
    seen = rows(ringing(20_000, channels=channels, horizon=1.5))
    felt = seen["satisfaction"][L.engaged(seen)].astype("f8")

    assert np.all(seen["satisfaction"][~L.engaged(seen)] == 0)
    assert abs(felt.mean() - 0.1) < 5 * 0.2 / np.sqrt(len(felt))
    assert felt.std() == pytest.approx(0.2, rel=5 / np.sqrt(2 * len(felt)))


def test_a_budget_pays_while_it_covers_the_dearest_outcome():
    """10 a day; an exposure costs 1, a touch 3 more, nobody engages: asked for 4, paid 1, so 7 exposures, then plain occasions."""
    channel = {"share": 1.0, "engage": 0.0, "cost": {"exposure": 1.0, "touch": 3.0}, "budget": {"amount": 10, "per": "day"}}
    seen = rows(ringing(20, channels={"a": channel}, horizon=3.5))

    assert np.bincount(seen["time"].astype(int), weights=seen["channel"]).tolist() == [0, 7, 7, 7]
    assert seen["cost"][seen["channel"] == 0].max() == 0


@pytest.mark.parametrize(("amount", "cost", "paid"), [(0, 0.0, 0), (0.3, 0.1, 3), (100, 0.02, 5000), (2.99, 1, 2), (1, 1.01, 0)])
def test_a_budget_buys_what_it_can_buy(amount, cost, paid):
    """To the cent and not one exposure less, although three times 0.1 is more than 0.3 in binary; a budget of 0 is none at all (design 4)."""
    channel = {"share": 1.0, "cost": {"exposure": cost}, "budget": {"amount": amount, "per": "week"}}

    assert np.count_nonzero(rows(ringing(6000, channels={"a": channel}, horizon=1.5))["channel"]) == paid


@pytest.mark.parametrize(("per", "days"), [("day", 1.0), ("week", 7.0), ("month", 365 / 12)])
def test_a_budget_begins_anew_with_its_period(per, days):
    """One occasion a day; a budget for two pays the first two of each period, counted from day 0."""
    channel = {"share": 1.0, "cost": {"exposure": 1.0}, "budget": {"amount": 2, "per": per}}
    seen = rows(ringing(3, gap=0.5, channels={"a": channel}, horizon=70.0))
    period = (seen["time"] / days).astype(int)

    assert set(np.bincount(period, weights=seen["channel"])) == {2.0}


def test_a_budget_funds_what_theory_says():
    """V8: 60 touches a day (Poisson) under a cap of 50: E[min(N, 50)] funded, P(N > 50) days cut; |z| <= 5 over 2,000 days."""
    days, poisson, n = 2000, stats.poisson(60), np.arange(200)
    channel = {"share": 1.0, "cost": {"touch": 1.0}, "budget": {"amount": 50, "per": "day"}}
    seen = rows(ringing(600, gap=10.0, family="exponential", channels={"a": channel}, horizon=float(days)))
    funded, all_ = (np.bincount(seen["time"].astype(int), weights=w, minlength=days) for w in (seen["channel"], np.ones(len(seen))))
    mean, square = (np.minimum(n, 50) ** k @ poisson.pmf(n) for k in (1, 2))

    assert np.array_equal(funded, np.minimum(all_, 50))
    assert abs(funded.mean() - mean) < 5 * np.sqrt((square - mean**2) / days)
    assert abs((all_ > 50).mean() - poisson.sf(50)) < 5 * np.sqrt(poisson.sf(50) * poisson.cdf(50) / days)


def test_a_referral_brings_the_same_persona_to_the_stage_it_names():
    """Chance 1 at the occasion out of `buy`, also one that leaves: each of 5 brings one, who enters `look` at that moment."""
    raw = worlds.line(customers=5, horizon=2.5, referral={"chance": {"buy": 1.0}, "enters": "look"})
    births = play(worlds.made(raw), clock="compiled").births

    assert births["customer"].tolist() == list(range(10))
    assert sorted(births["parent"][5:].tolist()) == [0, 1, 2, 3, 4]
    assert set(births["arrived"][5:]) == {2.0}
    assert set(births["entry"][5:]) == {0}


def test_generations_of_referred_are_simulated_to_the_horizon():
    """By hand: whoever leaves `buy` brings one, every 2 days: one customer becomes 1 + 5 within 11 days."""
    births = play(worlds.made(worlds.line(horizon=11.0, referral={"chance": {"buy": 1.0}, "enters": "look"})), clock="compiled").births

    assert births["arrived"].tolist() == [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
    assert births["parent"].tolist() == [-1, 0, 1, 2, 3, 4]


def test_a_trait_too_small_to_write_down_sends_nobody_astray():
    """Gammas of cv 10 have quantiles below the smallest float: still only transitions that `next` has."""
    tiny = {"family": "gamma", "mean": 1, "cv": 10, "acts": "odds"}
    who = {"a": tiny | {"of": {"weigh": {"lost": 3}}}, "b": tiny | {"of": {"weigh": {"lost": 1, "buy": 2, "aware": 1, "weigh": 1}}}}
    seen = rows(worlds.put(worlds.plain(1000), personas__keen__traits=who))
    allowed = {(a, b) for k, (a, s) in enumerate(worlds.STAGES.items()) for b in s.get("next", {})}
    names = list(worlds.STAGES)

    assert {(names[a], names[b]) for a, b in zip(seen["stage_from"], seen["stage_to"], strict=True)} <= allowed
