"""What the lesson about credit shows: the exposed against the unexposed against a holdout, by channel."""

from functools import partial
from typing import TYPE_CHECKING, Any

import credit

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SMALL = ("customers=8000", "study.replications=5")

found = partial(credit.found, "naive_lift_lesson")
numbers = partial(credit.numbers, "naive_lift_lesson")


def figures(full: dict[str, Any]) -> dict[str, "Figure"]:  # noqa: ARG001 -- drawn from the study, whose intervals are not written down
    """Return the study's own figure."""
    from sim.report.figures import attribution as figure

    study = found()
    return {"lift": figure.draw_lift(study.truths, credit.scene(study))}
