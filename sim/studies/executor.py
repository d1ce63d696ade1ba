"""Who does the work: one small interface, so that the same sweep runs here in turn, here in threads, or somewhere else."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Generic, NamedTuple, Protocol, TypeVar

from sim.errors import ConfigError, Problem, SimError, near

Item = TypeVar("Item")
Result = TypeVar("Result")


class Finished(NamedTuple, Generic[Result]):
    """What became of an item: its result, or the reason why it has none."""

    number: int
    result: Result | None
    failed: str = ""


class Executor(Protocol):
    """Does a task for every item, in any order; an item that fails takes no other with it."""

    def run(self, task: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Finished[Result]]:
        """Yield what became of each item as soon as it is known; what is not begun when the caller stops is never begun."""
        ...


class Serial:
    """One after the other, in this thread."""

    def run(self, task: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Finished[Result]]:
        """Yield the items in their order."""
        for number, item in enumerate(items):
            yield _finished(task, number, item)


class Threads:
    """A thread a core: the clock releases the interpreter while it plays."""

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or os.cpu_count() or 1

    def run(self, task: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Finished[Result]]:
        """Yield the items as they come."""
        pool = ThreadPoolExecutor(max_workers=self.workers)
        try:
            for future in as_completed([pool.submit(_finished, task, number, item) for number, item in enumerate(items)]):
                yield future.result()
        finally:
            pool.shutdown(cancel_futures=True)


EXECUTORS: dict[str, Callable[[], Executor]] = {"serial": Serial, "threads": Threads}


def executor(name: str) -> Executor:
    """Return the executor of this name; raise ConfigError if there is none."""
    if name not in EXECUTORS:
        raise ConfigError([Problem("study.executor", f"no such executor {name!r}", near(str(name), EXECUTORS))])
    return EXECUTORS[name]()


def _finished(task: Callable[[Item], Result], number: int, item: Item) -> Finished[Result]:
    try:
        return Finished(number, task(item))
    except SimError as error:
        return Finished(number, None, _line(str(error)))
    except Exception as error:  # whatever it is: the others go on, and the table tells of it
        return Finished(number, None, _line(f"{type(error).__name__}: {error}"))


def _line(text: str) -> str:
    return " ".join(text.split())
