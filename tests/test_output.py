"""Tests for `sim.output`: the columns of the contract (design 7), their types and nulls, whole files or none."""

import numpy as np
import pandas as pd
import pytest

import sim.rows
from sim import output
from sim.customers import fold
from sim.play import play
from tests import worlds
from tests.contracts.conservation import rows_of

CUSTOMERS = {
    "customer": "BIGINT", "identity": "BIGINT", "persona": "VARCHAR", "market": "VARCHAR", "arm": "VARCHAR", "arrived": "DOUBLE", "entry_stage": "VARCHAR",
    "first_channel": "VARCHAR", "referred_by": "BIGINT", "stage": "VARCHAR", "outcome": "VARCHAR", "lead_at": "DOUBLE", "converted_at": "DOUBLE",
    "churned_at": "DOUBLE", "lost_at": "DOUBLE", "occasions": "BIGINT", "exposures": "BIGINT", "touches": "BIGINT", "orders": "BIGINT", "revenue": "DOUBLE",
    "margin": "DOUBLE", "cost": "DOUBLE", "clv_to_date": "DOUBLE",
}  # fmt: skip
EVENTS = {
    "customer": "BIGINT", "number": "BIGINT", "time": "DOUBLE", "kind": "VARCHAR", "channel": "VARCHAR", "engaged": "BOOLEAN", "stage_from": "VARCHAR",
    "stage_to": "VARCHAR", "order": "BOOLEAN", "cost": "FLOAT", "revenue": "FLOAT", "satisfaction": "FLOAT", "desk": "VARCHAR", "waited": "FLOAT",
    "served": "FLOAT",
}  # fmt: skip


@pytest.fixture(scope="module")
def log():
    """Return a log with everything in it."""
    return play(worlds.made(worlds.everything(600)), clock="compiled")


@pytest.fixture
def written(log, tmp_path):
    """Return the two files of that log, read back."""
    output.write_customers(log, fold(log), tmp_path / "customers.parquet")
    output.write_events(log, tmp_path / "events.parquet")
    return {name: read(tmp_path / f"{name}.parquet") for name in ("customers", "events")}


def read(path):
    """Return a Parquet file as a data frame."""
    import duckdb

    return duckdb.sql(f"SELECT * FROM read_parquet('{path}')").df()


def types(path):
    """Return the names and types of a Parquet file's columns, in order."""
    import duckdb

    return {name: kind for name, kind, *_ in duckdb.sql(f"DESCRIBE SELECT * FROM read_parquet('{path}')").fetchall()}


@pytest.mark.parametrize("case", ["none", "all"])
def test_columns_are_those_of_the_contract(case, tmp_path):
    """Names, order and types of design 7; the same where there is no arm, no desk and nobody referred."""
    made = play(worlds.made(worlds.CASES[case](50)), clock="compiled")
    output.write_customers(made, fold(made), tmp_path / "c.parquet")
    output.write_events(made, tmp_path / "e.parquet")

    assert list(types(tmp_path / "c.parquet").items()) == list(CUSTOMERS.items())
    assert list(types(tmp_path / "e.parquet").items()) == list(EVENTS.items())


def test_events_are_ordered_by_customer_and_number(written, log):
    """One row an occasion, also of a coupled run, which was played in the order of time."""
    events = written["events"]

    assert len(events) == len(rows_of(log))
    assert events.sort_values(["customer", "number"], kind="stable").index.tolist() == list(range(len(events)))
    assert not events.duplicated(["customer", "number"]).any()


def test_names_stand_for_codes(written, log):
    """Every code of the log is the name in listed order."""
    events, rows = written["events"], rows_of(log)
    stages, channels = np.array(log.terms.stages), np.array(log.terms.channels)

    assert np.array_equal(events["stage_to"], stages[rows["stage_to"]])
    assert np.array_equal(events["channel"], channels[rows["channel"]])
    assert set(events["kind"]) == {"occasion", "gave_up", "rule", "billing"}
    assert np.array_equal(events["customer"], log.births["customer"][rows["customer"]])


def test_what_does_not_apply_is_null(written):
    """Null: desk where none took part, referred_by of founders, moments that never came, CLV of the never converted; nothing else."""
    customers, events = written["customers"], written["events"]
    founders = customers["identity"] < 2**62

    assert events.columns[events.isna().any()].tolist() == ["desk"]
    assert customers.columns[customers.isna().any()].tolist() == ["referred_by", "lead_at", "converted_at", "churned_at", "lost_at", "clv_to_date"]
    assert (customers["referred_by"].isna() == founders).all()
    assert (customers["converted_at"].isna() == customers["clv_to_date"].isna()).all()
    assert (events.loc[events["desk"].isna(), "waited"] == 0).all()


