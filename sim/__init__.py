"""polku: a customer journey laboratory. Individual customers, non-linear journeys, known truth.

The names below are loaded when they are first used, so that ``import sim`` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.app.library import ab_test as ab_test
    from sim.app.library import attribution as attribution
    from sim.app.library import load as load
    from sim.app.library import replicate as replicate
    from sim.app.library import run as run
    from sim.app.library import sensitivity as sensitivity
    from sim.app.library import sweep as sweep
    from sim.app.library import what_if as what_if

__all__ = ["ab_test", "attribution", "load", "replicate", "run", "sensitivity", "sweep", "what_if"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    return getattr(import_module("sim.app.library"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
