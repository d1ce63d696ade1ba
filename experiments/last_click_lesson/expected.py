"""What the lesson about credit shows: the last click against the cause, by channel."""

from functools import partial
from typing import TYPE_CHECKING, Any

import credit

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SMALL = ("customers=3000", "study.replications=5", "study.split_steps=2")

found = partial(credit.found, "last_click_lesson")
numbers = partial(credit.numbers, "last_click_lesson")


def figures(full: dict[str, Any]) -> dict[str, "Figure"]:  # noqa: ARG001 -- drawn from the study, whose intervals are not written down
    """Return the study's own figure."""
    from sim.report.figures import attribution as figure

    study = found()
    return {"credit": figure.draw(study.credits, study.truths, credit.scene(study))}
