"""Where each value of a request stands, and what its author wrote beside it."""

from pathlib import Path

import pytest

from sim.app.compose import Request
from sim.app.config import read
from sim.app.sources import Beside, sources
from sim.app.verbs import VERBS


@pytest.fixture(scope="module")
def found() -> dict[str, Beside]:
    config = read(Request(("scenario=coupon", "seed=7", "channels.email.intensity=1.2")), VERBS)
    return {one.path: one for one in sources(config, None)}


def test_a_value_stands_where_it_was_set_last(found: dict[str, Beside]) -> None:
    """The default world's horizon is in config.yaml, though base.yaml has one too; the command line has the last word, a scenario the one before."""
    assert found["horizon"].file == "config.yaml"
    assert found["replications"].file == "base.yaml"
    assert found["seed"].file == found["channels.email.intensity"].file == "command line"
    assert {one.file for path, one in found.items() if path.startswith("channels.email.discount")} == {"scenario/coupon.yaml"}


def test_what_stands_beside_a_value_is_its_source(found: dict[str, Beside]) -> None:
    """A comment on its line, or on that of what it belongs to; `by_stage` is where it is merged to."""
    assert found["channels.paid_search.cost.touch"] == Beside(
        "channels.paid_search.cost.touch", "channels/paid_search.yaml", "[A] EUR a click, consumers (0.6-1.2); firms: see their persona"
    )
    assert found["stages.awareness.next.lost"].note == "[M]"
    assert found["personas.comparer.odds.retention.churned"].note == "[M] retained a year 0.69"
    assert not any(path.startswith(("by_stage", "defaults", "hydra", "study")) for path in found)


def test_a_file_of_ones_own_is_named_without_its_folder(place: Path) -> None:
    """No path of a machine stands in a report."""
    config = read(Request(("seed=3",), place, "mine"), VERBS)
    files = {one.file for one in sources(config, place)}
    assert "mine.yaml" in files
    assert not any(str(place) in file for file in files)
