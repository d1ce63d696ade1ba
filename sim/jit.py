"""The one place that compiles: `rule` for everything that runs inside a clock.

Numba keeps compiled code on disk, but does not notice an edit in an imported file. So the cache
lives in a folder named by a hash of the compiled sources and of the versions that compile them.
Set ``NUMBA_CACHE_DIR`` to keep it elsewhere.
"""

import hashlib
import os
import platform
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numba import config, njit

_CONCEPTS = ("births", "calendar", "channels", "circles", "contracts", "debts", "desks", "drivers", "orchestration", "orders", "place", "race")
_RULES = tuple(f"rules/{name}.py" for name in _CONCEPTS)
_BASE = ("jit.py", "ahead.py", "fused.py", "handles.py", "lanes.py", "powers.py", "rng.py", "spread.py", "log.py", "model/layout.py")
_COMPILED = (*_BASE, *_RULES, "step.py", "clocks/compiled_clock.py", "clocks/simpy_clock.py")


def cache_folder() -> Path:
    """Return the folder for this version of the compiled sources: the user's cache, or the temporary folder if that can't be written."""
    home = Path(__file__).parent
    key = hashlib.sha256(f"{platform.python_version()} {platform.machine()} {version('numba')} {version('numpy')}".encode())
    for name in _COMPILED:
        key.update((home / name).read_bytes() if (home / name).exists() else b"")
    base = Path(os.environ.get("XDG_CACHE_HOME") or (os.environ.get("LOCALAPPDATA") if sys.platform == "win32" else None) or Path.home() / ".cache")
    for parent in (base, Path(tempfile.gettempdir())):
        folder = parent / "polku" / key.hexdigest()[:16]
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    return Path(tempfile.mkdtemp(prefix="polku-"))


def is_cold() -> bool:
    """Return whether nothing has been compiled for these sources yet, so that the first run takes seconds longer."""
    return not any(Path(os.environ["NUMBA_CACHE_DIR"]).rglob("*.nbi"))


# Numba looks for the folder when it is imported, which may have been before; so it is told, too.
config.CACHE_DIR = os.environ.setdefault("NUMBA_CACHE_DIR", str(cache_folder()))  # type: ignore[attr-defined]  # made when it is imported

if TYPE_CHECKING:

    def rule(function: Any) -> Any:
        """Compile a rule."""
        return function

    def entry(function: Any) -> Any:
        """Compile a function that Python calls; rules get what they read and write from its handles (`sim.handles`)."""
        return function

else:
    # Without `_nrt=False` the reference counts of array arguments take most of the time; rules therefore never allocate.
    rule = njit(_nrt=False, forceinline=True, error_model="numpy")
    entry = njit(_nrt=False, error_model="numpy", cache=True, nogil=True)
