"""The same customers' luck at every point of a design: one tidy table, and what each point that failed failed of.

A point is played by one worker, replication after replication, and kept whole as soon as it is done.
"""

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sim import files
from sim.errors import ConfigError, Problem, near
from sim.language import current
from sim.metrics import METRICS, Metric
from sim.metrics.journey import facts
from sim.model.world import World
from sim.output import HIDDEN
from sim.play import Progress, play
from sim.studies.design import Point
from sim.studies.executor import Executor, Threads
from sim.studies.findings import clipped, number, played
from sim.studies.replicate import enough, summary
from sim.studies.store import Store, code, digest, key

if TYPE_CHECKING:
    import pandas as pd

    from sim.stats import Array

DONE, KEPT, FAILED = "done", "kept", "failed"
COLUMNS = ("replication", "metric", "by", "group", "value", "low", "high", "unit", "n", "note")
SHOWN = 30  # points of a sweep that are printed
REASONS = 10  # for failures that are printed
WIDE = 100


class Asked(NamedTuple):
    """What is played at every point: how often, which metrics are measured (none named: all), and which one is shown."""

    replications: int = 10
    metrics: tuple[str, ...] = ()
    shown: str = "value_365d"

    @classmethod
    def of(cls, replications: int, metrics: Sequence[str], shown: str | None) -> "Asked":
        """Return what is asked; shown is, where nobody says otherwise, the first metric that is named."""
        return cls(replications, tuple(metrics), shown or next(iter(metrics), "value_365d"))


class Tried(NamedTuple):
    """A point and what became of it: `DONE` now, `KEPT` from an earlier run, or `FAILED` with the reason."""

    number: int
    values: Point
    state: str
    failed: str = ""
    key: str = ""


