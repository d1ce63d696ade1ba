"""Chance has an address: the same key, customer, process, number and purpose always give the same number.

No generator is passed around and nothing is drawn "next". A draw is one Threefry2x64-20 block (Salmon, Moraes,
Dror and Shaw 2011) whose key is a hash of (seed, replication) and whose counter is the address itself, so no two
addresses share a block. ``at = (k0, k1, identity, place)`` is the address of an occasion: `place` packs the process
and its number; the purpose is added by the draw. Two purposes share a block, one word each.
"""

import hashlib
import math

import numpy as np

from sim.fused import cubic, fused
from sim.jit import rule
from sim.lanes import abreast, apart, as_floats

# Processes: each counts for itself. Never renumbered; new ones are added at the end.
BIRTH, OCCASION, DESK_VISIT, RULE = range(4)

# Purposes. Never renumbered; new ones are added at the end. Neighbours (2k, 2k + 1) share a block.
CHANNEL, ENGAGE, STAGE, FEELING, GAP, ORDER, VALUE, REFERRAL, CHILD = range(9)
GAINED, LOST, CONTENT, MET, TARGET = 10, 11, 12, 13, 14
SEEN, REACH = 18, 20
REFUND, RETURNED = 22, 23
SERVICE, PATIENCE = 16, 17
ARRIVAL, PERSONA, ENTRY, TRAIT = 32, 33, 34, 36
ARM, PERMISSION, FEE, SIGNED, OWNER = 40, 42, 44, 46, 48

_PARITY = np.uint64(0x1BD11BDAA9FC1A22)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX1, _MIX2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_R0, _R1, _R2, _R3, _R4, _R5, _R6, _R7 = (np.uint64(bits) for bits in (16, 42, 12, 31, 16, 32, 24, 21))
_U0, _U1, _U2, _U3, _U4, _U5 = (np.uint64(n) for n in range(6))
_U12, _U27, _U30, _U31, _U56, _U64 = (np.uint64(n) for n in (12, 27, 30, 31, 56, 64))
_REFERRED = np.uint64(1 << 62)  # identities of the referred have this bit, founders never do
_LOW62 = np.uint64((1 << 62) - 1)


def key(*parts: object) -> tuple[int, int]:
    """Return the two key words that are the hash of these parts (seed, replication, a test's name ...), of any size."""
    digest = hashlib.blake2b("\x1f".join(map(str, parts)).encode(), digest_size=16).digest()
    return int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little")


