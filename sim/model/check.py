"""Plain data in, a checked world out, or every problem at once: path, what was given, what would be right, near names."""

from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from sim.errors import ConfigError, Problem, near
from sim.model import places, sense
from sim.model.profiles import Profile, profiles
from sim.model.world import World

_TEXT = {
    "greater_than_equal": "must be {ge} or more",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be {le} or less",
    "less_than": "must be less than {lt}",
    "float_type": "must be a number",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "string_type": "must be text (quote it)",
    "dict_type": "must be a mapping",
    "list_type": "must be a list",
    "finite_number": "must be a finite number",
    "literal_error": "must be {expected}",
    "missing": "must be given",
    "model_type": "must be a mapping",
    "string_pattern_mismatch": "must be a name without . = , [ ] {{ }} or line breaks, not starting with a blank",
    "string_too_long": "must be at most 60 characters long",
    "string_too_short": "must not be empty",
    "too_long": "must have at most {max_length} of them",
}


def world(raw: Mapping[str, Any]) -> World:
    """Return the world that this plain data describes; raise ConfigError with every problem found."""
    if not isinstance(raw, Mapping):
        raise ConfigError([Problem("world", f"given {raw!r}", "must be a mapping")])
    try:
        made = World.model_validate(raw)
    except ValidationError as error:
        problems = list(_problems(raw, error))
        raise ConfigError([*problems, *_more(raw, problems)]) from None
    problems = list(sense.problems(made))
    if not problems:
        for profile in _profiles(made, problems):
            problems.extend(p for p in sense.profile_problems(profile) if p not in problems)
    if problems:
        raise ConfigError(problems)
    return made


def warnings(made: World) -> list[str]:
    """Return what is legal but probably not meant."""
    kinds = profiles(made)
    somebody = set[str]().union(*(places.reached(profile) for profile in kinds))
    nobody = [Problem(f"stages.{stage}", "nobody gets here", "enter here or lead here") for stage in made.stages if stage not in somebody]
    return list(dict.fromkeys(str(p) for p in (*nobody, *(p for profile in kinds for p in sense.profile_warnings(profile)))))


def _profiles(made: World, problems: list[Problem]) -> tuple[Profile, ...]:
    try:
        return profiles(made)
    except ConfigError as error:
        problems.extend(error.problems)
    except ValidationError as error:
        problems.extend(_problems(made.model_dump(), error))
    return ()


def _more(raw: Mapping[str, Any], problems: list[Problem]) -> list[Problem]:
    """Return the further problems of what is left when everything wrong is taken out."""
    paths = [p.path for p in problems]
    try:
        made = World.model_validate(_without(raw, "", paths))
    except ValidationError:
        return []
    around = [path.rpartition(".")[0] for path in paths]
    return [p for p in sense.problems(made) if not any(p.path == a or p.path.startswith(f"{a}.") for a in around if a)]


def _without(node: Any, at: str, paths: list[str]) -> Any:
    if not isinstance(node, Mapping):
        return node
    inside = {key: f"{at}.{key}" if at else str(key) for key in node}
    return {key: _without(value, inside[key], paths) for key, value in node.items() if inside[key] not in paths}


def _problems(raw: Mapping[str, Any], error: ValidationError) -> Iterator[Problem]:
    seen: dict[str, list[Problem]] = {}
    for found in error.errors():
        keys = _path(raw, found["loc"])
        seen.setdefault(".".join(map(str, keys)), []).append(_problem(keys, dict(found)))
    for alternatives in seen.values():
        yield alternatives[0]._replace(rule=" or ".join(dict.fromkeys(p.rule for p in alternatives)))


def _path(raw: Any, loc: tuple[int | str, ...]) -> list[int | str]:
    # pydantic adds the names of tried types to the path; what is neither a key nor the last missing one is left out
    keys: list[int | str] = []
    node = raw
    for item in loc:
        inside = isinstance(node, Mapping) and item in node
        if inside or (isinstance(node, list) and isinstance(item, int) and item < len(node)):
            keys.append(item)
            node = node[item]
        elif isinstance(node, Mapping) and item == loc[-1] and item != "[key]" and _is_field(keys, item):
            keys.append(item)
    return keys


def _is_field(keys: list[int | str], item: int | str) -> bool:
    model = _model(keys)
    return model is not None and item in model.model_fields


def _problem(keys: list[int | str], found: dict[str, Any]) -> Problem:
    path, given = ".".join(map(str, keys)), found["input"]
    if found["type"] == "extra_forbidden":
        return Problem(path, f"no such field {str(keys[-1])!r}", _where(keys))
    if found["loc"][-1] == "[key]":
        rule = _TEXT["string_type"] if not isinstance(given, str) else _TEXT[found["type"]].format()
        return Problem(path, f"name {given!r}", rule)
    rule = _TEXT.get(found["type"], found["msg"]).format(**{k: f"{v:g}" if isinstance(v, float | int) else v for k, v in found.get("ctx", {}).items()})
    if found["type"] == "literal_error":
        rule += f" ({near(given, get_args(_annotation(keys)) or [])})" if isinstance(given, str) and get_args(_annotation(keys)) else ""
    elif found["type"] == "less_than_equal" and found["ctx"]["le"] == 1 and isinstance(given, int | float) and 1 < given <= 100:
        rule += f" ({given / 100:g} if you mean {given:g} %)"
    return Problem(path, "missing" if found["type"] == "missing" else f"given {given!r}", rule)


def _where(keys: list[int | str]) -> str:
    model, name = _model(keys[:-1]), str(keys[-1])
    if model is None:
        return "not known here"
    hint = near(name, model.model_fields)
    if hint.startswith("did you mean"):
        return hint
    homes = [section for section, part in _sections(World, "") if name in part.model_fields and part is not model]
    return f"{name!r} belongs under {' or '.join(homes[:3])}" if homes and homes[0] else f"{name!r} stands at the top level" if homes else hint


def _sections(model: type[BaseModel], at: str) -> Iterator[tuple[str, type[BaseModel]]]:
    yield at, model
    for name, given in model.model_fields.items():
        part, named = _part(given.annotation)
        if part is not None:
            yield from _sections(part, f"{at}{'.' if at else ''}{name}{'.NAME' if named else ''}")


def _part(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """Return the model inside an annotation, and whether it is the value of a mapping by name."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    named = get_origin(annotation) is dict
    for inner in get_args(annotation):
        part, deeper = _part(inner)
        if part is not None:
            return part, named or deeper
    return None, False


def _annotation(keys: list[int | str]) -> Any:
    model = _model(keys[:-1])
    return model.model_fields[str(keys[-1])].annotation if model and str(keys[-1]) in model.model_fields else None


def _model(keys: list[int | str]) -> type[BaseModel] | None:
    model: type[BaseModel] | None = World
    skip = False
    for key in keys:
        if skip:
            skip = False
            continue
        given = model.model_fields.get(str(key)) if model else None
        if given is None:
            return None
        model, skip = _part(given.annotation)
    return None if skip else model
