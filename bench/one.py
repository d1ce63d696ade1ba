"""Time one clock on one reference world; print one line of JSON, as the programs it is compared with do.

python bench/one.py --mode compiled --variant J1 --n 20000 --seed 1

Timed is the simulation alone: the world is checked, its tables are built and the rules are compiled before. All rows are kept.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import reference
import simpy_typical

from sim.clocks import compiled_clock, simpy_clock
from sim.model import check
from sim.model.tables import tables

Outcome = tuple[list[Any], int]  # blocks of rows, customers


def compiled(variant: str, customers: int, seed: int) -> Callable[[], Outcome]:
    """Return the fast clock, ready to play."""
    world = check.world(reference.WORLDS[variant](customers, seed))
    t = tables(world)
    return lambda: _kept(compiled_clock.played(world, t, threads=1))


def two(variant: str, customers: int, seed: int) -> Callable[[], Outcome]:
    """Return the fast clock on two threads, ready to play; its CPU time is not that of one thread."""
    world = check.world(reference.WORLDS[variant](customers, seed))
    t = tables(world)
    return lambda: _kept(compiled_clock.played(world, t, threads=2))


def simpy(variant: str, customers: int, seed: int) -> Callable[[], Outcome]:
    """Return the clear clock, ready to play."""
    world = check.world(reference.WORLDS[variant](customers, seed))
    t = tables(world)
    return lambda: _kept(simpy_clock.played(world, t))


def typical(variant: str, customers: int, seed: int) -> Callable[[], Outcome]:
    """Return the program that a modeller writes with SimPy and NumPy, ready to play."""
    return lambda: simpy_typical.play(reference.WORLDS[variant](customers, seed), seed)


MODES = {"compiled": compiled, "two": two, "simpy": simpy, "typical": typical}


def _kept(chunks: Any) -> Outcome:
    rows, lived = [], {}
    for first, written, lives in chunks:
        rows.append(written)
        lived[first] = len(lives)
    return rows, sum(lived.values())


def _peak() -> float:
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, KiB elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def main() -> None:
    """Warm up on a small world, play, and print times (s), peak memory before and after (MiB) and what was played."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--mode", choices=list(MODES), default="compiled")
    ask.add_argument("--variant", choices=list(reference.WORLDS), default="J1")
    ask.add_argument("--n", type=int, default=20_000)
    ask.add_argument("--seed", type=int, default=1)
    a = ask.parse_args()
    MODES[a.mode](a.variant, 500, 0)()
    play, base = MODES[a.mode](a.variant, a.n, a.seed), _peak()
    cpu, wall = time.thread_time(), time.perf_counter()
    rows, customers = play()
    spent = {"cpu": time.thread_time() - cpu, "seconds": time.perf_counter() - wall, "rss_base": base, "rss_peak": _peak()}
    json.dump({**vars(a), **spent, "customers": customers, "touches": sum(map(len, rows))}, sys.stdout)


if __name__ == "__main__":
    main()
