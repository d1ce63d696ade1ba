"""What a run wrote is read back as it was."""

from pathlib import Path

import numpy as np
import pytest

from sim import stored
from sim.errors import LogError
from sim.model.check import world
from sim.studies.run import Result, simulate


@pytest.fixture(scope="module")
def result() -> Result:
    """Return a run with every kind of row: desks, giving up, referrals, arms, budgets."""
    return simulate(world(SMALL))


SMALL = {
    "customers": 300,
    "horizon": 400.0,
    "replications": 1,
    "stages": {
        "looking": {"kind": "prospect", "entry": 1.0, "next": {"looking": 0.5, "buying": 0.4, "gone": 0.1}, "gap": {"mean": 5.0}},
        "buying": {"kind": "customer", "next": {"buying": 0.8, "looking": 0.1, "gone": 0.1}, "gap": {"mean": 5.0}, "order": {"on_entry": 1.0}},
        "gone": {"kind": "lost"},
    },
    "personas": {"a": {"share": 0.5, "revenue": {"value": {"mean": 50.0}}}, "b": {"share": 0.5}},
    "channels": {
        "call": {"share": 0.3, "engage": 0.7, "cost": {"exposure": 0.5}, "desk": "sales"},
        "ad": {"share": 0.2, "media": "paid", "cost": {"month": 9.0}},
    },
    "desks": {"sales": {"people": 1, "wage": 10.0, "service": {"mean": 0.5}, "patience": {"mean": 0.2}, "gives_up_to": "gone"}},
    "referral": {"chance": {"buying": 0.1}, "enters": "looking"},
    "ab_test": {"name": "t", "arms": {"x": {"share": 0.5}, "y": {"share": 0.5, "set": {"channels.call.engage": 0.9}}}},
}


def test_a_stored_log_is_the_log_that_was_written(result: Result, tmp_path: Path) -> None:
    """Births, rows, ledger and terms, bit by bit."""
    result.write(tmp_path)
    read = stored.log(tmp_path)

    assert np.array_equal(read.births, result.log.births)
    rows, again = (np.concatenate([block for _, _, block in log.blocks()]) for log in (result.log, read))
    assert np.array_equal(rows, again)
    assert len({int(flags) for flags in rows["flags"]}) > 3
    assert (read.ledger, read.terms, read.founders) == (result.log.ledger, result.log.terms, result.log.founders)


def test_files_of_two_runs_are_not_taken_for_one(result: Result, tmp_path: Path) -> None:
    """Names in the events that the terms do not know are refused."""
    result.write(tmp_path)
    text = (tmp_path / "summary.json").read_text("utf-8")
    (tmp_path / "summary.json").write_text(text.replace('"call"', '"other"'), encoding="utf-8")

    with pytest.raises(LogError, match="not of one run"):
        stored.log(tmp_path)


@pytest.mark.parametrize(("name", "text"), [("summary.json", "{"), ("summary.json", "[]"), ("events.parquet", "x")])
def test_broken_files_are_refused(result: Result, tmp_path: Path, name: str, text: str) -> None:
    """By their name, not by a traceback."""
    result.write(tmp_path)
    (tmp_path / name).write_text(text, encoding="utf-8")

    with pytest.raises(LogError, match=r"no run was stored|no summary|can't be read"):
        stored.log(tmp_path)
