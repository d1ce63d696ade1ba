"""The command line's world for programs and notebooks."""

from pathlib import Path

from sim.app.compose import Request
from sim.app.config import read
from sim.app.verbs import VERBS
from sim.model.world import World


def load(*overrides: str, config_dir: str | Path | None = None, config_name: str = "config") -> World:
    """Return the world that ``polku`` would run with these overrides; raise ConfigError with every problem found.

    ``load("scenario=coupon", "seed=7")``; ``config_dir`` and ``config_name`` are the command line's -cd and -cn.
    """
    return read(Request(overrides, Path(config_dir) if config_dir else None, config_name.removesuffix(".yaml")), VERBS).world
