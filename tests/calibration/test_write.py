"""The world as YAML: what is written is what was estimated, and a world accepts it."""

import contextlib

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.calibration import write as writing
from sim.calibration.estimate import estimate, usable
from sim.calibration.events import Account
from sim.calibration.options import Options
from sim.calibration.read import read
from sim.errors import ConfigError, LogError
from sim.model import check
from tests.calibration import known


@pytest.fixture(scope="module")
def found():
    """Return the estimate from the known world's log."""
    options = Options.of({"customer_stages": ["buying"]})
    log, _ = usable(known.observed(customers=1500), Account("log", 0, 0), options)
    return estimate(log, options)


def test_the_file_holds_the_world_it_says(found, tmp_path):
    """YAML read back by another reader is the same plain data, below the line that a world of one's own begins with."""
    path = writing.write(found, tmp_path / "new", "mine")

    text = path.read_text()
    read_back = yaml.safe_load(text)

    assert text.startswith("defaults: [base, _self_]\n")
    assert read_back.pop("defaults") == ["base", "_self_"]
    assert read_back == writing.plain(found)
    assert check.world(read_back) == writing.world(found)


def test_counts_and_standard_errors_stand_beside_the_numbers(found, tmp_path):
    """The line of a probability has its count; that of an unseen exit says that it was estimated."""
    lines = writing.write(found, tmp_path, "mine").read_text().splitlines()
    looking = next(stage for stage in found.stages if stage.name == "looking")

    assert any(line.strip().startswith("deciding: ") and f"# {looking.next['deciding'].seen:,} (se " in line for line in lines)
    assert any(line.strip().startswith("lost: ") and "estimated, not seen" in line for line in lines)


def test_names_that_yaml_takes_for_something_else_are_quoted(tmp_path):
    """Stages called no, 1, null and ~: a log may have them, and the world too."""
    names = ["no", "1", "null", "~", "a: b", "# c", "é", "1e5", "x'y"]
    path = tmp_path / "log.csv"
    path.write_text("customer,time,stage\n" + "".join(f"c{k % 3},{k},{names[k % len(names)]}\n" for k in range(200)))
    options = Options.of({"idle_days": 50})
    log, _ = usable(*read(path), options)

    read_back = yaml.safe_load(writing.write(estimate(log, options), tmp_path, "mine").read_text())

    assert set(names) <= set(read_back["stages"])


def test_rare_transitions_stay_possible_and_rows_sum_to_one():
    """One in ten million is written as 0.000001, and the largest probability gives way."""
    rounded = writing._summing({"a": 0.9999999, "b": 1e-7})

    assert rounded == {"a": 0.999999, "b": 1e-6}
    assert sum(rounded.values()) == 1.0


def test_a_failed_check_writes_nothing(found, tmp_path, monkeypatch):
    """What makes no world leaves no file."""
    monkeypatch.setattr(writing, "plain", lambda _: {"stages": {}})

    with pytest.raises(ConfigError):
        writing.write(found, tmp_path, "mine")

    assert list(tmp_path.iterdir()) == []


rows_of_a_log = st.lists(
    st.tuples(st.integers(0, 6), st.sampled_from([0, 0.001, 1, 2, 2.5, 40, 400]), st.sampled_from(["x", "no", "lost", "away"]), st.sampled_from(["", "5"])),
    min_size=2,
    max_size=40,
)
settings_of_a_study = st.fixed_dictionaries({"idle_days": st.sampled_from([None, 3]), "session_minutes": st.sampled_from([None, 30])})


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(rows_of_a_log, settings_of_a_study)
def test_whatever_a_small_log_holds_a_world_comes_out_or_a_reason(tmp_path, rows, chosen):
    """Ties, single events, gaps of seconds and years, stages named like our own: what is written is always a world."""
    path = tmp_path / "log.csv"
    path.write_text("customer,time,stage,revenue\n" + "".join(f"c{a},{b},{c},{d}\n" for a, b, c, d in rows))
    options = Options.of(chosen)

    with contextlib.suppress(LogError):
        log, account = usable(*read(path), options)

        assert account.balances
        assert check.world(yaml.safe_load(writing.write(estimate(log, options), tmp_path, "mine").read_text().partition("\n")[2]))
