"""Experiments: what the studies that were made in the folder have found."""

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite, nan
from pathlib import Path

from sim.language import current
from sim.metrics.table import SHARE
from sim.report.html.drawing import finding
from sim.report.html.element import Element, el
from sim.report.html.report import Report
from sim.report.html.stored import Run
from sim.report.html.table import Cell, Row, figure, interval_text, note, table, unbroken, valued
from sim.report.words import metric, percent, spoken

OF_A_RUN = ("customers", "events", "metrics", "replications", "ledger", "plan", "sources")  # files that other sections show
BESIDE = {"forest": "differences", "credit": "credit", "lift": "truth", "effects": "findings", "looks": "looks", "power": "power"}  # figure: its table
GALLERY = ("funnel", "transition_map", "occasions", "retention", "clv", "conversion", "time_in_stage", "flow")
COLUMNS = 12
CHANCES = ("p", "p_holm")
SHARES = ("share", "power", "variance_kept")
LEVELS = ("control", "arm_value", "difference", "lift", "detectable", "effect", "estimate", "bias")  # in the unit of the row's metric
APART = ("difference", "lift", "detectable", "effect", "estimate", "bias")  # differences: those of shares are points
SHARE_OF = "conversion_rate"
Lines = Sequence[Mapping[str, str]]


def section(report: Report) -> Iterator[Element]:
    """Return each study's figures and tables; nothing in the folder of a plain run."""
    run = report.run
    tables = {path.stem: run.table(path.name) for path in sorted(run.folder.glob("*.csv")) if path.stem not in OF_A_RUN}
    tables = {name: rows for name, rows in tables.items() if rows}
    shown = {name: _differences(rows) if name == "differences" else _listed(name, rows) for name, rows in tables.items()}
    for path in figures(run):
        yield from _figure(path, shown)
    if "differences" in tables:
        yield note(current().text("report.experiments.paired"))
    for name, made in shown.items():
        yield el("details", {"open": name in ("differences", "findings")}, el("summary", {}, _heading(name)), made)


def figures(run: Run) -> list[Path]:
    """Return the files of the figures that a study has left in the folder."""
    return [path for path in sorted((run.folder / "figures").glob("*.svg")) if path.stem not in GALLERY]


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
            said = current().points(numbers[2]) if unit == SHARE else valued(numbers[2], unit)
            apart = unbroken(f"{'+' if numbers[2] > 0 else ''}{said}")
            known = [Cell(valued(n, unit), n) for n in numbers[:2]]
            better = Cell(_chance(numbers[5]), numbers[5]) if isfinite(numbers[5]) else Cell("-")
            change = Cell(apart, numbers[2], interval_text(numbers[3], numbers[4], unit))
            lines.append(Row([spoken(row["scenario"]), metric(row["metric"]), *known, change, better]))
    return table(say.text("report.experiments.differences_caption"), header, lines)


def _chance(share: float) -> str:
    """Return a probability that is never said to be certain."""
    low, high = 0.001, 0.999
    return f"< {percent(low)}" if share < low else f"> {percent(high)}" if share > high else percent(share)


def _listed(name: str, rows: Lines) -> Element:
    """Return any other table with its numbers rounded and each interval below the number that it belongs to."""
    columns = [column for column in rows[0] if any(row[column] for row in rows)]
    bounded = {columns[k - 1]: (low, columns[k + 1]) for k, low in enumerate(columns) if k and low.endswith("low") and columns[k + 1].endswith("high")}
    inside = {limit for pair in bounded.values() for limit in pair}
    shown = [column for column in columns if column not in inside and column != "unit"][:COLUMNS]
    lines = [Row([_cell(row, column, bounded.get(column)) for column in shown]) for row in rows]
    caption = current().text("report.experiments.bounded", name=_heading(name)) if bounded else _heading(name)
    return table(caption, [_known("columns", column) for column in shown], lines)


def _cell(row: Mapping[str, str], column: str, limits: tuple[str, str] | None) -> Cell:
    text, unit = row[column] or "", _unit(row, column)
    value = _number(text)
    if not isfinite(value):
        return Cell(_word(text))
    low, high = (_number(row[limit]) for limit in limits) if limits else (nan, nan)
    below = interval_text(low, high, unit) if isfinite(low) and isfinite(high) else ""
    said = current().points(value) if unit == SHARE and column in APART else _said(value, column, unit)
    return Cell(unbroken(said), value, below)


def _said(value: float, column: str, unit: str) -> str:
    if column in CHANCES:
        return current().text("numbers.parts.under", number=current().number(0.001, 3)) if value < 0.001 else current().number(value, 3)
    if unit:
        return valued(value, unit)
    return current().number(value) if value == round(value) and abs(value) < 1e6 else current().significant(value, 3)


def _unit(row: Mapping[str, str], column: str) -> str:
    """Return the unit of a number of a table, nothing where it has none."""
    if column in SHARES or column.startswith("share_") or (column in LEVELS and row.get("metric", "").startswith(SHARE_OF)):
        return SHARE
    quantity = row.get("quantity", "")
    return (SHARE if quantity == "exposed" or quantity.endswith("_lift") else row.get("unit", "")) if column == "value" else ""


def _word(text: str) -> str:
    """Return what a cell says where it is no number: a metric, a model, a name, or a note."""
    say = current()
    for part in ("metrics", "quantities", "models"):
        if f"{part}.{text}" in say.texts:
            return say.text(f"{part}.{text}")
    return metric(text) if text.isidentifier() else say.note(text)


def _known(part: str, name: str) -> str:
    if name.startswith("share_"):
        return spoken(name.removeprefix("share_"))
    return current().text(f"{part}.{name}") if f"{part}.{name}" in current().texts else spoken(name)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return nan
