"""The figures of credit and lift: their headline is true of their numbers, and nothing to show is said."""

from math import nan

import pytest

from sim.report.figures import attribution, style
from sim.studies.credit import Credited, Truth

SCENE = style.Scene("Baseline", 1000, 365, 1, "EUR", 10)


def credit(**given):
    """Return last-touch rows (and as many of the other models shown) and truths of channels: conversions, caused, half-width."""
    rows = [Credited(m, name, x, 0, 0, 0, x - y, x - y - h, x - y + h) for m in attribution.SHOWN for name, (x, y, h) in given.items()]
    return rows, [Truth(name, "conversions_caused", y, y - h, y + h, "count") for name, (x, y, h) in given.items()]


def lift(**given):
    """Return truths of channels: naive lift, true lift."""
    return [Truth(name, q, x, x, x, "share") for name, both in given.items() for q, x in zip(("naive_lift", "true_lift"), both, strict=True)]


@pytest.mark.parametrize(
    ("given", "title"),
    [
        ({"ad": (80, 20, 5), "mail": (20, 30, 5)}, "Ad gets 4.0 times the credit that it earned, by last touch"),
        ({"ad": (80, 0.1, 5), "mail": (20, 30, 5)}, "Ad gets 80 % of the credit by last touch, and caused next to nothing"),
        ({"ad": (80, 60, 20), "mail": (20, 30, 5)}, "No channel is credited beyond what it caused by more than chance"),
    ],
)
def test_the_headline_is_true_of_the_numbers(given, title):
    """Overpaid by a factor, for nothing, or not beyond chance (an interval that touches 0)."""
    with style.sheet():
        assert attribution.draw(*credit(**given), SCENE).texts[0].get_text() == title


@pytest.mark.parametrize(
    ("given", "title"),
    [
        ({"ad": (2.5, 0.5)}, "Who saw ad converts 250 % more often; of that it caused 50 %"),
        ({"ad": (0.1, 0.5)}, "Comparing the exposed with the unexposed overstates no channel"),
    ],
)
def test_the_headline_of_lifts_is_true_of_the_numbers(given, title):
    """The worst overstatement, or none."""
    with style.sheet():
        assert attribution.draw_lift(lift(**given), SCENE).texts[0].get_text() == title


def test_nothing_to_show_is_said():
    """No conversions, and no channel with both exposed and unexposed."""
    with style.sheet():
        assert attribution.draw([], [], SCENE).texts[0].get_text() == "Nobody converted on a path with a touch"
        assert attribution.draw_lift(lift(ad=(nan, nan)), SCENE).texts[0].get_text() == "No channel has both exposed and unexposed customers"
