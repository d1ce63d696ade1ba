"""What the how-to pages show runs as it stands there."""

import re
import shlex
from pathlib import Path

import pytest

from sim.app.library import load

PAGES = Path(__file__).resolve().parents[2] / "docs" / "how-to"
NAMES = (
    "describe_a_persona",
    "describe_a_committee",
    "add_a_channel",
    "describe_a_driver",
    "ask_for_permission",
    "plan_flights_and_caps",
    "add_word_of_mouth",
    "follow_a_calendar",
    "hire_people",
    "sell_a_contract",
    "target_an_audience",
    "write_a_rule",
    "write_a_scenario",
    "write_an_ab_test",
    "what_if",
    "journey_map",
    "optimise",
    "from_funnel",
    "sweep",
    "sensitivity",
    "teach",
    "report",
)


def shown(page):
    """Return the indented blocks of a page."""
    text = (PAGES / f"{page}.md").read_text()
    return [re.sub(r"(?m)^    ", "", block).strip("\n") for block in re.findall(r"(?m)(?:^    .*\n)+", text)]


def write_files(page, place):
    """Write the files that a page shows under its folder `my`."""
    for block in shown(page):
        for name, text in re.findall(r"(?ms)^# my/(\S+)\n(.*?)(?=^polku|\Z)", block + "\n"):
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_text(text)


@pytest.mark.parametrize("page", NAMES)
def test_a_how_to_page_runs_as_shown(page, tmp_path):
    """Every `polku` line with the folder `my` composes from the files shown before it; sweeps by their first value."""
    write_files(page, tmp_path)
    lines = [line for block in shown(page) for line in block.splitlines() if line.startswith("polku")]
    assert lines
    for line in lines:
        words = [re.sub(r"=([\d.]+),.*", r"=\1", word) for word in shlex.split(line)[1:] if word not in ("-m", "-cd", "my")]
        assert load(*words, config_dir=tmp_path).customers == 10_000


@pytest.mark.parametrize("page", NAMES)
def test_a_how_to_page_is_short(page):
    """A page that is needed in a hurry has under 40 lines."""
    assert len((PAGES / f"{page}.md").read_text().splitlines()) < 40
