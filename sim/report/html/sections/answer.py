"""The answer in three sentences: how many become customers and stay, what it earns, where most is lost."""

from collections.abc import Iterator
from math import isfinite

from sim.language import current
from sim.metrics import Metric
from sim.report.html.drawing import finding
from sim.report.html.element import Element, el
from sim.report.html.report import Report
from sim.report.html.sections import experiments
from sim.report.html.table import interval, unbroken, valued
from sim.report.words import inside, spoken


def section(report: Report) -> Iterator[Element]:
    """Return the three sentences, those that there are numbers for; of a study what its figures found."""
    sentences = [text for text in (_won(report), _earned(report), _lost(report)) if text] or list(_found(report))
    if sentences:
        yield el("div", {"class": "answer"}, [el("p", {}, text) for text in sentences])


def _found(report: Report) -> Iterator[str]:
    """Say whether a test's split is broken, before anything else is believed, and what the figures found."""
    for row in report.run.table("splits.csv"):
        if row.get("alarm") == "True":
            yield current().text("ab.verdict.broken", of=current().note(row["of"]), p=current().exactly(float(row["p"]), 1))
    for path in experiments.figures(report.run):
        said = finding(path.read_text(encoding="utf-8"))
        if said:
            yield f"{said}."


def _won(report: Report) -> str:
    say, rate, kept = current(), report.run.get("conversion_rate"), report.run.get("retention_365d")
    if "customer" not in report.run.terms.kinds:  # a real log of which nobody has said where customers begin
        return _reached(report)
    if not rate.value > 0:
        return say.text("report.answer.nobody") if isfinite(rate.value) else ""
    won = say.text("report.answer.won", share=_said(rate), days=say.number(report.run.terms.horizon))
    return won + (say.text("report.answer.stay", share=_said(kept)) if isfinite(kept.value) else "") + "."


def _reached(report: Report) -> str:
    """Say how many come to the last stage."""
    stage = [name for name, kind in zip(report.run.terms.stages, report.run.terms.kinds, strict=True) if kind == "prospect"][-1]
    reach = report.run.get("stage_reach", "stage", stage)
    return f"{current().text('map.reached', stage=spoken(stage), share=_said(reach))}." if isfinite(reach.value) else ""


def _earned(report: Report) -> str:
    say, profit, value = current(), report.run.get("profit"), report.run.get("value_365d")
    if not report.run.has_money or not isfinite(profit.value):
        return ""
    key = "report.answer.loss" if profit.value < 0 else "report.answer.profit"
    earned = say.text(key, money=_said(profit))
    return earned + (say.text("report.answer.value", money=_said(value)) if isfinite(value.value) else "") + "."


def _lost(report: Report) -> str:
    """Say where most customers are lost before they convert, and at which desk most give up."""
    run, say = report.run, current()
    prospects = [name for name, kind in zip(run.terms.stages, run.terms.kinds, strict=True) if kind == "prospect"]
    drops = {name: run.get("drop_off_rate", "stage", name) for name in prospects}
    reach = {name: run.get("stage_reach", "stage", name).value for name in prospects}
    lost = {name: reach[name] * drop.value for name, drop in drops.items() if isfinite(drop.value) and isfinite(reach[name])}
    if not lost or not max(lost.values()) > 0:
        return ""
    worst = max(lost, key=lambda name: lost[name])
    text = say.text("report.answer.lost", stage=inside(worst), share=_said(drops[worst]))
    gave_up = {name: run.get("gave_up_rate", "desk", name) for name in run.terms.desks}
    busiest = max((name for name in gave_up if gave_up[name].value > 0.01), key=lambda name: gave_up[name].value, default=None)
    return text + (say.text("report.answer.gave_up", desk=inside(busiest), share=_said(gave_up[busiest])) if busiest else "") + "."


def _said(metric: Metric) -> str:
    found = interval(metric)
    said = valued(metric.value, metric.unit)
    return current().text("report.with_interval", value=said, interval=unbroken(found)) if found else said
