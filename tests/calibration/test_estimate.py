"""Counting and maximum likelihood on logs whose origin is known."""

import numpy as np
import pytest

from sim.calibration.estimate import estimate, usable
from sim.calibration.options import Options
from sim.calibration.read import read
from sim.errors import ConfigError, LogError
from tests.calibration import known


def learned(path, **options):
    chosen = Options.of(options)
    log, account = usable(*read(path), chosen)
    return estimate(log, chosen), account


def by_hand(folder, rows):
    path = folder / "log.csv"
    path.write_text("customer,time,stage,channel,revenue\n" + "\n".join(rows) + "\n")
    return path


ROWS = ["a,0,x,,", "a,1,y,mail,", "a,3,x,,", "a,4,z,,10", "b,0,y,,", "b,2,y,mail,", "b,5,z,,20", "b,6,z,,", "c,0,x,,", "c,2,gone,,", "c,3,x,,"]


def test_counts_are_those_counted_by_hand(tmp_path):
    """Three customers: x leads to y, z and gone once each, so 1/3 with standard error sqrt(2/27); the row after the exit is counted out."""
    found, account = learned(by_hand(tmp_path, ROWS), exits=["gone"], customer_stages=["z"], idle_days=100)
    x, z = (next(stage for stage in found.stages if stage.name == name) for name in "xz")

    assert {name: number.value for name, number in x.next.items()} == pytest.approx({"y": 1 / 3, "z": 1 / 3, "gone": 1 / 3})
    assert x.next["y"].se == pytest.approx((2 / 27) ** 0.5)
    assert (x.entry.value, x.entry.seen) == (pytest.approx(2 / 3), 2)
    assert (z.order["on_entry"].value, z.order["on_stay"].value) == (1.0, 0.0)
    assert account.dropped == {"after an exit": 1}
    assert account.balances


def test_a_channels_share_is_its_part_of_the_occasions_that_leave_a_stage(tmp_path):
    """Mail brought a from x to y (one of three occasions in x) and kept b in y (one of three in y)."""
    found, _ = learned(by_hand(tmp_path, ROWS), exits=["gone"], idle_days=100)

    shares = {stage: number.value for stage, number in found.channels[0].share.items()}

    assert shares == pytest.approx({"x": 1 / 3, "y": 1 / 3})


def test_nothing_is_guessed_and_it_is_said(tmp_path):
    """A stage called purchase is a prospect stage until it is named; the notes propose it."""
    found, _ = learned(by_hand(tmp_path, ["a,0,x,,", "a,1,purchase,,", "b,0,x,,", "b,2,lost,,"]), idle_days=1)

    assert {stage.kind for stage in found.stages if stage.gap} == {"prospect"}
    assert any("purchase sounds like" in note for note in found.notes)
    assert any("lost sounds like" in note for note in found.notes)
    assert "gone" in {stage.name for stage in found.stages}  # not `lost`, which the log has


def test_idle_customers_left_and_others_are_open(tmp_path):
    """The log ends on day 10; of the three last seen in y, two have been silent for over 5 days."""
    rows = ["a,0,x,,", "a,1,y,,", "b,0,x,,", "b,2,y,,", "c,0,x,,", "c,8,y,,", "d,0,y,,", "d,10,x,,"]

    found, _ = learned(by_hand(tmp_path, rows), idle_days=5)
    y = next(stage for stage in found.stages if stage.name == "y")

    assert (y.next["lost"].value, y.next["lost"].seen) == (pytest.approx(2 / 3), 2)
    assert (y.gap.gaps, y.gap.open) == (1, 1)


@pytest.fixture(scope="module")
def recovered(tmp_path_factory):
    """Return what is learned from the known world's log, through a file."""
    path = tmp_path_factory.mktemp("logs") / "known.csv"
    known.written(known.observed(), path)
    return learned(path, customer_stages=["buying"])


