"""Paths, flows and cohorts of three customers, counted by hand."""

import numpy as np

from sim.log import BIRTH, ROW, Log, Terms, in_memory
from sim.metrics.cohorts import cohorts
from sim.metrics.paths import flows, moves, straight, top, ways

A, B, C, GONE = range(4)
STEPS = ((0, 1.0, A, B), (0, 2.0, B, C), (1, 1.0, A, B), (1, 2.0, B, A), (1, 3.0, A, C), (1, 40.0, C, GONE), (2, 1.0, A, GONE))


def three() -> Log:
    """Return a to b to c; a to b, back to a, over b to c and out after 37 days; a and out."""
    terms = Terms(365.0, ("a", "b", "c", "gone"), ("prospect", "prospect", "customer", "lost"))
    births, rows = np.zeros(3, BIRTH), np.zeros(len(STEPS), ROW)
    births["customer"], births["parent"], births["arm"] = range(3), -1, -1
    for row, (who, time, start, end) in zip(rows, STEPS, strict=True):
        row["customer"], row["time"], row["stage_from"], row["stage_to"] = who, time, start, end
    rows["number"] = [0, 1, 0, 1, 2, 3, 0]
    return in_memory(terms, births, rows)


def test_flows_say_where_everybody_is_after_each_occasion() -> None:
    """By hand: after 2 occasions one in c, one back in a, one gone; then the first has no further occasion."""
    assert flows(three(), 3).at.tolist() == [[3, 0, 0, 0, 0], [0, 2, 0, 1, 0], [1, 0, 1, 1, 0], [0, 0, 1, 1, 1]]


def test_a_linear_report_loses_whoever_steps_back() -> None:
    """By hand: of two conversions one went straight; the other is lost from sight at its step back, b was its last stage."""
    log = three()
    found = straight(log, ways(log))
    assert (found.arrived, found.converted, found.straight) == (3, 2, 1)
    assert (found.entered.tolist(), found.counted.tolist()) == ([3, 2, 2], [3, 2, 1])


def test_moves_are_counted_by_direction() -> None:
    """By hand: a-b twice and b-c, a skip, a step back into a stage left before, two ways out."""
    found = moves(ways(three()))
    assert (found.onward, found.skips, found.back, found.out, found.loops, found.total) == (3, 1, 1, 2, 1, 7)


def test_paths_end_with_the_conversion_for_those_who_convert() -> None:
    """By hand: abc, abac; of the lost a alone."""
    log = three()
    found = top(log, ways(log))
    assert {one.stages for one in found["won"]} == {("a", "b", "c"), ("a", "b", "a", "c")}
    assert [(one.stages, one.customers) for one in found["lost"]] == [(("a",), 1)]


def test_a_cohort_is_shown_only_where_all_of_it_was_followed() -> None:
    """By hand: two convert in the first year of one year, so no mark fits a cohort as long as the run."""
    found = cohorts(three())
    assert found.sizes.sum() == 2
    assert np.isnan(found.share).all()
