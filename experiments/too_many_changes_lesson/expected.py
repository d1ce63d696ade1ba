"""What a test of two changes at once can say, what four arms say of each, and what is true."""

from functools import cache
from math import exp, log, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.app.compose import Request
from sim.app.config import read
from sim.app.verbs import VERBS
from sim.studies.ab.question import Question
from sim.studies.ab.study import Test, ab_test

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SMALL = ("customers=2000", "study.replications=2")
BOUGHT, CHANCE = "conversion_rate_30d", 0.2
ODDS = {"headline": 1.4, "form": 0.75, "redesign": 1.05}
CHANGES = {"old": (0, 0), "headline": (1, 0), "form": (0, 1), "redesign": (1, 1)}  # whether the headline and the form are new
Z = 1.959963984540054


def numbers(*overrides: str) -> dict[str, Any]:
    """Return the tests of both designs, odds by change, and the truth of every arm, simulated and exact."""
    together, apart = (_tested(f"too_many_changes_{design}", *overrides) for design in ("lesson", "factorial"))
    truths = {
        truth.arm: {"twins": truth.effect, "low": truth.low, "high": truth.high, "exact": exact(truth.arm)} for truth in apart.truths if truth.metric == BOUGHT
    }
    money = {arm: truth["exact"] * 80 * 0.4 for arm, truth in truths.items()}
    return {"together": _findings(together), "odds_together": _odds(together), "apart": _findings(apart), "odds_apart": _fitted(apart), "truth": truths} | {
        "true_money_a_visitor": money
    }


def exact(arm: str) -> float:
    """Return by how much the share of buyers is truly higher in an arm: odds of .2 / .8 times the arm's."""
    odds = ODDS[arm] * CHANCE / (1 - CHANCE)
    return odds / (1 + odds) - CHANCE


@cache
def _tested(experiment: str, *overrides: str) -> Test:
    config = read(Request((f"+experiment={experiment}", *overrides)), VERBS)
    result = ab_test(config.world, Question.of(config.options, config.world))
    assert isinstance(result, Test)
    return result


def _findings(test: Test) -> dict[str, dict[str, float]]:
    return {
        found.arm: {"n": found.n_arm, "bought": found.treated, "old_n": found.n_control, "old_bought": found.control}
        | {"difference": found.plain.difference, "low": found.plain.low, "high": found.plain.high, "p": found.plain.p}
        for found in test.findings
        if found.metric == BOUGHT
    }


def _counts(test: Test) -> dict[str, tuple[float, float]]:
    """Return (bought, did not) by arm."""
    found = _findings(test)
    first = next(iter(found.values()))
    sizes = {"old": (first["old_bought"], first["old_n"])} | {arm: (row["bought"], row["n"]) for arm, row in found.items()}
    return {arm: (share * n, (1 - share) * n) for arm, (share, n) in sizes.items()}


def _odds(test: Test) -> dict[str, float]:
    """Return the odds ratio of a test of two arms, with Woolf's interval."""
    (a, b), (c, d) = (_counts(test)[arm] for arm in ("old", "redesign"))
    ratio, half = c * b / (a * d), Z * sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    return {"odds": ratio, "low": ratio * exp(-half), "high": ratio * exp(half)}


def _fitted(test: Test) -> dict[str, dict[str, float]]:
    """Return the odds of each change by logistic regression on the four arms, and of both beyond that (Woolf's interval, as all cells are its own)."""
    import statsmodels.api as sm

    counts = _counts(test)
    design = np.array([[1, *new] for new in CHANGES.values()], float)
    fit = sm.GLM(np.array([counts[arm] for arm in CHANGES]), design, family=sm.families.Binomial()).fit()
    rows = {name: (fit.params[k], fit.bse[k]) for k, name in ((1, "headline"), (2, "form"))}
    logs = {arm: log(won / lost) for arm, (won, lost) in counts.items()}
    beyond = logs["redesign"] - logs["headline"] - logs["form"] + logs["old"]
    rows["interaction"] = (beyond, sqrt(sum(1 / count for pair in counts.values() for count in pair)))
    return {name: {"odds": exp(at), "low": exp(at - Z * error), "high": exp(at + Z * error)} for name, (at, error) in rows.items()}


def figures(full: dict[str, Any]) -> dict[str, "Figure"]:
    """Return the figure: pairs of effects that the first test can't tell apart, and where the second one puts them."""
    from sim.report.figures import style

    scene = style.Scene("two changes of a page", 8000, 60, 1, "EUR")
    note = "Odds of buying times this, log scales.  Band: pairs of effects that fit the test of both at once (95 %).  Cross: the four arms, 95 % intervals."
    figure = style.canvas("One test of two changes fits every pair of effects in the band", scene, note, tall=6.6)
    axes = style.panel(figure, 1.1, 6.6)
    _band(axes, full["odds_together"])
    head, form = full["odds_apart"]["headline"], full["odds_apart"]["form"]
    axes.plot([head["low"], head["high"]], [form["odds"]] * 2, color=style.BLUE, linewidth=2.5)
    axes.plot([head["odds"]] * 2, [form["low"], form["high"]], color=style.BLUE, linewidth=2.5)
    axes.plot([ODDS["headline"]], [ODDS["form"]], marker="o", markersize=9, color=style.INK)
    axes.plot([1], [1], marker="o", markersize=9, color="white", markeredgecolor=style.INK)
    for where, text, colour in (
        (0.80, "The test of both: neither does\nanything, or they cancel", style.VERMILION),
        (0.55, "Four arms, as many visitors:\nthe headline helps, the form hurts", style.BLUE),
        (0.30, "Full dot: the truth\n(odds \u00d7 1.4 and \u00d7 0.75)", style.INK),
        (0.12, "Open dot: no effect of either", style.INK),
    ):
        axes.text(1.06, where, text, transform=axes.transAxes, color=colour, fontsize=12, va="center")
    ticks = (0.5, 0.7, 1, 1.4, 2)
    axes.set(xscale="log", yscale="log", xlim=(0.5, 2), ylim=(0.5, 2), xlabel="Clearer headline: odds \u00d7 ...", ylabel="Longer form: odds \u00d7 ...")
    axes.minorticks_off()
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.grid()
    return {"pairs": figure}


def _band(axes: "Axes", odds: dict[str, float]) -> None:
    from sim.report.figures import style

    along = np.exp(np.linspace(log(0.5), log(2), 50))
    axes.fill_between(along, odds["low"] / along, odds["high"] / along, color=style.VERMILION, alpha=0.3, linewidth=0)
    axes.plot(along, odds["odds"] / along, color=style.VERMILION, linewidth=1.5)
