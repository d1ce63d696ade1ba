"""The exact answer beside the simulated one: what a world comes to, what one run of it came to, and how far apart they are.

Only values of the same kind stand side by side: those by the horizon, with these arrivals. What becomes of customers
in the end (ever) has a column of its own, beside nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isnan, nan
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sim import files
from sim.customers import fold
from sim.language import current
from sim.log import Array, Log
from sim.metrics import measure
from sim.model.exact import Row, solve
from sim.model.world import World
from sim.play import Progress, play

NORMAL_95 = 1.959963984540054
FAR = 5.0  # standard errors beyond which the two can't both be right


class Beside(NamedTuple):
    """One quantity, exact and simulated; ``z`` is their distance in standard errors of the simulation (NaN where it has none)."""

    quantity: str
    by: str
    group: str
    ever: float
    by_horizon: float
    error_bound: float
    simulated: float
    z: float
    unit: str


@dataclass(frozen=True)
class Comparison:
    """The rows of `exact_beside`, ready to be written and read."""

    world: World
    rows: tuple[Beside, ...]

    @property
    def worst(self) -> float:
        """The largest distance in standard errors."""
        return max((abs(row.z) for row in self.rows if not isnan(row.z)), default=0.0)

    def write(self, folder: Path) -> None:
        """Write exact.csv into the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        files.write_csv(folder / "exact.csv", Beside._fields, ([None if isinstance(x, float) and isnan(x) else x for x in row] for row in self.rows))

    def text(self) -> str:
        """Return the comparison as a table of at most 100 columns."""
        line = "{:<20} {:<22} {:>11} {:>11} {:>11} {:>6}  {}".format
        say = current()
        first, *rest = (say.text(f"exact.{name}") for name in ("quantity", "group", "ever", "by_horizon", "simulated"))
        head = line(first, *rest, "z", say.text("exact.unit"))
        body = [line(r.quantity[:20], _group(r)[:22], *map(_number, (r.ever, r.by_horizon, r.simulated)), _distance(r.z), say.note(r.unit)) for r in self.rows]
        bound = max((row.error_bound for row in self.rows), default=0.0)
        found = sum(not isnan(row.z) for row in self.rows)
        about = [
            say.text("exact.about", customers=say.count(self.world.customers), day=say.exactly(self.world.horizon, 6)),
            say.text("exact.found", number=found, worst=say.number(self.worst, 2), far=say.exactly(FAR), bound=say.exactly(bound, 1)),
        ]
        return "\n".join([head, "-" * len(head), *body, "", *about])


def compare(world: World, progress: Progress | None = None) -> Comparison:
    """Solve the world and simulate it once.

    Raise UnsolvableError with every reason where there is no exact answer.
    """
    return Comparison(world, tuple(exact_beside(world, progress)))


def exact_beside(world: World, progress: Progress | None = None) -> list[Beside]:
    """Return every exact value with the simulated one of the same kind; of founders alone, where customers refer others."""
    rows = solve(world).table()
    log = play(world, progress=progress)
    found = {key: seen for key, seen in simulated(log).items() if not (key[0].startswith("retention_") and _tempo_varies(world))}
    return [_beside(row, found) for row in rows]


def _tempo_varies(world: World) -> bool:
    """Return whether some convert early and leave early: Kaplan-Meier then estimates something else than the share of those who were followed."""
    return any(t.acts == "rate" and t.family != "fixed" and t.cv > 0 for persona in world.personas.values() for t in persona.traits.values())


Found = dict[tuple[str, str, str], tuple[float, float]]


