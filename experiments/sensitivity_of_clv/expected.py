"""Which inputs move CLV and value per arrival: Sobol' indices, tornado, and the tornado of the exact solver."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.app.compose import Request
from sim.app.config import read
from sim.app.verbs import VERBS
from sim.model.exact import solve
from sim.studies.design import world_at
from sim.studies.ranges import ranges
from sim.studies.sensitivity import Asked, End, Sensitivity, sensitivity
from sim.studies.store import Store

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SMALL = ("customers=200", "study.size=2", "study.replications=2")


def numbers(*overrides: str) -> dict[str, Any]:
    """Return what the study finds, by metric and input; in full also what is exact."""
    found = study(*overrides)
    pair = found.together
    assert pair is not None
    out: dict[str, Any] = {"customers": found.base.customers, "replications": found.asked.replications, "points": len(found.played.tried)}
    out["indices"] = {metric: _indices(found, metric) for metric in found.asked.metrics}
    out["tornado"] = {metric: _tornado(found, metric) for metric in found.asked.metrics}
    out["luck_left"] = {metric: one.left for metric, one in found.noises.items()}
    out["together"] = pair._asdict()
    return out if overrides else out | {"exact": exact(found)}


def study(*overrides: str) -> Sensitivity:
    """Return the study of the command, kept nowhere."""
    config = read(Request(("+experiment=sensitivity_of_clv", *overrides), None, "config"), VERBS)
    option = config.options
    asked = Asked(option["method"], option["size"], tuple(option["metrics"]), option["replications"])
    with tempfile.TemporaryDirectory() as folder:
        return sensitivity(config.world, ranges(option["ranges"]), asked, Store(Path(folder) / "points"))


def exact(found: Sensitivity) -> dict[str, dict[str, dict[str, float]]]:
    """Return the tornado of the exact solver: the same ends, no luck."""
    answers = {(end.path, end.end): solve(world_at(found.base, {end.path: end.input})).by_horizon for end in found.ends}
    return {metric: {r.path: {end: answers[r.path, end][metric] for end in ("low", "high")} for r in found.inputs} for metric in found.asked.metrics}


def _indices(found: Sensitivity, metric: str) -> dict[str, dict[str, float]]:
    out: dict[str, dict[str, float]] = {r.path: {} for r in found.inputs}
    for row in found.indices:
        if row.metric == metric:
            out[row.path] |= {row.quantity: row.value, f"{row.quantity}_low": row.low, f"{row.quantity}_high": row.high}
    return out


def _tornado(found: Sensitivity, metric: str) -> dict[str, dict[str, dict[str, float]]]:
    return {
        path: {name: {"input": end.input, "value": end.value, "base": end.base, "low": end.low, "high": end.high} for name, end in sorted(ends.items())}
        for path, ends in found.swings(metric)
    }


def figures(full: dict[str, Any]) -> dict[str, "Figure"]:
    """Return the two tornadoes."""
    from sim.report.figures import style, tornado

    scene = style.Scene("Sensitivity of CLV", full["customers"], 1460, 1, "EUR", full["replications"])
    return {f"tornado_{metric}": tornado.draw(_bars(metric, ends), "EUR", scene) for metric, ends in full["tornado"].items()}


def _bars(metric: str, ends: dict[str, Any]) -> list[tuple[str, dict[str, End]]]:
    return [
        (path, {name: End(metric, path, name, e["input"], e["value"], e["base"], e["value"] - e["base"], e["low"], e["high"]) for name, e in both.items()})
        for path, both in ends.items()
    ]
