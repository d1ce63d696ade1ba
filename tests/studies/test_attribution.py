"""The attribution study: its truth against the exact solver, the placebo law and hand calculations; its sentences at their edges."""

import shlex
from functools import cache
from math import comb, isnan
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.app.cli import main
from sim.app.library import load
from sim.errors import ConfigError
from sim.log import Log
from sim.model import check
from sim.model.exact import solve
from sim.model.profiles import assign
from sim.play import play
from sim.report.figures import draw_credit
from sim.studies import splits
from sim.studies.attribution import Attribution, Options, attribution
from sim.studies.attribution_words import caps, verdicts
from sim.studies.counterfactual import Cut, binding, bound, budgeted, scaled, split_in_two, thinned, totals, truths
from sim.studies.credit import Credited, _ratio, effect
from sim.studies.replicate import over
from tests import worlds

T20, T10 = 7.35, 11.9  # the tail of |z| > 5, of Student's t with 19 and 9 degrees of freedom
PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "attribution.md"
STAGES = {
    "look": {"kind": "prospect", "entry": 1.0, "next": {"look": 0.7, "want": 0.1, "lost": 0.2}, "gap": {"mean": 5}},
    "want": {"kind": "prospect", "next": {"want": 0.6, "own_it": 0.2, "lost": 0.2}, "gap": {"mean": 3}},
    "own_it": {"kind": "customer", "order": {"on_entry": 1.0, "on_stay": 0.2}, "next": {"own_it": 0.9, "gone": 0.1}, "gap": {"mean": 20}},
    "lost": {"kind": "lost"},
    "gone": {"kind": "churned"},
}
CHANNELS = {
    "video": {"media": "paid", "share": {"look": 0.3}, "engage": 0.5, "odds": {"look": {"want": 3.0}}, "cost": {"exposure": 0.1}},
    "search": {"media": "paid", "share": {"want": 0.5}, "odds": {"want": {"own_it": 1.3}}, "cost": {"touch": 1.0}},
    "placebo": {"media": "paid", "share": {"look": 0.1, "want": 0.2}, "engage": 0.4, "cost": {"touch": 0.5}},
    "blog": {"share": {"look": 0.1}, "odds": {"look": {"want": 1.5}}, "cost": {"month": 10}},
}


def small(customers=1500, channels=CHANNELS, **top):
    """Return an independent world of few stages with exponential gaps, which has an exact solution."""
    persona = {"everyone": {"revenue": {"value": {"mean": 80, "family": "fixed"}}}}
    raw = {"customers": customers, "arrivals": {"days": 100}, "horizon": 500, "stages": STAGES, "personas": persona, "channels": channels}
    return worlds.made(raw | {"money": {"margin": 0.5}} | top)


@cache
def found(replications=4) -> Attribution:
    """Return the study of the small world, once."""
    return attribution(small(), Options(replications=replications, split_steps=2))


def rows_of(log: Log):
    """Return all rows."""
    return np.concatenate([rows for _, _, rows in log.blocks()])


@pytest.mark.parametrize("made", [small, lambda: worlds.made(worlds.put(worlds.everything(800), channels__placebo=worlds.PLACEBO, ab_test=None))])
def test_the_truth_of_a_placebo_is_zero_customer_by_customer(made):
    """The same rows but for channel, engaged and cost, thinned or held out, also where customers share desks and budgets."""
    world = made()
    base = rows_of(play(split_in_two(world, 0.5), clock="compiled"))
    for changed in (thinned(split_in_two(world, 0.5), "placebo", 0.1), split_in_two(world, 0.5, "placebo")):
        rows = rows_of(play(changed, clock="compiled"))
        assert all(np.array_equal(rows[name], base[name]) for name in ("customer", "number", "time", "stage_to", "revenue", "satisfaction"))
        assert np.count_nonzero(rows["channel"] != base["channel"]) > 10


