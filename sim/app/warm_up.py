"""The verb ``warm_up``: who opens a budget year, as a file that any request can take, and the command that takes it."""

import re
import shlex
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.app.compose import Request, compose
from sim.app.progress import bar
from sim.errors import ConfigError, Problem
from sim.language import current

if TYPE_CHECKING:
    from sim.app.verbs import Ask
    from sim.studies.warm_up import WarmUp

GROUP = "opening"
PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")
DROPPED = ("study", "hydra", "start", GROUP)  # what the next command says anew


def warm_up(ask: "Ask") -> str:
    """Play the world until it is warm, write who is there then, and return whether it was, the file, and what to do with it."""
    from sim.report.figures import warm_up as figure
    from sim.studies import warm_up as study

    name = _named(ask.options["opening"])
    with bar("playing", total=ask.options["replications"]) as shown:
        found = study.warm_up(ask.world, study.Asked(ask.options["days"], ask.options["replications"]), shown.update)
    found.write(ask.folder)
    if ask.options["figures"]:
        figure.save(found, ask.folder)
    file = _write(found, ask.folder / GROUP / f"{name}.yaml")
    shown = [part for line in _start(found) for part in textwrap.wrap(line, 100, subsequent_indent=" " * 4)]
    return "\n".join([found.text(), "", *shown, "", current().text("warm_up.next", file=file), *_commands(ask.request, ask.folder, name)])


def command(request: Request, folder: Path, name: str) -> str:
    """Return the request as a command that begins with those who are there: the same choices and values, another study."""
    kept = [line for line in request.overrides if re.split(r"[.=@]", line.lstrip("+~"), maxsplit=1)[0] not in DROPPED]
    chosen = [] if any(line.startswith("study=") for line in request.overrides) else ["study=run"]  # a file chose this study
    named = [] if request.config_name == "config" else ["-cn", request.config_name]
    added = "" if GROUP in compose(replace(request, overrides=tuple(kept))).choices else "+"  # Hydra's mark for a group that no file has chosen
    return shlex.join(["polku", "-cd", str(request.config_dir or folder), *named, *kept, *chosen, f"{added}{GROUP}={name}"])


def _commands(request: Request, folder: Path, name: str) -> Iterator[str]:
    if request.config_dir is not None:  # there is one such folder: theirs
        yield f"  {shlex.join(['cp', '-r', str(folder / GROUP), str(request.config_dir)])}"
    yield f"  {command(request, folder, name)}"


def _write(found: "WarmUp", path: Path) -> Path:
    from sim.files import write_text

    warm = "warm" if found.is_warm else "not known to be warm"
    head = f"Who is there on day 0: {found.world.horizon:g} days of warm-up, means of {found.runs} replications, {warm}."
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, "\n".join(["# @package _global_", f"# {head}", *_start(found)]) + "\n")
    return path


def _start(found: "WarmUp") -> list[str]:
    from sim.calibration.write import lines

    return list(lines({"start": found.start}, {}))


def _named(name: Any) -> str:
    if not isinstance(name, str) or not PLAIN.fullmatch(name):
        raise ConfigError([Problem("study.opening", f"given {name!r}", "must be a plain name for a file, of letters, digits, _ and -")])
    return name
