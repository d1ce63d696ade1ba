"""How every figure looks: one style sheet, fixed colours, one frame of title, subtitle and source line.

Colours are those of Okabe and Ito (Color Universal Design, 2008), which people with any colour vision can tell apart;
shades of one colour differ in lightness.
"""

import io
import re
import threading
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import LoadFlags
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

from sim.files import replacing, write_text
from sim.language import current
from sim.report.html.element import el
from sim.report.words import TAIL, customers, spoken

WIDE, TALL, DPI = 10.0, 5.6, 150
MARGIN, TOP, BOTTOM = 0.25, 1.25, 1.05  # inches from an edge; the title lies above, the note below
INK, QUIET, FAINT = "#1a1a1a", "#595959", "#d9d9d9"
BLUE, GREEN, VERMILION, PURPLE, GREY = "#0072B2", "#00785A", "#C04F00", "#A0447A", "#8c8c8c"
PERSONAS = ("#0072B2", "#C04F00", "#00785A", "#A8437F", "#8F6A00", "#3591CC", "#6B3F1D", "#595959")  # dark enough for text on white
MEDIA = {"own": GREY, "paid": VERMILION, "owned": BLUE, "earned": GREEN}
SHADES = {
    "prospect": ("#8CC4E6", "#0072B2", "#003A5D"),
    "customer": ("#7FD1B9", "#00785A", "#003D2E"),
    "lost": ("#6e6e6e", "#6e6e6e"),
    "churned": ("#B84E00", "#B84E00"),
}
_EAST = ("Noto Sans CJK JP", "Noto Sans CJK SC", "Hiragino Sans", "Microsoft YaHei", "Yu Gothic", "Malgun Gothic", "Segoe UI Emoji", "Arial Unicode MS")
_SHEET: dict[str, Any] = {
    "font.size": 12.0,
    "text.parse_math": False,  # a $ in a name is a $
    "text.color": INK,
    "axes.labelcolor": QUIET,
    "axes.labelsize": 12.0,
    "axes.edgecolor": GREY,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.formatter.use_mathtext": False,
    "axes.unicode_minus": True,
    "xtick.labelsize": 11.5,
    "ytick.labelsize": 12.0,
    "xtick.color": QUIET,
    "ytick.color": INK,
    "ytick.major.size": 0.0,
    "grid.color": FAINT,
    "grid.linewidth": 0.8,
    "svg.fonttype": "none",
    "svg.hashsalt": "polku",  # names inside the file do not change from run to run
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "path.simplify": True,
}
TIP = "tip"
_TIPPED = re.compile(rf'<g id="({TIP}-\d+)">')
Drawn = TypeVar("Drawn", bound=Patch)
_ALONE = threading.Lock()  # Matplotlib reads the style sheet from one global place


@dataclass(frozen=True)
class Scene:
    """What every figure must say of its source: the line under the title."""

    scenario: str
    customers: int
    horizon: float
    seed: int | None  # None: not simulated
    currency: str
    replications: int = 1  # behind the numbers with intervals

    def __str__(self) -> str:
        say = current()
        days = say.number(self.horizon, 0 if self.horizon == round(self.horizon) else 1)
        parts = [self.scenario, customers(self.customers), say.text("figures.days", number=days)]
        return " · ".join([*parts, *([say.text("report.seed", seed=self.seed)] if self.seed is not None else [])])


@contextmanager
def sheet() -> Iterator[None]:
    """Use the style sheet inside the block, one thread at a time; afterwards Matplotlib is as it was before."""
    families = ["DejaVu Sans", *(name for name in _EAST if name in _installed())]
    whole: Any = {name: value for name, value in mpl.rcParamsDefault.items() if not name.startswith("backend")}
    whole |= {**_SHEET, "font.family": families}
    with _ALONE, mpl.rc_context(whole), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from", UserWarning)  # the PNG shows a box, the SVG has the letter
        yield


