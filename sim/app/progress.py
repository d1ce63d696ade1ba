"""Progress on stderr, only where a person looks and only when it takes more than a second."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tqdm import tqdm


def announce() -> None:
    """Say that the rules must be compiled first, where they must."""
    from sim.jit import is_cold

    if is_cold():
        sys.stderr.write("compiling the rules, once for this version: about a minute\n")


@contextmanager
def bar(label: str, total: int | None = None, unit: str = "it") -> Iterator[Any]:
    """Give a progress bar; it stays silent when stderr is a file."""
    with tqdm(total=total, desc=label, unit=unit, file=sys.stderr, delay=1, disable=None, leave=False, unit_scale=True) as shown:
        yield shown