def test_the_study_says_exactly_zero_of_a_placebo():
    """Conversions, contribution, per euro, lift: 0.0 with an interval of 0 to 0, though it has credit and a cost."""
    for quantity in ("conversions_caused", "contribution_caused", "average_contribution_per_euro", "marginal_contribution_per_euro", "true_lift"):
        row = found().found("placebo", quantity)
        assert (row.value, row.low, row.high) == (0, 0, 0), quantity
    assert found().credit("last", "placebo").conversions > 1
    assert found().found("placebo", "marginal_value_365d_per_euro").value == pytest.approx(-1, abs=1e-6)  # its price is lost, nothing else (rows hold f4)


def test_thinning_makes_a_tenth_of_the_exposures_plain_and_moves_no_other():
    """Binomial, within 5 standard errors; what is gone is own, what stays was there."""
    base, less = (rows_of(play(w, clock="compiled")) for w in (small(4000), thinned(small(4000), "placebo", 0.1)))
    gone, there = base["channel"] != less["channel"], np.count_nonzero(base["channel"] == 3)
    assert set(base["channel"][gone]) == {3}
    assert set(less["channel"][gone]) == {0}
    assert abs(gone.sum() / there - 0.1) < 5 * np.sqrt(0.1 * 0.9 / there)


def test_thinning_reaches_the_intensity_that_a_persona_sets():
    """A persona's own intensity of 0.5 becomes 0.45; another channel's stays."""
    raw = worlds.put(worlds.plain(100), personas__keen__set={"channels.ad.intensity": 0.5, "channels.mail.intensity": 0.7})
    changed = thinned(worlds.made(raw), "ad", 0.1)
    assert changed.personas["keen"].set == {"channels.ad.intensity": pytest.approx(0.45), "channels.mail.intensity": 0.7}
    assert (changed.channels["ad"].intensity, changed.channels["mail"].intensity) == (0.9, 1.0)


def test_what_a_channel_causes_is_what_the_exact_solver_says():
    """Holdout and margin, 20 replications: conversions by the horizon with and without, from the solver, within t19's 7.35 standard errors."""
    world = small(3000)
    whole = solve(world).by_horizon["conversion_rate"]

    def run(of, number):
        return truths(of, play(split_in_two(of, 0.5), clock="compiled", replication=number), number, Cut(0.5, 0.5))

    runs = over(run, world, range(20))
    for name in ("video", "search"):
        for expected, values in (
            (whole - solve(scaled(world, {name: 0.0})).by_horizon["conversion_rate"], [effect(r, name, "converted") for r in runs]),
            (
                whole - solve(scaled(world, {name: 0.5})).by_horizon["conversion_rate"],
                [(r.base.all().converted - r.thinned[name].converted) / 3000 for r in runs],
            ),
        ):
            assert expected > 0.005
            assert abs(np.mean(values) - expected) < T20 * np.std(values, ddof=1) / np.sqrt(20)


def test_the_split_in_two_changes_nobody_while_both_halves_are_the_same():
    """The base world of every twin is the world itself, byte by byte."""
    assert rows_of(play(split_in_two(small(500), 0.3), clock="compiled")).tobytes() == rows_of(play(small(500), clock="compiled")).tobytes()


def test_totals_add_up_to_what_metrics_say():
    """Contribution, cost and conversions of the arms together are those of the customers; value_365d is the metric's."""
    from sim.metrics import measure

    log = play(small(800, arrivals={"days": 0}), clock="compiled")
    metrics = {m.metric: m.value for m in measure(log, intervals=False) if m.by == "all"}
    sums = totals(log).all()
    assert sums.value / sums.followed == pytest.approx(metrics["value_365d"], rel=1e-9)
    assert sums.contribution == pytest.approx(metrics["margin"], rel=1e-9)
    assert sums.cost == pytest.approx(sums.paid.sum(), rel=1e-6)


def test_what_costs_nothing_an_exposure_has_no_value_per_euro():
    """The blog is paid by the month: empty, and said."""
    row = found().found("blog", "marginal_contribution_per_euro")
    assert isnan(row.value)
    assert row.note == "costs nothing an exposure, a touch or an order"
    assert found().found("blog", "conversions_caused").value > 0


