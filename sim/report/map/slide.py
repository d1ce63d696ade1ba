"""A map as a slide: lanes across, stages down, every text in its place and none smaller than nine points."""

from collections.abc import Callable, Sequence
from typing import Any

from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Polygon

from sim.language import current
from sim.report.figures import style
from sim.report.figures.style import BLUE, GREEN, GREY, INK, MEDIA, QUIET, VERMILION, text_width
from sim.report.map import sheet
from sim.report.map.board import LINE, PAPER, SIZE, SMALL, Board
from sim.report.map.sheet import Card, Change, Chip, Column, Curve, Feeling, Flow, Lane, Line, Loss, Sheet

MOST = 6  # columns of a slide
NAMES, LEFT, RIGHT, PAD = 1.55, 0.3, 0.3, 0.09  # inches: names of lanes, edges, inside a cell
TONES = {sheet.PLAIN: INK, sheet.STRONG: INK, sheet.QUIET: QUIET, sheet.QUOTE: INK, sheet.GAIN: GREEN, sheet.LOSS: VERMILION}
TALL: dict[type, float] = {Chip: 0.205, Loss: 0.43, Flow: 0.4, Change: 0.395}  # inches that an item takes
ROOMY = 0.3  # inches more than it needs that a lane gets at most
CURVE = 0.88  # inches of the lane of feelings at least
Box = tuple[float, float, float, float]  # left, top, wide, tall


