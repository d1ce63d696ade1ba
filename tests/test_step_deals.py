"""Tests for what customers pay and when: prices, refunds, instalments, upgrades, rewards, and who is there on day 0."""

import numpy as np
import pytest
from scipy import stats

from sim import log as L
from sim.clocks import compiled_clock, simpy_clock
from sim.jit import entry
from sim.metrics import measure
from sim.model.exact import solve
from sim.model.numbering import queues
from sim.model.tables import tables
from sim.play import play
from sim.rules.desks import whose
from tests import worlds
from tests.contracts.conservation import rows_of
from tests.test_step import rows

FIXED = {"mean": 50, "family": "fixed"}
WEEKLY = {"fee": {"mean": 10, "family": "fixed"}, "period": 7.0}


def paying(customers=1, horizon=200.0, channels=None, **revenue):
    """Return the world of one order on day 1 (gone on day 2) by customers who pay like this, at a margin of 0.4."""
    raw = worlds.put(worlds.line(customers=customers, horizon=horizon), personas__one__revenue={"value": FIXED} | revenue, personas__one__margin=0.4)
    return raw | {"channels": channels or {}}


def deciding(customers, **more):
    """Return a world where one in five buys at the first occasion, and the others are lost."""
    return worlds.put(paying(customers, **more), stages__look__next={"buy": 0.2, "lost": 0.8})


def subscribed(more=None, **contract):
    """Return the world of one customer from day 1 on who stays, at a fee of 10 a week for 30 days; ``more`` are other terms."""
    terms = {"model": "contract", "contract": WEEKLY | contract} | (more or {})
    return worlds.put(worlds.line(horizon=30.0), stages__buy__gap={"mean": 99, "family": "fixed"}, personas__one__revenue=terms)


def billed(seen):
    """Return (day, money) of what fell due by the calendar."""
    due = seen[L.kind(seen) == L.BILLING]
    return list(zip(due["time"].tolist(), due["revenue"].tolist(), strict=True))


@entry
def fill_owners(t, lives, desk, out):
    """Fill in the queue that each customer joins at a desk."""
    for k in range(len(lives)):
        out[k] = whose(t, lives[k], desk)


def bought(raw):
    """Return how many bought."""
    return int(np.count_nonzero(L.ordered(rows(raw))))


def z(count, n, p):
    """Return the standard errors between a count and n p."""
    return abs(count - n * p) / np.sqrt(n * p * (1 - p))


def total(raw, name):
    """Return a metric of the whole run."""
    return next(m.value for m in measure(play(worlds.made(raw), clock="compiled"), intervals=False) if (m.metric, m.by) == (name, "all"))


def test_a_higher_price_loses_by_its_sensitivity():
    """Odds of 0.25 times 1.25^-2 are 0.16: a share of 0.16 / 1.16 buys, and pays 62.50 for what costs 30."""
    raw = deciding(20_000, price=1.25, sensitivity={"look": {"buy": -2.0}})
    count = bought(raw)

    assert z(count, 20_000, 0.16 / 1.16) < 5
    assert total(raw, "revenue") == pytest.approx(62.5 * count)
    assert total(raw, "margin") == pytest.approx(32.5 * count)


def test_a_price_bends_the_exact_solution_too():
    """At 1.25 times the price 0.16 / 1.16 convert (see above) and pay 62.50 each; an order of worth 3 triples that."""
    raw = deciding(1, price=1.25, sensitivity={"look": {"buy": -2.0}})
    found, dear = (solve(worlds.made(one)).ever for one in (raw, worlds.put(raw, stages__buy__order={"on_entry": 1.0, "worth": 3.0})))

    assert found["conversion_rate"] == pytest.approx(0.16 / 1.16, rel=1e-9)
    assert [found["revenue"], dear["revenue"]] == pytest.approx([62.5 * 0.16 / 1.16, 187.5 * 0.16 / 1.16], rel=1e-9)


