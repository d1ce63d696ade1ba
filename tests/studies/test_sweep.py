"""Sweeps: which points, the same luck at each, one table, going on where one was stopped, and what fails."""

from functools import partial
from pathlib import Path

import duckdb
import numpy as np
import pytest

import sim
from sim.app.cli import main
from sim.app.points import at
from sim.errors import ConfigError
from sim.model.check import world
from sim.studies import sweep as module
from sim.studies.design import points, world_at
from sim.studies.executor import Serial, Threads, executor
from sim.studies.replicate import play_and_measure
from sim.studies.store import Store
from sim.studies.sweep import Asked, sweep
from tests import worlds

ASKED = Asked(3, ("profit", "conversion_rate"), "profit")
GRID = {"channels.mail.odds.weigh.buy": [1, 3], "channels.ad.cost.touch": [0.8, 2.0]}


@pytest.fixture
def base():
    """Return a small world whose customers share nothing."""
    return world(worlds.plain(60))


def swept(base, over, place, asked=ASKED, doer=None):
    """Sweep a grid with points kept in a folder."""
    return sweep(partial(world_at, base), points(base, "grid", over), asked, Store(place / "points"), doer or Serial())


class Stopped:
    """An executor that is interrupted after some points."""

    def __init__(self, after):
        self.after = after

    def run(self, task, items):
        """Yield some, then stop."""
        yield from list(Serial().run(task, items[: self.after]))
        raise KeyboardInterrupt


class Counted:
    """An executor that counts what it is given."""

    items = 0

    def run(self, task, items):
        """Count, then do."""
        self.items += len(items)
        return Serial().run(task, items)


def test_a_grid_has_every_combination_the_last_path_changing_fastest(base):
    """Paths may be nested or dotted."""
    found = points(base, "grid", {"channels": {"ad": {"intensity": [1, 2]}}, "seed": [5, 6]})

    assert [tuple(one.values()) for one in found] == [(1, 5), (1, 6), (2, 5), (2, 6)]
    assert list(found[0]) == ["channels.ad.intensity", "seed"]


@pytest.mark.parametrize("design", ["latin_hypercube", "sobol"])
def test_a_design_that_fills_space_hits_every_slice_once(design):
    """16 points, 16 slices of the range (McKay et al. 1979; a scrambled (0, m, 1)-net, Owen 1998); of two values each one 8 times; people are whole."""
    desk = world(worlds.desk(60))
    over = {"channels.ad.cost.touch": {"low": 1, "high": 3}, "seed": [1, 2], "desks.sales.people": {"low": 2, "high": 5}}
    found = points(desk, design, over, size=16)

    assert sorted(np.floor([(one["channels.ad.cost.touch"] - 1) * 8 for one in found])) == list(range(16))
    assert sorted(one["seed"] for one in found) == [1] * 8 + [2] * 8
    assert all(isinstance(one["desks.sales.people"], int) for one in found)
    assert found == points(desk, design, over, size=16)


@pytest.mark.parametrize(
    ("design", "over", "listed", "size", "path"),
    [
        ("gird", {"seed": [1]}, (), 4, "study.design"),
        ("grid", {}, (), 4, "study.over"),
        ("grid", {"seed": 3}, (), 4, "study.over.seed"),
        ("grid", {"horizon": {"low": 1, "high": 2}}, (), 4, "study.over.horizon"),
        ("grid", {"seed": list(range(101)), "customers": list(range(1, 101))}, (), 4, "study.over"),
        ("sobol", {"horizon": {"low": 1, "high": 2}}, (), 6, "study.size"),
        ("latin_hypercube", {"horizon": {"low": 2, "high": 1}}, (), 4, "study.over.horizon"),
        ("grid", {"seed": [1]}, [{"seed": 1}], 4, "study.points"),
        ("grid", {}, [3], 4, "study.points.0"),
    ],
)
def test_a_design_that_makes_no_sense_is_refused_by_name(base, design, over, listed, size, path):
    """No such design, nothing to vary, no list, too many points, no power of 2, no range, both ways at once."""
    with pytest.raises(ConfigError) as refused:
        points(base, design, over, listed, size)
    assert refused.value.problems[0].path == path


