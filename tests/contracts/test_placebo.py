"""The placebo law (design 4): what does nothing may be added, doubled, capped or removed, and no journey changes by a byte."""

import numpy as np
import pytest

from sim import log as L
from sim.customers import fold
from sim.play import play
from tests import worlds
from tests.contracts.conservation import rows_of

CHANGES = {
    "added": {},
    "doubled": {"intensity": 2.0},
    "halved": {"intensity": 0.5},
    "silent": {"intensity": 0.0},
    "capped at nothing": {"budget": {"amount": 0, "per": "day"}},
    "capped": {"budget": {"amount": 1, "per": "week"}},
    "doubled and capped": {"intensity": 2.0, "budget": {"amount": 0, "per": "month"}},
    "never flown": {"flights": []},
    "flown for a month": {"flights": [{"start": 20, "end": 50}]},
    "rarely shown": {"intensity": 1.5, "cap": {"exposures": 1, "per": "month"}},
    "with contents": {"contents": {"a": {}, "b": {"weight": {"weigh": 2}}}},
    "always engaging": {"engage": 1.0, "leads": False},
}


def independent(customers=1500):
    """Return a world with all that customers can have without sharing anything."""
    raw = worlds.referral(customers) | {"ab_test": worlds.ARMS, "drivers": worlds.SATISFACTION}
    return worlds.put(raw, channels__mail__experience={"mean": 0.1, "sd": 0.3}, personas__keen__traits=worlds.TRAITS)


WORLDS = {"independent": independent, "coupled": worlds.everything}


@pytest.fixture(scope="module")
def without():
    """Return the logs of the worlds without a placebo."""
    return {name: play(worlds.made(make(1500), seed=3), clock="compiled") for name, make in WORLDS.items()}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("world", WORLDS)
def test_a_placebo_changes_no_journey(world, change, without):
    """Every event column is identical but channel and engaged; every customer column but first_channel, exposures, touches."""
    raw = worlds.put(WORLDS[world](1500), channels__placebo=worlds.PLACEBO | CHANGES[change])
    log = play(worlds.made(raw, seed=3), clock="compiled")

    assert log.births.tobytes() == without[world].births.tobytes()
    assert blind(rows_of(log)).tobytes() == blind(rows_of(without[world])).tobytes()
    columns = [n for n in fold(log).dtype.names if n not in ("first_channel", "exposures", "touches", "touches_to_convert")]
    assert all(np.array_equal(fold(log)[n], fold(without[world])[n], equal_nan=fold(log)[n].dtype.kind == "f") for n in columns)


def blind(rows):
    """Return the rows without channel and engaged."""
    rows = rows.copy()
    rows["channel"], rows["flags"] = 0, rows["flags"] & 0b11111110
    return rows


def test_a_placebo_really_holds_occasions(without):
    """The law would be empty otherwise: added it holds the share it asked for, doubled twice that, capped at nothing none."""
    counts = {}
    for change in ("added", "doubled", "silent", "capped at nothing"):
        raw = worlds.put(independent(1500), channels__placebo=worlds.PLACEBO | CHANGES[change])
        rows = rows_of(play(worlds.made(raw, seed=3), clock="compiled"))
        counts[change] = np.count_nonzero(rows["channel"] == 4)

    assert counts["added"] > 1000
    assert counts["doubled"] == pytest.approx(2 * counts["added"], rel=0.1)
    assert counts["silent"] == counts["capped at nothing"] == 0


def test_a_placebo_before_other_channels_moves_only_channels():
    """Listed first it takes other arcs, so other channels' occasions may move; where nobody engages, journeys stay."""
    channels = {name: channel | {"engage": 0.0, "cost": {}} for name, channel in worlds.CHANNELS.items()}
    alone = play(worlds.made(worlds.plain(500, channels=channels)), clock="compiled")
    beside = play(worlds.made(worlds.plain(500, channels={"placebo": worlds.PLACEBO} | channels)), clock="compiled")

    assert blind(rows_of(alone)).tobytes() == blind(rows_of(beside)).tobytes()
    assert L.engaged(rows_of(beside)).any()
