"""Names that a world mentions: each must be there."""

from collections.abc import Iterable, Iterator

from sim.errors import Problem, near


def unknown(path: str, names: Iterable[str], known: Iterable[str], what: str) -> Iterator[Problem]:
    """Yield the names that are not known, with near ones."""
    listed = list(known)
    for name in names:
        if name not in listed:
            yield Problem(path, f"no such {what} {name!r}", near(name, listed))
