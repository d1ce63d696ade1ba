"""What other processes may be told to do for a run."""

from sim.report import figures
from sim.studies import replicate
from sim.studies.processes import Task

TASKS: dict[str, Task] = {"replication": replicate.told, "ready": figures.ready, "figures": figures.told}
