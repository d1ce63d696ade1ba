"""``polku`` begins here: while this process loads, another one does, to share the work of a run.

Until the request is read nobody knows what is asked; without an option and without the name of a study it is most likely one run.
"""

import gc
import os
import sys
from collections.abc import Sequence

from sim.studies.processes import SELDOM, others, started


def main() -> int:
    """Do what the command line asks and return the exit status."""
    gc.set_threshold(SELDOM)
    _let_closed_outputs_lead_nowhere()
    arguments = sys.argv[1:]
    try:
        with started("sim.app.crew", others() if _asks_for_a_run(arguments) else 0) as helping:
            from sim.app import cli

            return cli.main(arguments, helping)
    except KeyboardInterrupt:  # while all this loads, or ends
        sys.stderr.write("interrupted\n")
        return 130


def _let_closed_outputs_lead_nowhere() -> None:
    # after `>&-` or `2>&-` Python has no sys.stdout or sys.stderr, and the next file that is opened would get its number
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w"))


def _asks_for_a_run(arguments: Sequence[str]) -> bool:
    return not any(argument.startswith(("-", "study=", "+experiment=", "experiment=")) for argument in arguments)
