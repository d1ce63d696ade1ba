"""What shifting money from paid search to e-mail changes, and what the cut alone does."""

from functools import partial
from typing import TYPE_CHECKING, Any

import gains

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SMALL = ("customers=2000", "study.max=20")

found = partial(gains.found, "what_if_budget_shift")


def numbers(*overrides: str) -> dict[str, Any]:
    """Return the differences that matter, by scenario."""
    study = found(*overrides)
    out: dict[str, Any] = {"runs": study.runs, "matters": study.matters}
    for name, row in gains.every(study).items():
        profit = study.whole(name)["profit"]
        out[name] = row | {"p_better": profit.p_better, "flips": profit.flips}
    return out


def figures(full: dict[str, Any]) -> dict[str, "Figure"]:  # noqa: ARG001 -- drawn from the study, whose other metrics are not written down
    """Return the study's own figure."""
    from sim.report.figures import forest, style

    study = found()
    world = study.baseline
    scene = style.Scene("Against baseline", world.customers, world.horizon, world.seed, world.money.currency, study.runs)
    return {"forest": forest.draw(study.headline, [row for row in study.rows if row.by == "all"], scene)}
