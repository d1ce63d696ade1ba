"""Figures in, a world out: what was asked comes back exactly, and simulated; what can't be is refused, all of it at once."""

from functools import cache
from math import exp, isnan, nan, sqrt

import numpy as np
import pytest
import yaml
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import sim
from sim.app.cli import main
from sim.calibration.from_funnel import obtain, solve
from sim.calibration.from_funnel.complete import DEFAULT, FOLLOWS, YOURS, complete, filled, repeat_rate
from sim.calibration.from_funnel.contradictions import contradictions
from sim.calibration.from_funnel.figures import BY_NAME, FUNNEL, read
from sim.calibration.from_funnel.study import from_funnel
from sim.calibration.from_funnel.template import text
from sim.calibration.from_funnel.usual import usual
from sim.calibration.from_funnel.words import number
from sim.errors import ConfigError
from sim.model import check

SAAS = {
    "market": "b2b", "visitors": 20_000, "leads": 400, "opportunities": 120, "wins": 30, "sales_cycle_days": 75, "order_value": 900, "margin": 0.8,
    "orders_per_year": 12, "churn_monthly": 0.015, "visits": {"own": 7000, "paid_search": 8000, "fairs": 1000, "organic_search": 9000},
    "spend": {"paid_search": 40_000, "fairs": 25_000, "organic_search": 24_000},
}  # fmt: skip
SHOP = {"visitors": 5e5, "opportunities": 40_000, "wins": 12_000, "repeat_rate": 0.31, "visits": {"own": None, "email": 6e4}, "spend": {"paid_search": 2e5}}
CONSULTANCY = {"market": "b2b", "leads": 40, "wins": 9, "sales_cycle_days": 120, "order_value": 18_000, "orders_per_year": 1.5, "churn_yearly": 0.3}
NOBODY_LOST = {"visitors": 50, "leads": 50, "opportunities": 50, "wins": 50, "visits": {"own": 50}, "churn_yearly": 0.999, "orders_per_year": 0}
DESK = {"reps": 2, "wage": 5000, "hours_per_deal": 10}
SMALL = {
    "visitors": 1500, "leads": 600, "opportunities": 300, "wins": 120, "sales_cycle_days": 20, "order_value": 200, "margin": 0.5, "repeat_rate": 0.5,
    "churn_yearly": 0.4, "visits": {"own": 500, "paid_search": 1000, "email": 500}, "spend": {"paid_search": 2000, "email": 100},
}  # fmt: skip


@cache
def default():
    """Return the default world."""
    return sim.load()


@cache
def habits(market=None):
    """Return what the default world says."""
    return usual(default(), market)


def solved(raw):
    """Return the company, and its figures from the exact solver."""
    figures, problems = read(raw)
    assert [*problems, *contradictions(figures)] == []
    company = complete(figures, habits(figures.market))
    free = check.world(solve.world(company, habits(figures.market)))
    return company, obtain.exact(company, free, solve.funnel(company, habits(figures.market)))


@pytest.mark.parametrize("raw", [SAAS, SHOP, CONSULTANCY, NOBODY_LOST, SAAS | DESK, SHOP | {"sales_cycle_days": 0.5}, {"wins": 3}])
def test_the_exact_solver_gives_the_figures_back(raw):
    """Theory: the rows are solved in closed form, the solver uses linear algebra and uniformisation; every figure agrees to 1e-6."""
    company, exact = solved(raw)
    for name, asked in company.figures.items():
        assert exact[name] == pytest.approx(asked, rel=1e-6, abs=1e-9), name


@settings(max_examples=8, deadline=None, derandomize=True, phases=[Phase.generate])
@given(
    visitors=st.floats(1, 1e6),
    drops=st.tuples(*[st.floats(1e-4, 1)] * 3),
    cycle=st.floats(5, 500),
    orders=st.floats(0, 60),
    churn=st.floats(0.001, 0.999),
    margin=st.floats(0.01, 1),
    visits=st.tuples(st.floats(1, 20), st.floats(0, 5), st.floats(0, 5)),
)
def test_any_company_comes_back_exactly(visitors, drops, cycle, orders, churn, margin, visits):
    """Whatever the figures, as long as they can be: 1e-6."""
    levels = np.cumprod([visitors, *drops]).tolist()
    by = {"own": visits[0] * visitors * 1.0000001, "paid_search": visits[1] * visitors, "referral": visits[2] * visitors}
    raw = dict(zip(FUNNEL, levels, strict=True)) | {"sales_cycle_days": cycle, "orders_per_year": orders, "churn_yearly": churn, "margin": margin, "visits": by}
    company, exact = solved(raw)
    for name, asked in company.figures.items():
        assert exact[name] == pytest.approx(asked, rel=1e-6, abs=1e-9), name


