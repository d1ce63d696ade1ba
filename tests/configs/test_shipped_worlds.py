"""Every shipped choice composes with every other, and the small worlds have their exact answers."""

import re
from functools import cache
from itertools import product

import numpy as np
import pytest
import yaml

from sim.app.compose import config_dir
from sim.app.library import changed
from sim.app.library import load as compose
from sim.customers import fold
from sim.metrics import measure
from sim.model.check import warnings
from sim.model.exact import solve
from sim.model.places import living, shares
from sim.model.profiles import profiles
from sim.play import play

JOURNEYS = ("advocacy_funnel", "buying_committee", "five_stage_loop", "four_stage", "web_micro_path", "tiny")
NAMES = {group: sorted(file.stem for file in (config_dir() / group).glob("*.yaml")) for group in ("personas", "channels", "scenario", "ab_test")}
SOME = [("default", "default"), ("b2b", "owned"), ("b2c", "digital"), ("everyone", "none")]


@cache
def load(*overrides):
    """Return the composed world, once."""
    return compose(*overrides)


@pytest.mark.parametrize("journey", JOURNEYS)
def test_a_journey_takes_any_people_and_any_channels(journey):
    """Choices that differ in everything compose without a warning, and somebody buys."""
    for personas, channels in SOME:
        made = load(f"journey={journey}", f"personas={personas}", f"channels={channels}", "horizon=1460")
        assert warnings(made) == []
        assert np.any(~np.isnan(fold(play(changed(made, {"customers": 1000}), clock="compiled"))["converted_at"]))


@pytest.mark.slow
@pytest.mark.parametrize(("personas", "channels"), list(product(NAMES["personas"], NAMES["channels"])))
def test_every_choice_goes_with_every_other(personas, channels):
    """All personas' files with all channels' files, on every journey."""
    for journey in JOURNEYS:
        assert load(f"journey={journey}", f"personas={personas}", f"channels={channels}").personas


def test_every_journey_speaks_of_every_persona_and_channel():
    """What a journey leaves out would have no share or no odds there."""
    people, ways = set(load().personas), set(load().channels)
    for journey in JOURNEYS:
        said = yaml.safe_load((config_dir() / "journey" / f"{journey}.yaml").read_text())["by_stage"]
        assert people <= set(said["personas"])
        assert ways == set(said["channels"])


def test_personas_and_channels_name_no_stage():
    """A stage belongs to a journey; else a persona could live in one journey alone."""
    stages = {stage for journey in JOURNEYS for stage in load(f"journey={journey}").stages} - {
        "content",
        "order",
        "loyalty",
        "experience",
    }  # also a channel, a cost, a trait, a field
    for group in ("personas", "channels"):
        for file in (config_dir() / group).glob("*.yaml"):
            keys = set(re.findall(r"(\w+):", re.sub(r"#.*", "", file.read_text())))
            assert not keys & stages, file.name


@pytest.mark.parametrize("scenario", NAMES["scenario"])
def test_a_scenario_says_what_it_changes(scenario):
    """Named as its file, with one plain sentence on top; the world it makes differs from the baseline unless it is the baseline."""
    text = (config_dir() / "scenario" / f"{scenario}.yaml").read_text()
    made = load(f"scenario={scenario}")
    assert made.scenario.name == scenario
    assert text.splitlines()[1].startswith("# ")
    assert text.splitlines()[1].rstrip().endswith(".")
    assert (made.channels, made.desks) != (load().channels, load().desks) or scenario == "baseline"


@pytest.mark.parametrize("test", [name for name in NAMES["ab_test"] if name != "none"])
def test_a_test_has_two_arms_that_live(test):
    """Half of the customers in each arm: within 5 standard errors of 10,000 coins."""
    arms = play(load(f"ab_test={test}"), clock="compiled").births["arm"]
    assert load(f"ab_test={test}").ab_test.name == test
    assert abs(np.mean(arms == 0) - 0.5) < 5 * 0.5 / np.sqrt(len(arms))


def test_the_default_world_leaves_room_for_more_of_any_channel():
    """Every channel can be raised by half in every persona and stage: what-ifs use intensity."""
    for profile in profiles(load()):
        for stage in living(profile.world):
            held = shares(profile, stage)
            assert sum(held.values()) + 0.5 * max(held.values()) <= 1


def test_the_tiny_world_is_worked_by_hand():
    """Buying: 0.2 / (0.2 + 0.1); 1 + 0.5 x (1 / 0.2 - 1) = 3 orders a buyer of 50 EUR each: 100 EUR a customer."""
    answer = solve(load("+experiment=tiny")).ever
    assert answer["conversion_rate"] == pytest.approx(2 / 3, abs=1e-9)
    assert answer["orders"] == pytest.approx(2 / 3 * 3, abs=1e-9)
    assert answer["revenue"] == pytest.approx(100, abs=1e-9)


def test_the_tiny_world_simulated_is_the_tiny_world_solved():
    """Conversion by the horizon within 5 standard errors."""
    made = load("+experiment=tiny")
    exact = solve(made).by_horizon["conversion_rate"]
    share = np.mean(~np.isnan(fold(play(made))["converted_at"]))
    assert abs(share - exact) < 5 * np.sqrt(exact * (1 - exact) / made.customers)


def test_most_visits_bounce_and_few_of_the_rest_buy():
    """The source's example: 70 % leave from the landing page; 1 to 5 % of visitors buy, in minutes."""
    log = play(load("journey=web_micro_path", "channels=digital"), clock="compiled")
    value = {m.metric: m.value for m in measure(log, intervals=False) if m.by == "all"}
    customers = fold(log)
    assert 0.65 < value["bounce_rate"] < 0.75
    assert 0.01 < value["visitor_conversion_rate"] < 0.05
    assert np.nanmedian(customers["converted_at"] - customers["arrived"]) * 24 < 1
    assert 1.5 < value["page_views"] < 3
    assert value["time_on_site"] * 24 * 60 < 5
