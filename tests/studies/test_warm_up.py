"""Warm-up: who is there in the long run, whether it has come to that, and a file that a year begins with."""

import math
import re
import shlex
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from sim.app.cli import main
from sim.app.compose import Request, compose
from sim.app.library import load
from sim.app.warm_up import command
from sim.customers import fold
from sim.errors import ConfigError
from sim.files import write_text
from sim.language import speaking
from sim.metrics import METRICS
from sim.metrics.journey import facts
from sim.metrics.present import present
from sim.play import play
from sim.report.figures import style
from sim.report.figures import warm_up as figure
from sim.studies.warm_up import Asked, WarmUp, before, missing, rate, rounded, warm_up
from tests import worlds
from tests.known.distance import FAR, t
from tests.report.test_every_study_speaks import left_over, texts

RUNS = 8
FEES = {"model": "contract", "contract": {"fee": {"mean": 100, "family": "fixed"}, "period": 30, "term": 30}}
SMALL = ("+experiment=tiny", "customers=300", "arrivals.days=365", "study=warm_up", "study.days=730", "study.replications=3")


@cache
def base():
    """Return the journey of three stages to be worked by hand, sold by contract: 10 arrive a day."""
    made = load("journey=tiny", "personas=everyone", "channels=none", "customers=3650", "arrivals.days=365", "horizon=365")
    return worlds.put(made.model_dump(exclude_unset=True), personas__everyone__revenue=FEES)


def firm(**top):
    """Return that world with values at its top level replaced."""
    return worlds.made(base() | top)


@cache
def found():
    """Return the warm-up of the firm: three years are seven mean stays of its customers."""
    return warm_up(firm(), Asked(1095, RUNS))


def of(counts, days=None):
    """Return the warm-up of the small library's world with these counts, shape (replications, days, stages), all of one persona."""
    counts = np.asarray(counts, float)[..., None] * [1, 0]
    filled = np.concatenate([counts, np.zeros((*counts.shape[:2], 6 - counts.shape[2], 2))], axis=2)
    world = worlds.made(worlds.plain(100))
    return WarmUp(world, world, (), np.linspace(0, 10, counts.shape[1]) if days is None else days, filled)


def test_who_is_there_is_arrivals_a_day_times_days_in_the_stage():
    """Little (1961): 10 x 10 / 0.3 look, 10 x 2/3 x 30 / 0.2 buy; counts are Poisson (M/G/inf), so a mean over runs has variance L / runs."""
    exact = {"looking": 10 * 10 / 0.3, "buying": 10 * 2 / 3 * 150}

    assert found().is_warm
    for stage in found().stages:
        assert abs(stage.there - exact[stage.stage]) < FAR * math.sqrt(exact[stage.stage] / RUNS)
    assert found().start == {stage: {"everyone": round(counts.mean())} for stage, counts in zip(exact, found().counts[:, -1, :2, 0].T, strict=True)}


def revenue(world):
    """Return revenue by month, shape (replications, months)."""
    runs = [facts(play(world, clock="compiled", replication=k, threads=1), intervals=False) for k in range(RUNS)]
    return np.array([[m.value for m in METRICS["revenue"](run) if m.by == "month"] for run in runs])


def test_a_year_that_begins_warm_earns_the_same_in_every_month():
    """The last half of the year against the first, and each month's part of it, in standard errors; from nobody on it is another story."""
    warm, empty = (revenue(firm(start=start)) for start in (found().start, {}))

    assert abs(t(warm[:, 6:].sum(axis=1) - warm[:, :6].sum(axis=1), 0)) < FAR
    assert max(abs(t(month, warm.mean())) for month in warm.T) < FAR
    assert warm.mean() == pytest.approx(
        100 * 10 * 2 / 3 * 365 / 12 / (1 - math.exp(-30 / 150)), rel=0.05
    )  # fees of a stay: 1 + q + q^2 ..., q = exp(-30 / 150)
    assert t(empty[:, 6:].sum(axis=1) - empty[:, :6].sum(axis=1), 0) > 10 * FAR


@pytest.mark.parametrize("case", ["desk", "referral", "ruled_desk", "contracts", "deals", "all"])
def test_the_last_day_has_who_is_where_their_lives_end(case):
    """Those who queue stand where they were, those who left are in an exit: as customers are folded; on every day all who came are somewhere."""
    log = play(worlds.made(worlds.CASES[case](200)), clock="compiled", threads=1)
    days = np.linspace(0, log.terms.horizon, 7)
    there, customers = present(log, days), fold(log)
    expected = np.zeros(there.shape[1:], int)
    np.add.at(expected, (customers["stage"], customers["persona"]), 1)

    np.testing.assert_array_equal(there[-1], expected)
    np.testing.assert_array_equal(there.sum(axis=(1, 2)), [(log.births["arrived"] <= day).sum() for day in days])


