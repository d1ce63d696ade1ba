"""Tests for `sim.customers`: rows written by hand fold into customers counted by hand."""

import numpy as np
import pytest

from sim import log as L
from sim.customers import discounted, fold

STAGES = ("looking", "deciding", "owning", "lost", "churned")
KINDS = ("prospect", "prospect", "customer", "lost", "churned")
LOOK, DECIDE, OWN, LOST, CHURNED = range(5)
TERMS = L.Terms(
    horizon=100.0,
    stages=STAGES,
    kinds=KINDS,
    channels=("own", "ad", "mail"),
    media=("own", "paid", "owned"),
    leads=(False, False, True),
    desks=("sales",),
    people=(1,),
    wages=(0.0,),
    margin=((0.4,),),
    discount=(((0.0, 0.0, 0.2),),),
    discount_rate=0.1,
)
ENGAGED, ORDER, QUIT = 1, 2, (L.GAVE_UP << 2) | (1 << 4)


def folded(*rows, entry=LOOK, arrived=0.0):
    """Return the only customer of a log with rows (time, channel, from, to, flags, cost, revenue)."""
    births = np.zeros(1, L.BIRTH)
    births["entry"], births["arrived"], births["parent"], births["arm"] = entry, arrived, -1, -1
    table = np.zeros(len(rows), L.ROW)
    for k, row in enumerate(rows):
        table[k]["number"] = k
        for name, value in zip(("time", "channel", "stage_from", "stage_to", "flags", "cost", "revenue"), row, strict=True):
            table[k][name] = value
    return fold(L.in_memory(TERMS, births, table))[0]


def test_somebody_who_came_and_did_nothing_is_open():
    """No row: open, in the stage they entered, worth nothing, never converted."""
    c = folded(entry=DECIDE, arrived=3.0)

    assert (c["stage"], c["outcome"], c["occasions"], c["first_channel"]) == (DECIDE, L.OPEN, 0, 0)
    assert np.isnan([c[name] for name in ("lead_at", "converted_at", "churned_at", "lost_at", "clv_to_date")]).all()


def test_whoever_returns_from_owning_to_deciding_and_is_lost_has_churned():
    """Design 4: any exit after conversion is churn, whichever exit it is; back in a prospect stage they are no leads."""
    c = folded((5, 0, LOOK, OWN, ORDER, 0, 100), (9, 2, OWN, DECIDE, ENGAGED, 0, 0), (12, 2, DECIDE, LOST, ENGAGED, 0, 0))

    assert (c["converted_at"], c["churned_at"], c["outcome"], c["stage"]) == (5, 12, L.CHURNED, LOST)
    assert np.isnan(c["lost_at"])
    assert np.isnan(c["lead_at"])


def test_whoever_gives_up_before_buying_left_the_queue():
    """A prospect who gave up in a queue: lost at that moment, outcome gave_up, no exposure and no touch."""
    c = folded((1, 1, LOOK, DECIDE, ENGAGED, 1, 0), (4, 2, DECIDE, LOST, QUIT, 0, 0))

    assert (c["lost_at"], c["outcome"]) == (4, L.LEFT_QUEUE)
    assert (c["occasions"], c["exposures"], c["touches"]) == (2, 1, 1)


def test_whoever_gives_up_after_buying_has_churned():
    """A give-up that leaves the journey after conversion counts as leaving, that is churn."""
    c = folded((1, 0, LOOK, OWN, ORDER, 0, 10), (2, 0, OWN, DECIDE, 0, 0, 0), (4, 2, DECIDE, LOST, QUIT, 0, 0))

    assert (c["churned_at"], c["outcome"]) == (4, L.CHURNED)


def test_a_customer_who_gives_up_stays():
    """In a customer stage giving up changes no stage: open, and an occasion more."""
    c = folded((1, 0, LOOK, OWN, ORDER, 0, 10), (4, 2, OWN, OWN, QUIT, 0, 0))

    assert (c["outcome"], c["stage"], c["occasions"], c["exposures"]) == (L.OPEN, OWN, 2, 0)


def test_whoever_enters_at_a_customer_stage_converts_at_arrival():
    """Design 4: no occasion, no order, no row; the later exit is churn, and no touch led to the conversion."""
    c = folded((8, 1, OWN, LOST, ENGAGED, 2, 0), entry=OWN, arrived=3.0)

    assert (c["converted_at"], c["churned_at"], c["outcome"], c["touches_to_convert"], c["orders"]) == (3, 8, L.CHURNED, 0, 0)
    assert c["cost_to_win"] == 0


