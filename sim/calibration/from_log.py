"""The verb: a company's event log in, a world out, and real beside simulated."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.calibration import compare as comparing
from sim.calibration import observed
from sim.calibration.compare import Row
from sim.calibration.estimate import Estimate, estimate, usable
from sim.calibration.events import Account, EventLog, observe
from sim.calibration.options import Options
from sim.calibration.read import read
from sim.calibration.write import plain, write
from sim.errors import ConfigError, Problem
from sim.files import write_csv
from sim.language import current
from sim.model import check
from sim.model.world import World
from sim.play import Progress, play

LEAST_CUSTOMERS = 10_000  # simulated for the comparison, so that most of the chance in it is the real log's


@dataclass(frozen=True)
class Result:
    """What came of a log: the account of its rows, the estimate, the world and its file, and the comparison."""

    account: Account
    estimate: Estimate
    world: World
    path: Path
    comparison: tuple[Row, ...]
    simulated: int  # customers in the comparison
    events: EventLog  # what was read, as far as it was used

    def lines(self) -> list[str]:
        """Return everything to tell the user, as lines."""
        say = current()
        note = say.text("from_log.beside", real=say.count(self.estimate.customers), simulated=say.count(self.simulated))
        run = say.text("from_log.run", file=self.path, command=f"polku -cd {self.path.parent} -cn {self.path.stem}")
        return [*self.account.lines(), "", *self.estimate.notes, "", note, *comparing.lines(self.comparison), "", run]


def study(world: World, options: Mapping[str, Any], folder: Path, progress: Progress | None = None) -> str:
    """Do what `from_log` does for the command line, with the seed and clock of the composed world, and return what to print."""
    path = str(options.get("log") or "")
    result = from_log(path, options, folder, seed=world.seed, clock=world.clock, progress=progress)
    observed.write(result.events, result.estimate, Path(path).name, result.comparison, folder)
    return "\n".join(result.lines())


def from_log(
    path: str | Path, options: Mapping[str, Any], folder: str | Path, *, seed: int = 1, clock: str = "auto", progress: Progress | None = None
) -> Result:
    """Estimate a world from the log at ``path``, write it with the comparison into ``folder``, and simulate it beside the log.

    ``options``: the keys of the study ``from_log``, in plain data. Raise `LogError` for a bad log and `ConfigError` for bad options.
    """
    chosen = Options.of(options)
    if not str(path):
        raise ConfigError([Problem("study.log", "missing", "name a CSV or Parquet file: study.log=events.csv")])
    log, account = read(path, chosen.columns, separator=chosen.separator, time_unit=chosen.time_unit)
    log, account = usable(log, account, chosen)
    found = estimate(log, chosen)
    world = check.world(plain(found))
    seen = observe(play(_all_at_once(found, seed), clock=clock, progress=progress), found.hidden)
    goals = chosen.customer_stages or tuple(stage.name for stage in found.stages if stage.gap and not stage.hidden)[-1:]
    rows = tuple(comparing.compare(log, seen, goals))
    target = write(found, folder, chosen.world, tuple(account.lines()))
    write_csv(target.with_name(f"{chosen.world}_comparison.csv"), Row._fields, rows)
    return Result(account, found, world, target, rows, seen.customers, log)


def _all_at_once(found: Estimate, seed: int) -> World:
    """Return the world with everybody arriving on day 0, so that each can be followed as long as any real customer was."""
    customers = max(found.customers, LEAST_CUSTOMERS)
    changed = {"customers": customers, "seed": seed, "arrivals": {"days": 0, "shape": "uniform"}, "horizon": found.days * 1.001}
    return check.world(plain(found) | changed)
