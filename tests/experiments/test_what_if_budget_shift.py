"""From paid search to e-mail: what the page claims."""

from sim.studies.verdict import Verdict, verdict
from tests.experiments.expected import full


def test_the_saving_and_the_loss_of_conversions_are_sure():
    """Both intervals lie below 0, for the shift and for the cut alone; the mails bring some conversions back."""
    found = full("what_if_budget_shift")
    for scenario in ("shift_search_to_email", "half_search"):
        assert found[scenario]["cost"]["high"] < 0
        assert found[scenario]["conversion_rate"]["high"] < 0
    assert found["shift_search_to_email"]["conversion_rate"]["difference"] > found["half_search"]["conversion_rate"]["difference"]


def test_what_it_means_for_profit_is_undecided():
    """The interval holds 0 and what matters, and some seeds alone point the other way."""
    found = full("what_if_budget_shift")
    profit = found["shift_search_to_email"]["profit"]

    assert verdict(profit["low"], profit["high"], found["matters"]) is Verdict.UNDECIDED
    assert 0 < found["shift_search_to_email"]["flips"] < found["runs"] / 2
