"""Small worlds with results to show: plain, with hostile names, with long names, shared."""

from typing import Any

import pytest

from sim.model.check import world
from sim.studies.run import Result, simulate


def stage(next_stages: dict[str, float], kind: str = "prospect", **more: Any) -> dict[str, Any]:
    """Return a stage with gaps of five days."""
    return {"kind": kind, "next": next_stages, "gap": {"mean": 5.0}, **more}


PLAIN = {
    "looking": stage({"looking": 0.6, "trying": 0.2, "buying": 0.1, "gone": 0.1}, entry=1.0),
    "trying": stage({"trying": 0.5, "looking": 0.2, "buying": 0.2, "gone": 0.1}),
    "buying": stage({"buying": 0.9, "trying": 0.05, "left": 0.05}, "customer", order={"on_entry": 1.0, "on_stay": 0.5}),
    "gone": {"kind": "lost"},
    "left": {"kind": "churned"},
}
HOSTILE = {
    "<b>&amp;</b>": stage({"<b>&amp;</b>": 0.6, "$\\alpha$_x": 0.2, "лишь_ö": 0.2}, entry=1.0),
    "$\\alpha$_x": stage({"$\\alpha$_x": 0.7, "日本": 0.3}),
    "日本": stage({"日本": 0.9, "лишь_ö": 0.1}, "customer", order={"on_entry": 1.0, "on_stay": 0.0}),
    "лишь_ö": {"kind": "lost"},
}
PEOPLE = {
    "big_spender": {"share": 0.5, "revenue": {"value": {"mean": 5000.0, "family": "fixed"}}},
    "saver": {"share": 0.5, "revenue": {"value": {"mean": 20.0, "family": "fixed"}}},
}
CHANNELS = {
    "paid_search": {"media": "paid", "share": 0.3, "engage": 0.5, "cost": {"exposure": 0.5}},
    "word_of_mouth": {"media": "earned", "share": 0.1},
}


def _result(stages: dict[str, Any], **more: Any) -> Result:
    return simulate(world({"customers": 300, "horizon": 800.0, "arrivals": {"days": 100}, "stages": stages, **more}))


def _long(k: int) -> str:
    return f"a_name_of_sixty_characters_that_goes_on_and_on_until_it_end_{k % 10}"[-59:] + "xy"[k // 10]


@pytest.fixture(scope="session")
def plain() -> Result:
    """Return a run of independent customers, two personas, two channels."""
    return _result(PLAIN, personas=PEOPLE, channels=CHANNELS)


@pytest.fixture(scope="session")
def hostile() -> Result:
    """Return a run whose names mean something to XML, mathematics and terminals."""
    people = {"$x$ <i>": {"share": 0.5}, "a&b": {"share": 0.5}}
    return _result(HOSTILE, personas=people, channels={"<c>&$": {"share": 0.3, "media": "paid", "cost": {"exposure": 1.0}}})


@pytest.fixture(scope="session")
def shared() -> Result:
    """Return a run whose customers share a desk, with its replications."""
    desks = {"sales": {"people": 2, "wage": 100.0, "service": {"mean": 0.3}, "serves": {"channels": ["paid_search"]}}}
    return _result(PLAIN, personas=PEOPLE, channels=CHANNELS, desks=desks, replications=12)


@pytest.fixture(scope="session")
def crowded() -> Result:
    """Return a run of twelve stages, nine personas and fourteen channels, all with names of sixty characters."""
    names = [_long(k) for k in range(12)]
    stages: dict[str, Any] = {"gone": {"kind": "lost"}, "left": {"kind": "churned"}}
    for k, name in enumerate(names):
        ahead = names[k + 1] if k < 11 else names[0]
        stages[name] = stage({name: 0.5, ahead: 0.4, "gone": 0.05, "left": 0.05}, "prospect" if k < 6 else "customer", entry=float(k == 0))
    people = {_long(k): {"share": 1 / 9} for k in range(9)}
    return _result(stages, personas=people, channels={_long(k): {"share": 0.05} for k in range(14)})


@pytest.fixture(scope="session")
def alone() -> Result:
    """Return a run of one customer for half a day: nothing happens."""
    return simulate(world({"customers": 1, "horizon": 0.5, "arrivals": {"days": 0}, "stages": PLAIN}))
