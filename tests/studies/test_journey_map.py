"""The numbers of a journey map: by hand on the log of ten customers; moments of truth where they are known exactly, and where there is none."""

import math

import pytest

from sim.customers import fold
from sim.errors import ConfigError
from sim.metrics import METRICS
from sim.metrics.first_year import first_year
from sim.metrics.journey import facts
from sim.metrics.map import cell, journey_map
from sim.model.check import world
from sim.play import play
from sim.studies import lives
from sim.studies.journey_map import current_state, future_state, of_log, persona_maps, persona_of_log
from sim.studies.moments import moments, raised
from tests import worlds
from tests.metrics.conftest import log_of, row
from tests.metrics.conftest import ten as ten

LOOKS, WEIGHS, DECIDES, STAYS = "awareness", "consideration", "decision", "retention"

# Worth ahead of a stage: contribution less variable costs after the first entry, over who came.  Awareness: all of 265 - 6.1 over ten.
# Consideration (0 from day 10, 4 from 40, 5 and 8): 0 brings -.5 + 50 + 29.5 + 10, 4 brings 25.  Decision (0 from day 20, 3 from 50, 4 from 120):
# 0 brings 50 + 29.5 + 10, 3 brings 100.  Retention (0 from 30, 1, 3, 4): 29.5 + 10.
AHEAD = {LOOKS: 258.9 / 10, WEIGHS: (89 + 25) / 4, DECIDES: (89.5 + 100) / 3, STAYS: 39.5 / 4}
STAGES = {
    "visitors": {LOOKS: 10, WEIGHS: 4, DECIDES: 3, STAYS: 4},
    "worth_ahead": AHEAD,
    "money_in": {LOOKS: 50, WEIGHS: 25, DECIDES: 150, STAYS: 40},  # of the orders, where the customer was
    # search's 10 on the exposures of 0 and 4, e-mail's 6 on four: 1.5 of them on 0 in consideration and retention, 3 and 5 in awareness;
    # sales: 200 on 4, 40 on 8, both in awareness
    "money_out": {LOOKS: 5.1 + 10 + 3 + 240, WEIGHS: 0.5 + 1.5, DECIDES: 0, STAYS: 0.5 + 1.5},
    "satisfaction_p50": {LOOKS: 0.0, WEIGHS: 0.2, STAYS: 0.3},  # awareness: -.1 0 0 .1 .2 .5, the lower of the two middle ones
}
CELLS = {
    ("exposure_share", LOOKS, "search"): 3 / 7,  # 0, 1, 4; e-mail 3, 5; call 4, 8
    ("cell_engagement", LOOKS, "search"): 2 / 3,
    ("cell_touches", LOOKS, "call"): 2,
    ("occasion_share", LOOKS, "own"): 2 / 10,  # of 2, 6; with the call that 9 did not wait for
    ("cell_satisfaction", LOOKS, "email"): (0.2 - 0.1) / 2,
}
PAINS = {
    # left awareness: 2, 6 by themselves, 9 from the queue; decision: 3 by itself, 4 from the queue; retention: 1
    ("pain_customers", "drop_off", LOOKS): 2,
    ("pain_money", "drop_off", LOOKS): 2 * AHEAD[LOOKS],
    ("pain_customers", "drop_off", DECIDES): 1,
    ("pain_customers", "drop_off", STAYS): 1,
    ("pain_customers", "gave_up", LOOKS): 1,
    ("pain_customers", "gave_up", DECIDES): 1,
    ("pain_money", "gave_up", DECIDES): AHEAD[DECIDES],  # nobody was touched in decision: nothing to compare with
    # touches of awareness that were not bad: 0, 1, 4, 5, 8; after these 1 left at the next occasion, 4 at the third
    ("pain_lost", "gave_up", LOOKS): 1 - 2 / 5,
    ("pain_customers", "bad_experience", LOOKS): 1,  # 3: from 0 to -.1
    ("pain_lost", "bad_experience", LOOKS): 1 - 2 / 5,  # who left at the third occasion after it
}


@pytest.fixture(scope="module")
def found(ten):
    return {metric[:3]: metric.value for metric in journey_map(facts(ten, intervals=False))}


