"""From files and command line to a checked world."""

import pytest
import yaml

import sim
from sim.app.compose import config_dir
from sim.errors import ConfigError
from sim.model.world import World

STAGED = """\
by_stage:
  personas:
    anna: {pace: {looking: 2.0}}
    nobody: {pace: {looking: 9.0}}
  channels:
    email: {engage: {looking: 0.9, buying: 0.1}, odds: {looking: {buying: 3.0}}}
    radio: {share: {looking: 0.3}}
"""


@pytest.fixture
def load(place):
    """Load the small world with what is appended to its file and with overrides."""

    def loaded(*overrides, more=""):
        (place / "more.yaml").write_text((place / "mine.yaml").read_text() + more, encoding="utf-8")
        return sim.load(*overrides, config_dir=place, config_name="more")

    return loaded


def scenario(place, name, changes):
    """Write a scenario file of the user's own."""
    (place / "scenario").mkdir(exist_ok=True)
    (place / "scenario" / f"{name}.yaml").write_text(f"# @package _global_\nscenario:\n  name: {name}\n  set: {changes}\n")


def test_base_writes_the_defaults_of_the_schema():
    """What `base.yaml` says of plain values is what World says itself: one truth, shown where users look."""
    base = yaml.safe_load((config_dir() / "base.yaml").read_text("utf-8"))
    said = {key: value for key, value in base.items() if key not in ("defaults", "hydra")}
    assert said.pop("language") == "en"  # of what people read: no part of the world
    assert said == {key: World.model_construct(stages={}).model_dump()[key] for key in said}


def test_a_language_that_nobody_has_written_is_refused():
    """It is asked for like a value of the world, and is none: the same world in any language."""
    assert sim.load("language=fi") == sim.load("language=en")
    with pytest.raises(ConfigError, match=r"language: no such language 'fj'"):
        sim.load("language=fj")


def test_a_world_in_one_file_is_loaded_again_and_again(load):
    """In a notebook: twice the same, then another, in one process."""
    assert load() == load()
    assert load("seed=7").seed == 7
    assert load().horizon == 90


def test_loading_leaves_another_hydra_application_alone(load):
    """A program that uses Hydra itself can load worlds."""
    from hydra import compose, initialize
    from hydra.core.global_hydra import GlobalHydra

    with initialize(config_path=None, version_base="1.3"):
        load()
        assert GlobalHydra.instance().is_initialized()
        assert compose(overrides=["+a=1"]).a == 1


def test_the_journey_speaks_of_the_chosen_by_stage(load):
    """`by_stage` is merged over chosen personas and channels; those not chosen are left out, and `by_stage` itself is gone."""
    world = load(more=STAGED)
    assert world.personas["anna"].pace == {"looking": 2.0}
    assert world.channels["email"].engage == {"looking": 0.9, "buying": 0.1}
    assert world.channels["email"].odds == {"looking": {"buying": 3.0}}
    assert list(world.channels) == ["email", "call"]


def test_the_command_line_has_the_last_word_over_by_stage(load):
    """A value given by hand is used, whether it names the channel or `by_stage`."""
    assert load("channels.email.engage=0.7", more=STAGED).channels["email"].engage == 0.7
    assert load("by_stage.channels.email.engage.looking=0.6", more=STAGED).channels["email"].engage["looking"] == 0.6


def test_what_a_persona_says_of_a_channel_that_is_not_chosen_is_left_out(load):
    """Without the e-mail, affinities and changes that name it go with it; a misspelt name is still an error."""
    more = STAGED.replace("anna: {", "anna: {channels: {radio: 2.0}, set: {channels.radio.engage: 1.0, stages.looking.gap.mean: 6}, ")
    world = load(more=more)
    assert list(world.personas["anna"].channels) == ["email"]
    assert list(world.personas["anna"].set) == ["stages.looking.gap.mean"]
    with pytest.raises(ConfigError, match="no such channel 'redio'"):
        load(more=more.replace("channels: {radio: 2.0}", "channels: {redio: 2.0}"))


