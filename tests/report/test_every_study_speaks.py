"""Figures and texts of every study hold no English where Finnish is spoken."""

import re
from xml.etree import ElementTree

import pytest

from sim.language import language, speaking
from sim.report.figures import ab_test, attribution, forest, interaction, style, tornado
from sim.report.figures.gallery import drawers
from sim.report.html.stored import Run
from sim.studies.ab import study
from sim.studies.ab.question import Question
from sim.studies.difference import Difference
from sim.studies.exact import compare
from sim.studies.precision import to_precision
from sim.studies.verdict import sentence
from sim.studies.what_if import what_if
from tests import worlds
from tests.report.test_attribution_figure import SCENE, credit, lift
from tests.report.test_sensitivity_figures import bars, spots

GAP = re.compile(r"\{\w*\}")
METRICS = ("conversion_rate_60d", "orders_per_touch_60d")


def english():
    """Return every run of two words or more that stands between the gaps of an English text, and in no Finnish one."""
    forms = {code: [form for text in language(code).texts.values() for form in ([text] if isinstance(text, str) else text.values())] for code in ("en", "fi")}
    parts = {part.strip(" .,;:()") for form in forms["en"] for part in GAP.split(form)}
    return [part for part in parts if " " in part and len(part) > 8 and not any(part in form for form in forms["fi"])]


def left_over(text):
    """Return the English that a text holds."""
    return [part for part in english() if part in " ".join(text.split())]


def texts(svg):
    """Return what can be read in an SVG, one text a line."""
    root = ElementTree.fromstring(svg.encode("utf-8"))
    return " | ".join("".join(node.itertext()) for node in root.iter() if str(node.tag).rpartition("}")[2] in ("text", "title"))


FIGURES = {
    "tornado": lambda: tornado.draw(bars(a=(-20, 30), b=(5, -5)), "EUR", SCENE),
    "no tornado": lambda: tornado.draw([], "EUR", SCENE),
    "interaction": lambda: interaction.draw("a", spots((1, 1, 5), (2, 1, 6), (1, 2, 5), (2, 2, 9)), "EUR", SCENE),
    "credit": lambda: attribution.draw(*credit(ad=(80, 20, 5), mail=(20, 30, 5)), SCENE),
    "no credit": lambda: attribution.draw([], [], SCENE),
    "lift": lambda: attribution.draw_lift(lift(ad=(2.0, 0.5), mail=(0.5, 0.2)), SCENE),
    "forest": lambda: forest.draw("a", [Difference("more_sales_reps", "profit", "all", "all", 100.0, 110.0, 10.0, 5.0, 15.0, "EUR", 10)], SCENE),
    "no forest": lambda: forest.draw("a", [], SCENE),
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_of_a_study_has_no_english_in_finnish(name):
    """Titles, axes, legends, notes and tips."""
    with speaking("fi"), style.sheet():
        assert not left_over(texts(style.svg(FIGURES[name]())))


@pytest.mark.parametrize("mode", ["test", "aa", "peeking", "power"])
def test_an_ab_test_has_no_english_in_finnish(mode, tmp_path):
    """Its text, and its figure where it has one."""
    world = worlds.made(worlds.arms(300))
    with speaking("fi"):
        result = study.ab_test(world, Question(mode=mode, metrics=METRICS, replications=3, splits=20))
        drawn = [path.read_text() for path in ab_test.save(result, world, tmp_path) if path.suffix == ".svg"]

        assert not left_over(result.text())
        assert not [found for svg in drawn for found in left_over(texts(svg))]


def test_the_figures_of_a_run_have_no_english_in_finnish(plain, tmp_path):
    """All that become files, and the one of the page alone."""
    with speaking("fi"), style.sheet():
        found = {name: left_over(texts(style.svg(draw()))) for name, draw in drawers(Run.of(plain, tmp_path)).items()}
    assert not {name: parts for name, parts in found.items() if parts}


def test_what_the_terminal_says_of_a_study_has_no_english_in_finnish():
    """A what-if of twice the same world, replications to a precision, the exact answer, and every verdict."""
    world = worlds.made(worlds.plain(200))
    with speaking("fi"):
        said = [compare(world).text(), to_precision(world, "revenue", most=10).text(), what_if({"a": world, "b": world}).text()]
        limits = ((6, 9), (-9, -6), (-1, 1), (-9, 9))
        said += [sentence(Difference("x", "profit", "all", "all", 1, 2, 1, low, high, "EUR", 10), 5.0, 10) for low, high in limits]

        assert not [part for text in said for part in left_over(text)]


def test_english_is_found_where_it_is():
    """The check sees an English text, so that its silence means something."""
    assert "differences between points are surer than the bands look" in " ".join(left_over(language("en").text("figures.interaction.bands")))
