"""One stored run: what lies in its folder, or what has just been written there."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import nan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import stored
from sim.errors import LogError
from sim.language import current
from sim.log import Log, Terms
from sim.metrics import Metric

if TYPE_CHECKING:
    from sim.model.world import World
    from sim.studies.run import Result

Found = Mapping[tuple[str, str, str], Metric]


@dataclass(frozen=True)
class Run:
    """A run as a report reads it; ``world`` is its configuration as plain data, None where nobody wrote one (a real log).

    ``metrics`` are those of the one run that was logged, ``replications`` means over replications, empty where customers share nothing.
    """

    folder: Path
    terms: Terms
    metrics: tuple[Metric, ...]
    replications: tuple[Metric, ...]
    provenance: Mapping[str, Any]
    world: Mapping[str, Any] | None = None
    overrides: tuple[str, ...] = ()
    language: str = "en"  # of its stored figures
    kept: tuple[Log, ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, result: "Result", folder: Path, overrides: tuple[str, ...] = ()) -> "Run":
        """Return the run that has just been written into the folder."""
        hidden = stored.HIDDEN if result.world.student else ()
        measured, means = (tuple(m for m in some or () if m.metric not in hidden) for some in (result.measured, result.replicated))
        world = None if result.world.student else result.world.model_dump()  # its numbers are the truth
        log = stored.observed(result.log) if result.world.student else result.log
        return cls(folder, log.terms, measured, means, result.provenance, world, overrides, current().code, (log,))

    @classmethod
    def read(cls, folder: Path, world: Mapping[str, Any] | None = None, overrides: tuple[str, ...] = (), language: str = "en") -> "Run":
        """Return the run that was written into the folder; raise LogError where there is none."""
        summary = stored.summary(folder)
        measured, means = (_metrics(folder / name) for name in ("metrics.csv", "replications.csv"))
        return cls(folder, Terms.from_dict(summary["terms"]), measured, means, summary["provenance"], world, overrides, language)

    @classmethod
    def of_study(cls, world: "World", folder: Path, overrides: tuple[str, ...] = (), language: str | None = None) -> "Run":
        """Return the folder of a study of a world, in which no single run was kept."""
        from sim.play import terms

        provenance = {"scenario": world.scenario.name, "customers": world.customers, "seed": world.seed, "replications": 1}
        return cls(folder, terms(world), (), (), provenance, None if world.student else world.model_dump(), overrides, language or current().code)

    @property
    def name(self) -> str:
        """What the run is called: its scenario."""
        return str(self.provenance.get("scenario") or self.folder.name)

    def log(self) -> Log:
        """Return the log; raise LogError where events were not kept."""
        return self.kept[0] if self.kept else self._read

    @cached_property
    def has_events(self) -> bool:
        """Whether every event was kept."""
        return bool(self.kept) or (self.folder / "events.parquet").is_file()

    @cached_property
    def found(self) -> Found:
        """The metrics that carry honest intervals, by metric and group: of the replications if there are any, else of the run."""
        return {(m.metric, m.by, m.group): m for m in self.replications or self.metrics}

    def get(self, metric: str, by: str = "all", group: str = "all") -> Metric:
        """Return a measurement, NaN where there is none."""
        return self.found.get((metric, by, group), Metric(metric, by, group, nan, nan, nan, "", 0))

    @property
    def has_money(self) -> bool:
        """Whether anything was ever earned or spent."""
        return any(abs(self.get(name).value) > 0 for name in ("revenue", "cost"))

    def table(self, name: str) -> list[dict[str, str]]:
        """Return a table of the folder as text by column, nothing where it is not there."""
        path = self.folder / name
        if not path.is_file():
            return []
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def data(self, name: str) -> Any:
        """Return what a JSON file of the folder holds, None where it is not there."""
        path = self.folder / name
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None

    @cached_property
    def _read(self) -> Log:
        return stored.log(self.folder)


def _metrics(path: Path) -> tuple[Metric, ...]:
    if not path.is_file():
        return ()
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(_metric(path, row) for row in csv.DictReader(file))


def _metric(path: Path, row: Mapping[str, str]) -> Metric:
    try:
        value, low, high = (float(row[name]) if row[name] else nan for name in ("value", "low", "high"))
        return Metric(row["metric"], row["by"], row["group"], value, low, high, row["unit"], int(float(row["n"] or 0)), row["note"] or "")
    except (KeyError, ValueError) as error:
        raise LogError(str(path), f"a row can't be read: {error}") from None
