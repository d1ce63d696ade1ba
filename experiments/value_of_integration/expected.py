"""What two messages earn when what sends them sees the customer's stage well, wrongly, late, or is told it in a quiz."""

from functools import partial
from typing import TYPE_CHECKING, Any

import gains

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SMALL = ("customers=500", "study.max=4", "study.scenarios=[no_messages,whole,sees_30,sees_30_and_quiz]")
PAIR = gains.Pair("quiz_less_none", "sees_30", "sees_30_and_quiz")

SAID = {  # as the picture says it, in order
    "whole": "sees everybody right",
    "sees_90": "9 in 10 right",
    "sees_60": "6 in 10 right",
    "sees_30": "3 in 10 right",
    "sees_30_and_quiz": "3 in 10 right, and a quiz",
    "a_day_late": "a day late",
    "a_week_late": "a week late",
    "a_week_late_and_quiz": "a week late, and a quiz",
}

numbers = partial(gains.with_pair, "value_of_integration", PAIR)


def figures(full: dict[str, Any]) -> dict[str, "Figure"]:
    """Return the figure: what the mails add to profit, by how well the stage is seen."""
    from sim.report.figures import style

    gain = {name: full[name]["profit"] for name in SAID}
    scene = style.Scene("Consumers, two mails by stage", 10_000, 730, 1, "EUR", full["runs"])
    note = f"More than without mails, same customers' luck. Bar: 95 % interval over {full['runs']} replications. Green: a quiz, its cost paid."
    lost = 100 * (1 - gain["a_week_late"]["difference"] / gain["whole"]["difference"])
    title = f"News a week late takes {lost:.0f} % of what the mails earn"
    figure = style.canvas(title, scene, note)
    axes = style.panel(figure, 3.3, 9.7)
    for at, (name, row) in enumerate(gain.items()):
        colour = style.GREEN if name.endswith("quiz") else style.BLUE
        axes.hlines(at, row["low"], row["high"], color=colour, linewidth=2)
        axes.plot([row["difference"]], [at], color=colour, marker="o", markersize=8)
        axes.annotate(f"{row['difference']:,.0f}", (row["difference"], at), xytext=(0, 7), textcoords="offset points", fontsize=11, ha="center")
    axes.set(xlabel="Profit added in two years, EUR", xlim=(0, None), ylim=(len(gain) - 0.5, -0.7))
    axes.set_yticks(range(len(gain)), list(SAID.values()))
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.grid(axis="x")
    return {"silos": figure}
