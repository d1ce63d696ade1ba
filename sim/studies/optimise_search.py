"""The search for the best split: Optuna proposes, proposals are made to fit, twins judge.

A proposal says in which proportion money is spent, how much of it, and how many people there are. It needs no penalty:
what the split really costs is seen on one replication, and its money is brought to what was meant (a price is no constant:
a channel costs more where more customers come so far as to meet it).
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from math import prod
from typing import Any, NamedTuple, Protocol

import numpy as np

from sim.errors import ConfigError, Problem
from sim.log import Array
from sim.studies.optimise_space import SLACK, Space, Split

STEPS = 4  # in which the money of a proposal is brought to what was meant
OFF = 0.2  # proposals below 0 are 0: a channel may be switched off, not only become small
WIDE, NARROW = 0.5, 0.03  # how far around the best trial the second half of them looks, from first to last


class Trial(NamedTuple):
    """One split that was played: the mean of the goal, what it really cost a month, and whether that is within the total."""

    number: int
    split: Split
    value: float
    spent: float
    fits: bool


class Played(Protocol):
    """Who plays splits: goal and money by channel a month, shape (replications, 1 + channels); of the first ``count`` replications, or of all."""

    def __call__(self, split: Split, count: int | None = None) -> Array:
        """Return what a split comes to."""
        ...


def search(space: Space, played: Played, trials: int, seed: int) -> list[Trial]:
    """Return every trial, today's split first.

    A first half by tree-structured Parzen estimators over all decisions at once (Bergstra et al. 2011), a second half at
    random around the best one so far, nearer and nearer; where people alone are decided and few, every number of them.
    Raise ConfigError where Optuna is missing, or no split fits the total.
    """
    with _quiet() as optuna:
        tree = optuna.samplers.TPESampler(seed=seed % 2**32, n_startup_trials=max(5, trials // 4), multivariate=True)
        study = optuna.create_study(direction="maximize", sampler=tree)
        every = _every(space, trials)
        for proposal in (_today(space), *every):
            study.enqueue_trial(proposal)
        found: list[Trial] = []
        for number in range(1 + len(every) if every else trials):
            best = None
            if 2 * number >= trials and not every and any(one.fits for one in found):
                study.sampler = study.sampler if study.sampler is not tree else optuna.samplers.RandomSampler(seed=seed % 2**32)
                best = study.best_params
            trial = study.ask()
            asked = _Asked(space, trial, best, number / trials)
            found.append(_trial(played, space, number, space.today if number == 0 else _fitted(space, played, asked)))
            study.tell(trial, *((found[-1].value, None) if found[-1].fits else (None, optuna.trial.TrialState.FAIL)))
    if not any(one.fits for one in found):
        raise ConfigError([Problem("study.total", f"given {space.total:,.2f} a month", f"no split of {trials} that were tried costs so little")])
    return found


class _Asked:
    """A proposal: ``weights`` of the channels' money, the ``part`` of the money that is spent, and ``people`` by desk."""

    def __init__(self, space: Space, trial: Any, best: dict[str, float] | None, done: float) -> None:
        reach = WIDE * (NARROW / WIDE) ** (2 * done - 1)

        def number(name: str, most: float) -> float:
            near = None if best is None else min(most, max(0.0, best[name]))
            low, high = (-OFF, most) if near is None else (near - reach * most, near + reach * most)
            return min(most, max(0.0, float(trial.suggest_float(name, low, high))))

        def count(name: str, most: int) -> int:
            low, high = (1, most) if best is None else (max(1, int(best[name]) - 1), min(most, int(best[name]) + 1))
            return int(trial.suggest_int(name, low, high))

        self.weights = np.array([number(f"money_{name}", 1.0) for name in space.channels])
        self.part = min(1.0, number("spent", 2.0)) if space.channels else 0.0  # in half of all proposals everything
        self.people = [count(f"people_{name}", most) for name, most in zip(space.desks, space.most_people, strict=True)]


def _today(space: Space) -> dict[str, float]:
    """Return today's split as a proposal; where its people cost more than the total, fewer of them."""
    out = {f"money_{name}": float(cost / space.costs.max()) for name, cost in zip(space.channels, space.costs, strict=True)}
    out |= {"spent": 1.0} if space.channels else {}
    return out | {f"people_{name}": min(now, most) for name, now, most in zip(space.desks, space.people, space.most_people, strict=True)}


def _every(space: Space, trials: int) -> list[dict[str, float]]:
    """Return all proposals but today's, where people alone are decided and all of them can be tried; else none."""
    if space.channels or prod(space.most_people) > trials:
        return []
    counts = product(*(range(1, most + 1) for most in space.most_people))
    proposals = [{f"people_{name}": float(count) for name, count in zip(space.desks, some, strict=True)} for some in counts]
    return [proposal for proposal in proposals if proposal != _today(space)]


def _trial(played: Played, space: Space, number: int, split: Split) -> Trial:
    runs = played(split)
    spent = space.spent(split, runs)
    return Trial(number, split, float(np.mean(runs[:, 0])), spent, space.allows(spent))


def _fitted(space: Space, played: Played, asked: _Asked) -> Split:
    """Return the proposal as a split that costs what it means to, as far as the occasions go; first on one replication, then on all."""
    people = space.hired(asked.people)
    meant = asked.part * max(0.0, space.total - space.wages_of(people))
    even = asked.weights if asked.weights.sum() > 0 else np.ones(len(asked.weights))
    split = Split(space.held.shrunk(even * meant / (even.sum() * space.costs)), people)
    if not space.channels:
        return split
    seen = float(played(space.today, 1)[:, 1:].sum())
    one = float(space.costs.sum()) / seen if seen else 1.0  # what luck makes of money in one replication
    for count, luck in ((1, one),) * STEPS + ((None, 1.0),) * 2:
        money = luck * float(played(split, count)[:, 1:].mean(axis=0).sum())
        if money == 0 or (abs(money - meant) <= SLACK * space.total if count else money <= meant + SLACK * space.total):
            continue
        split = split._replace(factors=space.held.shrunk(np.array(split.factors) * meant / money))
    return split


@contextmanager
def _quiet() -> Iterator[Any]:
    """Give Optuna with its log and its warnings of unsettled features off; as it was before afterwards."""
    try:
        import optuna
    except ImportError:
        raise ConfigError([Problem("study", "optimise needs Optuna, which is not installed", "pip install 'optuna>=5.0' -c constraints.txt")]) from None
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            yield optuna
    finally:
        optuna.logging.set_verbosity(before)
