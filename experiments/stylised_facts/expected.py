"""What the sources say beside what the default world does."""

from functools import cache
from math import isnan
from typing import TYPE_CHECKING, Any

from sim.app.compose import Request
from sim.app.config import read
from sim.app.library import load
from sim.app.verbs import VERBS
from sim.studies.facts.counts import WORLD
from sim.studies.facts.study import Found, simulated

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SMALL = ("customers=1000", "study.replications=2")
ME = "+experiment=stylised_facts"


@cache
def found(*overrides: str) -> Found:
    """Return the study of `polku +experiment=stylised_facts` with these overrides."""
    config = read(Request((ME, *overrides)), VERBS)
    worlds = {name: load(ME, *overrides, *changes) for name, changes in config.options["worlds"].items()}
    return simulated({WORLD: config.world} | worlds, config.options["replications"])


def numbers(*overrides: str) -> dict[str, Any]:
    """Return each fact: simulated, its interval where there is one, its band where it has one, and the verdict."""
    out: dict[str, Any] = {}
    for row in found(*overrides).rows:
        limits = {"simulated": row.simulated, "low": row.low, "high": row.high, "least": row.least, "most": row.most}
        out[row.fact] = {name: value for name, value in limits.items() if not isnan(value)} | {"verdict": row.verdict}
    return out


def figures(full: dict[str, Any]) -> dict[str, "Figure"]:  # noqa: ARG001 -- drawn from the study, whose source line is not written down
    """Return the study's own figure."""
    from sim.report.figures import facts

    return {"facts": facts.of(found())}
