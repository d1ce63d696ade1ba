"""Tests for `sim.rules.orchestration`: what rules notice, when they act, what they see and what it does, each with an answer by hand."""

import numpy as np
import pytest

from sim import log as L
from sim.customers import fold
from sim.metrics import measure
from sim.metrics.curves import transitions
from sim.metrics.paths import flows
from sim.play import play
from tests import worlds
from tests.contracts.conservation import rows_of
from tests.test_step import rows
from tests.test_step_channels import far

FAR = 5.0
DAY = {"mean": 10.0, "family": "fixed"}


def basket(customers=1, *, gap=10.0, horizon=100.0, **top):
    """Return a journey on a fixed clock: browse, basket, then for sure back to browse or, half the time, bought."""
    fixed = {"mean": gap, "family": "fixed"}
    stages = {
        "browse": {"kind": "prospect", "entry": 1.0, "next": {"basket": 1.0}, "gap": fixed},
        "basket": {"kind": "prospect", "next": {"lost": 0.5, "bought": 0.5}, "gap": fixed},
        "bought": {"kind": "customer", "next": {"bought": 1.0}, "gap": {"mean": 1000.0, "family": "fixed"}},
        "lost": {"kind": "lost"},
    }
    return {"customers": customers, "arrivals": {"days": 0}, "horizon": horizon, "stages": stages, "channels": {"mail": {}, "call": {}}} | top


def reminder(**given):
    """Return a rule that mails whoever has filled a basket."""
    return {"rules": {"reminder": {"when": {"enters": ["basket"]}, "do": {"channel": "mail"}} | given}}


def acts(raw, **top):
    """Return when rules acted."""
    seen = rows(raw, **top)
    return seen["time"][L.kind(seen) == L.RULE].tolist()


@pytest.mark.parametrize(
    ("given", "times"),
    [
        ({}, [10.0]),
        ({"wait": 2.5}, [12.5]),
        ({"wait": 1e-6}, [10.000001]),
        ({"batch": 1.0}, [10.0]),  # the nightly batch of day 10
        ({"wait": 0.5, "batch": 4.0}, [12.0]),
        ({"wait": 25.0}, []),  # bought or lost by then: a rule acts as long as the customer is there and seen in a stage
    ],
)
def test_a_rule_waits_and_acts_at_the_end_of_its_batch(given, times):
    """Basket on day 10; the reminder comes after its wait, at the end of the batch, if there is still a basket."""
    assert acts(basket(gap=10.0) | reminder(only={"stages": ["basket"]}, **given)) == pytest.approx(times)


def test_a_rule_acts_at_most_so_often():
    """A customer who enters the basket on days 2, 6, 10 ... (back and forth) is reminded three times."""
    raw = worlds.put(basket(gap=2.0, horizon=60.0), stages__basket__next={"browse": 1.0})

    assert acts(raw | reminder(at_most=3)) == [2.0, 6.0, 10.0]


@pytest.mark.parametrize(
    ("when", "times"),
    [
        ({"touches": ["ad"]}, [1.0, 2.0, 3.0]),
        ({"orders": True}, [1.0]),
        ({"stays": ["buy"]}, [2.0, 3.0]),
        ({"gains": ["opted_in"]}, [1.0]),
        ({"below": {"satisfaction": -0.15}}, [2.0, 3.0]),
    ],
)
def test_rules_notice_what_they_wait_for(when, times):
    """One who buys on day 1 through an advertisement that takes their data and a tenth of satisfaction each time, and stays."""
    raw = worlds.put(worlds.line(horizon=3.5), stages__buy__next={"buy": 1.0})
    ad = {"share": 1.0, "gives": {"opted_in": 1.0}, "experience": {"mean": -0.1}}
    rule = {"when": when, "do": {"channel": "mail"}, "at_most": 9}

    assert acts(raw | {"channels": {"ad": ad, "mail": {}}, "permissions": {"opted_in": {}}, "rules": {"it": rule}}) == times


def test_giving_up_is_noticed():
    """Two ask one person; the second gives up after a day, and is called back two days later."""
    desk = {"people": 1, "serves": {"channels": ["own"]}, "service": {"mean": 50, "family": "fixed"}, "patience": {"mean": 1, "family": "fixed"}}
    stages = {"in": {"kind": "customer", "entry": 1.0, "next": {"in": 1.0}, "gap": {"mean": 5, "family": "fixed"}}, "gone": {"kind": "churned"}}
    raw = {"customers": 2, "arrivals": {"days": 0}, "horizon": 9.0, "stages": stages, "channels": {"call": {}}, "desks": {"d": desk}}
    seen = rows(raw | {"rules": {"back": {"when": {"gave_up": True}, "wait": 2, "do": {"channel": "call", "calls": True}}}})

    assert [(float(r["time"]), int(r["channel"]), int(k)) for r, k in zip(seen, L.kind(seen), strict=True)] == [(6.0, 0, L.GAVE_UP), (8.0, 1, L.OCCASION)]


