"""The committee as shipped: every role says yes or one says no, and its delays are the exact ones."""

from functools import cache

import numpy as np
import pytest

from sim.app.library import changed, load
from sim.customers import fold
from sim.metrics import measure
from sim.model.exact import solve
from sim.play import play
from sim.studies.exact import exact_beside
from sim.studies.facts.seen import Seen

COMMITTEE = ("journey=buying_committee", "personas=committee")
REASONS = ("no_decision", "lost_to_competitor", "vetoed")
ROLES = ("user", "champion", "economic_buyer", "budget_wait", "procurement", "legal")
GAPS = (8, 9, 10, 90, 10, 12)


@cache
def firms(*overrides):
    """Return firms without channels or desks: what can be solved exactly."""
    return load(*COMMITTEE, "channels=none", *overrides)


@cache
def seen():
    """Return one run with all channels and people."""
    return Seen(play(load(*COMMITTEE), clock="compiled"))


def mid_sized(rows):
    """Return mid-sized firms alone, who all begin as a user, with some rows of `next` written anew."""
    plain = load(*COMMITTEE, "channels=none", "horizon=365", "arrivals.days=365").model_dump(exclude_unset=True)
    for role, row in rows.items():
        plain["stages"][role]["next"] = row
    plain["personas"] = {"mid_sized_firm": plain["personas"]["mid_sized_firm"] | {"share": 1.0, "entry": {"user": 1.0}}}
    return changed(firms(), {name: plain[name] for name in ("stages", "personas", "horizon", "arrivals")})


def straight(**rows):
    """Return the rows of a matter that goes from role to role without a halt, but for the rows given; clients stay or leave."""
    onward = ("champion", "economic_buyer", "procurement", "economic_buyer", "legal", "client")
    return {role: {to: 1.0} for role, to in zip(ROLES, onward, strict=True)} | {"client": {"client": 0.99, "churned": 0.01}} | rows


def test_nobody_signs_before_every_role_has():
    """The contract comes from legal, and whoever began as a user has been through champion, buyer and procurement."""
    rows, stages = seen().rows, list(seen().log.terms.stages)
    signed = rows["customer"][(rows["stage_to"] == stages.index("client")) & (rows["stage_from"] != stages.index("client"))]
    for role in ("economic_buyer", "procurement", "legal"):
        assert np.isin(signed, rows["customer"][rows["stage_from"] == stages.index(role)]).all()
    assert set(rows["stage_from"][(rows["stage_to"] == stages.index("client"))]) == {stages.index("legal"), stages.index("client")}


def test_every_reason_for_losing_has_its_name():
    """Lost customers end in one of three stages; their shares are in the metrics, and most deals die of no decision."""
    customers, terms = seen().customers, seen().log.terms
    lost = customers[~np.isnan(customers["lost_at"])]
    counts = {name: int((lost["stage"] == terms.stages.index(name)).sum()) for name in REASONS}
    assert sum(counts.values()) == len(lost)
    assert counts["no_decision"] > counts["lost_to_competitor"] > counts["vetoed"] > 0
    assert set(REASONS) <= {m.group for m in measure(seen().log, intervals=False) if m.metric == "stage_reach"}


def test_the_delays_of_the_roles_add_up():
    """Role to role at once: 8 + 9 + 10 + 10 + 12 days. An even chance to wait for the budget: one wait on average, then the buyer again: 90 + 10 more."""
    for rows, days in ((straight(), 49), (straight(economic_buyer={"budget_wait": 0.5, "procurement": 0.5}), 149)):
        exact = solve(mid_sized(rows)).ever
        assert sum(exact.get(f"days.{role}", 0.0) for role in ROLES) == pytest.approx(days, abs=1e-6)


def test_the_shipped_roles_are_solved_by_linear_algebra():
    """Visits v = entry (I - Q)^-1 of the rows as written, days = visits x gap x pace, by numpy, for the firms without odds of their own."""
    world, answer = firms(), solve(firms("horizon=365", "arrivals.days=365"))
    inside = [*ROLES, "client"]
    rows = np.array([[world.stages[a].next.get(b, 0.0) for b in inside] for a in inside])
    entry = np.array([world.personas["mid_sized_firm"].entry.get(role, 0.0) for role in inside])
    visits = np.linalg.solve((np.eye(len(inside)) - rows).T, entry)
    exact = answer.groups["persona", "mid_sized_firm"].ever
    assert [exact[f"days.{role}"] for role in ROLES] == pytest.approx(visits[:6] * GAPS, rel=1e-9)


def test_a_champion_who_leaves_costs_contracts():
    """With the ways back to `user` given to staying more firms sign: exactly known, no luck in it."""
    rows = {role: dict(firms().stages[role].next) for role in ("champion", "economic_buyer", "budget_wait", "procurement")}
    stays = {role: {to: p for to, p in row.items() if to != "user"} | {role: row.get(role, 0.0) + row["user"]} for role, row in rows.items()}
    assert solve(mid_sized(stays)).ever["conversion_rate"] > 1.02 * solve(mid_sized({})).ever["conversion_rate"]


def test_simulated_committees_are_the_exact_ones():
    """`study=exact`: every value that has a standard error lies within 5 of it."""
    rows = exact_beside(firms("customers=3000", "horizon=730", "arrivals.days=365"))
    compared = [row for row in rows if not np.isnan(row.z)]
    assert len(compared) > 30
    assert max(abs(row.z) for row in compared) < 5


def test_some_firms_sign():
    """A few in a hundred accounts; larger firms take longer."""
    customers = fold(seen().log)
    days = [np.nanmedian((customers["converted_at"] - customers["arrived"])[customers["persona"] == k]) for k in (0, 1)]
    assert 0.03 < np.mean(~np.isnan(customers["converted_at"])) < 0.09
    assert 60 < days[0] < days[1] < 365


def test_the_how_to_page_tells_the_exact_numbers():
    """docs/how-to/describe_a_committee.md: 3.97 % sign, 69 % end without a decision, 97 days of one wait, 6.2 % wait."""
    exact = solve(firms("horizon=365", "arrivals.days=365")).ever
    names = ("conversion_rate", "stage_reach.no_decision", "dwell_time.budget_wait", "stage_reach.budget_wait")
    assert [round(exact[name], digits) for name, digits in zip(names, (4, 2, 0, 3), strict=True)] == [0.0397, 0.69, 97, 0.062]
