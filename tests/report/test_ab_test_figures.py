"""Figures of A/B tests."""

import pytest

from sim.report.figures.ab_test import save
from sim.studies.ab.question import Question
from sim.studies.ab.study import ab_test
from tests import worlds

METRICS = ("conversion_rate_60d", "value_60d", "orders_per_touch_60d")


@pytest.mark.parametrize(("mode", "name"), [("test", "effects"), ("aa", "aa"), ("peeking", "peeking"), ("power", None)])
def test_every_mode_draws_its_figure(mode, name, tmp_path):
    """PNG and SVG of each; the power of a test has none."""
    world = worlds.made(worlds.arms(300))
    paths = save(ab_test(world, Question(mode=mode, metrics=METRICS, replications=3, splits=20)), world, tmp_path)

    assert [path.name for path in paths] == ([f"{name}.png", f"{name}.svg"] if name else [])
    assert all(path.stat().st_size > 1000 for path in paths)


def test_a_test_of_nobody_says_why_there_is_nothing_to_draw(tmp_path):
    """Exposed in a time when nobody came: the figure is there, and empty."""
    world = worlds.made(worlds.arms(100))
    result = ab_test(world, Question(metrics=METRICS, replications=2, start=150.0))

    assert "nobody was followed that long" in result.text()
    assert "Nobody was followed long enough" in save(result, world, tmp_path)[1].read_text()
