"""What a lesson about credit writes down: credit and cause by channel, and what believing a model would cost."""

from functools import cache
from typing import Any

from sim.app.compose import Request
from sim.app.config import read
from sim.app.verbs import VERBS
from sim.report.figures import style
from sim.studies.attribution import Attribution, Options, attribution

NOT_ASKED = ("paths", "columns", "figures")  # options of the command that are none of the study


@cache
def found(experiment: str, *overrides: str) -> Attribution:
    """Return the study of `polku +experiment=NAME` with these overrides."""
    config = read(Request((f"+experiment={experiment}", *overrides)), VERBS)
    return attribution(config.world, Options(**{key: value for key, value in config.options.items() if key not in NOT_ASKED}))


def numbers(experiment: str, *overrides: str) -> dict[str, Any]:
    """Return shares of all conversions, lifts, contribution per euro and money misplaced."""
    return found(experiment, *overrides).headline()


def scene(study: Attribution) -> style.Scene:
    """Return what a figure says of its world."""
    world = study.world
    return style.Scene(world.scenario.name, world.customers, world.horizon, world.seed, world.money.currency, study.options.replications)
