"""Every figure keeps the style contract, whatever the world."""

from pathlib import Path
from xml.etree import ElementTree

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from sim.report.figures import draw_all, style
from sim.report.figures import told as figures_told
from sim.report.figures.gallery import figures
from sim.report.html.stored import Run
from sim.studies.processes import Crew
from sim.studies.run import Result

WORLDS = ("plain", "hostile", "shared", "crowded", "alone")
NAMES = {"funnel", "transition_map", "occasions", "retention", "clv", "conversion", "time_in_stage"}


@pytest.fixture(scope="module")
def drawn(request: pytest.FixtureRequest) -> dict[str, Figure]:
    with style.sheet():
        found = dict(figures(Run.of(request.getfixturevalue(request.param), Path())))
        for figure in found.values():
            figure.canvas.draw()
    return found


def _texts(figure: Figure) -> list[Text]:
    return [text for text in figure.findobj(Text) if text.get_text().strip() and text.get_visible()]


def test_seven_figures_are_written_and_again_to_the_same_bytes(plain: Result, tmp_path: Path) -> None:
    """PNG and SVG each and nothing else; no date, no random names inside the files."""
    first, second = (draw_all(plain, tmp_path / name)() for name in "ab")

    assert {path.name for path in first} == {f"{name}.{ending}" for name in NAMES for ending in ("png", "svg")}
    assert sorted(first) == sorted((tmp_path / "a" / "figures").iterdir())
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


@pytest.mark.parametrize("crew", [None, Crew({"figures": figures_told}, [])], ids=["here", "by a crew"])
def test_figures_are_drawn_once_however_often_they_are_asked_for(crew: Crew | None, plain: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report asks when it comes to them, and the run at its end."""
    drawn: list[str] = []
    monkeypatch.setattr("sim.report.figures.draw", lambda run, names, language: [run.folder / name for name in names if not drawn.append(name)])
    plain.write(tmp_path)
    finish = draw_all(plain, tmp_path, crew)

    assert drawn == []
    assert finish() == finish()
    assert sorted(drawn) == sorted(NAMES)


def test_hostile_names_stand_literally_in_the_svg(hostile: Result, tmp_path: Path) -> None:
    """Markup, dollar signs and letters of any alphabet are text; the files are XML."""
    texts = {path.stem: "\n".join(ElementTree.parse(path).getroot().itertext()) for path in draw_all(hostile, tmp_path)() if path.suffix == ".svg"}

    assert "<b>&amp;</b>" in texts["funnel"]
    assert "$\\alpha$ x" in texts["funnel"]
    assert "日本" in texts["transition_map"]
    assert "<c>&$" in texts["occasions"]
    assert "$x$ <i>" in texts["conversion"]


def test_drawing_leaves_matplotlib_as_it_was() -> None:
    """The style sheet ends with the drawing."""
    before = dict(mpl.rcParams)

    with style.sheet():
        inside = dict(mpl.rcParams)

    assert dict(mpl.rcParams) == before
    assert inside["svg.hashsalt"] == "polku"


@pytest.mark.parametrize("drawn", WORLDS, indirect=True)
def test_no_text_leaves_the_figure(drawn: dict[str, Figure]) -> None:
    """Nothing is cut off at the edges."""
    for name, figure in drawn.items():
        wide, tall = figure.bbox.size
        for text in _texts(figure):
            box = text.get_window_extent()
            assert box.x0 >= -1, (name, text.get_text())
            assert box.x1 <= wide + 1, (name, text.get_text())
            assert box.y0 >= -1, (name, text.get_text())
            assert box.y1 <= tall + 1, (name, text.get_text())


@pytest.mark.parametrize("drawn", WORLDS, indirect=True)
def test_every_text_is_readable_on_a_slide(drawn: dict[str, Figure]) -> None:
    """Eleven points at least, on a page of ten by 5.6 inches or more."""
    assert {text.get_text() for figure in drawn.values() for text in _texts(figure) if text.get_fontsize() < 11} == set()
    assert {tuple(figure.get_size_inches() >= (10, 5.6)) for figure in drawn.values()} == {(True, True)}


@pytest.mark.parametrize("drawn", WORLDS, indirect=True)
def test_every_axis_says_what_it_measures(drawn: dict[str, Figure]) -> None:
    """Axes with numbers have a label; bars that carry their own numbers have a heading; the map has no axes."""
    for name, figure in drawn.items():
        for axes in figure.axes:
            assert not axes.axison or axes.get_xlabel() or axes.get_title(loc="left"), name


@pytest.mark.parametrize("drawn", WORLDS, indirect=True)
def test_every_figure_names_its_source(drawn: dict[str, Figure]) -> None:
    """The subtitle has scenario, customers, horizon and seed."""
    for name, figure in drawn.items():
        title, source = (text.get_text() for text in figure.texts[:2])
        assert title, name
        assert source.startswith("Baseline · "), name
        assert source.endswith(" days · seed 1"), name


def test_a_world_where_nothing_happens_says_so(alone: Result) -> None:
    """No customer converts, moves or is met: every such figure gives its reason."""
    with style.sheet():
        titles = {name: figure.texts[0].get_text() for name, figure in figures(Run.of(alone, Path()))}

    assert titles["retention"] == "Nobody converted, so nobody could stay"
    assert titles["conversion"] == "Nobody converted"
    assert titles["transition_map"] == "Nobody moved between stages"
    assert titles["clv"] == "No customer's worth is known"


def test_text_stands_out_from_its_ground() -> None:
    """Text on stage colours has the contrast of WCAG 2.1 for text (4.5), names on white that for graphics (3)."""
    kinds = ("prospect",) * 6 + ("customer",) * 6 + ("lost", "churned")
    for colour in style.stage_colours(kinds):
        assert _contrast(colour, style.on(colour)) >= 4.5
    assert min(_contrast(colour, "white") for colour in style.PERSONAS) >= 3


def _contrast(one: str, other: str) -> float:
    low, high = sorted(_luminance(colour) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in mpl.colors.to_rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
