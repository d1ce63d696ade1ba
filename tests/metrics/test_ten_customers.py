"""Every metric of ten customers, worked by hand (the log is in conftest.py).

Arrivals 0 5 10 0 20 380 15 30 0 25, horizon 400, so F = 400 395 390 400 380 20 385 370 400 375; half of ten were followed
for W = 390 days.  Days to conversion (E) or to leaving before it (L): 30E 30E 2L 100E 40E - 30L - - 1L.
Aalen-Johansen, S just before: day 1 L of 10, S = 1; day 2 L of 9, S = .9; day 20 customer 5 is out of sight; day 30 two E and
one L of 7, S = .8; day 40 E of 4, S = .8 × 4/7 = 16/35; day 100 E of 3, S = 12/35: every conversion adds 4/35.
"""

import math

import pytest

from sim.metrics import METRICS, measure
from sim.metrics.table import COLUMNS, TOO_SHORT, frame

MONTHS = 580 / (365 / 12)  # the four converted: 370 + 60 + 70 + 80 days from conversion to leaving or the horizon


def d(days: float) -> float:
    """Return the discount factor at 10 % a year."""
    return 1.1 ** (-days / 365)


# Money. Contribution is half of revenue, 3/8 of it with the e-mail's discount of 20 %: (.5 - .2) / .8.
# Orders: 0: 100, 80 (e-mail), 20; 1: 100; 3: 200; 4: 50.  Variable costs: 0: 2 + .5 + .5 (serving); 1: 2; 3: .5; 4: .1; 5: .5.
# Fixed: search 10 in month 0 on two exposures (0, 4): 5 each; e-mail 6 in a month without e-mails: 1.5 on each of four (0, 0, 3, 5);
# sales 200 in month 1 and 40 in month 6, when only 4 and only 8 were served.  Of these only 0's second e-mail came after conversion.
CLV_NEAR = (50 + 50 + 100 + 25) + (30 - 0.5) * d(30)
SPENT_TO_WIN = 5.6 + (5 + 5) + 3 * 1.5 + 200 + 40
CAC = (SPENT_TO_WIN - 0.5 - 1.5) / 4  # customer 5 was not followed for 365 days

ALL = {
    "arrived": 10,
    "leads": 3,  # 0, 3, 5: by e-mail, as prospects
    "lead_rate": 0.3,
    "cpl": SPENT_TO_WIN / 3,
    "conversion_rate": 0.4,
    "conversion_rate_30d": 8 / 35,
    "conversion_rate_90d": 12 / 35,
    "conversion_rate_365d": 16 / 35,
    "time_to_convert": 35,  # 30 30 40 100, equally likely: between 30 and 40
    "time_to_convert_mean": 50,
    "touches_to_convert": 1,  # 2 1 1 1
    "touches_to_convert_mean": 1.25,
    "back_step_rate": 3 / 13,  # moves: 3 + 1 + 3 + 3 + 1 + 2; back: 3, 4 and 8 once each
    "skip_rate": 3 / 13,  # 1 and 3 from awareness, 4 from consideration
    "loop_rate": 2 / 13,  # 3 into decision, 8 into awareness; 4 had not been in decision
    "churn_rate_monthly": 3 / MONTHS,
    "retention_30d": 1,
    "retention_90d": 0.25,  # left after 60, 70, 80 days
    "retention_365d": 0.25,
    "clv": CLV_NEAR / 4,  # 200 days
    "clv_365d": (CLV_NEAR + 10 * d(350) * 4 / 2) / 4,  # at 350 days two of the four (F = 370, 365, 300, 340) are followed
    "value_365d": (-0.1 * d(5) - 2.5 * d(10)) / 10  # all ten have F > 10; F > 20 leaves nine
    + (-0.5 * d(20) + 98 * d(30) + 25 * d(40) - 0.5 * d(50) + 29.5 * d(60) + 100 * d(100)) / 9,
    "revenue": 550,
    "margin": 265,
    "cost": 6.1 + 256,
    "profit": 265 - 262.1,
    "cac": CAC,
    "mer": 550 / (4.1 + 10),
    "roas": 550 / (4.1 + 10),
    "ltv_to_cac": CLV_NEAR / 4 / CAC,
    "payback_days": 350,  # mean contribution 56.25 at once, 63.75 from day 30, 68.75 from day 350 (weight 2); cac is 64.525
    "order_value": 550 / 6,
    "order_frequency": 6 / MONTHS,
    "exposures": 9,
    "engagement_rate": 8 / 9,
    "queue_wait": 0.5,  # served: 4 waited a day, 8 none
    "gave_up_rate": 0.5,
    "utilisation": 1 / 400,
    "satisfaction": (0.1 + 0.2 + 0.3 + 0 - 0.1 + 0.5 + 0.2 + 0) / 8,
    "referrals": 0,
    **dict.fromkeys(("sessions", "bounce_rate", "exit_rate", "visitor_conversion_rate", "page_views", "time_on_site"), math.nan),  # days apart: no site
    "share_of_arrivals": 1,
    "share_of_conversions": 1,
    "conversion_index": 1,
}

