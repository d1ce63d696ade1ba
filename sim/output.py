"""What a run writes: customers and events as Parquet with names in place of codes, the ledger, the terms.

Events stream through in blocks, so memory does not grow with them. Every file is written under another name and
renamed when it is whole.
"""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import files
from sim.log import KINDS, OUTCOMES, ROW, Array, Log, desk, engaged, kind, ordered

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

HIDDEN = ("identity", "satisfaction", "clv_to_date")  # what `student: true` leaves out: identities, satisfaction and truths


def write_customers(log: Log, customers: Array, path: Path, *, hidden: Sequence[str] = ()) -> None:
    """Write customers.parquet: one row a customer, ordered by number."""
    with files.replacing(path) as part:
        _copy(_customers_sql(log, hidden), {"block": _columns(customers)}, part)


def write_events(log: Log, path: Path, *, hidden: Sequence[str] = ()) -> None:
    """Write events.parquet: one row an occasion, ordered by (customer, number)."""
    with files.replacing(path) as part, tempfile.TemporaryDirectory(prefix="polku-") as folder:
        pieces: list[Path] = []
        for rows in _blocks(log):
            pieces.append(Path(folder) / f"{len(pieces):06d}.parquet")
            _copy(_events_sql(log, hidden), {"block": _row_columns(log, rows)}, pieces[-1])
        if len(pieces) == 1:
            part.write_bytes(pieces[0].read_bytes())
        else:
            _copy(f"SELECT * FROM read_parquet([{', '.join(_text(str(p)) for p in pieces)}])", {}, part)


def write_ledger(log: Log, path: Path) -> None:
    """Write ledger.csv: month (from 0), item, fixed cost."""
    files.write_csv(path, ("month", "item", "fixed_cost"), log.ledger)


def customers_frame(log: Log, customers: Array) -> "pd.DataFrame":
    """Return the customers as a data frame, names in place of codes."""
    with database() as connection:
        connection.register("block", _columns(customers))
        frame: pd.DataFrame = connection.sql(_customers_sql(log, ())).df()
    return frame


def events_relation(log: Log, folder: Path) -> "duckdb.DuckDBPyRelation":
    """Return the events as a DuckDB relation over a Parquet file, written into the folder, that is read as far as it is asked."""
    write_events(log, folder / "events.parquet")
    return database().read_parquet(str(folder / "events.parquet"))


def events_frame(log: Log) -> "pd.DataFrame":
    """Return the events as a data frame."""
    import pandas as pd

    with database() as connection:
        frames = []
        for rows in _blocks(log):
            connection.register("block", _row_columns(log, rows))
            frames.append(connection.sql(_events_sql(log, ())).df())
    events: pd.DataFrame = pd.concat(frames, ignore_index=True)
    return events


def _blocks(log: Log) -> Iterator[Array]:
    """Yield the rows block by block, an empty one where nobody came, so that the columns are always there."""
    blocks = (rows for _, _, rows in log.blocks())
    yield next(blocks, np.empty(0, ROW))
    yield from blocks


def database() -> "duckdb.DuckDBPyConnection":
    """Open a database in memory that reads no variables of Python's, installs nothing and keeps rows in order."""
    import duckdb

    settings: dict[str, Any] = {"python_enable_replacements": False, "autoinstall_known_extensions": False, "threads": 2}
    connection = duckdb.connect(config=settings)
    connection.execute("SET preserve_insertion_order = true")
    return connection


def _copy(sql: str, tables: dict[str, dict[str, Array]], path: Path) -> None:
    with database() as connection:
        for name, columns in tables.items():
            connection.register(name, columns)
        connection.execute(f"COPY ({sql}) TO {_text(str(path))} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 262144)")


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _named(column: str, names: Sequence[str], shift: int = 1) -> str:
    # DuckDB lists count from 1; what lies outside (code -1) is null
    if not names:
        return "CAST(NULL AS VARCHAR)"
    return f"list_extract([{', '.join(map(_text, names))}], NULLIF({column} + {shift}, 0))"


def _columns(records: Array) -> dict[str, Array]:
    return {name: np.ascontiguousarray(records[name]) for name in records.dtype.names or ()}


def _row_columns(log: Log, rows: Array) -> dict[str, Array]:
    columns = _columns(rows)
    columns |= {"who": log.births["customer"][rows["customer"]], "kind": kind(rows).astype("i1"), "desk": desk(rows)}
    return columns | {"engaged": engaged(rows), "ordered": ordered(rows)}


def _events_sql(log: Log, hidden: Sequence[str]) -> str:
    terms = log.terms
    columns = {
        "customer": "who",
        "number": "CAST(number AS BIGINT)",
        "time": "time",
        "kind": _named("kind", KINDS),
        "channel": _named("channel", terms.channels),
        "engaged": "engaged",
        "stage_from": _named("stage_from", terms.stages),
        "stage_to": _named("stage_to", terms.stages),
        "order": "ordered",
        "cost": "cost",
        "revenue": "revenue",
        "satisfaction": "satisfaction",
        "desk": _named("desk", terms.desks),
        "waited": "waited",
        "served": "served",
    }
    return _select(columns, hidden)


def _customers_sql(log: Log, hidden: Sequence[str]) -> str:
    terms, moments = log.terms, ("lead_at", "converted_at", "churned_at", "lost_at")
    columns = {"customer": "customer", "identity": "identity", "persona": _named("persona", terms.personas)}
    columns |= {"market": _named("persona", [terms.markets[k] for k in range(len(terms.personas))]), "arm": _named("arm", terms.arms)}
    columns |= {"arrived": "arrived", "entry_stage": _named("entry", terms.stages), "first_channel": _named("first_channel", terms.channels)}
    columns |= {"referred_by": "NULLIF(parent, -1)", "stage": _named("stage", terms.stages), "outcome": _named("outcome", OUTCOMES)}
    columns |= {name: f"CASE WHEN isnan({name}) THEN NULL ELSE {name} END" for name in moments}
    columns |= {name: f"CAST({name} AS BIGINT)" for name in ("occasions", "exposures", "touches", "orders")}
    columns |= {"revenue": "revenue", "margin": "margin", "cost": "cost", "clv_to_date": "CASE WHEN isnan(clv_to_date) THEN NULL ELSE clv_to_date END"}
    if terms.reasons:
        columns["lost_reason"] = f"NULLIF({_named('stage', terms.reasons)}, '')"
    return _select(columns, hidden)


def _select(columns: dict[str, str], hidden: Sequence[str]) -> str:
    return "SELECT " + ", ".join(f'{sql} AS "{name}"' for name, sql in columns.items() if name not in hidden) + " FROM block"


__all__ = ["HIDDEN", "customers_frame", "database", "events_frame", "events_relation", "write_customers", "write_events", "write_ledger"]
