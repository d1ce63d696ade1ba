"""Who takes part in a test, as the world says it."""

import pytest

from sim.errors import ConfigError
from sim.studies.ab.question import Question
from tests import worlds

ARMS = {"name": "test", "arms": {"a": {"share": 0.5}, "b": {"share": 0.5}}}


def having(raw, **more):
    """Return the world with a test that says who takes part."""
    return worlds.made(raw, ab_test=ARMS | more)


def test_the_study_asks_what_the_world_says_and_its_own_options_have_the_last_word():
    """Stage, days and personas of the test; study.start over it; nothing said: everybody, from arrival."""
    one = having(worlds.plain(10), stage="weigh", start=3, end=50, personas=["keen"])
    shipped = {"metrics": ["conversion_rate_30d"], "stage": None, "start": None, "personas": []}
    told, asked = Question.of(shipped, one), Question.of(shipped | {"start": 5}, one)
    plain = Question.of(shipped, having(worlds.plain(10)))

    assert (told.stage, told.start, told.end, told.personas) == ("weigh", 3, 50, ("keen",))
    assert (asked.stage, asked.start) == ("weigh", 5)
    assert (plain.stage, plain.start, plain.end, plain.personas) == (None, 0, None, ())


@pytest.mark.parametrize(
    ("more", "path"), [({"stage": "wiegh"}, "ab_test.stage"), ({"personas": ["kene"]}, "ab_test.personas"), ({"start": 9, "end": 9}, "ab_test.end")]
)
def test_a_test_that_makes_no_sense_is_refused(more, path):
    """With the near name."""
    with pytest.raises(ConfigError) as refused:
        having(worlds.plain(10), **more)
    assert refused.value.problems[0].path.startswith(path)
