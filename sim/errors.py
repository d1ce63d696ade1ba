"""What can go wrong, as a tree.

::

    SimError
      ConfigError      a world or a command that makes no sense; carries every problem found
      LogError         a log file that can't be read as one; carries file, row and column
      UnsolvableError  a question that the exact solver can't answer; carries the reasons
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import NamedTuple


class Problem(NamedTuple):
    """One thing that is wrong: where, what was given, what would be right."""

    path: str
    given: str
    rule: str

    def __str__(self) -> str:
        given = f"{self.given}; " if self.given else ""
        return f"{self.path}: {given}{self.rule}"


class SimError(Exception):
    """The parent of every error that is the user's to mend; the command line exits with status 2."""


class ConfigError(SimError):
    """A configuration with at least one problem; ``problems`` has them all."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        head = "the configuration has a problem" if len(self.problems) == 1 else f"the configuration has {len(self.problems)} problems"
        super().__init__(head + ":\n" + "\n".join(f"  {problem}" for problem in self.problems))


class LogError(SimError):
    """A log that can't be read; ``file``, ``row`` (the header is row 1) and ``column`` say where, or are None."""

    def __init__(self, file: str, what: str, row: int | None = None, column: str | None = None) -> None:
        self.file, self.row, self.column = file, row, column
        place = "".join([f", row {row}" if row is not None else "", f", column {column!r}" if column is not None else ""])
        super().__init__(f"{file}{place}: {what}")


class UnsolvableError(SimError):
    """A world without an exact answer; ``reasons`` says why."""

    def __init__(self, reasons: Iterable[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("no exact answer for this world:\n" + "\n".join(f"  {reason}" for reason in self.reasons))


def near(name: str, known: Iterable[str]) -> str:
    """Return the known name that ``name`` was probably meant to be (case aside), or what is known."""
    names = [str(k) for k in known]
    by_lower = {k.lower(): k for k in names}
    given = str(name).strip().lower()
    close = get_close_matches(given, by_lower, 1, 0.6 if len(given) <= 3 else 0.75)  # one letter is a third of "gap"
    if close:
        return f"did you mean {by_lower[close[0]]!r}?"
    return f"known: {', '.join(names)}" if names else "there are none"