def test_the_conversion_is_the_first_entry_only():
    """Coming back to a customer stage converts nobody again."""
    c = folded((2, 0, LOOK, OWN, 0, 0, 0), (3, 0, OWN, LOOK, 0, 0, 0), (7, 0, LOOK, OWN, 0, 0, 0))

    assert c["converted_at"] == 2


def test_a_lead_is_a_prospect_who_engaged_with_a_channel_that_asks():
    """The ad asks nobody, the unengaged mail is no touch: the engaged mail at day 4 makes the lead, the later one nothing."""
    c = folded((1, 1, LOOK, LOOK, ENGAGED, 0, 0), (2, 2, LOOK, LOOK, 0, 0, 0), (4, 2, LOOK, DECIDE, ENGAGED, 0, 0), (6, 2, DECIDE, OWN, ENGAGED, 0, 0))

    assert c["lead_at"] == 4


def test_exposures_touches_and_the_first_channel_are_told_apart():
    """Exposures: delivered occasions of a channel; touches: the engaged ones; first channel: that of the first touch."""
    c = folded((1, 1, LOOK, LOOK, 0, 0, 0), (2, 0, LOOK, LOOK, 0, 0, 0), (3, 2, LOOK, OWN, ENGAGED, 0, 0), (4, 1, OWN, OWN, ENGAGED, 0, 0))

    assert (c["occasions"], c["exposures"], c["touches"], c["touches_to_convert"], c["first_channel"]) == (4, 3, 2, 1, 2)


def test_a_discount_is_taken_from_the_margin():
    """By hand: 100 at margin 0.4 earns 40; with 20 % off, 80 of revenue earn 100 x (0.4 - 0.2) = 20: the goods cost the same."""
    c = folded((1, 0, LOOK, OWN, ORDER, 0, 100), (2, 2, OWN, OWN, ORDER | ENGAGED, 0, 80))

    assert (c["orders"], c["revenue"]) == (2, 180)
    assert c["margin"] == pytest.approx(40 + 20)


def test_clv_to_date_counts_from_the_conversion_with_its_order_without_its_cost():
    """By hand: 40 at once; a year later (20 - 3) / 1.1; what was spent up to the conversion is the price of winning."""
    c = folded((1, 1, LOOK, LOOK, ENGAGED, 5, 0), (2, 1, LOOK, OWN, ORDER | ENGAGED, 7, 100), (367, 0, OWN, OWN, ORDER, 3, 50))

    assert c["clv_to_date"] == pytest.approx(40 + (20 - 3) / 1.1)
    assert (c["cost_to_win"], c["cost"]) == (12, 15)


def test_all_that_was_spent_on_those_never_won_is_the_price_of_winning():
    """cost_to_win of somebody lost is all their cost."""
    c = folded((1, 1, LOOK, LOOK, ENGAGED, 5, 0), (2, 1, LOOK, LOST, ENGAGED, 7, 0))

    assert (c["cost_to_win"], c["cost"], c["outcome"], c["lost_at"]) == (12, 12, L.LOST, 2)


def test_a_year_is_discounted_once():
    """(1 + rate)^(-days / 365)."""
    assert discounted(TERMS, np.array([0.0, 365.0, 730.0])).tolist() == pytest.approx([1, 1 / 1.1, 1 / 1.21])


def test_customers_fold_the_same_in_blocks():
    """Two blocks of one customer each are one block of two."""
    births = np.zeros(2, L.BIRTH)
    births["customer"], births["parent"], births["arm"] = [0, 1], -1, -1
    rows = np.zeros(3, L.ROW)
    rows["customer"], rows["number"], rows["time"], rows["stage_to"], rows["flags"] = [0, 1, 1], [0, 0, 1], [1, 2, 3], [OWN, DECIDE, LOST], [3, 1, 0]
    rows["stage_from"] = [LOOK, LOOK, DECIDE]
    split = L.Log(TERMS, births, lambda: iter([(0, 1, rows[:1]), (1, 2, rows[1:])]))

    assert fold(split).tobytes() == fold(L.in_memory(TERMS, births, rows)).tobytes()
    assert fold(split)["outcome"].tolist() == [L.OPEN, L.LOST]
