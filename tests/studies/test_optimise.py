"""The split of a total: what fits, what is searched, what is judged, and sentences at their edges."""

import csv
import json
import sys
from functools import cache

import numpy as np
import pytest
from scipy import stats

from sim.app.library import load
from sim.errors import ConfigError
from sim.metrics import METRICS
from sim.metrics.journey import facts
from sim.metrics.rows import MONTH
from sim.model import check
from sim.model.profiles import assign
from sim.play import play
from sim.report.figures import response
from sim.studies.counterfactual import totals
from sim.studies.occasions import occasions
from sim.studies.optimise import Gain, Options, Plays, optimise
from sim.studies.optimise_search import search
from sim.studies.optimise_space import Space, Split, applied, chosen_channels, chosen_desks, settings
from sim.studies.optimise_words import curse, sentence
from tests import worlds

STAGES = {
    "look": {"kind": "prospect", "entry": 1.0, "next": {"look": 0.7, "want": 0.1, "lost": 0.2}, "gap": {"mean": 5}},
    "want": {"kind": "prospect", "next": {"want": 0.6, "own_it": 0.2, "lost": 0.2}, "gap": {"mean": 3}},
    "own_it": {"kind": "customer", "order": {"on_entry": 1.0}, "next": {"own_it": 0.9, "gone": 0.1}, "gap": {"mean": 20}},
    "lost": {"kind": "lost"},
    "gone": {"kind": "churned"},
}
CHANNELS = {
    "video": {"media": "paid", "share": {"look": 0.3}, "odds": {"look": {"want": 4.0}}, "cost": {"exposure": 0.5}},
    "search": {"media": "paid", "share": {"look": 0.2, "want": 0.5}, "odds": {"want": {"own_it": 1.3}}, "cost": {"exposure": 1.0}},
    "blog": {"share": {"look": 0.1}},
}
DESK = {"people": 2, "wage": 100, "serves": {"stages": ["want"]}, "service": {"mean": 0.2}, "patience": {"mean": 3}, "gives_up_to": "lost"}
QUICK = Options(trials=10, replications=2, fresh=10, points=3)


def raw(customers=300, **top):
    """Return a small world as plain data."""
    persona = {"everyone": {"revenue": {"value": {"mean": 80, "family": "fixed"}}}}
    out = {"customers": customers, "arrivals": {"days": 100}, "horizon": 500, "stages": STAGES, "personas": persona, "channels": CHANNELS}
    return out | {"money": {"margin": 0.5}} | top


def space(world, total=1000.0, costs=(100.0, 50.0), people=(2,), wages=(100.0,)):
    """Return what can be decided in the small world, at prices by hand."""
    return Space(("video", "search"), np.array(costs), ("sales",) * len(people), np.array(wages), people, total, occasions(world, ("video", "search")))


@cache
def found():
    """Return the study of the small world with a desk, once."""
    return optimise(check.world(raw(desks={"sales": DESK})), QUICK)


def test_a_raise_is_shrunk_to_the_occasions_that_exist():
    """In look .3 x 3 + .2 + .1 is 1.2: the raise of 2 is halved and more, (1 - .6) / .3 = 4/3. Search, lowered, gives nothing to video."""
    held = space(check.world(raw())).held
    assert held.shrunk(np.array([3.0, 1.0])) == pytest.approx((7 / 3, 1.0))
    assert held.shrunk(np.array([3.0, 0.0])) == pytest.approx((7 / 3, 0.0))
    assert held.shrunk(np.array([1.5, 1.2])) == (1.5, 1.2)


def test_a_raise_in_one_stage_does_not_suffer_for_another():
    """Video's occasions are in look alone: search of 9 times in want shrinks search, and video only as far as look is shared."""
    narrow = check.world(raw(channels={**CHANNELS, "search": {**CHANNELS["search"], "share": {"want": 0.5}}}))
    assert space(narrow).held.shrunk(np.array([2.0, 9.0])) == pytest.approx((2.0, 2.0))