def test_whole_people_keep_their_number():
    """Hamilton's method: down, and one more where most was cut off."""
    assert rounded(np.array([[1.4, 0.4], [2.6, 0.6]])).tolist() == [[1, 0], [3, 1]]
    assert rounded(np.array([0.3, 0.3, 0.4])).tolist() == [0, 0, 1]
    means = np.random.default_rng(1).exponential(5, (40, 6))
    assert rounded(means).sum() == round(means.sum())
    assert (np.abs(rounded(means) - means) < 1).all()


def test_what_is_dated_belongs_to_the_year_to_come():
    """Before day 0 no flight has flown, nobody was hired, no test has begun, nothing has grown; budgets and caps stay."""
    raw = worlds.everything(400) | {"arrivals": {"days": 120, "growth": 1.0}}
    raw["personas"]["calm"]["set"] = {"channels.mail.flights": [{"start": 0, "end": 9}], "channels.ad.cost.touch": 0.5}
    world = worlds.made(raw)
    empty, left_out = before(world, 730)

    assert empty.start == {}
    assert empty.ab_test is None
    assert empty.arrivals.growth == 0
    assert (empty.channels["ad"].flights, empty.desks["sales"].hire, empty.horizon) == ([], None, 730)
    assert empty.personas["calm"].set == {"channels.mail.flights": [], "channels.ad.cost.touch": 0.5}
    assert (empty.channels["ad"].budget, empty.channels["ad"].cap) == (world.channels["ad"].budget, world.channels["ad"].cap)
    assert left_out == ("arrivals.growth", "start", "ab_test", "channels.ad.flights", "desks.sales.hire")


@pytest.mark.parametrize("growth", [0.0, 1.0, -0.5])
def test_as_many_arrive_a_day_as_on_day_0(growth):
    """The tangent of the arrivals at day 0: those of the first days, evenly spread, with half a step's growth."""
    world = worlds.made(worlds.plain(100_000, arrivals={"days": 400, "shape": "even", "growth": growth}, horizon=10))
    first = (play(world, clock="compiled").births["arrived"] < 10).sum() / 10

    assert first == pytest.approx(rate(world) * (1 + growth) ** (5 / 365), rel=1e-3)
    assert before(world, 50)[0].customers == round(50 * rate(world))


@pytest.mark.parametrize("half_life", [10, 60, 300])
def test_what_is_missing_follows_from_the_second_half(half_life):
    """For n (1 - 2^(-t/h)) at T and T/2 exactly, whatever the half-life."""
    half, end = (1 - 2 ** (-days / half_life) for days in (365, 730))

    assert missing(1 - half / end) == pytest.approx(1 - end)


def test_the_verdict_turns_where_a_stage_has_changed_by_more_than_a_tenth():
    """89 to 100 moves and 91 to 100 does not; a jump of one replication in two is luck; too few are too few."""
    level = np.array([[0, 89, 100], [0, 89.1, 100.1]])[..., None]

    assert not of(level * 10).is_warm
    assert "study.days=400" in of(level * 10).verdict
    assert of(np.array([[0, 91, 100], [0, 91.1, 100.1]])[..., None]).is_warm
    assert "study.replications=8" in of(np.array([[0, 2, 9], [0, 9, 4]])[..., None]).verdict
    assert [one.moves for one in of(np.array([[[0, 0], [100, 0], [100, 1]], [[0, 0], [100, 0], [100, 0]]])).stages] == [False, False]


NOBODY = {"stages": worlds.line(next_stage="gone", gap=0.001)["stages"], "personas": worlds.line()["personas"], "channels": {}}


@pytest.mark.parametrize(
    ("top", "asked", "said"),
    [
        ({"arrivals": {"days": 0}}, Asked(), "arrivals.days: given 0"),
        ({}, Asked(days=0), "study.days: given 0"),
        ({}, Asked(days=0.01), "nobody arrives in that time"),
        ({"customers": 50_000_000}, Asked(730), "study.days: given 730; 555,556 arrive a day, and one run has at most 50 million people: 90.0 days of them"),
        ({}, Asked(replications=1), "must be 2 or more"),
        ({"calendars": {"b2c": {"season": [1] * 11 + [2]}}}, Asked(1000), "must be 730, 1460"),
        (NOBODY, Asked(20, 2), "nobody is there on day"),
    ],
)
def test_what_makes_no_sense_is_refused(top, asked, said):
    """One message, with the path of what was asked."""
    with pytest.raises(ConfigError, match=re.escape(said)) as refused:
        warm_up(worlds.made(worlds.plain(100) | top), asked)
    assert len(refused.value.problems) == 1


