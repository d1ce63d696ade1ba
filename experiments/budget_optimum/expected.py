"""What the search for the best split finds, beside the best split that the exact solver knows."""

from functools import cache
from typing import TYPE_CHECKING, Any

from scipy.optimize import brentq

from sim.app.compose import Request
from sim.app.config import read
from sim.app.verbs import VERBS
from sim.metrics.rows import MONTH
from sim.model.exact import solve
from sim.model.world import World
from sim.studies.counterfactual import scaled
from sim.studies.optimise import Optimum, Options, optimise

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SMALL = ("customers=2000", "study.trials=24", "study.replications=4", "study.fresh=10", "study.points=0")
SEARCHES = 13  # places on the line of all splits that cost the total, from no search to all that there is
MOST = 4.5  # times today's search: then every occasion of who wants it that video and banner leave is search


@cache
def found(*overrides: str) -> Optimum:
    """Return the study of `polku +experiment=budget_optimum` with these overrides."""
    config = read(Request(("+experiment=budget_optimum", *overrides)), VERBS)
    return optimise(config.world, Options(**{key: value for key, value in config.options.items() if key != "figures"}))


def exact(world: World, video: float, search: float, banner: float = 0.0) -> tuple[float, float]:
    """Return exact profit and exact cost a month where the three channels are multiplied so."""
    sums = solve(scaled(world, {"video": video, "search": search, "banner": banner})).by_horizon
    return (sums["margin"] - sums["cost"]) * world.customers, sums["cost"] * world.customers * MONTH / world.horizon


def best(world: World, total: float) -> tuple[float, float, float]:
    """Return exact profit, video and search of the best split that costs this much a month, nothing of it on the banner."""
    line = []
    for step in range(SEARCHES):
        search = MOST * step / (SEARCHES - 1)
        video = brentq(lambda video, search=search: exact(world, video, search)[1] - total, 0, 11, xtol=1e-9)
        line.append((exact(world, video, search)[0], video, search))
    return max(line)


def judged(world: World, factors: dict[str, float]) -> dict[str, Any]:
    """Return the exact optimum of today's cost, a split's exact profit and cost, and its part of what the best split of its own cost would gain."""
    (today, total), (reached, cost) = exact(world, 1, 1, 1), exact(world, **factors)
    profit, video, search = best(world, total)
    return {
        "exact": {"today": today, "best": profit, "video": video, "search": search, "total": total},
        "found": factors | {"profit": reached, "cost": cost},
        "part": (reached - today) / (best(world, cost)[0] - today),
    }


def numbers(*overrides: str) -> dict[str, Any]:
    """Return the exact optimum, the split found, and which part of the possible gain it has, judged by the exact solver."""
    study = found(*overrides)
    return judged(study.world, dict(zip(study.space.channels, study.best.factors, strict=True))) | {"gain": study.gain._asdict()}


def figures(full: dict[str, Any]) -> dict[str, "Figure"]:  # noqa: ARG001 -- drawn from the study, whose curves are not written down
    """Return the study's own figure."""
    from sim.report.figures import response

    return {"response": response.of(found())}
