"""What each number of sales reps earns, against today's."""

from functools import cache
from typing import TYPE_CHECKING, Any

from sim.app.compose import Request
from sim.app.config import read
from sim.app.verbs import VERBS
from sim.studies.optimise import Optimum, Options, optimise

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SMALL = ("customers=3000", "study.replications=2", "study.fresh=10", "study.points=3")


@cache
def found(*overrides: str) -> Optimum:
    """Return the study of `polku +experiment=what_if_sales_capacity` with these overrides."""
    config = read(Request(("+experiment=what_if_sales_capacity", *overrides)), VERBS)
    return optimise(config.world, Options(**{key: value for key, value in config.options.items() if key != "figures"}))


def numbers(*overrides: str) -> dict[str, Any]:
    """Return the best number of reps, its gain in the search and on fresh replications, and the gain of every number."""
    study = found(*overrides)
    reps = {f"{point.at:.0f}": {"gain": point.gain, "low": point.low, "high": point.high} for point in study.curves}
    return {"best": study.best.people[0], "today": study.space.people[0], "gain": study.gain._asdict(), "reps": reps}


def figures(full: dict[str, Any]) -> dict[str, "Figure"]:  # noqa: ARG001 -- drawn from the study, whose source line is not written down
    """Return the study's own figure."""
    from sim.report.figures import response

    return {"response": response.of(found())}