def test_a_cost_that_did_not_change_is_not_said_to_be_none():
    """Empty too, for another reason: too few exposures were made plain to save anything."""
    rows = np.array([[5.0, 0.0], [-3.0, 0.0]])
    paid, free = (_ratio(("video", "marginal_contribution_per_euro"), rows, "", has_cost=has_cost) for has_cost in (True, False))

    assert isnan(paid.value)
    assert (paid.note, free.note) == ("its cost did not change", "costs nothing an exposure, a touch or an order")


def test_own_visits_have_credit_and_no_verdict(tmp_path):
    """What an analyst calls direct can't be held out: no sentence and no row of the figure says what it caused."""
    study = attribution(small(300), Options(replications=2, split_channels=0, seen="visits"))
    draw_credit(study, tmp_path)

    assert study.credit("last", "own").conversions > 1
    assert "gives own" not in study.text()
    assert verdicts([row("own", 50, 40, 30, 80)], [], "EUR") == verdicts([], [], "EUR")
    assert (tmp_path / "figures" / "credit.png").is_file()


def test_where_a_budget_binds_the_budget_is_thinned():
    """A budget of a fifth of the need binds in nearly all months; touches made plain would be bought by others. One of ten times the need never binds."""
    tight, wide = (small(3000, channels=worlds.put(CHANNELS, video__budget={"amount": amount, "per": "month"})) for amount in (40, 10_000))
    assert bound(wide, play(wide, clock="compiled")) == {}
    share = binding(tight, play(tight, clock="compiled"), "video")
    row = attribution(tight, Options(replications=4, thin=0.5, split_channels=0)).found("video", "marginal_contribution_per_euro")
    assert 0.1 < share < 1
    assert row.note == f"its budget was thinned: it binds in {100 * share:.0f} % of its periods"
    assert row.value > 0


def test_a_smaller_budget_is_smaller_and_nothing_else():
    """Ten per cent less money a month, the same intensity."""
    world = small(channels=worlds.put(CHANNELS, search__budget={"amount": 50, "per": "month"}))
    changed = budgeted(world, {"search": 0.9, "video": 0.9})
    assert changed.channels["search"].budget.amount == pytest.approx(45)
    assert (changed.channels["search"].intensity, changed.channels["video"]) == (1.0, world.channels["video"])


def test_a_grid_of_splits_has_every_split_once():
    """Stars and bars: C(steps + channels - 1, channels - 1); each sums to 1."""
    for channels, steps in ((2, 5), (3, 4), (4, 5)):
        made = list(splits.grid(channels, steps))
        assert len(set(made)) == len(made) == comb(steps + channels - 1, channels - 1)
        assert all(sum(split) == pytest.approx(1) for split in made)


MOVE = splits.Movable(("video", "search", "placebo"), np.array([100.0, 300.0, 50.0]))


