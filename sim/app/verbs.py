"""The studies that the command line knows: ``name -> function(ask) -> what to print``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.app import reports
from sim.app.compose import Request
from sim.app.config import read
from sim.app.designs import sensitivity, sweep
from sim.app.map import journey_map
from sim.app.progress import bar
from sim.app.warm_up import warm_up
from sim.language import current
from sim.model.world import World

if TYPE_CHECKING:
    from sim.studies.processes import Process


class Ask(NamedTuple):
    """What a study is asked: of which world, with which options, writing where; ``compose`` makes the same ``request`` with further overrides.

    ``ready``: processes that have begun to load what a run needs.
    """

    world: World
    options: Mapping[str, Any]
    folder: Path
    compose: Callable[..., World]
    request: Request
    ready: Sequence["Process"] = ()


Verb = Callable[[Ask], str]


def run(ask: Ask) -> str:
    """Simulate the world, write its log, metrics, figures and report, and return the summary."""
    from sim.app import crew as known
    from sim.jit import is_cold
    from sim.studies.processes import crew, others
    from sim.studies.run import simulate

    draws = ask.options.get("figures", True)
    helpful = (ask.world.couples or draws) and not is_cold()  # else every process would compile the same rules
    with crew(known.__name__, known.TASKS, others() if helpful else 0, ask.ready) as helping:
        with bar("simulating", total=ask.world.replications if ask.world.couples else 1) as shown:
            result = simulate(ask.world, shown.update, crew=helping)
        if draws:
            helping.begin("ready", [None] * len(helping.processes))
        result.write(ask.folder)
        from sim.report.figures import draw_all
        from sim.report.terminal import summary

        finish = draw_all(result, ask.folder, helping) if draws else list
        if ask.options.get("report", True):
            reports.of(result, ask.folder, finish)
        finish()
    return summary(result)


def report(ask: Ask) -> str:
    """Make one page from stored runs, and return where it is."""
    return reports.remade(ask.options["runs"], ask.folder, lambda folder: read(Request(config_dir=folder), VERBS))


def exact(ask: Ask) -> str:
    """Solve the world exactly, simulate it, and return both side by side."""
    from sim.studies.exact import compare

    with bar("simulating") as shown:
        comparison = compare(ask.world, shown.update)
    comparison.write(ask.folder)
    return comparison.text()


def from_log(ask: Ask) -> str:
    """Make a world from a real log, run it, and return real beside simulated."""
    from sim.calibration.from_log import study

    with bar("simulating") as shown:
        text = study(ask.world, ask.options, ask.folder, shown.update)
    reports.of_folder(ask.folder / "observed", ask.folder)
    return text


def new(ask: Ask) -> str:
    """Write a file of figures to fill in, and return what to do with it."""
    from sim.calibration.from_funnel.template import write

    path = write(str(ask.options["file"]), ask.world)
    return f"fill in what you know in {path}, leave the rest empty, then:\n  polku study=from_funnel study.figures={path}"


def from_funnel(ask: Ask) -> str:
    """Make a world from figures, run it, and return asked beside obtained."""
    from sim.app.figures import read
    from sim.calibration.from_funnel.study import study

    with bar("simulating", total=ask.options["replications"]) as shown:
        return study(read(str(ask.options["figures"])), ask.world, ask.options, ask.folder, shown.update)


def replicate(ask: Ask) -> str:
    """Play a world until one mean is known well enough, write the means, and say whether there were enough runs."""
    from sim.studies.precision import to_precision

    with bar("playing", total=ask.options["max"]) as shown:
        found = to_precision(ask.world, ask.options["metric"], ask.options["precision"], ask.options["max"], shown.update)
    found.write(ask.folder)
    return found.text()


def what_if(ask: Ask) -> str:
    """Compare scenarios with the same customers' luck, write the differences, and return the verdicts."""
    from sim.report.figures import draw_differences
    from sim.studies.ranges import assumed, ranges
    from sim.studies.what_if import Asked
    from sim.studies.what_if import what_if as study

    worlds = {name: ask.compose(f"scenario={name}") for name in ask.options["scenarios"]}
    inputs = ranges(ask.options["ranges"])
    with bar("playing", total=ask.options["max"]) as shown:
        found = study(worlds, Asked(ask.options["matters"], ask.options["max"]), shown.update)
    if inputs:
        with bar("drawing", total=ask.options["draws"] * ask.options["each"]) as shown:
            found = replace(found, assumed=assumed(worlds, inputs, ask.options["draws"], ask.options["each"], shown.update))
    found.write(ask.folder)
    if ask.options["figures"]:
        draw_differences(found, ask.folder)
        reports.of_study(ask.world, ask.folder)
    return found.text()