def test_a_message_moves_the_odds_of_the_next_occasion_only():
    """Even odds in the basket; the reminder triples them, its mail those who read it (half) by 2 more: 1/2 and 6/7."""
    mail = {"engage": 0.5, "odds": {"basket": {"bought": 2.0}}, "cost": {"exposure": 0.25, "touch": 0.5}}
    raw = basket(20_000) | reminder(wait=1.0, do={"channel": "mail", "odds": {"basket": {"bought": 3.0}}})
    seen = rows(worlds.put(raw, channels__mail=mail))
    sent = seen[L.kind(seen) == L.RULE]
    bought = seen[(seen["number"] == 2)]["stage_to"] == 2

    assert set(sent["time"]) == {11.0}
    assert np.array_equal(sent["cost"], np.where(L.engaged(sent), 0.75, 0.25))
    assert np.all(sent["stage_from"] == sent["stage_to"])
    assert far(bought[L.engaged(sent)], 6 / 7) < FAR
    assert far(bought[~L.engaged(sent)], 0.5) < FAR


def test_a_message_fades_from_what_set_it_off():
    """Odds of 9 with a half-life of 10 days, set off 10 days before the occasion, however late the mail: 9^(1/2), so 3/4 buy."""
    for wait in (0.0, 9.0):
        do = {"channel": "mail", "odds": {"basket": {"bought": 9.0}}, "half_life": 10.0}
        seen = rows(basket(20_000) | reminder(wait=wait, do=do))
        assert far(seen["stage_to"][seen["number"] == 2] == 2, 0.75) < FAR


def test_a_call_is_the_next_occasion_brought_forward():
    """Called two days after the basket instead of deciding ten days later, through the channel that calls, with its odds and the rule's."""
    raw = basket(20_000) | reminder(wait=2.0, do={"channel": "call", "calls": True, "odds": {"basket": {"bought": 1.5}}})
    seen = rows(worlds.put(raw, channels__call={"engage": 0.5, "odds": {"basket": {"bought": 2.0}}}))
    second = seen[seen["number"] == 1]

    assert not np.any(L.kind(seen) == L.RULE)
    assert set(second["time"]) == {12.0}
    assert np.all(second["channel"] == 2)
    assert far((second["stage_to"] == 2)[L.engaged(second)], 3 / 4) < FAR
    assert far((second["stage_to"] == 2)[~L.engaged(second)], 1 / 2) < FAR


@pytest.mark.parametrize("accuracy", [0.9, 0.6, 0.3])
def test_a_rule_that_sees_wrongly_misses_those_it_means(accuracy):
    """It means customers in the basket; it takes so many of them for somebody elsewhere, and writes to nobody of those."""
    raw = basket(20_000) | reminder(only={"stages": ["basket"]}, sees={"accuracy": accuracy})
    seen = rows(raw)

    assert far(np.bincount(seen["customer"][L.kind(seen) == L.RULE], minlength=20_000) == 1, accuracy) < FAR


def test_who_has_told_is_seen_as_they_are():
    """The quiz tells: with it everybody is reached at an accuracy of nothing, without it nobody is taken for who they are."""
    raw = basket(500) | reminder(only={"stages": ["basket"]}, sees={"accuracy": 0.0, "told_by": ["quiz"]})
    reached = [len(acts(raw | {"permissions": {"quiz": {"start": share}}})) for share in (0.0, 1.0)]

    assert reached == [0, 500]


@pytest.mark.parametrize(("late", "times"), [(0.0, [12.0]), (1.5, [12.0]), (5.0, [])])
def test_a_rule_that_sees_late_sees_the_stage_before(late, times):
    """Basket on day 10, looked at on day 12: known by then if the news takes a day and a half, not if it takes five."""
    assert acts(basket() | reminder(only={"stages": ["basket"]}, wait=2.0, sees={"late": late})) == times


