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
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

MOST = 4  # to start a process takes about as long as some replications
T = TypeVar("T")


def others() -> int:
    """Return how many other processes are worth their start: one for each further processor, up to `MOST`."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(MOST, processors - 1)


class Process:
    """Another process of this Python."""

    def __init__(self) -> None:
        # -P: no module of the same name in the current folder comes first
        command = [sys.executable, "-P", "-c", f"from {__name__} import serve; serve()"]
        path = os.pathsep.join(os.path.abspath(part) for part in sys.path)
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": path})

    def do(self, task: Callable[..., T], *given: Any) -> T:
        """Return what a function makes of its arguments there; raise what it raises, and EOFError, OSError or UnpicklingError where it is no more."""
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
        self.child.wait()

    def close(self) -> None:
        """Close what led to it; what was not yet sent is lost."""
        for pipe in (self.child.stdin, self.child.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


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


class Begun(Generic[T]):
    """Tasks of which other processes do the first ones while their owner does something else."""

    def __init__(self, task: Callable[..., T], given: Sequence[tuple[Any, ...]], elsewhere: "Callable[..., Future[T]]") -> None:
        self.task, self.given = task, given
        self.futures = [elsewhere(task, *arguments) for arguments in given]

    def results(self, progress: Callable[[float], None] | None = None) -> list[T]:
        """Do here what nobody has begun, from the last one on, and return all results in order."""
        tell = progress or (lambda _: None)
        here: dict[int, T] = {}
        for number in reversed(range(len(self.given))):
            if self.futures[number].cancel():
                here[number] = self.task(*self.given[number])
                tell(1.0)
        for number, future in enumerate(self.futures):
            if number not in here:
                here[number] = future.result()
                tell(1.0)
        return [here[number] for number in range(len(self.given))]


class Crew:
    """Some other processes, none perhaps."""

    def __init__(self, processes: Sequence[Process]) -> None:
        self.processes, self.ended = processes, False
        self.pool = ThreadPoolExecutor(max(1, len(processes)))  # a thread for each waits for its answers
        self.idle: SimpleQueue[Process] = SimpleQueue()
        for process in processes:
            self.idle.put(process)

    def begin(self, task: Callable[..., T], given: Sequence[tuple[Any, ...]]) -> Begun[T]:
        """Begin with a function of a module, for each tuple of arguments."""
        return Begun(task, given, self._elsewhere if self.processes else lambda *_: Future())

    def end(self) -> None:
        """End every process, whatever it is doing."""
        self.ended = True
        self.pool.shutdown(wait=False, cancel_futures=True)
        for process in self.processes:
            process.end()
        self.pool.shutdown()  # who waited for an answer knows by now
        for process in self.processes:
            process.close()

    def _elsewhere(self, task: Callable[..., T], *given: Any) -> "Future[T]":
        return self.pool.submit(self._do, task, *given)

    def _do(self, task: Callable[..., T], *given: Any) -> T:
        process = self.idle.get()
        try:
            return process.do(task, *given)
        except (EOFError, OSError, pickle.UnpicklingError):  # it is gone, for want of memory perhaps
            if self.ended:
                raise
            return task(*given)
        finally:
            self.idle.put(process)


@contextmanager
def crew(processes: int) -> Iterator[Crew]:
    """Give so many other processes; after the block they are gone."""
    found = Crew([Process() for _ in range(processes)])
    try:
        yield found
    finally:
        found.end()