def test_a_point_is_what_its_world_gives_on_the_same_seeds(base, tmp_path):
    """Replication by replication, the same numbers as played alone; the mean is theirs."""
    found = swept(base, {"channels.ad.cost.touch": [2.0]}, tmp_path)
    alone = world_at(base, {"channels.ad.cost.touch": 2.0})
    expected = [next(m.value for m in play_and_measure(alone, number) if m[:2] == ("profit", "all")) for number in range(3)]

    assert found.values("profit").tolist() == [expected]
    assert found.means("profit")[0].value == pytest.approx(np.mean(expected))


def test_the_table_is_tidy(base, tmp_path):
    """4 points of 3 replications and a mean; a column for each path; what was asked and no more."""
    found = swept(base, GRID, tmp_path)
    found.write(tmp_path)
    table = duckdb.read_parquet(str(tmp_path / "sweep.parquet")).df()
    whole = table[(table["by"] == "all") & (table["metric"] == "profit")]

    assert list(table)[:3] == ["point", *GRID]
    assert list(table)[3:] == ["replication", "metric", "by", "group", "value", "low", "high", "unit", "n", "note"]
    assert list(whole["replication"]) == ["0", "1", "2", "mean"] * 4
    assert list(whole["channels.ad.cost.touch"]) == [0.8] * 4 + [2.0] * 4 + [0.8] * 4 + [2.0] * 4
    assert set(table["metric"]) == {"profit", "conversion_rate"}


def test_students_do_not_see_what_is_hidden(tmp_path):
    """As in the files of a run: `student: true` leaves satisfaction out."""
    students = [world(worlds.satisfaction(60) | {"student": yes}) for yes in (False, True)]
    asked = Asked(2, ("satisfaction", "profit"), "profit")

    assert [set(swept(one, {"seed": [1]}, tmp_path, asked).frame()["metric"]) for one in students] == [{"satisfaction", "profit"}, {"profit"}]


def test_paths_of_a_list_may_differ_from_point_to_point(base, tmp_path):
    """What a point does not name is as written: an empty cell."""
    listed = points(base, "grid", {}, [{"channels.ad.cost.touch": 2.0}, {"money.margin": 0.3}])
    table = sweep(partial(world_at, base), listed, ASKED, Store(tmp_path / "points"), Serial()).frame()

    assert table.drop_duplicates("point")[["channels.ad.cost.touch", "money.margin"]].isna().to_numpy().tolist() == [[False, True], [True, False]]


def test_a_sweep_that_was_stopped_goes_on_and_ends_with_the_same_table(base, tmp_path):
    """Interrupted after two of four points: the second run plays the other two; the table is that of an uninterrupted sweep."""
    with pytest.raises(KeyboardInterrupt):
        swept(base, GRID, tmp_path / "stopped", doer=Stopped(2))
    doer = Counted()
    again, whole = swept(base, GRID, tmp_path / "stopped", doer=doer), swept(base, GRID, tmp_path / "whole")

    assert doer.items == 2
    assert [one.state for one in again.tried] == ["kept", "kept", "done", "done"]
    assert again.frame().equals(whole.frame())
    assert "2 kept from before" in again.text()


