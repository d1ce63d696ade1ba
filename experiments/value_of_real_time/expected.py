"""What a reminder earns by how late it comes, against none."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.app.compose import Request
from sim.app.config import another, read
from sim.app.verbs import VERBS
from sim.studies.what_if import Asked, WhatIf, what_if

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SMALL = ("customers=500", "study.max=4", "study.scenarios=[no_reminder,at_once,nightly_batch]")
PAIRED = ("study.scenarios=[at_once,nightly_batch]", "study.matters=100")  # as fine as study.max allows
METRICS = ("profit", "value_365d", "conversion_rate", "cost")
LATE = {  # as the picture says it, in order
    "at_once": "at once",
    "five_minutes": "5 minutes",
    "one_hour": "1 hour",
    "nightly_batch": "nightly batch",
    "one_day": "1 day",
    "three_days": "3 days",
    "one_week": "1 week",
}


@cache
def found(*overrides: str) -> WhatIf:
    """Return the study of `polku -cd experiments/value_of_real_time +experiment=value_of_real_time` with these overrides."""
    request = Request(("+experiment=value_of_real_time", *overrides), Path(__file__).parent)
    options = read(request, VERBS).options
    worlds = {name: another(request, VERBS, f"scenario={name}") for name in options["scenarios"]}
    return what_if(worlds, Asked(options["matters"], options["max"]))


def numbers(*overrides: str) -> dict[str, Any]:
    """Return what each latency adds to no reminder, and the nightly batch to one at once, with intervals."""
    study, paired = found(*overrides), found(*overrides, *PAIRED)
    out: dict[str, Any] = {"runs": study.precise, "batch_less_at_once": _told(paired, "nightly_batch")}
    return out | {name: _told(study, name) for name in list(study.worlds)[1:]}


def _told(study: WhatIf, name: str) -> dict[str, dict[str, float]]:
    rows = study.whole(name)
    return {m: {"baseline": rows[m].baseline, "difference": rows[m].difference, "low": rows[m].low, "high": rows[m].high} for m in METRICS}


def figures(full: dict[str, Any]) -> dict[str, "Figure"]:
    """Return the figure: what the reminder adds to profit, over how late it comes."""
    from sim.report.figures import style

    gain = {name: full[name]["profit"] for name in LATE}
    scene = style.Scene("Consumers, mails to who left a cart", 20_000, 730, 1, "EUR", full["runs"])
    lost = 100 * (1 - gain["nightly_batch"]["difference"] / gain["at_once"]["difference"])
    note = f"Profit of two years, more than without reminders; same customers' luck. Bar: 95 % interval over {full['runs']} replications."
    figure = style.canvas(f"An hour late costs nothing, a nightly batch {lost:.0f} %, a week everything", scene, note)
    axes = style.panel(figure, 1.1, 9.7)
    places, middle = range(len(gain)), [row["difference"] for row in gain.values()]
    axes.axhline(0, color=style.GREY, linewidth=1)
    axes.plot(places, middle, color=style.BLUE, linewidth=2, marker="o", markersize=7)
    axes.vlines(places, [row["low"] for row in gain.values()], [row["high"] for row in gain.values()], color=style.BLUE, linewidth=1.5)
    for at, value in zip(places, middle, strict=True):
        axes.annotate(f"{value:,.0f}", (at, value), xytext=(7, 6), textcoords="offset points", fontsize=11)
    axes.set(ylabel="Profit added, EUR", xlabel="How late the reminder comes (steps, not to scale)", xlim=(-0.4, len(gain) - 0.4))
    axes.set_xticks(places, list(LATE.values()))
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.grid(axis="y")
    return {"latency": figure}