def simulated(log: Log) -> Found:
    """Return the simulated values by (quantity, by, group), each with its standard error."""
    refers = len(log.births) > log.founders
    source = ("source", "founder") if refers else ("all", "all")
    found: Found = {}
    for m in measure(log):
        se = (m.high - m.low) / (2 * NORMAL_95)
        where = ("all", "all") if (m.by, m.group) == source else (m.by, m.group)
        mixed = refers and m.by in ("persona", "arm")  # the referred are in there too
        if not mixed and (m.by != "all" or source == where):
            found[m.metric, *where] = (m.value, se)
    return found | {key: (float(x.mean()), float(x.std(ddof=1) / np.sqrt(len(x)))) for key, x in _amounts(log) if len(x) > 1}


def _amounts(log: Log) -> Iterator[tuple[tuple[str, str, str], Array]]:
    """Yield what each founder came to: for all, by persona and by arm; stages for all."""
    customers = fold(log)[: log.founders]
    left = {"lost": ~np.isnan(customers["lost_at"]), "churned": ~np.isnan(customers["churned_at"])}
    money = {name: customers[name] for name in ("orders", "revenue", "margin", "cost", "exposures", "touches")}
    for name, amount in ({"steps": customers["occasions"]} | left | money).items():
        yield (name, "all", "all"), amount.astype(float)
        yield from (((name, "persona", of), amount[customers["persona"] == k].astype(float)) for k, of in enumerate(log.terms.personas))
        yield from (((name, "arm", of), amount[customers["arm"] == k].astype(float)) for k, of in enumerate(log.terms.arms))
    stages = StageSums(log)
    yield ("days", "all", "all"), stages.days.sum(1)
    for k, stage in enumerate(log.terms.stages):
        yield ("present", "stage", stage), (customers["stage"] == k).astype(float)
        if log.terms.kinds[k] in ("prospect", "customer"):
            yield from ((("visits", "stage", stage), stages.visits[:, k]), (("entries", "stage", stage), stages.entries[:, k]))
            yield ("days", "stage", stage), stages.days[:, k]


class StageSums:
    """Occasions, entries and days of each founder in each stage until the horizon, (founders, stages)."""

    def __init__(self, log: Log) -> None:
        shape = (log.founders, len(log.terms.stages))
        self.visits, self.entries, self.days = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        births = log.births[: log.founders]
        np.add.at(self.entries, (np.arange(log.founders), births["entry"]), 1)
        now, stage = births["arrived"].copy(), births["entry"].astype(int)
        for _, _, rows in log.blocks():
            self._add(rows[rows["customer"] < log.founders], now, stage)
        living = np.isin(log.terms.kinds, ("prospect", "customer"))[stage]
        np.add.at(self.days, (np.flatnonzero(living), stage[living]), log.terms.horizon - now[living])

    def _add(self, rows: Array, now: Array, stage: Array) -> None:
        who, moved = rows["customer"], rows["stage_to"] != rows["stage_from"]
        first = np.diff(who, prepend=-1) != 0
        began = np.where(first, now[who], np.concatenate([[0.0], rows["time"][:-1]])) if len(rows) else rows["time"]
        np.add.at(self.visits, (who, rows["stage_from"]), 1)
        np.add.at(self.entries, (who[moved], rows["stage_to"][moved]), 1)
        np.add.at(self.days, (who, rows["stage_from"]), rows["time"] - began)
        now[who], stage[who] = rows["time"], rows["stage_to"]  # rows are in order: the last one stays


def _beside(row: Row, found: Found) -> Beside:
    value, se = found.get((row.quantity, row.by, row.group), (nan, nan))
    exact = nan if row.by_horizon is None else row.by_horizon
    z = (value - exact) / se if se > 0 else nan
    return Beside(row.quantity, row.by, row.group, nan if row.ever is None else row.ever, exact, row.error_bound, nan if isnan(exact) else value, z, row.unit)


def _group(row: Beside) -> str:
    return "" if row.by == "all" else f"{current().note(row.by)} {row.group}"


def _number(value: float) -> str:
    return "" if isnan(value) else current().number(value, 4 if abs(value) < 1e5 else 0)


def _distance(z: float) -> str:
    return "" if isnan(z) else current().signs(f"{z:+.2f}")
