"""Hydra at the edge: config groups, the user's folder and the command line become plain data.

Hydra finds and merges the files. What follows a group choice on the command line (``channels.email.intensity=2``) is
assigned here and not by Hydra, after `by_stage` has been merged, so that the command line has the last word and every
mistake is reported, not only the first. Nothing of Hydra's that instantiates Python objects (launchers, callbacks,
logging) is ever called.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from hydra import version
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.config_repository import IConfigRepository
from hydra._internal.core_plugins.file_config_source import FileConfigSource
from hydra._internal.utils import create_config_search_path
from hydra.core.config_search_path import ConfigSearchPath, SearchPathQuery
from hydra.core.default_element import ResultDefault
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.core.plugins import Plugins
from hydra.core.utils import setup_globals
from hydra.errors import ConfigCompositionException, MissingConfigException, OverrideParseException
from hydra.plugins.config_source import ConfigLoadError, ConfigResult, ConfigSource
from hydra.types import RunMode
from omegaconf import OmegaConf
from omegaconf._utils import get_yaml_loader
from omegaconf.errors import OmegaConfBaseException

import sim
from sim.app.screening import built, plain_problems, screen
from sim.errors import ConfigError, Problem, near


class Loader(ConfigLoaderImpl):
    """Hydra's loader; ``files`` are those of the last composition, in the order in which they were merged."""

    def __init__(self, path: ConfigSearchPath) -> None:
        super().__init__(path)
        self.files: list[str] = []

    def _load_single_config(self, default: ResultDefault, repo: IConfigRepository) -> ConfigResult:
        self.files.append(str(default.config_path))
        return super()._load_single_config(default, repo)



@dataclass(frozen=True)
class Request:
    """What the command line, or `sim.load`, asks for."""

    overrides: tuple[str, ...] = ()
    config_dir: Path | None = None
    config_name: str = "config"


class Assignment(NamedTuple):
    """``path=value`` from the command line; ``mark`` is what stands before it (``+`` new, ``~`` remove)."""

    path: str
    value: Any
    mark: str


class Composition(NamedTuple):
    """The files as merged, what the command line assigns to them, the group options, and what of Hydra's own settings is used."""

    plain: dict[str, Any]
    assignments: tuple[Assignment, ...]
    choices: dict[str, str | None]
    folders: dict[str, str]  # patterns: run.dir, sweep.dir, sweep.subdir
    params: dict[str, str]  # a sweep that a file declares
    files: tuple[str, ...]  # in the order in which they were merged, without ending


def config_dir() -> Path:
    """Return the folder of shipped configurations: the checkout's, or the copy inside an installed wheel."""
    package = Path(sim.__file__).resolve().parent
    checkout = package.parent
    return checkout / "configs" if (checkout / "pyproject.toml").is_file() else package / "configs"


class ScreenedSource(FileConfigSource):
    """A folder of YAML files, each looked at before it is built."""

    @staticmethod
    def scheme() -> str:
        """Return what stands before ``://`` in a search path."""
        return "screened"

    def load_config(self, config_path: str) -> ConfigResult:
        """Return one file; raise ConfigError if it is refused."""
        file = Path(self.path) / self._normalize_file_name(config_path)
        if not file.exists():
            raise ConfigLoadError(f"not found: {file}")
        text = screen(_shown(file), _read(file))
        header = ConfigSource._get_header_dict(text[:512])
        config = OmegaConf.create(built(_shown(file), text, _reader()))
        return ConfigResult(provider=self.provider, path=f"{self.scheme()}://{self.path}", config=config, header=header)


def compose(request: Request, loader: Loader | None = None) -> Composition:
    """Return what the files and the command line say; raise ConfigError with every problem of the command line."""
    loader = loader or make_loader(request.config_dir)
    overrides = parse(request.overrides, loader)
    several = [o for o in overrides if o.is_sweep_override()]
    if several:
        rule = "add -m to run each, or write [a,b] for a list, or quote the text"
        raise ConfigError(Problem(o.key_or_group, f"given several values: {o.input_line}", rule) for o in several)
    values = [o for o in overrides if _is_value(o, loader)]
    cfg = _loaded(loader, request.config_name, [_with_experiment(str(o.input_line)) for o in overrides if o not in values])
    hydra = _plain(cfg.pop("hydra"))
    choices = {key: value for key, value in hydra["runtime"]["choices"].items() if not key.startswith("hydra/")}
    folders = {"run.dir": hydra["run"]["dir"], "sweep.dir": hydra["sweep"]["dir"], "sweep.subdir": hydra["sweep"]["subdir"]}
    return Composition(_plain(cfg), tuple(map(_assignment, values)), choices, folders, hydra["sweeper"].get("params") or {}, tuple(loader.files))


