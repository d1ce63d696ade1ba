"""Tornado and interaction: their headlines are true of their numbers, bars stand where they must, and nothing to show is said."""

from math import nan

import pytest

from sim.report.figures import interaction, style, tornado
from sim.studies.sensitivity import End, Together
from sim.studies.sweep import Spot

SCENE = style.Scene("Baseline", 1000, 365, 1, "EUR", 10)


def bars(**given):
    """Return bars of inputs from 1 to 3: the differences at the low and at the high end from a base of 100."""
    ends = {path: {name: (1 + 2 * k, x) for k, (name, x) in enumerate(zip(("low", "high"), both, strict=True))} for path, both in given.items()}
    return [(path, {n: End("clv", path, n, at, 100 + x, 100.0, x, x - 2, x + 2) for n, (at, x) in both.items()}) for path, both in ends.items()]


def spots(*rows, other="b"):
    """Return spots of (input, other input, value)."""
    return [Spot("clv", "a", x, other, y, value, value - 1, value + 1) for x, y, value in rows]


def title(figure):
    """Return the headline."""
    return figure.texts[0].get_text()


def test_the_tornado_says_what_its_widest_bar_does():
    """From the lowest to the highest of both ends and the base: an input of which both ends lie above reaches down to the base."""
    with style.sheet():
        assert title(tornado.draw(bars(a=(-20, 30), b=(5, -5)), "EUR", SCENE)) == "a alone moves CLV per converted customer from EUR 80.0 to EUR 130"
        assert title(tornado.draw(bars(a=(10, 30), b=(5, -5)), "EUR", SCENE)) == "a alone moves CLV per converted customer from EUR 100 to EUR 130"
        assert title(tornado.draw(bars(a=(0, 0)), "EUR", SCENE)) == "No input moves anything"
        assert title(tornado.draw([], "EUR", SCENE)) == "No input moves anything"


def test_a_long_path_leaves_the_numbers_in_the_headline():
    """Its end names it; in full it stands beside its bar."""
    with style.sheet():
        drawn = tornado.draw(bars(**{"personas.everyone.odds.looking.owning": (-20, 30)}), "EUR", SCENE)
    assert title(drawn).startswith("\u2026")
    assert title(drawn).endswith("looking.owning alone moves CLV per converted customer from EUR 80.0 to EUR 130")


def test_bars_go_from_the_base_to_the_end_and_bear_its_input():
    """Low ends blue, high ends vermilion, the number of the input beside each."""
    with style.sheet():
        (axes,) = tornado.draw(bars(a=(-20, 30), b=(5, -5)), "EUR", SCENE).axes
    drawn = [(round(bar.get_x()), round(bar.get_width()), bar.get_facecolor()) for bar in axes.patches]

    assert [bar[:2] for bar in drawn] == [(100, -20), (100, 30), (100, 5), (100, -5)]
    assert drawn[0][2] == drawn[2][2] != drawn[1][2] == drawn[3][2]
    assert [text.get_text() for text in axes.texts] == ["1", "3", "1", "3"]


def test_at_most_fifteen_bars_are_drawn():
    """The widest ones."""
    with style.sheet():
        (axes,) = tornado.draw(bars(**{f"input_{k:02d}": (-k, k) for k in range(30, 0, -1)}), "EUR", SCENE).axes
    assert [label.get_text() for label in axes.get_yticklabels()] == [f"input_{k:02d}" for k in range(30, 15, -1)]


def test_the_interaction_is_claimed_where_its_interval_leaves_0_out():
    """At the edge it is not; a corner without a value is said."""
    said = [interaction.finding(Together("a", "b", 10, 30, 20.0, low, 40.0 - low), "clv", "EUR") for low in (0.1, 0.0)]

    assert said[0] == "The first input moves CLV per converted customer by EUR 10.0 or EUR 30.0, as the second one is low or high"
    assert said[1] == "The first input moves CLV per converted customer by as much whatever the second one is, as far as can be seen"
    assert interaction.finding(None, "clv", "EUR") == "The two strongest inputs have no value at some corner"


def test_there_is_a_line_for_each_value_of_the_second_input():
    """Two lines of two points; the legend has the higher value on top; one input alone has neither lines to tell apart nor a legend."""
    with style.sheet():
        (axes,) = interaction.draw("t", spots((0, 5, 1), (1, 5, 2), (0, 9, 3), (1, 9, 5)), "EUR", SCENE).axes
        (alone,) = interaction.draw("t", spots((0, 0, 1), (1, 0, 2), other=""), "EUR", SCENE).axes

    assert [list(line.get_ydata()) for line in axes.lines] == [[1, 2], [3, 5]]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["9", "5"]
    assert alone.get_legend() is None


@pytest.mark.parametrize("rows", [[], [(0, 0, 1.0)], [(0, 0, nan), (1, 0, nan)]])
def test_nothing_to_draw_is_said(rows):
    """No spot, one alone, or none with a value."""
    with style.sheet():
        figure = interaction.draw("t", spots(*rows), "EUR", SCENE)
    assert "nothing to draw" in [text.get_text() for text in figure.texts]


def test_a_sweep_says_from_where_to_where():
    """Spots without a value are not counted."""
    assert interaction.spread(spots((0, 0, 5), (1, 0, nan), (2, 0, 9)), "EUR") == "CLV per converted customer from EUR 5.00 to EUR 9.00 over 2 points"
    assert interaction.spread(spots((0, 0, nan)), "EUR") == "No value of CLV per converted customer at any point"
