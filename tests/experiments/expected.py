"""The numbers of experiments as written down, and played small."""

from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

EXPERIMENTS = Path(__file__).resolve().parents[2] / "experiments"


@cache
def command():
    """Return `experiments/expected.py`, the command that makes them."""
    spec = spec_from_file_location("experiments_expected", EXPERIMENTS / "expected.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def full(name):
    """Return the numbers that an experiment's page shows."""
    return command().stored(name)["full"]


@cache
def small(name):
    """Return the numbers of the small run, played now."""
    maker = command().maker(name)
    return command().rounded(maker.numbers(*maker.SMALL))
