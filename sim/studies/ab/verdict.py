"""What may be said of a test: functions of its numbers."""

from collections.abc import Sequence
from math import isnan

from sim.studies.ab.analysis import Finding, Split
from sim.studies.ab.looks import Look
from sim.studies.ab.truth import Truth


def analyst(finding: Finding, splits: Sequence[Split], alpha: float) -> str:
    """Return what the analyst may conclude from the test alone."""
    broken = [split for split in splits if split.alarms]
    if broken:
        return f"Conclude nothing: the split of the {broken[0].of} is not the one planned (p = {broken[0].p:.1g}); find out why first."
    if isnan(finding.p_holm):
        return f"Nothing to conclude on {finding.metric}: {finding.note or 'no spread'}."
    if finding.p_holm < alpha:
        return f"{finding.arm} {'raises' if finding.plain.difference > 0 else 'lowers'} {finding.metric} (p = {finding.p_holm:.2g} after Holm)."
    return f"No difference found in {finding.metric} (p = {finding.p_holm:.2g} after Holm): that is not proof of none; see the interval."


def beside(truth: Truth) -> str:
    """Return how the tests stand to the truth over replications."""
    if isnan(truth.effect):
        return f"The total effect on {truth.metric} is not known: nobody counts."
    share = f"{truth.covered} of {truth.replications} intervals hold the total effect"
    if isnan(truth.bias_low):
        return f"{share}; too few replications to judge a bias."
    if truth.is_biased:
        return f"Tests of {truth.metric} are off by {truth.bias:+.3g} on average: customers of one arm change the other's. {share}."
    return f"No bias of tests of {truth.metric} is seen (between {truth.bias_low:+.2g} and {truth.bias_high:+.2g}); {share}."


def stopped(looks: Sequence[Look]) -> str:
    """Return when the boundary stopped the test."""
    first = next((look for look in looks if look.stops), None)
    if first is None:
        return f"The boundary was not reached at any of {len(looks)} looks."
    return f"The boundary was reached at look {first.number} of {len(looks)}, on day {first.day:,.0f}, with {first.n:,} outcomes."
