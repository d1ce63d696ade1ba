"""The command line in one process: what it writes where, and that a run can be run again."""

import os
import subprocess
import sys
from pathlib import Path

from sim.app.cli import main
from sim.app.verbs import VERBS
from sim.errors import LogError

ROOT = Path(__file__).resolve().parents[2]


def mine(place, *arguments):
    """Run the small world."""
    return main(["-cd", str(place), "-cn", "mine", *arguments])


def test_a_run_prints_its_summary_and_where_its_outputs_are(place, quick, capsys):
    """One folder per run, named by the time, with the configuration in it."""
    assert mine(place, "seed=3") == 0
    out = capsys.readouterr().out
    (folder,) = Path("outputs").glob("*/*")
    assert out == f"the summary\n\noutputs: {folder}\n"
    inside = [".hydra", *(f".hydra/{name}" for name in ("config.yaml", "overrides.yaml", "sources.csv")), "metrics.csv"]
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*")) == inside
    assert quick[0][1] == {"figures": True, "report": True}


def test_two_runs_in_the_same_second_write_into_two_folders(place, quick):
    """A name that is taken gets a number; nothing is written over."""
    for _ in range(3):
        assert mine(place) == 0
    assert len(list(Path("outputs").glob("*/*"))) == 3


def test_a_folder_of_ones_own_must_be_new_or_empty(place, quick, capsys):
    """The second run into it is refused and the first stays as it was."""
    assert mine(place, "hydra.run.dir=mine/a b") == 0
    assert mine(place, "hydra.run.dir=mine/a b", "seed=2") == 2
    assert "is not empty" in capsys.readouterr().err
    assert (Path("mine/a b") / "metrics.csv").read_text().startswith("metric")
    assert len(quick) == 1


def test_a_folder_that_can_not_be_made_is_refused(place, quick, capsys):
    """B 110, here because a file has the name."""
    Path("taken").write_text("x")
    assert mine(place, "hydra.run.dir=taken/deeper") == 2
    assert "must be a folder that can be made" in capsys.readouterr().err


def test_the_recorded_configuration_runs_again_as_the_same_world(place, quick):
    """`polku -cd RUN/.hydra -cn config` composes what ran: also by_stage, the scenario, + and ~ of the command line."""
    (place / "scenario").mkdir()
    (place / "scenario" / "louder.yaml").write_text("# @package _global_\nscenario: {name: louder, set: {channels.email.intensity: 2.0}}\n")
    assert mine(place, "scenario=louder", "seed=9", "~personas.bert", "personas.anna.share=1", "+channels.radio={share: 1e-05}", "hydra.run.dir=first") == 0
    assert main(["-cd", "first/.hydra", "-cn", "config", "hydra.run.dir=second"]) == 0
    assert quick[0][0] == quick[1][0]
    assert quick[1][0].channels["email"].intensity == 2.0
    assert Path("first/.hydra/config.yaml").read_bytes() == Path("second/.hydra/config.yaml").read_bytes()


def test_another_study_is_recorded_with_its_own_options(place, monkeypatch):
    """What ran as study=exact runs again as study=exact."""
    asked = []
    monkeypatch.setitem(VERBS, "exact", lambda ask: asked.append(dict(ask.options)) or "")
    assert mine(place, "study=exact", "hydra.run.dir=first") == 0
    assert main(["-cd", "first/.hydra", "-cn", "config"]) == 0
    assert main(["-cd", "first/.hydra", "-cn", "config", "study=exact"]) == 0
    assert asked == [{}, {}, {}]


def test_another_study_can_be_asked_of_a_recorded_world(place, quick, monkeypatch):
    """A run's world, with study=exact; options that were given stay with the study that they were given to."""
    monkeypatch.setitem(VERBS, "exact", lambda ask: "")
    assert mine(place, "hydra.run.dir=first") == 0
    assert main(["-cd", "first/.hydra", "-cn", "config", "study=exact"]) == 0
    assert mine(place, "study.figures=false", "hydra.run.dir=second") == 0
    assert main(["-cd", "second/.hydra", "-cn", "config"]) == 0
    assert quick[-1][1] == {"figures": False, "report": True}


def test_a_study_that_refuses_leaves_nothing(place, monkeypatch, capsys):
    """An error of the user's that shows only while the study runs takes the folder and its empty parents with it."""

    def refuse(ask):
        (ask.folder / "half.csv").write_text("x")
        raise LogError("events.csv", "no column 'customer'", row=1)

    monkeypatch.setitem(VERBS, "run", refuse)
    assert mine(place) == 2
    assert "events.csv, row 1: no column 'customer'" in capsys.readouterr().err
    assert list(Path().iterdir()) == []
    Path("own").mkdir()
    assert mine(place, "hydra.run.dir=own") == 2
    assert [path.name for path in Path().rglob("*")] == ["own"]


def test_an_interrupt_ends_with_130(place, monkeypatch, capsys):
    """Ctrl-C: no traceback; what was finished stays."""

    def interrupt(ask):
        raise KeyboardInterrupt

    monkeypatch.setitem(VERBS, "run", interrupt)
    assert mine(place) == 130
    assert "Traceback" not in capsys.readouterr().err


def test_a_full_disk_is_said_in_one_line(place, monkeypatch, capsys):
    """The system's errors are no tracebacks either, with status 1."""

    def full(ask):
        raise OSError(28, "No space left on device", "events.parquet")

    monkeypatch.setitem(VERBS, "run", full)
    assert mine(place) == 1
    assert capsys.readouterr().err.endswith("events.parquet: No space left on device\n")


def test_the_configuration_is_shown_without_running(place, quick, capsys):
    """`--cfg job` prints a world that can be run as it is, and writes nothing."""
    assert mine(place, "--cfg", "job", "seed=4") == 0
    (place / "shown.yaml").write_text(capsys.readouterr().out)
    assert quick == []
    assert list(Path().iterdir()) == []
    assert main(["-cd", str(place), "-cn", "shown"]) == 0
    assert quick[0][0].seed == 4


def test_help_names_every_choice(place, capsys):
    """The groups with their options, the user's own among them."""
    (place / "scenario").mkdir()
    (place / "scenario" / "louder.yaml").write_text("# @package _global_\nscenario: {name: louder}\n")
    assert main(["-cd", str(place), "--help"]) == 0
    out = capsys.readouterr().out
    assert "journey: advocacy_funnel" in out
    assert "louder" in out
    assert max(map(len, out.splitlines())) <= 120


def test_the_library_is_light_to_import():
    """Nothing heavy comes with `import sim`: it is loaded when it is used."""
    heavy = ("numpy", "numba", "pandas", "matplotlib", "scipy", "hydra", "pydantic")
    code = f"import sys, sim; print([name for name in {heavy} if name in sys.modules], sim.load.__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert done.stdout == "[] load\n"


def test_python_m_sim_is_polku(place):
    """The same application under both names."""
    done = subprocess.run([sys.executable, "-m", "sim", "--version"], capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert (done.returncode, done.stdout.split()[0]) == (0, "polku")
