"""A/B tests: each effect with its interval beside the truth; what peeking costs look by look; p values when nothing differs."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sim.language import current
from sim.model.world import World
from sim.report.figures import style
from sim.report.words import metric, percent, spoken
from sim.studies.ab.lessons import AA, RULES, Peek
from sim.studies.ab.study import Falses, Peeking, Result, Test

COLOURS = dict(zip(RULES, (style.VERMILION, style.BLUE, style.GREEN, style.PURPLE), strict=True))


def save(result: Result, world: World, folder: Path) -> list[Path]:
    """Draw what the study found into ``folder/figures``, PNG and SVG, and return the paths; power has no figure."""
    scene = style.Scene(spoken(result.name), world.customers, world.horizon, world.seed, world.money.currency)
    with style.sheet():
        figure = _figure(result, scene)
        if figure is None:
            return []
        return style.save(figure[1], folder, figure[0])


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
        return style.empty(_text("effects.nobody"), scene, _text("effects.longer"))
    level, runs = current().percent(1 - result.question.alpha), current().count(result.question.replications)
    figure = style.canvas(_finding(result), scene, _text("effects.note", level=level, runs=runs), tall=max(style.TALL, 2.4 + 0.75 * len(pairs)))
    names = [f"{style.folded(metric(finding.metric), 3.0, 12)}\n{spoken(finding.arm)}" for finding, _ in pairs]
    axes = style.panel(figure, style.widest(names, 12) + style.MARGIN + 0.2, style.WIDE - 0.4, top=1.5, bottom=1.25)
    colours = {"test": style.BLUE, "cuped": style.PURPLE, "truth": style.INK}
    for y, (finding, truth) in enumerate(pairs):
        base, true = abs(finding.control), abs(truth.control)
        rows = {"test": finding.plain[:3], "cuped": finding.cuped[:3], "truth": (truth.effect, truth.low, truth.high)}
        for k, (name, (value, low, high)) in enumerate(rows.items()):
            scale = 100 / (true if name == "truth" else base)
            _mark(axes, y - 0.2 + 0.2 * k, np.array([value, low, high]) * scale, colours[name], _text(f"effects.{name}") if y == 0 else "")
    axes.axvline(0, color=style.GREY, linewidth=1.2)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.grid(axis="x")
    axes.set_xlabel(_text("effects.across"))
    style.signed(axes.xaxis)
    axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=3, frameon=False, fontsize=11)
    return figure


def peeking(peeks: Sequence[Peek], scene: style.Scene) -> Figure:
    """Return the figure of false alarms by look, exact and simulated, of every rule."""
    worst = max((peek for peek in peeks if peek.rule == "naive"), key=lambda peek: peek.look)
    title = _text("peeking.title", looks=worst.look, share=percent(worst.exact))
    figure = style.canvas(title, scene, _text("peeking.note", splits=current().count(worst.splits)))
    axes = style.panel(figure, 1.0, style.WIDE - 2.2)
    for rule, colour in COLOURS.items():
        own = [peek for peek in peeks if peek.rule == rule]
        x, found = [peek.look for peek in own], [100 * peek.simulated for peek in own]
        axes.plot(x, [100 * peek.exact for peek in own], color=colour, linewidth=2)
        axes.plot(x, found, color=colour, marker="o", markersize=5, linestyle="none")
        axes.plot([], [], color=colour, linewidth=2, marker="o", markersize=5, label=_text(f"peeking.{rule}"))
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False, fontsize=11)
    axes.set_ylim(bottom=0)
    axes.grid(axis="y")
    axes.set_xlabel(_text("peeking.across"))
    axes.set_ylabel(_text("peeking.up"))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure


def uniform(metrics: Sequence[AA], scene: style.Scene) -> Figure:
    """Return the figure of p values of A/A tests: the share at or below p, which is p."""
    found = sum(one.rejected for one in metrics) / max(1, sum(len(one.p) for one in metrics))
    figure = style.canvas(_text("aa.title", share=percent(found)), scene, _text("aa.note"))
    axes = style.panel(figure, 1.0, style.WIDE - 3.0)
    axes.plot([0, 1], [0, 1], color=style.GREY, linewidth=1.2)
    for k, one in enumerate(metrics):
        ordered = np.sort(one.p)
        axes.plot(ordered, np.arange(1, len(ordered) + 1) / len(ordered), color=style.persona_colour(k), linewidth=2, label=metric(one.metric))
    axes.legend(loc="upper left", bbox_to_anchor=(1.02, 1.0), frameon=False, fontsize=11)
    axes.set_xlabel("p")
    axes.set_ylabel(_text("aa.up"))
    return figure


def _mark(axes: Axes, y: float, values: "np.ndarray[tuple[int], np.dtype[np.float64]]", colour: str, label: str) -> None:
    value, low, high = values
    if np.isfinite(low) and np.isfinite(high):
        axes.plot([low, high], [y, y], color=colour, linewidth=2.5, solid_capstyle="butt")
    if np.isfinite(value):
        axes.plot([value], [y], marker="o", markersize=7, color=colour, markeredgecolor="white", linestyle="none", label=label or None)


def _finding(result: Test) -> str:
    first, truth = result.findings[0], result.truths[0]
    said = _effect(first.plain[:3], abs(first.control), "nothing")
    return _text("effects.found", metric=metric(first.metric), test=said, truth=_effect((truth.effect, truth.low, truth.high), abs(truth.control), "unknown"))


def _effect(values: Sequence[float], level: float, otherwise: str) -> str:
    """Return an effect in percent of a level with its interval, or what is said where there is none."""
    if not (level > 0 and np.isfinite(values[0])):
        return _text(f"effects.{otherwise}")
    value, low, high = (current().signs(f"{100 * part / level:+.{0 if abs(part) > 0.1 * level else 1}f}") for part in values)
    limits = f" ({current().range(low, high)})" if np.isfinite(values[1]) else ""
    return current().text("numbers.percent", number=value) + limits


def _text(key: str, **values: object) -> str:
    return current().text(f"figures.{key}", **values)
