"""Numbers and names as people say them."""

import pytest

from sim.metrics import Metric
from sim.report.words import brief, clipped, days, inside, limits, money, percent, significant, spoken, width

NAN = float("nan")


@pytest.mark.parametrize(
    ("name", "said"),
    [("paid_search", "Paid search"), ("b2b", "B2B"), ("SaaS_team", "SaaS team"), ("$x$", "$x$"), ("evil\x1b[2J\u202e", "Evil\ufffd[2J\ufffd"), ("", "")],
)
def test_names_are_said_with_blanks_and_a_capital(name: str, said: str) -> None:
    """What can't be printed, such as a terminal's commands, is not passed on."""
    assert spoken(name) == said


@pytest.mark.parametrize(("name", "said"), [("paid_search", "paid search"), ("b2b", "B2B"), ("Email", "email"), ("SEO", "SEO")])
def test_names_inside_a_sentence_begin_small(name: str, said: str) -> None:
    """Unless they are abbreviations."""
    assert inside(name) == said


@pytest.mark.parametrize(
    ("share", "said"),
    [(0, "0 %"), (1, "100 %"), (0.031, "3.1 %"), (0.31, "31 %"), (0.0004, "0.04 %"), (0.996, "99.6 %"), (0.9999, "100 %"), (1.18, "118 %"), (NAN, "-")],
)
def test_shares_are_said_in_percent(share: float, said: str) -> None:
    """Two digits, more near nothing and near all."""
    assert percent(share) == said


@pytest.mark.parametrize(
    ("amount", "said"),
    [(1240.4, "EUR 1,240"), (68.8, "EUR 68.8"), (3.654, "EUR 3.65"), (-729, "-EUR 729"), (2_660_372, "EUR 2.66 million"), (0, "EUR 0"), (NAN, "-")],
)
def test_money_is_said_with_its_currency(amount: float, said: str) -> None:
    """Three digits or whole units."""
    assert money(amount, "EUR") == said


@pytest.mark.parametrize(
    ("amount", "said"), [(3.26, "3.26"), (4100.0, "4,100"), (38_774.0, "38.8k"), (-1.7e6, "-1.70M"), (2.5e9, "2.50bn"), (9_999.6, "10.0k")]
)
def test_limits_of_money_are_brief(amount: float, said: str) -> None:
    """An interval needs three digits at most."""
    assert brief(amount) == said


@pytest.mark.parametrize(
    ("time", "said"),
    [
        (275.0, "280 days"),
        (10.3, "10 days"),
        (4.0, "4 days"),
        (1.0, "1 day"),
        (0.57, "14 hours"),
        (1 / 24, "1 hour"),
        (0.0125, "18 minutes"),
        (0.0003, "26 seconds"),
        (0.0, "0 days"),
    ],
)
def test_time_is_said_in_the_unit_that_suits_it(time: float, said: str) -> None:
    """Two digits."""
    assert days(time) == said


def test_two_limits_never_look_the_same() -> None:
    """25.1 and 25.4 % would both be 25."""
    assert limits(Metric("engagement_rate", "all", "all", 0.2525, 0.251, 0.254, "share", 9)) == "25.1 to 25.4"
    assert limits(Metric("engagement_rate", "all", "all", 0.2525, NAN, NAN, "share", 9)) == ""


def test_long_names_keep_their_ends() -> None:
    """The end often tells names apart; wide letters count twice."""
    assert clipped("persona_with_a_long_name_7", 18) == "persona_wit...me_7"
    assert width("日本") == 4
    assert clipped("日本語", 5, "") == "日本"


def test_significant_digits_are_counted_after_rounding() -> None:
    """12,345 to two digits is 12,000, and 9.96 is 10."""
    assert [significant(value, 2) for value in (12_345, 1.234, 0.01234, 9.96, 0.0)] == ["12,000", "1.2", "0.012", "10", "0.0"]
