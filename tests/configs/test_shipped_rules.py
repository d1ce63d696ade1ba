"""Shipped orchestration rules compose with the default world, alone and together, and do what their files say."""

from functools import cache

import numpy as np
import pytest

from sim import log as L
from sim.app.compose import config_dir
from sim.app.library import changed, load
from sim.errors import ConfigError
from sim.model.check import warnings
from sim.play import play

NAMES = sorted(file.stem for file in (config_dir() / "rules").glob("*.yaml"))
ALL = f"rules=[{','.join(name for name in NAMES if name != 'none')}]"


@cache
def log_of(*overrides):
    """Return a run of the default world with these rules."""
    return play(load(*overrides, "customers=4000", "horizon=730", "arrivals.days=365"), clock="compiled")


@cache
def rows_of(*overrides):
    """Return all rows of that run."""
    return np.concatenate([rows for _, _, rows in log_of(*overrides).blocks()])


def occasions(channel, *overrides):
    """Count the occasions that a channel held."""
    rows = rows_of(*overrides)
    return np.count_nonzero((L.kind(rows) == L.OCCASION) & (rows["channel"] == list(log_of(*overrides).terms.channels).index(channel)))


def test_there_are_no_rules_unless_asked_for():
    """The default world is not orchestrated, and a file of one's own needs no word about it."""
    assert load().rules == {}
    assert load("rules=none") == load()


@pytest.mark.parametrize("name", [name for name in NAMES if name != "none"])
def test_a_rule_of_each_file_acts(name):
    """Composed without a warning; somebody is sent a message, or called."""
    made = load(f"rules={name}")
    assert warnings(made) == []
    (channel,) = {rule.do.channel for rule in made.rules.values()}
    called = any(rule.do.calls for rule in made.rules.values())
    acts = occasions(channel, f"rules={name}") - occasions(channel) if called else np.count_nonzero(L.kind(rows_of(f"rules={name}")) == L.RULE)
    assert acts > 10


def test_all_shipped_rules_go_together():
    """As many as a world can have: eight rules in seven files, and the command line has the last word on each."""
    made = load(ALL, "rules.cart_reminder.wait=0.25")
    assert len(made.rules) == 8
    assert made.rules["cart_reminder"].wait == 0.25
    assert len(rows_of(ALL)) > 0


def test_a_rule_without_its_channel_is_refused():
    """The reminder is a mail: without mails there is nothing it could do."""
    with pytest.raises(ConfigError, match=r"rules\.cart_reminder\.do\.channel"):
        load("rules=cart_reminder", "channels=none")


def test_who_gets_a_cart_reminder_is_deciding():
    """It sees well: every message goes to a customer in the stage it means."""
    rows = rows_of("rules=cart_reminder")
    sent = rows[L.kind(rows) == L.RULE]
    assert set(sent["stage_from"]) == {list(load().stages).index("decision")}


def test_self_service_takes_contacts_off_the_helpdesk():
    """Fewer occasions are held by support once customers have learned to help themselves."""
    before, after = (occasions("support", f"rules={name}") for name in ("none", "self_service_deflection"))
    assert after < 0.9 * before


def test_a_log_in_prompt_alone_changes_nothing():
    """It fills what other rules see; without any that is told, every row of the customers' own clocks stays as it was."""
    with_it, without = (rows_of(f"rules={name}") for name in ("log_in_prompt", "none"))
    own = with_it[L.kind(with_it) != L.RULE]
    assert np.array_equal(own["stage_to"], without["stage_to"])
    assert np.array_equal(own["time"], without["time"])


def test_the_world_of_a_users_own_file_may_have_rules(tmp_path):
    """`defaults: [base, _self_]` takes the group with it."""
    text = "defaults: [base, _self_]\nstages:\n  in: {kind: customer, entry: 1.0, next: {in: 1.0}, gap: {mean: 5}}\n"
    (tmp_path / "mine.yaml").write_text(text)
    (tmp_path / "rules").mkdir()
    rule = "# @package _global_\nchannels: {mail: {}}\nrules: {hello: {when: {stays: [in]}, do: {channel: mail}}}\n"
    (tmp_path / "rules" / "hello.yaml").write_text(rule)
    made = load("rules=hello", config_dir=tmp_path, config_name="mine")
    assert list(changed(made, {"customers": 5}).rules) == ["hello"]
