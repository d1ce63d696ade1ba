"""Other processes of Python that take a share of the replications.

Python runs one thread at a time, and most of a small replication is Python: threads hardly help there, processes do.  Each is
started from nothing, so that it works alike on every system and in a notebook, is told one task after the other through its
standard input, and ends when that closes, however its owner came to its end.
"""

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

WORTH_IT = 4  # tasks for each process: to start one takes about as long as some replications
T = TypeVar("T")


def others() -> int:
    """Return how many processors this process may use besides the one it is on."""
    return (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1) - 1


class Process:
    """Another process of this Python."""

    def __init__(self) -> None:
        # -P: no module of the same name in the current folder comes first
        command = [sys.executable, "-P", "-c", f"from {__name__} import serve; serve()"]
        path = os.pathsep.join(os.path.abspath(part) for part in sys.path)
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": path})

    def do(self, task: Callable[..., T], *given: Any) -> T:
        """Return what a function makes of its arguments there; raise what it raises, and EOFError or OSError where the process is no more."""
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        pickle.dump((task, given), self.child.stdin)
        self.child.stdin.flush()
        made, raised = pickle.load(self.child.stdout)  # written by `serve` of the same program
        if raised is not None:
            raise raised
        result: T = made
        return result

    def end(self) -> None:
        """End it, whatever it is doing."""
        self.child.kill()
        self.child.communicate()


def serve() -> None:
    """Do one task after the other, as they come, until there will be no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who is interrupted is the owner, who ends this process
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not come between the answers
    while True:
        try:
            task, given = pickle.load(sys.stdin.buffer)  # written by `Process` of the same program
        except EOFError:
            return
        answer: tuple[Any, Exception | None]
        try:
            answer = task(*given), None
        except Exception as error:  # the owner raises it
            answer = None, error
        pickle.dump(answer, answers)
        answers.flush()


class Shared(Generic[T]):
    """Tasks of which other processes do the first ones while their owner does something else."""

    def __init__(self, task: Callable[..., T], given: Sequence[tuple[Any, ...]], children: Sequence[Process], pool: ThreadPoolExecutor) -> None:
        self.task, self.given = task, given
        self.idle: SimpleQueue[Process] = SimpleQueue()
        for child in children:
            self.idle.put(child)
        self.begun = [pool.submit(self._elsewhere, *arguments) for arguments in given] if children else [Future[T]() for _ in given]

    def results(self, progress: Callable[[float], None] | None = None) -> list[T]:
        """Do here what nobody has begun, from the last one on, and return all results in order."""
        tell = progress or (lambda _: None)
        here: dict[int, T] = {}
        for number in reversed(range(len(self.given))):
            if self.begun[number].cancel():
                here[number] = self.task(*self.given[number])
                tell(1.0)
        for number, future in enumerate(self.begun):
            if number not in here:
                here[number] = future.result()
                tell(1.0)
        return [here[number] for number in range(len(self.given))]

    def _elsewhere(self, *given: Any) -> T:
        process = self.idle.get()
        try:
            return process.do(self.task, *given)
        except (EOFError, OSError):  # it is gone, for want of memory perhaps
            return self.task(*given)
        finally:
            self.idle.put(process)


@contextmanager
def shared(task: Callable[..., T], given: Sequence[tuple[Any, ...]], processes: int) -> Iterator[Shared[T]]:
    """Let other processes, at most so many, begin with a module's function for each tuple of arguments; after the block they are gone."""
    children = [Process() for _ in range(min(processes, len(given) // WORTH_IT))]
    pool = ThreadPoolExecutor(max(1, len(children)))
    try:
        yield Shared(task, given, children, pool)
    finally:
        for child in children:
            child.end()
        pool.shutdown(cancel_futures=True)