@pytest.mark.parametrize("raw", [SMALL, SMALL | DESK])
def test_the_simulation_gives_the_figures_back(raw):
    """Within the tail of Student's t that five standard errors are for 20 replications (7.35); with a desk to a twentieth more, as the queue is measured."""
    result = from_funnel(raw, default(), replications=20)
    checked = [row for row in result.rows if not isnan(row.low) and row.high > row.low]
    assert len(checked) >= 10
    for row in checked:
        error = (row.high - row.low) / 2 / 2.093  # t, 19 degrees of freedom, 0.975
        assert abs(row.simulated - row.asked) <= 7.35 * error + (0.05 * row.asked if "reps" in raw else 1e-4 * row.asked), row
    assert all(len(line) <= 100 for line in result.text().splitlines())


BAD = {
    "wins": ({"leads": 10, "wins": 11}, "more than leads"),
    "opportunities": ({"visitors": 10, "opportunities": 11}, "more than visitors"),
    "churn_yearly": ({"churn_yearly": 1.5}, "given 1.5"),
    "churn_monthly": ({"churn_monthly": 2, "leads": 3}, "given 2"),
    "margin": ({"margin": 45}, "given 45"),
    "leads": ({"leads": "many"}, "given 'many'"),
    "visitors": ({"visitors": 0}, "given 0"),
    "order_value": ({"order_value": nan}, "given nan"),
    "repeat_rate": ({"repeat_rate": 1}, "given 1"),
    "discount_rate": ({"discount_rate": True}, "given True"),
    "spend.paid_search": ({"spend": {"paid_search": -1}}, "given -1"),
    "spend.own": ({"spend": {"own": 1}}, "given 1"),
    "visits": ({"visitors": 10, "visits": {"own": 4, "email": 5}}, "9 in all"),
    "spend": ({"spend": 5}, "given 5"),
    "visits.tv": ({"leads": 1, "spend": {"tv": 5}}, "missing"),
    "visits.a.b": ({"visits": {"a.b": 1}}, "given 1"),
    "vizitors": ({"vizitors": 5}, "no such figure"),
    "market": ({"market": "b2x"}, "given 'b2x'"),
    "currency": ({"currency": 7}, "given 7"),
    "figures": ({"order_value": 5}, "none of visitors"),
    "reps": ({"leads": 100, "opportunities": 100, "reps": 1, "hours_per_deal": 16}, "1,600 hours"),
    "wage": ({"leads": 1, "reps": 0, "wage": 5}, "with reps: 0"),
    "visitors ": ({"visitors": 3e7}, "30,000,000 visitors"),
    "hours_per_deal": ({"opportunities": 9, "sales_cycle_days": 0.5, "reps": 5, "hours_per_deal": 60}, "between contacts"),
}


@pytest.mark.parametrize("path", BAD)
def test_a_figure_that_can_not_be_is_refused(path):
    """Each with its path and what was given."""
    raw, given_ = BAD[path]
    with pytest.raises(ConfigError) as refused:
        from_funnel(raw, default(), replications=2)
    (found,) = [problem for problem in refused.value.problems if problem.path == path.strip()]
    assert given_ in found.given


def test_one_of_two_figures_that_say_the_same_is_enough():
    """Orders a year and the share who order again; churn a year and a month."""
    figures, _ = read({"wins": 1, "orders_per_year": 2, "repeat_rate": 0.5, "churn_yearly": 0.1, "churn_monthly": 0.01})
    assert [problem.path for problem in contradictions(figures)] == ["repeat_rate", "churn_monthly"]


def test_a_name_that_is_nearly_right_is_guessed():
    """A letter is missing."""
    _, (problem,) = read({"oportunities": 5})
    assert problem.rule == "did you mean 'opportunities'?"


def test_a_figure_in_percent_is_told_as_a_share():
    """40 is not a margin, 0.4 is."""
    assert BY_NAME["margin"].wrong(40) == "must be 1 or less (0.4 if you mean 40 %)"


def test_a_hole_in_the_funnel_is_filled_in_the_usual_proportion():
    """By hand: usual drops 1/10 and 1/10; 1000 to 1 between first and third level is 1/31.6 each; after the last the usual drop."""
    assert filled([1000.0, None, 1.0, None], [1.0, 0.1, 0.01, 0.005], 7.0) == pytest.approx([1000, 1000 / sqrt(1000), 1, 0.5])
    assert filled([None, None, 8.0, None], [1.0, 0.1, 0.01, 0.005], 7.0) == pytest.approx([800, 80, 8, 4])


