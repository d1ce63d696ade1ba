"""The transition map: stages on a line, forward moves above it, backward moves below, ways out at the foot."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, PathPatch, Polygon
from matplotlib.path import Path as Curve

from sim.language import current
from sim.metrics.curves import Transitions
from sim.report.figures import style
from sim.report.words import count, percent, spoken

TALL = 4.3  # the drawing is laid out in inches, so that widths of lines and boxes agree
LINE, BOX = 2.42, 0.64  # height of the line of stages, and of a box
EXIT_TOP = 0.56
SHOWN = 0.0005  # smaller shares get an arrow without a number


@dataclass(frozen=True)
class _Move:
    """One arrow: between which stages, how many moves, and which share of the occasions it begins from."""

    start: int
    end: int
    count: float
    share: float
    says: str = ""


@dataclass(frozen=True)
class _Layout:
    """Where things are, in inches: the width of all, each stage's middle, a box's width, how far exits reach beyond their arrows.

    ``kept`` is the height for the exits' numbers, ``points`` the line width of one move.
    """

    wide: float
    middle: dict[int, float]
    box: float
    reach: float
    kept: float
    points: float


def draw(table: Transitions, kinds: tuple[str, ...], ring: bool, scene: style.Scene) -> Figure:  # noqa: FBT001
    """Return the figure; ``kinds`` has the kind of each stage."""
    inside = [s for s, kind in enumerate(kinds) if kind in ("prospect", "customer")]
    moves = _moves(table)
    if not moves:
        return style.empty(current().text("figures.moves.nobody"), scene, current().text("figures.moves.none"))
    layout = _layout(inside, moves)
    figure = style.canvas(_finding(moves, kinds, inside, ring), scene, current().text("figures.moves.note"), wide=layout.wide + 2 * style.MARGIN)
    axes = style.panel(figure, style.MARGIN, style.MARGIN + layout.wide, top=style.TALL - TALL - 0.42, bottom=0.42)
    axes.set(xlim=(0, layout.wide), ylim=(0, TALL))
    axes.set_axis_off()
    around = [m for m in moves if m.end in layout.middle]
    _arcs(axes, layout, [m for m in around if m.end > m.start], 1)
    _arcs(axes, layout, [m for m in around if m.end < m.start], -1)
    _exits(axes, layout, table, kinds, [m for m in moves if m.end not in layout.middle])
    _stages(axes, layout, table, kinds)
    return figure


def _moves(table: Transitions) -> list[_Move]:
    counts, total = table.counts, np.maximum(table.counts.sum(axis=1), 1)
    out = []
    for a, b in zip(*np.nonzero(counts), strict=True):
        if a != b:
            start, end, share = spoken(table.stages[a]), spoken(table.stages[b]), float(counts[a, b] / total[a])
            says = current().text("figures.moves.tip", start=start, end=end, number=count(float(counts[a, b])), share=percent(share))
            out.append(_Move(int(a), int(b), float(counts[a, b]), share, says))
    return out


def _finding(moves: list[_Move], kinds: tuple[str, ...], inside: list[int], ring: bool) -> str:  # noqa: FBT001
    out = [m for m in moves if kinds[m.end] in ("lost", "churned")]
    closing = (inside[-1], inside[0]) if ring else None
    ahead = [m for m in moves if m not in out and (m.end > m.start or (m.start, m.end) == closing)]
    back = [m for m in moves if m not in out and m not in ahead]
    forward, backward, leave = hundredths([sum(m.count for m in some) for some in (ahead, back, out)])
    return current().text("figures.moves.finding", forward=forward, back=backward, out=leave)


def hundredths(counts: list[float]) -> list[int]:
    """Return whole percentages that add up to 100 (largest remainders)."""
    exact = [100 * count / sum(counts) for count in counts]
    short = 100 - sum(int(share) for share in exact)
    first = sorted(range(len(exact)), key=lambda k: int(exact[k]) - exact[k])[:short]
    return [int(share) + (k in first) for k, share in enumerate(exact)]


def _layout(inside: list[int], moves: list[_Move]) -> _Layout:
    out = [m for m in moves if m.end not in inside]
    wide = max(style.WIDE - 2 * style.MARGIN, 0.75 * len(inside))
    step = wide / len(inside)
    box = min(1.45, step * (0.74 if len(inside) < 7 else 0.88))
    slot = box / 2 / 3  # the broadest arrow leaves room for two more on its half of the box
    points = min(22.0, slot * 72) / max(m.count for m in moves)
    return _Layout(wide, {s: step * (k + 0.5) for k, s in enumerate(inside)}, box, min(0.62, 0.42 * step), 0.7 if _several(out) else 0.46, points)


def _arcs(axes: Axes, layout: _Layout, moves: list[_Move], side: int) -> None:
    """Draw the arcs above (side 1) or below (-1) the line: those between nearer stages inside."""
    places = sorted(layout.middle)
    apart = {m: abs(places.index(m.end) - places.index(m.start)) for m in moves}
    furthest = max(apart.values(), default=1)
    room = TALL - LINE - BOX / 2 - 0.4 if side > 0 else LINE - BOX / 2 - EXIT_TOP - layout.kept
    for move in sorted(moves, key=lambda m: -apart[m]):
        x0 = layout.middle[move.start] + side * layout.box / 2 * _slot(move, [m for m in moves if m.start == move.start], apart)
        x1 = layout.middle[move.end] - side * layout.box / 2 * _slot(move, [m for m in moves if m.end == move.end], apart)
        points = layout.points * move.count
        share = 0.75 if furthest == 1 else 0.4 + 0.6 * (apart[move] - 1) / (furthest - 1)
        height = (room - points / 72) * share
        _arc(axes, (x0, x1, LINE + side * BOX / 2, side * height), points, style.BLUE if side > 0 else style.PURPLE, move.says)
        if move.share >= SHOWN:
            _label(axes, (x0 + x1) / 2, LINE + side * (BOX / 2 + height + 0.12 + points / 144), percent(move.share), "center")


def _slot(move: _Move, siblings: list[_Move], apart: dict[_Move, int]) -> float:
    """Return where on its half of the box an arrow meets it, from 0 (middle) to 1 (edge): the nearer its other end, the nearer the edge."""
    rank = sorted(siblings, key=lambda m: apart[m]).index(move)
    return 1 - (rank + 0.7) / (len(siblings) + 0.4)


def _arc(axes: Axes, place: tuple[float, float, float, float], points: float, colour: str, says: str) -> None:
    x0, x1, y, height = place
    width = max(points, 0.8)
    head = (0.05 + width / 72 * 0.55, 0.09 + width / 72 * 0.5)  # half its breadth, its length
    up = 1 if height > 0 else -1
    tip = y + up * head[1]
    curve = Curve([(x0, y), (x0, y + height * 4 / 3), (x1, y + height * 4 / 3), (x1, tip)], [Curve.MOVETO, Curve.CURVE4, Curve.CURVE4, Curve.CURVE4])
    arc = PathPatch(curve, fill=False, edgecolor=colour, linewidth=width, alpha=0.75, capstyle="butt", zorder=2)
    axes.add_patch(style.tip(arc, says))
    axes.add_patch(Polygon([(x1, y), (x1 - head[0], tip), (x1 + head[0], tip)], facecolor=colour, edgecolor="none", zorder=2.5))


def _exits(axes: Axes, layout: _Layout, table: Transitions, kinds: tuple[str, ...], moves: list[_Move]) -> None:
    """Draw one bar an exit, under the stages it is reached from, and a straight arrow down from each of them."""
    colours = style.stage_colours(kinds)
    used = sorted({m.end for m in moves}, key=lambda end: min(m.start for m in moves if m.end == end))
    several = _several(moves)
    for rank, end in enumerate(used):
        shift = (rank - (len(used) - 1) / 2) * layout.box / len(used) if several else 0.0
        spots = {m: layout.middle[m.start] + shift for m in moves if m.end == end}
        bottom, tall = (EXIT_TOP - 0.56 * (rank + 1) / len(used), 0.52 / len(used)) if several else (EXIT_TOP - 0.34, 0.34)
        left, right = max(0.02, min(spots.values()) - layout.reach), min(layout.wide - 0.02, max(spots.values()) + layout.reach)
        bar = FancyBboxPatch((left, bottom), right - left, tall, boxstyle="round,pad=0,rounding_size=0.08", zorder=3)
        bar.set(facecolor=colours[end], edgecolor="white")
        axes.add_patch(bar)
        text = style.fitted(spoken(table.stages[end]), right - left - 0.1, 12)
        axes.text((left + right) / 2, bottom + tall / 2, text, color=style.on(colours[end]), ha="center", va="center_baseline", zorder=5)
        for move, x in spots.items():
            points = layout.points * move.count
            _drop(axes, (x, bottom + tall, points), colours[end], move.says, above=3.2 if rank and several else 1.5)
            gap, text = 0.09 + max(points, 0.8) / 72 * 0.6, percent(move.share)
            beyond = x + gap + style.text_width(text, 11) > layout.wide
            _label(axes, x - gap if beyond else x + gap, EXIT_TOP + (0.2 if not several else 0.16 + 0.22 * (rank % 2)), text, "right" if beyond else "left")


def _several(moves: list[_Move]) -> bool:
    """Return whether a stage has two ways out: the exits' bars then lie one below the other."""
    return len({m.start for m in moves}) < len(moves)


