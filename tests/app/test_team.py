"""Teams of students: a common truth, a seed each, and nothing that nobody could observe."""

import csv
import json

import duckdb
import pytest

from sim.app.cli import main
from sim.app.library import changed, load
from sim.errors import ConfigError
from sim.studies.run import config_hash

SMALL = ("customers=400", "horizon=200", "arrivals.days=100")
STUDIES = {
    "run": ("study.figures=false", "replications=2"),
    "replicate": ("study.max=2",),
    "ab_test": ("ab_test=email_coupon", "study.stage=decision", "study.metrics=[conversion_rate_30d]", "study.replications=2"),
    "attribution": ("study.replications=2", "study.split_channels=0"),
}


def test_teams_share_a_world_and_no_luck():
    """Same world but for the seed; every team's seed is another, and comes again; team 0 is the seed itself."""
    worlds = [load("seed=7", f"team={team}") for team in (0, 1, 2, 3)]
    assert worlds[0].seed == 7
    assert len({world.seed for world in worlds}) == 4
    assert worlds[2] == load("seed=7", "team=2")
    assert len({config_hash(world) for world in worlds}) == 1
    assert load("seed=8", "team=2").seed != worlds[2].seed


def test_a_team_s_seed_never_changes():
    """The first 32 bits from above of blake2b over "1", "team", "1" (computed apart, with hashlib alone): results are handed in."""
    import hashlib

    digest = hashlib.blake2b(b"1\x1fteam\x1f1", digest_size=16).digest()
    assert load("team=1").seed == int.from_bytes(digest[4:8], "little")


@pytest.mark.parametrize("given", ["-1", "1.5", "blue", "true", "null"])
def test_a_team_is_a_whole_number(given):
    """Anything else is refused, by its path."""
    with pytest.raises(ConfigError, match="team"):
        load(f"team={given}")


def test_a_loaded_world_changes_its_team_only_with_its_seed():
    """From a program: a new seed keeps the team, a new team needs the seed that all teams share."""
    world = load("team=2")
    assert changed(world, {"seed": 5}) == load("seed=5", "team=2")
    assert changed(load(), {"team": 2}) == world
    assert changed(world, {"seed": 1, "team": 3}) == load("team=3")
    with pytest.raises(ConfigError, match="give the seed too"):
        changed(world, {"team": 3})


def test_the_team_is_recorded_and_its_folder_runs_again(tmp_path):
    """summary.json holds the team and its seed; the stored configuration gives the same customers, not a team's team."""
    assert main([*SMALL, "team=3", "study.figures=false", "replications=1", f"hydra.run.dir={tmp_path}/one"]) == 0
    said = json.loads((tmp_path / "one" / "summary.json").read_text())["provenance"]
    assert (said["team"], said["seed"]) == (3, load("team=3").seed)
    assert main(["-cd", f"{tmp_path}/one/.hydra", "-cn", "config", f"hydra.run.dir={tmp_path}/two"]) == 0
    assert (tmp_path / "one" / "events.parquet").read_bytes() == (tmp_path / "two" / "events.parquet").read_bytes()


@pytest.mark.parametrize("study", STUDIES)
def test_students_find_nothing_hidden_in_any_file(study, tmp_path, capsys):
    """No identity, satisfaction, true value or true effect as a column, a metric or a file; the terminal says what is left out."""
    folder = tmp_path / "out"
    assert main([*SMALL, f"study={study}", *STUDIES[study], "student=true", f"hydra.run.dir={folder}"]) == 0
    said = capsys.readouterr().out
    written = {path.name for path in folder.iterdir()}
    assert not written & {"truth.csv", "twins.csv", "ranks.csv", "splits.csv" if study == "attribution" else "", "attribution.json", "exact.csv"}
    for path in folder.glob("*.csv"):
        rows = list(csv.reader(path.open()))
        assert not {"identity", "satisfaction", "clv_to_date"} & {*rows[0], *(row[0] for row in rows[1:])}, path.name
    for path in folder.glob("*.parquet"):
        assert not {"identity", "satisfaction", "clv_to_date"} & set(duckdb.read_parquet(str(path)).columns), path.name
    assert not any("satisfaction after a touch" in path.read_text() or "Emotion" in path.read_text() for path in folder.glob("*.html"))
    assert ("left out" in said) == (study in ("ab_test", "attribution"))
    assert "WHAT IS TRUE" not in said


@pytest.mark.parametrize("study", ["exact", "facts", "what_if", "sensitivity", "sweep", "optimise"])
def test_studies_that_tell_the_truth_are_refused_to_students(study):
    """The message says what to ask in their place."""
    with pytest.raises(ConfigError, match="student=false"):
        load(f"study={study}", "student=true")


def test_simulated_power_is_refused_to_students():
    """It is the power at the true effect."""
    with pytest.raises(ConfigError, match="tells the truth"):
        load("study=ab_test", "ab_test=email_coupon", "study.mode=power", "student=true")