def test_every_split_is_a_world_that_passes_every_check():
    """The largest intensities that fit are those that the configuration allows (`sim.model.sense`), also for a persona's own."""
    own = {"everyone": {"revenue": {"value": {"mean": 80, "family": "fixed"}}, "set": {"channels.video.intensity": 0.5}}}
    for data in (raw(desks={"sales": DESK}), raw(desks={"sales": DESK}, personas=own)):
        world = check.world(data)
        here = space(world)
        split = Split(here.held.shrunk(np.array([50.0, 50.0])), (3,))
        made = check.world(assign(data, settings(world, here, split)))
        assert made.model_dump() == applied(world, here, split).model_dump()
        assert made.desks["sales"].people == 3


def test_budgets_move_with_the_money():
    """A budget of 30 is 60 where twice the money goes, so that it is not what holds the money back."""
    world = check.world(raw(channels={**CHANNELS, "video": {**CHANNELS["video"], "budget": {"amount": 30, "per": "month"}}}))
    assert settings(world, space(world, people=(), wages=()), Split((2.0, 1.0), ())) == {"channels.video.intensity": 2.0, "channels.video.budget.amount": 60.0}


def test_people_are_hired_as_far_as_the_total_pays():
    """Of 1,000 with wages of 100 and 250: one each is 350; 5 more of the first leave 150, too little for another of the second."""
    world = check.world(raw())
    two = Space((), np.zeros(0), ("a", "b"), np.array([100.0, 250.0]), (1, 1), 1000.0, occasions(world, ()))
    assert two.hired((6, 2)) == (6, 1)
    assert two.hired((1, 9)) == (1, 3)
    assert two.most_people == (7, 3)


def test_profit_and_money_are_those_of_the_metrics():
    """Profit with wages and monthly fees, money a month by channel, for two replications."""
    world = check.world(raw(desks={"sales": DESK}, channels={**CHANNELS, "blog": {"share": {"look": 0.1}, "cost": {"month": 7}}}))
    runs = Plays(world, space(world), "profit", range(2)).of(space(world).today)
    for number, row in enumerate(runs):
        log = play(world, clock="compiled", replication=number)
        profit = next(m.value for m in METRICS["profit"](facts(log, intervals=False)) if m.by == "all")
        assert row == pytest.approx([profit, *(totals(log).all().paid[1:3] * MONTH / 500)])


def test_todays_split_is_the_first_trial_and_costs_the_total():
    """Where nobody names a total it is what is spent today."""
    first = found().trials[0]
    assert first.split == found().space.today == Split((1.0, 1.0), (2,))
    assert first.spent == pytest.approx(found().space.total)
    assert len(found().trials) == QUICK.trials


def test_what_fits_costs_no_more_than_the_total():
    """Half a percent is luck; the best split is one of those that fit, with the most of the goal."""
    fitting = [trial for trial in found().trials if trial.fits]
    assert all(trial.spent <= found().space.total * 1.005 for trial in fitting)
    assert found().best == max(fitting, key=lambda trial: trial.value).split


def test_the_gain_is_judged_on_replications_that_the_search_has_not_seen():
    """Student's interval (scipy) of paired profits on replications 2 to 11; the search had 0 and 1."""
    study = found()
    pair = [Plays(study.world, study.space, "profit", range(2, 12)).of(split)[:, 0] for split in (study.best, study.space.today)]
    gains = pair[0] - pair[1]
    assert (study.gain.low, study.gain.high) == pytest.approx(stats.t.interval(0.95, 9, gains.mean(), stats.sem(gains)))
    seen = [Plays(study.world, study.space, "profit", range(2)).of(split)[:, 0].mean() for split in (study.best, study.space.today)]
    assert study.gain.search == pytest.approx(seen[0] - seen[1])


def test_the_search_finds_the_top_of_a_hill():
    """Goal 10 - ((money of video - 60) / 30)² - money of search / 30, total 150: the top costs 60, the rest is kept; a seed gives its trials again."""

    def hill(split, count=None):
        money = np.array(split.factors) * (100.0, 50.0)
        return np.array([[10 - ((money[0] - 60) / 30) ** 2 - money[1] / 30, *money]])

    here = space(check.world(raw()), total=150.0, people=(), wages=())
    trials = search(here, hill, 60, 1)
    assert max(trial.value for trial in trials if trial.fits) > 9.5
    assert trials == search(here, hill, 60, 1)
    assert trials != search(here, hill, 60, 2**70)


