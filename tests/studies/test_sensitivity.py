"""Sensitivity: indices against theorems and known functions, the simulator against the exact solver, luck, words, refusals."""

from math import nan, pi

import numpy as np
import pytest
from scipy import stats

import sim
from sim.app.cli import main
from sim.errors import ConfigError
from sim.model.check import world
from sim.model.exact.chain import chain
from sim.model.exact.ever import ever
from sim.model.profiles import profiles
from sim.studies.design import world_at
from sim.studies.indices import Index, Noise, block, design, indices, noise, ranked
from sim.studies.ranges import Range
from sim.studies.sensitivity import Asked, Together, count, sensitivity
from sim.studies.sensitivity_words import both, finding, luck
from sim.studies.store import Store
from tests import worlds

CUBE = tuple(Range(name, -pi, pi) for name in "abc")
UNIT = (Range("a", 0.0, 1.0), Range("b", 0.0, 2.0), Range("c", 5.0, 9.0))


def ishigami(x):
    """Return sin a + 7 sin² b + 0.1 c⁴ sin a (Ishigami and Homma 1990)."""
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def found(method, function, inputs, size, noise_sd=0.0, runs=4):
    """Return indices by (path, quantity) of a function with luck added that differs from point to point."""
    drawn = design(method, inputs, size, 1)
    chance = np.random.Generator(np.random.Philox(5)).standard_normal((len(drawn), runs))
    return {(row.path, row.quantity): row for row in indices(method, "y", inputs, drawn, function(drawn)[:, None] + noise_sd * chance, 1)}


def small(customers=150, **more):
    """Return a journey with exponential gaps, which has an exact answer, and a channel that does nothing."""
    exponential = {"mean": 5, "family": "exponential"}
    stages = {
        "look": {"kind": "prospect", "entry": 1.0, "next": {"look": 0.5, "buy": 0.2, "lost": 0.3}, "gap": exponential},
        "buy": {"kind": "customer", "order": {"on_entry": 1.0}, "next": {"buy": 0.8, "gone": 0.2}, "gap": exponential},
        "lost": {"kind": "lost"},
        "gone": {"kind": "churned"},
    }
    person = {"one": {"margin": 0.5, "odds": {"look": {"buy": 1.0}}, "revenue": {"value": {"mean": 50, "family": "fixed"}}}}
    fog = {"fog": {"media": "earned", "share": {"look": 0.2}, "engage": 0.5}}
    money = {"margin": 0.5, "discount_rate": 0.0}
    top = {"customers": customers, "arrivals": {"days": 0}, "horizon": 500, "money": money}
    return world(top | {"stages": stages, "personas": person, "channels": fog} | more)


INPUTS = (Range("personas.one.odds.look.buy", 0.3, 3.0), Range("personas.one.revenue.value.mean", 30.0, 70.0), Range("channels.fog.share.look", 0.1, 0.4))


def exact(point):
    """Return the contribution of a customer of the small world in the end, which is long before its horizon, with a point's values."""
    (profile,) = profiles(world_at(small(), point))
    return ever(profile, chain(profile))["margin"][0]


def studied(place, asked, customers=150, inputs=INPUTS):
    """Study the small world, points kept in a folder."""
    return sensitivity(small(customers), inputs, asked, Store(place / "points"))


def test_sobol_indices_are_those_of_ishigami():
    """First .3139, .4424, 0; total .5576, .4424, .2437 (closed form): within the intervals and .05."""
    rows = found("sobol", ishigami, CUBE, 1024)
    known = {"first": (0.3139, 0.4424, 0.0), "total": (0.5576, 0.4424, 0.2437)}

    for quantity, values in known.items():
        for path, value in zip("abc", values, strict=True):
            row = rows[path, quantity]
            assert row.value == pytest.approx(value, abs=0.05)
            assert row.low <= value <= row.high


def test_morris_of_a_straight_line_is_its_slope_times_the_range():
    """Elementary effects of a line are all the same: mu = 3 · 1, -2 · 2 and 0 · 4; sigma 0 (Morris 1991)."""
    rows = found("morris", lambda x: 3 * x[:, 0] - 2 * x[:, 1], UNIT, 6)

    for path, effect in (("a", 3), ("b", -4), ("c", 0)):
        assert [rows[path, name].value for name in ("mu", "mu_star", "sigma")] == pytest.approx([effect, abs(effect), 0], abs=1e-9)