def canvas(title: str, scene: Scene, note: str = "", *, wide: float = WIDE, tall: float = TALL) -> Figure:
    """Return an empty figure with the finding as its title, the source below it, and how to read it at the foot; sizes in inches."""
    figure = Figure(figsize=(wide, tall), dpi=DPI)
    FigureCanvasAgg(figure)
    room = wide - 2 * MARGIN
    size = next((size for size in (18, 17, 16, 15, 14, 13) if text_width(title, size, bold=True) < room), 13)
    _line(figure, tall - 0.25, fitted(title, room, size, bold=True), fontsize=size, fontweight="bold", va="top")
    _line(figure, tall - 0.64, fitted(str(scene), room, 12), fontsize=12, color=QUIET, va="top")
    _line(figure, 0.1, folded(note, room, 11), fontsize=11, color=QUIET, va="bottom", linespacing=1.25)
    return figure


def empty(title: str, scene: Scene, reason: str) -> Figure:
    """Return a figure that says why there is nothing to draw."""
    figure = canvas(title, scene)
    figure.text(0.5, 0.45, fitted(reason, WIDE - 2 * MARGIN, 16), fontsize=16, color=QUIET, ha="center", va="center")
    return figure


def signed(axis: Axis) -> None:
    """Write the numbers of an axis with the signs of the language, where there is one with a plus."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: current().signs(f"{value:+g}") if value else "0"))


def plain(axis: Axis, digits: int = 3) -> None:
    """Write the numbers of an axis with the signs of the language."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: current().significant(value, digits) if value else "0"))


def tall_for(rows: int) -> float:
    """Return the height of a figure in which this many rows of text fit."""
    return max(TALL, TOP + BOTTOM + 0.27 * rows)


def panel(figure: Figure, left: float, right: float, *, top: float = TOP, bottom: float = BOTTOM) -> Axes:
    """Return axes from ``left`` to ``right``, inches from the left edge; ``top`` and ``bottom`` are inches from those edges."""
    wide, tall = figure.get_size_inches()
    return figure.add_axes((left / wide, bottom / tall, (right - left) / wide, (tall - top - bottom) / tall))


def stage_colours(kinds: tuple[str, ...]) -> tuple[str, ...]:
    """Return the colour of each stage: blue before conversion, green after it, darker the later; exits grey and vermilion."""
    out = []
    for at, kind in enumerate(kinds):
        rank, size = kinds[:at].count(kind), kinds.count(kind)
        out.append(_shade(SHADES[kind], rank / (size - 1) if size > 1 else 0.5))
    return tuple(out)


def persona_colour(number: int) -> str:
    """Return the colour of a persona by its place in the world."""
    return PERSONAS[number % len(PERSONAS)]


def on(colour: str) -> str:
    """Return the ink that reads on a colour, black or white: a contrast of 4.5 at least (relative luminance, WCAG 2.1)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in mpl.colors.to_rgb(colour)]
    return "white" if 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] < 0.179 else "black"


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of a line in inches."""
    return size / 72 * sum(_letter_width(letter, "bold" if bold else "normal") for letter in text)


def fitted(text: str, inches: float, size: float, *, bold: bool = False) -> str:
    """Return the text cut to a width in inches; an ellipsis stands for what was cut out: not the end, which often tells names apart."""
    if text_width(text, size, bold=bold) <= inches:
        return text
    head, tail = text, f"\u2026{text[-TAIL:]}" if text_width(text[-TAIL:], size, bold=bold) < inches / 2 else "\u2026"
    while head and text_width(head + tail, size, bold=bold) > inches:
        head = head[:-1]
    return head.rstrip() + tail