def test_permissions_and_caps_bind_messages_too():
    """A reminder needs consent that a quarter has; a cap of none lets nobody through."""
    raw = worlds.put(basket(20_000) | reminder() | {"permissions": {"opted_in": {"start": 0.25}}}, channels__mail={"needs": ["opted_in"]})
    seen = rows(raw)

    assert far(np.bincount(seen["customer"][L.kind(seen) == L.RULE], minlength=20_000) == 1, 0.25) < FAR
    assert not acts(worlds.put(raw, channels__mail={"cap": {"exposures": 0}}))


def test_a_rule_that_does_nothing_changes_nothing():
    """Placebo: messages of odds 1 at no cost leave every row of the customers' own clocks as it was, whatever else there is."""
    raw = worlds.satisfaction(800)
    raw["channels"]["note"] = {"engage": 0.5}
    rule = {"when": {"enters": ["weigh", "buy"], "orders": True, "stays": ["aware"]}, "wait": 0.3, "do": {"channel": "note"}, "at_most": 20}
    without, beside = (rows(raw | {"rules": given}) for given in ({}, {"note": rule}))
    own = beside[L.kind(beside) != L.RULE].copy()
    own["number"] = without["number"]

    assert np.count_nonzero(L.kind(beside) == L.RULE) > 500
    assert own.tobytes() == without.tobytes()


def test_messages_are_exposures_and_no_occasions():
    """One basket, one mail that is read: two occasions, one exposure, one touch, and its cost is the channel's."""
    raw = worlds.put(basket() | reminder(wait=1.0), channels__mail={"cost": {"exposure": 2.0}})
    log = play(worlds.made(raw), clock="compiled")
    who = fold(log)[0]

    assert (who["occasions"], who["exposures"], who["touches"]) == (2, 1, 1)
    cost = next(m.value for m in measure(log) if (m.metric, m.by, m.group) == ("cost", "channel", "mail"))
    assert cost == 2.0
    assert len(rows_of(log)) == 3


def test_what_an_arm_sets_for_a_channel_holds_for_its_messages():
    """Odds of 9 in one arm alone: 9/10 of its customers buy, half of the others."""
    arms = {"a": {"share": 0.5}, "b": {"share": 0.5, "set": {"channels.mail.odds": {"basket": {"bought": 9.0}}}}}
    log = play(worlds.made(basket(20_000) | reminder() | {"ab_test": {"name": "t", "arms": arms}}), clock="compiled")
    bought = ~np.isnan(fold(log)["converted_at"])

    for arm, chance in ((0, 0.5), (1, 0.9)):
        assert far(bought[log.births["arm"] == arm], chance) < FAR


def test_intensity_below_one_leaves_out_messages():
    """A quarter of the messages is sent at intensity 1/4, none at 0."""
    sent = [len(acts(worlds.put(basket(20_000) | reminder(), channels__mail={"intensity": intensity}))) for intensity in (0.25, 0.0)]

    assert abs(sent[0] - 5000) < FAR * (20_000 * 3 / 16) ** 0.5
    assert sent[1] == 0


def test_rules_and_fees_that_do_nothing_change_no_metric_of_the_journey():
    """A law for all metrics: messages of odds 1 at no cost and fees of 0 leave every value but those of exposures, touches and orders."""
    raw = worlds.satisfaction(1500) | {"log": "none"}
    raw["channels"]["note"] = {"engage": 0.5}
    rule = {"when": {"enters": ["weigh", "buy"], "orders": True, "stays": ["aware"]}, "wait": 0.3, "do": {"channel": "note"}, "at_most": 20}
    free = {
        "model": "contract",
        "value": raw["personas"]["calm"]["revenue"]["value"],
        "contract": {"fee": {"mean": 0, "family": "fixed"}, "period": 5, "term": 20},
    }
    beside = worlds.put(raw | {"rules": {"note": rule}}, personas__calm__revenue=free)
    logs = [play(worlds.made(w), clock="compiled") for w in (raw, beside)]
    plain, more = ({(m.metric, m.by, m.group): m.value for m in measure(log, intervals=False)} for log in logs)
    moved = {"exposures", "engagement_rate", "satisfaction", "touches_to_convert", "touches_to_convert_mean", "order_value", "order_frequency"}
    changed = {key for key in plain if key[0] not in moved and key[1] != "channel" and not np.array_equal(plain[key], more[key], equal_nan=True)}

    assert more["exposures", "channel", "note"] > 1000
    assert changed == set()
    assert np.array_equal(*(flows(log).counts for log in logs))
    assert np.array_equal(*(transitions(log).counts for log in logs))
