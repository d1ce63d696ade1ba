"""The verb ``map``: which kind is asked for, of a world or of a stored run."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import ConfigError, Problem, near
from sim.log import Log
from sim.model.world import World

if TYPE_CHECKING:
    from sim.app.verbs import Ask
    from sim.report.html.stored import Run

KINDS = ("current_state", "future_state", "day_in_the_life", "persona_map")


def journey_map(ask: "Ask") -> str:
    """Draw the journey map that is asked for, write it with its tables, and return it in a few lines."""
    options = ask.options
    _check(options)
    kinds = {"current_state": _current, "future_state": _future, "day_in_the_life": _life, "persona_map": _personas}
    return kinds[options["kind"]](ask)


def _check(options: Mapping[str, Any]) -> None:
    kind, problems = options["kind"], []
    if kind not in KINDS:
        problems.append(Problem("study.kind", f"given {kind!r}", near(str(kind), KINDS)))
    if kind == "future_state" and not options["scenario"]:
        problems.append(Problem("study.scenario", "missing", "name the other world: study.scenario=more_sales_reps"))
    if options["run"] and (kind == "future_state" or options["scenario"]):
        problems.append(Problem("study.run", f"given {options['run']!r}", "a stored run has no other world; leave out study.run or study.scenario"))
    if options["replications"] < 2:
        problems.append(Problem("study.replications", f"given {options['replications']!r}", "must be 2 or more"))
    if problems:
        raise ConfigError(problems)


def _current(ask: "Ask") -> str:
    from dataclasses import replace

    from sim.app.progress import bar
    from sim.report.map import current_state, files
    from sim.studies.journey_map import current_state as measured
    from sim.studies.moments import moments

    if ask.options["run"]:
        return files.current(current_state.of_run(_stored(ask)), ask.folder, figures=ask.options["figures"])
    with bar("playing", total=ask.options["replications"]) as shown:
        found = measured(ask.world, ask.options["replications"], shown.update)
    if ask.options["moments"] and ask.world.channels:
        with bar("seeking moments of truth") as shown:
            found = replace(found, moments=moments(ask.world, ask.options["moments"], progress=shown.update))
    return files.current(found, ask.folder, figures=ask.options["figures"])


def _future(ask: "Ask") -> str:
    from sim.app.progress import bar
    from sim.report.map import files
    from sim.studies.journey_map import future_state

    after = ask.compose(f"scenario={ask.options['scenario']}")
    with bar("playing", total=ask.options["replications"]) as shown:
        found = future_state(ask.world, after, ask.options["replications"], shown.update)
    return files.future(found, ask.folder, figures=ask.options["figures"])


def _personas(ask: "Ask") -> str:
    from sim.app.progress import bar
    from sim.report.map import current_state, files
    from sim.studies.journey_map import persona_maps

    if ask.options["run"]:
        return files.personas(current_state.by_persona(_stored(ask)), ask.folder, figures=ask.options["figures"])
    with bar("playing", total=ask.options["replications"]) as shown:
        found = persona_maps(ask.world, ask.options["replications"], shown.update)
    return files.personas(found, ask.folder, figures=ask.options["figures"])


def _life(ask: "Ask") -> str:
    from sim.report.map import current_state, files
    from sim.report.map.day_in_the_life import Shown
    from sim.studies.journey_map import cards
    from sim.studies.lives import choose, life, twin

    options, scenario = ask.options, ask.options["scenario"]
    run = _stored(ask) if options["run"] else None
    log = run.log() if run else _played(ask.world)
    index, of = choose(log, options["customer"])
    own = life(log, index)
    other = twin(_played(ask.compose(f"scenario={scenario}")), own.identity) if scenario else None
    known = current_state.cards(run) if run else cards(ask.world)
    chosen = options["customer"] if isinstance(options["customer"], str) else "numbered"
    shown = Shown(own, chosen, of, log.terms, known.get(own.persona, {}), _day(options["first_day"]), scenario, other)
    return files.life(shown, ask.folder, figures=options["figures"])


def _played(world: World) -> Log:
    from sim.play import play

    return play(world, clock="compiled")


def _stored(ask: "Ask") -> "Run":
    from sim.app import reports
    from sim.app.compose import Request
    from sim.app.config import read
    from sim.app.verbs import VERBS

    return reports.stored(Path(ask.options["run"]), lambda folder: read(Request(config_dir=folder), VERBS))


def _day(given: Any) -> date:
    try:
        return given if isinstance(given, date) else date.fromisoformat(str(given))
    except ValueError:
        raise ConfigError([Problem("study.first_day", f"given {given!r}", "must be a day of the calendar, like 2026-01-01")]) from None