def test_a_field_that_the_file_leaves_out_can_be_set(load):
    """A schema field needs no +; a new name does, and ~ removes."""
    assert load("channels.email.discount=0.1").channels["email"].discount == 0.1
    assert load("+channels.radio={share: 0.1, media: paid}").channels["radio"].media == "paid"
    assert "call" not in load("~channels.call", "~desks.sales").channels
    assert load("channels.email.cost={touch: 2}").channels["email"].cost.exposure == 0.01


def test_a_scenario_of_the_users_own_is_found_and_applied(place, load):
    """DIR/scenario first, then the shipped ones; its assignments are in the world, and on record."""
    scenario(place, "louder", "{channels.email.intensity: 2.0}")
    world = load("scenario=louder")
    assert world.channels["email"].intensity == 2.0
    assert world.scenario.name == "louder"
    assert load("scenario=baseline").scenario.set == {}


@pytest.mark.parametrize("override", ["channels.email.intensity=3", "channels.email={intensity: 3}"])
def test_a_path_set_twice_is_an_error_that_names_both(place, load, override):
    """The command line and the scenario may not set the same thing, or a part of it."""
    scenario(place, "louder", "{channels.email.intensity: 2.0}")
    with pytest.raises(ConfigError, match="command line") as error:
        load("scenario=louder", override)
    assert error.value.problems[0].path == override.partition("=")[0]
    assert "scenario 'louder'" in error.value.problems[0].given


def test_a_path_set_by_an_arm_and_the_command_line_is_an_error(load):
    """The same for the arms of a test."""
    arms = "ab_test: {name: t, arms: {a: {share: 0.5}, b: {share: 0.5, set: {channels.email.discount: 0.1}}}}\n"
    assert load(more=arms).ab_test.name == "t"
    with pytest.raises(ConfigError, match="arm 'b' of ab_test 't'"):
        load("channels.email.discount=0.2", more=arms)


def test_a_misspelt_path_in_a_scenario_is_an_error(place, load):
    """With the name that was probably meant."""
    scenario(place, "louder", "{channels.emial.intensity: 2.0}")
    with pytest.raises(ConfigError, match=r"scenario\.set\.channels\.emial\.intensity: .*did you mean 'email'"):
        load("scenario=louder")


@pytest.mark.parametrize("changes", ["{channels: {email: {intensity: 2.0}}}", "{channels.email: {intensity: 2.0}}"])
def test_a_scenario_does_not_replace_a_section_by_mistake(place, load, changes):
    """Changes are paths of values; a mapping there would wipe out everything beside it."""
    scenario(place, "louder", changes)
    with pytest.raises(ConfigError, match=r"would replace all that is there; write the path of each value: channels\.email"):
        load("scenario=louder")


def test_a_scenario_that_the_world_overwrites_is_an_error(place, load):
    """A choice that would have no effect, or half of one, is not made silently."""
    scenario(place, "louder", "{channels.email.intensity: 2.0}")
    own = "scenario: {name: mine, set: {}}\n"
    with pytest.raises(ConfigError, match="'louder' was chosen"):
        load("scenario=louder", more=own)
    with pytest.raises(ConfigError, match="'baseline' was chosen"):
        load("scenario=baseline", more=own)
    assert load(more=own).scenario.name == "mine"


def test_an_experiment_has_the_last_word_over_files(place, load):
    """`+experiment=NAME` and `experiment=NAME` are the same, and the command line comes after it."""
    (place / "experiment").mkdir()
    (place / "experiment" / "short.yaml").write_text("# @package _global_\nhorizon: 30\nseed: 5\n")
    assert load("+experiment=short").horizon == 30
    assert load("experiment=short", "seed=6").seed == 6


def test_a_loaded_world_is_run_with_changes_that_are_checked(load):
    """`sim.run(world, customers=..., seed=...)` simulates; what makes no sense is refused as on the command line."""
    result = sim.run(load(), customers=20, seed=3)
    assert result.world.seed == 3
    assert len(result.customers) >= 20
    with pytest.raises(ConfigError, match="customers"):
        sim.run(load(), customers=-1)
