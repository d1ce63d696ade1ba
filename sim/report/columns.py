"""Tables of text: columns as wide as they need to be, numbers to the right, names to the left."""

from collections.abc import Sequence

from sim.report.words import clipped, width

GAP = "  "


def aligned(header: Sequence[str], rows: Sequence[Sequence[str]], limit: int) -> list[str]:
    """Return the lines of a table within ``limit`` columns: the first column to the left, cut where the lines would be too long."""
    table = [list(header), *(list(row) for row in rows)]
    wide = [max(width(row[k]) for row in table) for k in range(len(header))]
    over = sum(wide) + len(GAP) * (len(wide) - 1) - limit
    wide[0] = wide[0] if over <= 0 else max(8, wide[0] - over)
    return [_line(row, wide)[:limit] for row in table]


def _line(row: Sequence[str], wide: Sequence[int]) -> str:
    name = clipped(row[0], wide[0])
    cells = [name + " " * (wide[0] - width(name))]
    cells += [" " * (size - width(cell)) + cell for cell, size in zip(row[1:], wide[1:], strict=True)]
    return GAP.join(cells).rstrip()
