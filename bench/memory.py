"""Play a million customers, write every event to Parquet, and print seconds, peak memory and size.

python bench/memory.py [--customers 1000000] [--variant J1]

Also printed: the bytes of a row and of a customer alive, the time of ``import sim``, and of the default world (customers,
replications and figures as shipped) when its compiled code is cached.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import reference

from sim.customers import fold
from sim.log import ROW
from sim.model import check
from sim.model.layout import LIFE
from sim.output import write_customers, write_events
from sim.play import play

HERE = Path(__file__).resolve().parent


def million(variant: str, customers: int) -> Iterator[str]:
    """Play, write both Parquet files, and yield what it took."""
    start = time.perf_counter()
    log = play(check.world(reference.WORLDS[variant](customers)), clock="compiled")
    yield f"played {customers:,} customers of {variant}: {time.perf_counter() - start:.1f} s"
    with tempfile.TemporaryDirectory(prefix="polku-bench-") as folder:
        events, people = Path(folder) / "events.parquet", Path(folder) / "customers.parquet"
        write_events(log, events)
        written = sum(len(rows) for _, _, rows in log.blocks())
        yield f"{written:,} events written: {time.perf_counter() - start:.1f} s in all, {events.stat().st_size / 2**20:.0f} MiB on disk"
        write_customers(log, fold(log), people)
        yield f"customers folded and written: {time.perf_counter() - start:.1f} s in all, {people.stat().st_size / 2**20:.0f} MiB on disk"
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, KiB elsewhere
    yield f"peak memory of the process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20:.0f} MiB"
    yield f"a row: {ROW.itemsize} bytes; a customer alive: {LIFE.itemsize} bytes"


def commands() -> Iterator[str]:
    """Yield how long fresh processes take: importing, and the default world when warm."""
    environment = dict(os.environ, PYTHONPATH=str(HERE.parent))
    took = [_seconds([sys.executable, "-c", text], environment) for text in ("", "import sim") * 3]
    yield f"import sim: {min(took[1::2]) - min(took[::2]):.3f} s more than Python alone"
    with tempfile.TemporaryDirectory(prefix="polku-bench-") as folder:
        took = [_seconds([sys.executable, "-m", "sim", f"hydra.run.dir={folder}/{name}"], environment) for name in ("first", "second")]
    yield f"polku, the default world: {took[0]:.1f} s, again {took[1]:.1f} s"


def _seconds(command: list[str], environment: dict[str, str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    """Print all figures."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--customers", type=int, default=1_000_000)
    ask.add_argument("--variant", choices=list(reference.WORLDS), default="J1")
    a = ask.parse_args()
    for lines in (million(a.variant, a.customers), commands()):
        for line in lines:
            sys.stdout.write(line + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