def attribution(ask: Ask) -> str:
    """Divide conversions by every attribution model and set the truth beside it; of a real file of paths the credit alone."""
    from sim.report.figures import draw_credit
    from sim.studies import attribution as study

    options = dict(ask.options)
    file, columns, figures = (options.pop(name) for name in ("paths", "columns", "figures"))
    if file is not None:
        credits_ = study.from_paths(file, columns, options["half_life"])
        credits_.write(ask.folder)
        return credits_.text()
    if ask.world.student:
        observed = study.observed(ask.world, study.Options(**options))
        observed.write(ask.folder)
        return f"{observed.text()}\n\n{current().text('attribution.left_out')}"
    with bar("playing") as shown:
        found = study.attribution(ask.world, study.Options(**options), shown.update)
    found.write(ask.folder)
    if figures:
        draw_credit(found, ask.folder)
        reports.of_study(ask.world, ask.folder)
    return found.text()


def ab_test(ask: Ask) -> str:
    """Analyse an A/B test as its log shows it, and return that beside the truth."""
    from sim.studies.ab.question import Question
    from sim.studies.ab.study import ab_test

    question = Question.of(ask.options, ask.world)
    with bar("testing", total=question.steps) as shown:
        result = ab_test(ask.world, question, shown.update)
    result.write(ask.folder)
    from sim.report.figures.ab_test import save

    if ask.options.get("figures", True):
        save(result, ask.world, ask.folder)
        reports.of_study(ask.world, ask.folder)
    return result.text()


def optimise(ask: Ask) -> str:
    """Search the best split of a total over channels and people, write it, and return what it is worth on fresh replications."""
    from sim.report.figures import response
    from sim.studies import optimise as study

    options = {name: value for name, value in ask.options.items() if name != "figures"}
    with bar("playing") as shown:
        found = study.optimise(ask.world, study.Options(**options), shown.update)
    found.write(ask.folder)
    if ask.options["figures"]:
        response.save(found, ask.folder)
    return found.text()


def facts(ask: Ask) -> str:
    """Set what the sources say beside what the world does, write it, and return the table."""
    from sim.report.figures.facts import save
    from sim.studies.facts.counts import WORLD
    from sim.studies.facts.study import simulated

    worlds = {WORLD: ask.world} | {name: ask.compose(*overrides) for name, overrides in ask.options["worlds"].items()}
    with bar("playing", total=ask.options["replications"]) as shown:
        found = simulated(worlds, ask.options["replications"], shown.update)
    found.write(ask.folder)
    if ask.options["figures"]:
        save(found, ask.folder)
    return found.text()


VERBS: dict[str, Verb] = {
    "run": run,
    "exact": exact,
    "facts": facts,
    "from_log": from_log,
    "map": journey_map,
    "new": new,
    "from_funnel": from_funnel,
    "ab_test": ab_test,
    "attribution": attribution,
    "optimise": optimise,
    "replicate": replicate,
    "report": report,
    "sensitivity": sensitivity,
    "sweep": sweep,
    "warm_up": warm_up,
    "what_if": what_if,
}
