"""What the sections of a report share: the runs, their tables, and the figures of the first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.language import current
from sim.log import Log
from sim.metrics import paths
from sim.metrics.arrivals import arrivals
from sim.metrics.path import Path as Way
from sim.report.html.drawing import finding
from sim.report.html.element import Element
from sim.report.html.stored import Run
from sim.report.html.table import figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Source(NamedTuple):
    """Where a value of the configuration comes from: its file, and what stands beside it there."""

    file: str
    note: str


@dataclass(frozen=True)
class Report:
    """The first run is what the report is about, the others it is compared with; ``sources`` is by path of the configuration.

    ``finish`` ends the drawing of the first run's figures, which may have begun elsewhere.
    """

    runs: tuple[Run, ...]
    sources: Mapping[str, Source] = field(default_factory=dict)
    finish: "Callable[[], object]" = list

    @property
    def run(self) -> Run:
        """Return the run that the report is about."""
        return self.runs[0]

    @property
    def world(self) -> Mapping[str, Any]:
        """Return the configuration as plain data, empty where there is none."""
        return self.run.world or {}

    @cached_property
    def log(self) -> Log | None:
        """Return the log, None where events were not kept."""
        return self.run.log() if self.run.has_events else None

    @cached_property
    def came(self) -> Log | None:
        """Return the log of those who arrived, None where events were not kept."""
        return self.log and (arrivals(self.log) or self.log)

    @cached_property
    def way(self) -> Way | None:
        """Return every customer's way through the stages, None where events were not kept."""
        return paths.ways(self.log) if self.log is not None else None

    @cached_property
    def came_way(self) -> Way | None:
        """Return the way of everyone who arrived, None where events were not kept."""
        return self.way if self.came is self.log or self.came is None else paths.ways(self.came)

    @property
    def personas(self) -> tuple[str, ...]:
        """Return the personas, none where there is but one."""
        names = self.run.terms.personas
        return names if len(names) > 1 else ()

    def figure(self, name: str, alt: str, numbers: Element, caption: str = "") -> Element | None:
        """Return a figure of the gallery with its numbers, None where neither its file nor the events are there."""
        svg = self._stored(name) or self._drawn(name)
        return figure(name, svg, f"{alt}. {finding(svg)}.", numbers, caption) if svg else None

    def drawn(self, name: str, draw: "Callable[[], Figure]", alt: str, numbers: Element) -> Element:
        """Return a figure that is drawn here, with its numbers."""
        from sim.report.figures import style

        with style.sheet():
            svg = style.svg(draw())
        return figure(name, svg, alt, numbers)

    def _stored(self, name: str) -> str:
        from sim.report.figures import FILES

        if name in FILES:
            self.finish()
        path = self.run.folder / "figures" / f"{name}.svg"
        return path.read_text(encoding="utf-8") if path.is_file() and self.run.language == current().code else ""

    def _drawn(self, name: str) -> str:
        if self.log is None:
            return ""
        from sim.report.figures import style
        from sim.report.figures.gallery import drawers

        with style.sheet():
            return style.svg(drawers(self.run)[name]())