@pytest.mark.parametrize("shares", [(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (0.2, 0.3, 0.5)])
def test_a_split_asks_for_no_intensity_that_a_world_may_not_have(shares):
    """The configuration's own check takes the factors, and refuses every capped one that is a thousandth larger; today's split changes nothing."""
    found = splits.factors(small(), MOVE, shares)
    check.world(assign(small().model_dump(exclude_unset=True), {f"channels.{name}.intensity": found[name] for name in found}))
    for name, wanted in zip(MOVE.channels, MOVE.wanted(shares), strict=True):
        if found[name] < wanted - 1e-6:
            with pytest.raises(ConfigError, match="too much"):
                check.world(assign(small().model_dump(exclude_unset=True), {f"channels.{n}.intensity": x * (1 + 1e-3 * (n == name)) for n, x in found.items()}))
    assert splits.factors(small(), MOVE, MOVE.costs / MOVE.costs.sum()) == pytest.approx({"video": 1, "search": 1, "placebo": 1})


def test_a_raise_that_does_not_fit_takes_all_there_is_and_no_other_channels_part():
    """Video alone would need 4.5 x .3 of look. Blog and placebo keep their tenths, though the placebo gets nothing: (1 - .2) / .3 = 8/3."""
    assert splits.factors(small(), MOVE, (1.0, 0.0, 0.0)) == pytest.approx({"video": 8 / 3, "search": 0, "placebo": 0})


@pytest.mark.parametrize(("share", "is_capped"), [(8 / 3 / 4.5, False), (8 / 3 / 4.5 + 1e-4, True)])
def test_a_cap_is_told_from_the_edge_on(share, is_capped):
    """Exactly the largest legal intensity is no cap; a hair more is, with the factor that was reached."""
    shares = (share, 1 - share, 0.0)
    row = splits.Split("last", shares, tuple(MOVE.wanted(shares)), tuple(splits.factors(small(), MOVE, shares).values()), 0.0, 0.0, -1.0, -2.0, 0.0)
    said = "Capped, for no more occasions exist: video at 2.67 times today's, at most (last). The money left over is not spent."
    assert caps(MOVE.channels, [row]) == ([said] if is_capped else [])


def test_money_misplaced_is_measured_against_the_best_split_of_the_same_luck():
    """The best row is 0 by definition; every model and today's split have a row; a grid that is refined finds no worse split on its seeds."""
    rows = {row.model: row for row in found().splits}
    assert rows["best"].misplaced == rows["best"].low == rows["best"].high == 0
    assert {"now", "holdout", "first", "last", "shapley"} <= set(rows)
    assert all(sum(row.shares) == pytest.approx(1) for row in rows.values())
    assert found().channels == ("video", "search", "placebo")


def test_credit_and_bias_are_of_the_same_conversions():
    """Credit less bias is what the holdout says was caused; shares and what has no credit sum to 1."""
    for model in ("first", "last", "markov_2", "shapley"):
        for name in CHANNELS:
            row = found().credit(model, name)
            assert row.conversions - row.bias == pytest.approx(found().found(name, "conversions_caused").value, abs=1e-9)
        assert sum(row.share for row in found().credits if row.model == model) == pytest.approx(1)


def test_the_report_keeps_to_a_hundred_columns_and_its_files_are_whole(tmp_path):
    """Text, five files; no line is longer than a terminal, numbers of the table are in credit.csv."""
    found().write(tmp_path)
    assert max(map(len, found().text().splitlines())) <= 100
    assert {f.name for f in tmp_path.iterdir()} == {"credit.csv", "truth.csv", "ranks.csv", "splits.csv", "attribution.json"}
    assert len((tmp_path / "credit.csv").read_text().splitlines()) == 1 + len(found().credits)


def row(channel, conversions, bias, low, high):
    """Return one row of credit by last touch."""
    return Credited("last", channel, conversions, 0.1, 1.0, 1.0, bias, low, high)


def test_a_verdict_names_a_channel_only_beyond_chance():
    """An interval that touches 0 is no finding, on either side; a loss is one only where its interval lies below 0."""
    sure, doubtful = [row("a", 50, 40, 1e-9, 80), row("b", 5, -10, -19, -1e-9)], [row("a", 50, 40, 0, 80), row("b", 5, -10, -20, 0)]
    loss = splits.Split("last", (1.0,), (1.0,), (1.0,), 0.0, 0.0, -10.0, -20.0, -1e-9)
    assert verdicts(sure, [loss], "EUR")[:2] == [
        "The last touch gives a 50 conversions; it caused 10.",
        "The last touch gives b 5.0 conversions; it caused 15.",
    ]
    assert verdicts(doubtful, [], "EUR") == ["No channel's credit by the last touch differs from what it caused by more than chance could."]
    assert verdicts(sure, [loss], "EUR")[2].startswith("Following it would lose EUR 10")
    assert "is not shown" in verdicts(sure, [loss._replace(high=0.0)], "EUR")[2]


@pytest.mark.parametrize(
    ("wrong", "path"),
    [({"seen": "clicks"}, "study.seen"), ({"replications": 1}, "study.replications"), ({"thin": 0}, "study.thin"), ({"holdout": 1}, "study.holdout")],
)
def test_an_option_that_makes_no_sense_is_refused(wrong, path):
    """By its path, before anything is played."""
    with pytest.raises(ConfigError) as caught:
        Options(**wrong)
    assert caught.value.problems[0].path == path


def test_a_world_with_a_test_of_its_own_or_without_channels_is_refused():
    """The study splits the customers itself, and needs somebody to give credit to."""
    with pytest.raises(ConfigError, match="ab_test=none"):
        attribution(worlds.made(worlds.plain(100, ab_test=worlds.ARMS)))
    with pytest.raises(ConfigError, match="at least one channel"):
        attribution(small(channels={}))


def test_a_file_of_paths_is_divided_from_the_command_line(tmp_path, capsys):
    """No world is played; the table says how many rows were used, and that the truth is not in the file."""
    (tmp_path / "paths.csv").write_text("path,total_conversions,total_null\na > b,2,1\nb,0,3\n")
    assert main(["study=attribution", f"study.paths={tmp_path / 'paths.csv'}", f"hydra.run.dir={tmp_path / 'out'}"]) == 0
    said = capsys.readouterr().out
    assert "2 rows used; none left out" in said
    assert "can't be read from paths" in said
    assert (tmp_path / "out" / "credit.csv").is_file()


def lifted(seed):
    """Return a world whose three paid channels have odds drawn from 1 to 4, shares and costs drawn too."""
    random = np.random.Generator(np.random.PCG64(seed))
    channels = {}
    for name, stage, to in (("a", "look", "want"), ("b", "want", "own_it"), ("c", "look", "want")):
        share, odds, price = random.uniform(0.05, 0.3), random.uniform(1, 4), random.uniform(0.1, 1)
        channels[name] = {"media": "paid", "share": {stage: share}, "engage": 0.7, "odds": {stage: {to: odds}}, "cost": {"exposure": price}}
    return small(4000, channels=channels, seed=seed)


@pytest.mark.parametrize("seed", [1, pytest.param(range(50), marks=pytest.mark.slow)])
def test_every_rule_is_given_its_bias_and_its_rank_correlation(seed):
    """S16: worlds of known lift (the solver's); the holdout orders channels as the solver does where lifts differ; every rule has bias and tau.

    All 50 worlds: pytest -m slow tests/studies/test_attribution.py -k rank_correlation
    """
    agree = []
    for number in [seed] if isinstance(seed, int) else seed:
        world = lifted(number)
        study = attribution(world, Options(replications=4, split_channels=0))
        whole = solve(world).by_horizon["conversion_rate"]
        lifts = [whole - solve(scaled(world, {name: 0.0})).by_horizon["conversion_rate"] for name in world.channels]
        caused = [study.found(name, "conversions_caused").value / world.customers for name in world.channels]
        agree.append(np.corrcoef(lifts, caused)[0, 1])
        assert all(np.isfinite([r.bias, r.low, r.high]).all() for r in study.credits if r.channel in (*world.channels, "own"))
        assert all(-1 <= r.tau <= 1 and r.inversions <= r.pairs == 3 for r in study.ranks)
    assert np.mean(agree) > 0.9


@pytest.mark.parametrize("line", [line.strip() for line in PAGE.read_text().splitlines() if line.startswith("    polku")])
def test_every_command_of_the_how_to_page_composes(line):
    """Read as a shell would, every option is known."""
    assert load(*shlex.split(line)[1:]).channels


def test_a_program_gets_the_same_tables():
    """`sim.attribution` with options by name; tidy frames, one row a model and channel, a channel and quantity."""
    study = sim.attribution(small(300), replications=2, split_channels=0)
    assert list(study.frame().columns) == list(Credited._fields)
    assert set(study.truth_frame()["channel"]) == set(CHANNELS)
