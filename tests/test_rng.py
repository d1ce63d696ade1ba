"""Tests for `sim.rng`: known answers, uniformity, independence of neighbours, races."""

import hashlib

import numpy as np
import pytest
from numba import njit
from scipy import stats

from sim import rng

TAIL = 1e-6  # of every statistical test here
KEY = tuple(np.uint64(k) for k in rng.key(20261122, 0))


@njit
def words(k0, k1, entities, numbers, purpose):
    """Return words[entity, number] of one purpose."""
    out = np.empty((entities, numbers), np.uint64)
    for i in range(entities):
        for n in range(numbers):
            out[i, n] = rng.word((k0, k1, np.uint64(i), rng.place(rng.OCCASION, n)), purpose)
    return out


@njit
def block(k0, k1, x0, x1):
    """Return one Threefry block as an array."""
    return np.array(rng.threefry(k0, k1, x0, x1))


@njit
def to_unit(bits):
    """Return uniforms of words."""
    return np.array([rng.unit(b) for b in bits])


@njit
def to_exponential(bits):
    """Return exponentials of words."""
    return np.array([rng.exponential(b) for b in bits])


@njit
def runners(bits, count):
    """Return runners[word, stride]."""
    out = np.empty((len(bits), count), np.uint64)
    for i in range(len(bits)):
        for k in range(count):
            out[i, k] = rng.runner(bits[i], rng.STRIDES[k])
    return out


PI = ("243f6a8885a308d3", "13198a2e03707344", "a4093822299f31d0", "082efa98ec4e6c89")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (("0",) * 4, ("c2b6e3a8c2c69865", "6f81ed42f350084d")),
        (("f" * 16,) * 4, ("e02cb7c4d95d277a", "d06633d0893b8b68")),
        (PI, ("263c7d30bb0f0af1", "56be8361d3311526")),
    ],
)
def test_the_generator_gives_the_published_answers(given, expected):
    """Threefry2x64-20, known-answer vectors of Random123 (counter, then key)."""
    x0, x1, k0, k1 = (np.uint64(int(word, 16)) for word in given)

    assert [f"{int(word):016x}" for word in block(k0, k1, x0, x1)] == list(expected)


def test_the_ends_of_the_unit_interval_are_never_drawn():
    """((word >> 12) + 1/2) 2^-52 of the smallest and the largest word."""
    low, high = to_unit(np.array([0, 2**64 - 1], np.uint64))

    assert low == 2.0**-53
    assert 0.5 < high < 1.0


def test_uniforms_are_uniform_for_every_purpose():
    """Kolmogorov-Smirnov against the uniform distribution, Bonferroni over purposes."""
    for purpose in (rng.CHANNEL, rng.ENGAGE, rng.STAGE, rng.GAP, rng.VALUE, rng.SERVICE, rng.PATIENCE, rng.TRAIT):
        u = to_unit(words(*KEY, 20_000, 2, purpose).ravel())

        assert stats.kstest(u, "uniform").pvalue > TAIL / 8


def test_every_bit_is_fair():
    """Each of the 64 bits of 10^6 words is set half of the time, |z| <= 5.6 (64 bits)."""
    bits = words(*KEY, 500_000, 2, rng.GAP).ravel()
    set_ = np.array([np.count_nonzero(bits >> np.uint64(k) & np.uint64(1)) for k in range(64)])

    assert np.abs((set_ - len(bits) / 2) / np.sqrt(len(bits) / 4)).max() <= 5.6


@pytest.mark.parametrize(("customers", "numbers"), [(0, 1), (1, 0), (1, 1), (1, -1)])
def test_neighbours_are_independent(customers, numbers):
    """Serial chi-squared of pairs (next customer, next number, both) on a 64 x 64 grid, below its 1e-6 quantile."""
    u = to_unit(words(*KEY, 60_000, 16, rng.GAP).ravel()).reshape(60_000, 16)
    a = u[: len(u) - customers, max(0, -numbers) : 16 - max(0, numbers)]
    b = u[customers:, max(0, numbers) : 16 - max(0, -numbers)]
    seen = np.histogram2d(a.ravel(), b.ravel(), bins=64, range=[[0, 1], [0, 1]])[0]

    assert ((seen - a.size / 4096) ** 2 / (a.size / 4096)).sum() < stats.chi2.isf(TAIL, 4095)


def test_two_purposes_of_one_block_are_independent():
    """The two words of a block: correlation within 5 / sqrt(n)."""
    channel, engage = (to_unit(words(*KEY, 200_000, 1, purpose).ravel()) for purpose in (rng.CHANNEL, rng.ENGAGE))

    assert abs(np.corrcoef(channel, engage)[0, 1]) < 5 / np.sqrt(200_000)


def test_no_two_addresses_give_the_same_word():
    """R8: among m = 6 x 10^6 words of 10^6 customers, m^2 / 2^65 = 1e-6 equal pairs are expected: none."""
    drawn = np.concatenate([words(*KEY, 1_000_000, 2, purpose).ravel() for purpose in (rng.STAGE, rng.GAP, rng.VALUE)])

    assert np.all(np.diff(np.sort(drawn)) > 0)


def test_no_two_runners_are_the_same():
    """Among 4 runners of 10^6 races, 4e-7 equal pairs are expected: none."""
    drawn = runners(words(*KEY, 1_000_000, 1, rng.STAGE).ravel(), 4).ravel()

    assert np.all(np.diff(np.sort(drawn)) > 0)


def test_the_quick_logarithm_is_the_logarithm():
    """-log(unit(word)) to 1e-12, also at the ends."""
    bits = np.concatenate([words(*KEY, 200_000, 1, rng.STAGE).ravel(), np.array([0, 1, 2**12, 2**63, 2**64 - 1], np.uint64)])

    np.testing.assert_allclose(to_exponential(bits), -np.log(to_unit(bits)), rtol=0, atol=1e-12)


def test_a_race_is_won_in_proportion_to_weight():
    """The smallest of Exp / weight: chi-squared against the weights, below its 1e-6 quantile (competing exponentials)."""
    weights = np.array([0.01, 0.04, 0.25, 0.7])
    drawn = runners(words(*KEY, 400_000, 1, rng.STAGE).ravel(), 4)
    times = to_exponential(drawn.ravel()).reshape(-1, 4) / weights
    won = np.bincount(times.argmin(axis=1), minlength=4)

    assert stats.chisquare(won, 400_000 * weights).pvalue > TAIL


def test_runners_of_a_race_are_independent():
    """Correlation between the exponentials of any two lanes within 5 / sqrt(n)."""
    times = to_exponential(runners(words(*KEY, 200_000, 1, rng.STAGE).ravel(), 8).ravel()).reshape(-1, 8)

    assert np.abs(np.triu(np.corrcoef(times.T), 1)).max() < 5 / np.sqrt(200_000)


def test_keys_are_hashes_of_seed_and_replication():
    """Neither seed + replication nor their order or digits can be confused; any size of seed is a seed."""
    asked = [(1, 0), (0, 1), (1, 1), (11, 0), (1, 10), (2, 0), (2**200, 0), (0, 0)]

    assert len({rng.key(*parts) for parts in asked}) == len(asked)
    assert len({rng.key(*parts)[0] for parts in asked}) == len(asked)


def test_a_name_has_the_same_number_in_every_process():
    """BLAKE2b of the name, 40 bits (hashlib), not Python's salted hash."""
    assert rng.name_number("tempo") == int.from_bytes(hashlib.blake2b(b"tempo", digest_size=5).digest(), "little")
    assert 0 <= rng.name_number("tempo") < 2**40
