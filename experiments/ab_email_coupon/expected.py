"""What the coupon test says and what is true."""

from sim.app.compose import Request
from sim.app.config import read
from sim.app.verbs import VERBS
from sim.studies.ab.question import Question
from sim.studies.ab.study import Test, ab_test

SMALL = ("customers=1000", "study.replications=2")


def numbers(*overrides: str) -> dict[str, dict[str, float]]:
    """Return what the test says and what is true, by metric."""
    config = read(Request(("+experiment=ab_email_coupon", *overrides), None, "config"), VERBS)
    result = ab_test(config.world, Question.of(config.options, config.world))
    assert isinstance(result, Test)
    tests = {f.metric: {"n": f.n_control + f.n_arm, "test": f.plain.difference, "p": f.plain.p} for f in result.findings}
    return {t.metric: tests[t.metric] | {"truth": t.effect, "low": t.low, "high": t.high, "covered": t.covered} for t in result.truths}