@pytest.mark.parametrize(("override", "said"), [("study.days=0", "study.days: given 0"), ("study.opening=a/b", "must be a plain name")])
def test_nothing_is_written_where_something_is_refused(override, said, tmp_path, capsys):
    """Status 2, one message, no folder."""
    assert main([*SMALL, override, f"hydra.run.dir={tmp_path}/out"]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "asked", "chosen"),
    [
        ("ours", "study=warm_up +start={looking:{everyone:7}} customers=9", "customers=9 +opening=warm"),
        ("ours", "+opening=old study=warm_up study.days=730", "+opening=warm"),
        ("opened", "customers=9 study=warm_up ~start", "customers=9 opening=warm"),
        ("opened", "opening=old study=warm_up hydra.run.dir=out", "opening=warm"),
        ("opened", "~opening study=warm_up", "opening=warm"),
    ],
)
def test_the_command_runs_whatever_start_and_opening_the_request_has(name, asked, chosen, tmp_path):
    """Either gives way, chosen on the command line or in a file; Hydra wants + where no file has chosen an opening, and only there."""
    world = "base, {journey: tiny}, {personas: everyone}, {channels: none}"
    write_text(tmp_path / "ours.yaml", f"defaults: [{world}, _self_]\n")
    write_text(tmp_path / "opened.yaml", f"defaults: [{world}, {{opening: old}}, _self_]\n")
    for opening, people in (("old", 1), ("warm", 2)):
        (tmp_path / "opening").mkdir(exist_ok=True)
        write_text(tmp_path / "opening" / f"{opening}.yaml", f"# @package _global_\nstart: {{looking: {{everyone: {people}}}}}\n")
    words = shlex.split(command(Request(tuple(asked.split()), tmp_path, name), tmp_path / "out", "warm"))

    assert words == ["polku", "-cd", str(tmp_path), "-cn", name, *chosen.split()]
    assert compose(Request(tuple(words[5:]), tmp_path, name)).plain["start"] == {"looking": {"everyone": 2}}


def test_the_printed_command_begins_with_who_is_there(tmp_path, monkeypatch, capsys):
    """The same world with another start; somebody whom the world's own start has, and the warm-up not, is there no more."""
    monkeypatch.chdir(tmp_path)
    assert main([*SMALL, "+start={looking: {everyone: 7}}", "stages.looking.gap.mean=0.001", "hydra.run.dir=out"]) == 0
    said = capsys.readouterr().out
    (line,) = re.findall(r"(?m)^  polku (.*)$", said)
    words = shlex.split(line)

    assert words == ["-cd", "out", "+experiment=tiny", "customers=300", "arrivals.days=365", "stages.looking.gap.mean=0.001", "+opening=warm"]
    start = load(*words[2:], config_dir=words[1]).start
    assert start["looking"] == {"everyone": 0}
    assert start["buying"]["everyone"] > 50
    assert sorted(path.relative_to("out").as_posix() for path in Path("out").glob("*/warm*")) == [
        "figures/warm_up.png",
        "figures/warm_up.svg",
        "opening/warm.yaml",
    ]


def test_ones_own_folder_takes_the_file_too(tmp_path, monkeypatch, capsys):
    """Their folder is the one that can be named, so the file is copied there; who is in the world's own file gives way, also where `~start` hid them."""
    monkeypatch.chdir(tmp_path)
    Path("my").mkdir()
    chosen = "defaults: [base, {journey: tiny}, {personas: everyone}, {channels: none}, _self_]"
    Path("my/ours.yaml").write_text(f"{chosen}\nstart: {{looking: {{everyone: 9999}}}}\n")
    world = ["-cd", "my", "-cn", "ours", *SMALL[1:], "~start", quick := "stages.looking.gap.mean=0.001"]
    assert main([*world, "study.figures=false", "study.opening=begun", "hydra.run.dir=my out"]) == 0
    copy, line = re.findall(r"(?m)^  ((?:cp|polku) .*)$", capsys.readouterr().out)

    assert (copy, line) == ("cp -r 'my out/opening' my", f"polku -cd my -cn ours customers=300 arrivals.days=365 {quick} +opening=begun")
    Path("my/opening").mkdir()
    Path("my/opening/begun.yaml").write_text(Path("my out/opening/begun.yaml").read_text())
    start = load("+opening=begun", config_dir="my", config_name="ours").start
    assert start["looking"] == {"everyone": 0}
    assert 50 < start["buying"]["everyone"] < 200


def test_it_speaks_finnish(tmp_path):
    """Text and figure of a world that is warm, of one that is not, and of one that has too few."""
    few = np.array([[0, 2, 9], [0, 9, 4]])[..., None]
    moving = np.array([[0, 50, 100], [0, 51, 100]])[..., None]
    with speaking("fi"), style.sheet():
        for one in (found(), of(few), of(moving)):
            assert not left_over(one.text())
            assert not left_over(texts(style.svg(figure.of(one))))
