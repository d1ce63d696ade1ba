"""From a request to a checked world: files and command line, `by_stage`, the scenario, and then every check.

Files, merged by Hydra -> plain data -> by_stage -> command line -> scenario -> World.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from sim.app.compose import Assignment, Composition, Loader, Request, compose, merged, study_options
from sim.app.team import with_seed
from sim.errors import ConfigError, Problem, near
from sim.language import LANGUAGES
from sim.model import check
from sim.model.profiles import NAMED, assign
from sim.model.world import World

BY_STAGE = ("personas", "channels", "desks")
TRUTHS = ("exact", "facts", "map", "optimise", "sensitivity", "sweep", "what_if")  # studies whose answer nobody could observe
ABOUT = ("study", "language")  # what is asked of a world, and in which words: no part of it
GROUPS = ("journey", "personas", "channels", "rules", "scenario", "ab_test", "study", "experiment")


class Config(NamedTuple):
    """A checked world, the study asked of it, ``plain``: the data that composes the same world again, and the language of what people read."""

    world: World
    study: str
    options: dict[str, Any]
    plain: dict[str, Any]
    folders: dict[str, str]
    language: str
    files: tuple[str, ...]  # that made it, in the order in which they were merged
    assigned: tuple[str, ...]  # paths that the command line set


def read(request: Request, verbs: Mapping[str, Any], loader: Loader | None = None) -> Config:
    """Return what a request describes; raise ConfigError with every problem found."""
    composition = compose(request, loader)
    plain, problems = _assigned(composition)
    raw = {key: value for key, value in plain.items() if key not in ABOUT}
    spoken = plain.get("language", LANGUAGES[0])
    problems += [Problem("language", f"no such language {spoken!r}", near(str(spoken), LANGUAGES))] if spoken not in LANGUAGES else []
    study = plain["study"] if isinstance(plain.get("study"), Mapping) else {}
    problems += _study_problems(request, study, verbs)
    problems += _student_problems(plain, study)
    problems += _missing("", plain)
    problems += _choice_problems(request, composition, plain)
    problems += _conflicts(raw, composition.assignments)
    raw, more = _with_scenario(raw)
    world, most = _checked(with_seed(raw))
    problems += more + most
    if problems or world is None:
        raise ConfigError(dict.fromkeys(problems))
    options = {key: value for key, value in study.items() if key != "name"}
    return Config(world, study["name"], options, plain, composition.folders, spoken, composition.files, tuple(a.path for a in composition.assignments))


def another(request: Request, verbs: Mapping[str, Any], *overrides: str) -> World:
    """Return the world of the same request with further overrides; raise ConfigError as `read` does."""
    return read(replace(request, overrides=(*request.overrides, *overrides)), verbs).world


def _assigned(composition: Composition) -> tuple[dict[str, Any], list[Problem]]:
    """Return the plain data with `by_stage` merged and the command line's values in it, and what is wrong with those."""
    first = [a for a in composition.assignments if a.path.split(".")[0] == "by_stage"]
    rest = [a for a in composition.assignments if a not in first]
    plain, problems = composition.plain, []
    for assignment in first:
        plain, found = _assign_one(plain, assignment)
        problems += found
    plain, found = _with_stages(plain)
    problems += found
    for assignment in rest:
        plain, found = _assign_one(plain, assignment)
        problems += found
    return plain, problems


