"""A/B tests: each effect with its interval beside the truth; what peeking costs look by look; p values when nothing differs."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sim.model.world import World
from sim.report.figures import style
from sim.report.words import inside, percent, spoken
from sim.studies.ab.lessons import AA, RULES, Peek
from sim.studies.ab.study import Falses, Peeking, Result, Test

NOTE = "Lines: 95 % intervals, as parts of control's level. The truth: everybody in the arm against everybody in control, mean over replications."
NAMES = {"naive": "Naive", "pocock": "Pocock", "obrien_fleming": "O'Brien-Fleming", "always_valid": "Always valid"}
COLOURS = dict(zip(RULES, (style.VERMILION, style.BLUE, style.GREEN, style.PURPLE), strict=True))


def save(result: Result, world: World, folder: Path) -> list[Path]:
    """Draw what the study found into ``folder/figures``, PNG and SVG, and return the paths; power has no figure."""
    place = folder / "figures"
    scene = style.Scene(spoken(result.name), world.customers, world.horizon, world.seed, world.money.currency)
    with style.sheet():
        figure = _figure(result, scene)
        if figure is None:
            return []
        place.mkdir(parents=True, exist_ok=True)
        return style.save(figure[1], place, figure[0])


def _figure(result: Result, scene: style.Scene) -> tuple[str, Figure] | None:
    if isinstance(result, Test):
        return ("effects", effects(result, scene)) if result.truths else None
    if isinstance(result, Peeking):
        return "peeking", peeking(result.peeks, scene)
    return ("aa", uniform(result.metrics, scene)) if isinstance(result, Falses) else None


def effects(result: Test, scene: style.Scene) -> Figure:
    """Return the figure of every metric and arm: the test, the same test with CUPED, and the truth."""
    pairs = [(finding, truth) for finding, truth in zip(result.findings, result.truths, strict=True) if abs(finding.control) > 0 and abs(truth.control) > 0]
    if not pairs:
        return style.empty("Nobody was followed long enough", scene, "shorten the windows, or lengthen the horizon")
    figure = style.canvas(_finding(result), scene, NOTE, tall=max(style.TALL, 2.4 + 0.75 * len(pairs)))
    names = [f"{finding.metric}\n{spoken(finding.arm)}" for finding, _ in pairs]
    axes = style.panel(figure, style.widest(names, 12) + style.MARGIN + 0.2, style.WIDE - 0.4, top=1.5, bottom=1.25)
    labels = {"test": style.BLUE, "test with CUPED": style.PURPLE, "truth": style.INK}
    for y, (finding, truth) in enumerate(pairs):
        base, true = abs(finding.control), abs(truth.control)
        rows = {"test": finding.plain[:3], "test with CUPED": finding.cuped[:3], "truth": (truth.effect, truth.low, truth.high)}
        for k, (name, (value, low, high)) in enumerate(rows.items()):
            scale = 100 / (true if name == "truth" else base)
            _mark(axes, y - 0.2 + 0.2 * k, np.array([value, low, high]) * scale, labels[name], name if y == 0 else "")
    axes.axvline(0, color=style.GREY, linewidth=1.2)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.grid(axis="x")
    axes.set_xlabel("difference from control, % of control's level")
    axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=3, frameon=False, fontsize=11)
    return figure


def peeking(peeks: Sequence[Peek], scene: style.Scene) -> Figure:
    """Return the figure of false alarms by look, exact and simulated, of every rule."""
    worst = max((peek for peek in peeks if peek.rule == "naive"), key=lambda peek: peek.look)
    title = f"Looking {worst.look} times without paying for it: {100 * worst.exact:.1f} % false alarms"
    figure = style.canvas(title, scene, f"Lines: exact, by recursive integration. Dots: {worst.splits:,} simulated tests in which nothing differs.")
    axes = style.panel(figure, 1.0, style.WIDE - 2.2)
    for rule, colour in COLOURS.items():
        own = [peek for peek in peeks if peek.rule == rule]
        x, found = [peek.look for peek in own], [100 * peek.simulated for peek in own]
        axes.plot(x, [100 * peek.exact for peek in own], color=colour, linewidth=2)
        axes.plot(x, found, color=colour, marker="o", markersize=5, linestyle="none")
        axes.plot([], [], color=colour, linewidth=2, marker="o", markersize=5, label=NAMES[rule])
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False, fontsize=11)
    axes.set_ylim(bottom=0)
    axes.grid(axis="y")
    axes.set_xlabel("looks so far")
    axes.set_ylabel("tests stopped, %")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure


def uniform(metrics: Sequence[AA], scene: style.Scene) -> Figure:
    """Return the figure of p values of A/A tests: the share at or below p, which is p."""
    found = sum(one.rejected for one in metrics) / max(1, sum(len(one.p) for one in metrics))
    figure = style.canvas(f"Where nothing differs, {percent(found)} of the tests find a difference", scene, "A right test's p values lie on the diagonal.")
    axes = style.panel(figure, 1.0, style.WIDE - 3.0)
    axes.plot([0, 1], [0, 1], color=style.GREY, linewidth=1.2)
    for k, one in enumerate(metrics):
        ordered = np.sort(one.p)
        axes.plot(ordered, np.arange(1, len(ordered) + 1) / len(ordered), color=style.persona_colour(k), linewidth=2, label=one.metric)
    axes.legend(loc="upper left", bbox_to_anchor=(1.02, 1.0), frameon=False, fontsize=11)
    axes.set_xlabel("p")
    axes.set_ylabel("share of tests with at most this p")
    return figure


def _mark(axes: Axes, y: float, values: "np.ndarray[tuple[int], np.dtype[np.float64]]", colour: str, label: str) -> None:
    value, low, high = values
    if np.isfinite(low) and np.isfinite(high):
        axes.plot([low, high], [y, y], color=colour, linewidth=2.5, solid_capstyle="butt")
    if np.isfinite(value):
        axes.plot([value], [y], marker="o", markersize=7, color=colour, markeredgecolor="white", linestyle="none", label=label or None)


def _finding(result: Test) -> str:
    first, truth = result.findings[0], result.truths[0]
    said = f"The test says {100 * first.plain.difference / first.control:+.1f} %" if abs(first.control) > 0 else "The test says nothing"
    true = f"the truth is {100 * truth.effect / truth.control:+.1f} %" if abs(truth.control) > 0 else "the truth is not known"
    return f"{inside(first.metric).replace('conversion rate', 'Conversion rate')}: {said[0].lower()}{said[1:]}, {true}"
