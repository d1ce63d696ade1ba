"""Facts beside the world: what is counted, by hand; the band's edges; the table."""

from functools import cache
from math import isnan, nan

import numpy as np
import pytest

from sim.app.compose import Request
from sim.app.config import read
from sim.app.library import load
from sim.app.verbs import VERBS
from sim.errors import ConfigError
from sim.play import play
from sim.studies.facts import counts
from sim.studies.facts.listed import FACTS, Fact
from sim.studies.facts.seen import Seen
from sim.studies.facts.study import Found, simulated, verdict
from tests.metrics.conftest import log_of, row

LOOKS, WEIGHS, DECIDES, STAYS = "awareness", "consideration", "decision", "retention"


@cache
def found():
    """Return the study of small worlds, two replications of each."""
    options = read(Request(("+experiment=stylised_facts",)), VERBS).options
    worlds = {counts.WORLD: load("customers=1500")} | {name: load("customers=1500", *overrides) for name, overrides in options["worlds"].items()}
    return simulated(worlds, 2)


@pytest.fixture
def firms():
    """Return four firms who buy: after 30 days and three touches; after 29 days and two; after none; and too late to be followed for a year."""
    rows = [
        row(0, 10, "search", f"{LOOKS} > {WEIGHS}"),
        row(0, 20, "email", f"{WEIGHS} > {DECIDES}", cost=2),
        row(0, 40, "call", f"{DECIDES} > {STAYS}", revenue=100),
        row(1, 11, "call", f"{LOOKS} > {WEIGHS}"),
        row(1, 40, "email", f"{WEIGHS} > {STAYS}", cost=2, revenue=100),
        row(1, 70, "own", f"{STAYS} > {STAYS}", revenue=50),
        row(1, 100, "call", f"{STAYS} > {STAYS}", revenue=10),
        row(1, 120, "email", f"{STAYS} > {STAYS}"),
        row(2, 12, "search", f"{LOOKS} > {LOOKS}", engaged=False),
        row(2, 50, "own", f"{LOOKS} > {STAYS}", revenue=100),
        row(3, 390, "search", f"{LOOKS} > {LOOKS}"),
        row(3, 440, "email", f"{LOOKS} > {STAYS}", revenue=7),
    ]
    log = log_of([0, 0, 0, 380], rows, [(0, "email", 6.0)], horizon=500.0, personas=("firm",), markets=("b2b",))
    return {counts.WORLD: Seen(log)}


def test_the_way_of_firms_is_counted_by_hand(firms):
    """Of the three who were followed: one took 30 days, one had three touches, nobody six."""
    assert counts.month_or_more(firms) == (1, 3)
    assert counts.three_touches(firms) == (1, 3)
    assert counts.six_touches(firms) == (0, 3)


def test_revenue_goes_to_the_last_touch(firms):
    """100 and 50 after the second firm's mail, 7 at the fourth's; two mails of 2 and two of 0, and 6 for the platform. Who had no touch has no last one."""
    assert counts.mail_is_last("b2b", firms) == (157, 10)
    assert counts.mail_is_last("b2c", firms) == (0, 0)


def test_web_traffic_is_that_of_the_last_year():
    """Days 135 to 500: two early touches of organic search, one late, none of e-mail."""
    rows = [
        row(0, 100, "search", f"{LOOKS} > {LOOKS}"),
        row(0, 150, "search", f"{LOOKS} > {WEIGHS}"),
        row(0, 160, "email", f"{WEIGHS} > {WEIGHS}"),
        row(0, 170, "search", f"{WEIGHS} > {DECIDES}"),
        row(0, 180, "search", f"{DECIDES} > {DECIDES}"),
    ]
    log = log_of([0], rows, horizon=500.0, channels=("own", "organic_search", "email", "call"))
    assert counts.early_traffic({counts.WORLD: Seen(log)}) == (2, 3)


def test_a_bad_touch_is_found_beside_its_twin():
    """Two customers are disappointed on day 50; one goes back to decide on day 100 and leaves on day 200; twins do nothing, or leave just as well."""
    names = {"channels": ("own", "search", "email", "support"), "horizon": 500.0, "personas": ("person",)}
    bought = [row(who, 10, "own", f"{LOOKS} > {STAYS}") for who in (0, 1)]
    touch = [[row(who, 50, "call", f"{STAYS} > {STAYS}", satisfaction=felt) for who in (0, 1)] for felt in (-0.4, 0.1)]
    moves = [row(0, 100, "own", f"{STAYS} > {DECIDES}"), row(0, 200, "own", f"{DECIDES} > lost")]
    leaves = row(1, 300, "own", f"{STAYS} > churned")
    worlds = {}
    for name, rows in ((counts.SOURED, [*bought, *touch[0], *moves, leaves]), (counts.CALM, [*bought, *touch[1], leaves])):
        numbered = _numbered(sorted(rows, key=lambda one: (one[1], one[0])), names)
        worlds[name] = Seen(numbered)
    assert counts.switch_at_all(worlds) == (1, 2)
    assert counts.switch_after_a_bad_touch(worlds) == (1, 2)
    assert counts.churn_after_a_bad_touch(worlds) == (1, 2)


