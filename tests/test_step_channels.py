"""Tests for `sim.step`: what may keep a channel away, what it leaves in a customer, each with an answer by hand."""

import math

import numpy as np
import pytest

from sim import log as L
from sim.play import play
from tests import worlds
from tests.contracts.conservation import rows_of
from tests.test_step import ringing, rows

FAR = 5.0
CALL = {"share": 1.0, "engage": 1.0}


def far(seen, chance):
    """Return the distance of a share from its chance in standard errors."""
    return abs(np.mean(seen) - chance) / math.sqrt(chance * (1 - chance) / len(seen))


def test_a_tired_customer_engages_less():
    """Half engage; each exposure adds half a unit of fatigue, whose unit makes the odds a quarter: chances 1/2, 1/3, 1/5, 1/5."""
    fatigue = {"adds": {"exposure": 0.5}, "engage": {"mail": 0.25}}
    seen = rows(ringing(20_000, horizon=5.0, channels={"mail": {"share": 1.0, "engage": 0.5}}, drivers={"fatigue": fatigue}))

    for number, chance in enumerate((1 / 2, 1 / 3, 1 / 5, 1 / 5)):
        assert far(L.engaged(seen)[seen["number"] == number], chance) < FAR


def test_recall_fades_by_its_half_life_and_bends_odds():
    """A touch lifts recall to 1 (its ceiling); two days later, one half-life, the odds are 9^(1/2) of even odds: 3/4 go on."""
    stages = {
        "a": {"kind": "prospect", "entry": 1.0, "next": {"b": 1.0}, "gap": {"mean": 1, "family": "fixed"}},
        "b": {"kind": "prospect", "next": {"won": 0.5, "lost": 0.5}, "gap": {"mean": 2, "family": "fixed"}},
        "won": {"kind": "churned"},
        "lost": {"kind": "lost"},
    }
    recall = {"half_life": 2.0, "adds": {"touch": {"ad": 7.0}}, "odds": {"b": {"won": 9.0}}}
    raw = {"customers": 20_000, "arrivals": {"days": 0}, "stages": stages, "channels": {"ad": {"share": {"a": 1.0}}}, "drivers": {"recall": recall}}
    last = rows(raw)[1::2]

    assert far(last["stage_to"] == 2, 0.75) < FAR


def test_a_driver_counts_orders_entries_waits_and_giving_up():
    """By hand: +0.25 on entering buy, +0.5 by its order (wherever it is made), -1 per unit on going; one queues 1 day and is happier by 0.1 for each day."""
    raw = worlds.line(customers=2, desks={"till": {"people": 1, "serves": {"stages": ["look"]}, "service": {"mean": 1, "family": "fixed"}}})
    adds = {"enters": {"buy": 0.25, "gone": -1.0}, "order": 0.5, "waited": 0.1}
    seen = rows(raw | {"drivers": {"satisfaction": {"adds": adds}}})

    assert seen["satisfaction"].tolist() == pytest.approx([0.75, -0.25, 0.85, -0.15])


def test_giving_up_adds_to_a_driver():
    """Three ask one person who takes five days; two give up after one day, each 0.4 less satisfied, by the driver's own line."""
    desk = {"people": 1, "serves": {}, "service": {"mean": 5, "family": "fixed"}, "patience": {"mean": 1, "family": "fixed"}, "gives_up_to": "lost"}
    raw = worlds.line(customers=3, desks={"till": desk}) | {"drivers": {"satisfaction": {"adds": {"gave_up": -0.4}}}}
    seen = rows(raw)

    assert seen["satisfaction"][L.kind(seen) == L.GAVE_UP].tolist() == pytest.approx([-0.4, -0.4])


def test_bad_experiences_come_by_their_chance():
    """A fifth of the touches take half a unit; the others add a tenth."""
    bad = {"mean": 0.1, "bad": {"chance": 0.2, "adds": -0.5}}
    first = rows(ringing(20_000, horizon=2.0, channels={"call": CALL | {"experience": bad}}))["satisfaction"]

    assert set(np.round(first.astype(float), 6).tolist()) == {0.1, -0.5}
    assert far(first < 0, 0.2) < FAR


