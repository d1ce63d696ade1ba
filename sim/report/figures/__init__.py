"""Figures: one function a figure, table in, Matplotlib figure out.  Matplotlib is loaded when there is something to draw."""

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.report.html.stored import Run
    from sim.studies.attribution import Attribution
    from sim.studies.processes import Crew
    from sim.studies.run import Result
    from sim.studies.what_if import WhatIf

__all__ = ["draw_all", "draw_credit", "draw_differences"]

FILES = ("funnel", "transition_map", "occasions", "retention", "clv", "conversion", "time_in_stage")  # the others are drawn for the report alone
AT_ONCE = 2  # figures that a process draws before it asks for more
SMALL = 50_000  # customers whose events are soon read again


def draw_all(result: "Result", folder: Path, crew: "Crew | None" = None) -> Callable[[], list[Path]]:
    """Begin to draw every figure of a run that was written into the folder into ``folder/figures``, PNG and SVG each; return what ends it and gives the paths.

    A crew draws meanwhile from what lies in the folder, if all events are there and reading them again is nothing.
    """
    from sim.report.html.stored import Run

    run = Run.of(result, folder)
    if crew is None or result.world.log != "events" or len(result.log.births) > SMALL:
        return cache(lambda: draw(run, FILES, run.language))
    tasks = crew.begin("figures", [[str(folder), FILES[k : k + AT_ONCE], run.language] for k in range(0, len(FILES), AT_ONCE)])
    return cache(lambda: [Path(path) for paths in tasks.results() for path in paths])


def ready(_: None = None) -> None:
    """Load what drawing needs, while there is nothing to draw yet."""
    from sim.report.figures import gallery  # noqa: F401


def told(given: tuple[str, Sequence[str], str]) -> list[str]:
    """Draw figures of the run in a folder, as told in plain data: the folder, the figures' names, and the language."""
    from sim.report.html.stored import Run

    folder, names, language = given
    return [str(path) for path in draw(Run.read(Path(folder)), names, language)]


def draw(run: "Run", names: Sequence[str], language: str) -> list[Path]:
    """Draw some figures of a run, PNG and SVG each, and return their paths."""
    from sim.language import speaking
    from sim.report.figures import style
    from sim.report.figures.gallery import drawers

    with speaking(language), style.sheet():
        drawn = drawers(run)
        return [path for name in names for path in style.save(drawn[name](), run.folder, name)]


def draw_differences(found: "WhatIf", folder: Path) -> list[Path]:
    """Draw the forest plot of a what-if into ``folder/figures``, PNG and SVG, and return the paths."""
    from sim.language import current
    from sim.report.figures import forest, style
    from sim.report.words import spoken

    world = found.baseline
    beside = current().text("figures.forest.against", name=spoken(next(iter(found.worlds))))
    scene = style.Scene(beside, world.customers, world.horizon, world.seed, world.money.currency, found.runs)
    with style.sheet():
        return style.save(forest.draw(found.headline, [row for row in found.rows if row.by == "all"], scene), folder, "forest")


def draw_credit(found: "Attribution", folder: Path) -> list[Path]:
    """Draw credit against truth into ``folder/figures``, PNG and SVG, and return the paths."""
    from sim.report.figures import attribution, style
    from sim.report.words import spoken

    world = found.world
    scene = style.Scene(spoken(world.scenario.name), world.customers, world.horizon, world.seed, world.money.currency, found.options.replications)
    with style.sheet():
        drawn = {"credit": attribution.draw(found.credits, found.truths, scene), "lift": attribution.draw_lift(found.truths, scene)}
        return [path for name, figure in drawn.items() for path in style.save(figure, folder, name)]
