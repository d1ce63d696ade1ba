"""The journey map of the run."""

from collections.abc import Iterator

from sim.report.html.element import Element
from sim.report.html.report import Report
from sim.report.map import current_state


def section(report: Report) -> Iterator[Element]:
    """Return the map; nothing where events were not kept."""
    if report.run.has_events:
        yield current_state.section(report.run)