def test_bad_experiences_come_more_often_after_a_wait():
    """Odds of 1 to 4, tripled for a day's wait: 3/7 of those who waited a day."""
    bad = {"bad": {"chance": 0.2, "adds": -0.5, "odds_per_day_waited": 3.0}}
    desk = {"people": 10_000, "service": {"mean": 1, "family": "fixed"}}
    raw = ringing(20_000, horizon=3.5, channels={"call": CALL | {"experience": bad, "desk": "sales"}}, desks={"sales": desk})
    seen = rows(raw)
    second = seen[(seen["number"] == 0) & (seen["waited"] == 1)]

    assert len(second) == 10_000
    assert far(second["satisfaction"] < 0, 3 / 7) < FAR


def test_a_channel_flies_in_its_flights_only():
    """Occasions on days 1 to 9: exposures on days 2, 3 and 7 (the last day of a flight is not included)."""
    flights = [{"start": 2, "end": 4}, {"start": 6.5, "end": 8}]
    seen = rows(ringing(channels={"tv": CALL | {"flights": flights}}))

    assert seen["time"][seen["channel"] == 1].tolist() == [2.0, 3.0, 7.0]


def test_a_cap_counts_exposures_in_calendar_periods():
    """Two a week, an occasion a day: days 1 and 2 of the first week, 7 and 8 of the second, 14 and 15 of the third."""
    seen = rows(ringing(horizon=18.0, channels={"mail": CALL | {"engage": 0.5, "cap": {"exposures": 2, "per": "week"}}}))

    assert seen["time"][seen["channel"] == 1].tolist() == [1.0, 2.0, 7.0, 8.0, 14.0, 15.0]


def test_a_permission_is_needed_gained_and_lost():
    """Three tenths have it from the start, a touch on the web gives it to half; mails then reach 0.3, 0.65, 0.825 of the customers."""
    channels = {"web": {"share": 0.5, "gives": {"opted_in": 0.5}}, "mail": {"share": 0.5, "needs": ["opted_in"]}}
    raw = ringing(20_000, horizon=4.0, channels=channels, permissions={"opted_in": {"start": 0.3}})
    log = play(worlds.made(raw), clock="compiled")
    seen = rows_of(log)
    web = np.zeros(20_000, int)
    for number, has in enumerate((0.3, None, None)):
        at = seen[seen["number"] == number]
        assert has is None or far(at["channel"] == 2, 0.5 * has) < FAR
        for times in range(number + 1):
            asked = at["channel"][web == times]
            assert far(asked == 2, 0.5 * (1 - 0.7 * 0.5**times)) < FAR
        web += at["channel"] == 1


def test_the_tired_withdraw_their_permission_sooner():
    """Each mail is the last for one in five; with one unit of fatigue the odds are four times that: one in two."""
    mail = {"share": 1.0, "needs": ["opted_in"], "loses": {"opted_in": 0.2}}
    fatigue = {"adds": {"exposure": 1.0}, "loses": {"opted_in": 4.0}}
    for drivers, stays in (({}, 0.8), ({"fatigue": fatigue}, 0.5)):
        seen = rows(ringing(20_000, horizon=3.0, channels={"mail": mail}, drivers=drivers, permissions={"opted_in": {"start": 1.0}}))
        assert far(seen["channel"][seen["number"] == 1] == 1, stays) < FAR


def test_buyers_may_be_asked_at_the_order():
    """Soft opt-in: nobody has it, six tenths of the orders give it; so many mails come after the purchase."""
    raw = worlds.put(worlds.line(customers=20_000), stages__buy__next={"buy": 0.5, "gone": 0.5}) | {"permissions": {"opted_in": {"order": 0.6}}}
    seen = rows(raw | {"channels": {"mail": CALL | {"needs": ["opted_in"]}}})

    assert not np.any(seen["channel"][seen["number"] == 0])
    assert far(seen["channel"][seen["number"] == 1], 0.6) < FAR


def test_contents_are_shown_by_weight_and_bend_the_odds():
    """Three guides for one study; the guide doubles the odds of b, the study those of c: chances by hand, |z| below 5."""
    stages = {"a": {"kind": "prospect", "entry": 1.0, "next": {"b": 0.5, "c": 0.5}, "gap": {"mean": 1, "family": "fixed"}}}
    stages |= {name: {"kind": "lost"} for name in "bc"}
    contents = {"guide": {"weight": {"a": 3}, "odds": {"a": {"b": 2.0}}}, "study": {"odds": {"a": {"c": 2.0}}}}
    raw = {"customers": 20_000, "arrivals": {"days": 0}, "stages": stages, "channels": {"web": CALL | {"contents": contents, "odds": {"a": {"b": 1.5}}}}}

    assert far(rows(raw)["stage_to"] == 1, 0.75 * 3 / 4 + 0.25 * 1.5 / 3.5) < FAR
