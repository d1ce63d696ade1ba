"""Which channels meet customers, where, and whom they engage."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from sim.language import current
from sim.log import Array
from sim.metrics.curves import Occasions
from sim.report.figures import style
from sim.report.words import count, inside, percent, spoken

PAPER_TO_BLUE = LinearSegmentedColormap.from_list("polku", ["#ffffff", "#cfe4f2", "#5aa7d6", "#0072B2", "#00466e"])
SIDE = 2.2  # inches for the bars and their numbers


def draw(table: Occasions, kinds: tuple[str, ...], media: tuple[str, ...], scene: style.Scene) -> Figure:
    """Return the figure; ``kinds`` has the kind of each stage, ``media`` of each channel."""
    stages = [s for s, kind in enumerate(kinds) if kind in ("prospect", "customer")]
    counts = table.counts[:, stages]
    if not counts.sum():
        return style.empty(current().text("figures.occasions.none"), scene, current().text("figures.occasions.none_here"))
    if not counts[1:].sum():
        return style.empty(current().text("figures.occasions.no_channel"), scene, current().text("figures.occasions.all_own", number=count(counts.sum())))
    order = _order(counts)
    figure = style.canvas(_finding(table), scene, current().text("figures.occasions.note"), tall=style.tall_for(len(order)))
    names = [style.fitted(spoken(table.channels[c]), 1.9, 12) for c in order]
    left = style.widest(names, 12) + style.MARGIN + 0.15
    right = style.WIDE - style.MARGIN - SIDE
    axes = style.panel(figure, left, min(right, left + 1.3 * len(stages)), top=1.5, bottom=0.72)
    wide = min((right - left) / len(stages), 1.3)
    _table(axes, counts[order] / np.maximum(counts.sum(axis=0), 1), [style.folded(spoken(table.stages[s]), wide, 11) for s in stages], wide)
    axes.set_yticks(range(len(names)), names)
    start = min(right, left + 1.3 * len(stages)) + 0.15
    _bars(style.panel(figure, start, start + SIDE, top=1.5, bottom=0.72), table, order, media)
    return figure


def _order(counts: Array) -> list[int]:
    """Return the channels by size, own last."""
    return [*sorted(range(1, len(counts)), key=lambda c: -counts[c].sum()), 0]


def _table(axes: Axes, shares: Array, stages: list[str], wide: float) -> None:
    full = max(0.5, shares.max())
    across, down = np.arange(len(stages) + 1) - 0.5, np.arange(len(shares) + 1) - 0.5
    axes.pcolormesh(across, down, shares, cmap=PAPER_TO_BLUE, vmin=0, vmax=full, edgecolors="white", linewidth=1.5)
    for (y, x), share in np.ndenumerate(shares):
        if share > 0:
            text = percent(share) if wide > 0.6 else percent(share).removesuffix(" %")
            axes.text(x, y, text, ha="center", va="center_baseline", fontsize=11, color=style.on(_colour(share / full)))
    axes.set_ylim(len(shares) - 0.5, -0.5)
    axes.xaxis.tick_top()
    axes.set_xticks(range(len(stages)), stages, fontsize=11)
    axes.tick_params(axis="x", length=0, pad=3)
    axes.spines[["bottom", "left"]].set_visible(False)
    axes.set_xlabel(current().text("figures.occasions.share"), fontsize=11.5)
    axes.xaxis.set_label_position("bottom")
    axes.xaxis.set_label_coords(0.5, -0.018)
    axes.xaxis.label.set_verticalalignment("top")


def _colour(share: float) -> str:
    red, green, blue, _ = PAPER_TO_BLUE(share)
    return f"#{int(255 * red):02x}{int(255 * green):02x}{int(255 * blue):02x}"


def _bars(axes: Axes, table: Occasions, order: list[int], media: tuple[str, ...]) -> None:
    """Draw occasions light and engaged ones dark, in the colour of the channel's media; own ones are a number only."""
    total, touched = table.counts.sum(axis=1), table.engaged.sum(axis=1)
    most = max(1, total[1:].max(initial=0))
    for y, channel in enumerate(order):
        colour = style.MEDIA[media[channel]]
        if channel:
            axes.barh(y, total[channel], color=colour, alpha=0.32, height=0.72)
            axes.barh(y, touched[channel], color=colour, height=0.72)
        share = f" · {percent(touched[channel] / total[channel])}" if channel and total[channel] else ""
        axes.text((total[channel] + most * 0.04) * bool(channel), y, f"{_brief(total[channel])}{share}", va="center_baseline", fontsize=11)
    axes.set(xlim=(0, most * 2.1), ylim=(len(order) - 0.5, -0.5), xticks=[], yticks=[])
    axes.spines[["bottom", "left"]].set_visible(False)
    axes.set_xlabel(current().text("figures.occasions.engaged"), fontsize=11.5)
    axes.xaxis.set_label_coords(0.0, -0.018)
    axes.xaxis.label.set(horizontalalignment="left", verticalalignment="top")
    x, kinds = 0.0, [kind for kind in ("paid", "owned", "earned") if kind in media]
    size = 12 if style.text_width("".join(map(spoken, kinds)), 12, bold=True) + 0.3 < SIDE - 0.2 else 9.5
    for kind in kinds:
        axes.text(x, 1.01, spoken(kind), transform=axes.transAxes, color=style.MEDIA[kind], fontsize=size, fontweight="bold", va="bottom")
        x += (style.text_width(spoken(kind), size, bold=True) + 0.15) / SIDE


def _brief(value: float) -> str:
    return count(value) if value < 100_000 else f"{value / 1000:,.0f}k" if value < 999_500 else f"{value / 1e6:,.1f}M"


def _finding(table: Occasions) -> str:
    total, touched = table.counts.sum(axis=1)[1:].astype(float), table.engaged.sum(axis=1)[1:]
    rate = np.divide(touched, total, out=np.zeros(len(total)), where=total >= 30)
    first, best = int(np.argmax(total)), int(np.argmax(rate))
    names = table.channels[1:]
    say = current()
    lead = say.text("figures.occasions.reaches", channel=spoken(names[first]), share=percent(total[first] / total.sum()))
    if not rate.any() or len(names) == 1:
        return lead
    return lead + say.text("figures.occasions.too" if first == best else "figures.occasions.engages", channel=inside(names[best]), share=percent(rate[best]))
