"""What a world mentions: names that must be there, and distributions that must be possible."""

from collections.abc import Iterable, Iterator

from sim.errors import Problem, near
from sim.model.world import Spread

SHAPED = ("beta_prime", "beta")  # families given by a and b


def unknown(path: str, names: Iterable[str], known: Iterable[str], what: str) -> Iterator[Problem]:
    """Yield the names that are not known, with near ones."""
    listed = list(known)
    for name in names:
        if name not in listed:
            yield Problem(path, f"no such {what} {name!r}", near(name, listed))


def spread_problems(path: str, spread: Spread, families: tuple[str, ...]) -> Iterator[Problem]:
    """Yield what is wrong with a distribution that may be of these families."""
    if spread.family not in families:
        yield Problem(f"{path}.family", f"given {spread.family!r}", f"must be one of {', '.join(families)}")
    shaped = {name for name in ("a", "b") if getattr(spread, name) is not None}
    if spread.family in SHAPED and shaped != {"a", "b"}:
        yield Problem(path, spread.family, "needs a and b")
    if spread.family not in SHAPED and shaped:
        yield Problem(path, f"a and b for {spread.family}", f"only {' and '.join(SHAPED)} have them; give mean and cv")