def make_loader(folder: Path | None) -> Loader:
    """Return Hydra's loader over the user's folder, if any, and then the shipped one."""
    if folder is not None and not folder.is_dir():
        raise ConfigError([Problem("--config-dir", f"{folder} is not a folder" if folder.exists() else f"no folder {folder}", "name a folder of YAML files")])
    version.setbase("1.3")
    setup_globals()
    Plugins.instance().register(ScreenedSource)
    path = create_config_search_path(None)
    path.prepend("main", f"screened://{config_dir().as_posix()}", SearchPathQuery(provider="schema"))
    if folder is not None:
        path.prepend("command-line", f"screened://{folder.resolve().as_posix()}", SearchPathQuery(provider="main"))
    return Loader(path)


def groups(loader: Loader) -> dict[str, list[str]]:
    """Return the options of each config group."""
    names = [name for name in loader.list_groups("") if name != "hydra"]
    return {name: loader.get_group_options(name) for name in names}


def parse(overrides: Iterable[str], loader: Loader) -> list[Override]:
    """Return overrides as Hydra reads them; raise ConfigError with each that can't be read or is refused."""
    parser = OverridesParser.create(config_loader=loader)
    read: list[Override] = []
    problems: list[Problem] = []
    for line in overrides:
        try:
            read += parser.parse_overrides([line])
        except OverrideParseException as error:
            problems.append(Problem(line, str(error.message).splitlines()[0].rstrip("."), "write name=value"))
    problems += [p for override in read for p in _refused(override)]
    if problems:
        raise ConfigError(problems)
    return read


def merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return two nested mappings as one, where the second has the last word."""
    out = dict(under)
    for key, value in over.items():
        both = isinstance(value, Mapping) and isinstance(out.get(key), Mapping)
        out[key] = merged(out[key], value) if both else value
    return out


def _refused(override: Override) -> Iterator[Problem]:
    key = override.key_or_group.replace("hydra/", "hydra.")
    parent, _, last = key.rpartition(".")
    yield from plain_problems(parent, {last: None if override.is_sweep_override() else override.value()})
    if "${" in str(override.input_line) and override.is_sweep_override():
        yield Problem(key, str(override.input_line), "references are not allowed; write the values themselves")


def _is_value(override: Override, loader: Loader) -> bool:
    # as in Hydra: a mapping is never the choice of a group option
    is_group = "/" in override.key_or_group or override.package is not None or bool(loader.get_group_options(override.key_or_group))
    return not override.is_hydra_override() and (isinstance(override.value(), dict) or not is_group)


def _with_experiment(line: str) -> str:
    return f"+{line}" if line.startswith("experiment=") else line


def _assignment(override: Override) -> Assignment:
    mark = "~" if override.is_delete() else "+" if override.is_add() or override.is_force_add() else ""
    return Assignment(override.key_or_group.replace("[", ".").replace("]", ""), override.value(), mark)


def _loaded(loader: Loader, name: str, overrides: list[str]) -> Any:
    loader.files.clear()
    try:
        cfg = loader.load_configuration(name, overrides, RunMode.RUN)
    except MissingConfigException as error:
        raise ConfigError([_missing(error, loader, name)]) from None
    except (ConfigCompositionException, OmegaConfBaseException) as error:
        raise ConfigError([_uncomposed(error, loader)]) from None
    OmegaConf.set_struct(cfg, value=False)
    return cfg


def _plain(cfg: Any) -> Any:
    return OmegaConf.to_container(cfg, resolve=False)


def _missing(error: MissingConfigException, loader: Loader, name: str) -> Problem:
    group, _, option = str(error.missing_cfg_file or name).rpartition("/")
    known = list(error.options or []) or loader.get_group_options(group)
    if group:
        return Problem(group, f"no such option {option!r}", near(option, known))
    return Problem("--config-name", f"no file {option}.yaml", near(option, known))


def _uncomposed(error: Exception, loader: Loader) -> Problem:
    lines = [line.strip() for line in str(error.__cause__ or error).splitlines() if line.strip()]
    words = lines[0].split("'") if lines else []
    if len(words) > 1 and lines[0].startswith("Could not override"):
        return Problem(words[1], "not chosen by this configuration", f"write +{words[1]}=NAME; groups: {', '.join(groups(loader))}")
    return Problem("configuration", lines[0] if lines else repr(error), " ".join(lines[1:]) or "see docs of Hydra's defaults list")


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigError([Problem(_shown(file), error.strerror or str(error), "must be a file that can be read")]) from None


@cache
def _reader() -> Any:
    """Return what reads plain data from YAML by OmegaConf's rules, by libyaml where it is there: in a tenth of the time."""
    base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return type("Reader", (base,), {"yaml_implicit_resolvers": get_yaml_loader().yaml_implicit_resolvers})


def _shown(file: Path) -> str:
    try:
        return os.path.relpath(file) if len(os.path.relpath(file)) < len(str(file)) else str(file)
    except ValueError:  # another drive
        return str(file)


@cache
def study_options(study: str) -> dict[str, Any]:
    """Return the options of a study and what they are if nobody says otherwise: its shipped file."""
    file = config_dir() / "study" / f"{study}.yaml"
    return dict(yaml.safe_load(file.read_text(encoding="utf-8"))["study"]) if file.is_file() else {}