def test_few_numbers_of_people_are_all_tried():
    """A total of 500 pays 1 to 5 people at 100 each: five trials, today's two first, whatever was asked for."""
    here = Space((), np.zeros(0), ("sales",), np.array([100.0]), (2,), 500.0, occasions(check.world(raw()), ()))
    trials = search(here, lambda split, count=None: np.array([[-float(abs(split.people[0] - 4))]]), 40, 1)
    assert [trial.split.people[0] for trial in trials] == [2, 1, 3, 4, 5]


def test_optuna_says_nothing_and_is_left_as_it_was(capfd):
    """No line of its log, no warning; its verbosity is what it was."""
    import optuna

    before = optuna.logging.get_verbosity()
    optimise(check.world(raw(100)), Options(trials=6, replications=1, fresh=10, points=0))
    assert optuna.logging.get_verbosity() == before
    assert capfd.readouterr() == ("", "")


def test_a_missing_optuna_is_named_with_the_command_that_installs_it(monkeypatch):
    """None in sys.modules makes the import fail, as if it were not there."""
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(ConfigError, match="pip install"):
        optimise(check.world(raw(50)), Options(trials=2, replications=1, fresh=10, points=0))


def test_where_nothing_can_move_todays_split_stays():
    """One person whose wage is the total: every trial is today's, the gain is exactly 0, and nothing is claimed."""
    study = optimise(check.world(raw(100, channels={}, desks={"sales": {**DESK, "people": 1}})), Options(trials=4, replications=2, fresh=10, points=3))
    assert study.best == study.space.today
    assert (study.gain.mean, study.gain.low, study.gain.high) == (0, 0, 0)
    assert "not shown to be worse" in study.text()
    assert study.settings == {}


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.001, 40, "Another split is better"),
        (0.0, 40, "not shown to be worse: the best one found changes"),
        (-40, -0.001, "not shown to be worse: the one that did best in the search is worse"),
        (-40, 40, "not shown to be worse: the best one found changes"),
        (-10, 10, "as good as the best one found"),
        (1, 10, "as good as the best one found"),
        (1, 10.001, "Another split is better"),
    ],
)
def test_the_verdict_is_true_at_its_edges(low, high, said):
    """What matters is 10: an interval within ± 10 shows no difference that matters, even where it excludes 0."""
    gain = Gain(5, (low + high) / 2, low, high, 100, 105)
    assert said in sentence(gain, 10.0, goal="profit", unit="EUR", fresh=10, tried=20)
    assert "No split that was tried" in sentence(gain, 10.0, goal="profit", unit="EUR", fresh=10, tried=None)


@pytest.mark.parametrize(("seen", "said"), [(5, "has not flattered"), (5.001, "some flattery"), (9, "some flattery"), (9.001, "Expect the fresh one")])
def test_the_winners_curse_is_told_as_it_is(seen, said):
    """Fresh 5, interval 1 to 9: at most 5 is no flattery, above 9 the interval does not hold it."""
    assert said in curse(Gain(seen, 5, 1, 9, 100, 105), 20, "EUR")


def test_every_curve_passes_through_the_best_split():
    """Each decision has its best point, with the fresh gain; people are whole; more money never makes the point cheaper."""
    study = found()
    for row in study.decided:
        points = [point for point in study.curves if point.decision == row.decision]
        assert [point.gain for point in points if point.is_best] == [study.gain.mean]
        assert sorted(point.at for point in points) == [point.at for point in points]
    assert all(point.at == int(point.at) for point in study.curves if point.kind == "desk")


