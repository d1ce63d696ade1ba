"""Attribution models against hand calculations, theorems and published examples."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim import log as L
from sim.errors import ConfigError, LogError
from sim.metrics.attribution import markov, rules, shapley
from sim.metrics.attribution.models import MODELS, credits_of
from sim.metrics.attribution.paths import Paths, from_file, from_log

REAL = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "attribution_paths" / "path_data.csv"
NAMES = ("own", "a", "b", "c", "d", "unseen")


def made(*journeys, channels=NAMES, direct=0):
    """Return paths from (steps, won, null) or (steps, won, null, value, ages); steps are names' letters, ``-`` is own."""
    full = [(*j, *(j[1] * 10.0, [0.0] * len(j[0]))[len(j) - 3 :]) for j in journeys]
    codes = [0 if step == "-" else channels.index(step) for j in full for step in j[0]]
    start = np.concatenate([[0], np.cumsum([len(j[0]) for j in full])]).astype(int)
    won, null, value = (np.array([float(j[k]) for j in full]) for k in (1, 2, 3))
    return Paths(channels, start, np.array(codes, int), np.concatenate([[], *(j[4] for j in full)]), won, null, value, direct, "")


def drawn(seed, journeys=60):
    """Return random paths over the first four channels, some without a step."""
    random = np.random.Generator(np.random.PCG64(seed))
    steps = ["".join(random.choice(list("-abcd"), random.integers(0, 7))) for _ in range(journeys)]
    return made(*((s, *random.integers(0, 5, 2), random.uniform(0, 100), random.uniform(0, 60, len(s))) for s in steps))


@pytest.mark.parametrize("seed", range(200))
def test_credit_and_what_has_none_sum_to_all_conversions(seed):
    """Every model, 200 random sets of paths (S15), in conversions and in value, to 1e-9."""
    paths = drawn(seed)
    for name, credit in credits_of(paths).items():
        assert credit.conversions.sum() + credit.unattributed == pytest.approx(paths.won.sum(), abs=1e-9), name
        assert credit.value.sum() + credit.unattributed_value == pytest.approx(paths.value.sum(), abs=1e-9), name
        if name != "self_reported":
            assert credit.unattributed == pytest.approx(paths.won[paths.steps == 0].sum(), abs=1e-9), name


@pytest.mark.parametrize("seed", range(20))
def test_shapley_of_the_path_game_is_linear_over_distinct_channels(seed):
    """An identity (estimators 17): a path of A, A, B gives each of the two a half, not two thirds and one."""
    paths = drawn(seed)
    expected = np.zeros(len(NAMES))
    for i, won in enumerate(paths.won):
        distinct = np.unique(paths.channel[paths.start[i] : paths.start[i + 1]])
        expected[distinct] += won / max(1, len(distinct))

    assert shapley.shapley(paths, paths.won) == pytest.approx(expected, abs=1e-9)
    assert MODELS["shapley"](made(("aab", 1, 0))).conversions[1:3] == pytest.approx([0.5, 0.5], abs=1e-12)
    assert MODELS["linear"](made(("aab", 1, 0))).conversions[1:3] == pytest.approx([2 / 3, 1 / 3], abs=1e-12)


def test_shapley_of_a_worked_game():
    """The glove game: players 0 and 1 hold a left glove, 2 a right one; a pair is worth 1: 1/6, 1/6, 4/6 (Shapley 1953)."""
    values = shapley.exact(lambda s: float(bool(s & 3) and bool(s & 4)), 3)
    assert values == pytest.approx([1 / 6, 1 / 6, 4 / 6], abs=1e-12)


def test_a_coalition_is_worth_the_paths_that_need_nobody_else():
    """Paths a, b and a: alone a is worth 3 and b nothing, together 5; a path without a step is nobody's."""
    game = shapley.path_game(paths := made(("ab", 2, 0), ("a", 3, 0), ("", 7, 0)), paths.won)
    assert [game(s << 1) for s in range(4)] == [0, 3, 0, 5]


