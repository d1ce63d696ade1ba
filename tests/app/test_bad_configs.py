"""Bad configurations, one a row: exit status 2, the path in the message, no traceback, nothing written.

The numbers are those of the project's list of bad inputs; what the schema has no word for (units, time zones,
smoothing weights) is left out.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sim.app.cli import main

from .conftest import WORLD

ROOT = Path(__file__).resolve().parents[2]

BOMB = "a: &a0 [1, 1, 1]\n" + "".join(f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 9)}]\n" for k in range(1, 9))

ASSIGNED = [
    ("1 row sum .98", "stages.looking.next.looking=0.58", "stages.looking.next"),
    ("2 row sum 1.02", "stages.looking.next.looking=0.62", "stages.looking.next"),
    ("4 negative probability", "stages.looking.next.gone=-0.1", "stages.looking.next.gone"),
    ("5 probability above 1", "stages.looking.next.gone=1.1", "stages.looking.next.gone"),
    ("6 NaN", "stages.looking.next.gone=nan", "stages.looking.next.gone"),
    ("7 infinite", "stages.looking.gap.mean=inf", "stages.looking.gap.mean"),
    ("8 letters in a number", "stages.looking.next.gone=0.3o", "stages.looking.next.gone"),
    ("9 null", "stages.looking.next.gone=null", "stages.looking.next.gone"),
    ("10 true for a probability", "stages.looking.next.gone=true", "stages.looking.next.gone"),
    ("11 30 for 0.30", "channels.email.engage=30", "0.3 if you mean 30 %"),
    ("13 extra way", "stages.looking.next.nowhere=0.1", "stages.looking.next"),
    ("14 misspelt stage", "channels.email.odds.loking.buying=2", "did you mean 'looking'?"),
    ("15 stage without a near name", "channels.email.odds.xyz.buying=2", "known: looking, buying"),
    ("16 case differs", "channels.email.odds.Looking.buying=2", "did you mean 'looking'?"),
    ("23 odds where next has no way", "channels.email.odds.looking.looking_=2", "channels.email.odds.looking"),
    ("24 exit with ways", "stages.gone.next={looking: 1.0}", "stages.gone.next"),
    ("27 unknown start", "personas.anna.entry={lookin: 1.0}", "personas.anna.entry"),
    ("28 exit as start", "personas.anna.entry={gone: 1.0}", "personas.anna.entry"),
    ("32 self-loop without gaps", "stages.looking.gap.mean=0", "stages.looking.gap"),
    ("33 negative gap", "stages.looking.gap.mean=-1", "stages.looking.gap.mean"),
    ("34 gap NaN", "stages.looking.gap.mean=nan", "stages.looking.gap.mean"),
    ("36 negative spread", "stages.buying.gap.cv=-0.5", "stages.buying.gap.cv"),
    ("37 spread of 50", "stages.buying.gap.cv=50", "stages.buying.gap.cv"),
    ("39 misspelt family", "stages.buying.gap.family=lognorml", "did you mean 'lognormal'?"),
    ("40 trait without acts", "+personas.anna.traits.luck={family: gamma}", "personas.anna.traits.luck.acts"),
    ("41 unexpected parameter", "stages.buying.gap.sigma=1", "stages.buying.gap.sigma"),
    ("42 trait with mean 0", "personas.anna.traits.tempo.mean=0", "personas.anna.traits.tempo.mean"),
    ("44 shares sum to .9", "personas.anna.share=0.5", "personas.*.share"),
    ("45 all shares 0", "+personas={anna: {share: 0}, bert: {share: 0}}", "personas.*.share"),
    ("46 unknown persona", "personas.ana.share=0.5", "did you mean 'anna'?"),
    ("47 unknown channel", "personas.anna.channels.emial=2", "did you mean 'email'?"),
    ("47 unknown channel at its own path", "channels.emial.intensity=2", "did you mean 'email'?"),
    ("49 negative cost", "channels.email.cost.touch=-1", "channels.email.cost.touch"),
    ("50 negative budget", "channels.email.budget.amount=-1", "channels.email.budget.amount"),
    ("52 budget NaN", "channels.email.budget.amount=nan", "channels.email.budget.amount"),
    ("54 nobody at the desk", "desks.sales.people=0", "desks.sales.people"),
    ("55 half a person", "desks.sales.people=2.5", "desks.sales.people"),
    ("56 negative people", "desks.sales.people=-1", "desks.sales.people"),
    ("58 negative patience", "desks.sales.patience.mean=-1", "desks.sales.patience.mean"),
    ("60 referral above 1", "referral.chance.buying=1.5", "referral.chance.buying"),
    ("60 referral from nowhere", "referral.chance.byuing=0.1", "referral.chance"),
    ("62 no horizon", "horizon=0", "horizon"),
    ("63 negative horizon", "horizon=-1", "horizon"),
    ("65 endless horizon", "horizon=1e12", "horizon"),
    ("66 no customers", "customers=0", "customers"),
    ("67 negative customers", "customers=-1", "customers"),
    ("68 10^12 customers", "customers=1000000000000", "customers"),
    ("69 3.7 customers", "customers=3.7", "customers"),
    ("70 negative seed", "seed=-1", "seed"),
    ("72 seed in letters", "seed=abc", "seed"),
    ("73 no replications", "replications=0", "replications"),
    ("76 split .9", "+ab_test={name: t, arms: {a: {share: 0.5}, b: {share: 0.4}}}", "ab_test.arms.*.share"),
    ("77 one arm", "+ab_test={name: t, arms: {a: {share: 1.0}}}", "ab_test.arms"),
    (
        "78 arm sets what all share",
        "+ab_test={name: t, arms: {a: {share: 0.5}, b: {share: 0.5, set: {desks.sales.people: 3}}}}",
        "arms.b.set.desks.sales.people",
    ),
    ("79 shares above 1", "channels.email.share=0.95", "channels.*.share.buying"),
    ("79 too much intensity", "channels.email.intensity=9", "channels.email.intensity"),
    ("80 discount -1", "channels.email.discount=-1", "channels.email.discount"),
    ("81 discount rate -2", "money.discount_rate=-2", "money.discount_rate"),
    ("85 odds NaN", "channels.email.odds.looking.buying=nan", "channels.email.odds.looking.buying"),
    ("85 odds 0", "channels.email.odds.looking.buying=0", "channels.email.odds.looking.buying"),
    ("90 an empty list for a number", "seed=[]", "seed"),
    ("99 _target_", "+channels.email._target_=builtins.open", "_target_"),
    ("99 _target_ deep in a value", "+personas.anna.card={x: [{_target_: os.getcwd}]}", "_target_"),
    ("99 a callback", "+hydra.callbacks.mine._target_=os.getcwd", "hydra.callbacks"),
    ("100 a reference", "seed=${customers}", "references are not allowed"),
    ("101 the environment", "money.currency=${oc.env:HOME}", "references are not allowed"),
    ("101 the environment in a folder", "hydra.run.dir=${oc.env:HOME}", "references are not allowed"),
    ("101 Hydra's environment", "hydra.job.env_copy=[HOME]", "hydra.job.env_copy"),
    ("104 unknown option", "scenario=basline", "did you mean 'baseline'?"),
    ("104 unknown group", "jurney=tiny", "did you mean 'journey'?"),
    ("108 unknown field", "sead=1", "did you mean 'seed'?"),
    ("109 field in the wrong section", "channels.email.half_life=3", "belongs under drivers"),
    ("40 an option that must be given", "study=from_log", "study.log: missing"),
    ("a list without -m", "seed=1,2", "add -m"),
    ("no syntax", "seed=[1", "seed=[1"),
    ("no value", "seed", "seed"),
    ("unknown study", "study.name=exat", "did you mean 'exact'?"),
    ("unknown option of a study", "study.figurs=false", "did you mean 'figures'?"),
    ("removed what is not there", "~channels.tv", "channels.tv"),
]

WRITTEN = [
    ("12 a missing row", ("next: {looking: 0.6, buying: 0.3, gone: 0.1}, ", ""), "stages.looking.next"),
    ("17 a blank at the end", ("bert:", '"anna ":'), "personas.anna"),
    ("18 a Cyrillic look-alike", ("buying: 0.3, gone", "b\u0443ying: 0.3, gone"), "stages.looking.next"),
    ("19 the same name in another Unicode form", ("anna: {share: 0.6,", "\u00e9: {share: 0.3}\n  e\u0301: {share: 0.3,"), "looks the same"),
    ("20 a stage twice", ("  gone: {kind: lost}", "  gone: {kind: lost}\n  looking: {kind: lost}"), "line 9: stages: 'looking' stands twice"),
    ("21 a key twice", ("customers: 100", "customers: 100\ncustomers: 200"), "'customers' stands twice"),
    ("22 no stages", (WORLD[WORLD.index("stages:") : WORLD.index("personas:")], ""), "stages"),
    ("43 an empty list where a mapping goes", ("budget: {amount: 10, per: week}", "budget: []"), "channels.email.budget"),
    ("93 a tab", ("  anna:", "\tanna:"), "mine.yaml, line"),
    ("95 an alias bomb", ("customers: 100", BOMB), "aliases written out"),
    ("95 an alias of itself", ("customers: 100", "customers: &c [*c]"), "an alias must come after"),
    ("96 a tag", ("customers: 100", "customers: !!python/object/apply:os.getcwd []"), "tag"),
    ("97 a stage named no", ("  gone: {kind: lost}", "  no: {kind: lost}"), 'write "no" in quotes'),
    ("98 a stage named 1", ("  gone: {kind: lost}", "  1: {kind: lost}"), 'write "1" in quotes'),
    ("99 _target_ in a file", ("media: owned, share: 0.2", "media: owned, _target_: os.getcwd, share: 0.2"), "_target_"),
    ("99 a callback in a file", ("customers: 100", "hydra: {callbacks: {mine: {_target_: os.getcwd}}}"), "hydra.callbacks"),
    ("100 a reference in a file", ("customers: 100", "customers: ${horizon}"), "references are not allowed"),
    ("101 the environment in a file", ("currency: EUR", "currency: '${oc.env:HOME}'"), "line 20: money.currency"),
    ("102 nesting of 1,000", ("customers: 100", "customers: " + "[" * 1000 + "]" * 1000), "nested more than 30 deep"),
    ("103 too large", ("customers: 100", "# " + "x" * 1_100_000), "bytes"),
    ("107 nothing in it", (WORLD, ""), "empty"),
    ("107 a list", (WORLD, "[1, 2]"), "must be a mapping"),
    ("107 a number", (WORLD, "3"), "must be a mapping"),
    ("107 two documents", ("customers: 100", "customers: 100\n---\nseed: 2"), "second document"),
    ("108 an unknown section", ("referral:", "referal:"), "did you mean 'referral'?"),
    ("no base", ("defaults: [base, _self_]\n", ""), "defaults: [base, _self_]"),
    ("unknown base", ("[base, _self_]", "[bse, _self_]"), "did you mean 'base'?"),
]


def refused(capsys, place, *arguments):
    """Assert that the command is refused properly, and return its message."""
    before = sorted(place.parent.rglob("*"))
    assert main(["-cd", str(place), *arguments]) == 2
    out, message = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in message
    assert sorted(place.parent.rglob("*")) == before
    return message


@pytest.mark.parametrize(("override", "expected"), [row[1:] for row in ASSIGNED], ids=[row[0] for row in ASSIGNED])
def test_a_bad_value_is_refused_with_its_path(place, capsys, quick, override, expected):
    """The message has the path, or what would be right, of a value given on the command line."""
    assert expected in refused(capsys, place, "-cn", "mine", override)
    assert quick == []


@pytest.mark.parametrize(("change", "expected"), [row[1:] for row in WRITTEN], ids=[row[0] for row in WRITTEN])
def test_a_bad_file_is_refused_with_its_place(place, capsys, quick, change, expected):
    """The message has the line or the path of what is wrong in a file."""
    assert change[0] in WORLD
    (place / "mine.yaml").write_text(WORLD.replace(*change, 1), encoding="utf-8")
    assert expected in refused(capsys, place, "-cn", "mine")
    assert quick == []


def test_what_is_good_is_not_refused(place, quick):
    """What the rows change is itself accepted, also with a sum off by 1e-12 (3), budget 0 (51), patience 0 (57), a long seed (71), odds of 1e9 (84)."""
    good = ["stages.looking.next.gone=0.100000000001", "channels.email.budget.amount=0", "desks.sales.patience.mean=0", f"seed={2**200}"]
    assert main(["-cd", str(place), "-cn", "mine", *good, "channels.email.odds.looking.buying=1e9"]) == 0
    assert quick[0][0].seed == 2**200


def test_all_problems_come_together(place, capsys):
    """Four mistakes in one command are four lines."""
    message = refused(capsys, place, "-cn", "mine", "sead=1", "horizon=-1", "channels.emial.intensity=2", "desks.sales.people=0")
    assert "4 problems" in message
    assert all(path in message for path in ("sead", "horizon", "channels.emial.intensity", "desks.sales.people"))


def test_a_file_that_is_no_text_is_refused(place, capsys):
    """B 94: the line and the byte are named."""
    (place / "mine.yaml").write_bytes(b"defaults: [base, _self_]\nmoney: {currency: \xe4}\n")
    message = refused(capsys, place, "-cn", "mine")
    assert "mine.yaml, line 2: byte 0xe4" in message


def test_a_missing_folder_file_or_a_folder_for_a_file_is_refused(place, capsys):
    """B 104 and 105."""
    (place / "folder.yaml").mkdir()
    assert "did you mean 'mine'?" in refused(capsys, place, "-cn", "mien")
    assert "no file folder.yaml" in refused(capsys, place, "-cn", "folder")
    assert "no folder" in refused(capsys, place / "absent", "-cn", "mine")


@pytest.mark.parametrize("arguments", [["customers=-1"], ["+x._target_=os.getcwd"], ["-m", "seed=-1,-2"]])
def test_the_command_itself_refuses_with_status_2(place, arguments):
    """The same in a process of its own: status 2, one message, no traceback, nothing written."""
    command = [sys.executable, "-m", "sim", "-cd", str(place), "-cn", "mine", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert done.returncode == 2
    assert "problem" in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in place.parent.rglob("*")) == ["here", "mine.yaml", "worlds"]
