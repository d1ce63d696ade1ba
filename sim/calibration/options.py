"""What a user may say about a log: which stages are what, and how leaving shows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from sim.calibration.events import EventLog
from sim.errors import ConfigError, Problem, near

UNITS = ("auto", "days", "s", "ms", "us", "ns")


@dataclass(frozen=True)
class Options:
    """The keys of the study ``from_log``; see `configs/study/from_log.yaml`."""

    log: str = ""
    world: str = "from_log"
    columns: dict[str, str | None] = field(default_factory=dict)
    separator: str = ","
    time_unit: str = "auto"
    stages: tuple[str, ...] = ()  # order; empty: by the mean rank of the first visit
    customer_stages: tuple[str, ...] = ()
    exits: dict[str, str] = field(default_factory=dict)  # stage: lost or churned
    drop: tuple[str, ...] = ()
    idle_days: float | None = None  # None: a share who left unseen is estimated by stage
    session_minutes: float | None = None  # longer gaps pass through a stage `away`

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Options":
        """Return checked options from plain data; ``order`` may stand for ``stages``, exits may be a list, ``name`` is the study's. Raise `ConfigError`."""
        data = {("stages" if key == "order" else key): value for key, value in given.items() if value is not None and key != "name"}
        known = [item.name for item in fields(cls)]
        problems = [Problem(f"study.{key}", "no such option", near(key, known)) for key in data if key not in known]
        if problems:
            raise ConfigError(problems)
        exits = data.get("exits", {})
        data["exits"] = dict(exits) if isinstance(exits, Mapping) else dict.fromkeys(_names(exits), "lost")
        for key in ("stages", "customer_stages", "drop"):
            data[key] = _names(data.get(key, ()))
        made = cls(**data)
        problems = list(_problems(made))
        if problems:
            raise ConfigError(problems)
        return made

    def check(self, log: EventLog) -> None:
        """Raise `ConfigError` if a stage named here is not in the log, or has two parts to play."""
        named = {"stages": self.stages, "customer_stages": self.customer_stages, "exits": tuple(self.exits), "drop": self.drop}
        unknown = [(key, name) for key, names in named.items() for name in names if name not in log.stages]
        problems = [Problem(f"study.{key}", f"no stage {name!r} in the log", near(name, log.stages)) for key, name in unknown]
        parts = [*self.customer_stages, *self.exits, *self.drop]
        twice = sorted({name for name in parts if parts.count(name) > 1})
        problems += [Problem("study", f"stage {name!r} has two parts", "name it once in customer_stages, exits or drop") for name in twice]
        if self.stages:
            left = [name for name in log.stages if name not in (*self.stages, *self.drop, *self.exits)]
            problems += [Problem("study.stages", f"stage {name!r} of the log is missing", "list every stage, or name it in study.drop") for name in left]
        if problems:
            raise ConfigError(problems)


def _names(given: str | Iterable[Any]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(str(name) for name in given)


def _problems(options: Options) -> Iterable[Problem]:
    for key in ("idle_days", "session_minutes"):
        value = getattr(options, key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf")):
            yield Problem(f"study.{key}", f"given {value!r}", "must be a number above 0, or null")
    for name, kind in options.exits.items():
        if kind not in ("lost", "churned"):
            yield Problem(f"study.exits.{name}", f"given {kind!r}", "must be lost or churned")
    if options.time_unit not in UNITS:
        yield Problem("study.time_unit", f"given {options.time_unit!r}", f"must be one of {', '.join(UNITS)}")
    if not isinstance(options.separator, str) or len(options.separator) != 1:
        yield Problem("study.separator", f"given {options.separator!r}", "must be one character")
    if not options.world or set(options.world) & set("/\\:") or options.world.startswith("."):
        yield Problem("study.world", f"given {options.world!r}", "must be a plain file name without folder")
