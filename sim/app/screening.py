"""Look at a YAML file before anybody builds something from it.

The parser's events are counted and nothing is made of them, so that a file of two hundred bytes that stands for
millions of nodes costs nothing. What is refused: tags, interpolations, names of Python objects, aliases that blow up,
names that YAML reads as numbers or booleans, the same name twice, and files that are too large or too deep.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import yaml
from omegaconf._utils import get_yaml_loader

from sim.errors import ConfigError, Problem

MOST_BYTES, MOST_NODES, MOST_DEPTH, MOST_PROBLEMS = 1_000_000, 100_000, 30, 20
OBJECT_KEYS = ("_target_", "_partial_", "_args_", "_convert_", "_recursive_")
HYDRA_KEYS = ("hydra.run.dir", "hydra.sweep.dir", "hydra.sweep.subdir", "hydra.sweeper.params")
_FOLDER_PATTERN = re.compile(r"\$\{(now:[-%\w:]*|hydra\.job\.num)\}")
_PLAIN_NAMES = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:merge")


def screen(name: str, data: bytes) -> str:
    """Return the text of a YAML file; raise ConfigError with every problem, each with file, line and dotted path."""
    if len(data) > MOST_BYTES:
        raise ConfigError([Problem(name, f"{len(data):,} bytes", f"must be at most {MOST_BYTES:,}")])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ConfigError([Problem(f"{name}, line {line}", f"byte 0x{data[error.start]:02x}", "must be UTF-8 text")]) from None
    walk = _Walk(name)
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            walk.step(event)
    except yaml.MarkedYAMLError as error:
        raise ConfigError([*walk.problems, Problem(_marked(name, error), str(error.problem or error.context), "must be YAML; indent with blanks")]) from None
    except yaml.YAMLError as error:
        raise ConfigError([Problem(name, str(error).splitlines()[0], "must be YAML")]) from None
    if not walk.has_content:
        walk.problems.append(Problem(name, "the file is empty", "a world begins with `defaults: [base, _self_]`"))
    if walk.problems:
        raise ConfigError(walk.problems)
    return text


def built(name: str, text: str, loader: Any) -> Any:
    """Return what a screened text says, as plain data; raise ConfigError where a value has the form of something that it is not, as 0x without digits."""
    try:
        return loader(text).get_single_data()
    except yaml.MarkedYAMLError as error:
        raise ConfigError([Problem(_marked(name, error), str(error.problem or error.context), "write a text in quotes")]) from None
    except ValueError as error:  # of Python, which says no line
        raise ConfigError([Problem(name, str(error), "write a number in digits, and a text in quotes")]) from None


def _marked(name: str, error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark
    return f"{name}, line {mark.line + 1}, column {mark.column + 1}" if mark else name


def plain_problems(path: str, value: Any) -> Iterator[Problem]:
    """Yield what may not stand in a configuration that was given on the command line, in whatever depth."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _key_problems(path, path, str(key))
            yield from plain_problems(f"{path}.{key}", inner)
    elif isinstance(value, list):
        for k, inner in enumerate(value):
            yield from plain_problems(f"{path}.{k}", inner)
    elif isinstance(value, str):
        yield from _text_problems(path, path, value)


def _key_problems(place: str, path: str, key: str) -> Iterator[Problem]:
    if any(part in OBJECT_KEYS for part in key.split(".")):
        yield Problem(place, f"{key!r}", "Python objects can't be named in a configuration; remove it")
    dotted = f"{path}.{key}" if path else key
    if dotted.startswith("hydra.") and not any(f"{known}.".startswith(f"{dotted}.") or dotted.startswith(f"{known}.") for known in HYDRA_KEYS):
        yield Problem(place, f"{dotted!r}", f"of Hydra's own settings only these are used: {', '.join(HYDRA_KEYS)}")
    if "${" in key:
        yield Problem(place, f"{key!r}", "references are not allowed; write the name itself")


def _text_problems(place: str, path: str, value: str) -> Iterator[Problem]:
    rest = _FOLDER_PATTERN.sub("", value) if path.startswith("hydra.") else value
    if "${" in rest:
        yield Problem(place, f"{value!r}", "references are not allowed; write the value itself")


def _is_text(name: str) -> bool:
    return all(rules.resolve(yaml.ScalarNode, name, (True, False)) in _PLAIN_NAMES for rules in _rules())


@cache
def _rules() -> tuple[Any, Any]:
    """Return what says as what a name without quotes is read, by YAML's rules (2020-01-01 is a date) and by OmegaConf's (1e3 is a number)."""
    ours = type("Resolver", (yaml.resolver.Resolver,), {"yaml_implicit_resolvers": get_yaml_loader().yaml_implicit_resolvers})
    return yaml.resolver.Resolver(), ours()