def test_sampled_shapley_comes_near_the_exact_one():
    """Fifteen players whose worth is a weighted sum squared: value w_i Σ w (each pair split evenly); efficient in every sample."""
    weights = np.arange(1.0, 16.0)
    values = shapley.sampled(lambda s: float(sum(w for k, w in enumerate(weights) if s >> k & 1)) ** 2, 15, 200)
    assert values.sum() == pytest.approx(weights.sum() ** 2, rel=1e-12)
    assert values == pytest.approx(weights * weights.sum(), rel=1e-9)  # forwards and backwards cancel exactly in a game of pairs


def test_sampling_takes_over_above_twelve_channels():
    """Thirteen channels on one path: a thirteenth each, within 5 standard errors of 1,000 orders (forwards and backwards)."""
    names = tuple("abcdefghijklm")
    values = shapley.shapley(made(("".join(names), 13, 0), channels=names, direct=-1), np.array([13.0]))
    assert values.sum() == pytest.approx(13, abs=1e-9)
    assert np.abs(values - 1).max() < 5 * np.sqrt(12 / 1000)


@pytest.mark.parametrize("seed", range(10))
def test_a_channel_on_no_path_earns_nothing(seed):
    """A null player: every model gives it exactly 0."""
    assert all(credit.conversions[5] == 0 == credit.value[5] for credit in credits_of(drawn(seed)).values())


@pytest.mark.parametrize("seed", range(10))
def test_paths_taken_three_times_as_often_earn_three_times_as_much(seed):
    """Duplicates scale (S15): by counts, and by writing every row three times."""
    paths = drawn(seed)
    thrice = Paths(paths.channels, paths.start, paths.channel, paths.age, 3 * paths.won, 3 * paths.null, 3 * paths.value, 0, "")
    start = np.concatenate([[0], np.cumsum(np.tile(paths.steps, 3))])
    repeated = Paths(paths.channels, start, *(np.tile(x, 3) for x in (paths.channel, paths.age, paths.won, paths.null, paths.value)), 0, "")
    for name, model in MODELS.items():
        assert model(thrice).conversions == pytest.approx(3 * model(paths).conversions, abs=1e-9), name
        assert model(repeated).conversions == pytest.approx(3 * model(paths).conversions, abs=1e-9), name


def test_removal_effects_of_a_worked_example():
    """Three journeys: a, b, c, bought; a, nothing; b, c, nothing. By hand: without a half the conversions, without b or c none: 0.2, 0.4, 0.4."""
    paths = made(("abc", 1, 0), ("a", 0, 1), ("bc", 0, 1))
    assert markov.converts(markov.chain(paths)) == pytest.approx(1 / 3, abs=1e-12)
    assert markov.removal_effects(paths)[1:4] == pytest.approx([0.5, 1.0, 1.0], abs=1e-12)
    assert MODELS["markov_1"](paths).conversions[1:4] == pytest.approx([0.2, 0.4, 0.4], abs=1e-12)


def test_removal_effects_with_a_loop_worked_by_hand():
    """Journeys a, a, b (two bought), a, b (nothing) and b (one bought, one not): without a only those that begin with b are left."""
    paths = made(("aab", 2, 0), ("ab", 0, 1), ("b", 1, 1))
    # a -> a 2/5, a -> b 3/5; b -> bought 3/5. Begins: a 3/5, b 2/5. Whole 3/5; without a 2/5 * 3/5.
    assert markov.converts(markov.chain(paths)) == pytest.approx(3 / 5, abs=1e-12)
    assert markov.removal_effects(paths)[1:3] == pytest.approx([1 - (2 / 5 * 3 / 5) / (3 / 5), 1.0], abs=1e-12)


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("seed", range(5))
def test_a_chain_converts_as_often_as_the_journeys_it_was_made_from(order, seed):
    """Flow in equals flow out in counts, so the solved chance is conversions / journeys, for every order."""
    paths = drawn(seed)
    some = paths.steps > 0
    expected = paths.won[some].sum() / (paths.won + paths.null)[some].sum()
    assert markov.converts(markov.chain(paths, order)) == pytest.approx(expected, abs=1e-9)


