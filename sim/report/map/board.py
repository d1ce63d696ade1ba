"""A slide to draw on: inches from the left and from the top, text that stays in its place, boxes, chips and faces."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Arc, Circle, FancyBboxPatch, Rectangle

from sim.report.figures import style
from sim.report.figures.style import FAINT, INK, QUIET, folded, text_width

WIDE, TALL = 13.333, 7.5  # inches: a slide of 16:9
SIZE, SMALL, LINE = 9.5, 9.0, 0.165  # points of text, of small text; inches of a line
PAPER = "#F6F6F3"


class Board:
    """One slide; places are inches from the left and the top edge."""

    def __init__(self, wide: float = WIDE, tall: float = TALL) -> None:
        self.figure = Figure(figsize=(wide, tall), dpi=style.DPI)
        FigureCanvasAgg(self.figure)
        self.axes: Axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set_axis_off()
        self.axes.set_xlim(0, wide)
        self.axes.set_ylim(tall, 0)
        self.wide, self.tall = wide, tall

    def text(self, left: float, top: float, said: str, size: float = SIZE, colour: str = INK, **how: Any) -> None:
        """Write one line or several at a place; the top of the letters is at ``top``."""
        self.axes.text(left, top, said, fontsize=size, color=colour, va=how.pop("va", "top"), linespacing=1.12, **how)

    def fitted(self, left: float, top: float, room: tuple[float, int], said: str, size: float = SIZE, colour: str = INK, **how: Any) -> int:
        """Write a text into a width (inches) and so many lines; return how many lines it took."""
        lines = folded(said, room[0], size * (1.06 if how.get("fontweight") == "bold" else 1.0), room[1])
        self.text(left, top, lines, size, colour, **how)
        return lines.count("\n") + 1

    def box(self, left: float, top: float, wide: float, tall: float, colour: str, **how: Any) -> None:
        """Draw a filled rectangle."""
        self.axes.add_patch(Rectangle((left, top), wide, tall, facecolor=colour, edgecolor=how.pop("edge", "none"), linewidth=how.pop("line", 0.8), **how))

    def pill(self, left: float, top: float, wide: float, tall: float, colour: str, **how: Any) -> None:
        """Draw a rectangle with round corners."""
        shape = f"round,pad=0,rounding_size={min(tall, wide) * how.pop('round', 0.3)}"
        edge, line = how.pop("edge", "none"), how.pop("line", 0.8)
        self.axes.add_patch(FancyBboxPatch((left, top), wide, tall, boxstyle=shape, facecolor=colour, edgecolor=edge, linewidth=line, mutation_aspect=1, **how))

    def rule(self, left: float, right: float, height: float, colour: str = FAINT) -> None:
        """Draw a thin line across."""
        self.axes.plot([left, right], [height, height], color=colour, linewidth=0.8, solid_capstyle="butt")

    def face(self, x: float, y: float, mood: float, size: float = 0.11) -> None:
        """Draw a face whose mouth bends with a mood between -1 and 1."""
        self.axes.add_patch(Circle((x, y), size, facecolor="white", edgecolor=INK, linewidth=1.1, zorder=6))
        for eye in (-0.36, 0.36):
            self.axes.add_patch(Circle((x + eye * size, y - 0.25 * size), size * 0.11, facecolor=INK, zorder=7))
        self._mouth(x, y + 0.32 * size, mood, size)

    def _mouth(self, x: float, y: float, mood: float, size: float) -> None:
        bend = max(-1.0, min(1.0, mood)) * 0.5 * size
        if abs(bend) < 0.04 * size:
            self.axes.plot([x - 0.42 * size, x + 0.42 * size], [y, y], color=INK, linewidth=1.1, zorder=7)
            return
        # in axes that grow downwards the lower half of an ellipse, a smile, is from 0 to 180 degrees
        start = 0 if bend > 0 else 180
        self.axes.add_patch(Arc((x, y - bend * 0.5), 0.84 * size, 2 * abs(bend), theta1=start, theta2=start + 180, color=INK, linewidth=1.1, zorder=7))

    def heading(self, kind: str, title: str, source: str) -> float:
        """Write what kind of map it is, the finding and its source; return where the map may begin."""
        left, room = 0.3, self.wide - 0.6
        mark = text_width(kind, 10, bold=True) + 0.24
        self.pill(left, 0.2, mark, 0.25, INK, round=0.5)
        self.text(left + 0.12, 0.325, kind, 10, "white", fontweight="bold", va="center")
        size = next((size for size in (18, 17, 16, 15, 14, 13) if text_width(title, size, bold=True) < room - mark - 0.15), 13)
        self.text(left + mark + 0.15, 0.325, style.fitted(title, room - mark - 0.15, size, bold=True), size, fontweight="bold", va="center")
        self.text(left, 0.53, style.fitted(source, room, 10.5), 10.5, QUIET)
        return 0.8

    def footer(self, notes: tuple[str, ...]) -> float:
        """Write how to read the map at the foot; return where the map must end."""
        lines = [line for note in notes for line in folded(note, self.wide - 0.6, SMALL, 2).split("\n")]
        top = self.tall - 0.12 - LINE * len(lines)
        for place, line in enumerate(lines):
            self.text(0.3, top + LINE * place, line, SMALL, QUIET)
        return top - 0.08
