"""What stands on a map, whoever draws it: columns, lanes, and what a cell can hold.  Texts are ready to read; nothing here is drawn."""

from dataclasses import dataclass, replace
from typing import NamedTuple

PLAIN, STRONG, QUIET, QUOTE, GAIN, LOSS = "plain", "strong", "quiet", "quote", "gain", "loss"


class Line(NamedTuple):
    """A line of text in a tone."""

    text: str
    tone: str = PLAIN


class Chip(NamedTuple):
    """A touchpoint: its share of the stage's exposures, of these the part engaged with, and its length beside the longest of the map (1)."""

    label: str
    media: str
    share: float
    engaged: float
    length: float
    said: str


class Feeling(NamedTuple):
    """Satisfaction after a touch: the median, the middle half and the middle nine tenths; ``said`` and ``detail`` are what to read."""

    median: float
    low: float
    high: float
    least: float
    most: float
    said: str
    detail: tuple[str, ...] = ("",)


class Loss(NamedTuple):
    """A pain point: its place among all, what happened, what it may have cost, and how long its bar is (1: the dearest)."""

    rank: int
    text: str
    money: str
    part: float


class Flow(NamedTuple):
    """Money in and out of a stage, bars as parts of the largest."""

    came: float
    went: float
    came_said: str
    went_said: str


class Change(NamedTuple):
    """A number in two worlds, and what is certain of the difference: ``tone`` is gain, loss, plain (neither) or quiet (not sure)."""

    name: str
    before: str
    after: str
    difference: str
    tone: str


Cell = tuple[Line | Chip | Loss | Flow | Change, ...]


@dataclass(frozen=True)
class Column:
    """A stage: its name, its colour, and lines under the name."""

    name: str
    colour: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lane:
    """A row of the map: its name, how to read it, and a cell a column; or one text across all of them."""

    name: str
    hint: str
    cells: tuple[Cell, ...] = ()
    across: Cell = ()


@dataclass(frozen=True)
class Curve:
    """The lane of feelings, drawn across the columns; ``before`` is the other world's where two are compared."""

    name: str
    hint: str
    feelings: tuple[Feeling | None, ...]
    before: tuple[Feeling | None, ...] = ()
    keys: tuple[str, ...] = ()  # what the line, the one before it, and the bands are


@dataclass(frozen=True)
class Card:
    """A persona: name, a line under it, and what people say of it as (heading, text)."""

    name: str
    line: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Sheet:
    """A whole map: the finding as its title, its source, columns, lanes, and how to read it."""

    kind: str
    title: str
    source: str
    columns: tuple[Column, ...]
    lanes: tuple[Lane | Curve, ...]
    notes: tuple[str, ...] = ()
    card: Card | None = None

    def part(self, first: int, last: int) -> "Sheet":
        """Return the map of some columns only: a slide has room for six."""
        def cut(lane: Lane | Curve) -> Lane | Curve:
            if isinstance(lane, Curve):
                return replace(lane, feelings=lane.feelings[first:last], before=lane.before[first:last])
            return replace(lane, cells=lane.cells[first:last])

        return replace(self, columns=self.columns[first:last], lanes=tuple(map(cut, self.lanes)))