def folded(text: str, inches: float, size: float, lines: int = 2) -> str:
    """Return the text in at most some lines of a width in inches, broken at blanks, or with a hyphen where a word is too long."""
    out: list[str] = []
    rest = text
    while len(out) < lines - 1 and text_width(rest, size) > inches:
        fits = [at for at in range(1, len(rest)) if text_width(rest[:at].rstrip(), size) <= inches]
        blank = max((at for at in fits if rest[at] == " " and rest[at + 1] != "%"), default=0)
        at = blank or max(1, min(len(fits) - 1, len(rest) - 4))
        out.append(rest[:at] + ("" if blank else "-"))
        rest = rest[at:].lstrip()
    return "\n".join([*out, fitted(rest, inches, size)])


def row_names(names: Sequence[str], inches: float, room: float) -> list[str]:
    """Return the names of rows as they are spoken: in two lines where the rows share ``room`` inches of height generously, else in one."""
    lines = 2 if room / max(1, len(names)) > 0.45 else 1
    return [folded(spoken(name), inches, 12, lines) for name in names]


def widest(texts: Sequence[str], size: float) -> float:
    """Return the width in inches of the widest line."""
    return max((text_width(line, size) for text in texts for line in text.split("\n")), default=0.0)


def tip(patch: Drawn, text: str) -> Drawn:
    """Let a patch of an SVG say a text when it is pointed at, and return it."""
    patch.set_gid(TIP)
    patch.set_label(text)
    return patch


def of_persona(number: int, artists: Iterable[Artist]) -> None:
    """Mark artists as one persona's (-1: everybody's), so that a page can show and hide them."""
    for artist in artists:
        artist.set_gid(f"persona-{number}" if number >= 0 else None)


def save(figure: Figure, folder: Path, name: str) -> list[Path]:
    """Write a figure into ``folder/figures`` as PNG and SVG, whole or not at all, and return the paths; the same figure gives the same bytes."""
    place = folder / "figures"
    place.mkdir(parents=True, exist_ok=True)
    paths = [place / f"{name}.png", place / f"{name}.svg"]
    with replacing(paths[0]) as part:
        figure.savefig(part, format="png", dpi=DPI, metadata={"Software": None}, pil_kwargs={"compress_level": 3})  # half the time of 6, a tenth larger
    write_text(paths[1], svg(figure))
    return paths


def svg(figure: Figure) -> str:
    """Return a figure as SVG, with what its artists say when they are pointed at."""
    tips: dict[str, str] = {}
    for artist in (patch for axes in figure.axes for patch in axes.patches if patch.get_gid() == TIP):  # of all artists only patches have tips
        artist.set_gid(f"{TIP}-{len(tips)}")
        tips[f"{TIP}-{len(tips)}"] = str(artist.get_label())
    drawn = io.StringIO()
    figure.savefig(drawn, format="svg", dpi=DPI, metadata={"Date": None, "Creator": None})
    return _TIPPED.sub(lambda found: f"{found[0]}{el('title', {}, tips[found[1]])}", drawn.getvalue())


def _line(figure: Figure, height: float, text: str, **how: Any) -> None:
    wide, tall = figure.get_size_inches()
    figure.text(MARGIN / wide, height / tall, text, **how)


def _shade(ramp: tuple[str, ...], where: float) -> str:
    at = where * (len(ramp) - 1)
    low = min(int(at), len(ramp) - 2)
    (r, g, b), (red, green, blue) = (mpl.colors.to_rgb(colour) for colour in (ramp[low], ramp[low + 1]))
    part = at - low
    return str(mpl.colors.to_hex((r + (red - r) * part, g + (green - g) * part, b + (blue - b) * part)))


@cache
def _letter_width(letter: str, weight: str) -> float:
    """Return the width of a letter of size 1; letters that the font lacks are as wide as they are high."""
    face = font_manager.get_font(font_manager.findfont(FontProperties(family="DejaVu Sans", weight=weight)))
    if not face.get_char_index(ord(letter)):
        return 1.0
    face.set_size(100, 72)
    return float(face.load_char(ord(letter), flags=LoadFlags.NO_HINTING).linearHoriAdvance) / 65536 / 100


@cache
def _installed() -> set[str]:
    return {font.name for font in font_manager.fontManager.ttflist}
