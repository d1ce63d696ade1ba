"""Tests for `sim.rules.contracts`: fees, renewals and notice, written by hand."""

import numpy as np
import pytest

from sim import log as L
from sim.customers import fold
from sim.metrics import measure
from sim.play import play
from tests import worlds
from tests.test_step import rows

FEE = {"fee": {"mean": 100, "family": "fixed"}, "period": 7.0, "term": 28.0}

MONTHLY = {"model": "contract", "value": {"mean": 1, "family": "fixed"}, "contract": {"fee": {"mean": 100, "family": "fixed"}}}


def signed(stay, customers=1, horizon=300.0, **contract):
    """Return a world where everybody signs on day 1 and gives notice ``stay`` days later."""
    raw = worlds.put(worlds.line(horizon=horizon, customers=customers), stages__buy__gap={"mean": stay, "family": "fixed"}, stages__buy__order={})
    return worlds.put(raw, personas__one__revenue={"model": "contract", "contract": FEE | contract})


def fees(raw):
    """Return (day, fee) of all billings."""
    seen = rows(raw)
    bills = seen[L.kind(seen) == L.BILLING]
    return list(zip(bills["time"].tolist(), bills["revenue"].tolist(), strict=True))


@pytest.mark.parametrize(
    ("stay", "contract", "expected"),
    [
        (2.0, {}, [(1, 100), (8, 100), (15, 100), (22, 100)]),  # notice on day 3 of a term to day 29
        (22.0, {}, [(1, 100), (8, 100), (15, 100), (22, 100)]),  # notice on day 23, in the last week of the term
        (27.0, {"period": 28.0}, [(1, 100)]),  # a fee a term: notice within it, and no other fee
        (28.0, {}, [(1 + 7 * k, 100 if k < 4 else 110) for k in range(8)]),  # the fee of day 29 is due first: renewed
        (2.0, {"notice": 27.0}, [(1 + 7 * k, 100 if k < 4 else 110) for k in range(8)]),  # too late for this term
        (30.0, {}, [(1 + 7 * k, 100 if k < 4 else 110) for k in range(8)]),  # renewed on day 29, dearer
        (2.0, {"period": 10.0}, [(1, 100), (11, 100), (21, 100)]),
    ],
)
def test_fees_go_on_to_the_end_of_the_term(stay, contract, expected):
    """Signed on day 1, by hand; a tenth dearer from term to term."""
    np.testing.assert_allclose(fees(signed(stay, rise=0.1, **contract)), expected)


def test_leaving_is_dated_when_notice_is_given():
    """The customer has churned on day 3, though fees come until day 22: revenue 400, one journey of two occasions."""
    log = play(worlds.made(signed(2.0)), clock="compiled")
    who, found = fold(log)[0], {(m.metric, m.by): m for m in measure(log)}

    assert (who["churned_at"], who["occasions"], who["revenue"], who["outcome"]) == (3.0, 2, 400.0, L.CHURNED)
    assert found["revenue", "all"].value == 400.0


def test_spend_traits_bend_fees():
    """A wallet of 2 pays 200, and each customer has one fee all along (one draw at birth)."""
    raw = signed(100.0, customers=50, horizon=60.0, fee={"mean": 100, "cv": 0.5, "family": "lognormal"})
    raw = worlds.put(raw, personas__one__traits={"wallet": {"acts": "spend", "family": "fixed", "mean": 2.0}})
    seen = rows(raw)
    bills = seen[L.kind(seen) == L.BILLING]
    each = bills["revenue"].reshape(50, -1)

    assert np.all(each == each[:, :1])
    assert np.exp(np.log(each[:, 0].astype(float)).mean()) == pytest.approx(200 / np.sqrt(1.25), rel=5 * 0.472 / np.sqrt(50))


def test_who_shops_around_keeps_the_contract():
    """Back in a prospect stage, then a customer again: fees as if nothing had happened."""
    raw = signed(10.0, horizon=60.0)
    raw = worlds.put(raw, stages__buy__next={"look": 1.0})

    assert [day for day, _ in fees(raw)] == list(range(1, 60, 7))


def test_terms_that_end_with_a_period_end_with_it_for_everybody():
    """Two years of monthly fees from any day of signing: exactly 24, though months and years add up differently to the last bit."""
    raw = worlds.put(worlds.line(horizon=2000.0, customers=500), stages__buy__gap={"mean": 500.0, "family": "fixed"}, stages__look__gap={"mean": 3, "cv": 1.0})
    log = play(worlds.made(worlds.put(raw, personas__one__revenue=MONTHLY)), clock="compiled")

    assert set(fold(log)["orders"].tolist()) == {25}  # 24 fees and the order of the first day
