"""Tests for `sim.studies.run`: what a simulated world gives back and writes."""

import csv
import gc

import duckdb
import pandas as pd

from sim.studies import run
from tests import worlds


def columns(path):
    """Return the names of a Parquet file's columns."""
    return duckdb.read_parquet(str(path)).columns


def test_many_events_are_a_relation_that_reads_as_the_frame(monkeypatch):
    """Above the limit nothing is held in memory; what is read is the same."""
    world = worlds.made(worlds.plain(200))
    frame = run.simulate(world).events
    monkeypatch.setattr(run, "MANY_EVENTS", 10)
    result = run.simulate(world)
    relation = result.events
    gc.collect()

    pd.testing.assert_frame_equal(relation.df(), frame)
    assert relation.filter("number = 0").aggregate("count(*)").fetchall()[0][0] == (frame["number"] == 0).sum()


def test_students_do_not_see_what_is_hidden(tmp_path):
    """`student: true`: no identity, no satisfaction, no truth in any file."""
    run.simulate(worlds.made(worlds.satisfaction(100), student=True)).write(tmp_path)

    seen = {*columns(tmp_path / "customers.parquet"), *columns(tmp_path / "events.parquet")}
    assert not {"identity", "satisfaction", "clv_to_date"} & seen
    with (tmp_path / "metrics.csv").open(newline="") as file:
        assert "satisfaction" not in {row["metric"] for row in csv.DictReader(file)}


def test_the_same_world_leaves_the_same_bytes(tmp_path):
    """Every file but the summary, which has the time it took."""
    for name in ("one", "two"):
        run.simulate(worlds.made(worlds.desk(100), replications=3)).write(tmp_path / name)
    files = {path.name for path in (tmp_path / "one").iterdir()} - {"summary.json"}

    assert files == {"customers.parquet", "events.parquet", "ledger.csv", "metrics.csv", "replications.csv"}
    assert all((tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes() for name in files)


def test_under_ten_replications_there_is_no_interval():
    """Three replications give means, ten give intervals; shares stay within 0 and 1."""
    three = run.simulate(worlds.made(worlds.desk(100), replications=3)).headline
    ten = run.simulate(worlds.made(worlds.desk(100), replications=10)).headline

    assert all(m.low != m.low for m in three)
    assert any(m.low < m.value < m.high for m in ten)
    assert all(0 <= m.low <= m.high <= 1 for m in ten if m.unit == "share" and m.low == m.low)
