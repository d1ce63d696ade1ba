"""The first study: simulate one world, measure it, and write everything down."""

import hashlib
import json
import platform
import tempfile
import time
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import files, output
from sim.customers import fold
from sim.log import Array, Log
from sim.metrics import Metric, measure
from sim.metrics.table import frame
from sim.model.world import World
from sim.play import Progress, clock_of, play
from sim.studies.processes import Crew
from sim.studies.replicate import begun, enough, summary

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from sim.clocks.behaviour import Behaviour

HEADLINE = ("arrived", "conversion_rate", "conversion_rate_365d", "churn_rate_monthly", "retention_365d", "clv", "value_365d", "profit", "cac")
MANY_EVENTS = 5_000_000
HEADER = Metric._fields[:9]
_LIBRARIES = ("numpy", "numba", "simpy", "scipy", "duckdb", "hydra-core", "pydantic")


@dataclass(frozen=True)
class Result:
    """One simulated world: its log, its numbers, and where they come from.

    ``replicated`` holds means over replications with t intervals where customers share something, else it is None.
    """

    world: World
    log: Log
    measured: tuple[Metric, ...]
    replicated: tuple[Metric, ...] | None
    provenance: dict[str, Any]

    @property
    def headline(self) -> tuple[Metric, ...]:
        """The metrics that carry honest intervals: of the replications if there are any, else of the run."""
        return self.replicated if self.replicated is not None else self.measured

    def metrics(self) -> "pd.DataFrame":
        """Return `headline` as a tidy table."""
        return frame(self.headline)

    @cached_property
    def folded(self) -> Array:
        """The customers as records (see `sim.customers`)."""
        return fold(self.log)

    @cached_property
    def customers(self) -> "pd.DataFrame":
        """The customers as a data frame, columns as in customers.parquet."""
        return output.customers_frame(self.log, self.folded)

    @cached_property
    def events(self) -> "pd.DataFrame | duckdb.DuckDBPyRelation":
        """The events, columns as in events.parquet: a data frame, or above `MANY_EVENTS` a DuckDB relation over a temporary Parquet file."""
        if sum(len(rows) for _, _, rows in self.log.blocks()) <= MANY_EVENTS:
            return output.events_frame(self.log)
        keeper = tempfile.TemporaryDirectory(prefix="polku-")
        relation = output.events_relation(self.log, Path(keeper.name))
        weakref.finalize(self.log, keeper.cleanup)
        return relation

    def write(self, folder: Path) -> None:
        """Write the files of a run; the summary comes last, so where it is, the rest is whole."""
        folder.mkdir(parents=True, exist_ok=True)
        hidden = output.HIDDEN if self.world.student else ()
        if self.world.log != "none":
            output.write_customers(self.log, self.folded, folder / "customers.parquet", hidden=hidden)
        if self.world.log == "events":
            output.write_events(self.log, folder / "events.parquet", hidden=hidden)
        output.write_ledger(self.log, folder / "ledger.csv")
        files.write_csv(folder / "metrics.csv", HEADER, (_row(m) for m in self.measured if m.metric not in hidden))
        if self.replicated is not None:
            files.write_csv(folder / "replications.csv", HEADER, (_row(m) for m in self.replicated if m.metric not in hidden))
        files.write_json(folder / "summary.json", self.summary())

    def summary(self) -> dict[str, Any]:
        """Return provenance, terms and headline metrics as plain data."""
        chosen = [m for m in self.headline if m.by == "all" and m.metric in HEADLINE]
        headline = {m.metric: {"value": _number(m.value), "low": _number(m.low), "high": _number(m.high), "unit": m.unit} for m in chosen}
        return {"provenance": self.provenance, "terms": self.log.terms.to_dict(), "headline": headline}


def simulate(world: World, progress: Progress | None = None, *, behaviour: Sequence["Behaviour"] = (), crew: Crew | None = None) -> Result:
    """Return the world played once and measured; a world with shared things also as means over its replications, which a crew begins with meanwhile."""
    started, cpu = time.perf_counter(), time.process_time()
    repeats = world.couples and world.replications > 1 and not behaviour
    finished = begun(world, range(1, world.replications if repeats else 1), crew, progress)
    log = play(world, behaviour=behaviour, progress=progress)
    measured = tuple(measure(log))
    replicated = tuple(summary([measure(log, intervals=False, enough=enough(world)), *finished()])) if repeats else None
    spent = {"wall_seconds": round(time.perf_counter() - started, 3), "cpu_seconds": round(time.process_time() - cpu, 3)}
    return Result(world, log, measured, replicated, _provenance(world, log, clock_of(world, world.clock, behaviour)) | spent)


def config_hash(world: World) -> str:
    """Return the hash of everything that decides the results; the clock, the seed and what is kept do not belong to it."""
    data = world.model_dump(exclude={"seed", "team", "clock", "log", "replications", "student"})
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:16]


def _provenance(world: World, log: Log, clock: str) -> dict[str, Any]:
    return {
        "polku": _version("polku"),
        "config": config_hash(world),
        "scenario": world.scenario.name,
        "seed": world.seed,
        "team": world.team,
        "clock": clock,
        "customers": len(log.births),
        "horizon": world.horizon,
        "replications": world.replications if world.couples else 1,
        "events": int(sum(len(rows) for _, _, rows in log.blocks())),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "cpu": platform.processor() or platform.machine(),
        "libraries": {name: _version(name) for name in _LIBRARIES},
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"


def _row(metric: Metric) -> list[Any]:
    return [None if isinstance(value, float) and isnan(value) else value for value in metric[:9]]


def _number(value: float) -> float | None:
    return None if isnan(value) else value
