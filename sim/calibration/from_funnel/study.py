"""The verb: figures in, a world out, and asked beside obtained."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isnan, nan
from pathlib import Path
from typing import Any

from sim.calibration.from_funnel import obtain, solve
from sim.calibration.from_funnel.complete import DEFAULT, Company, complete
from sim.calibration.from_funnel.contradictions import contradictions
from sim.calibration.from_funnel.figures import read
from sim.calibration.from_funnel.obtain import Row
from sim.calibration.from_funnel.queue import settled
from sim.calibration.from_funnel.usual import Usual, usual
from sim.calibration.from_funnel.words import notes, table
from sim.calibration.from_funnel.write import write
from sim.errors import ConfigError, Problem
from sim.files import write_csv
from sim.language import current
from sim.model import check
from sim.model.world import World
from sim.play import Progress


@dataclass(frozen=True)
class Result:
    """What came of figures: the company with nothing left open, its world, and asked beside obtained."""

    company: Company
    usual: Usual
    world: World
    plain: Mapping[str, Any]
    queue: solve.Queue | None
    rows: tuple[Row, ...]
    replications: int

    def write(self, folder: str | Path, name: str) -> Path:
        """Write the world as NAME.yaml and the table as NAME_figures.csv; return the world's path."""
        path = write(self.plain, self.company, self.usual, Path(folder) / f"{name}.yaml")
        write_csv(path.with_name(f"{name}_figures.csv"), Row._fields, ([None if isinstance(x, float) and isnan(x) else x for x in row] for row in self.rows))
        return path

    @property
    def _runs(self) -> str:
        sampled = not self.world.couples and self.company.funnel[0] > obtain.MOST
        say = current()
        each = say.text("from_funnel.each", visitors=say.count(obtain.MOST)) if sampled else ""
        return say.text("from_funnel.replications", number=self.replications) + each

    def text(self) -> str:
        """Return asked beside obtained, and what the figures mean, within 100 columns."""
        return "\n".join([*table(self.rows), "", *notes(self.company, self.usual, self.queue, self.rows, self._runs)])


def from_funnel(raw: Any, default: World, *, replications: int = 20, progress: Progress | None = None) -> Result:
    """Solve a world from figures (plain data), fill what is unknown from the default world, and simulate it.

    Raise ConfigError with every problem of the figures.
    """
    figures, problems = read(raw)
    problems += contradictions(figures)
    if problems:
        raise ConfigError(problems)
    habits = usual(default, figures.market)
    company = complete(figures, habits)
    free = solve.world(company, habits)
    queue = settled(company, habits, default.seed) if company.reps else None
    plain = solve.world(company, habits, queue) if queue else free
    world = check.world({**plain, "seed": default.seed})
    exact = obtain.exact(company, check.world(free), solve.funnel(company, habits))
    seen = obtain.simulated(company, world, replications, progress)
    rows = tuple(
        Row(name, asked, exact.get(name, nan), *seen.get(name, (nan, nan, nan)), company.sources.get(name, DEFAULT))
        for name, asked in company.figures.items()
    )
    return Result(company, habits, world, plain, queue, rows, replications)


def named(name: Any) -> str:
    """Return a name for the world's file; raise ConfigError if it is none."""
    if not isinstance(name, str) or not name or set(name) & set("/\\:") or name.startswith("."):
        raise ConfigError([Problem("study.world", f"given {name!r}", "must be a plain file name without folder")])
    return name.removesuffix(".yaml")


def study(raw: Any, world: World, options: Mapping[str, Any], folder: Path, progress: Progress | None = None) -> str:
    """Do what `from_funnel` does for the command line and return what to print."""
    name = named(options["world"])
    result = from_funnel(raw, world, replications=options["replications"], progress=progress)
    path = result.write(folder, name)
    return "\n".join(_with_command(result.text(), path))


def _with_command(text: str, path: Path) -> Iterator[str]:
    yield from (text, "", current().text("from_log.run_below", file=path), f"  polku -cd {path.parent} -cn {path.stem}")
