"""Tests for `sim.studies.processes`: who does a task makes no difference."""

import os

import pytest

from sim.app.crew import TASKS
from sim.model.world import World
from sim.studies.processes import crew
from sim.studies.replicate import begun, replicate
from tests import worlds


@pytest.mark.parametrize("processes", [0, 1])
def test_replications_from_other_processes_are_the_same(processes):
    """Four replications with and without another process: the same numbers to the last bit."""
    world = worlds.made(worlds.desk(50), replications=5)
    heard = []
    with crew("sim.app.crew", TASKS, processes) as helping:
        assert repr(begun(world, range(1, 5), helping, heard.append)()) == repr(replicate(world, range(1, 5)))
    assert heard == [1.0] * 4


def test_what_a_lost_process_had_begun_is_done_here():
    """Nobody answers, and nothing is missing."""
    tasks = {"whose": lambda given: [given, os.getpid()]}
    with crew("sim.app.crew", tasks, 1) as helping:
        helping.processes[0].end()
        assert helping.begin("whose", [1, 2, 3]).results() == [[n, os.getpid()] for n in (1, 2, 3)]


def test_a_world_told_in_plain_data_is_the_same_world():
    """There and back through JSON."""
    world = worlds.made(worlds.desk(50))
    assert World.model_validate(world.model_dump(mode="json")) == world
