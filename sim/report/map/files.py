"""What a map leaves in a folder: one page, slides as PNG, SVG and PDF, and the tables behind them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sim.files import replacing, write_text
from sim.report.figures import style
from sim.report.map import current_state, day_in_the_life, document, future_state, lanes, page, persona_map
from sim.report.map.day_in_the_life import Shown
from sim.report.map.document import Part
from sim.report.map.sheet import Sheet
from sim.report.map.text import text
from sim.studies.journey_map import FutureState, JourneyMap

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FEW = 2  # touchpoints, and contents, of a stage on a slide that has both


def current(found: JourneyMap, folder: Path, *, figures: bool = True) -> str:
    """Write the map of one world, and return it in a few lines."""
    found.write(folder)
    return _sheets([current_state.sheet(found)], folder, [current_state.sheet(found, _room(found))] if figures else ())


def future(found: FutureState, folder: Path, *, figures: bool = True) -> str:
    """Write the map of two worlds, and return it in a few lines."""
    found.write(folder)
    whole = [future_state.sheet(found)]
    return _sheets(whole, folder, whole if figures else ())


def personas(found: Sequence[JourneyMap], folder: Path, *, figures: bool = True) -> str:
    """Write the maps of all personas on one page, and return them in a few lines."""
    for one in found:
        one.write(folder)
    slides = [persona_map.sheet(one, _room(one)) for one in found] if figures else ()
    return _sheets([persona_map.sheet(one) for one in found], folder, slides)


def life(shown: Shown, folder: Path, *, figures: bool = True) -> str:
    """Write a day in the life, and return it in a few lines."""
    folder.mkdir(parents=True, exist_ok=True)
    with style.sheet():
        body = day_in_the_life.section(shown, day_in_the_life.picture(shown))
        if figures:
            _save([day_in_the_life.draw(shown)], folder)
    title, source = day_in_the_life.title(shown), day_in_the_life.source(shown)
    write_text(folder / "map.html", document.document("day_in_the_life", [Part(title, source, body)]))
    return "\n".join([title, source, "", *day_in_the_life.lines_of(shown)])


def _room(found: JourneyMap) -> int:
    """Return how many touchpoints a stage have room on a slide: fewer beside contents."""
    return FEW if found.contents else lanes.CHIPS


def _sheets(sheets: Sequence[Sheet], folder: Path, slides: Sequence[Sheet]) -> str:
    from sim.report.map import slide

    parts = [Part(one.title, one.source, page.section(one)) for one in sheets]
    write_text(folder / "map.html", document.document(sheets[0].kind, parts))
    if slides:
        with style.sheet():
            _save([figure for one in slides for figure in slide.slides(one)], folder)
    return "\n\n".join(text(one) for one in sheets)


def _save(figures: Sequence["Figure"], folder: Path) -> None:
    for number, figure in enumerate(figures, 1):
        name = "map" if len(figures) == 1 else f"map_{number}"
        style.save(figure, folder, name)
        with replacing(folder / "figures" / f"{name}.pdf") as part:
            figure.savefig(part, format="pdf", metadata={"CreationDate": None})
