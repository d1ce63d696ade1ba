"""Logs of known origin for the tests of calibration."""

import numpy as np

from sim.calibration.events import EventLog, observe
from sim.model import check
from sim.play import play

WORLD = {
    "customers": 4000,
    "arrivals": {"days": 200, "shape": "uniform"},
    "horizon": 365,
    "stages": {
        "looking": {
            "kind": "prospect",
            "entry": 0.8,
            "next": {"looking": 0.5, "deciding": 0.3, "lost": 0.2},
            "gap": {"family": "gamma", "mean": 5, "cv": 0.7},
        },
        "deciding": {
            "kind": "prospect",
            "entry": 0.2,
            "next": {"looking": 0.3, "buying": 0.5, "lost": 0.2},
            "gap": {"family": "lognormal", "mean": 10, "cv": 1},
        },
        "buying": {
            "kind": "customer",
            "next": {"buying": 0.8, "churned": 0.2},
            "gap": {"family": "exponential", "mean": 20},
            "order": {"on_entry": 1, "on_stay": 0.4},
        },
        "lost": {"kind": "lost"},
        "churned": {"kind": "churned"},
    },
    "personas": {
        "new": {"share": 0.7, "revenue": {"value": {"family": "lognormal", "mean": 60, "cv": 0.6}}},
        "old": {"share": 0.3, "revenue": {"value": {"family": "gamma", "mean": 100, "cv": 0.4}}},
    },
    "channels": {"mail": {"share": {"looking": 0.3, "buying": 0.1}, "engage": 0.6}},
}
HIDDEN = ("lost", "churned")


def observed(**changes) -> EventLog:
    """Return the log of the known world as an observer has it: leaving is unseen."""
    return observe(play(check.world(WORLD | changes), clock="compiled"), HIDDEN)


def written(log: EventLog, path) -> None:
    """Write an event log as CSV, days as plain numbers."""
    header = "customer,time,stage,persona,channel,revenue,engaged"
    columns = {
        "customer": [f"c{number}" for number in log.customer],
        "time": [repr(day) for day in log.time.tolist()],
        "stage": [log.stages[code] for code in log.stage],
        "persona": [log.personas[code] for code in log.persona[log.customer]],
        "channel": [log.channels[code] for code in log.channel],
        "revenue": [repr(value) if value else "" for value in log.revenue.tolist()],
        "engaged": [str(flag) for flag in log.engaged.tolist()],
    }
    path.write_text("\n".join([header, *map(",".join, zip(*columns.values(), strict=True))]) + "\n")


def renewals(mean: float, days: float, customers: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the gaps seen whole and the open ones of renewal processes with exponential gaps, watched for ``days`` from an event on."""
    draws = np.random.Generator(np.random.PCG64(seed)).exponential(mean, (customers, 60))
    ends = np.cumsum(draws, axis=1)
    last = (ends < days).sum(axis=1)
    start = np.where(last > 0, ends[np.arange(customers), np.maximum(last - 1, 0)], 0.0)
    return draws[ends < days], days - start
