"""Who is the unit of an interval: nobody where customers share things, the founder's family where they only refer each other."""

import math

import numpy as np
import pytest

from sim.log import BIRTH, ROW, Log, Terms, in_memory
from sim.metrics import measure
from sim.stats.proportions import wilson

FAMILIES, MEMBERS = 60, 4


def families(**terms):
    """Return a log of founders with three referred customers each, in which a family converts, all of it, or leaves: 15 families of 60."""
    size = FAMILIES * MEMBERS
    births = np.zeros(size, BIRTH)
    births["customer"] = births["identity"] = np.arange(size)
    births["parent"] = np.where(np.arange(size) < FAMILIES, -1, np.arange(size) - FAMILIES)  # each refers one, who refers one ...
    births["arrived"], births["arm"] = np.arange(size) // FAMILIES * 10.0, -1
    rows = np.zeros(size, ROW)
    rows["customer"], rows["time"] = np.arange(size), births["arrived"] + 5
    rows["stage_to"] = np.where(np.arange(size) % FAMILIES < 15, 1, 2)
    rows["revenue"] = np.where(rows["stage_to"] == 1, 100 + np.arange(size) % FAMILIES, 0)
    rows["flags"] = np.where(rows["stage_to"] == 1, 2, 0)
    return in_memory(Terms(100.0, ("looking", "buying", "gone"), ("prospect", "customer", "lost"), **terms), births, rows, founders=FAMILIES)


def found(log, name, by="all", group="all"):
    return next(m for m in measure(log) if (m.metric, m.by, m.group) == (name, by, group))


@pytest.mark.parametrize("name", ["conversion_rate", "conversion_rate_30d"])
def test_families_that_convert_together_count_once(name):
    """60 independent units, 15 of them successes, whatever the number of members."""
    metric = found(families(), name)

    assert (metric.value, metric.n) == (0.25, 240)
    assert (metric.low, metric.high) == pytest.approx(wilson(0.25, FAMILIES))


def test_money_is_drawn_by_family():
    """Four equal members carry no more information than one: the interval of revenue is some twice as wide as that of 240 strangers."""
    alone = families()
    strangers = in_memory(alone.terms, alone.births.copy(), next(iter(alone.blocks()))[2])
    strangers.births["parent"] = -1
    wide, narrow = found(alone, "revenue"), found(strangers, "revenue")

    assert wide.value == narrow.value
    assert (wide.high - wide.low) / (narrow.high - narrow.low) == pytest.approx(2.0, rel=0.25)


def test_founders_and_referred_are_told_apart():
    """60 of 240 were not referred."""
    assert found(families(), "arrived", "source", "founder").value == 60
    assert found(families(), "arrived", "source", "referred").value == found(families(), "referrals").value == 180


def test_a_coupled_log_has_no_intervals():
    """Customers who share a desk or a budget are not independent, whatever is asked."""
    assert all(math.isnan(m.low) and math.isnan(m.high) for m in measure(families(coupled=True), intervals=True))


def test_intervals_are_the_same_again():
    """Bootstrap draws have addresses."""
    assert repr(measure(families())) == repr(measure(families()))


def test_a_log_in_blocks_is_the_log_in_one():
    """Metrics read customers chunk by chunk."""
    whole = families()
    rows = next(iter(whole.blocks()))[2]
    pieces = Log(whole.terms, whole.births, lambda: iter([(0, 100, rows[:100]), (100, 100, rows[:0]), (100, 240, rows[100:])]), (), FAMILIES)

    assert repr(measure(pieces)) == repr(measure(whole))


def test_an_empty_log_has_reasons_instead_of_values():
    """Nobody arrived."""
    empty = in_memory(families().terms, np.zeros(0, BIRTH), np.zeros(0, ROW))

    assert all(m.note for m in measure(empty) if math.isnan(m.value))
