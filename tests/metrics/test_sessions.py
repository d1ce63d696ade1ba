"""Sessions of seven visitors, worked by hand.

The site has the pages awareness, consideration and decision (prospect stages of conftest.py); retention is after the order. In minutes:

visitor  arrives  occasions                                              sessions: pages, minutes, end
0        0        leaves from awareness at 2                             1 page, 2, left: a bounce
1        10       consideration 13, decision 15, order 20                4 pages, 10, converted
2        20       awareness again 21, leaves 25                          2 pages, 5, left
3        30       consideration 33; 40 minutes later decision, then      2 pages, 3, left
                  leaves 5 minutes after that                            1 page, 5, left: a bounce
4        40       order at 41 (1 page and the page after it)             2 pages, 1, converted
                  a month later it comes back to decision, 3 minutes
                  later it leaves                                        1 page, 3, left: a bounce
5        50       leaves after 100 minutes                               1 page, 0, left: a bounce
6        60       nothing before the horizon                             1 page, 0, left: a bounce
"""

import math

import pytest

from sim.metrics import measure
from sim.metrics.journey import facts
from tests.metrics.conftest import row

MINUTE = 1 / (24 * 60)
LOOKS, WEIGHS, DECIDES, STAYS = "awareness", "consideration", "decision", "retention"
MONTH = 30 * 24 * 60

OCCASIONS = [
    (0, 2, "own", f"{LOOKS} > lost"),
    (1, 13, "search", f"{LOOKS} > {WEIGHS}"),
    (1, 15, "own", f"{WEIGHS} > {DECIDES}"),
    (1, 20, "own", f"{DECIDES} > {STAYS}"),
    (2, 21, "search", f"{LOOKS} > {LOOKS}"),
    (2, 25, "own", f"{LOOKS} > lost"),
    (3, 33, "own", f"{LOOKS} > {WEIGHS}"),
    (3, 73, "own", f"{WEIGHS} > {DECIDES}"),
    (3, 78, "own", f"{DECIDES} > lost"),
    (4, 41, "email", f"{LOOKS} > {STAYS}"),
    (4, 41 + MONTH, "own", f"{STAYS} > {DECIDES}"),
    (4, 44 + MONTH, "own", f"{DECIDES} > lost"),
    (5, 150, "own", f"{LOOKS} > lost"),
]
ALL = {
    "sessions": 9,
    "bounce_rate": 5 / 9,
    "exit_rate": 7 / 9,
    "visitor_conversion_rate": 2 / 7,
    "page_views": (1 + 4 + 2 + 2 + 1 + 2 + 1 + 1 + 1) / 9,
    "time_on_site": (2 + 10 + 5 + 3 + 5 + 1 + 3) * MINUTE / 9,
}
BY_STAGE = {
    # pages seen: awareness 0 1 2 2 3 4 5 6, left from by 0, 2, 5 and 6; consideration 1 3, left from by 3; decision 1 3 4, by 3 and 4
    "exit_rate": {LOOKS: 4 / 8, WEIGHS: 1 / 2, DECIDES: 2 / 3},
    "bounce_rate": {LOOKS: 3 / 7, WEIGHS: math.nan, DECIDES: 1},  # of the sessions that began there
}
BY_CHANNEL = {
    "visitor_conversion_rate": {"own": 0, "search": 1 / 2, "email": 1},
    "sessions": {"own": 5, "search": 2, "email": 2},
    "share_of_arrivals": {"own": 4 / 7, "search": 2 / 7, "email": 1 / 7},
    "share_of_conversions": {"own": 0, "search": 1 / 2, "email": 1 / 2},
    "conversion_index": {"own": 0, "search": 1.75, "email": 3.5},
}


@pytest.fixture
def visits(make_log):
    """Return the log of the seven."""
    rows = [row(who, minute * MINUTE, channel, step) for who, minute, channel, step in OCCASIONS]
    return make_log([10 * k * MINUTE for k in range(7)], rows, horizon=60.0)


@pytest.fixture
def values(visits):
    """Return its metrics."""
    return {(m.metric, m.by, m.group): m for m in measure(visits)}


@pytest.mark.parametrize("name", ALL)
def test_a_session_is_what_a_hand_finds(values, name):
    """The table above."""
    assert values[name, "all", "all"].value == pytest.approx(ALL[name])


@pytest.mark.parametrize(("by", "expected"), [("stage", BY_STAGE), ("channel", BY_CHANNEL)])
def test_pages_and_sources_are_what_a_hand_finds(values, by, expected):
    """A page's exits are of its views; a source is the channel of the first touch."""
    for name, groups in expected.items():
        assert {group: values[name, by, group].value for group in groups} == pytest.approx(groups, nan_ok=True), name


def test_no_session_is_lost_between_blocks(visits):
    """Two blocks say what one says."""
    from dataclasses import replace

    (_, _, rows), *_ = visits.blocks()
    cut = [(0, 4, rows[rows["customer"] < 4]), (4, 7, rows[rows["customer"] >= 4])]
    once, twice = (facts(log, intervals=False).sessions for log in (visits, replace(visits, blocks=lambda: iter(cut))))
    assert once.pages.tolist() == twice.pages.tolist() == [1, 4, 2, 2, 1, 2, 1, 1, 1]
    assert once.customer.tolist() == twice.customer.tolist() == [0, 1, 2, 3, 3, 4, 4, 5, 6]


def test_where_people_do_not_browse_there_is_no_session(ten):
    """Ten customers whose occasions are days apart."""
    found = [m for m in measure(ten) if m.metric in ALL]
    assert {m.metric for m in found} == set(ALL)
    assert all(math.isnan(m.value) and m.note.startswith("no sessions") for m in found)