def test_a_product_shows_its_interaction():
    """Of y = a b on [0, 1] x [0, 2]: first 3/7 each, total 4/7 each (variance 1/9 + ... by hand: V_a = V_b = 4/12 · 1/4, V = 4 (1/9 - 1/16))."""
    rows = found("sobol", lambda x: x[:, 0] * x[:, 1], UNIT, 1024)

    for path in "ab":
        assert rows[path, "first"].value == pytest.approx(3 / 7, abs=0.03)
        assert rows[path, "total"].value == pytest.approx(4 / 7, abs=0.03)
    assert rows["c", "total"].value == 0


def test_luck_widens_the_intervals():
    """The same design and function, luck added: none of it gets narrower, the largest wider."""
    plain, noisy = (found("sobol", ishigami, CUBE, 128, sd) for sd in (0.0, 3.0))
    width = {key: (noisy[key].high - noisy[key].low) - (plain[key].high - plain[key].low) for key in plain}

    assert width["a", "total"] > 0
    assert width["c", "first"] > 0


def test_luck_that_points_do_not_share_makes_total_indices_too_large():
    """An input that does nothing gets about the share of luck that is left, and that share is what is printed."""
    drawn = design("sobol", UNIT, 256, 1)
    chance = np.random.Generator(np.random.Philox(6)).standard_normal((len(drawn), 4))
    values = drawn[:, :1] + 0.3 * chance
    rows = {(row.path, row.quantity): row.value for row in indices("sobol", "y", UNIT, drawn, values, 1)}

    assert noise(values).left == pytest.approx(0.0225 / (0.0225 + 1 / 12), abs=0.02)
    assert rows["c", "total"] == pytest.approx(noise(values).left, abs=0.06)


def test_the_share_of_luck_by_hand():
    """[[0, 2], [4, 8]]: within (2 + 8)/2 = 5, between 12.5, interaction mean square 1: left .5/12.5, single 5/(5 + 12)."""
    assert noise(np.array([[0.0, 2.0], [4.0, 8.0]])) == pytest.approx(Noise(5 / 17, 0.04))


def test_luck_that_all_points_share_moves_no_index():
    """The same luck at every point: nothing left, indices as without it."""
    drawn, shared = design("sobol", CUBE, 64, 1), np.array([[0.0, 5.0, -3.0]])
    rows = [indices("sobol", "y", CUBE, drawn, ishigami(drawn)[:, None] + luck, 1) for luck in (shared, 0 * shared)]

    assert noise(ishigami(drawn)[:, None] + shared).left == pytest.approx(0, abs=1e-12)
    assert [row.value for row in rows[0]] == pytest.approx([row.value for row in rows[1]])


@pytest.mark.parametrize("method", ["sobol", "morris"])
def test_a_point_without_a_value_takes_its_block_with_it(method):
    """A failed point in the second block: the indices of the design without that block."""
    drawn = design(method, CUBE, 8, 1)
    size = block(method, 3)
    values = ishigami(drawn)[:, None] + np.zeros(2)
    holed = np.where(np.arange(len(drawn))[:, None] == size + 1, nan, values)
    rest = np.r_[0:size, 2 * size : len(drawn)]
    left = indices(method, "y", CUBE, drawn, holed, 1), indices(method, "y", CUBE, drawn[rest], values[rest], 1)

    assert [row.value for row in left[0]] == pytest.approx([row.value for row in left[1]])


def test_a_metric_that_never_varies_has_indices_of_0_and_one_without_values_has_none():
    """SALib divides by the spread; here that is seen to."""
    drawn = design("sobol", UNIT, 8, 1)

    assert {row.value for row in indices("sobol", "y", UNIT, drawn, np.ones((len(drawn), 3)), 1)} == {0.0}
    assert all(np.isnan(row.value) for row in indices("sobol", "y", UNIT, drawn, np.full((len(drawn), 3), nan), 1))


def test_the_simulator_has_the_indices_of_the_exact_solver(tmp_path):
    """Contribution, both on the same design of 20 points: the luck of 4 x 800 customers moves no index by .05; a channel that does nothing has exactly 0."""
    result = studied(tmp_path, Asked("sobol", 4, ("margin",), 4), 800)
    drawn = design("sobol", INPUTS, 4, 1)
    truth = np.array([[exact({r.path: x for r, x in zip(INPUTS, row, strict=True)})] for row in drawn.tolist()])
    known = {(row.path, row.quantity): row.value for row in indices("sobol", "margin", INPUTS, drawn, truth, 1)}

    for row in result.indices:
        assert row.value == pytest.approx(known[row.path, row.quantity], abs=0.05)
    assert {row.value for row in result.indices if row.path == INPUTS[2].path} == {0.0}
    assert {row.quantity for row in result.indices} == {"first", "total"}


