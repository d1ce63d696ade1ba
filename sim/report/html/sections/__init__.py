"""The sections of a report in their order: one function a section, ``section(report) -> elements``; one without elements is left out."""

from collections.abc import Callable, Iterator

from sim.report.html.element import Element
from sim.report.html.report import Report
from sim.report.html.sections import (
    again,
    answer,
    assumptions,
    channels,
    churn,
    clv,
    experiments,
    flow,
    funnel,
    journey_map,
    key_figures,
    linearity,
    model,
    paths,
    plan,
    queues,
)

SECTIONS: dict[str, Callable[[Report], Iterator[Element]]] = {
    "answer": answer.section,
    "key_figures": key_figures.section,
    "experiments": experiments.section,
    "plan": plan.section,
    "journey_map": journey_map.section,
    "funnel": funnel.section,
    "flow": flow.section,
    "paths": paths.section,
    "channels": channels.section,
    "churn": churn.section,
    "clv": clv.section,
    "queues": queues.section,
    "linearity": linearity.section,
    "assumptions": assumptions.section,
    "model": model.section,
    "again": again.section,
}

ILLUSTRATED = ("flow", "funnel", "channels", "churn", "clv")  # made last: their figures may still be drawn elsewhere
