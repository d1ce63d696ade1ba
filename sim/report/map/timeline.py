"""One customer's days on a time line: the stage, every occasion in the row of its channel, and how it felt."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from sim.language import current
from sim.log import KINDS, RULE, Terms
from sim.report.figures import style
from sim.report.figures.style import BLUE, GREEN, GREY, MEDIA, QUIET, VERMILION, stage_colours, text_width
from sim.report.map.board import PAPER, SMALL, Board
from sim.report.words import spoken
from sim.studies.lives import FEE, INSTALMENT, PAYMENTS, REFUND, Life, Step

PAYMENT, MESSAGE = "s", "^"  # marks
PAID = {FEE: GREEN, INSTALMENT: GREEN, REFUND: VERMILION}
RIBBON, FEELING, AXIS, NAMES = 0.27, 0.62, 0.24, 1.35  # inches
ROW, MOOD = 0.36, 1.6  # inches of a row, and of the feelings, at most


class Frame(NamedTuple):
    """Where a time line lies, in inches, and which days it shows."""

    left: float
    top: float
    right: float
    bottom: float
    first: float
    last: float
    day_zero: date

    def at(self, day: float) -> float:
        """Return where a day lies."""
        start = self.left + NAMES
        return start + (day - self.first) / max(1e-9, self.last - self.first) * (self.right - start)


def draw(board: Board, life: Life, terms: Terms, frame: Frame) -> None:
    """Draw one life into its frame."""
    top = frame.top + RIBBON + 0.06
    room, rows = frame.bottom - AXIS - top, ROW * len(_named(life, terms))
    feeling = max(FEELING, min(MOOD, room - rows))
    bottom = min(frame.bottom - AXIS - feeling, top + rows)
    _ribbon(board, life, terms, frame)
    _rows(board, life, terms, frame._replace(top=top, bottom=bottom))
    _feelings(board, life, frame._replace(top=bottom + 0.04, bottom=bottom + feeling))
    _calendar(board, frame._replace(bottom=bottom + feeling + AXIS))


def visits(life: Life) -> list[tuple[str, float, float]]:
    """Return the stages that the customer lived in, with first and last day."""
    out, stage, since = [], life.entry, life.arrived
    for step in life.steps:
        if step.stage_to != stage:
            out.append((stage, since, step.day))
            stage, since = step.stage_to, step.day
    return out if life.ended is not None else [*out, (stage, since, life.horizon)]


def _ribbon(board: Board, life: Life, terms: Terms, frame: Frame) -> None:
    colours = dict(zip(terms.stages, stage_colours(terms.kinds), strict=True))
    board.text(frame.left, frame.top + RIBBON / 2, current().text("map.life.stage"), SMALL, va="center", fontweight="bold")
    for stage, since, until in visits(life):
        left, right = frame.at(since), min(frame.at(until), frame.right)
        board.box(left, frame.top, max(0.02, right - left), RIBBON, colours[stage], edge="white", line=0.6)
        if text_width(spoken(stage), SMALL, bold=True) < right - left - 0.08:
            board.text(left + 0.05, frame.top + RIBBON / 2, spoken(stage), SMALL, style.on(colours[stage]), va="center", fontweight="bold")
    if life.ended is not None:
        x = frame.at(life.ended)
        board.axes.plot([x], [frame.top + RIBBON / 2], marker="X", markersize=9, color=VERMILION, markeredgecolor="white", zorder=6)
        board.text(x + 0.1, frame.top + RIBBON / 2, spoken(life.steps[-1].stage_to), SMALL, VERMILION, va="center", fontweight="bold")


def channels(life: Life, terms: Terms) -> list[str]:
    """Return the channels that the customer met, in listed order, own occasions last."""
    met = {step.channel for step in life.steps if step.payment is None}
    return [name for name in (*terms.channels[1:], terms.channels[0]) if name in met]


def _named(life: Life, terms: Terms) -> list[tuple[str, str, list[Step]]]:
    """Return the rows: what stands beside each, its colour, and its steps; each kind of payment has a row of its own."""
    media, own = dict(zip(terms.channels, terms.media, strict=True)), terms.channels[0]
    met = [(name, [step for step in life.steps if step.channel == name and step.payment is None]) for name in channels(life, terms)]
    rows = [(current().text("map.life.own") if name == own else spoken(name), MEDIA.get(media[name], GREY), steps) for name, steps in met]
    paid = [(current().text(f"map.life.{which}s_row"), PAID[which], list(life.payments(which))) for which in PAYMENTS]
    return [*rows, *(row for row in paid if row[2])]


def row_count(life: Life, terms: Terms) -> int:
    """Return how many rows the time line of a life has."""
    return len(_named(life, terms))


def _rows(board: Board, life: Life, terms: Terms, frame: Frame) -> None:
    rows = _named(life, terms)
    tall = min(ROW, (frame.bottom - frame.top) / max(1, len(rows)))
    for place, (label, colour, steps) in enumerate(rows):
        y = frame.top + tall * (place + 0.5)
        if place % 2 == 0:
            board.box(frame.left, y - tall / 2, frame.right - frame.left, tall, PAPER, zorder=0)
        board.text(frame.left, y, style.fitted(label, NAMES - 0.1, SMALL), SMALL, va="center")
        _occasions(board, steps, frame, (y, colour))


def _occasions(board: Board, steps: Sequence[Step], frame: Frame, how: tuple[float, str]) -> None:
    y, colour = how
    for step in steps:
        x = frame.at(step.day)
        if step.waited > 0:
            board.axes.plot([frame.at(step.day - step.waited), x], [y, y], color=colour, linewidth=3, alpha=0.35, solid_capstyle="round", zorder=3)
        if step.gave_up:
            board.axes.plot([x], [y], marker="x", markersize=7, markeredgewidth=2, color=VERMILION, zorder=5)
            continue
        if step.payment is not None:
            board.axes.plot([x], [y], marker=PAYMENT, markersize=5.5, color=colour, markeredgecolor="white", markeredgewidth=0.8, zorder=5)
            continue
        filled, marker = step.engaged or step.channel == "own", MESSAGE if step.is_message else "o"
        board.axes.plot([x], [y], marker=marker, markersize=6.5, color=colour if filled else "white", markeredgecolor=colour, markeredgewidth=1.2, zorder=4)
        if step.order:
            board.axes.plot([x], [y], marker="D", markersize=9, color=GREEN, markeredgecolor="white", zorder=6)


def _feelings(board: Board, life: Life, frame: Frame) -> None:
    days = np.array([life.arrived, *(step.day for step in life.steps)])
    levels = np.array([0.0, *(step.satisfaction for step in life.steps)])
    room = max(0.15, float(np.abs(levels).max()))
    middle, half = (frame.top + frame.bottom) / 2, (frame.bottom - frame.top) / 2 - 0.06

    board.text(frame.left, middle, current().text("map.life.emotion"), SMALL, va="center", fontweight="bold")
    board.rule(frame.at(frame.first), frame.right, middle, GREY)
    xs, ys = [frame.at(day) for day in days], middle - levels / room * half
    for end, said in ((1, room), (-1, -room)):
        board.text(frame.at(frame.first) - 0.05, middle - end * half, current().number(said, 1), SMALL, QUIET, va="center", ha="right")
    board.axes.plot(xs, ys, color=BLUE, linewidth=1.6, drawstyle="steps-post", zorder=3)
    if len(levels) > 1:
        board.face(xs[-1], float(ys[-1]), 2 * float(levels[-1]), 0.1)


def _calendar(board: Board, frame: Frame) -> None:
    y = frame.bottom - AXIS
    board.rule(frame.at(frame.first), frame.right, y, GREY)
    each = (frame.last - frame.first) / max(1, int((frame.right - frame.at(frame.first)) / 1.85))
    for place in range(int((frame.last - frame.first) / max(each, 1e-9)) + 1):
        day = frame.first + place * each
        x = frame.at(day)
        if x > frame.right - 0.55 and place:
            continue
        board.axes.plot([x, x], [y, y + 0.05], color=GREY, linewidth=0.8)
        board.text(x, y + 0.08, said_date(day, frame.day_zero), SMALL, QUIET, ha="center" if place else "left")


def said_date(day: float, day_zero: date) -> str:
    """Return a day of the run as a day of the calendar."""
    return current().date(day_zero + timedelta(days=int(day)))


def keys(board: Board, left: float, top: float, kinds: Collection[str] = ()) -> None:
    """Draw what the marks mean, in one line; those of payments and messages only where there are any."""
    text = current().text
    marks = [("o", BLUE, BLUE, text("map.life.engaged")), ("o", "white", BLUE, text("map.life.seen")), ("D", GREEN, "white", text("map.life.order"))]
    marks.append(("x", VERMILION, VERMILION, text("map.life.gave_up")))
    marks += [(PAYMENT, PAID[which], "white", text(f"map.life.{which}")) for which in PAYMENTS if which in kinds]
    marks += [(MESSAGE, BLUE, BLUE, text("map.life.message"))] if KINDS[RULE] in kinds else []
    for marker, colour, edge, said in marks:
        board.axes.plot([left + 0.07], [top], marker=marker, markersize=7, color=colour, markeredgecolor=edge, markeredgewidth=1.4, linestyle="none")
        board.text(left + 0.2, top, said, SMALL, QUIET, va="center")
        left += 0.42 + text_width(said, SMALL)
