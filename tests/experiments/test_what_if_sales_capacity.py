"""More sales reps can lose: what the page claims."""

from sim.app.library import load
from tests.experiments.expected import full


def test_profit_rises_with_reps_and_then_falls():
    """One peak, inside: each rep up to the best adds, each beyond takes."""
    found = full("what_if_sales_capacity")
    gains = [found["reps"][str(reps)]["gain"] for reps in range(1, 10)]
    top = gains.index(max(gains))

    assert found["best"] == top + 1 == 4
    assert gains[: top + 1] == sorted(gains[: top + 1])
    assert gains[top:] == sorted(gains[top:], reverse=True)


def test_too_few_and_too_many_are_shown_to_lose():
    """Intervals on fresh replications: one rep and seven or more lose against two, four win; today's gain is exactly 0."""
    reps = full("what_if_sales_capacity")["reps"]

    assert all(reps[count]["high"] < 0 for count in ("1", "7", "8", "9"))
    assert all(reps[count]["low"] > 0 for count in ("3", "4", "5"))
    assert reps["2"] == {"gain": 0, "low": 0, "high": 0}


def test_the_small_run_can_lose_as_well():
    """With 3,000 customers one rep is enough: the third one loses by more than its interval."""
    from tests.experiments.expected import small

    reps = small("what_if_sales_capacity")["reps"]
    assert reps["1"]["low"] > 0 > reps["3"]["high"]


def test_a_rep_costs_what_the_page_says():
    """EUR 8,000 a month for the 48 months of the horizon are 384,000."""
    world = load("+experiment=what_if_sales_capacity")
    assert world.desks["sales"].wage * world.horizon * 12 / 365 == 384_000
