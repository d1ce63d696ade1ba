"""Tests for `sim.studies.processes`: who does a task makes no difference."""

import os
import subprocess
import sys

import pytest

from sim.app.crew import TASKS
from sim.studies.processes import Process, crew, started
from sim.studies.replicate import _world, begun, replicate
from tests import worlds

SAME = "TASKS = {'same': lambda given: given}\n"
HERE = {"whose": lambda given: [given, os.getpid()]}


def no_more(*_, **__):
    """Say what a system says that starts no further process."""
    raise BlockingIOError(11, "Resource temporarily unavailable")


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Return what makes a module from its text."""
    monkeypatch.syspath_prepend(tmp_path)

    def made(text):
        (tmp_path / "knows_tasks.py").write_text(text)
        return "knows_tasks"

    return made


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
    with crew("sim.app.crew", HERE, 1) as helping:
        helping.processes[0].end()
        assert helping.begin("whose", [1, 2, 3]).results() == [[n, os.getpid()] for n in (1, 2, 3)]


def test_where_no_process_can_be_started_everything_is_done_here(monkeypatch):
    """A system that refuses, and a Python that does not know its own name."""
    monkeypatch.setattr(subprocess, "Popen", no_more)
    with started("sim.app.crew", 2) as found, crew("sim.app.crew", HERE, 1) as helping:
        assert found == []
        assert helping.begin("whose", [1, 2]).results() == [[n, os.getpid()] for n in (1, 2)]
    monkeypatch.undo()
    monkeypatch.setattr(sys, "executable", None)
    with started("sim.app.crew", 2) as found:
        assert found == []


def test_of_two_processes_the_one_that_starts_is_used_and_ended(module, monkeypatch):
    """The second is refused."""
    start = subprocess.Popen
    left = [start]
    monkeypatch.setattr(subprocess, "Popen", lambda *given, **more: (left.pop() if left else no_more)(*given, **more))
    with started(module(SAME), 2) as found:
        assert [process.do("same", {"a": [1.5, None]}) for process in found] == [{"a": [1.5, None]}]
    assert found[0].child.poll() is not None


@pytest.mark.parametrize("wanted", [0, 1])
def test_a_crew_takes_the_processes_that_are_ready(wanted, module, monkeypatch):
    """No more of them than it wants, and no others are started."""
    with started(module(SAME), 1) as ready:
        monkeypatch.setattr(subprocess, "Popen", no_more)
        with crew("knows_tasks", {"same": lambda _: "done here"}, wanted, ready) as helping:
            assert helping.processes == ready[:wanted]
            assert helping.processes == [] or ready[0].do("same", "told") == "told"


def test_a_process_does_not_hear_an_interrupt_while_it_loads(module):
    """Who is interrupted is its owner: nothing is said twice."""
    with started(module("import signal\nsignal.raise_signal(signal.SIGINT)\n" + SAME), 1) as (process,):
        assert process.do("same", 7) == 7


def test_a_process_whose_owner_is_gone_ends_without_a_word(module, capfd):
    """Nobody reads its answer."""
    process = Process(module(SAME))
    process.child.stdout.close()
    process.child.stdin.write(b'["same", 1]\n')
    process.child.stdin.close()
    assert process.child.wait() == 0
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("seed", [1, 2**80])
def test_a_world_told_in_plain_data_is_the_same_world(seed):
    """There and back through JSON, as replications are told."""
    world = worlds.made(worlds.desk(50), seed=seed)
    assert _world(world.model_dump_json()) == world