def test_a_fee_has_its_price():
    """At 1.5 times the list price a fee of 10 is 15."""
    assert billed(rows(subscribed({"price": 1.5}))) == [(day, 15) for day in (1, 8, 15, 22, 29)]


def test_contracts_and_refunds_go_side_by_side():
    """Ordered and signed on day 1, gone on day 2: the last fee of a term of two weeks and the 50 that go back fall due on day 8, and both are paid."""
    raw = subscribed({"value": FIXED, "refund": {"chance": 1.0, "after": {"mean": 7, "family": "fixed"}}}, term=14.0)
    seen = rows(worlds.put(raw, stages__buy__gap={"mean": 1, "family": "fixed"}))

    assert billed(seen) == [(1, 10), (8, 10), (8, -50)]
    assert seen["revenue"].sum() == 20


def test_a_discount_is_a_lower_price_for_those_who_engage():
    """Half engage with a fifth off: their odds are 0.25 x 0.8^-2; the others see the list price (and get the discount all the same)."""
    coupon = {"mail": {"share": 1.0, "engage": 0.5, "discount": 0.2}}
    raw = deciding(20_000, channels=coupon, sensitivity={"look": {"buy": -2.0}})
    odds = 0.25 * 0.8**-2

    assert z(bought(raw), 20_000, (0.2 + odds / (1 + odds)) / 2) < 5
    assert total(raw, "margin") == pytest.approx(50 * 0.2 * bought(raw))


def test_a_discount_is_a_lower_price_whatever_the_channel_shows():
    """All engage with one of two contents at a fifth off: odds of 0.25 x 0.8^-2, for one content times 2."""
    shows = {"plain": {"weight": 0.5}, "bold": {"weight": 0.5, "odds": {"look": {"buy": 2.0}}}}
    coupon = {"mail": {"share": 1.0, "engage": 1.0, "discount": 0.2, "contents": shows}}
    odds = 0.25 * 0.8**-2

    assert z(bought(deciding(20_000, channels=coupon, sensitivity={"look": {"buy": -2.0}})), 20_000, (odds / (1 + odds) + 2 * odds / (1 + 2 * odds)) / 2) < 5


def test_what_is_returned_is_paid_back_and_earns_nothing():
    """Ordered on day 1 at a tenth off, returned on day 8: revenue and contribution are 0, on the channel of the order; no exposure is counted twice."""
    raw = paying(channels={"mail": {"share": 1.0, "discount": 0.1}}, refund={"chance": 1.0, "after": {"mean": 7, "family": "fixed"}})
    seen = rows(raw)

    np.testing.assert_allclose(seen["time"], [1, 2, 8])
    np.testing.assert_allclose(seen["revenue"], [45, 0, -45])
    assert [total(raw, name) for name in ("revenue", "margin", "exposures")] == [0, 0, 2]


def test_three_in_ten_send_it_back():
    """A chance of 0.3 of 20,000 orders."""
    seen = rows(paying(20_000, refund={"chance": 0.3}))

    assert z(int(np.count_nonzero(seen["revenue"] < 0)), 20_000, 0.3) < 5


def test_instalments_go_on_after_the_customer_has_left():
    """Four parts of 12.50, from day 1 every 30 days; gone on day 2."""
    seen = rows(paying(instalments={"number": 4, "every": 30.0}))
    money = seen[seen["revenue"] > 0]

    assert list(zip(money["time"].tolist(), money["revenue"].tolist(), strict=True)) == [(1, 12.5), (31, 12.5), (61, 12.5), (91, 12.5)]
    assert np.count_nonzero(L.ordered(seen)) == 1


