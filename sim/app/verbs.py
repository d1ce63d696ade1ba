"""The studies that the command line knows: ``name -> function(world, options, folder) -> what to print``."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sim.app.progress import bar
from sim.model.world import World

Verb = Callable[[World, Mapping[str, Any], Path], str]


def run(world: World, options: Mapping[str, Any], folder: Path) -> str:
    """Simulate the world, write its log, metrics, figures and report, and return the summary."""
    from sim.studies.run import simulate

    with bar("simulating", total=world.replications if world.couples else 1) as shown:
        result = simulate(world, shown.update)
    result.write(folder)
    from sim.report.figures import draw_all
    from sim.report.terminal import summary

    if options.get("figures", True):
        draw_all(result, folder)
    return summary(result)


def exact(world: World, _options: Mapping[str, Any], folder: Path) -> str:
    """Solve the world exactly, simulate it, and return both side by side."""
    from sim.studies.exact import compare

    with bar("simulating") as shown:
        comparison = compare(world, shown.update)
    comparison.write(folder)
    return comparison.text()


def from_log(world: World, options: Mapping[str, Any], folder: Path) -> str:
    """Make a world from a real log, run it, and return real beside simulated."""
    from sim.calibration.from_log import study

    with bar("simulating") as shown:
        return study(world, options, folder, shown.update)


VERBS: dict[str, Verb] = {"run": run, "exact": exact, "from_log": from_log}
