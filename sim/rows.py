"""Where rows wait until the log is closed: in memory while they are few, in a temporary file when they are many.

A row's place in the closed log is known from itself (customer and number), so closing is one pass, not a sort.
"""

import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from sim.log import ROW, Array, Block

IN_MEMORY = 8_000_000  # rows; 320 MB
BLOCK = 1 << 18  # rows, about, of one block


class Rows:
    """Rows as they are written; `close` orders them by (customer, number)."""

    def __init__(self, in_memory: int = IN_MEMORY) -> None:
        self.in_memory, self.count = in_memory, 0
        self._held: list[Array] = []
        self._folder: Path | None = None

    def add(self, rows: Array) -> None:
        """Keep these rows; they belong to this store from now on."""
        self.count += len(rows)
        if self._folder is None and self.count <= self.in_memory:
            self._held.append(rows)
            return
        with self._file("written").open("ab") as file:
            for held in [*self._held, rows]:
                held.tofile(file)
        self._held = []

    def close(self, index: Array | None, customers: int, *, ordered: bool) -> "Closed":
        """Return the rows with customers renumbered by ``index``; ``ordered`` rows already stand in their places."""
        per_customer = np.zeros(customers + 1, "i8")
        for rows in self._chunks():
            who = rows["customer"] if index is None else index[rows["customer"]]
            per_customer[1:] += np.bincount(who, minlength=customers)
        start = np.cumsum(per_customer)
        if ordered and index is None:
            return Closed(start, self._one(), self)
        out = self._room(int(start[-1]))
        for rows in self._chunks():
            moved = rows.copy()
            if index is not None:
                moved["customer"] = index[rows["customer"]]
            _whole(out)[start[moved["customer"]] + moved["number"]] = _whole(moved)
        if isinstance(out, np.memmap):
            out.flush()
            return Closed(start, self._file("ordered"), self)
        return Closed(start, out, self)

    def _chunks(self) -> Iterator[Array]:
        if self._folder is None:
            yield from self._held
            return
        for first in range(0, self.count, BLOCK):
            yield np.fromfile(self._file("written"), ROW, min(BLOCK, self.count - first), offset=first * ROW.itemsize)

    def _one(self) -> "Array | Path":
        if self._folder is not None:
            return self._file("written")
        return np.concatenate(self._held) if self._held else np.empty(0, ROW)

    def _room(self, rows: int) -> Array:
        if self._folder is None:
            return np.empty(rows, ROW)
        return np.memmap(self._file("ordered"), ROW, "w+", shape=(rows,))

    def _file(self, name: str) -> Path:
        if self._folder is None:
            keeper = tempfile.TemporaryDirectory(prefix="polku-")
            self._folder = Path(keeper.name)
            weakref.finalize(self, keeper.cleanup)
        return self._folder / name


def _whole(rows: Array) -> Array:
    """Return rows as pieces of so many bytes, which are moved as a whole and not field by field."""
    return rows.view(f"V{ROW.itemsize}")


class Closed:
    """Rows ordered by (customer, number), in an array or a file, read in blocks of whole customers."""

    def __init__(self, start: Array, rows: "Array | Path", store: Rows) -> None:
        self.start, self._rows, self._store = start, rows, store  # the store keeps the file alive

    def __call__(self) -> Iterator[Block]:
        """Yield the blocks from the first customer to the last."""
        first, customers = 0, len(self.start) - 1
        while first < customers:
            last = int(np.searchsorted(self.start, self.start[first] + BLOCK, side="right")) - 1
            last = min(customers, max(last, first + 1))
            yield first, last, self._read(int(self.start[first]), int(self.start[last]))
            first = last

    def _read(self, begin: int, end: int) -> Array:
        if isinstance(self._rows, Path):
            return np.fromfile(self._rows, ROW, end - begin, offset=begin * ROW.itemsize)
        return self._rows[begin:end]