def test_who_owes_for_many_orders_pays_the_next_one_at_once():
    """An order a day in 400 daily parts: room for six debts; the seventh order and all later ones are paid whole."""
    raw = worlds.put(paying(instalments={"number": 400, "every": 1.0}, horizon=12.5), stages__buy={"kind": "customer", "gap": {"mean": 1, "family": "fixed"}})
    raw = worlds.put(raw, stages__buy__next={"buy": 1.0}, stages__buy__order={"on_entry": 1.0, "on_stay": 1.0})
    seen = rows(raw)

    assert seen["revenue"][L.ordered(seen)].tolist() == [0.125] * 6 + [50.0] * 6


def test_who_waits_for_many_refunds_gets_the_next_one_at_once():
    """An order a day, each sent back after 99 days: room for six; from the seventh on an order is paid back at once, and brings nothing."""
    raw = worlds.put(paying(refund={"chance": 1.0, "after": {"mean": 99, "family": "fixed"}}, horizon=12.5), stages__buy__next={"buy": 1.0})
    seen = rows(worlds.put(raw, stages__buy__order={"on_entry": 1.0, "on_stay": 1.0}))

    assert seen["revenue"][L.ordered(seen)].tolist() == [50.0] * 6 + [0.0] * 6


def test_another_product_is_worth_more():
    """An order that enters a stage of worth 3 brings 150."""
    assert total(worlds.put(paying(), stages__buy__order={"on_entry": 1.0, "worth": 3.0}), "revenue") == 150


def test_upgrades_change_the_fee_from_the_next_one_on():
    """Signed on day 9 at 10 a week, in the better stage from day 18, looking again from day 27 (which keeps the fee), back from day 36."""
    days = {"mean": 9, "family": "fixed"}
    raw = worlds.put(subscribed(by_stage={"better": 2.5}), horizon=40.0, stages__look__gap=days)
    raw["stages"]["buy"] = {"kind": "customer", "next": {"better": 1.0}, "gap": days}
    raw["stages"]["better"] = {"kind": "customer", "next": {"look": 1.0}, "gap": days}

    assert billed(rows(raw)) == [(9, 10), (16, 10), (23, 25), (30, 25), (37, 10)]


def test_who_is_there_pays_the_fee_of_their_stage_from_the_first_one_on():
    """A stage that multiplies fees by 2.5 takes 25 from each of five customers, once a week."""
    seen = rows(subscribed(by_stage={"buy": 2.5}) | {"start": {"buy": {"one": 5}}, "horizon": 28.0})

    assert [money for _, money in billed(seen[seen["customer"] > 0])] == [25] * 20


def test_who_is_there_is_assigned_to_an_arm_like_everybody():
    """A share of 0.3 of 20,000."""
    arms = {"name": "size", "arms": {"small": {"share": 0.3}, "large": {"share": 0.7}}}
    log = play(worlds.made(worlds.line(), ab_test=arms, start={"buy": {"one": 20_000}}), clock="compiled")

    assert z(int(np.count_nonzero(log.births["arm"][1:] == 0)), 20_000, 0.3) < 5


def test_a_reward_is_paid_when_who_was_referred_converts():
    """Everybody in the buying stage refers somebody once; each of them costs 7 in a row of its own, on no channel, just before; founders nothing."""
    raw = worlds.put(paying(5, horizon=20.0), referral={"chance": {"buy": 1.0}, "enters": "look", "reward": 7.0})
    log = play(worlds.made(raw), clock="compiled")
    seen = rows_of(log)
    buying = log.terms.stages.index("buy")
    won = np.flatnonzero((seen["stage_to"] == buying) & (seen["stage_from"] != buying) & (log.births["parent"][seen["customer"]] >= 0))
    reward = seen[won - 1]

    assert len(won) > 5
    assert np.array_equal(np.flatnonzero(seen["cost"]), won - 1)
    assert set(reward["cost"]) == {7.0}
    assert set(L.kind(reward)) == {L.BILLING}
    assert not reward["channel"].any()
    assert np.array_equal(reward[["customer", "time"]], seen[won][["customer", "time"]])


