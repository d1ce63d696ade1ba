"""What a run wrote, read back: the inverse of `sim.output`, so that metrics can be asked of a folder as of a run."""

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from sim.errors import LogError
from sim.log import BIRTH, KINDS, ROW, Array, Block, Log, Terms, in_memory
from sim.output import HIDDEN

__all__ = ["HIDDEN", "log", "observed", "summary"]


def summary(folder: Path) -> dict[str, Any]:
    """Return summary.json; raise LogError where there is none, or it is not one."""
    path = folder / "summary.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise LogError(str(folder), "no run was stored here; name a folder that `polku` wrote (with a summary.json that can be read)") from None
    if not isinstance(found, dict) or not {"terms", "provenance"} <= set(found):
        raise LogError(str(path), "is no summary of a run; name a folder that `polku` wrote")
    return found


def log(folder: Path) -> Log:
    """Return the log of a folder; raise LogError where its events were not kept, or files are not of one run.

    What `student: true` left out is 0: identities and satisfaction.
    """
    terms = Terms.from_dict(summary(folder)["terms"])
    customers, events = folder / "customers.parquet", folder / "events.parquet"
    if not (customers.is_file() and events.is_file()):
        raise LogError(str(folder), "the events were not kept; run with log=events")
    births = _births(_columns(customers, {"persona": terms.personas, "arm": terms.arms, "entry_stage": terms.stages}))
    stages = dict.fromkeys(("stage_from", "stage_to"), terms.stages)
    rows = _rows(_columns(events, {"channel": terms.channels, **stages, "kind": KINDS, "desk": terms.desks}), births)
    return in_memory(terms, births, rows, _ledger(folder / "ledger.csv"), int((births["parent"] < 0).sum()))


def observed(log: Log) -> Log:
    """Return a log as `student: true` lets it be read back: identities and satisfaction are 0."""
    births = log.births.copy()
    births["identity"] = 0

    def blocks() -> Iterator[Block]:
        for first, last, rows in log.blocks():
            seen = rows.copy()
            seen["satisfaction"] = 0
            yield first, last, seen

    return replace(log, births=births, blocks=blocks)


def _columns(path: Path, names: dict[str, tuple[str, ...]]) -> dict[str, Array]:
    """Return the columns of a file; those with names as places among the known ones, -1 where there is none."""
    import duckdb

    places = {column: f"CASE WHEN {column} IS NULL THEN -1 ELSE coalesce(list_position(${column}::VARCHAR[], {column}) - 1, -2) END" for column in names}
    chosen = ", ".join(f"({sql})::INTEGER AS {column}" for column, sql in places.items())
    with duckdb.connect(config={"autoinstall_known_extensions": False, "threads": 2}) as connection:
        try:
            known = {column: list(listed) for column, listed in names.items()}
            found = connection.execute(f"SELECT * REPLACE ({chosen}) FROM read_parquet($path)", {**known, "path": str(path)}).fetchnumpy()
        except duckdb.Error as error:
            raise LogError(str(path), f"can't be read: {str(error).splitlines()[0]}") from None
    columns = {name: np.asarray(np.ma.filled(column, -1)) for name, column in found.items() if column.dtype.kind in "biuf"}
    strange = [column for column in names if (columns[column] == -2).any()]
    if strange:
        raise LogError(str(path), f"{strange[0]} holds names that the terms do not know: the files are not of one run")
    return columns


def _births(columns: dict[str, Array]) -> Array:
    births = np.zeros(len(columns["customer"]), BIRTH)
    for name, column in {**dict.fromkeys(("customer", "arrived", "identity", "persona", "arm")), "parent": "referred_by", "entry": "entry_stage"}.items():
        births[name] = columns.get(column or name, 0)
    return births


def _rows(columns: dict[str, Array], births: Array) -> Array:
    rows = np.zeros(len(columns["customer"]), ROW)
    rows["customer"] = np.searchsorted(births["customer"], columns["customer"])
    for name in ("time", "number", "cost", "revenue", "satisfaction", "waited", "served", "channel", "stage_from", "stage_to"):
        rows[name] = columns.get(name, 0)
    bits = (columns["engaged"], columns["order"], columns["kind"], columns["desk"] + 1)
    rows["flags"] = sum(bit.astype("u1") << shift for bit, shift in zip(bits, (0, 1, 2, 4), strict=True))
    return rows


def _ledger(path: Path) -> tuple[tuple[int, str, float], ...]:
    if not path.is_file():
        return ()
    with path.open(encoding="utf-8", newline="") as file:
        return tuple((int(row["month"]), row["item"], float(row["fixed_cost"])) for row in csv.DictReader(file))
