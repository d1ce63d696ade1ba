"""Experiments: what the studies that were made in the folder have found."""

from collections.abc import Iterator

from sim.report.html.element import Element


def section(report: object) -> Iterator[Element]:  # noqa: ARG001
    """Return nothing yet."""
    yield from ()
