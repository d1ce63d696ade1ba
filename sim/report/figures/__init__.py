"""Figures: one function a figure, table in, Matplotlib figure out.  Matplotlib is loaded when there is something to draw."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.studies.run import Result

__all__ = ["draw_all"]


def draw_all(result: "Result", folder: Path) -> list[Path]:
    """Draw every figure of a run into ``folder/figures``, PNG and SVG each, and return their paths."""
    from sim.report.figures import style
    from sim.report.figures.gallery import figures

    place = folder / "figures"
    place.mkdir(parents=True, exist_ok=True)
    with style.sheet():
        return [path for name, figure in figures(result) for path in style.save(figure, place, name)]