def test_who_orders_again_within_a_year_orders_before_leaving():
    """By hand: rates 1/365 each a day: half of those to whom anything happens in a year, 1 - e^-2 of all."""
    assert repeat_rate(1 / 365, 1 / 365) == pytest.approx((1 - exp(-2)) / 2)


def test_a_visitor_whom_nothing_influences_is_less_likely_a_lead():
    """By hand: half of visits with odds 3 on a base of 1/4 make 1/2, the others 1/4: 3/8 in all."""
    row = solve.base({"visitor": 0.5, "lead": 0.375, "lost": 0.125}, [(0.5, 3.0), (0.5, 1.0)])
    assert row == pytest.approx({"visitor": 0.6, "lead": 0.25, "lost": 0.15})


def test_sources_say_what_is_whose():
    """Yours, the default world's, or what follows."""
    company = complete(read({"leads": 40, "hours_per_deal": 60, "visits": {"own": None, "email": 500}})[0], habits())
    said = {name: company.sources[name] for name in ("leads", "visitors", "reps", "wage", "visits.email", "visits.own", "spend.email")}
    assert said == dict(zip(said, [YOURS, DEFAULT, FOLLOWS, DEFAULT, YOURS, DEFAULT, DEFAULT], strict=True))


def test_the_queue_takes_from_the_lost_what_gives_up():
    """By hand: a tenth gives up; of those served 0.9 go on so that the whole row is as it was."""
    company = complete(read(SAAS | DESK)[0], habits("b2b"))
    raw, free = (solve.world(company, habits("b2b"), queue) for queue in (solve.Queue(0.02, 0.1), None))
    found = solve.funnel(company, habits("b2b"), 0.02)
    served = raw["stages"]["opportunity"]["next"]
    assert 0.98 * served["customer"] == pytest.approx(found.to_win / found.occasions[2])
    assert 0.98 * served["lost"] + 0.02 == pytest.approx((1 - found.back - found.to_win) / found.occasions[2])
    assert raw["stages"]["lead"] == free["stages"]["lead"]


def test_the_template_is_empty_and_names_every_figure():
    """What it says is YAML, and reads as figures of which none is known."""
    raw = yaml.safe_load("\n".join(text("figures.yaml", ["email"])))
    figures, problems = read(raw)
    assert problems == []
    assert set(raw) == {*BY_NAME, "currency", "market", "visits", "spend"}
    assert (figures.numbers, figures.visits, figures.spend) == ({}, {"own": None, "email": None}, {"email": None})


def test_the_template_never_overwrites(tmp_path, monkeypatch, capsys):
    """The second time it is refused with status 2, and what is there stays."""
    monkeypatch.chdir(tmp_path)
    assert main(["study=new", "hydra.run.dir=out"]) == 0
    (tmp_path / "figures.yaml").write_text("wins: 3\n")
    assert main(["study=new", "hydra.run.dir=again"]) == 2
    assert "figures.yaml exists" in capsys.readouterr().err
    assert (tmp_path / "figures.yaml").read_text() == "wins: 3\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["figures.yaml", "out"]


def test_bad_figures_are_all_told_and_nothing_is_written(tmp_path, monkeypatch, capsys):
    """Status 2, every problem with its path."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.yaml").write_text("visitors: 10\nleads: 20\nwins: twelve\nchurn_yearly: 1.4\nspend: {tv: -1}\nfoo: 3\n")
    assert main(["study=from_funnel", "study.figures=bad.yaml"]) == 2
    said = capsys.readouterr().err
    assert all(f"  {path}: " in said for path in ("leads", "wins", "churn_yearly", "spend.tv", "foo"))
    assert main(["study=from_funnel", "study.figures=none.yaml"]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["bad.yaml"]


def test_the_world_that_is_written_is_the_world_that_was_solved(tmp_path):
    """It composes with `polku -cd DIR -cn NAME`, to the same numbers."""
    result = from_funnel(SMALL, sim.load("seed=5"), replications=2)
    result.write(tmp_path, "ours")
    written = sim.load("seed=5", config_dir=tmp_path, config_name="ours")
    assert check.world(dict(result.plain) | {"seed": 5}).model_dump() == written.model_dump()
    assert (tmp_path / "ours_figures.csv").read_text().startswith("figure,asked,exact,simulated,low,high,source\nvisitors,1500.0,1500.0,")


def test_numbers_are_told_in_few_digits():
    """Whole from ten thousand on, four digits below."""
    assert [number(x) for x in (12345.6, 0.64271, 900.0, 2.5, nan, 0.0)] == ["12,346", "0.6427", "900", "2.5", "", "0"]