BY_STAGE = {
    # consideration: 0 and 5 on day 10, 4 on day 20, 8 on day 200; everybody else was seen to leave or to W
    # decision: 1/10 on day 20 (then 5 is out of sight), 1/5 of S = .7 × 5/6 on day 50, 1/3 of .35 on day 100
    # lost: 1/10, 1/10, then 1/7 of .8 = 4/35 each on days 30, 120 and 170; churned on day 90: 1/6 of 24/35
    "stage_reach": {"awareness": 1, "consideration": 0.4, "decision": 1 / 3, "retention": 16 / 35, "churned": 4 / 35, "lost": 19 / 35},
    "drop_off_rate": {"awareness": 11 / 35, "consideration": 0, "decision": (8 / 35) / (1 / 3), "retention": (4 / 35) / (16 / 35)},
    # awareness: 1 2 10 10 20 30 30 50 100+ 200 370+ of 11 visits, W = 385; consideration 10 10+ 20 100; retention 50 60 60 370+, W = 365
    "dwell_time": {
        "awareness": (11 + 10 + 8 * 9 + 10 * 7 + 10 * 6 + 20 * 4 + 150 * 3 + 185 * 1.5) / 11,
        "consideration": 10 + 10 * 0.75 + 80 * 0.375,
        "decision": (10 + 50 + 20 + 20) / 4,
        "retention": 50 + 10 * 0.75 + 305 * 0.25,
    },
    "back_step_rate": {"awareness": 0, "consideration": 1 / 3, "decision": 0, "retention": 1},
}
BY_CHANNEL = {
    "arrived": {"own": 4, "search": 2, "email": 2, "call": 2},  # first engaged touch
    # own costs of 0 and 1, of 3, of 4 and 8; search's and e-mail's monthly costs of prospects stay with them
    "cac": {"own": math.nan, "search": (4.5 + 10) / 2, "email": (0.5 + 3) / 1, "call": 240.1 / 1},
    "roas": {"own": math.nan, "search": 300 / 14.1, "email": math.nan},
    "cost": {"search": 4.1 + 10, "email": 2 + 6, "call": 0, "own": 0},
    "exposures": {"search": 3, "email": 4, "call": 2},
    "share_of_arrivals": {"own": 0.4, "search": 0.2, "email": 0.2, "call": 0.2},
    "share_of_conversions": {"own": 0, "search": 0.5, "email": 0.25, "call": 0.25},  # 0 and 1, 3, 4
    "conversion_index": {"own": 0, "search": 2.5, "email": 1.25, "call": 1.25},
    "engagement_rate": {"search": 2 / 3, "email": 1, "call": 1},
}
BY_MONTH = {
    "arrived": {"0": 9, "1": 0, "12": 1},  # month 0 ends on day 30.4
    "revenue": {"0": 100, "1": 230, "3": 200, "12": 20},
    "cost": {"0": 2 + 0.5 + 0.1 + 10, "1": 0.5 + 2 + 0.5 + 200, "2": 6, "6": 40, "12": 0.5},
    "churn_rate_monthly": {"0": 0, "13": 0, "4": 1 / ((365 / 12 * 2 + (140 - 365 / 3)) / (365 / 12))},  # day 121.7 to 152.1: 0 and 3, and 4 until 140
}


@pytest.fixture(scope="module")
def values(ten):
    return {(m.metric, m.by, m.group): m for m in measure(ten)}


@pytest.mark.parametrize("name", ALL)
def test_the_metric_is_what_a_hand_finds(values, name):
    """Money and satisfaction are kept in single precision, hence 1e-6."""
    assert values[name, "all", "all"].value == pytest.approx(ALL[name], rel=1e-6, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize(("by", "expected"), [("stage", BY_STAGE), ("channel", BY_CHANNEL), ("month", BY_MONTH)])
def test_groups_are_what_a_hand_finds(values, by, expected):
    """Events belong to the occasion's channel and month, customers to their first channel and the month of arrival."""
    wrong = {
        (name, group): (values[name, by, group].value, value)
        for name, groups in expected.items()
        for group, value in groups.items()
        if values[name, by, group].value != pytest.approx(value, rel=1e-6, abs=1e-9, nan_ok=True)
    }

    assert not wrong


def test_intervals_do_not_change_values(ten, values):
    """With and without intervals the estimates are the same; only the former have limits."""
    plain = measure(ten, intervals=False)

    assert all(math.isnan(m.low) and math.isnan(m.high) for m in plain)
    for m in plain:
        assert m.value == pytest.approx(values[m.metric, m.by, m.group].value, rel=1e-9, abs=1e-9, nan_ok=True), m


def test_every_metric_of_the_contract_is_there(values):
    """`METRICS` has a line for each, and every one has rows."""
    assert set(ALL) | set(BY_STAGE) == set(METRICS) == {name for name, _, _ in values}


def test_nothing_says_why(values):
    """A value that is missing has a reason; what few customers say is marked."""
    assert all(m.note for m in values.values() if math.isnan(m.value))
    assert "few" in values["conversion_rate_30d", "all", "all"].note
    assert math.isnan(values["clv", "all", "all"].low)  # four conversions


def test_a_window_longer_than_the_follow_up_has_no_value(ten):
    """Two of four converted customers were followed for 365 days, none for 1,095."""
    from dataclasses import replace

    long = measure(replace(ten, terms=replace(ten.terms, clv_days=1095.0)), intervals=False)
    clv = next(m for m in long if m.metric == "clv" and m.by == "all")

    assert math.isnan(clv.value)
    assert clv.note == TOO_SHORT


def test_the_table_is_tidy(values):
    """The columns of the contract, in its order."""
    assert tuple(frame(values.values()).columns) == COLUMNS
