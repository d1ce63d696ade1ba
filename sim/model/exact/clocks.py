"""Expected occasions by a day after arrival: in closed form for exponential gaps, on a lattice of days for all others.

Both classes answer the same questions for several starts at once. Shapes: B starts, n days, A states.
``count(days, k)`` is the k-fold integral over time of U, U(t) the expected occasions in each state strictly before t.
"""

import math
from typing import Protocol

import numpy as np

from sim.model.exact.chain import Array, Chain
from sim.model.exact.spreads import around, is_exponential, is_fixed
from sim.model.world import Spread

MOST_JUMPS = 200_000


class Occasions(Protocol):
    """What the by-horizon values ask of a clock."""

    def count(self, days: Array, integrals: int) -> Array:
        """Return the k-fold integrals of U up to ``days``, (B, n, A)."""

    def until(self, days: Array) -> Array:
        """Return U including what happens on the day itself, (B, n, A)."""

    def flow(self, window: float, rate: float) -> tuple[Array, Array]:
        """Return ages below ``window`` and the occasions at each, (B, n, A), of a customer whose gaps are divided by ``rate``."""


class Uniformised:
    """Occasions when every gap is exponential: a Markov chain at the jumps of one Poisson process (Jensen 1953).

    With rates l_i, the fastest L, v_n = start P_u^n and X ~ Poisson(L t) jumps by t, the state is E[v_X] and the time spent
    in it E[S_X] / L, S_x the sum of v_n over n < x; each further integral sums once more and divides by L once more.
    """

    def __init__(self, chain: Chain, starts: Array, longest: float, panels: int) -> None:
        self.rates = 1 / np.array([gap.mean for gap in chain.gaps])
        self.fastest, self.panels = float(self.rates.max()), panels
        jump = np.eye(len(self.rates)) + (self.rates / self.fastest)[:, None] * (chain.living - np.eye(len(self.rates)))
        states: list[Array] = []
        now = starts
        while len(states) < _beyond(self.fastest * longest) and now.sum() > 1e-18:
            states.append(now)
            now = now @ jump
        self.sums = [np.stack([*states, np.zeros_like(starts)], axis=1)]  # v_x, then S_x, the sum of S_n over n < x, and so on
        for _ in range(3):
            self.sums.append(np.cumsum(self.sums[-1], axis=1) - self.sums[-1])

    def count(self, days: Array, integrals: int) -> Array:
        """Return the k-fold integrals of U up to ``days``, (B, n, A)."""
        return np.asarray(self._expected(np.maximum(days, 0.0), integrals + 1) * self.rates / self.fastest ** (integrals + 1))

    def until(self, days: Array) -> Array:
        """Return U including what happens on the day itself: nothing does."""
        return self.count(days, 0)

    def flow(self, window: float, rate: float) -> tuple[Array, Array]:
        """Return Gauss-Legendre ages in panels that grow from the first occasion on, and the occasions that they stand for."""
        edges = np.concatenate([[0.0], np.geomspace(min(0.1 / self.fastest, window / 2), window, self.panels)])
        x, w = np.polynomial.legendre.leggauss(8)
        width = np.diff(edges)[:, None] / 2
        ages, weights = (edges[:-1, None] + width * (1 + x)).ravel(), (width * w).ravel()
        return ages, self._expected(rate * ages, 0) * (weights[:, None] * rate * self.rates)

    def _expected(self, days: Array, depth: int) -> Array:
        """Return E[sums[depth] at X], X ~ Poisson(fastest days): only X within twelve standard deviations of its mean matter."""
        blocks = []
        for part in np.array_split(days, len(days) // 16 + 1):
            means = self.fastest * part
            low, high = max(0, 2 * math.floor(means.min()) - _beyond(means.min())), _beyond(means.max())
            x = np.arange(low, high + 1)
            blocks.append(_poisson(x, means[:, None]) @ self._at(x, depth))
        return np.concatenate(blocks, axis=1)

    def _at(self, x: Array, depth: int) -> Array:
        """Return sums[depth] at ``x`` jumps: beyond the last state that matters sums of a constant are polynomials."""
        last = self.sums[0].shape[1] - 1
        past = np.maximum(x - last, 0)[:, None]
        tables = [self.sums[k][:, np.minimum(x, last)] for k in range(depth, -1, -1)]
        powers = (1.0, past, past * (past - 1) / 2, past * (past - 1) * (past - 2) / 6)
        return np.asarray(sum(table * power for table, power in zip(tables, powers, strict=False)))


def _beyond(mean: float) -> int:
    """Return a number of jumps that a Poisson number exceeds with a chance below 1e-30."""
    return math.ceil(mean + 12 * math.sqrt(mean) + 60)


def _poisson(x: Array, mean: Array) -> Array:
    from scipy.special import gammaln, xlogy

    log = xlogy(x, mean) - mean - gammaln(x + 1)
    weights = np.exp(log - log.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


class Lattice:
    """Occasions by a renewal equation on a lattice of step h days.

    Every gap is moved to its two neighbouring lattice points so that its mean stays (Gerber 1982), which leaves an
    error of order h^2. The masses u of occasions solve u_i(z) = f_i(z) (start_i + sum_k u_k(z) P_ki), one linear
    system for each z on a circle, read back by a Fourier transform (Abate and Whitt 1992).
    Fixed gaps on the lattice are exact; occasions after fixed gaps alone fall on single days and are kept as ``atoms``.
    """

    def __init__(self, chain: Chain, starts: Array, longest: float, step: float) -> None:
        self.step, size = step, round(longest / step) + 1
        gaps = np.stack([masses(gap, step, size) for gap in chain.gaps], axis=1)
        fixed = np.array([is_fixed(gap) for gap in chain.gaps])
        self.occasions = renewals(chain.living, gaps, starts)
        self.atoms = renewals(chain.living, gaps * fixed, starts) if fixed.any() else np.zeros_like(self.occasions)
        spread = self.occasions - self.atoms
        self.fallen, self.half = np.cumsum(self.atoms, axis=1), np.cumsum(spread, axis=1) - spread / 2
        cumulated = np.cumsum(self.occasions, axis=1)  # U up to and with each lattice point, and its integrals
        area = step * (np.cumsum(cumulated, axis=1) - cumulated)
        twice = step * (np.cumsum(area, axis=1) - area) + step**2 / 2 * (np.cumsum(cumulated, axis=1) - cumulated)
        self.integrals = cumulated, area, twice

    def count(self, days: Array, integrals: int) -> Array:
        """Return the k-fold integrals of U up to ``days``, (B, n, A); of what falls on a lattice point by rounding, half is before it."""
        if integrals == 0:
            cell = np.clip(np.ceil(days / self.step - 1e-6).astype(int) - 1, -1, self.atoms.shape[1] - 1)
            return self._smooth(days) + np.where(cell[:, None] < 0, 0.0, self.fallen[:, np.maximum(cell, 0)])
        cell, past = self._cell(days)
        count, area, twice = (curve[:, cell] for curve in self.integrals)
        up = np.where(days[:, None] > 0, area + count * past if integrals == 1 else twice + area * past + count * past**2 / 2, 0.0)
        return np.asarray(up)

    def until(self, days: Array) -> Array:
        """Return U including what happens on the day itself, (B, n, A)."""
        cell, _ = self._cell(days)
        return np.asarray(self._smooth(days) + self.fallen[:, cell])

    def flow(self, window: float, rate: float) -> tuple[Array, Array]:
        """Return the lattice points below ``window`` and the occasions at each."""
        last = math.ceil(window / self.step - 1e-6)
        ages = np.arange(last + 1) * self.step
        if rate == 1.0:
            found = self.occasions[:, : last + 1].copy()
            found[:, last] = (found[:, last] - self.atoms[:, last]) / 2
            return ages, found
        edges = np.clip(np.concatenate([ages - self.step / 2, ages[-1:]]), 0.0, window)
        return ages, np.diff(self._smooth(rate * edges), axis=1)

    def _smooth(self, days: Array) -> Array:
        half, last = self.half, self.half.shape[1] - 1
        cell, past = self._cell(days)
        share = np.minimum(past / self.step, 1.0)
        return np.where(days[:, None] > 0, half[:, cell] * (1 - share) + half[:, np.minimum(cell + 1, last)] * share, 0.0)

    def _cell(self, days: Array) -> tuple[Array, Array]:
        cell = np.clip(np.floor(days / self.step + 1e-6).astype(int), 0, self.occasions.shape[1] - 1)
        return cell, np.maximum(days - cell * self.step, 0.0)[:, None]


def masses(gap: Spread, step: float, size: int) -> Array:
    """Return the gap's probabilities at 0, step, 2 step ...: second differences of E[(t - X)^+], which keep the mean."""
    if is_fixed(gap):
        whole = round(gap.mean / step)
        if abs(gap.mean / step - whole) < 1e-6:
            return np.asarray((np.arange(size) == whole).astype(float))
    return np.maximum(around(gap, step * np.arange(-1, size + 1)) / step, 0.0)


def renewals(living: Array, gaps: Array, starts: Array) -> Array:
    """Return the expected occasions at each lattice point, (B, n, A), from gap masses (n, A)."""
    from scipy.fft import next_fast_len

    size, states = gaps.shape
    length = next_fast_len(4 * size, real=True)
    radius = 1e-12 ** (1 / length)  # damps what wraps around to 1e-12 of itself
    damping = radius ** np.arange(size)[:, None]
    gap = np.fft.rfft(gaps * damping, length, axis=0)
    found = np.empty((len(starts), len(gap), states), complex)
    for block in np.array_split(np.arange(len(gap)), len(gap) // 8192 + 1):
        system = np.eye(states) - np.swapaxes(gap[block, :, None] * living, 1, 2)
        begun = np.linalg.solve(system, np.broadcast_to(starts.T.astype(complex), (len(block), states, len(starts))))
        found[:, block] = np.moveaxis(begun * gap[block, :, None], 2, 0)
    return np.asarray(np.fft.irfft(found, length, axis=1)[:, :size] / damping)


def exponential(chain: Chain, longest: float) -> bool:
    """Return whether every gap is exponential, none of them too short beside ``longest``, so that uniformisation is at its best."""
    return all(is_exponential(gap) and longest / gap.mean < MOST_JUMPS for gap in chain.gaps)
