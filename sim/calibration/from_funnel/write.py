"""The solved world as YAML: beside each number what it comes from."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.calibration.from_funnel.complete import DEFAULT, Company
from sim.calibration.from_funnel.solve import CUSTOMER, DESK, LEAD, OPPORTUNITY, PERSONA, VISITOR
from sim.calibration.from_funnel.usual import Usual
from sim.calibration.write import Place, lines
from sim.files import write_text
from sim.model.world import OWN

HEAD = (
    "A world solved from figures of a company (study=from_funnel).",
    "Beside each number: the figure it follows from, and whether that was given (yours) or is the default world's.",
    "leads and opportunities are the stages of that name; the metric `leads` counts channels with `leads: true`, of which there are none.",
)


def write(plain: Mapping[str, Any], company: Company, usual: Usual, target: Path) -> Path:
    """Write the world, which runs with ``polku -cd FOLDER -cn NAME``, in one piece, and return its path."""
    head = [f"# {line}" for line in HEAD]
    target.parent.mkdir(parents=True, exist_ok=True)
    write_text(target, "\n".join(["defaults: [base, _self_]", "", *head, "", *lines(plain, comments(plain, company, usual))]) + "\n")
    return target


def comments(plain: Mapping[str, Any], company: Company, usual: Usual) -> dict[Place, str]:
    """Return what stands beside each number, by path."""

    def said(*names: str) -> str:
        return ", ".join(f"{name} {company.figures[name]:,.6g} ({company.sources.get(name, DEFAULT)})" for name in names if name in company.figures)

    out: dict[Place, str] = {("customers",): f"{said('visitors')} for {plain['horizon'] / 365:g} years"}
    out["log",] = "so many customers' events take a lot of room: `log: events` keeps them"
    out["arrivals",] = "all years alike, so that wages of years don't meet the customers of one"
    out["money",] = said("margin", "discount_rate")
    out["stages", VISITOR, "next"] = f"{said('leads')}; visits a visitor {sum(company.visits.values()) / company.funnel[0]:.4g}"
    out["stages", VISITOR, "gap"] = "days between visits: default world"
    out["stages", LEAD, "next"] = said("opportunities")
    out["stages", LEAD, "gap"] = said("sales_cycle_days")
    queues = "desks" in plain
    out["stages", OPPORTUNITY, "next"] = f"{said('wins')}; who cools down: default world" + ("; of those who are served" if queues else "")
    out["stages", OPPORTUNITY, "gap"] = said("sales_cycle_days") + (", less work and waiting" if queues else "")
    out["stages", CUSTOMER, "order"] = said("orders_per_year", "repeat_rate")
    out["stages", CUSTOMER, "next"] = said("churn_yearly", "churn_monthly")
    out["personas", PERSONA, "revenue"] = f"{said('order_value')}; spread: default world"
    for name in company.spend:
        out["channels", name] = said(f"visits.{name}", f"spend.{name}")
        out["channels", name, "odds"] = "default world: no figure shows what a channel moves"
        if name not in usual.channels:
            out["channels", name] += "; odds 1, as the default world has no such channel: it moves nobody until you give it odds"
    out["channels",] = said(f"visits.{OWN}") + ": what no channel holds"
    if queues:
        out["desks", DESK] = said("reps", "wage", "hours_per_deal")
        out["desks", DESK, "patience"] = "default world"
    return {path: text for path, text in out.items() if text and len(_at(plain, path))}


def _at(plain: Mapping[str, Any], path: Place) -> str:
    node: Any = plain
    for key in path:
        if not isinstance(node, Mapping) or key not in node:
            return ""
        node = node[key]
    return "there"
