"""Experiments: what the studies that were made in the folder have found."""

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite, nan
from pathlib import Path

from sim.language import current
from sim.metrics.table import SHARE
from sim.report.html.drawing import finding
from sim.report.html.element import Element, el
from sim.report.html.report import Report
from sim.report.html.table import Cell, Row, figure, interval_text, note, table, valued
from sim.report.words import percent, spoken

OF_A_RUN = ("customers", "events", "metrics", "replications", "ledger", "plan", "sources")  # files that other sections show
BESIDE = {"forest": "differences", "credit": "credit", "lift": "truth", "effects": "findings", "looks": "looks", "power": "power"}  # figure: its table
GALLERY = ("funnel", "transition_map", "occasions", "retention", "clv", "conversion", "time_in_stage", "flow")
COLUMNS = 12
Lines = Sequence[Mapping[str, str]]


def section(report: Report) -> Iterator[Element]:
    """Return each study's figures and tables; nothing in the folder of a plain run."""
    run = report.run
    tables = {path.stem: run.table(path.name) for path in sorted(run.folder.glob("*.csv")) if path.stem not in OF_A_RUN}
    tables = {name: rows for name, rows in tables.items() if rows}
    shown = {name: _differences(rows) if name == "differences" else _listed(name, rows) for name, rows in tables.items()}
    for path in sorted((run.folder / "figures").glob("*.svg")):
        if path.stem not in GALLERY:
            yield from _figure(path, shown)
    if "differences" in tables:
        yield note(current().text("report.experiments.paired"))
    for name, made in shown.items():
        yield el("details", {"open": name in ("differences", "findings")}, el("summary", {}, _heading(name)), made)


def _heading(name: str) -> str:
    say = current()
    return say.text(f"report.experiments.{name}") if f"report.experiments.{name}" in say.texts else spoken(name)


def _figure(path: Path, tables: Mapping[str, Element]) -> Iterator[Element]:
    numbers = tables.get(BESIDE.get(path.stem, path.stem)) or next(iter(tables.values()), None)
    if numbers is not None:
        svg = path.read_text(encoding="utf-8")
        yield figure(path.stem, svg, finding(svg) or spoken(path.stem), numbers)


def _differences(rows: Lines) -> Element:
    """Return what each scenario changes for all customers, better or worse with an interval."""
    say = current()
    header = [say.text(f"report.experiments.{name}") for name in ("scenario", "metric", "baseline", "value", "difference", "p_better")]
    lines = []
    for row in rows:
        if row["by"] == "all" and isfinite(_number(row["difference"])):
            unit = SHARE if row["metric"].startswith("churn") else row["unit"]
            numbers = [_number(row[name]) for name in ("baseline", "value", "difference", "low", "high", "p_better")]
            apart = f"{'+' if numbers[2] > 0 else ''}{valued(numbers[2], unit)}"
            known = [Cell(valued(n, unit), n) for n in numbers[:2]]
            metric = say.text(f"metrics.{row['metric']}") if f"metrics.{row['metric']}" in say.texts else spoken(row["metric"])
            better = Cell(_chance(numbers[5]), numbers[5]) if isfinite(numbers[5]) else Cell("-")
            lines.append(Row([spoken(row["scenario"]), metric, *known, Cell(apart, numbers[2], interval_text(numbers[3], numbers[4], unit)), better]))
    return table(say.text("report.experiments.differences_caption"), header, lines)


def _chance(share: float) -> str:
    """Return a probability that is never said to be certain."""
    low, high = 0.001, 0.999
    return f"< {percent(low)}" if share < low else f"> {percent(high)}" if share > high else percent(share)


def _listed(name: str, rows: Lines) -> Element:
    """Return any other table as it stands, its numbers rounded."""
    columns = [column for column in rows[0] if any(row[column] for row in rows)][:COLUMNS]
    lines = [Row([_cell(row[column] or "") for column in columns]) for row in rows]
    return table(_heading(name), [spoken(column) for column in columns], lines)


def _cell(text: str) -> Cell:
    value = _number(text)
    if not isfinite(value):
        return Cell(spoken(text) if text.isidentifier() else text)
    whole = value == round(value) and abs(value) < 1e6
    return Cell(current().number(value) if whole else current().significant(value, 3), value)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return nan
