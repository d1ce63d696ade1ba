"""Points on the disk: one Parquet file each, whole or absent, named by a hash of everything that decides its numbers.

So a killed study goes on where it stopped, and a point is never taken for another: whatever changed, its name changed.
"""

import hashlib
import json
import tempfile
import weakref
from collections.abc import Sequence
from functools import cache, cached_property
from math import isnan, nan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import files, output
from sim.errors import ConfigError, Problem
from sim.metrics import Metric
from sim.model.world import World
from sim.stats import Array
from sim.stats.means import ratio_pseudo_values

if TYPE_CHECKING:
    import duckdb

MEAN = "mean"
WHOLE = "\"by\" = 'all'"
_TYPES = {"value": "DOUBLE", "low": "DOUBLE", "high": "DOUBLE", "n": "BIGINT", "above": "DOUBLE", "below": "DOUBLE"}
_UNUSED = ("app", "report")  # parts of the package that change no number
_SAME = {"clock", "log", "student", "replications"}  # what of a world changes no number of a replication


class Store:
    """A folder of points; it is made when the first one is kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if folder.exists() and not folder.is_dir():
            raise ConfigError([Problem("study.store", f"{folder} is a file", "name a folder, of an earlier sweep or a new one")])

    @cached_property
    def database(self) -> "duckdb.DuckDBPyConnection":
        """The connection that all use, each thread by a cursor of its own: to open one takes longer than to play a small point."""
        return output.database()

    @classmethod
    def of(cls, named: str | None, folder: Path | None) -> "Store":
        """Return the store that was named, else that of a study's own folder, else one that goes when nobody holds it any more."""
        if named is not None:
            return cls(Path(named))
        if folder is not None:
            return cls(folder / "points")
        keeper = tempfile.TemporaryDirectory(prefix="polku-")
        made = cls(Path(keeper.name))
        weakref.finalize(made, keeper.cleanup)
        return made

    def file(self, key: str) -> Path:
        """Return where the point of this key is, or will be."""
        return self.folder / f"{key}.parquet"

    def keep(self, key: str, runs: Sequence[Sequence[Metric]], means: Sequence[Metric]) -> None:
        """Write a point: the metrics of every replication, and their means."""
        self.folder.mkdir(parents=True, exist_ok=True)
        rows = [(str(number), *metric) for number, run in enumerate(runs) for metric in run] + [(MEAN, *metric) for metric in means]
        with files.replacing(self.file(key)) as part:
            write_parquet(self.database, part, {name: _TYPES.get(name, "VARCHAR") for name in ("replication", *Metric._fields)}, rows)

    def values(self, keys: Sequence[str], metric: str, count: int) -> Array:
        """Return a metric over everybody, shape (keys, count replications); of a ratio of totals the jackknife's pseudo-values; NaN where there is none."""
        if not keys:
            return np.empty((0, count))
        names = {str(self.file(key)): k for k, key in reversed(list(enumerate(keys)))}
        found = np.full((3, len(keys), count), nan)
        with output.database() as connection:
            sql = (
                f"SELECT filename, replication, value, above, below FROM read_parquet($1, filename = true) WHERE metric = $2 AND {WHOLE} AND replication <> $3"
            )
            for name, number, *numbers in connection.execute(sql, [list(names), metric, MEAN]).fetchall():
                found[:, names[name], int(number)] = [nan if x is None else x for x in numbers]
        first = [names[str(self.file(key))] for key in keys]
        value, above, below = found[:, first, :]
        ratio = ~np.isnan(above).all(axis=1, keepdims=True)
        return np.where(ratio, ratio_pseudo_values(above, below), value)

    def means(self, keys: Sequence[str], metric: str) -> list[Metric | None]:
        """Return a metric's mean over everybody at each point, with its interval; None where it was not measured."""
        if not keys:
            return []
        names = ", ".join(f'"{name}"' for name in Metric._fields)
        sql = f"SELECT filename, {names} FROM read_parquet($1, filename = true) WHERE metric = $2 AND {WHOLE} AND replication = $3"
        with self.database.cursor() as connection:
            rows: list[Any] = connection.execute(sql, [[str(self.file(key)) for key in dict.fromkeys(keys)], metric, MEAN]).fetchall()
        found = {name: Metric._make(nan if x is None else x for x in row) for name, *row in rows}
        return [found.get(str(self.file(key))) for key in keys]

    def compared(self, request: dict[str, str]) -> list[str]:
        """Return what of a request differs from that which the folder was filled by, and note the request."""
        noted = self.folder / "request.json"
        before: dict[str, str] = json.loads(noted.read_text(encoding="utf-8")) if noted.is_file() else request
        self.folder.mkdir(parents=True, exist_ok=True)
        files.write_json(noted, request)
        return [name for name in request if before.get(name) != request[name]]


def key(world: World, replications: int, metrics: Sequence[str]) -> str:
    """Return the name of a point: a hash of its world, replications, metrics, and of the code that makes numbers of them."""
    return digest([world.model_dump(mode="json", exclude=_SAME), replications, sorted(metrics), code()])


def digest(data: Any) -> str:
    """Return a hash of plain data."""
    return hashlib.sha256(json.dumps(data, sort_keys=True, default=str).encode()).hexdigest()[:24]


@cache
def code() -> str:
    """Return a hash of the sources that make numbers."""
    home = Path(__file__).parents[1]
    sources = sorted(file for file in home.rglob("*.py") if file.relative_to(home).parts[0] not in _UNUSED)
    return hashlib.sha256(b"".join(file.read_bytes() for file in sources)).hexdigest()[:24]


def write_parquet(database: "duckdb.DuckDBPyConnection", path: Path, types: dict[str, str], rows: Sequence[Sequence[Any]]) -> None:
    """Write rows as Parquet with these columns and types; NaN and None are empty."""
    import pandas as pd

    columns = zip(*rows, strict=True) if rows else ([] for _ in types)
    data = pd.DataFrame({f"c{k}": pd.Series([_cell(x) for x in column], dtype="object") for k, column in enumerate(columns)})
    named = ", ".join(f'CAST(c{k} AS {kind}) AS "{name.replace(chr(34), chr(34) * 2)}"' for k, (name, kind) in enumerate(types.items()))
    with database.cursor() as connection:
        connection.register("rows", data)
        connection.execute(f"COPY (SELECT {named} FROM rows) TO '{str(path).replace(chr(39), chr(39) * 2)}' (FORMAT parquet, COMPRESSION zstd)")


def _cell(value: Any) -> Any:
    return None if isinstance(value, float) and isnan(value) else value
