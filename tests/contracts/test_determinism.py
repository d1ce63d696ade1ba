"""A seed is a log: whatever the clock, the chunks, the threads, the process and the neighbours (reliability R1 to R6, R11)."""

import os
import random
import subprocess
import sys
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import sim.play
import sim.rows
from sim import step
from sim.clocks import compiled_clock, simpy_clock
from sim.model.tables import tables
from sim.play import play
from tests import worlds
from tests.contracts.conservation import rows_of
from tests.contracts.digest import digest

ROOT = Path(__file__).resolve().parents[2]


def bytes_of(log):
    """Return everything a log holds of people and rows."""
    return log.births.tobytes() + rows_of(log).tobytes()


def whole(name="late", seed=4, customers=1000, **options):
    """Return the bytes of a run."""
    return bytes_of(play(worlds.made(worlds.CASES[name](customers), seed=seed), **({"clock": "compiled"} | options)))


@pytest.mark.parametrize("chunk", [1, 7, 1000])
@pytest.mark.parametrize("name", ["late", "traits"])
def test_chunks_of_customers_change_nothing(name, chunk, monkeypatch):
    """R1: customers played one by one, by sevens and all at once."""
    expected = whole(name)
    monkeypatch.setattr(compiled_clock, "CHUNK_CUSTOMERS", chunk)

    assert whole(name) == expected


@pytest.mark.parametrize("rows", [step.ROWS, 97])
@pytest.mark.parametrize("clock", ["simpy", "compiled"])
@pytest.mark.parametrize("name", ["late", "all"])
def test_chunks_of_rows_change_nothing(name, clock, rows, monkeypatch):
    """R1: the clock stops when its rows are full and goes on where it stopped."""
    expected = whole(name, customers=300)
    monkeypatch.setattr(compiled_clock, "CHUNK_ROWS", rows)
    monkeypatch.setattr(simpy_clock, "CHUNK_ROWS", rows)

    assert whole(name, customers=300, clock=clock) == expected


@pytest.mark.parametrize("name", ["none", "late", "all"])
def test_rows_on_disk_are_the_rows_in_memory(name, monkeypatch):
    """Bounded memory: what does not fit waits in a file, and comes back in small blocks."""
    expected = whole(name)
    monkeypatch.setattr(sim.play, "Rows", partial(sim.rows.Rows, in_memory=100))
    monkeypatch.setattr(sim.rows, "BLOCK", 64)

    assert whole(name) == expected


@pytest.mark.parametrize("workers", [1, 2])
def test_threads_change_nothing(workers):
    """R1: replications side by side are the replications one after the other."""
    expected = [whole("all", replication=k) for k in range(4)]
    with ThreadPoolExecutor(workers) as pool:
        assert list(pool.map(lambda k: whole("all", replication=k), range(4))) == expected


@pytest.mark.parametrize("name", ["none", "arms"])
def test_replications_differ_and_each_stands_alone(name):
    """R4: replication 2 is the same without 0 and 1; every seed and replication is another world, 0 too."""
    logs = {(seed, k): whole(name, seed=seed, replication=k) for seed in (0, 1, 2) for k in (0, 1, 2)}

    assert len(set(logs.values())) == 9
    assert whole(name, seed=1, replication=2) == logs[1, 2]


@pytest.mark.parametrize(
    "setting", [{"PYTHONHASHSEED": "0", "LC_ALL": "C", "TZ": "Asia/Kathmandu"}, {"PYTHONHASHSEED": "12345", "TZ": "America/St_Johns", "PYTHONOPTIMIZE": "1"}]
)
def test_another_process_leaves_the_same_log(setting, tmp_path):
    """R2: hash seed, locale, time zone, optimisation and working directory are nobody's business."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.contracts.digest"],
        cwd=tmp_path,
        env=os.environ | setting | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == digest()


@pytest.mark.parametrize("name", ["traits", "arms", "persona_set"])
def test_one_more_customer_changes_nobody_else(name):
    """R3: the first thousand of 1001 do what the thousand did (nothing shared, independent arrival times)."""
    few, many = (play(worlds.made(worlds.CASES[name](n)), clock="compiled") for n in (1000, 1001))
    rows = rows_of(many)

    assert many.births[:1000].tobytes() == few.births.tobytes()
    assert rows[rows["customer"] < 1000].tobytes() == rows_of(few).tobytes()


def test_one_more_customer_changes_no_family():
    """R3 with referral: the newcomer's family comes on top; everybody else has the same identity, day and parent's identity."""
    few, many = (play(worlds.made(worlds.referral(n)), clock="compiled").births for n in (1000, 1001))
    common = np.isin(many["identity"], few["identity"])

    assert common.sum() == len(few)
    assert np.array_equal(many[common]["identity"], few["identity"])
    assert np.array_equal(many[common]["arrived"], few["arrived"])


def test_a_customer_alone_is_the_customer_in_the_crowd():
    """R4: customer 123 played without the others."""
    world = worlds.made(worlds.traits(1000))
    crowd = rows_of(play(world, clock="compiled"))
    ((alone, _),) = compiled_clock.chunks(world, tables(world), 123, 124, deque())

    alone["customer"] = 123
    assert alone.tobytes() == crowd[crowd["customer"] == 123].tobytes()


def test_nobody_elses_dice_are_touched():
    """R6: the global generators of Python and NumPy neither matter nor move."""
    expected = whole("all", clock="simpy")
    random.seed(99)
    np.random.seed(99)  # noqa: NPY002 - the global generator is the point
    before = random.getstate(), np.random.get_state()[1].tobytes()  # noqa: NPY002

    assert whole("all", clock="simpy") == expected
    assert (random.getstate(), np.random.get_state()[1].tobytes()) == before  # noqa: NPY002


def test_seeds_next_to_each_other_have_nothing_in_common():
    """R11: first customers differ pairwise; lag-1 correlation of run means within 5 / sqrt(n)."""
    births = [play(worlds.made(worlds.plain(50), seed=seed), clock="compiled").births for seed in range(100)]
    means = np.array([b["arrived"].mean() for b in births])

    assert len({b["arrived"][0] for b in births}) == 100
    assert abs(np.corrcoef(means[:-1], means[1:])[0, 1]) < 5 / np.sqrt(99)


def test_progress_changes_nothing():
    """A listener is told shares that add up to one, and the log is the same."""
    for clock in ("simpy", "compiled"):
        told = []
        assert whole("none", clock=clock, progress=told.append) == whole("none", clock=clock)
        assert sum(told) == pytest.approx(1, abs=0.011)


@pytest.mark.parametrize("name", ["late", "all"])
def test_no_rule_writes_into_the_tables(name):
    """Tables are kept for the next replication: after two of them on both clocks they are what they were."""
    world = worlds.made(worlds.CASES[name](300))
    before = [table.tobytes() for table in tables(world)]
    for clock in ("simpy", "compiled"):
        play(world, clock=clock)
        play(world, clock=clock, replication=1)

    assert [table.tobytes() for table in tables(world)] == before
