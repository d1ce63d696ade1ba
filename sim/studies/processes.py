"""Other processes of Python that take a share of the replications.

Python runs one thread at a time, and most of a small replication is Python: threads hardly help there, processes do.  Each is
started from nothing, so that it works alike on every system and in a notebook, is told one task after the other through its
standard input, and ends when that closes, however its owner came to its end.  Tasks have names and are told in plain data, as JSON:
no object is ever built from what comes through a pipe.
"""

import gc
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from typing import Any

SELDOM = 100_000  # objects more, until Python looks for cycles among all: what a run makes it mostly keeps
MOST = 4  # to start a process takes about as long as some replications
Task = Callable[[Any], Any]  # plain data in, plain data out


def others() -> int:
    """Return how many other processes are worth their start: one for each further processor, up to `MOST`."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(MOST, processors - 1)


class Process:
    """Another process of this Python, which knows the tasks of a module (its ``TASKS``)."""

    def __init__(self, module: str) -> None:
        # who is interrupted is the owner, who ends this process: it does not listen itself, not even while it loads
        first = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"
        # -P: no module of the same name in the current folder comes first
        command = [sys.executable, "-P", "-c", f"{first}; from {module} import TASKS; from {__name__} import serve; serve(TASKS)"]
        path = os.pathsep.join(os.path.abspath(part) for part in sys.path)
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": path})

    def do(self, task: str, given: Any) -> Any:
        """Return what a task makes of plain data there; raise OSError or ValueError where the process is no more or has failed."""
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        self.child.stdin.write(json.dumps([task, given]).encode() + b"\n")
        self.child.stdin.flush()
        return json.loads(self.child.stdout.readline())  # no line, no JSON: a ValueError

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


def serve(tasks: Mapping[str, Task]) -> None:
    """Do one task after the other, as they come, until there will be no more, one fails, or nobody hears the answer."""
    gc.set_threshold(SELDOM)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not come between the answers
    for line in sys.stdin.buffer:
        name, given = json.loads(line)
        answer = json.dumps(tasks[name](given)).encode() + b"\n"
        try:
            answers.write(answer)
            answers.flush()
        except OSError:  # the owner was killed
            return


class Begun:
    """Tasks of which other processes do the first ones while their owner does something else."""

    def __init__(self, task: Task, given: Sequence[Any], futures: Sequence[Future[Any]]) -> None:
        self.task, self.given, self.futures = task, given, futures

    def results(self, progress: Callable[[float], None] | None = None) -> list[Any]:
        """Do here what nobody has begun, from the last one on, and return all results in order."""
        tell = progress or (lambda _: None)
        here: dict[int, Any] = {}
        for number in reversed(range(len(self.given))):
            if self.futures[number].cancel():
                here[number] = self.task(self.given[number])
                tell(1.0)
        for number, future in enumerate(self.futures):
            if number not in here:
                here[number] = future.result()
                tell(1.0)
        return [here[number] for number in range(len(self.given))]


class Crew:
    """Some other processes, none perhaps, that know the same tasks as their owner."""

    def __init__(self, tasks: Mapping[str, Task], processes: Sequence[Process]) -> None:
        self.tasks, self.processes, self.ended = tasks, processes, False
        self.pool = ThreadPoolExecutor(max(1, len(processes)))  # a thread for each waits for its answers
        self.idle: SimpleQueue[Process] = SimpleQueue()
        for process in processes:
            self.idle.put(process)

    def begin(self, task: str, given: Sequence[Any]) -> Begun:
        """Begin with a task, for each piece of plain data."""
        futures = [self.pool.submit(self._do, task, one) if self.processes else Future() for one in given]
        return Begun(self.tasks[task], given, futures)

    def end(self) -> None:
        """End every process, whatever it is doing."""
        self.ended = True
        self.pool.shutdown(wait=False, cancel_futures=True)
        for process in self.processes:
            process.end()
        self.pool.shutdown()  # who waited for an answer knows by now
        for process in self.processes:
            process.close()

    def _do(self, task: str, given: Any) -> Any:
        process = self.idle.get()
        try:
            return process.do(task, given)
        except (OSError, ValueError):  # it is gone, for want of memory perhaps, or the task can't be done: then it says so here
            if self.ended:
                raise
            return self.tasks[task](given)
        finally:
            self.idle.put(process)


@contextmanager
def started(module: str, processes: int) -> Iterator[list[Process]]:
    """Give so many other processes that know the tasks of a module, or as many as start; after the block they are gone."""
    found = _as_many_as_start(module, processes)
    try:
        yield found
    finally:
        for process in found:
            process.end()
            process.close()


@contextmanager
def crew(module: str, tasks: Mapping[str, Task], processes: int, ready: Sequence[Process] = ()) -> Iterator[Crew]:
    """Give a crew of so many processes that know the tasks of a module, those that are ``ready`` first, or as many as start; after the block they are gone."""
    found = Crew(tasks, [*ready[:processes], *_as_many_as_start(module, processes - len(ready))])
    try:
        yield found
    finally:
        found.end()


def _as_many_as_start(module: str, wanted: int) -> list[Process]:
    """Return so many processes, or as many as the system gives: the work of those that are missing is their owner's."""
    found: list[Process] = []
    with suppress(OSError):
        while sys.executable and len(found) < wanted:  # a Python inside another program may not know its own name
            found.append(Process(module))
    return found
