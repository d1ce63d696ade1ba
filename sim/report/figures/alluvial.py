"""The alluvial: where customers are after 0, 1, 2 ... occasions, and how they flow between stages in between."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Curve

from sim.language import current
from sim.log import Array
from sim.metrics.paths import Flows
from sim.report.figures import style
from sim.report.words import count, percent, spoken

BAR, GAP = 0.16, 0.012  # width of a bar in steps, gap between bars in shares
LEAST = 0.0005  # of the customers: thinner bands are left out
OPEN = "#e6e6e6"  # no further occasion seen


def draw(table: Flows, kinds: tuple[str, ...], scene: style.Scene) -> Figure:
    """Return the figure; ``kinds`` has the kind of each stage of the table."""
    at = table.at
    if not at[0].sum():
        return style.empty(current().text("alluvial.nobody"), scene, "")
    say = current()
    figure = style.canvas(_finding(table, kinds), scene, say.text("alluvial.note"), tall=6.2)
    names = [spoken(name) for name in table.stages] + [say.text("alluvial.open")]
    left = 1.95
    axes = style.panel(figure, left, style.WIDE - 1.75, top=1.15, bottom=0.95)
    colours = (*style.stage_colours(kinds), OPEN)
    total = at[0].sum()
    floor = _floors(at / total, kinds)
    for step in range(len(table.counts)):
        _bands(axes, step, table.counts[step] / total, floor, colours, names)
    for step in range(len(at)):
        _bars(axes, step, at[step] / total, floor[step], colours, names)
    _names(axes, at / total, floor, names)
    axes.set(xlim=(-BAR / 2, len(at) - 1 + BAR / 2), ylim=(1.0 + GAP * (len(names) - 1), 0), yticks=[], xlabel=say.text("alluvial.across"))
    axes.set_xticks(range(len(at)), [say.text("alluvial.arrival"), *map(str, range(1, len(at)))])
    axes.spines[["left", "bottom"]].set_visible(False)
    return figure


def _floors(share: Array, kinds: tuple[str, ...]) -> Array:
    """Return where each bar begins, from the top: stages of customers first, then prospects, open journeys, exits."""
    order = _order(kinds)
    out = np.zeros_like(share)
    out[:, order] = np.cumsum(share[:, order], axis=1) - share[:, order] + GAP * np.arange(len(order))
    return out


def _order(kinds: tuple[str, ...]) -> list[int]:
    rank = {"customer": 0, "prospect": 1, "churned": 3, "lost": 4}
    places = [rank[kind] for kind in kinds] + [2]
    return sorted(range(len(places)), key=lambda k: (places[k], -k if places[k] < 2 else k))


def _bars(axes: Axes, step: int, share: Array, floor: Array, colours: tuple[str, ...], names: list[str]) -> None:
    for place in np.flatnonzero(share > LEAST / 4):
        bar = Rectangle((step - BAR / 2, floor[place]), BAR, share[place], facecolor=colours[place], edgecolor="none", zorder=3)
        axes.add_patch(style.tip(bar, current().text("alluvial.at", step=step, stage=names[place], share=percent(float(share[place])))))


def _bands(axes: Axes, step: int, share: Array, floor: Array, colours: tuple[str, ...], names: list[str]) -> None:
    left, right = floor[step].copy(), floor[step + 1].copy()
    order = np.argsort(floor[step + 1], kind="stable")
    for start in np.argsort(floor[step], kind="stable"):
        for end in order:
            size = share[start, end]
            if size > LEAST:
                band = _band(step + BAR / 2, step + 1 - BAR / 2, (left[start], right[end]), float(size), colours[start])
                text = current().text("alluvial.flow", start=names[start], end=names[end], share=percent(float(size)), step=step + 1)
                axes.add_patch(style.tip(band, text))
            left[start] += size
            right[end] += size


def _band(x0: float, x1: float, tops: tuple[float, float], size: float, colour: str) -> PathPatch:
    (a, b), half = tops, (x0 + x1) / 2
    points = [(x0, a), (half, a), (half, b), (x1, b), (x1, b + size), (half, b + size), (half, a + size), (x0, a + size), (x0, a)]
    codes = [Curve.MOVETO, *[Curve.CURVE4] * 3, Curve.LINETO, *[Curve.CURVE4] * 3, Curve.CLOSEPOLY]
    return PathPatch(Curve(points, codes), facecolor=colour, edgecolor="none", alpha=0.38, zorder=2)


def _names(axes: Axes, share: Array, floor: Array, names: list[str]) -> None:
    """Write names and shares at both ends, apart from each other."""
    for step, x, align, inches in ((0, -BAR / 2 - 0.06, "right", 1.75), (len(share) - 1, len(share) - 1 + BAR / 2 + 0.06, "left", 1.65)):
        last = -1.0
        for place in np.argsort(floor[step], kind="stable"):
            if share[step, place] <= LEAST / 4:
                continue
            middle = max(float(floor[step, place] + share[step, place] / 2), last + 0.05)
            text = style.fitted(f"{names[place]} {percent(float(share[step, place]))}", inches, 11)
            axes.text(x, middle, text, ha=align, va="center_baseline", fontsize=11, clip_on=False)
            last = middle


def _finding(table: Flows, kinds: tuple[str, ...]) -> str:
    at, say = table.at, current()
    last = at[-1, :-1]
    gone = last[[kind == "lost" for kind in kinds]].sum() / at[0].sum()
    one_way, back = table.counts[:, :-1, :-1], 0
    inside = [k for k, kind in enumerate(kinds) if kind in ("prospect", "customer")]
    back = sum(one_way[:, a, b].sum() for a in inside for b in inside if b < a)
    if not {"lost", "churned"} & set(kinds):  # a real log does not see who leaves
        return say.text("alluvial.finding_open", steps=len(table.counts), back=count(float(back)))
    return say.text("alluvial.finding", steps=len(table.counts), lost=percent(float(gone)), back=count(float(back)))