def test_a_point_is_kept_whole_or_not_at_all(base, tmp_path, monkeypatch):
    """Killed while it is written: no file of that name, and the next run plays it."""
    monkeypatch.setattr("sim.files.adopt", lambda part, path: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        swept(base, GRID, tmp_path)
    monkeypatch.undo()

    assert not list((tmp_path / "points").glob("*.parquet"))
    assert all(one.state == "done" for one in swept(base, GRID, tmp_path).tried)


def test_a_changed_request_is_told_and_only_the_same_points_are_kept(base, tmp_path):
    """One value more keeps the others; another number of replications keeps none."""
    swept(base, {"channels.ad.cost.touch": [1.0, 2.0]}, tmp_path)
    more = swept(base, {"channels.ad.cost.touch": [1.0, 2.0, 3.0]}, tmp_path)
    other = swept(base, {"channels.ad.cost.touch": [1.0, 2.0, 3.0]}, tmp_path, Asked(2, *ASKED[1:]))

    assert ([one.state for one in more.tried], more.changed) == (["kept", "kept", "done"], ("points",))
    assert ([one.state for one in other.tried], other.changed) == (["done"] * 3, ("replications",))
    assert "(replications changed)" in " ".join(other.text().split())


def test_a_point_that_makes_no_sense_is_listed_and_the_others_are_played(base, tmp_path):
    """The reason stands in points.csv and on the screen; the table has the others."""
    found = swept(base, {"channels.ad.cost.touch": [1.0, -1.0, 2.0]}, tmp_path)
    found.write(tmp_path)

    assert [one.state for one in found.tried] == ["done", "failed", "done"]
    assert "point 1 failed: channels.ad.cost.touch: given -1.0; must be 0 or more" in found.text()
    assert "must be 0 or more" in (tmp_path / "points.csv").read_text().splitlines()[2]
    assert set(found.frame()["point"]) == {0, 2}


def test_a_point_that_breaks_takes_no_other_with_it(base, tmp_path, monkeypatch):
    """An error nobody thought of, in one point: listed with its name."""
    works = module.play_and_measure

    def brittle(world, number, metrics):
        if world.channels["ad"].cost.touch == 2.0:
            raise ZeroDivisionError("of\nwhat")
        return works(world, number, metrics)

    monkeypatch.setattr(module, "play_and_measure", brittle)
    found = swept(base, {"channels.ad.cost.touch": [1.0, 2.0]}, tmp_path)

    assert [(one.state, one.failed) for one in found.tried] == [("done", ""), ("failed", "ZeroDivisionError: of what")]


@pytest.mark.parametrize("path", ["channels.mial.intensity", "channels.mail.intensty", "chanels.mail.intensity"])
def test_a_path_that_does_not_exist_is_refused_with_the_near_name_and_nothing_is_written(base, tmp_path, path):
    """The message of any other mistake in a configuration."""
    with pytest.raises(ConfigError, match="did you mean"):
        swept(base, {"channels.ad.cost.touch": [1.0], path: [1, 2]}, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_mistyped_path_in_one_of_many_points_stops_all_of_them_at_once(base, tmp_path):
    """A wrong value is that point's failure; a wrong name is a mistake in the request."""
    listed = points(base, "grid", {}, [{"channels.ad.cost.touch": 1.0}, {"channels.ad.cost.tuch": 1.0}])
    with pytest.raises(ConfigError, match="did you mean 'touch'"):
        sweep(partial(world_at, base), listed, ASKED, Store(tmp_path / "points"), Serial())
    assert not list(tmp_path.iterdir())


def test_all_executors_make_the_same_table(base, tmp_path):
    """In turn or in threads: rows stand in the order of the points."""
    in_turn, threads = swept(base, GRID, tmp_path / "a"), swept(base, GRID, tmp_path / "b", doer=Threads(2))

    assert in_turn.frame().equals(threads.frame())
    with pytest.raises(ConfigError, match=r"study\.executor: no such executor 'thread'; did you mean 'threads'"):
        executor("thread")


def test_threads_begin_nothing_once_the_caller_has_stopped():
    """One worker, a hundred items, the caller leaves after the first."""
    begun = []
    doing = Threads(1).run(begun.append, range(100))
    next(doing)
    doing.close()

    assert len(begun) < 100


def test_a_choice_is_made_before_values_are_put_in(base):
    """`scenario: other` composes; what the chosen scenario sets can't be set by the sweep as well."""
    asked = []
    chosen = world(worlds.plain(60) | {"scenario": {"name": "other", "set": {"channels.ad.cost.touch": 3.0}}})

    def compose(*overrides):
        asked.append(overrides)
        return chosen

    assert at(base, compose, {"scenario": "other", "money.margin": 0.2}).money.margin == 0.2
    assert at(base, compose, {"money.margin": 0.2}).scenario.name == base.scenario.name
    assert asked == [("scenario=other",)]
    with pytest.raises(ConfigError, match="set by the sweep and by scenario 'other'"):
        at(base, compose, {"scenario": "other", "channels.ad.cost.touch": 1.0})


def test_metrics_are_known_by_name(base, tmp_path):
    """Unknown, or shown and not measured."""
    for asked in (Asked(2, ("proft",), "profit"), Asked(2, ("cost",), "profit"), Asked(0)):
        with pytest.raises(ConfigError):
            swept(base, GRID, tmp_path, asked)


def test_the_command_sweeps_draws_and_refuses(tmp_path, monkeypatch, capsys):
    """Small, from the command line: table, figure and status 0; an unknown path: status 2, its near name, and no folder."""
    monkeypatch.chdir(tmp_path)
    common = ["+experiment=tiny", "customers=50", "study=sweep", "study.replications=2", "study.metrics=[conversion_rate]"]

    assert main([*common, "study.over={personas.everyone.pace: [1, 2], horizon: [100, 200]}", "hydra.run.dir=out"]) == 0
    assert {"sweep.parquet", "points.csv", "points", "figures"} <= {path.name for path in Path("out").iterdir()}
    assert Path("out/figures/curves.png").is_file()
    assert main([*common, "study.over={personas.everyone.paec: [1, 2]}", "hydra.run.dir=none"]) == 2
    assert "did you mean 'pace'?" in capsys.readouterr().err
    assert not Path("none").exists()


def test_the_command_says_by_its_status_that_points_failed(tmp_path, monkeypatch, capsys):
    """Status 1 as of `-m`, after table and reasons are written and printed; a sweep inside of `-m` is a run that failed."""
    monkeypatch.chdir(tmp_path)
    common = ["+experiment=tiny", "customers=50", "study=sweep", "study.replications=2", "study.metrics=[conversion_rate]", "study.figures=false"]
    over = "study.over={horizon: [100, -1]}"

    assert main([*common, over, "hydra.run.dir=out"]) == 1
    said = capsys.readouterr().out
    assert "2 points: 1 played, 1 failed." in said
    assert "point 1 failed: horizon: given -1" in said
    assert "outputs: out" in said
    assert Path("out/sweep.parquet").is_file()
    assert main(["-m", *common, over, "seed=1", "hydra.sweep.dir=many"]) == 1
    assert "point 1 failed: horizon" in Path("many/sweep.csv").read_text()


def test_a_program_gets_the_same_sweep(base, tmp_path):
    """`sim.sweep`: values from Python or NumPy, no folder to name; the numbers of the study, which stay as long as the result."""
    found = sim.sweep(base, {"channels.ad.cost.touch": np.array([0.8, 2.0])}, replications=3, metrics=["profit"], executor="serial")
    alone = swept(base, {"channels.ad.cost.touch": [0.8, 2.0]}, tmp_path)
    folder = found.store.folder

    assert found.values("profit").tolist() == alone.values("profit").tolist()
    assert list(found.frame()["channels.ad.cost.touch"].unique()) == [0.8, 2.0]
    assert folder.is_dir()
    del found
    assert not folder.exists()


def test_a_program_sweeps_over_choices_where_it_gives_overrides(base):
    """A world is composed already; unknown options are refused by name."""
    tiny = ["+experiment=tiny", "customers=50"]
    found = sim.sweep(tiny, {"ab_test": ["none"], "horizon": (100, 200)}, replications=2, metrics=["conversion_rate"])

    assert [one.state for one in found.tried] == ["done", "done"]
    with pytest.raises(ConfigError, match="give overrides in place of a world"):
        sim.sweep(base, {"scenario": ["baseline"]})
    with pytest.raises(ConfigError, match="did you mean 'replications'"):
        sim.sweep(base, {"horizon": [100]}, replication=2)
