"""Two inputs together: one metric against the first, a line for each value of the second.  Lines that are not parallel interact."""

from collections.abc import Sequence
from math import isfinite, isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.language import current
from sim.report import words
from sim.report.figures import style
from sim.report.figures.tornado import broken, called, said, scene

if TYPE_CHECKING:
    from sim.studies.sensitivity import Sensitivity, Together
    from sim.studies.sweep import Spot, Sweep

RAMP = ("#8CC4E6", "#0072B2", "#003A5D")  # lighter for lower values
MOST = 7  # lines


def draw(title: str, spots: Sequence["Spot"], unit: str, source: style.Scene) -> Figure:
    """Return the figure of spots of one metric and two inputs; ``other`` is empty where there is one input."""
    known = [spot for spot in spots if isfinite(spot.value)]
    if len({spot.input for spot in known}) < 2:
        return style.empty(title, source, current().text("figures.nothing.draw"))
    lines = {value: sorted(spot for spot in known if spot.other_input == value) for value in sorted({spot.other_input for spot in known})}
    lines = _few(lines)
    first = known[0]
    notes = [_text("bands")] * all(isfinite(spot.low) for spot in known) + [_text("parallel")] * bool(first.other)
    figure = style.canvas(title, source, "  ".join(notes))
    ticks = MaxNLocator(6).tick_values(min(spot.value for spot in known), max(spot.value for spot in known))
    left = style.widest([said(float(tick), unit) for tick in ticks], 12) + style.MARGIN + 0.15
    axes = style.panel(figure, left, style.WIDE - (2.6 if first.other else 0.4), top=1.1, bottom=1.35)
    for k, (value, line) in enumerate(lines.items()):
        _line(axes, line, _colour(k, len(lines)), _number(value))
    _frame(axes, known, first, unit)
    if first.other:
        marks, names = axes.get_legend_handles_labels()
        title = broken(first.other, 2.2, 11, 3)
        place: Any = {"loc": "center left", "bbox_to_anchor": (1.02, 0.5), "frameon": False}
        axes.legend(marks[::-1], names[::-1], title=title, fontsize=11.5, title_fontsize=11, alignment="left", **place)  # the highest on top
    return figure


def save(found: "Sensitivity", folder: Path) -> list[Path]:
    """Draw the two strongest inputs into ``folder/figures``, PNG and SVG, and return the paths."""
    unit = found.units[found.deciding]
    with style.sheet():
        return style.save(draw(finding(found.together, found.deciding, unit), found.spots, unit, scene(found.played)), folder, "interaction")


def save_curves(found: "Sweep", folder: Path) -> list[Path]:
    """Draw a sweep over one or two numbers into ``folder/figures``, PNG and SVG, and return the paths; none for any other sweep."""
    spots = found.spots()
    if not spots:
        return []
    with style.sheet():
        return style.save(draw(spread(spots, found.unit), spots, found.unit, scene(found)), folder, "curves")


def finding(pair: "Together | None", metric: str, unit: str) -> str:
    """Return what two inputs do together as a headline."""
    if pair is None:
        return _text("corner")
    if pair.low <= 0 <= pair.high or isnan(pair.low):
        return _text("alone", metric=called(metric))
    return _text("together", metric=called(metric), low=said(pair.at_low, unit), high=said(pair.at_high, unit))


def spread(spots: Sequence["Spot"], unit: str) -> str:
    """Return from where to where a metric goes over a sweep, as a headline."""
    known = [spot.value for spot in spots if isfinite(spot.value)]
    if not known:
        return _text("no_value", metric=called(spots[0].metric))
    return _text("spread", metric=words.metric(spots[0].metric), low=said(min(known), unit), high=said(max(known), unit), points=len(known))


def _text(key: str, **values: object) -> str:
    return current().text(f"figures.interaction.{key}", **values)


def _number(value: float) -> str:
    return current().signs(f"{value:.4g}")


def _line(axes: Axes, spots: Sequence["Spot"], colour: str, label: str) -> None:
    x = [spot.input for spot in spots]
    if all(isfinite(spot.low) for spot in spots):
        axes.fill_between(x, [spot.low for spot in spots], [spot.high for spot in spots], color=colour, alpha=0.15, linewidth=0)
    axes.plot(x, [spot.value for spot in spots], "o-", color=colour, linewidth=2.2, markersize=6, label=label)


def _frame(axes: Axes, spots: Sequence["Spot"], first: "Spot", unit: str) -> None:
    axes.set_xlabel(style.fitted(first.path, style.WIDE - 2, 12))
    axes.set_title(words.metric(first.metric), loc="left", fontsize=12, color=style.QUIET)
    axes.grid(axis="y")
    values = sorted({spot.input for spot in spots})
    if len(values) <= 8:
        axes.set_xticks(values, [_number(value) for value in values])
    axes.yaxis.set_major_locator(MaxNLocator(6))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: said(value, unit)))


def _few(lines: dict[float, list["Spot"]]) -> dict[float, list["Spot"]]:
    """Return at most `MOST` lines, evenly spread."""
    keys = list(lines)
    if len(keys) <= MOST:
        return lines
    return {keys[round(k * (len(keys) - 1) / (MOST - 1))]: lines[keys[round(k * (len(keys) - 1) / (MOST - 1))]] for k in range(MOST)}


def _colour(number: int, count: int) -> str:
    return to_hex(LinearSegmentedColormap.from_list("ramp", RAMP)(number / (count - 1))) if count > 1 else style.BLUE
