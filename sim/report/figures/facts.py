"""Facts beside a world: the band in which each passes, and the simulated value with its interval."""

from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from sim.language import current
from sim.report.figures import style
from sim.report.words import spoken
from sim.studies.facts.listed import POINTS, SHARE
from sim.studies.facts.words import limits, number

if TYPE_CHECKING:
    from sim.studies.facts.study import Found, Row

ASIDE = 1.75  # inches for the numbers


def save(found: "Found", folder: Path) -> list[Path]:
    """Draw the facts into ``folder/figures``, PNG and SVG, and return the paths."""
    with style.sheet():
        return style.save(of(found), folder, "facts")


def of(found: "Found") -> Figure:
    """Return the figure of a study, inside a `style.sheet`."""
    world = found.world
    return draw(found.rows, style.Scene(spoken(world.scenario.name), world.customers, world.horizon, world.seed, world.money.currency, found.runs))


def draw(rows: Sequence["Row"], scene: style.Scene) -> Figure:
    """Return the figure of the facts that are shares and have a band; the title counts all that have one."""
    banded = [row for row in rows if isfinite(row.simulated) and isfinite(row.least)]
    known = [row for row in banded if row.unit in (SHARE, POINTS)]
    if not known:
        return style.empty(_text("none"), scene, current().text("figures.nothing.draw"))
    figure = style.canvas(
        _finding(banded), scene, _text("note") + "".join(_aside(row) for row in banded if row not in known), tall=style.TOP + style.BOTTOM + 0.31 * len(known)
    )
    left = style.widest([row.words for row in known], 11) + style.MARGIN + 0.2
    axes = style.panel(figure, left, style.WIDE - ASIDE)
    for y, row in enumerate(known):
        _line(axes, y, row)
    axes.set_yticks(range(len(known)), [row.words for row in known], fontsize=11)
    axes.set(xlim=(-2, 102), ylim=(len(known) - 0.5, -0.5), xlabel="%")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.grid(axis="x")
    axes.spines["left"].set_visible(False)
    return figure


def _line(axes: Axes, y: int, row: "Row") -> None:
    colour = style.VERMILION if row.verdict == "outside" else style.BLUE
    axes.barh(y, 100 * (row.most - row.least), left=100 * row.least, height=0.62, color=style.FAINT)
    axes.plot([100 * row.low, 100 * row.high], [y, y], color=colour, linewidth=2, solid_capstyle="butt")
    axes.plot([100 * row.simulated], [y], marker="o", markersize=5, color=colour)
    text = f"{number(row.simulated, row.unit)}  ({limits(row.low, row.high, row.unit)})"
    axes.text(1.02, y, style.fitted(text, ASIDE - 0.2, 10), fontsize=10, transform=axes.get_yaxis_transform(), va="center_baseline", clip_on=False)


def _aside(row: "Row") -> str:
    return f"  {_text('aside', words=row.words, value=number(row.simulated, row.unit), band=limits(row.least, row.most, row.unit))}"


def _finding(banded: Sequence["Row"]) -> str:
    missed = [row for row in banded if row.verdict == "outside"]
    found = _text("finding", inside=len(banded) - len(missed), all=len(banded))
    return found + (_text("outside", number=len(missed)) if missed else "")


def _text(key: str, **values: object) -> str:
    return current().text(f"figures.facts.{key}", **values)
