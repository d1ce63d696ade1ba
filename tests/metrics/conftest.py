"""Logs written by hand."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from sim.log import BIRTH, GAVE_UP, OCCASION, ROW, Log, Terms, in_memory

STAGES = ("awareness", "consideration", "decision", "retention", "churned", "lost")
TERMS = {
    "stages": STAGES,
    "kinds": ("prospect", "prospect", "prospect", "customer", "churned", "lost"),
    "channels": ("own", "search", "email", "call"),
    "media": ("own", "paid", "owned", "owned"),
    "leads": (False, False, True, False),
    "desks": ("sales",),
    "people": (1,),
    "margin": ((0.5,),),
    "discount": (((0.0, 0.0, 0.2, 0.0),),),
    "discount_rate": 0.1,
}


def row(customer: int, time: float, channel: str, step: str, **more: Any) -> tuple[Any, ...]:
    """Return a row; ``step`` is like "awareness > lost"; engaged unless it is said, ``own`` is not."""
    before, after = (STAGES.index(name) for name in step.split(" > "))
    engaged, order = more.get("engaged", channel != "own"), "revenue" in more
    kind, desk = (GAVE_UP if more.get("gave_up") else OCCASION), (1 if channel == "call" else 0)
    flags = engaged | order << 1 | kind << 2 | desk << 4
    numbers = (more.get(name, 0.0) for name in ("cost", "revenue", "satisfaction", "waited", "served"))
    return (time, customer, 0, *numbers, TERMS["channels"].index(channel), before, after, flags)


def log_of(
    arrived: Sequence[float], rows: Sequence[tuple[Any, ...]], ledger: Sequence[tuple[int, str, float]] = (), parent: Sequence[int] | None = None, **terms: Any
) -> Log:
    """Return a log of customers who arrive in awareness."""
    births = np.zeros(len(arrived), BIRTH)
    births["customer"] = births["identity"] = np.arange(len(arrived))
    births["arrived"], births["parent"], births["arm"] = arrived, (-1 if parent is None else parent), -1
    founders = int((births["parent"] < 0).sum())
    return in_memory(Terms(**(TERMS | terms)), births, np.array(list(rows), ROW), tuple(ledger), founders)


@pytest.fixture
def make_log() -> Callable[..., Log]:
    return log_of


@pytest.fixture(scope="session")
def ten() -> Log:
    """Ten customers, 400 days; see test_ten_customers."""
    looks, weighs, decides, stays = "awareness", "consideration", "decision", "retention"
    rows = [
        row(0, 10, "search", f"{looks} > {weighs}", cost=2, satisfaction=0.1),
        row(0, 20, "email", f"{weighs} > {decides}", cost=0.5, satisfaction=0.2),
        row(0, 30, "own", f"{decides} > {stays}", revenue=100),  # a tie at day 30
        row(0, 60, "email", f"{stays} > {stays}", cost=0.5, revenue=80, satisfaction=0.3),  # 100 less the discount
        row(0, 380, "own", f"{stays} > {stays}", revenue=20),
        row(1, 35, "search", f"{looks} > {stays}", cost=2, revenue=100),  # day 30 again: it arrived on day 5
        row(1, 95, "own", f"{stays} > churned"),
        row(2, 12, "own", f"{looks} > lost"),
        row(3, 50, "email", f"{looks} > {decides}", cost=0.5, satisfaction=-0.1),
        row(3, 100, "own", f"{decides} > {stays}", revenue=200),
        row(3, 150, "own", f"{stays} > {decides}"),  # shops around ...
        row(3, 170, "own", f"{decides} > lost"),  # ... and leaves: after conversion
        row(4, 25, "search", f"{looks} > {looks}", cost=0.1, engaged=False),
        row(4, 40, "call", f"{looks} > {weighs}", waited=1, served=0.5, satisfaction=0.5),
        row(4, 60, "own", f"{weighs} > {stays}", revenue=50),
        row(4, 120, "own", f"{stays} > {decides}"),
        row(4, 140, "call", f"{decides} > lost", engaged=False, gave_up=True, waited=3),  # gives up after conversion
        row(5, 390, "email", f"{looks} > {weighs}", cost=0.5, satisfaction=0.2),  # arrived on day 380: too late for the window
        row(6, 45, "own", f"{looks} > lost"),  # day 30
        # customer 7 arrives on day 30 and has no occasion; 2, 6, 7 and 9 never had a touch
        row(8, 200, "call", f"{looks} > {weighs}", served=0.5),
        row(8, 300, "own", f"{weighs} > {looks}"),
        row(9, 26, "call", f"{looks} > lost", engaged=False, gave_up=True, waited=2),
    ]
    ledger = [(0, "search", 10.0), (1, "sales", 200.0), (2, "email", 6.0), (6, "sales", 40.0)]
    return log_of([0, 5, 10, 0, 20, 380, 15, 30, 0, 25], rows, ledger, horizon=400.0, clv_days=200.0)
