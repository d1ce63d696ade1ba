"""Sweeps: every combination runs, and one tidy table is left beside the runs."""

import csv
from pathlib import Path

import pytest

from sim.app.cli import main
from sim.app.verbs import VERBS


def sweep(place, *arguments):
    """Sweep the small world, and return the exit status and the rows of the table, if any."""
    status = main(["-cd", str(place), "-cn", "mine", "-m", *arguments])
    tables = list(Path().glob("multirun/*/*/sweep.csv"))
    return status, [row for table in tables for row in csv.DictReader(table.open(newline=""))]


def test_every_combination_has_its_rows_in_one_table(place, quick):
    """2 x 2 runs; profit is seed * intensity (the stand-in's rule); only rows over everybody are kept."""
    status, rows = sweep(place, "channels.email.intensity=0.5,1", "seed=range(1,3)", "customers=50")
    assert status == 0
    got = [(row["run"], float(row["channels.email.intensity"]), int(row["seed"]), row["metric"], float(row["value"])) for row in rows]
    assert got == [("0", 0.5, 1, "profit", 0.5), ("1", 0.5, 2, "profit", 1.0), ("2", 1.0, 1, "profit", 1.0), ("3", 1.0, 2, "profit", 2.0)]
    assert {row["by"] for row in rows} == {"all"}
    assert [ask.world.customers for ask in quick] == [50] * 4


def test_each_run_of_a_sweep_can_be_run_again(place, quick):
    """The runs have their configuration beside their outputs."""
    sweep(place, "seed=4,5")
    (recorded,) = Path().glob("multirun/*/*/1/.hydra")
    assert main(["-cd", str(recorded), "-cn", "config"]) == 0
    assert quick[-1][0] == quick[1][0]


def test_a_point_that_is_refused_is_listed_and_the_others_run(place, quick, capsys):
    """The reason is in the table and on stderr, the status says it, and the point leaves no folder."""
    status, rows = sweep(place, "desks.sales.people=1,0,2")
    assert status == 1
    assert [row["value"] != "" for row in rows] == [True, False, True]
    assert "desks.sales.people" in rows[1]["failed"]
    assert "desks.sales.people=0" in capsys.readouterr().err
    assert sorted(path.parent.name for path in Path().glob("multirun/*/*/*/.hydra")) == ["0", "2"]


def test_a_run_that_breaks_does_not_take_the_others_with_it(place, quick, monkeypatch):
    """All failures are listed, not only the first."""
    works = VERBS["run"]

    def brittle(ask):
        if ask.world.seed % 2:
            raise RuntimeError(f"seed {ask.world.seed}")
        return works(ask)

    monkeypatch.setitem(VERBS, "run", brittle)
    status, rows = sweep(place, "seed=range(1,6)")
    assert status == 1
    assert [row["failed"] for row in rows] == ["RuntimeError: seed 1", "", "RuntimeError: seed 3", "", "RuntimeError: seed 5"]


def test_an_interrupted_sweep_keeps_the_table_of_what_was_done(place, quick, monkeypatch):
    """Ctrl-C in the second run: status 130, the first run's rows are there."""
    works = VERBS["run"]

    def interrupt(ask):
        if ask.world.seed == 2:
            raise KeyboardInterrupt
        return works(ask)

    monkeypatch.setitem(VERBS, "run", interrupt)
    status, rows = sweep(place, "seed=1,2,3")
    assert (status, [row["seed"] for row in rows]) == (130, ["1"])


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["sead=1,2"], "did you mean 'seed'?"),  # B 91
        (["seed=range(3,3)"], "no values to run"),  # B 90
        (["seed=range(1,100000)", "customers=range(1,10001)"], "999,990,000 combinations"),  # B 92
        (["seed=interval(1,2)"], "an interval has no listed values"),
        (["seed=-1,-2"], "seed: given -2"),
        (["scenario=basline,nothing"], "did you mean 'baseline'?"),
        (["channels.email._target_=os.getcwd,os.getpid"], "_target_"),
        (["seed=1,${customers}"], "references are not allowed"),
    ],
)
def test_a_sweep_of_which_nothing_can_run_writes_nothing(place, quick, capsys, arguments, expected):
    """Status 2 and one message, as for a single run."""
    assert sweep(place, *arguments) == (2, [])
    assert expected in capsys.readouterr().err
    assert list(Path().iterdir()) == []


def test_an_experiment_can_declare_its_sweep(place, quick):
    """`hydra.sweeper.params` of a file is used, and the command line has the last word."""
    (place / "experiment").mkdir()
    (place / "experiment" / "seeds.yaml").write_text("# @package _global_\nhydra: {sweeper: {params: {seed: '1,2,3'}}}\n")
    assert len(sweep(place, "+experiment=seeds")[1]) == 3
    assert len(sweep(place, "+experiment=seeds", "seed=7")[1]) == 3 + 1


def test_the_table_is_made_from_replications_where_they_are(place, monkeypatch):
    """Worlds with shared things have intervals only there."""
    header = "metric,by,group,value,low,high,unit,n,note\n"

    def run(ask):
        (ask.folder / "metrics.csv").write_text(f"{header}profit,all,,1,,,EUR,1,\n")
        (ask.folder / "replications.csv").write_text(f"{header}profit,all,,2,1,3,EUR,20,\n")
        return ""

    monkeypatch.setitem(VERBS, "run", run)
    assert [(row["value"], row["low"], row["n"]) for row in sweep(place, "seed=1")[1]] == [("2", "1", "20")]
