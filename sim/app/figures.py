"""A file of figures, read as plain data."""

from pathlib import Path
from typing import Any

import yaml

from sim.app.screening import built, screen
from sim.errors import ConfigError, Problem, near


def read(file: str) -> Any:
    """Return what a YAML file says; raise ConfigError with every problem of its text."""
    path = Path(file)
    if not path.is_file():
        folder = path.parent if path.parent.is_dir() else Path()
        known = sorted(p.name for p in folder.glob("*.y*ml"))
        raise ConfigError([Problem("study.figures", f"no file {path}", near(path.name, known) if known else "polku study=new writes one to fill in")])
    data = path.read_bytes()
    return built(path.name, screen(path.name, data), yaml.SafeLoader) if data.strip() else {}
