"""Many runs from one command: ``polku -m name=1,2,3`` runs each point, and leaves one tidy table beside them."""

import csv
import itertools
import math
import sys
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from hydra.core.override_parser.types import Override, RangeSweep

from sim.app import sources
from sim.app.compose import Loader, Request, compose, make_loader, parse
from sim.app.config import Config, another, read
from sim.app.designs import Incomplete
from sim.app.outputs import fresh_folder, named, record
from sim.app.progress import announce, bar
from sim.app.verbs import Ask, Verb
from sim.errors import ConfigError, Problem, SimError
from sim.files import write_csv
from sim.language import speaking

MOST_POINTS = 10_000
MEASURED = ("metric", "by", "group", "value", "low", "high", "unit", "n", "note")


class Point(NamedTuple):
    """One combination of the swept values; ``config`` is None where the checks refused it, and ``problems`` say why."""

    swept: dict[str, str]
    overrides: tuple[str, ...]
    config: Config | None
    problems: tuple[Problem, ...] = ()


class Outcome(NamedTuple):
    """What became of a point: its rows of the table, or the reason that it has none."""

    point: Point
    name: str
    rows: list[dict[str, str]]
    failed: str


def sweep(request: Request, verbs: Mapping[str, Verb]) -> tuple[Path, list[Outcome]]:
    """Check every point, run those that pass, and return the folder of the table and all outcomes.

    Raise ConfigError if no point passes; nothing is written then.
    """
    points = list(_points(request, verbs))
    sound = next((point.config for point in points if point.config is not None), None)
    if sound is None:
        raise ConfigError(dict.fromkeys(problem for point in points for problem in point.problems))
    outcomes: list[Outcome] = []
    announce()
    with fresh_folder("hydra.sweep.dir", sound.folders["sweep.dir"]) as folder:
        try:
            with bar("runs", total=len(points)) as shown:
                for number, point in enumerate(points):
                    outcomes.append(_outcome(folder, number, point, verbs, replace(request, overrides=point.overrides)))
                    shown.update()
        finally:
            write_table(folder, outcomes)
    return folder, outcomes


def combinations(overrides: list[Override]) -> list[tuple[dict[str, str], tuple[str, ...]]]:
    """Return the swept values and all overrides of each combination, the last one changing fastest.

    Raise ConfigError if they are too many, or if there is nothing in one of them.
    """
    sizes = {o.get_key_element(): _size(o) for o in overrides}
    problems = [Problem(key, "no values to run", "give at least one") for key, size in sizes.items() if size == 0]
    if math.prod(sizes.values()) > MOST_POINTS:
        problems.append(Problem("-m", f"{math.prod(sizes.values()):,} combinations", f"must be at most {MOST_POINTS:,}"))
    if problems:
        raise ConfigError(problems)
    lines = [list(_lines(o)) for o in overrides]
    swept = [k for k, o in enumerate(overrides) if o.is_sweep_override()]
    return [({overrides[k].get_key_element().lstrip("+"): point[k].partition("=")[2] for k in swept}, point) for point in itertools.product(*lines)]


def write_table(folder: Path, outcomes: list[Outcome]) -> None:
    """Write `sweep.csv`: a row for each metric of each run over everybody, or one that says why a run failed."""
    swept = list(outcomes[0].point.swept) if outcomes else []
    rows = [
        [outcome.name, *outcome.point.swept.values(), *(row.get(column, "") for column in MEASURED), outcome.failed]
        for outcome in outcomes
        for row in (outcome.rows or [{}])
    ]
    write_csv(folder / "sweep.csv", ["run", *swept, *MEASURED, "failed"], rows)


def _points(request: Request, verbs: Mapping[str, Verb]) -> Iterator[Point]:
    loader = make_loader(request.config_dir)
    for swept, overrides in combinations(parse(_with_params(request, loader), loader)):
        try:
            yield Point(swept, overrides, read(replace(request, overrides=overrides), verbs, loader))
        except ConfigError as error:
            yield Point(swept, overrides, None, error.problems)


def _with_params(request: Request, loader: Loader) -> tuple[str, ...]:
    """Put the sweep that a file declares (`hydra.sweeper.params`) before the command line's, which has the last word."""
    given = parse(request.overrides, loader)
    single = tuple(str(o.input_line) for o in given if not o.is_sweep_override())
    declared = compose(replace(request, overrides=single), loader).params
    names = {o.get_key_element() for o in given}
    return (*(f"{name}={values}" for name, values in declared.items() if name not in names), *request.overrides)


def _size(override: Override) -> int:
    if not override.is_sweep_override():
        return 1
    if not override.is_discrete_sweep():
        raise ConfigError([Problem(override.get_key_element(), str(override.input_line), "an interval has no listed values; write a,b,c or range(a,b,step)")])
    value = override.value()
    if isinstance(value, RangeSweep):  # not listed: it may be endless
        return max(0, math.ceil((float(value.stop or 0) - float(value.start or 0)) / float(value.step)))
    return sum(1 for _ in override.sweep_string_iterator())


def _lines(override: Override) -> Iterator[str]:
    key = override.get_key_element()
    if override.is_sweep_override():
        return (f"{key}={value}" for value in override.sweep_string_iterator())
    return iter([str(override.input_line)])


def _outcome(folder: Path, number: int, point: Point, verbs: Mapping[str, Verb], request: Request) -> Outcome:
    config = point.config
    if config is None:
        return Outcome(point, str(number), [], "; ".join(map(str, point.problems)))
    inside = folder / named(config.folders["sweep.subdir"], number)
    name = inside.relative_to(folder).as_posix()
    try:
        with fresh_folder("hydra.sweep.subdir", inside.as_posix()) as made:
            record(made, config.plain, point.overrides)
            sources.record(made, config, request.config_dir)
            with speaking(config.language):
                verbs[config.study](Ask(config.world, config.options, made, partial(another, request, verbs), request))
        return Outcome(point, name, _measured(inside), "")
    except (SimError, Incomplete) as error:
        return Outcome(point, name, [], " ".join(str(error).split()))
    except Exception as error:  # one broken run must not take the others with it; the table and the exit status tell of it
        traceback.print_exc(file=sys.stderr)
        return Outcome(point, name, [], f"{type(error).__name__}: {error}")


def _measured(folder: Path) -> list[dict[str, str]]:
    files = [file for file in (folder / "replications.csv", folder / "metrics.csv") if file.is_file()]
    if not files:
        return []
    with files[0].open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["by"] == "all"]