def test_the_tornado_is_the_exact_one(tmp_path):
    """At either end of every input, all else as written: at the tail of five normal standard errors of Student's t, 9 degrees of freedom."""
    result = studied(tmp_path, Asked("morris", 2, ("margin",), 10), 100)
    far = stats.t.isf(stats.norm.sf(5), 9) / stats.t.isf(0.025, 9)

    for end in result.ends:
        expected = 100 * (exact({end.path: end.input}) - exact({}))
        assert abs(end.difference - expected) <= (end.high - end.low) / 2 * far + 1e-9
    swings = result.swings("margin")
    assert [path for path, _ in swings] == [r.path for r in INPUTS]


def test_two_factors_of_a_product_interact_as_they_must(tmp_path):
    """Contribution is orders x value x margin: what the value does is proportional to the margin, exactly, seed by seed."""
    pair = (Range("personas.one.revenue.value.mean", 30.0, 70.0), Range("personas.one.margin", 0.2, 0.6))
    result = studied(tmp_path, Asked("morris", 2, ("margin",), 3), 60, pair)
    together = result.together

    assert {together.path, together.other} == {r.path for r in pair}
    ends = next(r for r in pair if r.path == together.other)
    assert together.at_high / together.at_low == pytest.approx(ends.high / ends.low)
    assert together.value == pytest.approx(together.at_high - together.at_low)
    assert together.low > 0


def test_a_study_that_was_stopped_goes_on(tmp_path):
    """All points are kept: asked again, nothing is played and everything is the same."""
    first, again = (studied(tmp_path, Asked("morris", 2, ("profit",), 2), 40) for _ in range(2))

    assert {one.state for one in again.played.tried} == {"kept"}
    assert repr((again.indices, again.ends, again.spots)) == repr((first.indices, first.ends, first.spots))
    assert len(first.played.tried) == count(INPUTS, Asked("morris", 2))


def row(path, value, half):
    """Return a total index."""
    return Index("clv", path, "total", value, value - half, value + half)


@pytest.mark.parametrize(
    ("ranking", "said"),
    [
        ([("a", 0.7, 0.1), ("b", 0.2, 0.1)], "a decides most about clv."),
        ([("a", 0.7, 0.3), ("b", 0.3, 0.27), ("c", 0.0, 0.01)], "a or b decides most about clv: this study can't tell which."),
        ([("a", 0.7, 0.3), ("b", 0.3, 0.26), ("c", 0.0, 0.0)], "a decides most about clv."),
        ([("a", 0.3, 0.2), ("b", 0.3, 0.2), ("c", 0.2, 0.2)], "a, b or c decides most about clv: this study can't tell which."),
        ([("a", 0.3, 0.4), ("b", 0.3, 0.2), ("c", 0.2, 0.2), ("d", 0.1, 0)], "No input stands out: 4 of 4 may decide most about clv."),
        ([("a", 0.3, 0.9), ("b", 0.0, 0.0), ("c", 0.0, 0.0)], "a decides most about clv."),  # the others do exactly nothing
        ([("a", 0.0, 0.0), ("b", 0.0, 0.0)], "None of the inputs moves clv."),
        ([("a", nan, nan), ("b", nan, nan)], "No indices of clv: it has a value at too few points."),
    ],
)
def test_the_finding_says_no_more_than_the_intervals(ranking, said):
    """One stands out where the difference is more than the joint half-width: .4 against sqrt(.3² + .26²) = .397 and sqrt(.3² + .27²) = .404."""
    assert finding("clv", [row(*one) for one in ranking]) == said


def test_much_luck_is_said_to_be_much():
    """From 5 % of the variance between points on; unknown is said."""
    assert "too large" not in luck("clv", Noise(0.9, 0.05), "sobol")
    assert "total indices are too large" in luck("clv", Noise(0.9, 0.051), "sobol")
    assert "mu_star" in luck("clv", Noise(0.9, 0.051), "morris")
    assert "not known" in luck("clv", Noise(nan, nan), "sobol")


def test_an_interaction_is_claimed_only_where_its_interval_leaves_0_out():
    """At the edge it is not."""
    assert "they interact" in both("clv", Together("a", "b", 1, 3, 2.0, 0.1, 3.9), "EUR")
    assert "no interaction to be seen" in both("clv", Together("a", "b", 1, 3, 2.0, 0.0, 4.0), "EUR")