def test_customers_and_events_tell_the_same(written):
    """Counts and money of customers.parquet are sums over events.parquet; the last stage is the last row's."""
    customers = written["customers"].set_index("customer")
    by_customer = written["events"].groupby("customer")
    sums = by_customer[["revenue", "cost"]].sum()
    last = by_customer.last()

    own = written["events"]["kind"].isin(["occasion", "gave_up"]).groupby(written["events"]["customer"]).sum()
    assert (customers["occasions"].loc[sums.index] == own).all()
    np.testing.assert_allclose(customers.loc[sums.index, ["revenue", "cost"]], sums, rtol=1e-5, atol=1e-5)
    assert (customers.loc[last.index, "stage"] == last["stage_to"]).all()
    assert (customers["referred_by"].dropna().isin(customers.index)).all()


def test_numbers_and_identities_are_those_of_the_design(written):
    """Founders who arrive: customer = identity; who is there on day 0: 2^61 and more; referred: 2^62 and more, numbered on from the last founder."""
    customers = written["customers"]
    founder = customers["referred_by"].isna()
    there = founder & (customers["identity"] >= 1 << 61)

    assert customers["customer"].is_monotonic_increasing
    arrived = customers[founder & ~there]
    assert (arrived["customer"] == arrived["identity"]).all()
    assert there.sum() == sum(people for groups in worlds.everything(600)["start"].values() for people in groups.values())
    assert (customers.loc[~founder, "identity"] >= 2**62).all()


def test_students_see_no_identity_no_satisfaction_and_no_truth(log, tmp_path):
    """`student: true` leaves out the hidden columns and nothing else."""
    output.write_customers(log, fold(log), tmp_path / "c.parquet", hidden=output.HIDDEN)
    output.write_events(log, tmp_path / "e.parquet", hidden=output.HIDDEN)

    assert set(CUSTOMERS) - set(types(tmp_path / "c.parquet")) == {"identity", "clv_to_date"}
    assert set(EVENTS) - set(types(tmp_path / "e.parquet")) == {"satisfaction"}


@pytest.mark.parametrize("block", [1000, 1 << 18])
def test_a_log_is_written_to_the_same_bytes(block, tmp_path, monkeypatch):
    """Twice the same world, twice the same files; so too from many small blocks."""
    monkeypatch.setattr(sim.rows, "BLOCK", block)
    for name in "ab":
        made = play(worlds.made(worlds.everything(400)), clock="compiled")
        output.write_events(made, tmp_path / f"{name}.events")
        output.write_customers(made, fold(made), tmp_path / f"{name}.customers")

    assert (tmp_path / "a.events").read_bytes() == (tmp_path / "b.events").read_bytes()
    assert (tmp_path / "a.customers").read_bytes() == (tmp_path / "b.customers").read_bytes()


def test_small_blocks_write_the_same_table(log, written, tmp_path, monkeypatch):
    """Blocks are a matter of memory, not of content or order."""
    monkeypatch.setattr(sim.rows, "BLOCK", 1000)
    output.write_events(play(worlds.made(worlds.everything(600)), clock="compiled"), tmp_path / "events.parquet")

    pd.testing.assert_frame_equal(read(tmp_path / "events.parquet"), written["events"])


def test_frames_are_the_files(log, written):
    """`run.events` and `run.customers` hold what is written."""
    pd.testing.assert_frame_equal(output.events_frame(log), written["events"])
    pd.testing.assert_frame_equal(output.customers_frame(log, fold(log)), written["customers"])


@pytest.mark.parametrize("blocks", [1, 2])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(blocks, log, tmp_path):
    """An exception in the middle: the earlier file is untouched and no part of the new one stays."""
    (tmp_path / "events.parquet").write_bytes(b"old")
    whole = list(log.blocks())

    def torn():
        yield from whole * (blocks - 1)
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        output.write_events(type(log)(log.terms, log.births, torn), tmp_path / "events.parquet")
    assert [p.name for p in tmp_path.iterdir()] == ["events.parquet"]
    assert (tmp_path / "events.parquet").read_bytes() == b"old"


def test_a_run_without_rows_writes_its_columns(tmp_path):
    """Nobody came: two files with every column and no row."""
    made = play(worlds.made(worlds.plain(1), seed=1, arrivals={"days": 10, "shape": "poisson"}), clock="compiled")
    output.write_events(made, tmp_path / "e.parquet")
    output.write_customers(made, fold(made), tmp_path / "c.parquet")

    assert list(types(tmp_path / "e.parquet")) == list(EVENTS)
    assert list(types(tmp_path / "c.parquet")) == list(CUSTOMERS)
    assert list(output.events_frame(made)) == list(EVENTS)


def test_names_may_hold_quotes(tmp_path):
    """SQL quotes in the name of a channel stay in the name."""
    raw = worlds.line(customers=200, channels={'it\'s "x"; DROP': {"share": 0.5}})
    output.write_events(play(worlds.made(raw), clock="compiled"), tmp_path / "e.parquet")

    assert set(read(tmp_path / "e.parquet")["channel"]) == {"own", 'it\'s "x"; DROP'}


def test_the_ledger_is_a_table(log, tmp_path):
    """month, item, fixed_cost."""
    output.write_ledger(log, tmp_path / "ledger.csv")
    table = pd.read_csv(tmp_path / "ledger.csv")

    assert table.columns.tolist() == ["month", "item", "fixed_cost"]
    assert list(table.itertuples(index=False, name=None)) == [tuple(row) for row in log.ledger]
