"""Every customer has a twin in every scenario (design 5): a change moves nobody but through what it changes."""

import numpy as np
import pandas as pd
import pytest

from sim.play import play
from tests import worlds
from tests.contracts.conservation import rows_of
from tests.contracts.test_placebo import independent


def by_identity(log):
    """Return the rows as a table with one line an occasion, addressed by identity and number."""
    rows = rows_of(log)
    table = pd.DataFrame({name: rows[name] for name in ("number", "stage_from", "stage_to", "channel", "time", "revenue", "cost", "satisfaction", "flags")})
    return table.assign(identity=log.births["identity"][rows["customer"]], persona=log.births["persona"][rows["customer"]])


def first_changes(before, after, column):
    """Return the first line of each customer in which a column differs, as (before, after)."""
    both = by_identity(before).merge(by_identity(after), on=["identity", "number"], suffixes=("", "_after")).sort_values(["identity", "number"])
    changed = both[both[column] != both[f"{column}_after"]].groupby("identity").head(1)
    return changed[["stage_from", column, f"{column}_after"]].astype(int)


def logs(raw, **values):
    """Return the logs of a world and of the same world with values put in."""
    return tuple(play(worlds.made(given, seed=5), clock="compiled") for given in (raw, worlds.put(raw, **values)))


def test_a_coupon_moves_twins_only_to_where_it_points():
    """Odds of one transition doubled: whoever goes elsewhere than before goes there, from there (a race; design 5)."""
    changed = first_changes(*logs(independent(4000), channels__mail__odds__weigh__buy=4.0), "stage_to")
    weigh, buy = list(worlds.STAGES).index("weigh"), list(worlds.STAGES).index("buy")

    assert len(changed) > 50
    assert set(changed["stage_from"]) == {weigh}
    assert set(changed["stage_to_after"]) == {buy}


def test_worse_odds_move_twins_only_away_from_there():
    """Odds of one transition halved: whoever goes elsewhere than before would have gone there."""
    changed = first_changes(*logs(independent(4000), channels__mail__odds__weigh__buy=0.9), "stage_to")

    assert len(changed) > 50
    assert set(changed["stage_to"]) == {list(worlds.STAGES).index("buy")}


@pytest.mark.parametrize("channel", ["ad", "mail", "call"])
@pytest.mark.parametrize("intensity", [0.0, 0.4, 1.3])
def test_intensity_moves_occasions_between_a_channel_and_own_alone(channel, intensity):
    """No occasion moves between other channels (the others at 1 or less): less gives back to own, more takes from own."""
    before, after = logs(worlds.put(independent(), channels__call__intensity=0.8), **{f"channels__{channel}__intensity": intensity})
    changed = first_changes(before, after, "channel")
    number = list(worlds.CHANNELS).index(channel) + 1
    base = 0.8 if channel == "call" else 1.0

    assert len(changed) > 20
    assert set(changed["channel"]) == ({0} if intensity > base else {number})
    assert set(changed["channel_after"]) == ({number} if intensity > base else {0})


def test_another_persona_is_another_matter():
    """Where nothing is shared, what one persona is like changes no byte of the other's rows."""
    values = {
        "personas__calm__pace": 0.5,
        "personas__calm__odds": {"weigh": {"lost": 3.0}},
        "personas__calm__traits": {"t": {"acts": "rate", "family": "gamma"}},
    }
    before, after = (by_identity(log).query("persona == 0") for log in logs(independent(), **values, personas__calm__set={"channels.ad.engage": 1.0}))

    pd.testing.assert_frame_equal(before.reset_index(drop=True), after.reset_index(drop=True))


STILL = {
    "an arm without customers": {"ab_test__arms__third": {"share": 0.0, "set": {"stages.buy.gap.mean": 1}}},
    "a channel without share": {"channels__new": {"odds": {"aware": {"buy": 9.0}}}},
    "a trait that bends nothing": {"personas__keen__traits__zeal": {"acts": "odds", "family": "gamma", "of": {"weigh": {"buy": 0.0}}}},
    "a trait that is one": {"personas__keen__traits__zeal": {"acts": "rate", "family": "fixed", "mean": 1.0}},
    "a stage that nobody enters": {"stages__limbo": {"kind": "churned"}},
    "a card and a margin": {"personas__keen__card": {"age": 30}, "personas__keen__margin": 0.2},
    "a driver written out": {"drivers__satisfaction__odds__love__gone": 0.3},
    "another clv window": {"money": {"clv_days": 30, "discount_rate": 0.5}},
}


@pytest.mark.parametrize("change", STILL)
def test_what_is_added_moves_no_other_draw(change):
    """R5: the log is identical, byte for byte."""
    before, after = logs(independent(), **STILL[change])

    assert before.births.tobytes() == after.births.tobytes()
    assert rows_of(before).tobytes() == rows_of(after).tobytes()


def test_a_test_that_changes_nothing_changes_only_the_arm():
    """A/A: with arms that set nothing, every customer does what they did without a test."""
    aa = {"name": "aa", "arms": {"a": {"share": 0.5}, "b": {"share": 0.5}}}
    before, after = (play(worlds.made(raw, seed=5), clock="compiled") for raw in (worlds.referral(), worlds.referral() | {"ab_test": aa}))

    assert rows_of(before).tobytes() == rows_of(after).tobytes()
    assert all(np.array_equal(before.births[n], after.births[n]) for n in before.births.dtype.names if n != "arm")
    assert np.unique(after.births["arm"]).tolist() == [0, 1]


def test_arms_go_by_the_name_of_the_test():
    """Another test's name deals anew; another change in an arm does not."""
    raw = worlds.arms()
    arm = [
        play(worlds.made(given, seed=5), clock="compiled").births["arm"]
        for given in (raw, worlds.put(raw, ab_test__name="x"), worlds.put(raw, channels__ad__engage=1))
    ]

    assert np.array_equal(arm[0], arm[2])
    assert np.mean(arm[0] == arm[1]) == pytest.approx(0.5, abs=5 * 0.5 / np.sqrt(2000))


def test_a_wallet_changes_what_is_spent_and_nothing_else():
    """A spend trait moves no draw: the same journeys, other revenue."""
    before, after = (by_identity(log) for log in logs(worlds.plain(), personas__keen__traits={"wallet": worlds.TRAITS["wallet"]}))

    pd.testing.assert_frame_equal(before.drop(columns="revenue"), after.drop(columns="revenue"))
    assert (before["revenue"] != after["revenue"]).any()


def test_the_referred_keep_their_identity():
    """Who is brought at the same occasion of the same parent is the same person: same identity, persona and arm."""
    before, after = logs(independent(4000), channels__mail__odds__weigh__buy=4.0)
    born = [pd.DataFrame(log.births).query("parent >= 0").set_index("identity") for log in (before, after)]
    both = born[0].merge(born[1], left_index=True, right_index=True, suffixes=("", "_after"))

    assert len(both) > 0.8 * len(born[0])
    assert (both["persona"] == both["persona_after"]).all()
    assert (both["arm"] == both["arm_after"]).all()
    assert (both.index >= 2**62).all()
    parents = [log.births["identity"][np.searchsorted(log.births["customer"], both[name])] for log, name in ((before, "parent"), (after, "parent_after"))]
    assert np.array_equal(*parents)
