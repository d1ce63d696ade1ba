"""Every attribution model by its name, and the credit that it gives."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from sim.log import Array
from sim.metrics.attribution import rules
from sim.metrics.attribution.markov import removal_effects
from sim.metrics.attribution.paths import Paths
from sim.metrics.attribution.shapley import shapley


class Credit(NamedTuple):
    """Conversions and their value by channel, and what no channel gets: with the credit they sum to all there are."""

    conversions: Array
    value: Array
    unattributed: float
    unattributed_value: float


Model = Callable[[Paths], Credit]


def by_rule(paths: Paths, rule: Callable[[Paths], Array]) -> Credit:
    """Return the credit of a rule that weighs the steps of a path."""
    weight, size = rule(paths), len(paths.channels)
    shares = [np.bincount(paths.channel, weights=weight * amounts[paths.of], minlength=size) for amounts in (paths.won, paths.value)]
    return _closed(paths, *shares)


def by_removal(paths: Paths, order: int) -> Credit:
    """Return conversions, and value, on paths with a step, shared in proportion to the removal effects."""
    effects = removal_effects(paths, order)
    total = float(effects.sum())
    share = effects / total if total > 0 else effects
    some = paths.steps > 0
    return _closed(paths, share * paths.won[some].sum(), share * paths.value[some].sum())


def by_shapley(paths: Paths) -> Credit:
    """Return the Shapley values of the game of the paths, in conversions and in value."""
    return _closed(paths, shapley(paths, paths.won), shapley(paths, paths.value))


def _closed(paths: Paths, conversions: Array, value: Array) -> Credit:
    return Credit(conversions, value, float(paths.won.sum() - conversions.sum()), float(paths.value.sum() - value.sum()))


MODELS: dict[str, Model] = {
    "first": partial(by_rule, rule=rules.first),
    "last": partial(by_rule, rule=rules.last),
    "last_non_direct": partial(by_rule, rule=rules.last_non_direct),
    "linear": partial(by_rule, rule=rules.linear),
    "time_decay": partial(by_rule, rule=rules.time_decay),
    "position": partial(by_rule, rule=rules.position),
    "markov_1": partial(by_removal, order=1),
    "markov_2": partial(by_removal, order=2),
    "markov_3": partial(by_removal, order=3),
    "shapley": by_shapley,
    "self_reported": partial(by_rule, rule=rules.self_reported),
}


def credits_of(paths: Paths, half_life: float = rules.HALF_LIFE) -> dict[str, Credit]:
    """Return the credit of every model; time decay is left out where times are unknown."""
    models = MODELS | {"time_decay": partial(by_rule, rule=partial(rules.time_decay, half_life=half_life))}
    return {name: model(paths) for name, model in models.items() if name != "time_decay" or paths.timed}