def test_a_longer_memory_sees_what_a_shorter_one_mixes():
    """Only a, b, c buys; d, b, c never. Order 1 forgets what came before b; order 3 gives d an effect of exactly 0."""
    paths = made(("abc", 10, 0), ("dbc", 0, 10))
    assert markov.removal_effects(paths, 1)[[1, 4]] == pytest.approx([0.5, 0.5], abs=1e-12)
    assert markov.removal_effects(paths, 3)[[1, 4]] == pytest.approx([1.0, 0.0], abs=1e-12)


def test_rules_divide_a_path_as_written():
    """One path a, b, own, c at ages 14, 7, 1, 0: weights by hand; half-life 7: 1/4, 1/2, 2^(-1/7), 1 over their sum."""
    paths = made(("ab-c", 1, 0, 10, [14.0, 7.0, 1.0, 0.0]))
    decay = np.array([0.25, 0.5, 2 ** (-1 / 7), 1.0])
    expected = {
        rules.first: [1, 0, 0, 0],
        rules.last: [0, 0, 0, 1],
        rules.linear: [0.25] * 4,
        rules.position: [0.4, 0.1, 0.1, 0.4],
        rules.time_decay: decay / decay.sum(),
        rules.self_reported: [0.575, 0.075, 0.075, 0.075],
    }
    for rule, weights in expected.items():
        assert rule(paths) == pytest.approx(weights, abs=1e-12), rule.__name__


def test_last_non_direct_passes_over_own():
    """a, b, own: the last is own, the last that is not direct is b; where all are own, own keeps it."""
    paths = made(("ab-", 1, 0), ("--", 1, 0))
    assert rules.last(paths) == pytest.approx([0, 0, 1, 0, 1])
    assert rules.last_non_direct(paths) == pytest.approx([0, 1, 0, 0, 1])


def test_short_paths_by_position():
    """Of one step: all; of two: halves."""
    assert rules.position(made(("a", 1, 0), ("ab", 1, 0))) == pytest.approx([1, 0.5, 0.5])


def log_of(rows, entry=(0, 0, 2), horizon=100.0):
    """Return a log of customers in stages look, think (prospect), buy (customer), gone; rows: (customer, time, channel, engaged, to)."""
    terms = L.Terms(horizon, ("look", "think", "buy", "gone"), ("prospect", "prospect", "customer", "lost"), NAMES[:4], ("own", *["paid"] * 3), (False,) * 4)
    terms = replace(terms, discount=(((0.0,) * 4,),))
    births, out = np.zeros(len(entry), L.BIRTH), np.zeros(len(rows), L.ROW)
    births["customer"], births["entry"], births["parent"], births["arm"] = np.arange(len(entry)), entry, -1, -1
    for row, (who, time, channel, engaged, to) in zip(out, rows, strict=True):
        row["customer"], row["time"], row["channel"], row["flags"], row["stage_to"] = who, time, NAMES.index(channel), engaged, to
    out["revenue"][out["stage_to"] == 2] = 50
    return L.in_memory(terms, births, out)


ROWS = [
    (0, 1, "a", 1, 0),
    (0, 5, "own", 0, 1),
    (0, 8, "b", 0, 1),
    (0, 9, "c", 1, 2),
    (0, 10, "b", 1, 2),
    (1, 2, "b", 1, 0),
    (1, 40, "a", 1, 3),
    (2, 3, "a", 1, 2),
]


def test_a_path_ends_with_the_touch_that_converts():
    """Three customers: buys at a touch (later touches do not count), leaves, arrived as a customer (no path)."""
    paths = from_log(log_of(ROWS))
    assert [NAMES[k] for k in paths.channel] == ["a", "c", "b", "a"]
    assert paths.start.tolist() == [0, 2, 4]
    assert paths.age.tolist() == [8, 0, 38, 0]
    assert (paths.won.tolist(), paths.null.tolist(), paths.value.tolist()) == ([1, 0], [0, 1], [100, 0])  # both orders of the run count
    assert paths.note == "2 customers, 1 converted; 1 arrived as customers and have no path"