@dataclass
class _Frame:
    """A mapping or a list that is open."""

    is_mapping: bool
    path: str
    anchor: str | None
    key: str | None = None
    keys: set[str] = field(default_factory=set)
    size: int = 1


@dataclass
class _Walk:
    """One pass over the events of a file; ``sizes`` has the nodes that each anchor stands for, aliases written out."""

    name: str
    problems: list[Problem] = field(default_factory=list)
    frames: list[_Frame] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)
    documents: int = 0
    has_content: bool = False

    def step(self, event: yaml.Event) -> None:
        """Take one event."""
        if len(self.problems) >= MOST_PROBLEMS:
            raise ConfigError(self.problems)
        if isinstance(event, yaml.DocumentStartEvent):
            self._document(event)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._open(event)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._close()
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.ScalarEvent):
            self._scalar(event)

    def _document(self, event: yaml.Event) -> None:
        self.documents += 1
        if self.documents > 1:
            self._refuse(event, "a second document (---)", "one file is one document")

    def _open(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        self._tag(event)
        self.has_content = True
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        if not self.frames and not is_mapping:
            self._refuse(event, "a list", "the file must be a mapping, name: value")
        if self.frames and self.frames[-1].is_mapping and self.frames[-1].key is None:
            self._refuse(event, "a mapping or list as a name", "a name must be text", stop=True)
        self.frames.append(_Frame(is_mapping, self._path(), event.anchor))
        if event.anchor:
            self.sizes.pop(event.anchor, None)
        if len(self.frames) > MOST_DEPTH:
            self._refuse(event, f"nested more than {MOST_DEPTH} deep", "must be flatter", stop=True)

    def _close(self) -> None:
        frame = self.frames.pop()
        if frame.anchor:
            self.sizes[frame.anchor] = frame.size
        self._count(frame.size)

    def _alias(self, event: yaml.AliasEvent) -> None:
        anchor = str(event.anchor)
        if self.frames[-1].is_mapping and self.frames[-1].key is None:
            self._refuse(event, f"*{anchor} as a name", "a name must be text", stop=True)
        if anchor not in self.sizes:
            self._refuse(event, f"*{anchor}", "an alias must come after what it repeats, not inside it", stop=True)
        self._count(self.sizes[anchor], event)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        self._tag(event)
        frame = self.frames[-1] if self.frames else None
        if frame is None:
            self.has_content = bool(event.value)
            if event.value:
                self._refuse(event, f"{event.value[:40]!r}", "the file must be a mapping, name: value", stop=True)
        elif frame.is_mapping and frame.key is None:
            self._key(event, frame)
            return
        else:
            path = self._path()
            self.problems.extend(_text_problems(self._place(event, path), path, event.value))
        if event.anchor:
            self.sizes[event.anchor] = 1
        self._count(1, event)

    def _key(self, event: yaml.ScalarEvent, frame: _Frame) -> None:
        self.problems.extend(_key_problems(self._place(event, frame.path), frame.path, event.value))
        is_plain = event.implicit[0]  # without quotes
        if is_plain and not _is_text(event.value):
            self._refuse(event, f"name {event.value!r}", f'YAML reads this as something else than text; write "{event.value}" in quotes')
        if event.value in frame.keys and not (is_plain and event.value == "<<"):
            self._refuse(event, f"{event.value!r} stands twice", "a name may stand once in a mapping")
        frame.keys.add(event.value)
        frame.key = event.value

    def _count(self, nodes: int, event: yaml.Event | None = None) -> None:
        if not self.frames:
            return
        frame = self.frames[-1]
        frame.size += nodes
        frame.key = None
        if frame.size > MOST_NODES:
            self._refuse(event, f"more than {MOST_NODES:,} values, aliases written out", "must be smaller", stop=True)

    def _tag(self, event: Any) -> None:
        if event.tag is not None and event.tag != "!":
            self._refuse(event, f"the tag {event.tag!r}", "tags are not allowed; write plain values")

    def _path(self) -> str:
        if not self.frames:
            return ""
        frame = self.frames[-1]
        return ".".join(p for p in (frame.path, frame.key) if p)

    def _place(self, event: Any, path: str) -> str:
        line = f", line {event.start_mark.line + 1}" if event is not None else ""
        return f"{self.name}{line}{': ' if path else ''}{path}"

    def _refuse(self, event: yaml.Event | None, given: str, rule: str, *, stop: bool = False) -> None:
        self.problems.append(Problem(self._place(event, self._path()), given, rule))
        if stop:
            raise ConfigError(self.problems)
