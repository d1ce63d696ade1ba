"""Files that are whole or absent: written under another name in the same folder, flushed to the disk, then renamed.

A run that is killed, or a disk that is full, leaves neither half a file under a final name nor a damaged older one
(order of calls: Pillai et al., "All file systems are not created equal", OSDI 2014).
"""

import csv
import io
import json
import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside ``path`` with the same ending, and let what was written there take its place.

    When the block raises, ``path`` stays as it was and the temporary file is removed.
    """
    part = path.with_name(f".part-{secrets.token_hex(4)}-{path.name}")
    try:
        yield part
        adopt(part, path)
    finally:
        part.unlink(missing_ok=True)


def adopt(part: Path, path: Path) -> None:
    """Give a finished file its final name, once its bytes are on the disk."""
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    part.replace(path)
    _sync_folder(path.parent)


def write_bytes(path: Path, data: bytes) -> None:
    """Write bytes."""
    with replacing(path) as part:
        part.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    """Write text as UTF-8, with line ends as they are."""
    write_bytes(path, text.encode("utf-8"))


def write_json(path: Path, data: Any) -> None:
    """Write data as JSON that people can read; raise ValueError for NaN and infinity, which JSON lacks."""
    write_text(path, json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a table: None is an empty cell, a number its shortest exact form, and no text can act as a formula."""
    table = io.StringIO(newline="")
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    write_text(path, table.getvalue())


def _cell(value: Any) -> Any:
    # spreadsheets run a cell that begins like a formula (OWASP ASVS 1.2.10); numbers stay numbers
    if not isinstance(value, str) or not value.startswith(_FORMULA) or _is_number(value):
        return value
    return f"'{value}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _sync_folder(folder: Path) -> None:
    if not hasattr(os, "O_DIRECTORY"):  # Windows can't open folders and needs no such call
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
