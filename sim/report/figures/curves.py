"""Curves over days: retention after conversion, conversion after arrival; a whole in black, personas in colour, names at the ends of the lines."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from sim.language import current
from sim.log import Array
from sim.metrics import Metric
from sim.metrics.curves import ConversionCurve, RetentionCurve
from sim.report.figures import style
from sim.report.words import days, inside, percent, spoken

WHOLE = "All"
DAYS = (30, 90, 365)
NAMED = (1, 2, 7, 14, 30, 60, 90, 180, 270, 365, 545, 730, 1095)
YEARS = 730.0  # conversion is drawn this far: hardly anybody converts later
MANY = 8  # more personas than this are a tangle: the whole alone is drawn
LEFT, RIGHT = 0.85, 7.05  # inches; names stand to the right
Points = Mapping[int, Metric]  # by day, the measurement with its interval


class Line(NamedTuple):
    """One curve: name, colour, days, shares, limits (or None), and measured points."""

    name: str
    colour: str
    days: Array
    share: Array
    limits: tuple[Array, Array] | None
    points: Points
    persona: int = -1


def retention(whole: RetentionCurve, personas: Mapping[str, RetentionCurve], points: Mapping[str, Points], coupled: bool, scene: style.Scene) -> Figure:  # noqa: FBT001
    """Return the retention figure; ``points`` has the metrics by group, the whole's under `WHOLE`."""
    if not np.isfinite(whole.share).any():
        return style.empty(current().text("figures.curves.nobody_stayed"), scene, current().text("figures.curves.no_conversion"))
    lines = [_line(name, k, c.days, c.share, None, points) for k, (name, c) in enumerate(personas.items()) if np.isfinite(c.share).any() and len(c.days) > 1]
    band = (whole.low, whole.high) if np.isfinite(whole.low).any() else None
    lines = [*(lines if 1 < len(personas) <= MANY else []), Line(WHOLE, style.INK, whole.days, whole.share, band, points.get(WHOLE, {}))]
    say = current()
    how = say.text("figures.curves.kaplan_meier_shared" if coupled else "figures.curves.kaplan_meier")
    figure = style.canvas(_stay(points.get(WHOLE, {})), scene, _note(how, lines))
    return _drawn(figure, lines, say.text("figures.curves.since_conversion"), say.text("figures.curves.not_left"), 1.0)


def conversion(
    whole: ConversionCurve, personas: Mapping[str, ConversionCurve], points: Mapping[str, Points], days_to: Metric | None, scene: style.Scene
) -> Figure:
    """Return the figure of cumulative conversion; ``points`` as in `retention`, ``days_to`` is the median time to convert."""
    if not whole.share.max(initial=0) > 0:
        return style.empty(current().text("figures.curves.nobody"), scene, current().text("figures.curves.no_conversion"))
    lines = [_line(name, k, c.days, c.share, None, points) for k, (name, c) in enumerate(personas.items()) if len(c.days) > 1]
    lines = [*(lines if 1 < len(personas) <= MANY else []), Line(WHOLE, style.INK, whole.days, whole.share, None, points.get(WHOLE, {}))]
    top = max([float(line.share.max()) for line in lines] + [m.high for line in lines for m in line.points.values() if np.isfinite(m.high)])
    title = _convert({name: found for name, found in points.items() if name in personas or name == WHOLE}, days_to, float(whole.share[-1]))
    figure = style.canvas(title, scene, _note(current().text("figures.curves.aalen_johansen"), lines))
    lines = [line._replace(days=line.days[line.days <= YEARS], share=line.share[line.days <= YEARS]) for line in lines]
    return _drawn(figure, lines, current().text("figures.curves.since_arrival"), current().text("figures.curves.become"), top * 1.06)


def _line(name: str, number: int, at: Array, share: Array, limits: tuple[Array, Array] | None, points: Mapping[str, Points]) -> Line:
    return Line(spoken(name), style.persona_colour(number), at, share, limits, points.get(name, {}), number)


def _note(how: str, lines: Sequence[Line]) -> str:
    some = any(np.isfinite(m.low) for line in lines for m in line.points.values()) or any(line.limits for line in lines)
    return how if some else f"{how.split(';')[0]}.  {current().text('figures.curves.no_interval')}"


