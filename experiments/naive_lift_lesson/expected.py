"""What the credit lesson shows: credit and cause by channel, and what believing a model would cost."""

from functools import cache
from typing import TYPE_CHECKING, Any

from sim.app.compose import Request
from sim.app.config import read
from sim.app.verbs import VERBS
from sim.studies.attribution import Attribution, Options, attribution

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SMALL = ("customers=8000", "study.replications=5")


@cache
def found(*overrides: str) -> Attribution:
    """Return the study of `polku +experiment=naive_lift_lesson` with these overrides."""
    config = read(Request(("+experiment=naive_lift_lesson", *overrides)), VERBS)
    return attribution(config.world, Options(**{key: value for key, value in config.options.items() if key not in ("paths", "columns", "figures")}))


def numbers(*overrides: str) -> dict[str, Any]:
    """Return shares of all conversions, lifts, contribution per euro and money misplaced."""
    return found(*overrides).headline()


def figures(full: dict[str, Any]) -> dict[str, "Figure"]:  # noqa: ARG001 -- drawn from the study, whose intervals are not written down
    """Return the study's own figure."""
    from sim.report.figures import attribution as figure
    from sim.report.figures import style

    study = found()
    world = study.world
    scene = style.Scene(world.scenario.name, world.customers, world.horizon, world.seed, world.money.currency, study.options.replications)
    return {"lift": figure.draw_lift(study.truths, scene)}