def test_age_counts_from_a_conversion_at_an_own_occasion():
    """A touch on day 1, bought on day 4 without any: the touch is 3 days old."""
    assert from_log(log_of([(0, 1, "a", 1, 0), (0, 4, "own", 0, 2)])).age.tolist() == [3]


def test_what_is_seen_and_how_far_back_is_the_analysts_choice():
    """Visits show own occasions, exposures also what was not engaged with, a lookback of 5 days forgets the rest."""
    assert [NAMES[k] for k in from_log(log_of(ROWS), seen="visits").channel[:3]] == ["a", "own", "c"]
    assert [NAMES[k] for k in from_log(log_of(ROWS), seen="exposures").channel[:3]] == ["a", "b", "c"]
    assert [NAMES[k] for k in from_log(log_of(ROWS), lookback=5.0).channel] == ["c", "a"]
    with pytest.raises(ConfigError, match="did you mean 'touches'"):
        from_log(log_of(ROWS), seen="touch")


def test_every_row_of_a_file_is_used_or_counted(tmp_path):
    """Two rows can be used; one with no number, one negative and one that nobody took are counted with the reason."""
    file = tmp_path / "paths.csv"
    file.write_text("path,total_conversions,total_null\na > b,2,1\nb,x,1\nb,-1,1\nb,0,0\n direct > a ,1,0\n")
    paths = from_file(file)
    assert (paths.channels, paths.won.tolist(), paths.direct) == (("a", "b", "direct"), [2, 1], 2)
    assert paths.note.startswith("2 rows used; 1 not used: a count is no number; 1 not used: a count is negative")
    assert "time_decay" not in credits_of(paths)


def test_a_file_that_is_none_is_refused(tmp_path):
    """The error names the file and the column."""
    file = tmp_path / "paths.csv"
    file.write_text("way,total_conversions\na,1\n")
    with pytest.raises(LogError, match="column 'path'"):
        from_file(file)


@pytest.mark.skipif(not REAL.is_file(), reason="the shared data are not here")
def test_the_real_paths_come_to_the_totals_of_their_readme():
    """10,000 rows, 19,785 conversions worth 74,802.97, 68,602 journeys without; order 1 converts as the counts do."""
    paths = from_file(REAL)
    assert (len(paths.won), len(paths.channels), paths.won.sum(), paths.null.sum()) == (10_000, 12, 19_785, 68_602)
    assert paths.value.sum() == pytest.approx(74_802.97, abs=0.005)
    assert markov.converts(markov.chain(paths)) == pytest.approx(19_785 / (19_785 + 68_602), abs=1e-12)


@pytest.mark.skipif(not REAL.is_file(), reason="the shared data are not here")
def test_the_real_paths_divide_as_another_calculation_does():
    """First, last and linear by splitting strings with pandas; Shapley is linear over distinct channels; orders 1 to 3 sum to all."""
    import pandas as pd

    table = pd.read_csv(REAL)
    paths, steps = from_file(REAL), table["path"].str.split(" > ")
    found = credits_of(paths)
    one = table.assign(channel=steps, credit=table["total_conversions"] / steps.str.len()).explode("channel").groupby("channel")["credit"].sum()
    sets = steps.map(set)
    some = table.assign(channel=sets.map(list), credit=table["total_conversions"] / sets.map(len)).explode("channel").groupby("channel")["credit"].sum()
    for name, series in {
        "first": table["total_conversions"].groupby(steps.str[0]).sum(),
        "last": table["total_conversions"].groupby(steps.str[-1]).sum(),
        "linear": one,
        "shapley": some,
    }.items():
        assert found[name].conversions == pytest.approx(series.reindex(paths.channels, fill_value=0).to_numpy(), abs=1e-9), name
    assert all(credit.unattributed == pytest.approx(0, abs=1e-9) for name, credit in found.items() if name != "self_reported")