def _numbered(rows, names):
    """Return a log whose `call` is named support, rows numbered by customer."""
    counted = {0: 0, 1: 0}
    out = []
    for one in rows:
        out.append((one[0], one[1], counted[one[1]], *one[3:]))
        counted[one[1]] += 1
    return log_of([0, 0], out, **names)


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ((0.5, 0.45, 0.55, 0.4, 0.6), "inside"),
        ((0.5, 0.4, 0.6, 0.4, 0.6), "inside"),  # limits belong to the band
        ((0.5, 0.39, 0.55, 0.4, 0.6), "edge"),
        ((0.6, 0.55, 0.65, 0.4, 0.6), "edge"),
        ((0.61, 0.55, 0.67, 0.4, 0.6), "outside"),  # the value decides
        ((0.5, nan, nan, 0.4, 0.6), "inside"),
        ((0.5, 0.4, 0.6, nan, nan), "shown"),
        ((nan, nan, nan, 0.4, 0.6), "absent"),
    ],
)
def test_a_verdict_is_a_function_of_numbers(numbers, said):
    """At the edges of the band."""
    assert verdict(*numbers).value == said


def test_intervals_are_the_jackknifes_of_totals():
    """Three replications of 1 / 10, 3 / 10 and 2 / 20: 6 / 40, and scipy's t interval of the pseudo-values."""
    from scipy import stats

    parts = {0: (1.0, 10.0), 1: (3.0, 10.0), 2: (2.0, 20.0)}
    made = load("customers=10", "horizon=30", "arrivals.days=30")
    numbered = {play(made, clock="compiled", replication=k).births["arrived"].tobytes(): pair for k, pair in parts.items()}
    fact = Fact("f", "f", "", 0, 1, "share", "A", lambda worlds: numbered[worlds["world"].log.births["arrived"].tobytes()])
    only = simulated({"world": made}, 3, facts=[fact]).rows[0]
    pseudo = [3 * 6 / 40 - 2 * (6 - a) / (40 - b) for a, b in parts.values()]
    assert only.simulated == pytest.approx(0.15)
    assert only.high - only.low == pytest.approx(min(1, 0.15 + (h := stats.t(2).ppf(0.975) * np.std(pseudo, ddof=1) / 3**0.5)) - max(0, 0.15 - h))


def test_every_fact_is_counted_in_its_worlds():
    """As shipped: no fact is left without a value, and the table is no wider than a terminal."""
    assert [row.fact for row in found().rows] == [fact.name for fact in FACTS]
    assert not [row.fact for row in found().rows if isnan(row.simulated)]
    assert max(len(line) for line in found().text().splitlines()) <= 100


def test_what_excludes_each_other_is_said():
    """Who does not convert leaves without converting: the source's exit rate of 70 % is read as a bounce."""
    said = " ".join(found().text().split())
    rows = {row.fact: row for row in found().rows}
    assert "exclude each other" in said
    assert rows["leave"].simulated == pytest.approx(1 - rows["rest_converts"].simulated * (1 - rows["bounce"].simulated), abs=1e-9)


def test_a_fact_outside_its_band_is_named():
    """By hand: one row above its band."""
    row = found().rows[0]._replace(words="something", simulated=0.9, least=0.1, most=0.2, verdict="outside")
    assert "Outside its band: something (90.0 % lies above 10.0 to 20.0)." in Found(found().world, (row,), 2).text()


def test_what_is_written_has_one_row_a_fact(tmp_path):
    """facts.csv, with how each fact is read."""
    found().write(tmp_path)
    lines = (tmp_path / "facts.csv").read_text().splitlines()
    assert len(lines) == 1 + len(FACTS)
    assert lines[0].startswith("fact,words,asked,simulated,low,high,least,most,verdict")


def test_a_fact_without_its_world_has_no_value():
    """The world alone: facts of sessions and of twins are empty, the others are there."""
    rows = {row.fact: row.verdict for row in simulated({counts.WORLD: load("customers=300")}, 2).rows}
    assert rows["bounce"] == rows["switch"] == rows["mail_causes"] == "absent"
    assert rows["consumers_convert"] != "absent"


def test_one_replication_is_refused():
    """One run of a coupled world has no interval."""
    with pytest.raises(ConfigError, match=r"study\.replications"):
        simulated({counts.WORLD: load("customers=300")}, 1)