@pytest.mark.parametrize("name", STAGES)
def test_stages_are_what_a_hand_finds(found, name):
    """Money and satisfaction are kept in single precision, hence 1e-6; percentiles to 0.001."""
    assert {stage: found[name, "stage", stage] for stage in STAGES[name]} == pytest.approx(STAGES[name], rel=1e-6, abs=1e-6)


def test_touchpoints_are_what_a_hand_finds(found):
    """Shares are of the exposures, or of the occasions, that began in the stage."""
    assert {key: found[key[0], "cell", cell(*key[1:])] for key in CELLS} == pytest.approx(CELLS)


def test_pains_are_what_a_hand_finds(found):
    """Who left is counted once; who gave up and who had a bad touch with the excess over the stage's other touches."""
    assert {key: found[key[0], "pain", cell(*key[1:])] for key in PAINS} == pytest.approx(PAINS, rel=1e-6)


def test_the_dearest_pain_comes_first(ten):
    """Sorted by money, the largest first."""
    money = [pain.money.value for pain in of_log(ten).pains]

    assert money == sorted(money, reverse=True)
    assert money[0] > 0


def test_personas_add_up_to_everybody(ten):
    """Two personas: their visitors, money in and costs by use sum to those of all."""
    births = ten.births.copy()
    births["persona"] = [0, 1] * 5
    terms = {"personas": ("one", "two"), "markets": ("b2c", "b2b"), "margin": ((0.5,), (0.5,)), "discount": (((0.0, 0.0, 0.2, 0.0),),) * 2}
    rows = next(ten.blocks())[2]
    both = log_of(births["arrived"], rows.tolist(), ten.ledger, horizon=400.0, clv_days=200.0, **terms)
    both.births["persona"] = births["persona"]
    parts = [persona_of_log(both, name, {}, of_log(both).source) for name in ("one", "two")]
    for metric in ("visitors", "money_in", "money_out"):
        for stage in (LOOKS, WEIGHS, DECIDES, STAYS):
            assert sum(part.numbers[metric, "stage", stage].value for part in parts) == pytest.approx(of_log(both).numbers[metric, "stage", stage].value)


def test_a_log_without_feelings_has_no_curve():
    """Nothing moved satisfaction: no percentiles, rather than a row of zeros."""
    log = log_of([0.0], [row(0, 1, "search", f"{LOOKS} > {WEIGHS}")], horizon=10.0)

    assert not [key for key in of_log(log).numbers if key[0].startswith("satisfaction_p")]


def mood(chance: float = 0.5, **more):
    """Return a world of one touch, one decision that satisfaction bends, and one order: everything in the first year.

    ``look`` leads to ``weigh`` after a day; there the customer buys for 100 with odds that satisfaction multiplies by 4 a unit, or is lost.
    """
    fixed = {"mean": 1, "family": "fixed"}
    stages = {
        "look": {"kind": "prospect", "entry": 1.0, "next": {"weigh": 1.0}, "gap": fixed},
        "weigh": {"kind": "prospect", "next": {"buy": chance, "lost": 1 - chance}, "gap": fixed},
        "buy": {"kind": "customer", "order": {"on_entry": 1.0}, "next": {"gone": 1.0}, "gap": fixed},
        "gone": {"kind": "churned"},
        "lost": {"kind": "lost"},
    }
    channels = {"ad": {"share": {"look": 1.0}}, "mail": {"share": {"buy": 1.0}}}
    people = {"one": {"revenue": {"value": {"mean": 100, "family": "fixed"}}}}
    drivers = {"satisfaction": {"odds": {"weigh": {"buy": 4.0}}}}
    raw = {"customers": 4000, "arrivals": {"days": 0}, "horizon": 400, "stages": stages, "personas": people, "channels": channels, "drivers": drivers}
    return world(raw | more)


