"""What a figure shows is what its table says: numbers are read back from the drawing."""

import numpy as np
from matplotlib.collections import QuadMesh
from matplotlib.patches import PathPatch

from sim.metrics import Metric
from sim.metrics.curves import ConversionCurve, Dwell, Funnel, Occasions, RetentionCurve, Transitions
from sim.report.figures import curves, dwell, funnel, occasions, style, transition_map, worth

SCENE = style.Scene("Baseline", 1000, 365.0, 1, "EUR")
STAGES, KINDS = ("looking", "buying", "gone"), ("prospect", "customer", "lost")
DAY = np.arange(5.0)
NAN = float("nan")


def metric(name: str, group: str, value: float, low: float = NAN, high: float = NAN, unit: str = "EUR") -> Metric:
    return Metric(name, "persona", group, value, low, high, unit, 100)


def test_the_funnel_s_bars_are_its_counts() -> None:
    """1,000 enter and 400 leave; 300 enter and 30 leave, 7 steps back: 30 % convert."""
    table = Funnel(STAGES[:2], np.array([1000, 300]), np.array([400, 30]), np.array([0, 7]))
    with style.sheet():
        figure = funnel.draw(table, KINDS[:2], 1000, metric("conversion_rate", "all", 0.3, 0.27, 0.33, "share"), SCENE)

    assert [[bar.get_width() for bar in axes.patches] for axes in figure.axes] == [[1000, 300], [400, 30], [0, 7]]
    assert figure.texts[0].get_text() == "30 % of arrivals become customers; most are lost in looking"
    assert "27 to 33" in figure.texts[2].get_text()


def test_the_map_s_arrows_are_as_wide_as_their_flows() -> None:
    """Moves of 300, 100 and 50: widths 6 : 2 : 1; 300 of 1,000 occasions are 30 %, and two thirds of 450 moves are 67 of 100."""
    table = Transitions(STAGES, np.array([[600, 300, 100], [50, 950, 0], [0, 0, 0]]))
    with style.sheet():
        figure = transition_map.draw(table, KINDS, False, SCENE)  # noqa: FBT003

    widths = [patch.get_linewidth() for patch in figure.axes[0].patches if type(patch) is PathPatch]
    np.testing.assert_allclose(np.array(widths) / widths[1], [6, 1, 2])
    labels = [text.get_text() for text in figure.axes[0].texts]
    assert {"30 %", "10 %", "5.0 %", "Looking\nstays 60 %", "Buying\nstays 95 %"} <= set(labels)
    assert figure.texts[0].get_text() == "Of 100 moves, 67 go forward, 11 go back and 22 leave the journey"


def test_shares_of_a_hundred_add_up_to_a_hundred() -> None:
    """Largest remainders (Hamilton): of three thirds one gets the odd point."""
    assert transition_map.hundredths([1.0, 1.0, 1.0]) == [34, 33, 33]


def test_the_table_of_occasions_has_shares_within_stages() -> None:
    """Of 100 occasions in looking 60 are mail's, of 50 in buying 10; 35 of the 70 are engaged."""
    table = Occasions(("own", "mail"), STAGES, np.array([[40, 40, 0], [60, 10, 0]]), np.array([[0, 0, 0], [30, 5, 0]]))
    with style.sheet():
        figure = occasions.draw(table, KINDS, ("own", "owned"), SCENE)
    grid, bars = figure.axes

    shares = next(artist for artist in grid.collections if isinstance(artist, QuadMesh)).get_array()
    np.testing.assert_allclose(shares, [[0.6, 0.2], [0.4, 0.8]])
    assert [bar.get_width() for bar in bars.patches] == [70, 35]
    assert figure.texts[0].get_text() == "Mail reaches most (100 %)"


def test_the_retention_figure_has_curve_band_and_points() -> None:
    """The line is the curve, the dot at day 30 the metric, the bar its interval."""
    table = RetentionCurve(np.arange(41.0), np.linspace(1, 0.6, 41), np.linspace(1, 0.5, 41), np.linspace(1, 0.7, 41))
    points = {curves.WHOLE: {30: metric("retention_30d", "all", 0.7, 0.6, 0.8, "share")}}
    with style.sheet():
        figure = curves.retention(table, {}, points, False, SCENE)  # noqa: FBT003
    line, dot, bar = figure.axes[0].lines[:3]

    np.testing.assert_array_equal(line.get_ydata(), table.share)
    assert (list(dot.get_xdata()), list(dot.get_ydata()), list(bar.get_ydata())) == ([30], [0.7], [0.6, 0.8])
    assert len(figure.axes[0].collections) == 1
    assert figure.texts[0].get_text() == "70 % of customers are still there 30 days after converting"


def test_the_conversion_figure_has_a_line_a_persona() -> None:
    """Two personas and the whole, names at the ends of the lines."""
    some = {name: ConversionCurve(DAY, DAY * share) for name, share in (("rich", 0.02), ("poor", 0.01))}
    points = {name: {365: metric("conversion_rate_365d", name, value, unit="share")} for name, value in (("rich", 0.2), ("poor", 0.1), ("All", 0.15))}
    with style.sheet():
        figure = curves.conversion(ConversionCurve(DAY, DAY * 0.015), some, points, None, SCENE)

    np.testing.assert_allclose([line.get_ydata()[-1] for line in figure.axes[0].lines[:3]], [0.08, 0.04, 0.06])
    assert {text.get_text() for text in figure.axes[0].texts} == {"8.0 %  Rich", "4.0 %  Poor", "6.0 %  All"}
    assert figure.texts[0].get_text() == "15 % convert within a year; rich most of all (20 %)"


def test_worth_is_on_a_logarithmic_scale_when_it_must_be() -> None:
    """10 and 5,000 lie further apart than 20 times; 10 and 50 do not."""
    far = [metric("clv", "rich", 5000, 4000, 6000), metric("clv", "poor", 10, 9, 11), metric("clv", "all", 900)]
    near = [metric("value_365d", "rich", 50, 40, 60), metric("value_365d", "poor", 10, 9, 11), metric("value_365d", "all", 20)]
    with style.sheet():
        figure = worth.draw(far, near, 1095, SCENE)

    assert [axes.get_xscale() for axes in figure.axes] == ["log", "linear"]
    assert [line.get_xdata()[0] for line in figure.axes[0].lines if line.get_marker() == "o"] == [5000, 10, 900]
    assert figure.texts[0].get_text() == "One converted rich is worth EUR 5,000: 500 times a poor"


def test_bars_of_time_go_from_quartile_to_quartile() -> None:
    """The second stage's upper quartile is beyond the 90 days followed: its bar ends there, hatched."""
    table = Dwell(STAGES[:2], np.array([50, 40]), np.array([5.0, 40.0]), np.array([[2.0, 4.0, 7.0], [10.0, 30.0, NAN]]), np.array([100.0, 90.0]))
    with style.sheet():
        figure = dwell.draw(table, KINDS[:2], {}, SCENE)
    bars = figure.axes[0].patches

    assert [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in bars] == [(2, 7), (10, 90)]
    assert [bool(bar.get_hatch()) for bar in bars] == [False, True]
    assert figure.texts[0].get_text() == "Buying lasts longest (median 30 days), looking shortest (4 days)"
