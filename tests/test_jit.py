"""Tests for `sim.jit`: compiled code is kept where it is known what it was compiled from."""

import os
import subprocess
import sys

import pytest

from sim.jit import cache_folder

KEPT = "from sim.clocks import compiled_clock; print(compiled_clock.settle.stats.cache_path)"


@pytest.mark.parametrize("first", ["", "import numba", "import sim.lanes", "import sim.rng", "import sim.model.layout"])
def test_compiled_code_is_kept_in_the_folder_of_its_sources_whatever_is_imported_first(first):
    """Beside the source files Numba would take what was compiled from other sources for new: it looks at one file only."""
    surroundings = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    told = subprocess.run([sys.executable, "-c", f"{first}\n{KEPT}"], env=surroundings, capture_output=True, text=True, check=True).stdout

    assert told.startswith(str(cache_folder()))
