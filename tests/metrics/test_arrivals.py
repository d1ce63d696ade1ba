"""Tests for `sim.metrics.arrivals`: who was there on day 0 counts in money and work, not in rates per arrival."""

import numpy as np
import pytest

from sim.customers import fold
from sim.metrics import measure
from sim.metrics.arrivals import arrivals, there
from sim.output import customers_frame
from sim.play import play
from tests import worlds


def found(raw):
    """Return the metrics of the whole run by name, and the log."""
    log = play(worlds.made(raw), clock="compiled")
    return {m.metric: m.value for m in measure(log, intervals=False) if m.by == "all"}, log


def test_rates_per_arrival_are_those_of_the_world_without_them():
    """Nothing is shared, so those who arrive live as they would alone: conversion, CLV, value and arrivals are the same to the bit; profit is not."""
    raw = worlds.put(worlds.deals(1500), channels__ad__cost={"touch": 200.0}, horizon=500.0, money__clv_days=365.0)  # long enough for each, dear to pay back
    alone, _ = found({**raw, "start": {}})
    beside, log = found(raw)

    rates = ("conversion_rate", "conversion_rate_90d", "retention_30d")
    for name in ("arrived", "clv", "value_365d", "cpl", "leads", "cac", "ltv_to_cac", "payback_days", *rates):
        assert beside[name] == pytest.approx(alone[name]), name
    assert len(log.births) > beside["arrived"]
    assert beside["revenue"] > alone["revenue"]


def test_whom_they_bring_is_theirs():
    """The referred of those who were there are left out with them, however many generations on."""
    _, log = found(worlds.deals(1500))
    out, births = there(log), log.births
    parent = np.searchsorted(births["customer"], births["parent"])
    referred = births["parent"] >= 0

    assert np.array_equal(out[referred], out[parent[referred]])
    assert out[referred].any()
    kept = arrivals(log)
    assert kept is not None
    assert fold(kept)["revenue"].sum() == pytest.approx(fold(log)["revenue"][~out].sum())


def test_the_reason_for_leaving_is_the_exits():
    """Every exit may state one; who is still there, or left through another exit, has none."""
    _, log = found(worlds.deals(300))
    seen = customers_frame(log, fold(log))

    assert set(seen["lost_reason"].dropna()) == {"tired"}
    assert seen["lost_reason"].notna().equals(seen["stage"] == "gone")