def _with_stages(plain: dict[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """Merge what the journey says of the chosen personas, channels and desks by stage, and drop the rest of it."""
    out = {key: value for key, value in plain.items() if key != "by_stage"}
    by_stage = plain.get("by_stage") or {}
    if not isinstance(by_stage, Mapping):
        return out, [Problem("by_stage", f"given {by_stage!r}", f"must be a mapping of {', '.join(BY_STAGE)}")]
    problems = [Problem(f"by_stage.{key}", "no such section", near(key, BY_STAGE)) for key in by_stage if key not in BY_STAGE]
    for section in BY_STAGE:
        chosen, said = out.get(section), by_stage.get(section)
        if isinstance(chosen, Mapping) and isinstance(said, Mapping):
            out[section] = {name: merged(part or {}, said.get(name) or {}) for name, part in chosen.items()}
    absent = set(by_stage.get("channels") or ()) - set(out.get("channels") or ())
    if absent and isinstance(out.get("personas"), Mapping):
        out["personas"] = {name: _without_channels(persona, absent) for name, persona in out["personas"].items()}
    return out, problems


def _without_channels(persona: Any, absent: set[str]) -> Any:
    """Leave out what a persona says of channels that the journey knows and that were not chosen."""
    if not isinstance(persona, Mapping):
        return persona
    out = dict(persona)
    if isinstance(out.get("channels"), Mapping):
        out["channels"] = {name: value for name, value in out["channels"].items() if name not in absent}
    if isinstance(out.get("set"), Mapping):
        out["set"] = {path: value for path, value in out["set"].items() if not any(path.startswith(f"channels.{name}.") for name in absent)}
    return out


def _assign_one(plain: dict[str, Any], assignment: Assignment) -> tuple[dict[str, Any], list[Problem]]:
    problem = _unknown(plain, assignment)
    if problem is not None:
        return plain, [problem]
    keys = assignment.path.split(".")
    if assignment.mark == "~":
        return _removed(plain, keys), []
    try:
        value = assignment.value
        if isinstance(value, Mapping):
            under = _at(plain, keys)
            value = merged(under, value) if isinstance(under, Mapping) else value  # a mapping takes the place of a number
        return assign(plain, {assignment.path: value}) if assignment.mark == "" else _added(plain, keys, value), []
    except ConfigError as error:
        return plain, list(error.problems)


def _unknown(plain: Mapping[str, Any], assignment: Assignment) -> Problem | None:
    """Return the problem of a path whose first name is not known, or whose second one is not and has no + before it."""
    keys = assignment.path.split(".")
    known = [*World.model_fields, *ABOUT, "by_stage"]
    if keys[0] not in known:
        return Problem(assignment.path, f"no such field {keys[0]!r}", near(keys[0], [*known, *(g for g in GROUPS if g not in known)]))
    depth = 2 if keys[0] == "by_stage" else 1
    section = _at(plain, keys[:depth])
    if (keys[0] in NAMED or depth == 2) and len(keys) > depth and assignment.mark != "+" and keys[depth] not in (section or {}):
        return Problem(assignment.path, f"no such name {keys[depth]!r}", f"{near(keys[depth], section or {})} (a new one: +{assignment.path}=...)")
    if assignment.mark == "~" and _at(plain, keys) is None:
        return Problem(assignment.path, "nothing to remove", near(keys[-1], _at(plain, keys[:-1]) or {}))
    return None


def _at(plain: Any, keys: list[str]) -> Any:
    for key in keys:
        plain = plain.get(key) if isinstance(plain, Mapping) else None
    return plain


def _removed(plain: Mapping[str, Any], keys: list[str]) -> dict[str, Any]:
    if len(keys) == 1:
        return {key: value for key, value in plain.items() if key != keys[0]}
    return {**plain, keys[0]: _removed(plain[keys[0]], keys[1:])}


def _added(plain: Mapping[str, Any], keys: list[str], value: Any) -> dict[str, Any]:
    if len(keys) == 1:
        return {**plain, keys[0]: value}
    inner = plain.get(keys[0])
    return {**plain, keys[0]: _added(inner if isinstance(inner, Mapping) else {}, keys[1:], value)}


def _with_scenario(raw: dict[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    changes = _at(raw, ["scenario", "set"])
    if not isinstance(changes, Mapping):
        return raw, []
    problems = list(_replacements(raw, changes))
    try:
        return assign(raw, changes), problems
    except ConfigError as error:
        return raw, [*problems, *(p._replace(path=f"scenario.set.{p.path}") for p in error.problems)]


def _replacements(raw: Mapping[str, Any], changes: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield the changes that would take a whole section, or a whole channel, in place of what is there."""
    for path, value in changes.items():
        keys = str(path).split(".")
        if keys[0] in NAMED and len(keys) < 3 and isinstance(value, Mapping) and isinstance(_at(raw, keys), Mapping):
            inner = f"{path}.{next(iter(value), 'NAME')}"
            yield Problem(
                f"scenario.set.{path}", "would replace all that is there", f"write the path of each value: {inner}{'...' if len(keys) == 1 else ''}: ..."
            )


def _checked(raw: dict[str, Any]) -> tuple[World | None, list[Problem]]:
    try:
        return check.world(raw), []
    except ConfigError as error:
        return None, list(error.problems)


def _conflicts(raw: Mapping[str, Any], assignments: tuple[Assignment, ...]) -> list[Problem]:
    """Return the paths that both the command line and the scenario, or an arm, set."""
    sets = {f"scenario {_at(raw, ['scenario', 'name'])!r}": _at(raw, ["scenario", "set"])}
    arms = _at(raw, ["ab_test", "arms"])
    if isinstance(arms, Mapping):
        sets |= {f"arm {name!r} of ab_test {_at(raw, ['ab_test', 'name'])!r}": _at(arm, ["set"]) for name, arm in arms.items()}
    return [
        Problem(a.path, f"set by the command line and as {path!r} by {who}", "set it in one of the two")
        for a in assignments
        for who, changes in sets.items()
        for path in (changes if isinstance(changes, Mapping) else ())
        if f"{a.path}.".startswith(f"{path}.") or f"{path}.".startswith(f"{a.path}.")
    ]


def _missing(path: str, value: Any) -> Iterator[Problem]:
    """Yield what a file left open with ``???`` and nobody has given."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _missing(f"{path}.{key}" if path else str(key), inner)
    elif value == "???":
        yield Problem(path, "missing", f"must be given: {path}=...")


def _study_problems(request: Request, study: Mapping[str, Any], verbs: Mapping[str, Any]) -> Iterator[Problem]:
    if "name" not in study:
        yield Problem(f"{request.config_name}.yaml", "no study", "the file must begin with `defaults: [base, _self_]`")
        return
    if study["name"] not in verbs:
        yield Problem("study.name", f"no such study {study['name']!r}", near(str(study["name"]), verbs))
        return
    known = study_options(study["name"])
    for key in study:
        if key not in known:
            yield Problem(f"study.{key}", f"study {study['name']!r} has no such option", near(key, [k for k in known if k != "name"]))


def _student_problems(plain: Mapping[str, Any], study: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield the problem of a study that would tell students the truth."""
    told = "mode" if (study.get("name"), study.get("mode")) == ("ab_test", "power") else "name"
    if plain.get("student") is True and (told == "mode" or study.get("name") in TRUTHS):
        rule = "ask what could be observed (run, replicate, ab_test, attribution), or student=false"
        yield Problem(f"study.{told}", f"{study[told]!r} tells the truth, and student is true", rule)


def _choice_problems(request: Request, composition: Composition, plain: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield the scenario, test or study that was chosen and then overwritten by the world's own file."""
    for group, unchosen in (("scenario", "baseline"), ("ab_test", "none"), ("study", "run")):
        chosen, name = composition.choices.get(group) or "none", _at(plain, [group, "name"]) or "none"
        is_asked = chosen != unchosen or any(line.startswith(f"{group}=") for line in request.overrides)
        if is_asked and composition.choices.get(group) is not None and name != chosen:
            given = f"{chosen!r} was chosen, and what it became is {name!r}"
            yield Problem(group, given, f"give the file the name that it holds, or take `{group}:` out of the world's own file")