def test_the_moment_of_truth_is_found_and_as_large_as_it_is():
    """0.1 more at the ad: P(buy) from 1/2 to 4^.1 / (1 + 4^.1), times 100 discounted by nothing; the mail comes after the purchase and moves nobody."""
    found = moments(mood(), 20)
    gain = 4**0.1 / (1 + 4**0.1) - 0.5
    best = found.found[0]

    assert [(one.stage, one.channel) for one in found.found] == [("look", "ad")]
    assert best.low < 100 * gain < best.high
    # with common luck exactly those move whose race falls between: p(1 - p) / n of a Bernoulli share, ten runs of 4,000
    assert abs(best.effect - 100 * gain) < 5 * 100 * math.sqrt(gain * (1 - gain) / 40_000)
    assert best.per_thousand == pytest.approx(1000 * best.effect)  # everybody is touched once
    assert found.tried == 2


def test_only_one_cell_is_raised():
    """The mail keeps its experience elsewhere: 0.1 more in one stage is 0 in the others."""
    means = raised(mood(), "weigh", "mail").channels["mail"].experience.mean

    assert means == {"look": 0.0, "weigh": 0.1, "buy": 0.0}


def test_nothing_is_found_where_satisfaction_moves_nobody():
    """Without odds of satisfaction the effect of every cell is exactly zero: none is chosen, and none found is the result."""
    found = moments(mood(drivers={"satisfaction": {}}), 20)

    assert found.chosen == found.found == ()
    assert found.tried == 2
    assert found.reason == ""


def test_moments_of_truth_need_two_halves():
    """Under ten replications a half there is no honest interval."""
    with pytest.raises(ConfigError, match="at least 20"):
        moments(mood(), 12)


def test_moments_of_truth_need_a_year():
    """Where nobody is followed for a year there is no value of the first one, and the map says so."""
    assert moments(mood(horizon=100), 20).reason == "follow-up too short"


def test_the_quick_value_is_the_metric():
    """`first_year` is value_365d, for every replication, on a world with two personas and late arrivals."""
    people = {"one": {"share": 0.5}, "two": {"share": 0.5, "revenue": {"value": {"mean": 7, "family": "fixed"}}, "pace": 40}}
    late = mood(personas=people, arrivals={"days": 300})
    for replication in (0, 1):
        log = play(late, replication=replication)
        whole = next(m.value for m in METRICS["value_365d"](facts(log, intervals=False, enough=1)) if m.by == "all")
        assert first_year(log)[0] == pytest.approx(whole, rel=1e-12)


def test_the_future_without_a_change_is_the_present():
    """The same world twice: every difference is exactly zero, so nothing is sure."""
    same = mood(customers=300)
    found = future_state(same, same, 3)

    assert found.differences
    assert {one.difference for one in found.differences.values()} == {0.0}


def test_the_future_is_the_difference_of_two_maps():
    """Twice the price of the goods: visitors stay, money in doubles, replication by replication."""
    dear = mood(customers=300, personas={"one": {"revenue": {"value": {"mean": 200, "family": "fixed"}}}})
    found = future_state(mood(customers=300), dear, 3)
    came, money = found.at("visitors", "weigh"), found.at("money_in", "weigh")

    assert (came.low, came.difference, came.high) == (0.0, 0.0, 0.0)
    assert money.value == pytest.approx(2 * money.baseline)
    assert found.before.at("money_in", "weigh").value == pytest.approx(money.baseline)


def test_one_persona_is_the_whole_map():
    """Where there is one kind of customer, its map is everybody's."""
    whole, (own,) = current_state(mood(customers=300), 2), persona_maps(mood(customers=300), 2)

    assert {key: metric.value for key, metric in own.numbers.items()} == pytest.approx({key: m.value for key, m in whole.numbers.items()}, nan_ok=True)
    assert own.persona == "one"


def settled(**terms):
    """Return the log of one customer who orders for 50 on day 1, pays like this, and is gone on day 2."""
    return play(world(worlds.put(worlds.line(horizon=200.0), personas__one__revenue={"value": {"mean": 50, "family": "fixed"}} | terms)))


PARTS, BACK = {"instalments": {"number": 4, "every": 30.0}}, {"refund": {"chance": 1.0, "after": {"mean": 7, "family": "fixed"}}}


