"""A real event log as a run leaves one, so that the same metrics, figures and reports can be asked of it."""

from pathlib import Path

import numpy as np

from sim import files, output
from sim.calibration.compare import Row
from sim.calibration.estimate import Estimate
from sim.calibration.events import OWN, EventLog
from sim.customers import fold
from sim.log import BIRTH, ROW, Log, Terms, in_memory
from sim.metrics import measure
from sim.studies.run import HEADER

FOLDER = "observed"
AFTER = 1e-6  # days: the last event lies within the horizon


def as_log(events: EventLog, found: Estimate) -> Log:
    """Return the events as a log: the first one is the arrival, each later one an occasion that enters its stage; nobody knows costs.

    Orders have the margin 1, so contribution is revenue.
    """
    kinds = {stage.name: stage.kind for stage in found.stages}
    names = [stage.name for stage in found.stages if stage.name in events.stages]
    code = np.array([names.index(name) if name in names else -1 for name in events.stages])
    stages, first = code[events.stage], events.first
    births = np.zeros(events.customers, BIRTH)
    births["customer"] = births["identity"] = np.arange(events.customers)
    births["arrived"], births["parent"], births["arm"] = events.time[first], -1, -1
    births["persona"], births["entry"] = events.persona, stages[first]
    begun = np.flatnonzero(first)
    rows = np.zeros(int((~first).sum()), ROW)
    rows["customer"], rows["time"] = events.customer[~first], events.time[~first]
    rows["number"] = (np.arange(len(first)) - begun[events.customer] - 1)[~first]
    rows["channel"], rows["stage_to"] = events.channel[~first], stages[~first]
    rows["stage_from"] = np.concatenate([[0], stages[:-1]])[~first]
    rows["revenue"] = events.revenue[~first]
    rows["flags"] = events.engaged[~first].astype("u1") | (events.revenue[~first] > 0).astype("u1") << 1
    return in_memory(_terms(events, tuple(names), kinds), births, rows)


def write(events: EventLog, found: Estimate, name: str, comparison: tuple[Row, ...], folder: Path) -> Path:
    """Write the log as a run is written, with its metrics and the comparison, into ``folder/observed``, and return that folder."""
    place, log = folder / FOLDER, as_log(events, found)
    place.mkdir(parents=True, exist_ok=True)
    output.write_customers(log, fold(log), place / "customers.parquet")
    output.write_events(log, place / "events.parquet")
    measured = [[None if value != value else value for value in metric[: len(HEADER)]] for metric in measure(log)]  # noqa: PLR0124  NaN
    files.write_csv(place / "metrics.csv", HEADER, measured)
    files.write_csv(place / "comparison.csv", Row._fields, comparison)
    provenance = {"scenario": name, "customers": events.customers, "events": len(events.time), "seed": None, "replications": 1}
    files.write_json(place / "summary.json", {"provenance": provenance, "terms": log.terms.to_dict(), "headline": {}})
    return place


def _terms(events: EventLog, stages: tuple[str, ...], kinds: dict[str, str]) -> Terms:
    channels, personas = events.channels, events.personas
    return Terms(
        horizon=float(events.until.max()) + AFTER,
        stages=stages,
        kinds=tuple(kinds[name] for name in stages),
        channels=channels,
        media=tuple(OWN if name == OWN else "owned" for name in channels),
        leads=(False,) * len(channels),
        personas=personas,
        markets=("b2c",) * len(personas),
        margin=((1.0,),) * len(personas),
        discount=(((0.0,) * len(channels),),) * len(personas),
    )