def slides(whole: Sheet) -> list[Figure]:
    """Return the map on as many slides as its columns need."""
    count = -(-len(whole.columns) // MOST)
    each = -(-len(whole.columns) // count)
    return [draw(whole.part(first, first + each)) for first in range(0, len(whole.columns), each)]


def draw(whole: Sheet) -> Figure:
    """Return the map on one slide."""
    board = Board()
    top = board.heading(current().text(f"map.kinds.{whole.kind}"), whole.title, whole.source)
    bottom = board.footer(whole.notes)
    if whole.card is not None:
        top = _card(board, whole.card, top)
    wide = (board.wide - LEFT - RIGHT - NAMES) / len(whole.columns)
    lefts = [LEFT + NAMES + wide * place for place in range(len(whole.columns))]
    top = _columns(board, whole.columns, lefts, wide, top)
    for place, (lane, tall) in enumerate(zip(whole.lanes, heights(whole.lanes, bottom - top, wide), strict=True)):
        _band(board, lane, top, tall, place)
        if isinstance(lane, Curve):
            _curve(board, lane, lefts, (wide, top, tall))
        else:
            _lane(board, lane, lefts, (wide, top, tall))
        top += tall
    return board.figure


def heights(lanes: Sequence[Lane | Curve], room: float, wide: float) -> list[float]:
    """Return how tall each lane is: what its fullest cell needs, and of what is left over half for the curve; less for all where it is too much."""
    needed = [_needed(lane, wide) for lane in lanes]
    spare = room - sum(needed)
    if spare < 0:
        return [tall * room / sum(needed) for tall in needed]
    most = [spare if isinstance(lane, Curve) else ROOMY for lane in lanes]
    part = min(1.0, spare / max(1e-9, sum(most)))
    return [tall + part * more for tall, more in zip(needed, most, strict=True)]


def _needed(lane: Lane | Curve, wide: float) -> float:
    name = 0.18 * _lines(lane.name, NAMES - 0.15, 10.5 * 1.06, 2) + LINE * (_lines(lane.hint, NAMES - 0.15, SMALL, 3) if lane.hint else 0) + 0.1
    if isinstance(lane, Curve):
        return max(CURVE, name)
    full = max((sum(_tall(item, wide - 2 * PAD) for item in cell) for cell in lane.cells), default=0.0)
    return max(0.12 + full, min(name, 0.46) if lane.cells else 0.3)


def _tall(item: Line | Chip | Loss | Flow | Change, wide: float) -> float:
    if not isinstance(item, Line):
        return TALL[type(item)]
    size = _size(item)
    return _line_tall(size) * _lines(item.text, wide, size, _most(item))


def _most(line: Line) -> int:
    return 2 if line.tone == sheet.QUOTE else 3


def _lines(text: str, wide: float, size: float, most: int) -> int:
    return style.folded(text, wide, size, most).count("\n") + 1


def _size(line: Line) -> float:
    return 11.0 if line.tone == sheet.STRONG else SMALL if line.tone == sheet.QUIET else SIZE


def _line_tall(size: float) -> float:
    return LINE * size / SMALL * 0.96


def _card(board: Board, card: Card, top: float) -> float:
    tall, name = 0.76, 2.6
    board.pill(LEFT, top, board.wide - LEFT - RIGHT, tall, "#EAF2F8", round=0.12)
    board.face(LEFT + 0.3, top + tall / 2, 0.35, 0.19)
    board.text(LEFT + 0.6, top + 0.1, style.fitted(card.name, name - 0.7, 13, bold=True), 13, fontweight="bold")
    board.fitted(LEFT + 0.6, top + 0.36, (name - 0.7, 2), card.line, SMALL, QUIET)
    wide = (board.wide - LEFT - RIGHT - name - 0.1) / max(1, len(card.facts))
    for place, (heading, said) in enumerate(card.facts):
        left = LEFT + name + wide * place
        board.text(left, top + 0.08, heading, SMALL, QUIET)
        board.fitted(left, top + 0.235, (wide - 0.14, 3), said, SMALL)
    return top + tall + 0.08


def _columns(board: Board, columns: tuple[Column, ...], lefts: list[float], wide: float, top: float) -> float:
    tall = 0.66
    for left, column in zip(lefts, columns, strict=True):
        point, ink = 0.13, style.on(column.colour)
        tip, start = left + wide - point, left + 0.03
        shape = [(start, top), (tip, top), (left + wide - 0.02, top + tall / 2), (tip, top + tall), (start, top + tall)]
        board.axes.add_patch(Polygon(shape, closed=True, facecolor=column.colour, edgecolor="none"))
        size = next((size for size in (13.0, 12.0, 11.0, 10.0) if text_width(column.name, size, bold=True) < wide - 0.3), 9.5)
        board.text(left + PAD + 0.05, top + 0.07, style.fitted(column.name, wide - 0.3, size, bold=True), size, ink, fontweight="bold")
        for place, line in enumerate(column.lines[:2]):
            board.text(left + PAD + 0.05, top + 0.3 + 0.16 * place, style.fitted(line, wide - 0.34, SMALL), SMALL, ink)
    return top + tall + 0.05


def _band(board: Board, lane: Lane | Curve, top: float, tall: float, place: int) -> None:
    if place % 2 == 0:
        board.box(LEFT, top, board.wide - LEFT - RIGHT, tall, PAPER)
    lines = board.fitted(LEFT + 0.07, top + 0.06, (NAMES - 0.15, 2), lane.name, 10.5, fontweight="bold")
    room = int((tall - 0.1 - 0.18 * lines) / LINE)
    if room > 0:
        wide = NAMES - (0.5 if isinstance(lane, Curve) else 0.15)  # the curve's scale stands there too
        board.fitted(LEFT + 0.07, top + 0.08 + 0.18 * lines, (wide, min(3, room)), lane.hint, SMALL, QUIET)


def _lane(board: Board, lane: Lane, lefts: list[float], at: tuple[float, float, float]) -> None:
    wide, top, tall = at
    if lane.across:
        for line in lane.across:
            board.fitted(lefts[0] + PAD, top + tall / 2 - LINE / 2, (wide * len(lefts) - 2 * PAD, 1), line.text, SIZE, TONES[line.tone])  # type: ignore[union-attr]
        return
    for left, cell in zip(lefts, lane.cells, strict=True):
        y, end = top + 0.065, top + tall - 0.03
        for place, item in enumerate(cell):
            later = sum(_tall(other, wide - 2 * PAD) for other in cell[place + 1 :])
            y += _DRAWN[type(item)](board, item, (left + PAD, y, wide - 2 * PAD, max(0.17, end - y - later)))


def _line(board: Board, line: Line, box: Box) -> float:
    left, top, wide, tall = box
    size = _size(line)
    lines = max(1, int((tall + 0.04) / _line_tall(size)))
    bold = line.tone in (sheet.STRONG, sheet.GAIN, sheet.LOSS)
    how: dict[str, Any] = {"fontstyle": "italic"} if line.tone == sheet.QUOTE else {"fontweight": "bold"} if bold else {}
    return _line_tall(size) * board.fitted(left, top, (wide, min(_most(line), lines)), line.text, size, TONES[line.tone], **how)


def _chip(board: Board, chip: Chip, box: Box) -> float:
    left, top, wide, _ = box
    tall, colour = TALL[Chip], MEDIA.get(chip.media, GREY)
    full = max(0.03, wide * chip.length)
    board.box(left, top, full, tall - 0.035, _light(colour))
    board.box(left, top + tall - 0.065, full * chip.engaged, 0.035, colour)
    share = current().percent(chip.share)
    board.text(left + 0.05, top + 0.078, style.fitted(chip.label, wide - 0.55, SIZE), SIZE, va="center")
    board.text(left + wide, top + 0.078, share, SMALL, QUIET, va="center", ha="right")
    return tall


def _loss(board: Board, loss: Loss, box: Box) -> float:
    left, top, wide, _ = box
    board.axes.add_patch(Circle((left + 0.095, top + 0.09), 0.095, facecolor=VERMILION if loss.rank <= 3 else "white", edgecolor=VERMILION, linewidth=1.0))
    board.text(left + 0.095, top + 0.093, str(loss.rank), SMALL, "white" if loss.rank <= 3 else VERMILION, va="center", ha="center", fontweight="bold")
    board.text(left + 0.25, top + 0.01, style.fitted(loss.text, wide - 0.25, SIZE), SIZE)
    board.text(left + 0.25, top + 0.175, style.fitted(loss.money, wide - 0.25, SMALL), SMALL, QUIET)
    if loss.money:
        board.box(left + 0.25, top + 0.33, max(0.02, (wide - 0.25) * loss.part), 0.035, VERMILION)
    return TALL[Loss]


def _flow(board: Board, flow: Flow, box: Box) -> float:
    left, top, wide, _ = box
    for place, (part, said, colour) in enumerate(((flow.came, flow.came_said, GREEN), (flow.went, flow.went_said, VERMILION))):
        y = top + 0.19 * place
        board.text(left, y, style.fitted(said, 1.35, SMALL), SMALL)
        board.box(left + 1.38, y + 0.03, max(0.01, (wide - 1.38) * part), 0.1, colour)
    return TALL[Flow]


def _change(board: Board, change: Change, box: Box) -> float:
    left, top, wide, _ = box
    numbers = f"{change.before} \u2192 {change.after}"
    name = style.fitted(change.name, max(0.3, wide - text_width(f" {numbers}", SIZE)), SIZE)
    board.text(left, top, f"{name} {numbers}".strip(), SIZE)
    colour = {sheet.GAIN: BLUE, sheet.LOSS: VERMILION, sheet.PLAIN: INK}.get(change.tone)
    text = style.fitted(change.difference, wide - 0.14, SMALL)
    width = min(wide, text_width(text, SMALL) + 0.14)
    board.pill(left, top + 0.17, width, 0.17, colour or "white", edge=colour or GREY, round=0.4)
    board.text(left + 0.07, top + 0.258, text, SMALL, "white" if colour else QUIET, va="center")
    return TALL[Change]


_DRAWN: dict[type, Callable[[Board, Any, Box], float]] = {Line: _line, Chip: _chip, Loss: _loss, Flow: _flow, Change: _change}


def _curve(board: Board, lane: Curve, lefts: list[float], at: tuple[float, float, float]) -> None:
    wide, top, tall = at
    shown = [one for one in (*lane.feelings, *lane.before) if one is not None]
    least, most = min(0.0, *(one.least for one in shown)), max(0.0, *(one.most for one in shown))
    head, foot = (0.36 if lane.before else 0.24), 0.22

    def height(value: float) -> float:
        return top + head + (most - value) / (most - least) * (tall - head - foot)

    middles = [left + wide / 2 for left in lefts]
    board.rule(lefts[0], lefts[-1] + wide, height(0.0), GREY)
    scale = [(0.0, "0"), *((value, current().number(value, 1)) for value in (most, least) if abs(height(value) - height(0.0)) > LINE)]
    for value, said in scale:
        board.text(lefts[0] - 0.05, height(value), said, SMALL, QUIET, va="center", ha="right")
    for feelings, colour, dashed in ((lane.before, GREY, True), (lane.feelings, BLUE, False)):
        known = [(x, one) for x, one in zip(middles, feelings, strict=False) if one is not None]
        if known:
            _bands(board, known, (colour, dashed), height)
    for x, one in zip(middles, lane.feelings, strict=True):
        if one is not None:
            _feeling(board, one, (x, height(one.median), top + tall - 0.05), wide)
    if lane.before:
        _keys(board, lane, (lefts[-1] + wide, top + 0.02))


def _feeling(board: Board, one: Feeling, place: tuple[float, float, float], wide: float) -> None:
    x, y, bottom = place
    board.face(x, y, one.median * 3)
    board.text(x, y - 0.13, one.said, SIZE, va="bottom", ha="center", fontweight="bold", zorder=8)
    both = "  ".join(one.detail)
    said = both if text_width(both, SMALL) < wide - 0.08 else style.fitted(one.detail[-1], wide - 0.1, SMALL)
    board.text(x, bottom, said, SMALL, QUIET, va="bottom", ha="center", zorder=8)


def _bands(board: Board, known: list[tuple[float, Feeling]], look: tuple[str, bool], height: Callable[[float], float]) -> None:
    colour, dashed = look
    xs = [x for x, _ in known]
    if not dashed:
        board.axes.fill_between(xs, [height(one.least) for _, one in known], [height(one.most) for _, one in known], color=colour, alpha=0.12, linewidth=0)
        board.axes.fill_between(xs, [height(one.low) for _, one in known], [height(one.high) for _, one in known], color=colour, alpha=0.25, linewidth=0)
    board.axes.plot(xs, [height(one.median) for _, one in known], color=colour, linewidth=2.2, linestyle="--" if dashed else "-", zorder=4)


def _keys(board: Board, lane: Curve, corner: tuple[float, float]) -> None:
    right, top = corner
    said = [(text, kind) for text, kind in zip(lane.keys, ("line", "dash", "band"), strict=False) if text]
    for text, kind in reversed(said):
        right -= text_width(text, SMALL) + 0.06
        board.text(right, top + 0.02, text, SMALL, QUIET)
        right -= 0.3
        if kind == "band":
            board.box(right, top + 0.045, 0.24, 0.1, BLUE, alpha=0.25)
        else:
            line, colour = ("--", GREY) if kind == "dash" else ("-", BLUE)
            board.axes.plot([right, right + 0.24], [top + 0.095] * 2, color=colour, linewidth=2.2, linestyle=line)
        right -= 0.16


def _light(colour: str) -> str:
    red, green, blue = (part + (1 - part) * 0.68 for part in to_rgb(colour))
    return str(to_hex((red, green, blue)))

