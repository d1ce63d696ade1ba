"""Time polku beside other programs that play the same journey, and print one table.

python bench/run.py            everything, about half an hour
python bench/run.py --quick    the rows that matter most, small, about two minutes

Every figure is the median of fresh processes, one a round; each round takes all contenders in turn, every other round
backwards, so that whatever else the machine does falls on all alike. Timed is the simulation alone, in CPU time of its
thread (elapsed time where two threads share the work). Ratios are taken within a round. The other programs live in
`../shared/bench`; without that folder, or without gcc, their rows are left out.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
PEERS = HERE.parents[1] / "shared" / "bench"
SLOW, FAST = 20_000, 1_000_000


class Contender(NamedTuple):
    """A program, how it is asked to play, and how many customers."""

    name: str
    file: Path
    mode: str
    variant: str
    customers: int

    @property
    def label(self) -> str:
        """Name the program and its size, as the table does."""
        return f"{self.name} {self.customers}"


POLKU = (("polku, compiled clock", HERE / "one.py", "compiled"), ("polku, SimPy clock", HERE / "one.py", "simpy"))
THREADS = ("polku, compiled clock, two threads", HERE / "one.py", "two")
TYPICAL = ("SimPy as a modeller writes it", HERE / "one.py", "typical")
C = ("C", PEERS / "peer_c.py", "folded")
C_TWO = ("C, two threads", PEERS / "peer_c.py", "two")
NUMBA = ("Numba, this journey only", PEERS / "peer_numba.py", "one")
SIMPYS = tuple((f"SimPy, {mode}", PEERS / "peer_simpy.py", mode) for mode in ("tuned", "tuned_gc", "shared"))
HYBRID = ("SimPy calling one compiled touch", PEERS / "peer_hybrid.py", "simpy")
HEAPQ = ("plain Python with heapq", PEERS / "peer_heapq.py", "heap")


def contenders(quick: bool) -> Iterator[Contender]:  # noqa: FBT001 - the option of the command
    """Yield who takes part, if it can be run here."""
    few = [(p, v, SLOW // 2 if quick else SLOW) for v in ("J1", "J2") for p in (*POLKU, C, *SIMPYS)]
    more = [(p, "J1", n) for n in (10_000, 100_000, FAST) for p in (POLKU[0], C)] + [(THREADS, "J1", FAST), (C_TWO, "J1", FAST)]
    more += [(p, "J2", FAST) for p in (POLKU[0], C, NUMBA)] + [(NUMBA, "J1", FAST)]
    more += [(p, v, SLOW) for v in ("J1", "J2") for p in (TYPICAL, HYBRID, HEAPQ)]
    some = [(p, "J1", 200_000) for p in (POLKU[0], THREADS, C)] + [(p, "J2", 200_000) for p in (POLKU[0], C)]
    for (name, file, mode), variant, customers in dict.fromkeys([*few, *(some if quick else more)]):
        if file.exists() and (mode not in {"folded", "two"} or file.parent == HERE or shutil.which("gcc")):
            yield Contender(name, file, mode, variant, customers)


def played(contender: Contender, seed: int) -> dict[str, Any] | None:
    """Return what one fresh process says of itself; say so if it fails."""
    asked = ["--mode", contender.mode, "--variant", contender.variant, "--n", str(contender.customers), "--seed", str(seed)]
    done = subprocess.run([sys.executable, str(contender.file), *asked], env=_environment(contender), capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(f"{contender.label}: {(done.stderr.strip() or 'no message').splitlines()[-1]}\n")
        return None
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def _environment(contender: Contender) -> dict[str, str]:
    environment = dict(os.environ, OPENBLAS_NUM_THREADS="1", PYTHONPATH=str(HERE.parent))
    if contender.file.parent != HERE:
        environment |= {"JOURNEY_NUMBA_CACHE": "1", "NUMBA_CACHE_DIR": str(Path(tempfile.gettempdir()) / "polku-bench-peers")}
    return environment


def cost(outcome: dict[str, Any]) -> float:
    """Return microseconds an occasion."""
    return 1e6 * float(outcome["seconds" if outcome["mode"] == "two" else "cpu"]) / float(outcome["touches"])


def rounds(field: list[Contender], count: int) -> list[dict[Contender, dict[str, Any]]]:
    """Return what everybody said, round by round."""
    for contender in {c[1:4]: c for c in field if c.mode != "typical"}.values():
        played(contender._replace(customers=500), 0)  # fill the caches of compiled code
    out = []
    for k in range(count):
        turn = [(c, played(c, k + 1)) for c in (field if k % 2 == 0 else field[::-1])]
        out.append({c: outcome for c, outcome in turn if outcome})
        sys.stderr.write(f"round {k + 1} of {count}\n")
    return out


def ratio(contender: Contender, said: list[dict[Contender, dict[str, Any]]], rivals: list[Contender]) -> str:
    """Return the median over rounds of this contender's cost over that of its cheapest rival."""
    best = [(turn[contender], [cost(turn[r]) for r in rivals if r in turn]) for turn in said if contender in turn]
    found = [cost(own) / min(others) for own, others in best if others]
    return f"{statistics.median(found):.2f}" if found else ""


def table(field: list[Contender], said: list[dict[Contender, dict[str, Any]]]) -> Iterator[str]:
    """Yield the lines of the table."""
    yield "| | program | customers | µs an occasion (least to most) | times C | times the best SimPy program | MiB for the run |"
    yield "|---|---|---:|---:|---:|---:|---:|"
    for c in sorted(field, key=lambda c: (c.variant, c.customers)):
        outcomes = [turn[c] for turn in said if c in turn]
        if not outcomes:
            continue
        costs, peaks = [cost(o) for o in outcomes], [o["rss_peak"] - o["rss_base"] for o in outcomes]
        alike = [r for r in field if r[3:] == c[3:]]
        to_c = ratio(c, said, [r for r in alike if r.file.name == "peer_c.py" and (r.mode == "two") == (c.mode == "two")])
        to_simpy = ratio(c, said, [r for r in alike if r.file.name == "peer_simpy.py"])
        times = f"{statistics.median(costs):.3f} ({min(costs):.3f} to {max(costs):.3f})"
        yield f"| {c.variant} | {c.name} | {c.customers:,} | {times} | {to_c} | {to_simpy} | {statistics.median(peaks):.0f} |"


def main() -> None:
    """Run all rounds and print the table."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--quick", action="store_true", help="fewer programs, fewer customers")
    ask.add_argument("--rounds", type=int, help="default 5; 3 when quick")
    ask.add_argument("--only", default="", help="contenders whose row holds this text")
    a = ask.parse_args()
    field = [c for c in contenders(a.quick) if a.only in f"{c.variant} {c.label}"]
    said = rounds(field, a.rounds or (3 if a.quick else 5))
    sys.stdout.write("\n".join(table(field, said)) + "\n")


if __name__ == "__main__":
    main()