def test_rows_are_kept_where_they_fill_an_array_to_the_last_one(monkeypatch):
    """A reward and the conversion after it are written together: whatever the size of the arrays, on both clocks, the log is the same."""
    raw = worlds.put(paying(40, horizon=20.0), referral={"chance": {"buy": 0.5}, "enters": "look", "reward": 7.0})
    whole = rows_of(play(worlds.made(raw), clock="compiled"))
    for size in (7, 8):
        monkeypatch.setattr(compiled_clock, "CHUNK_ROWS", size)
        monkeypatch.setattr(simpy_clock, "CHUNK_ROWS", size)

        assert all(rows_of(play(worlds.made(raw), clock=clock)).tobytes() == whole.tobytes() for clock in ("compiled", "simpy"))


def test_a_probability_is_beta_distributed():
    """With Beta(2, 3), 2/5 buy at the first occasion; of two in a row (4/10) x (3/6) = 1/5 stay both times (sBG: Fader and Hardie 2007)."""
    trait = {"acts": "probability", "family": "beta", "a": 2.0, "b": 3.0}
    raw = worlds.put(deciding(20_000), personas__one__traits={"heart": trait | {"of": {"look": {"buy": 1.0}}}})
    stays = worlds.put(paying(20_000), stages__buy__next={"buy": 0.9, "gone": 0.1}, personas__one__traits={"heart": trait | {"of": {"buy": {"buy": 1.0}}}})
    seen = rows(stays | {"horizon": 3.5})

    assert z(bought(raw), 20_000, 0.4) < 5
    assert z(int(np.count_nonzero((seen["stage_from"] == seen["stage_to"]) & (seen["time"] == 3))), 20_000, 0.2) < 5


def test_engagement_wears_off_along_hills_curve():
    """The k-th exposure finds a level of k - 1: 0.6 / (1 + ((k - 1) / 2)^1.5) engage."""
    raw = worlds.put(paying(20_000, horizon=5.5, channels={"ad": {"share": 1.0, "engage": 0.6}}), stages__look__next={"look": 0.9, "buy": 0.1})
    raw = worlds.put(raw, drivers={"seen": {"adds": {"exposure": 1.0}, "range": [0, 99]}}, stages__buy__gap={"mean": 99, "family": "fixed"})
    seen = rows(worlds.put(raw, channels__ad__saturation={"driver": "seen", "half": 2.0, "shape": 1.5}))

    for k in range(5):
        at = seen[seen["number"] == k]
        assert z(int(np.count_nonzero(L.engaged(at))), len(at), 0.6 / (1 + (k / 2) ** 1.5)) < 5


def test_a_rule_sees_a_level_reached():
    """Two orders make two points, above 1.5: the club's letter comes on the day of the second order, day 2, and of the third."""
    raw = worlds.put(paying(horizon=3.5, channels={"mail": {}}), stages__buy={"kind": "customer", "next": {"buy": 1.0}, "gap": {"mean": 1, "family": "fixed"}})
    raw = worlds.put(raw, stages__buy__order={"on_entry": 1.0, "on_stay": 1.0}, drivers={"points": {"adds": {"order": 1.0}, "range": [0, 9]}})
    seen = rows(raw | {"rules": {"club": {"when": {"above": {"points": 1.5}}, "do": {"channel": "mail"}, "at_most": 9}}})

    assert seen["time"][L.kind(seen) == L.RULE].tolist() == [2.0, 3.0]


def test_contracts_of_those_who_are_there_are_some_way_into_their_term():
    """700 under contract for 28 days at a fee a week: every week as many pay as in any other, from the first on, and 700 in all."""
    seen = rows(subscribed(term=28.0) | {"start": {"buy": {"one": 700}}, "horizon": 28.0})
    days = seen["time"][(L.kind(seen) == L.BILLING) & (seen["customer"] > 0)]

    assert np.bincount((days / 7).astype(int)).tolist() == [700] * 4
    assert z(int(np.count_nonzero(days % 7 < 2)), 4 * 700, 2 / 7) < 5 * 2  # four weeks of the same 700 people


