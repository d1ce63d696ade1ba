"""What may be said of a test: functions of its numbers."""

from collections.abc import Sequence
from math import isnan

from sim.language import current
from sim.studies.ab.analysis import Finding, Split
from sim.studies.ab.looks import Look
from sim.studies.ab.truth import Truth


def analyst(finding: Finding, splits: Sequence[Split], alpha: float) -> str:
    """Return what the analyst may conclude from the test alone."""
    broken = [split for split in splits if split.alarms]
    if broken:
        return _text("broken", of=current().note(broken[0].of), p=current().exactly(broken[0].p, 1))
    if isnan(finding.p_holm):
        return _text("nothing", metric=finding.metric, note=current().note(finding.note) if finding.note else _text("no_spread"))
    known = {"metric": finding.metric, "arm": finding.arm, "p": current().exactly(finding.p_holm, 2)}
    if finding.p_holm < alpha:
        return _text("raises" if finding.plain.difference > 0 else "lowers", **known)
    return _text("none", **known)


def beside(truth: Truth) -> str:
    """Return how the tests stand to the truth over replications."""
    if isnan(truth.effect):
        return _text("unknown", metric=truth.metric)
    share = _text("share", covered=truth.covered, all=truth.replications)
    if isnan(truth.bias_low):
        return _text("too_few", share=share)
    if truth.is_biased:
        return _text("biased", metric=truth.metric, bias=_signed(truth.bias, 3), share=share)
    low, high = (_signed(limit, 2) for limit in (truth.bias_low, truth.bias_high))
    return _text("unbiased", metric=truth.metric, low=low, high=high, share=share)


def stopped(looks: Sequence[Look]) -> str:
    """Return when the boundary stopped the test."""
    first = next((look for look in looks if look.stops), None)
    if first is None:
        return _text("not_reached", looks=len(looks))
    return _text("reached", number=first.number, looks=len(looks), day=current().count(first.day), n=current().count(first.n))


def _signed(value: float, digits: int) -> str:
    """Return a number with its sign: so many digits that count, and large ones whole."""
    return current().signs(f"{value:+,.0f}" if abs(value) >= 10 ** (digits - 1) else f"{value:+.{digits}g}")


def _text(key: str, **values: object) -> str:
    return current().text(f"ab.verdict.{key}", **values)
