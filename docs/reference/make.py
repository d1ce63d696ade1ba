"""Write the reference pages from the code: each definition stands once, in the docstring of its function or class."""

import json
from collections.abc import Iterator
from inspect import getdoc
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from sim.files import write_text
from sim.metrics import METRICS
from sim.model import world as model

HERE = Path(__file__).parent


def metrics() -> str:
    """Return the page of metrics."""
    lines = ["# Metrics", "", "Made by `python docs/reference/make.py` from the docstrings in `sim/metrics`.", "", "| metric | definition |", "|---|---|"]
    lines += [f"| `{name}` | {' '.join((getdoc(function) or '').split())} |" for name, function in METRICS.items()]
    return "\n".join(lines) + "\n"


def world() -> str:
    """Return the page of fields that a world has."""
    made = "Made by `python docs/reference/make.py` from `sim/model/world.py` and `sim/model/schema`."
    checks = "The checks across fields: `sim/model/sense.py`, `behaviour.py`, `deals.py`."
    head = ["# A world, field by field", "", f"{made} {checks}", ""]
    parts = [part for part in vars(model).values() if isinstance(part, type) and issubclass(part, model.Part) and part is not model.Part]
    parts.sort(key=lambda part: part is not model.World)
    return "\n".join([*head, *(line for part in parts for line in _part(part))]) + "\n"


def _part(part: type[model.Part]) -> Iterator[str]:
    yield from (f"## {part.__name__}", "", " ".join((getdoc(part) or "").split()), "", "| field | what | default |", "|---|---|---|")
    for name, field in part.model_fields.items():
        yield f"| `{name}` | {_kind(field.annotation)} | {_default(field)} |"
    yield ""


def _default(field: Any) -> str:
    if field.is_required():
        return "must be given"
    if isinstance(field.default, model.Part):
        return "its own defaults"
    return "one, `everyone`" if isinstance(field.default, dict) and field.default else f"`{json.dumps(field.default)}`"


_WORDS = {float: "number", int: "whole number", bool: "true or false", str: "text", Any: "anything", type(None): "null"}


def _kind(annotation: Any) -> str:
    """Return a type in the words of YAML."""
    inner = [_kind(one) for one in get_args(annotation)] if get_origin(annotation) is not Literal else []
    if annotation in _WORDS:
        return _WORDS[annotation]
    if isinstance(annotation, type) and issubclass(annotation, model.Part):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    if get_origin(annotation) is Literal:
        return ", ".join(f"`{choice}`" for choice in get_args(annotation))
    if get_origin(annotation) is Annotated:
        return _kind(get_args(annotation)[0])
    if get_origin(annotation) is dict:
        return f"mapping of name to {inner[1]}"
    return f"list of {inner[0]}" if get_origin(annotation) is list else " or ".join(inner)


if __name__ == "__main__":
    write_text(HERE / "metrics.md", metrics())
    write_text(HERE / "world.md", world())
