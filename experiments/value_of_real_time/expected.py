"""What a reminder earns by how late it comes, against none."""

from functools import partial
from typing import TYPE_CHECKING, Any

import gains

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SMALL = ("customers=500", "study.max=4", "study.scenarios=[no_reminder,at_once,nightly_batch]")
PAIR = gains.Pair("batch_less_at_once", "at_once", "nightly_batch")
LATE = {  # as the picture says it, in order
    "at_once": "at once",
    "five_minutes": "5 minutes",
    "one_hour": "1 hour",
    "nightly_batch": "nightly batch",
    "one_day": "1 day",
    "three_days": "3 days",
    "one_week": "1 week",
}

numbers = partial(gains.with_pair, "value_of_real_time", PAIR)


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