def test_another_group_moves_nobody_who_is_there():
    """The journeys of those in one stage are the same with and without others in another."""
    alone, together = (rows(worlds.plain(10) | {"start": start}) for start in ({"love": {"keen": 20}}, {"weigh": {"calm": 7}, "love": {"keen": 20}}))
    mine, same = alone[alone["customer"] >= 10], together[together["customer"] >= 17]

    assert np.array_equal(mine["time"], same["time"])
    assert np.array_equal(mine["stage_to"], same["stage_to"])


def test_each_owner_is_a_queue_of_its_own():
    """Four people of whom each has a quarter of the accounts are four M/M/1 queues: at a load of 0.7 seven in ten wait (one M/M/4 queue: 43 %, Erlang C)."""

    def waiting(owned, replication):
        service = {"mean": 1.0, "family": "exponential"}
        desk = {"people": 4, "service": service, "serves": {}, "owned": owned}
        raw = worlds.put(worlds.line(customers=8400, horizon=3100.0, gap=0.0), stages__buy__gap={"mean": 9999, "family": "fixed"}) | {"desks": {"rep": desk}}
        log = play(worlds.made(raw, arrivals={"days": 3000, "shape": "uniform"}), clock="compiled", replication=replication)
        late = rows_of(log)
        return np.mean(late["waited"][late["time"] > 300] > 1e-6)

    own, shared = (np.array([waiting(owned, k) for k in range(10)]) for owned in (True, False))
    for found, truth in ((own, 0.7), (shared, 0.4287)):
        assert abs(found.mean() - truth) < 9 * found.std(ddof=1) / np.sqrt(10)  # |t| of 9 degrees of freedom, the tail of 5 normal ones is at 13


def three_desks(customers):
    """Return a world with a shared desk, then one of three and one of two people who own their accounts; all customers pass the first two."""
    service = {"mean": 0.001, "family": "fixed"}
    desks = {"front": ("ask", 1, service, False), "reps": ("look", 3, service, True), "care": ("buy", 2, {"mean": 6, "family": "fixed"}, True)}
    raw = worlds.put(worlds.line(customers=customers, horizon=10.0), stages__look__entry=0.0)
    raw["stages"]["ask"] = raw["stages"]["look"] | {"entry": 1.0, "next": {"look": 1.0}}
    return raw | {"desks": {name: {"people": n, "service": s, "serves": {"stages": [at]}, "owned": own} for name, (at, n, s, own) in desks.items()}}


def test_owned_desks_stand_beside_shared_ones():
    """Every row names its desk; of 30 on day 3, after a day in each stage, two had six days of care, two have it on day 10, and 26 wait."""
    log = play(worlds.made(three_desks(30)), clock="compiled")
    seen = rows_of(log)
    at = {(log.terms.stages[a], log.terms.desks[b]) for a, b in zip(seen["stage_from"], L.desk(seen), strict=True)}

    assert at == {("ask", "front"), ("look", "reps"), ("buy", "care")}
    assert np.bincount(L.desk(seen)).tolist() == [30, 30, 2]
    assert log.queueing == (0, 0, 26)


def test_who_owns_an_account_at_one_desk_says_nothing_about_another():
    """Each of the 3 x 2 pairs of owners has a sixth of the customers; chi-squared at 1e-6."""
    world = worlds.made(three_desks(30_000))
    lives, owners = np.zeros(30_000, [("identity", "u8")]), np.zeros((2, 30_000), "i8")
    lives["identity"] = np.arange(30_000)
    for name, out in zip(("reps", "care"), owners, strict=True):
        fill_owners(tables(world), lives, queues(world).index(name), out)

    pairs = np.unique(owners, axis=1, return_counts=True)
    assert pairs[0].T.tolist() == [[a, b] for a in (1, 2, 3) for b in (4, 5)]
    assert stats.chisquare(pairs[1]).pvalue > 1e-6
