"""What scenarios gain on the first of a list, played on the same customers' luck and written down as plain data."""

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from sim.app.compose import Request
from sim.app.config import another, read
from sim.app.verbs import VERBS
from sim.studies.what_if import Asked, WhatIf, what_if

METRICS = ("profit", "value_365d", "conversion_rate", "cost")
PLACE = Path(__file__).resolve().parent
FINE = "study.matters=100"  # as fine as study.max allows


class Pair(NamedTuple):
    """Two scenarios that are also compared with each other, and what their difference is called."""

    title: str
    baseline: str
    scenario: str


@cache
def found(experiment: str, *overrides: str) -> WhatIf:
    """Return the study of an experiment with these overrides; scenarios of its own folder come before the shipped ones (`polku -cd`)."""
    home = PLACE / experiment
    request = Request((f"+experiment={experiment}", *overrides), home if (home / "scenario").is_dir() else None)
    options = read(request, VERBS).options
    worlds = {name: another(request, VERBS, f"scenario={name}") for name in options["scenarios"]}
    return what_if(worlds, Asked(options["matters"], options["max"]))


def told(study: WhatIf, scenario: str) -> dict[str, dict[str, float]]:
    """Return the differences of a scenario, by metric, with their intervals."""
    rows = study.whole(scenario)
    return {m: {"baseline": rows[m].baseline, "difference": rows[m].difference, "low": rows[m].low, "high": rows[m].high} for m in METRICS}


def every(study: WhatIf) -> dict[str, Any]:
    """Return the differences of every scenario, by its name."""
    return {name: told(study, name) for name in list(study.worlds)[1:]}


def with_pair(experiment: str, pair: Pair, *overrides: str) -> dict[str, Any]:
    """Return what every scenario gains on the first one, and one of a pair on the other, with intervals."""
    study = found(experiment, *overrides)
    paired = found(experiment, *overrides, f"study.scenarios=[{pair.baseline},{pair.scenario}]", FINE)
    return {"runs": study.precise, pair.title: told(paired, pair.scenario)} | every(study)