@pytest.mark.parametrize(("terms", "look", "buy"), [(PARTS, 12.5, 37.5), (BACK, 50, -50)])
def test_what_is_paid_after_the_exit_counts_in_the_last_stage(terms, look, buy):
    """The order came from the first stage, the rest when the customer had left the second: together all revenue of the run."""
    log = settled(**terms)
    found = {(m.metric, m.group): m.value for m in journey_map(facts(log, intervals=False))}
    whole = next(m.value for m in METRICS["revenue"](facts(log, intervals=False)) if m.by == "all")

    assert [found["stage_revenue", stage] for stage in ("look", "buy")] == [found["money_in", stage] for stage in ("look", "buy")] == [look, buy]
    assert look + buy == whole


@pytest.mark.parametrize(("terms", "kinds", "revenue", "until"), [(PARTS, ["instalment"] * 3, 50, 91), (BACK, ["refund"], 0, 8)])
def test_a_life_goes_on_until_everything_is_paid(terms, kinds, revenue, until):
    """One order; what falls due after the exit is no fee and no order, but money."""
    own = lives.life(settled(**terms), 0)

    assert [step.payment for step in own.steps] == [None, None, *kinds]
    assert (len(own.orders), own.revenue, own.ended, own.until) == (1, revenue, 2, until)


def rewarded(**top):
    """Return the log of one customer who looks, buys on the next day, is gone and refers somebody on the day after, who does the same: at a reward of 7."""
    return play(world(worlds.line(horizon=20.0, referral={"chance": {"buy": 1.0}, "enters": "look", "reward": 7.0}, **top)))


def test_a_reward_costs_where_the_referred_were_and_nobody_was_reached():
    """All occasions of looking were on a channel, so a reward is all there is on own: costs of the cells are all variable costs of the run."""
    log = rewarded(channels={"ad": {"share": {"look": 1.0}, "cost": {"exposure": 2.0}}})
    found = {(m.metric, m.group): m.value for m in journey_map(facts(log, intervals=False))}
    costs = {group: value for (name, group), value in found.items() if name == "cell_cost" and value}
    referred = sum(not math.isnan(at) for at in fold(log)["converted_at"][1:])
    whole = next(m.value for m in METRICS["cost"](facts(log, intervals=False)) if m.by == "all")

    assert referred > 5
    assert costs == {cell("look", "own"): 7 * referred, cell("look", "ad"): 2 * (1 + referred)}
    assert sum(costs.values()) == whole
    assert ("occasion_share", cell("look", "own")) not in found


def test_a_reward_is_in_nobody_s_life():
    """The referred looked, bought on the next day and were gone on the day after: two occasions, nothing that fell due."""
    log = rewarded()

    for index in (0, 1):
        own = lives.life(log, index)
        assert [(step.day - own.arrived, step.kind, step.stage_to) for step in own.steps] == [(1, "occasion", "buy"), (2, "occasion", "gone")]


def test_the_customers_of_a_day_in_the_life_are_who_they_are_said_to_be(ten):
    """By hand: 0 has the most occasions with 4 (five each, the first wins); of those lost from decision before buying there is none."""
    assert lives.choose(ten, "longest") == (0, 10)
    assert lives.choose(ten, 7) == (7, 10)
    assert lives.choose(ten, "typical")[1] == 4  # who converted
    with pytest.raises(ConfigError, match="nobody was lost"):
        lives.choose(ten, "lost_last")
    with pytest.raises(ConfigError, match="numbered 0 to 9"):
        lives.choose(ten, 10)
    with pytest.raises(ConfigError, match="typical, longest"):
        lives.choose(ten, "shortest")


def test_a_life_is_the_rows_of_its_customer(ten):
    """Customer 4: five occasions, waited a day for the call, bought on day 60, gave up and left on day 140."""
    own = lives.life(ten, 4)

    assert [(step.day, step.channel, step.stage_to) for step in own.steps][1] == (40, "call", WEIGHS)
    assert (own.converted, own.ended, own.revenue) == (60, 140, 50)
    assert [step.gave_up for step in own.steps] == [False] * 4 + [True]
    assert lives.twin(ten, 4) == own
    assert lives.twin(ten, 99) is None
