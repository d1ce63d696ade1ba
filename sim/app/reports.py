"""Reports from stored runs: the only place that knows both the folders that Hydra leaves and the page."""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from sim.app.sources import FILE
from sim.errors import ConfigError, Problem, SimError

if TYPE_CHECKING:
    from sim.model.world import World
    from sim.report.html.report import Source
    from sim.report.html.stored import Run
    from sim.studies.run import Result

Reader = Callable[[Path], Any]  # a folder of configuration -> its Config


def of(result: "Result", folder: Path, finish: Callable[[], object] = list) -> Path:
    """Write the report of a run that has just been written into the folder, and return its path; ``finish`` ends the drawing of its figures."""
    from sim.report.html import page
    from sim.report.html.report import Report
    from sim.report.html.stored import Run

    return page.write(Report((Run.of(result, folder, _overrides(folder)),), _sources(folder), finish), folder)


def of_folder(stored_in: Path, folder: Path) -> Path:
    """Write the report of what lies in a folder without a configuration, such as a real log, into another, and return its path."""
    from sim.report.html import page
    from sim.report.html.report import Report
    from sim.report.html.stored import Run

    return page.write(Report((Run.read(stored_in),)), folder)


def of_study(world: "World", folder: Path) -> Path:
    """Write the report of a study, whose tables and figures lie in the folder, and return its path."""
    from sim.report.html import page
    from sim.report.html.report import Report
    from sim.report.html.stored import Run

    return page.write(Report((Run.of_study(world, folder, _overrides(folder)),), _sources(folder)), folder)


def remade(folders: Sequence[str], folder: Path, reader: Reader) -> str:
    """Write one report of all the runs into the folder, without simulating, and return what to tell the user.

    The first run is what the report is about, the others it is compared with. Raise ConfigError if none is named, LogError where none was stored.
    """
    from sim.report.html import page
    from sim.report.html.report import Report

    if isinstance(folders, str):
        folders = [folders]
    if not folders:
        raise ConfigError([Problem("study.runs", "missing", "name folders that polku wrote: study.runs=[outputs/...,outputs/...]")])
    runs = tuple(stored(Path(name), reader) for name in folders)
    path = page.write(Report(runs, _sources(runs[0].folder)), folder)
    return f"{path.name}: {', '.join(str(run.folder) for run in runs)}"


def stored(folder: Path, reader: Reader) -> "Run":
    """Return a stored run with its configuration, or without it where it is not there or does not make a world any more."""
    from sim.report.html.stored import Run

    inside = folder / ".hydra"
    if not (inside / "config.yaml").is_file():
        return Run.read(folder)
    try:
        config = reader(inside)
    except SimError:
        return Run.read(folder, None, _overrides(folder))
    if not (folder / "summary.json").is_file() and any(folder.glob("*.csv")):
        return Run.of_study(config.world, folder, _overrides(folder), config.language)
    world = None if config.world.student else config.world.model_dump()
    return Run.read(folder, world, _overrides(folder), config.language)


def _sources(folder: Path) -> dict[str, "Source"]:
    from sim.report.html.report import Source

    path = folder / ".hydra" / FILE
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {row["path"]: Source(row["file"], row["note"]) for row in csv.DictReader(file)}


def _overrides(folder: Path) -> tuple[str, ...]:
    path = folder / ".hydra" / "overrides.yaml"
    return tuple(str(line) for line in yaml.safe_load(path.read_text(encoding="utf-8")) or ()) if path.is_file() else ()
