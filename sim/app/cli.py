"""The command line: ``polku`` and ``python -m sim``.

Exit status: 0 done · 1 some runs of a sweep failed, or the system failed (a full disk) · 2 the request makes no sense,
and nothing was written · 130 interrupted.
"""

import argparse
import os
import sys
import textwrap
from collections.abc import Sequence
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from sim.app import sources
from sim.app.compose import Request, groups, make_loader
from sim.app.config import another, read
from sim.app.designs import Incomplete
from sim.app.outputs import fresh_folder, record, replayable
from sim.app.progress import announce
from sim.app.sweep import sweep
from sim.app.verbs import VERBS, Ask
from sim.errors import SimError
from sim.language import speaking
from sim.model.check import warnings
from sim.model.world import World

if TYPE_CHECKING:
    from sim.studies.processes import Process

_EPILOG = """\
  polku                                        the default world: a table, figures, every event
  polku customers=50000 seed=7 horizon=365     any value, by its path
  polku +experiment=tiny study=exact             the exact answer beside the simulated one
  polku -m channels.email.intensity=0.5,1,2    a sweep, with one tidy table
  polku study=from_log study.log=events.csv    a world made from a real log
  polku -cd DIR -cn NAME                       your world in DIR/NAME.yaml; it begins with defaults: [base, _self_]

choices:
"""


def main(arguments: Sequence[str] | None = None, ready: Sequence["Process"] = ()) -> int:
    """Do what the command line asks and return the exit status; ``ready`` are processes that have begun to load what a run needs."""
    try:
        return _dispatch(_parser().parse_intermixed_args(arguments), ready)
    except SimError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return 130
    except BrokenPipeError:  # the reader of our output has left, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        sys.stderr.write(f"{error.filename or 'polku'}: {error.strerror or error}\n")
        return 1


def _dispatch(asked: argparse.Namespace, ready: Sequence["Process"]) -> int:
    request = Request(tuple(asked.overrides), Path(asked.config_dir) if asked.config_dir else None, asked.config_name.removesuffix(".yaml"))
    if asked.help:
        return _say(_help(request))
    if asked.version:
        return _say(f"polku {_version()}")
    if asked.shell_completion:
        return _complete(request)
    if asked.cfg:
        return _say(replayable(read(request, VERBS).plain).rstrip())
    return _sweep(request) if asked.multirun else _run(request, ready)


def _run(request: Request, ready: Sequence["Process"]) -> int:
    config = read(request, VERBS)
    with fresh_folder("hydra.run.dir", config.folders["run.dir"]) as folder:
        record(folder, config.plain, request.overrides)
        sources.record(folder, config, request.config_dir)
        _warn(config.world)
        announce()
        with speaking(config.language):
            text, status = _asked(config.study, Ask(config.world, config.options, folder, partial(another, request, VERBS), request, ready))
    _say(f"{text.rstrip()}\n\noutputs: {folder}")
    return status


def _asked(study: str, ask: Ask) -> tuple[str, int]:
    """Return what a study says, and the exit status."""
    try:
        return VERBS[study](ask), 0
    except Incomplete as lacking:
        return lacking.text, 1


def _sweep(request: Request) -> int:
    folder, outcomes = sweep(request, VERBS)
    failed = [outcome for outcome in outcomes if outcome.failed]
    for outcome in failed:
        values = " ".join(f"{key}={value}" for key, value in outcome.point.swept.items())
        sys.stderr.write(f"run {outcome.name} failed ({values}): {outcome.failed}\n")
    _say(f"{len(outcomes) - len(failed)} of {len(outcomes)} runs done\n\noutputs: {folder}\ntable: {folder / 'sweep.csv'}")
    return 1 if failed else 0


def _warn(world: World) -> None:
    for line in warnings(world):
        sys.stderr.write(f"note: {line}\n")


def _help(request: Request) -> str:
    loader = make_loader(request.config_dir)
    choices = [f"{name}: {', '.join(options)}" for name, options in groups(loader).items() if options]
    parser = _parser()
    parser.epilog = _EPILOG + "\n".join(textwrap.fill(line, 100, initial_indent="  ", subsequent_indent="    ") for line in choices)
    return parser.format_help().rstrip()


def _version() -> str:
    try:
        return version("polku")
    except PackageNotFoundError:
        return "(not installed)"


def _complete(request: Request) -> int:
    from hydra._internal.hydra import Hydra

    loader = make_loader(request.config_dir)
    Hydra(task_name="polku", config_loader=loader).shell_completion(request.config_name, list(request.overrides))
    return 0


def _say(text: str) -> int:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
    return 0


def _parser() -> argparse.ArgumentParser:
    layout = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("polku", description="A customer journey laboratory.", add_help=False, formatter_class=layout)
    parser.add_argument("overrides", nargs="*", metavar="name=value", help="a choice (scenario=coupon) or a value by its path (seed=7); + adds, ~ removes")
    parser.add_argument("-m", "--multirun", action="store_true", help="run every combination of the values given as a,b,c or range(a,b)")
    parser.add_argument("-cd", "--config-dir", metavar="DIR", help="a folder of your own YAML files, looked at before the shipped ones")
    parser.add_argument("-cn", "--config-name", metavar="NAME", default="config", help="the file to begin with (config)")
    parser.add_argument("-c", "--cfg", choices=("job",), help="show the composed configuration instead of running it")
    parser.add_argument("-sc", "--shell-completion", action="store_true", help="install=SHELL or uninstall=SHELL: completion in bash, zsh or fish")
    parser.add_argument("--version", action="store_true", help="show the version")
    parser.add_argument("-h", "--help", action="store_true", help="show this")
    return parser
