"""The facts: what the page claims."""

import pytest

from sim.studies.facts.listed import FACTS
from tests.experiments.expected import full


def test_all_facts_lie_in_their_band():
    """As the page says; one interval reaches over a limit, and that of e-mail does not, however many fees of years hang on a few firms."""
    found = full("stylised_facts")
    assert list(found) == [fact.name for fact in FACTS]
    assert {name: row["verdict"] for name, row in found.items() if row["verdict"] not in ("inside", "shown")} == {"bad_churn": "edge"}
    assert found["mail_firms"]["verdict"] == "inside"


def test_the_two_that_exclude_each_other_hold_as_they_are_read():
    """Leaving without converting is 1 - (1 - bounce) x conversion of the rest; 70 % is far outside what 1 to 5 % leave room for."""
    found = full("stylised_facts")
    bounce, rest, leave = (found[name]["simulated"] for name in ("bounce", "rest_converts", "leave"))
    assert leave == pytest.approx(1 - (1 - bounce) * rest, abs=1e-5)
    assert found["leave"]["low"] > 0.95
    assert abs(bounce - 0.70) < 0.02


def test_most_who_leave_after_a_bad_touch_would_have_left_anyway():
    """The raw share is several times what the touch adds, and what it adds is sure."""
    found = full("stylised_facts")
    assert found["switch"]["low"] > 0
    assert found["switch_raw"]["simulated"] > 3 * found["switch"]["simulated"]


def test_email_is_credited_with_far_more_than_it_causes():
    """Consumers: the interval of the credit lies above ten times that of the effect."""
    found = full("stylised_facts")
    assert found["mail_consumers"]["low"] > 10 * found["mail_causes"]["high"]
    assert found["mail_causes"]["low"] > 0