def _drop(axes: Axes, place: tuple[float, float, float], colour: str, says: str, *, above: float) -> None:
    x, bottom, points = place
    width = max(points, 0.8)
    head = (0.05 + width / 72 * 0.55, 0.09 + width / 72 * 0.5)
    top = LINE - BOX / 2
    line = Curve([(x, top), (x, bottom + head[1])], [Curve.MOVETO, Curve.LINETO])
    axes.add_patch(style.tip(PathPatch(line, fill=False, edgecolor=colour, linewidth=width, alpha=0.8, capstyle="butt", zorder=above), says))
    tip = [(x, bottom), (x - head[0], bottom + head[1]), (x + head[0], bottom + head[1])]
    axes.add_patch(Polygon(tip, facecolor=colour, edgecolor="none", zorder=above + 0.1))


def _label(axes: Axes, x: float, y: float, text: str, align: str) -> None:
    label = axes.text(x, y, text, fontsize=11, ha=align, va="center", zorder=4)
    label.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.8})


def _stages(axes: Axes, layout: _Layout, table: Transitions, kinds: tuple[str, ...]) -> None:
    colours = style.stage_colours(kinds)
    for stage, x in layout.middle.items():
        box = FancyBboxPatch((x - layout.box / 2, LINE - BOX / 2), layout.box, BOX, boxstyle="round,pad=0,rounding_size=0.1", zorder=3)
        box.set(facecolor=colours[stage], edgecolor="white")
        axes.add_patch(box)
        total = table.counts[stage].sum()
        share = percent(table.counts[stage, stage] / total) if total else ""
        stays = current().text("figures.moves.stays", share=share) if total else current().text("figures.moves.nobody_here")
        brief = stays if not share or style.text_width(stays, 11) < layout.box - 0.06 else share
        size = 12 if layout.box > 1.2 else 11
        text = f"{style.folded(spoken(table.stages[stage]), layout.box - 0.08, size)}\n{brief}"
        axes.text(x, LINE, text, fontsize=size, color=style.on(colours[stage]), ha="center", va="center", linespacing=1.15, zorder=5)
