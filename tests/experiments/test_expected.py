"""Every experiment comes out as written down, and the command that writes it down tells what changed."""

import re

import pytest

from tests.experiments.expected import EXPERIMENTS, command, small


def near(found, expected, path):
    """Hold every number to six digits, one unit of the last free; other leaves exactly."""
    if isinstance(expected, dict):
        assert found.keys() == expected.keys(), path
        for key, value in expected.items():
            near(found[key], value, f"{path}.{key}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), path
        for k, value in enumerate(expected):
            near(found[k], value, f"{path}.{k}")
    else:
        assert found == (pytest.approx(expected, rel=2e-5, abs=1e-9) if isinstance(expected, float) else expected), path


@pytest.mark.parametrize("name", command().names())
def test_an_experiment_comes_out_as_written_down(name):
    """The small run; a changed world renews the numbers by `python experiments/expected.py`, and the difference is looked at."""
    near(small(name), command().stored(name)["small"], name)


@pytest.mark.slow
@pytest.mark.parametrize("name", command().names())
def test_an_experiment_comes_out_as_its_page_says(name):
    """The full run: pytest -m slow tests/experiments/test_expected.py (some minutes)."""
    near(command().made(name)["full"], command().stored(name)["full"], name)


@pytest.mark.parametrize("folder", sorted(path.parent for path in EXPERIMENTS.glob("*/README.md")), ids=lambda folder: folder.name)
def test_a_page_shows_pictures_that_are_there_and_stands_in_the_index(folder):
    """Links to pictures lead to files; the index names each folder once."""
    for picture in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", (folder / "README.md").read_text()):
        assert (folder / picture).is_file()
    assert (EXPERIMENTS / "README.md").read_text().count(f"({folder.name}/README.md)") == 1


def test_the_command_tells_each_number_that_changed():
    """By hand: one changed, one gone, one new; what stayed is not named."""
    old = {"full": {"profit": 1.0, "wins": 2, "cost": 3}, "small": {"a": 1}}
    new = {"full": {"profit": 1.5, "wins": 2, "leads": {"b2b": 4}}, "small": {"a": 1}}

    assert [line.split() for line in command().changes(old, new)] == [
        ["full.profit", "1.0", "->", "1.5"],
        ["full.cost", "3", "->", "nothing"],
        ["full.leads.b2b", "nothing", "->", "4"],
    ]


def test_the_command_refuses_an_experiment_that_is_not_there(capsys):
    """Exit status 2, and the names that there are."""
    assert command().main(["no_such_lesson"]) == 2
    assert "peeking_lesson" in capsys.readouterr().err