def _drawn(figure: Figure, lines: Sequence[Line], across: str, up: str, top: float) -> Figure:
    axes = style.panel(figure, LEFT, RIGHT)
    end = float(max(line.days[-1] for line in lines)) or 1.0
    axes.set(xlim=(0, end), ylim=(0, top), xlabel=across, ylabel=up)
    axes.grid(axis="y")
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0 if top > 0.06 else 1, symbol=""))
    axes.set_xticks(_ticks(end))
    for line in lines:
        whole = line.name == WHOLE
        how: dict[str, Any] = {"linewidth": 3 if whole else 1.8, "drawstyle": "steps-post", "zorder": 4 if whole else 3}
        style.of_persona(line.persona, axes.plot(line.days, line.share, color=line.colour, **how))
        if line.limits:
            axes.fill_between(line.days, *line.limits, color=line.colour, alpha=0.15, linewidth=0, step="post")
    _bars(axes, lines)
    _names(axes, lines, top)
    return figure


def _ticks(end: float) -> list[float]:
    """Return days that mean something (a week, a month, a year ...), none too near another."""
    out = [0.0]
    for day in (*NAMED, *range(1460, int(end) + 1, 365)):
        if out[-1] + 0.07 * end <= day <= end:
            out.append(float(day))
    return out if len(out) > 1 else [0.0, end]


def _bars(axes: Axes, lines: Sequence[Line]) -> None:
    """Draw the measured points with their intervals, those of one day a little apart so that none hides another."""
    end = axes.get_xlim()[1]
    for day in (day for day in DAYS if day <= end):
        there = [line for line in lines if day in line.points and np.isfinite(line.points[day].value)]
        for k, line in enumerate(there):
            metric, x = line.points[day], day + (k - (len(there) - 1) / 2) * end * 0.011
            style.of_persona(line.persona, axes.plot([x], [metric.value], marker="o", markersize=5.5, color=line.colour, markeredgecolor="white", zorder=6))
            if np.isfinite(metric.low):
                limits_ = axes.plot([x, x], [metric.low, metric.high], color=line.colour, linewidth=2.2, zorder=5, solid_capstyle="butt")
                style.of_persona(line.persona, limits_)


def _names(axes: Axes, lines: Sequence[Line], top: float) -> None:
    """Write each name at the end of its line, pushed apart where they would overlap; a thin line leads to it."""
    least = top * 12.5 * 1.25 / 72 / (style.TALL - style.TOP - style.BOTTOM)
    ends = sorted(((float(line.share[np.isfinite(line.share)][-1]), line) for line in lines), key=lambda pair: pair[0])
    places: list[float] = []
    for share, _ in ends:
        places.append(max(share, places[-1] + least) if places else max(share, 0.0))
    over = places[-1] - top
    if over > 0:
        places = _settled([share for share, _ in ends], least, top)
    right = axes.get_xlim()[1]
    for (share, line), y in zip(ends, places, strict=True):
        name = current().text("report.all") if line.name == WHOLE else line.name
        text = style.fitted(f"{percent(share)}  {name}", 2.55, 12)
        leader = axes.plot([line.days[-1], right * 1.02], [share, y], color=line.colour, linewidth=0.9, linestyle=(0, (1, 2)), clip_on=False)
        weight = "bold" if line.name == WHOLE else "normal"
        label = axes.text(right * 1.03, y, text, color=line.colour, fontsize=12, fontweight=weight, va="center_baseline")
        style.of_persona(line.persona, [*leader, label])


def _settled(wanted: Sequence[float], least: float, top: float) -> list[float]:
    """Return places at least so far apart and not above the top, from the highest downwards."""
    out: list[float] = []
    for share in reversed(wanted):
        out.append(min(share, out[-1] - least) if out else min(share, top))
    return out[::-1]


def _stay(points: Points) -> str:
    for day in reversed(DAYS):
        metric = points.get(day)
        if metric is not None and np.isfinite(metric.value):
            return current().text("figures.curves.stay", share=percent(metric.value), time=_after(day))
    return current().text("figures.curves.too_short")


def _convert(points: Mapping[str, Points], days_to: Metric | None, last: float) -> str:
    within = {name: found[365].value for name, found in points.items() if 365 in found and np.isfinite(found[365].value)}
    whole = within.pop(WHOLE, None)
    say = current()
    first = say.text("figures.curves.in_a_year", share=percent(whole)) if whole is not None else say.text("figures.curves.by_the_end", share=percent(last))
    if len(within) > 1 and len(within) <= MANY:
        best = max(within, key=lambda name: within[name])
        return first + say.text("figures.curves.most", persona=inside(best), share=percent(within[best]))
    if days_to is not None and np.isfinite(days_to.value):
        return first + say.text("figures.curves.half", time=days(days_to.value))
    return first


def _after(day: int) -> str:
    return current().text("figures.curves.a_year") if day == 365 else days(float(day)) if day < 100 else current().plural("numbers.days", day)
