"""Compiled code does not check bounds; here it does (`NUMBA_BOUNDSCHECK=1`)."""

import os
import subprocess
import sys
from pathlib import Path

from sim.jit import cache_folder

ROOT = Path(__file__).resolve().parents[2]


def test_no_rule_reads_or_writes_beyond_an_array():
    """Every case of the clocks' contract, both clocks, bounds checked; the compiled code is kept in a folder of its own."""
    folder = cache_folder()
    own = folder.with_name(f"{folder.name}-bounds")
    settings = os.environ | {"NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(own), "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-m", "tests.contracts.bounds"], cwd=ROOT, env=settings, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
