"""Where each value of a composed configuration stands, and what its author wrote beside it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

from sim.app.compose import config_dir
from sim.app.config import Config
from sim.files import write_csv

FILE, COMMAND_LINE = "sources.csv", "command line"
_COMMENT = re.compile(r"""^(?:[^'"#]|'[^']*'|"[^"]*")*?(?:^|\s)#\s*(?P<text>.*)$""")


class Beside(NamedTuple):
    """A value's path, the file in which it stands, and what stands beside it."""

    path: str
    file: str
    note: str


def sources(config: Config, own: Path | None) -> list[Beside]:
    """Return the last place at which each value is set: files in the order in which they were merged, then the command line."""
    out: dict[str, Beside] = {}
    for name in config.files:
        if not name.startswith("hydra/"):
            out |= {one.path: one for one in _file(f"{name}.yaml", own)}
    out |= {path: Beside(path, COMMAND_LINE, "") for path in config.assigned}
    return list(out.values())


def record(folder: Path, config: Config, own: Path | None) -> None:
    """Write the sources beside the configuration of a run; ``own`` is the user's folder of files."""
    write_csv(folder / ".hydra" / FILE, Beside._fields, sources(config, own))


def _file(name: str, own: Path | None) -> Iterator[Beside]:
    path = next((place / name for place in (own, config_dir()) if place is not None and (place / name).is_file()), None)
    if path is None:
        return
    text = path.read_text(encoding="utf-8")
    lines = [found["text"].strip() if (found := _COMMENT.match(line)) else "" for line in text.splitlines()]
    root = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    if isinstance(root, yaml.MappingNode):
        for at, line, above in _leaves((), root, 0, ""):
            note = lines[line] or above
            yield Beside(".".join(at[1:] if at[0] == "by_stage" else _without_scenario(at)), name, note)


def _leaves(at: tuple[str, ...], node: yaml.Node, line: int, above: str) -> Iterator[tuple[tuple[str, ...], int, str]]:
    """Yield path, line and the comment above of every value below a node."""
    if isinstance(node, yaml.MappingNode) and node.value:
        for key, value in node.value:
            yield from _leaves((*at, str(key.value)), value, key.start_mark.line, above)
    elif at and at[0] not in ("defaults", "hydra", "study"):
        yield at, line, above


def _without_scenario(at: tuple[str, ...]) -> tuple[str, ...]:
    return at[2:] if at[:2] == ("scenario", "set") and len(at) > 2 else at
