"""How to run this again, and what it was run with."""

import shlex
from collections.abc import Iterator

from sim.language import current
from sim.report.html.element import Element, el
from sim.report.html.report import Report
from sim.report.html.table import Row, table

SHOWN = ("polku", "config", "seed", "clock", "events", "python", "machine", "cpu", "wall_seconds")


def section(report: Report) -> Iterator[Element]:
    """Return the command and the versions."""
    say, run = current(), report.run
    yield el("p", {}, say.text("report.again.command"))
    yield el("pre", {}, el("code", {}, shlex.join(["polku", *(o for o in run.overrides if not o.startswith("hydra."))])))
    yield el("p", {}, say.text("report.again.config"))
    yield el("pre", {}, el("code", {}, f"polku -cd {shlex.quote(f'{run.folder.name}/.hydra')} -cn config"))
    yield el("p", {}, say.text("report.again.report"))
    yield el("pre", {}, el("code", {}, f"polku study=report 'study.runs=[{run.folder.name}]'"))
    found = {name: run.provenance[name] for name in SHOWN if name in run.provenance}
    found |= run.provenance.get("libraries") or {}
    rows = [Row([name, str(value)]) for name, value in found.items()]
    versions = table(say.text("report.again.versions"), [say.text("report.again.what"), say.text("report.again.which")], rows, sorts=False)
    yield el("details", {}, el("summary", {}, say.text("report.again.versions")), versions)
