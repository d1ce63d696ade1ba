"""A busy desk loses leads: simulated beside the exact queue, and the money by hand."""

import pytest

from tests.experiments.expected import full
from tests.known.distance import FAR_T19

T95 = 2.093  # Student's 97.5 % quantile with 19 degrees of freedom


@pytest.mark.parametrize("people", ["7", "8", "9", "10", "11", "12", "13", "14"])
def test_the_simulated_desk_is_the_exact_queue(people):
    """Time at work, leads lost, wait and money of 20 replications against M/M/c+M: |t| with 19 degrees of freedom below 7.35."""
    for found in full("queue_lesson")["by_people"][people].values():
        error = (found["high"] - found["low"]) / 2 / T95
        assert abs(found["simulated"] - found["exact"]) < FAR_T19 * error


def test_leads_are_either_served_or_lost():
    """Flow into the reps: people x time at work = 9.5 leads a day x (1 - lost) x 1 day (Little's law), exactly."""
    for people, found in full("queue_lesson")["by_people"].items():
        assert int(people) * found["busy"]["exact"] == pytest.approx(9.5 * (1 - found["lost"]["exact"]), rel=1e-5)


def test_eleven_reps_earn_most_and_eight_look_thriftiest():
    """95 % at work loses a fifth of the leads; money is 9.5 x 365 / 12 x served x 800 less 7,000 a head, and peaks inside."""
    rows = full("queue_lesson")["by_people"]
    assert rows["8"]["busy"]["exact"] == pytest.approx(0.95, abs=0.005)
    assert rows["8"]["lost"]["exact"] == pytest.approx(0.2, abs=0.005)
    money = {people: 9.5 * 365 / 12 * (1 - row["lost"]["exact"]) * 800 - 7000 * int(people) for people, row in rows.items()}
    assert all(row["money"]["exact"] == pytest.approx(money[people], rel=1e-5) for people, row in rows.items())
    assert max(money, key=money.get) == "11"


def test_larger_teams_can_be_busier():
    """At 95 % at work the share lost falls with size: 58 % for one rep, 4 % for fifty."""
    lost = [row["lost"] for row in full("queue_lesson")["teams_95_percent_busy"].values()]
    assert lost == sorted(lost, reverse=True)
    assert lost[0] == pytest.approx(0.579, abs=0.001)
    assert lost[-1] == pytest.approx(0.044, abs=0.001)