def test_a_known_worlds_transitions_come_back(recovered):
    """Every probability, the unseen exits' too, is within 5 standard errors of the one simulated."""
    found, account = recovered
    truth = known.WORLD["stages"]

    assert account.balances
    for stage in found.stages:
        for name, number in stage.next.items():
            assert abs(number.value - truth[stage.name]["next"][name]) <= 5 * number.se, (stage.name, name)


def test_a_known_worlds_gaps_come_back_although_the_log_ends(recovered):
    """Families and means of the simulated gaps, within 5 standard errors."""
    found, _ = recovered
    for stage in found.stages:
        if stage.gap:
            gap = known.WORLD["stages"][stage.name]["gap"]
            assert stage.gap.family == gap["family"]
            assert abs(stage.gap.mean - gap["mean"]) <= 5 * stage.gap.mean_se


def test_a_known_worlds_personas_channels_and_orders_come_back(recovered):
    """Shares, the engaged part, order chances and mean order values, within 5 standard errors."""
    found, _ = recovered
    mail, buying = found.channels[0], next(stage for stage in found.stages if stage.name == "buying")
    shares = {persona.name: persona for persona in found.personas}

    pairs = [(mail.share["looking"], 0.3), (mail.share["buying"], 0.1), (mail.engage, 0.6), (shares["new"].share, 0.7), (buying.order["on_stay"], 0.4)]
    for number, truth in pairs:
        assert abs(number.value - truth) <= 5 * number.se
    assert buying.order["on_entry"].value == 1
    for name, mean in (("new", 60), ("old", 100)):
        assert abs(shares[name].value.mean - mean) <= 5 * shares[name].value.mean_se


def test_visits_with_days_between_them_pass_through_away(tmp_path):
    """Gaps of minutes inside a visit and of days between: both means come back, where one family alone fits badly."""
    chance = np.random.Generator(np.random.PCG64(5))
    rows = []
    for customer in range(250):
        day = chance.uniform(0, 100)
        while day < 200:
            rows.append(f"c{customer},{day:.12f},page,,")
            day += chance.exponential(0.002) if chance.random() < 0.8 else chance.exponential(15)
    path = by_hand(tmp_path, rows)

    (away, page), plain = learned(path, session_minutes=30)[0].stages, learned(path)[0]

    assert abs(away.gap.mean - 15) <= 5 * away.gap.mean_se + 0.05
    assert abs(page.gap.mean - 0.002) <= 5 * page.gap.mean_se
    assert abs(page.next["away"].value - 0.2) <= 5 * page.next["away"].se
    assert any("session_minutes" in note for note in plain.notes)


WRONG = [({"exits": ["gon"]}, "study.exits"), ({"idle_day": 3}, "study.idle_day"), ({"idle_days": -1}, "study.idle_days"), ({"stages": ["x"]}, "study.stages")]


@pytest.mark.parametrize(("options", "path"), WRONG)
def test_wrong_options_are_told_by_path(tmp_path, options, path):
    """A stage that isn't in the log, an unknown key, a senseless number, and an order that forgets a stage."""
    with pytest.raises(ConfigError) as caught:
        learned(by_hand(tmp_path, ROWS), **options)

    assert path in [problem.path for problem in caught.value.problems]


def test_an_exit_that_comes_first_is_counted_out(tmp_path):
    """A customer whose only event is the exit was never in the journey."""
    found, account = learned(by_hand(tmp_path, ["a,0,gone,,", "b,0,x,,", "b,1,x,,", "b,2,gone,,"]), exits=["gone"], idle_days=9)

    assert account.dropped == {"in an exit as the customer's first event": 1}
    assert (found.customers, account.balances) == (1, True)


def test_a_log_of_single_events_is_refused(tmp_path):
    """Nobody has two events: no gap can be learned."""
    with pytest.raises(LogError, match="two events"):
        learned(by_hand(tmp_path, ["a,0,x,,", "b,1,y,,"]))
