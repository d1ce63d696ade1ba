"""What shifting money from paid search to e-mail changes, and what the cut alone does."""

from functools import cache
from typing import TYPE_CHECKING, Any

from sim.app.compose import Request
from sim.app.config import another, read
from sim.app.verbs import VERBS
from sim.studies.what_if import Asked, WhatIf, what_if

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SMALL = ("customers=2000", "study.max=20")
METRICS = ("profit", "value_365d", "conversion_rate", "cost")


@cache
def found(*overrides: str) -> WhatIf:
    """Return the study of `polku +experiment=what_if_budget_shift` with these overrides."""
    request = Request(("+experiment=what_if_budget_shift", *overrides))
    options = read(request, VERBS).options
    worlds = {name: another(request, VERBS, f"scenario={name}") for name in options["scenarios"]}
    return what_if(worlds, Asked(options["matters"], options["max"]))


def numbers(*overrides: str) -> dict[str, Any]:
    """Return the differences that matter, by scenario."""
    study = found(*overrides)
    out: dict[str, Any] = {"runs": study.runs, "matters": study.matters}
    for name in list(study.worlds)[1:]:
        rows = study.whole(name)
        out[name] = {m: {"baseline": rows[m].baseline, "difference": rows[m].difference, "low": rows[m].low, "high": rows[m].high} for m in METRICS}
        out[name]["p_better"], out[name]["flips"] = rows["profit"].p_better, rows["profit"].flips
    return out


def figures(full: dict[str, Any]) -> dict[str, "Figure"]:  # noqa: ARG001 -- drawn from the study, whose other metrics are not written down
    """Return the study's own figure."""
    from sim.report.figures import forest, style

    study = found()
    world = study.baseline
    scene = style.Scene("Against baseline", world.customers, world.horizon, world.seed, world.money.currency, study.runs)
    return {"forest": forest.draw(study.headline, [row for row in study.rows if row.by == "all"], scene)}
