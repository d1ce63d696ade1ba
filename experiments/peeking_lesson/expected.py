"""How often a test of nothing alarms, by rule, exactly and simulated."""

from sim.app.compose import Request
from sim.app.config import read
from sim.app.verbs import VERBS
from sim.studies.ab.question import Question
from sim.studies.ab.study import Peeking, ab_test

SMALL = ("customers=1000", "study.splits=200")


def numbers(*overrides: str) -> dict[str, dict[str, float]]:
    """Return false alarms at the last look by rule; those of always valid p values have no exact chance."""
    config = read(Request(("+experiment=peeking_lesson", *overrides), None, "config"), VERBS)
    result = ab_test(config.world, Question.of(config.options, config.world))
    assert isinstance(result, Peeking)
    last = [peek for peek in result.peeks if peek.look == config.options["looks"]]
    return {peek.rule: {"simulated": peek.simulated} | ({"exact": peek.exact} if peek.exact == peek.exact else {}) for peek in last}
