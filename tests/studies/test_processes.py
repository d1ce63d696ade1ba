"""Tests for `sim.studies.processes`: who does a task makes no difference."""

import math

import pytest

from sim.studies.processes import Process, crew
from sim.studies.replicate import begun, replicate
from tests import worlds


def test_another_process_returns_what_a_function_makes_and_raises_what_it_raises():
    """The square root of 9 is 3, that of -1 is none; the process lives on after an error."""
    process = Process()
    try:
        assert process.do(math.sqrt, 9.0) == 3.0
        with pytest.raises(ValueError, match=r"nonnegative|math domain"):
            process.do(math.sqrt, -1.0)
        assert process.do(math.sqrt, 4.0) == 2.0
    finally:
        process.end()
        process.close()


def test_results_are_in_order_whoever_makes_them():
    """The first of eight tasks go elsewhere, the last are done here; each is told once."""
    told = []
    with crew(2) as helping:
        assert helping.begin(math.factorial, [(n,) for n in range(8)]).results(told.append) == [1, 1, 2, 6, 24, 120, 720, 5040]
    assert told == [1.0] * 8


def test_a_crew_of_nobody_leaves_all_to_its_owner():
    """Nothing is begun elsewhere, and all is done."""
    with crew(0) as helping:
        assert helping.begin(math.factorial, [(4,)]).results() == [24]


def test_what_a_lost_process_had_begun_is_done_here():
    """Nobody answers, and nothing is missing."""
    with crew(1) as helping:
        helping.processes[0].end()
        assert helping.begin(math.factorial, [(n,) for n in range(4)]).results() == [1, 1, 2, 6]


def test_replications_from_other_processes_are_the_same():
    """Four replications with and without another process: the same numbers to the last bit."""
    world = worlds.made(worlds.desk(50), replications=5)
    with crew(1) as helping:
        assert repr(begun(world, range(1, 5), helping)()) == repr(replicate(world, range(1, 5)))
