"""Make the expected numbers and figures of the experiments again, and print what changed.

    python experiments/expected.py [NAME...] [--figures]

Each folder NAME with an ``expected.py`` says what its numbers are: ``numbers(*overrides)``; with which overrides tests play
it small: ``SMALL``; and which pictures its page shows: ``figures(full)``, by name (optional).  See README.md beside this file.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from sim import files

PLACE = Path(__file__).resolve().parent
DIGITS = 6  # further digits may differ between machines


def names() -> list[str]:
    """Return the experiments that say what their numbers are."""
    return sorted(maker.parent.name for maker in PLACE.glob("*/expected.py"))


@cache
def maker(name: str) -> ModuleType:
    """Return the ``expected.py`` of an experiment; what several of them share lies beside this file."""
    if str(PLACE) not in sys.path:
        sys.path.append(str(PLACE))
    spec = spec_from_file_location(f"expected_{name}", PLACE / name / "expected.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def stored(name: str) -> dict[str, Any]:
    """Return the numbers of an experiment as they were last made; none if they never were."""
    file = PLACE / name / "expected.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return found


def made(name: str) -> dict[str, Any]:
    """Return the numbers of an experiment, played anew: ``full`` as its page shows them, ``small`` as tests play it."""
    module = maker(name)
    return {"full": rounded(module.numbers()), "small": rounded(module.numbers(*module.SMALL))}


def rounded(data: Any) -> Any:
    """Return the data with every float cut to `DIGITS` digits."""
    if isinstance(data, Mapping):
        return {key: rounded(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [rounded(value) for value in data]
    return float(f"{data:.{DIGITS}g}") if isinstance(data, float) else data


def changes(old: Any, new: Any, path: str = "") -> Iterator[str]:
    """Yield one line for each leaf that is not what it was."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys([*old, *new]):
            yield from changes(old.get(key), new.get(key), f"{path}.{key}" if path else key)
    elif isinstance(old, Mapping) or isinstance(new, Mapping):
        yield from changes(old if isinstance(old, Mapping) else {}, new if isinstance(new, Mapping) else {}, path)
    elif old != new:
        yield f"  {path}  {'nothing' if old is None else old} -> {'nothing' if new is None else new}"


def draw(name: str, full: Mapping[str, Any]) -> list[Path]:
    """Draw the pictures of an experiment's page into its folder, and return their paths."""
    from sim.report.figures import style

    paths: list[Path] = []
    pictures = getattr(maker(name), "figures", None)
    with style.sheet():
        for title, figure in (pictures(full) if pictures else {}).items():
            paths.append(PLACE / name / f"{title}.png")
            with files.replacing(paths[-1]) as part:
                figure.savefig(part, format="png", dpi=style.DPI, metadata={"Software": None})
    return paths


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks; return 2 if it names no experiment."""
    parser = argparse.ArgumentParser("expected.py", description="Make the expected numbers and figures of experiments again.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"all, or some of: {', '.join(names())}")
    parser.add_argument("--figures", action="store_true", help="only draw again what is written down")
    asked = parser.parse_args(arguments)
    unknown = [name for name in asked.names if name not in names()]
    if unknown:
        sys.stderr.write(f"no such experiment: {', '.join(unknown)}; there are {', '.join(names())}\n")
        return 2
    for name in asked.names or names():
        old = stored(name)
        new = old if asked.figures else made(name)
        lines = list(changes(old, new))
        print(f"{name}: {f'{len(lines)} numbers changed' if lines else 'as before'}", *lines, sep="\n", flush=True)
        files.write_json(PLACE / name / "expected.json", new)
        draw(name, new["full"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