@pytest.mark.parametrize(
    ("asked", "inputs", "path"),
    [
        (Asked("moris"), INPUTS, "study.method"),
        (Asked("sobol", 6), INPUTS, "study.size"),
        (Asked("morris", 1), INPUTS, "study.size"),
        (Asked("sobol", 4096), INPUTS, "study.size"),
        (Asked(), INPUTS[:1], "study.ranges"),
        (Asked(replications=1), INPUTS, "study.replications"),
        (Asked(metrics=()), INPUTS, "study.metrics"),
        (Asked(metrics=("clf",)), INPUTS, "study.metrics"),
        (Asked("morris", 2), (*INPUTS, Range("channels.fgo.intensity", 1, 2)), "channels.fgo.intensity"),
    ],
)
def test_a_study_that_makes_no_sense_is_refused_and_nothing_is_written(tmp_path, asked, inputs, path):
    """By the option's path, or the input's."""
    with pytest.raises(ConfigError) as refused:
        sensitivity(small(), inputs, asked, Store(tmp_path / "points"))
    assert refused.value.problems[0].path == path
    assert not list(tmp_path.iterdir())


def test_the_ranking_puts_what_has_no_index_last():
    """Largest first, NaN at the end, of the deciding quantity alone."""
    rows = [row("a", nan, nan), row("b", 0.1, 0), row("c", 0.5, 0), Index("clv", "d", "first", 0.9, 0, 1)]

    assert [one.path for one in ranked(rows, "sobol", "clv")] == ["c", "b", "a"]


def test_the_command_studies_draws_and_prints_within_100_columns(tmp_path, monkeypatch, capsys):
    """Small, from the command line."""
    monkeypatch.chdir(tmp_path)
    chosen = "study.ranges={personas.everyone.pace: {low: 0.5, high: 2}, money.discount_rate: {low: 0, high: 0.2}}"
    assert main(["+experiment=tiny", "customers=50", "study=sensitivity", chosen, "study.replications=2", "study.size=2", "hydra.run.dir=out"]) == 0
    printed = capsys.readouterr().out

    assert max(map(len, printed.splitlines())) <= 100
    assert "the same luck at every point" in " ".join(printed.split())
    names = {path.name for path in (tmp_path / "out").rglob("*")}
    assert {"indices.csv", "tornado.csv", "interaction.csv", "noise.csv", "sweep.parquet", "tornado_value_365d.png", "interaction.png"} <= names


def test_a_program_gets_the_same_findings(tmp_path, monkeypatch):
    """`sim.sensitivity`: the indices of the command on the same world, from ranges as Python has them."""
    monkeypatch.chdir(tmp_path)
    tiny = ["+experiment=tiny", "customers=50"]
    chosen = "study.ranges={personas.everyone.pace: {low: 0.5, high: 2}, money.discount_rate: {low: 0, high: 0.2}}"
    ranges = {"personas.everyone.pace": {"low": 0.5, "high": 2}, "money.discount_rate": {"low": np.float64(0), "high": 0.2}}
    found = sim.sensitivity(sim.load(*tiny), ranges, replications=2, size=2)

    assert main([*tiny, "study=sensitivity", chosen, "study.replications=2", "study.size=2", "study.figures=false", "hydra.run.dir=out"]) == 0
    found.write(tmp_path / "mine")
    assert (tmp_path / "mine" / "indices.csv").read_text() == (tmp_path / "out" / "indices.csv").read_text()


def test_the_command_says_by_its_status_that_points_failed(tmp_path, monkeypatch, capsys):
    """Status 1, after the findings of the others are printed: a horizon below 0."""
    monkeypatch.chdir(tmp_path)
    chosen = "study.ranges={money.discount_rate: {low: 0, high: 0.2}, horizon: {low: -1, high: 100}}"
    common = ["+experiment=tiny", "customers=50", "study=sensitivity", "study.replications=2", "study.size=2", "study.figures=false"]

    assert main([*common, chosen, "hydra.run.dir=out"]) == 1
    assert "failed: horizon: given -1" in capsys.readouterr().out
    assert (tmp_path / "out" / "indices.csv").is_file()


def test_many_inputs_with_long_names_fit_the_screen(tmp_path):
    """A world with every mechanism; 100 columns."""
    long = worlds.put(worlds.plain(60), channels__mail__odds__weigh__buy=1.8)
    inputs = (Range("channels.mail.odds.weigh.buy", 1, 2), Range("personas.keen.revenue.value.mean", 40, 80), Range("personas.calm.pace.aware", 1, 2))
    text = sensitivity(world(long), inputs, Asked("morris", 2, ("profit", "conversion_rate"), 2), Store(tmp_path / "points")).text()

    assert max(map(len, text.splitlines())) <= 100