def test_everything_is_written_and_the_best_split_runs(tmp_path):
    """Tables with a row each, numbers in JSON, a scenario that `polku -cd FOLDER scenario=best_split` plays as the study did."""
    study = optimise(load("customers=300", "personas=b2c", "channels=digital"), Options(trials=6, replications=1, fresh=10, points=0))
    study.write(tmp_path)
    again = load("customers=300", "personas=b2c", "channels=digital", "scenario=best_split", config_dir=tmp_path)
    assert again.channels == applied(study.world, study.space, study.best).channels
    assert len(list(csv.DictReader((tmp_path / "trials.csv").open()))) == 6
    assert json.loads((tmp_path / "optimise.json").read_text())["gain"]["mean"] == pytest.approx(study.gain.mean, rel=1e-5, abs=1e-9)


def test_the_text_fits_the_terminal_and_the_figure_shows_every_decision(tmp_path):
    """100 columns; a panel a decision, in PNG and SVG."""
    assert max(map(len, found().text().splitlines())) <= 100
    drawn = response.save(found(), tmp_path)[1].read_text()
    assert all(name in drawn for name in ("Video", "Search", "Sales", "people"))


@pytest.mark.parametrize(
    ("world", "options", "path"),
    [
        (raw(100), {"goal": "clv"}, "study.goal"),
        (raw(100), {"fresh": 5}, "study.fresh"),
        (raw(100), {"total": 0}, "study.total"),
        (raw(100), {"channels": ["vidoe"]}, "study.channels"),
        (raw(100), {"channels": ["blog"]}, "study.channels"),
        (raw(100), {"desks": ["sales"]}, "study.desks"),
        (raw(100, channels={}), {}, "study"),
        (raw(100, desks={"sales": {**DESK, "wage": 0}}), {"desks": ["sales"]}, "desks.sales.wage"),
        (raw(100, desks={"sales": DESK}), {"total": 50.0}, "study.total"),
        (raw(100, ab_test={"name": "t", "arms": {"a": {"share": 0.5}, "b": {"share": 0.5}}}), {}, "ab_test"),
    ],
)
def test_what_makes_no_sense_is_refused_by_path(world, options, path):
    """Every problem names the option or the field that must change."""
    with pytest.raises(ConfigError) as refused:
        optimise(check.world(world), Options(**options))
    assert refused.value.problems[0].path == path


def test_paid_channels_and_paid_desks_are_decided_unless_others_are_named():
    """Webinar and e-mail are owned; both desks of the default world pay wages."""
    world = load()
    assert chosen_channels(world, None) == ("paid_search", "paid_social", "display_retargeting")
    assert chosen_channels(world, ["email", "paid_search"]) == ("paid_search", "email")
    assert chosen_desks(world, None) == ("sales", "helpdesk")
    assert chosen_desks(world, []) == ()


def test_a_year_is_twelve_months():
    """A total of 12,000 a year is 1,000 a month (a month is 365/12 days)."""
    asked = Options(total=12_000.0, per="year", trials=2, replications=1, fresh=10, points=0)
    assert optimise(check.world(raw(50)), asked).space.total == 1000.0


def test_value_is_optimised_where_it_can_be_measured():
    """value_365d, per arrival; a horizon too short for it is refused with the reason."""
    study = optimise(check.world(raw(200)), Options(goal="value_365d", trials=3, replications=2, fresh=10, points=0))
    log = play(study.world, clock="compiled", replication=2)
    value = next(m.value for m in METRICS["value_365d"](facts(log, intervals=False, enough=2)) if m.by == "all")
    assert Plays(study.world, study.space, "value_365d", [2]).of(study.space.today)[0, 0] == pytest.approx(value)
    with pytest.raises(ConfigError, match="follow-up too short"):
        optimise(check.world(raw(200, horizon=200)), Options(goal="value_365d", trials=2, replications=1, fresh=10, points=0))


def test_a_coupled_world_with_every_mechanism_is_searched():
    """Desks, budgets and referral together: trials fit, and the best world passes every check."""
    world = check.world(worlds.put(worlds.everything(150), ab_test=None))
    study = optimise(world, Options(trials=5, replications=1, fresh=10, points=0))
    assert study.trials[0].split == study.space.today
    assert any(trial.fits for trial in study.trials)