def name_number(name: str) -> int:
    """Return the number of a named draw (a trait), which no other name moves: 40 bits of a hash."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=5).digest(), "little")


@rule
def _rotate(x, n):
    return (x << n) | (x >> (_U64 - n))


@rule
def _four_rounds(x0, x1, a, b, c, d):
    x0 = x0 + x1
    x1 = _rotate(x1, a) ^ x0
    x0 = x0 + x1
    x1 = _rotate(x1, b) ^ x0
    x0 = x0 + x1
    x1 = _rotate(x1, c) ^ x0
    x0 = x0 + x1
    x1 = _rotate(x1, d) ^ x0
    return x0, x1


@rule
def threefry(k0, k1, x0, x1):
    """Return the Threefry2x64-20 block of this key and counter (all uint64), or four blocks if a word of the counter is `sim.lanes`."""
    k2 = _PARITY ^ k0 ^ k1
    x0, x1 = _four_rounds(x0 + k0, x1 + k1, _R0, _R1, _R2, _R3)
    x0, x1 = _four_rounds(x0 + k1, x1 + k2 + _U1, _R4, _R5, _R6, _R7)
    x0, x1 = _four_rounds(x0 + k2, x1 + k0 + _U2, _R0, _R1, _R2, _R3)
    x0, x1 = _four_rounds(x0 + k0, x1 + k1 + _U3, _R4, _R5, _R6, _R7)
    x0, x1 = _four_rounds(x0 + k1, x1 + k2 + _U4, _R0, _R1, _R2, _R3)
    return x0 + k2, x1 + k0 + _U5


@rule
def place(process, number):
    """Return the second counter word of a process and its number (40 bits); its low 16 bits are for the purpose."""
    return (np.uint64(process) << _U56) | (np.uint64(number) << np.uint64(16))


@rule
def word(at, purpose):
    """Return the 64 random bits of this purpose at this address."""
    k0, k1, identity, where = at
    first, second = threefry(k0, k1, identity, where | np.uint64(purpose >> 1))
    return second if purpose & 1 else first


@rule
def words(at, purpose):
    """Return the 64 random bits of this even purpose and of the next one, which shares its block."""
    k0, k1, identity, where = at
    return threefry(k0, k1, identity, where | np.uint64(purpose >> 1))


@rule
def of_an_occasion(at, then):
    """Return the random bits of (CHANNEL, ENGAGE, STAGE, FEELING) at an occasion's address and of GAP at the next one's, drawn side by side."""
    k0, k1, identity, where = at
    even, odd = threefry(k0, k1, identity, abreast(where | np.uint64(CHANNEL >> 1), where | np.uint64(STAGE >> 1), then[3] | np.uint64(GAP >> 1), where))
    (channel, stage, gap, _), (engage, feeling, _, _) = apart(even), apart(odd)
    return channel, engage, stage, feeling, gap


@rule
def unit(bits):
    """Return the uniform in the open interval (0, 1) that these bits are: ((bits >> 12) + 1/2) 2^-52."""
    return fused(np.float64(np.int64(bits >> _U12)), 2.0**-52, 2.0**-53)


@rule
def uniform(at, purpose):
    """Return the uniform in (0, 1) of this purpose at this address."""
    return unit(word(at, purpose))


@rule
def child_identity(at):
    """Return who is referred at this address: the same person in every scenario, 2^62 + 62 random bits."""
    return (word(at, CHILD) & _LOW62) | _REFERRED


STRIDES = np.arange(1, 129, dtype=np.uint64) * _GOLDEN  # from the bits of a race to each of its runners: no world has so many stages


@rule
def runner(bits, stride):
    """Return 64 bits for one runner of a race (``stride``: one of STRIDES), or for four: SplitMix64 (Steele, Lea and Flood 2014) entered at random bits."""
    z = bits + stride
    z = (z ^ (z >> _U30)) * _MIX1
    z = (z ^ (z >> _U27)) * _MIX2
    return z ^ (z >> _U31)


_ALL, _ONE = np.uint64(2**64 - 1), np.uint64(1023 << 52)


@rule
def slack(bits):
    """Return a float64 in [0, 1) that is at most 1 - unit(bits), and less by no more than 2^-53; of one word or of four."""
    return as_floats(((bits ^ _ALL) >> _U12) | _ONE) - 1.0


def _log_cells(cells: int = 512) -> np.ndarray:
    # Cubic Hermite pieces of log(m) on [1, 2): value and slope exact at both ends, error below 1e-13.
    rows = []
    for cell in range(cells):
        low, high, h = 1 + cell / cells, 1 + (cell + 1) / cells, 1 / cells
        a, b, da, db = math.log(low), math.log(high), h / low, h / high
        rows.append((a, da / h, (3 * (b - a) - 2 * da - db) / h**2, (2 * (a - b) + da + db) / h**3))
    return np.array(rows)


_LOG_CELLS = _log_cells()
_LN2 = math.log(2.0)
_MANTISSA, _U43, _U52 = np.uint64((1 << 52) - 1), np.uint64(43), np.uint64(52)
_CELL = _MANTISSA ^ np.uint64((1 << 43) - 1)


@rule
def exponential(bits):
    """Return -log(unit(bits)), absolute error below 1e-12: the exponent from the bits, the mantissa by cubic cells."""
    packed = np.uint64(np.float64(unit(bits)).view(np.int64))
    cell = np.uint64(packed & _MANTISSA) >> _U43
    x = as_floats((packed & _MANTISSA) | _ONE) - as_floats((packed & _CELL) | _ONE)
    return fused(np.float64(1023 - np.int64(packed >> _U52)), _LN2, -cubic(_LOG_CELLS[cell], x))
