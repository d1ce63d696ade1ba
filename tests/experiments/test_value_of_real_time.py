"""What a late reminder costs: what the page claims."""

from itertools import pairwise

from tests.experiments.expected import full

LATE = ("at_once", "five_minutes", "one_hour", "nightly_batch", "one_day", "three_days", "one_week")


def test_the_later_the_reminder_the_less_it_adds():
    """Fewer are still deciding when it comes, and what set it off has faded: profit never rises with the days."""
    gains = [full("value_of_real_time")[name]["profit"]["difference"] for name in LATE]
    assert all(later <= earlier for earlier, later in pairwise(gains))


def test_minutes_are_worth_nothing_and_a_night_is():
    """An hour costs under 1 % of what the reminder adds; the batch's loss is shown, pair by pair."""
    found = full("value_of_real_time")
    now, hour = (found[name]["profit"]["difference"] for name in ("at_once", "one_hour"))
    assert found["at_once"]["profit"]["low"] > 0
    assert now - hour < 0.01 * now
    assert found["batch_less_at_once"]["profit"]["high"] < 0


def test_a_week_late_is_no_reminder():
    """Nothing is shown: the intervals of money hold 0, and it sends a tenth of the mails."""
    found = full("value_of_real_time")
    for metric in ("profit", "value_365d"):
        assert found["one_week"][metric]["low"] < 0 < found["one_week"][metric]["high"]
    assert 8 < found["at_once"]["cost"]["difference"] / found["one_week"]["cost"]["difference"] < 11