class Spot(NamedTuple):
    """A metric where two paths have these values and all else is as written, with the 95 % interval of luck; ``other`` is empty where one is varied."""

    metric: str
    path: str
    input: float
    other: str
    other_input: float
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Sweep:
    """The points of a sweep in their order; their numbers are in the store. ``changed`` is what the store's last request had otherwise."""

    base: World
    asked: Asked
    tried: tuple[Tried, ...]
    store: Store
    changed: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """What is varied."""
        return tuple(dict.fromkeys(path for one in self.tried for path in one.values))

    @property
    def sound(self) -> tuple[Tried, ...]:
        """The points that have numbers."""
        return tuple(one for one in self.tried if one.state != FAILED)

    def values(self, metric: str) -> "Array":
        """Return a metric over everybody, shape (sound points, replications)."""
        return self.store.values([one.key for one in self.sound], metric, self.asked.replications)

    def means(self, metric: str) -> list[Metric | None]:
        """Return a metric over everybody at every sound point, with its interval."""
        return self.store.means([one.key for one in self.sound], metric)

    @property
    def unit(self) -> str:
        """The unit of the metric shown."""
        return next((mean.unit for mean in self.means(self.asked.shown) if mean is not None), "")

    def spots(self) -> tuple[Spot, ...]:
        """Return the metric shown where one or two numbers are varied, the longer one first; nothing for any other sweep."""
        paths = sorted(self.paths, key=lambda path: -len({str(one.values.get(path)) for one in self.sound}))
        numeric = all(_is_number(one.values.get(path)) for one in self.sound for path in paths)
        if not self.sound or not 1 <= len(paths) <= 2 or not numeric:
            return ()
        path, other = (*paths, "")[:2]
        means = zip(self.sound, self.means(self.asked.shown), strict=True)
        return tuple(
            Spot(self.asked.shown, path, float(one.values[path]), other, float(one.values.get(other, 0)), *mean[3:6]) for one, mean in means if mean is not None
        )

    def frame(self) -> "pd.DataFrame":
        """Return the whole table: point, what was varied, replication (or mean), metric, by, group, value, low, high, unit, n, note."""
        with self.store.database.cursor() as connection:
            self._register(connection)
            found: pd.DataFrame = connection.sql(self._sql()).df()
        return found

    def write(self, folder: Path) -> None:
        """Write sweep.parquet, and points.csv, which says what became of every point."""
        folder.mkdir(parents=True, exist_ok=True)
        rows = [(one.number, *(_text(one.values.get(path)) for path in self.paths), one.state, one.failed) for one in self.tried]
        files.write_csv(folder / "points.csv", ("point", *self.paths, "state", "failed"), rows)
        if self.sound:
            with files.replacing(folder / "sweep.parquet") as part, self.store.database.cursor() as connection:
                self._register(connection)
                connection.execute(f"COPY ({self._sql()}) TO {_quoted(str(part))} (FORMAT parquet, COMPRESSION zstd)")

    def text(self) -> str:
        """Return how many points are done, one metric at the first of them, and every failure, at most 100 columns wide."""
        return "\n".join([*self._head(), "", *self._table(), *self._failures()])

    def _head(self) -> list[str]:
        count = {state: sum(one.state == state for one in self.tried) for state in (DONE, KEPT, FAILED)}
        say, named = current(), ((DONE, "played"), (KEPT, "kept"), (FAILED, "failed"))
        parts = [say.text(f"sweep.{key}", number=count[state]) for state, key in named if count[state] or state == DONE]
        lines = [say.text("sweep.points", number=len(self.tried), what=", ".join(parts))]
        lines.append(say.text("sweep.about", runs=self.asked.replications, **played(self.base)))
        if self.changed:
            lines.append(say.text("sweep.filled", folder=self.store.folder, what=", ".join(self.changed)))
        return [line for one in lines for line in textwrap.wrap(one, WIDE)]

    def _table(self) -> list[str]:
        means = self.means(self.asked.shown)[:SHOWN]
        names = [_end_of(path, 23) for path in self.paths][:3]
        line = ("{:>6} " + "{:>23} " * len(names) + "{:>14}  {}").format
        head = line(current().text("sweep.point"), *names, clipped(self.asked.shown, 14), current().text("what_if.interval"))
        rows = [
            line(one.number, *(clipped(_said(one.values.get(path)), 23) for path in self.paths[:3]), *_shown(mean))
            for one, mean in zip(self.sound, means, strict=False)
        ]
        more = [current().text("sweep.more", number=len(self.sound) - SHOWN)] if len(self.sound) > SHOWN else []
        return [head[:WIDE], "-" * min(WIDE, len(head)), *(row[:WIDE] for row in rows), *more] if rows else []

    def _failures(self) -> list[str]:
        lines = failures(self)
        return ["", *lines] if lines else []

    def _register(self, connection: Any) -> None:
        import pandas as pd

        columns: dict[str, list[Any]] = {"file": [str(self.store.file(one.key)) for one in self.sound], "point": [one.number for one in self.sound]}
        data = pd.DataFrame(columns | {f"p{k}": _column([one.values.get(path) for one in self.sound]) for k, path in enumerate(self.paths)})
        connection.register("points", data)

    def _sql(self) -> str:
        varied = "".join(f", p.p{k} AS {_named(path)}" for k, path in enumerate(self.paths))
        listed = ", ".join(_quoted(str(self.store.file(one.key))) for one in {one.key: one for one in self.sound}.values())
        rows = ", ".join(f'r."{name}"' for name in COLUMNS)
        hidden = f" WHERE r.metric NOT IN ({', '.join(map(_quoted, HIDDEN))})" if self.base.student else ""
        source = f"read_parquet([{listed}], filename = true, file_row_number = true)"
        joined = f"FROM points p JOIN {source} r ON r.filename = p.file{hidden}"
        return f"SELECT CAST(p.point AS BIGINT) AS point{varied}, {rows} {joined} ORDER BY p.point, r.file_row_number"


