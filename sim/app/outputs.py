"""Folders of outputs: never one that another run wrote into, and none left behind by a run that was refused."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import yaml
from omegaconf._utils import get_omega_conf_dumper

from sim.app.compose import study_options
from sim.errors import ConfigError, Problem, SimError
from sim.files import write_text


def named(pattern: str, number: int = 0) -> Path:
    """Return the folder that a pattern names now: ``${now:FORMAT}`` is the time, ``${hydra.job.num}`` the number of the run in a sweep."""
    dated = re.sub(r"\$\{now:([^}]*)\}", lambda found: datetime.now().astimezone().strftime(found[1]), pattern)
    return Path(dated.replace("${hydra.job.num}", str(number)))


@contextmanager
def fresh_folder(setting: str, pattern: str) -> Iterator[Path]:
    """Give a folder that nobody else writes into; take it and its empty parents away again when a SimError leaves the block.

    A pattern with the time in it gets a number when the name is taken; any other must be new or empty.
    Raise ConfigError if it is neither, or can't be made.
    """
    wanted = named(pattern)
    made = [folder for folder in (wanted, *wanted.parents) if not folder.exists()]
    try:
        folder = _free(wanted) if "${now:" in pattern else _empty(wanted, setting)
    except OSError as error:
        _take_away(made)
        raise ConfigError([Problem(setting, f"{wanted}: {error.strerror or error}", "must be a folder that can be made and written")]) from None
    try:
        yield folder
    except SimError:
        shutil.rmtree(folder)
        if wanted in made or folder != wanted:
            _take_away(made)
        else:
            folder.mkdir()  # it was there, and empty
        raise


def record(folder: Path, plain: dict[str, Any], overrides: tuple[str, ...]) -> None:
    """Write `.hydra/`: the composed configuration, which runs again by ``polku -cd FOLDER/.hydra -cn config``."""
    inside = folder / ".hydra"
    inside.mkdir()
    write_text(inside / "config.yaml", replayable(plain))
    write_text(inside / "overrides.yaml", _yaml(list(overrides)))


def replayable(plain: dict[str, Any]) -> str:
    """Return a composed configuration as a world in one file; of the study stands there what is not as shipped, so another can be asked."""
    study = plain["study"]["name"]
    shipped = study_options(study)
    options = {key: value for key, value in plain["study"].items() if key != "name" and value != shipped.get(key)}
    world = {key: value for key, value in plain.items() if key != "study"} | ({"study": options} if options else {})
    return _yaml({"defaults": ["base", {"override study": study}, "_self_"], **world})


def _yaml(data: Any) -> str:
    """Return what OmegaConf writes of plain data, by libyaml where it is there: in a tenth of the time."""
    rules, base = get_omega_conf_dumper(), getattr(yaml, "CDumper", yaml.Dumper)
    parts = {"yaml_representers": rules.yaml_representers, "ignore_aliases": lambda *_: True}
    return str(yaml.dump(data, Dumper=type("Dumper", (base,), parts), default_flow_style=False, allow_unicode=True, sort_keys=False))


def _free(wanted: Path) -> Path:
    wanted.parent.mkdir(parents=True, exist_ok=True)
    for k in count(1):
        folder = wanted if k == 1 else wanted.with_name(f"{wanted.name}-{k}")
        with suppress(FileExistsError):
            folder.mkdir()
            return folder
    raise AssertionError


def _empty(wanted: Path, key: str) -> Path:
    wanted.mkdir(parents=True, exist_ok=True)
    if any(wanted.iterdir()):
        raise ConfigError([Problem(key, f"{wanted} is not empty", "must be new or empty: a run never overwrites another")])
    return wanted


def _take_away(folders: list[Path]) -> None:
    for folder in folders:
        with suppress(OSError):  # not empty: somebody else's by now
            folder.rmdir()