def sweep(
    at: Callable[[Point], World],
    points: Sequence[Point],
    asked: Asked,
    store: Store,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Sweep:
    """Return every point played on the same seeds, those that the store keeps taken from there; ``at`` makes a point's world.

    Raise ConfigError, before anything is played or written, where a point names what does not exist, or where no point makes sense;
    any other point that fails is listed.
    """
    _check(asked)
    base, tried = at({}), _looked_at(points, at, asked)
    changed = store.compared(_request(base, points, asked))
    kept = {one.key for one in tried if one.state != FAILED and store.file(one.key).is_file()}
    todo = list({one.key: one for one in tried if one.state != FAILED and one.key not in kept}.values())
    seen = progress or _silent
    seen(float(len(tried) - len(todo)))
    failed: dict[str, str] = {}
    for done in (executor or Threads()).run(lambda one: _play(at(one.values), one.key, asked, store), todo):
        seen(1.0)
        if done.failed:
            failed[todo[done.number].key] = done.failed
    return Sweep(base, asked, tuple(_became(one, kept, failed) for one in tried), store, tuple(changed))


def failures(found: Sweep) -> list[str]:
    """Return the points that failed, those of one reason together, each reason in two lines at most; points.csv has all of it."""
    reasons: dict[str, list[str]] = {}
    for one in found.tried:
        if one.state == FAILED:
            reasons.setdefault(one.failed, []).append(str(one.number))
    said = [
        current().text("sweep.one_failed" if len(numbers) == 1 else "sweep.some_failed", numbers=", ".join(numbers), why=reason)
        for reason, numbers in reasons.items()
    ]
    lines = [textwrap.wrap(one, WIDE, subsequent_indent="  ", max_lines=2, placeholder=" ...") for one in said[:REASONS]]
    more = [[current().text("sweep.reasons", number=len(said) - REASONS)]] if len(said) > REASONS else []
    return [line for one in [*lines, *more] for line in one]


def play_and_measure(world: World, number: int, metrics: Sequence[str]) -> list[Metric]:
    """Play one replication on the compiled clock, in this thread, and measure what is asked (nothing named: everything)."""
    found = facts(play(world, clock="compiled", replication=number, threads=1), intervals=False, enough=enough(world))
    return [metric for name in metrics or METRICS for metric in found.once(name, METRICS[name])]


def _play(world: World, name: str, asked: Asked, store: Store) -> None:
    world = world.model_copy(update={"replications": asked.replications})  # `enough` counts on them
    runs = [play_and_measure(world, number, asked.metrics) for number in range(asked.replications)]
    store.keep(name, runs, summary(runs))


def _looked_at(points: Sequence[Point], at: Callable[[Point], World], asked: Asked) -> tuple[Tried, ...]:
    """Return the points with their keys, or the reason why they make no sense; raise ConfigError for names that do not exist."""
    tried: list[Tried] = []
    unknown: list[Problem] = []
    wrong: list[Problem] = []
    for k, values in enumerate(points):
        try:
            tried.append(Tried(k, values, DONE, key=key(at(values), asked.replications, asked.metrics)))
        except ConfigError as error:
            unknown += [problem for problem in error.problems if problem.given.startswith("no such")]
            wrong += error.problems
            tried.append(Tried(k, values, FAILED, "; ".join(map(str, error.problems))))
    if unknown or all(one.state == FAILED for one in tried):
        raise ConfigError(dict.fromkeys(unknown or wrong))
    return tuple(tried)


def _silent(_: float) -> None: ...


def _became(one: Tried, kept: set[str], failed: Mapping[str, str]) -> Tried:
    if one.key in failed:
        return one._replace(state=FAILED, failed=failed[one.key])
    return one._replace(state=KEPT) if one.key in kept else one


def _request(base: World, points: Sequence[Point], asked: Asked) -> dict[str, str]:
    world = digest(base.model_dump(mode="json", exclude={"clock", "log", "student", "replications"}))
    return {"world": world, "points": digest(list(points)), "replications": str(asked.replications), "metrics": ", ".join(asked.metrics), "version": code()}


def _check(asked: Asked) -> None:
    problems = [Problem("study.metrics", f"no such metric {name!r}", near(str(name), METRICS)) for name in (*asked.metrics, asked.shown) if name not in METRICS]
    if asked.metrics and asked.shown not in asked.metrics:
        problems.append(Problem("study.shown", f"{asked.shown!r} is not measured", f"must be one of {', '.join(asked.metrics)}"))
    if asked.replications < 1:
        problems.append(Problem("study.replications", f"given {asked.replications!r}", "must be 1 or more"))
    if problems:
        raise ConfigError(problems)


def _shown(mean: Metric | None) -> tuple[str, str]:
    if mean is None:
        return "-", ""
    value = number(mean.value, mean.unit)
    return value, current().range(number(mean.low, mean.unit), number(mean.high, mean.unit)) if mean.low == mean.low else current().note(mean.note)


def _end_of(path: str, columns: int) -> str:
    """Return as much of the end of a path as fits, from a dot on where that will do."""
    parts = path.split(".")
    ends = ("..." * bool(k) + ".".join(parts[k:]) for k in range(len(parts)))
    return next((end for end in ends if len(end) <= columns), f"...{path[3 - columns :]}")


def _said(value: Any) -> str:
    if value is None:
        return current().text("sweep.as_written")
    return current().exactly(value, 5) if isinstance(value, float) else str(value)


def _text(value: Any) -> Any:
    return value if value is None or isinstance(value, int | float | str) else str(value)


def _column(values: list[Any]) -> list[Any]:
    """Return a column of one type: numbers where all are, else text."""
    if all(value is None or _is_number(value) for value in values):
        return [float("nan") if value is None else float(value) for value in values]
    return [None if value is None else str(value) for value in values]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _named(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
