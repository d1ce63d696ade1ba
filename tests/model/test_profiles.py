"""Tests for `sim.model.profiles`: one mechanism of dotted assignments for scenario, persona and arm, in that order."""

import pytest

from sim.errors import ConfigError
from sim.model import check
from sim.model.profiles import assign, profiles
from tests import worlds


def test_profiles_are_persona_major():
    """Persona after persona, within it arm after arm; shares multiply."""
    seen = profiles(worlds.made(worlds.arms()))

    assert [(p.persona, p.arm) for p in seen] == [("keen", "control"), ("keen", "coupon"), ("calm", "control"), ("calm", "coupon")]
    assert [p.share for p in seen] == pytest.approx([0.3, 0.3, 0.2, 0.2])


def test_without_a_test_there_is_one_profile_a_persona():
    """No arm: None."""
    assert [(p.persona, p.arm) for p in profiles(worlds.made(worlds.plain()))] == [("keen", None), ("calm", None)]


def test_a_persona_sees_what_it_sets_and_the_others_do_not():
    """channels.ad.cost.touch is 4 for the keen, 0.8 for the calm."""
    keen, calm = profiles(worlds.made(worlds.persona_set()))

    assert (keen.world.channels["ad"].cost.touch, calm.world.channels["ad"].cost.touch) == (4, 0.8)


def test_an_arm_goes_after_its_persona():
    """The same path in persona `set` and in an arm: the arm has the last word (design 4)."""
    test = {"name": "t", "arms": {"a": {"share": 0.5}, "b": {"share": 0.5, "set": {"channels.ad.engage": 0.9}}}}
    raw = worlds.put(worlds.plain(), personas__keen__set={"channels.ad.engage": 0.1}, ab_test=test)
    engage = {(p.persona, p.arm): p.world.channels["ad"].engage for p in profiles(worlds.made(raw))}

    assert engage == {("keen", "a"): 0.1, ("keen", "b"): 0.9, ("calm", "a"): 0.3, ("calm", "b"): 0.9}


def test_assignments_copy_what_they_change():
    """The data given stays as it was, at every depth."""
    raw = worlds.plain()
    out = assign(raw, {"channels.ad.odds.aware.buy": 2.0, "customers": 5})

    assert out["channels"]["ad"]["odds"]["aware"] == {"weigh": 1.6, "buy": 2.0}
    assert raw == worlds.plain()
    assert out["customers"] == 5


def test_a_stage_of_a_number_makes_it_a_mapping():
    """channels.ad.share is 0.2 in every living stage; setting one leaves the others."""
    out = assign(worlds.plain(), {"channels.ad.share.weigh": 0.1})

    assert out["channels"]["ad"]["share"] == {"aware": 0.2, "weigh": 0.1, "buy": 0.2, "love": 0.2}


def test_mappings_on_the_way_are_made():
    """A channel without odds gets some."""
    assert assign({"channels": {"x": {}}}, {"channels.x.odds.a.b": 2})["channels"]["x"] == {"odds": {"a": {"b": 2}}}


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("channels.mial.share", "did you mean 'mail'?"),
        ("personas.kean.pace", "did you mean 'keen'?"),
        ("stages.wiegh.gap.mean", "did you mean 'weigh'?"),
        ("channels.ad.media.x", "only a mapping has parts that can be set"),
    ],
)
def test_a_path_that_leads_nowhere_is_refused(path, hint):
    """With the path and a near name."""
    with pytest.raises(ConfigError) as caught:
        assign(worlds.plain(), {path: 1})

    assert [(p.path, p.rule) for p in caught.value.problems] == [(path, hint)]


def test_all_paths_that_lead_nowhere_are_told():
    """Two wrong, one right: two problems."""
    with pytest.raises(ConfigError) as caught:
        assign(worlds.plain(), {"channels.a.share": 1, "channels.ad.share": 0.1, "stages.b.gap": 1})

    assert [p.path for p in caught.value.problems] == ["channels.a.share", "stages.b.gap"]


SHARED = ["desks.sales.people", "channels.ad.budget.amount", "channels.ad.desk", "channels.ad.cost.month", "channels.ad.media", "channels.ad.leads",
          "customers", "horizon", "arrivals.days", "money.margin", "personas.keen.share", "personas.keen.market", "stages.buy.kind", "stages.buy.entry",
          "drivers.satisfaction.half_life", "referral.enters", "ab_test.name", "seed"]  # fmt: skip
OWN = ["stages.buy.next.gone", "stages.buy.gap.mean", "stages.buy.order.on_stay", "personas.keen.pace", "personas.keen.odds.weigh.buy", "channels.ad.share",
       "channels.ad.intensity", "channels.ad.engage", "channels.ad.odds.aware.weigh", "channels.ad.experience.mean", "channels.ad.cost.touch",
       "channels.ad.discount", "drivers.satisfaction.odds.buy.gone"]  # fmt: skip


@pytest.mark.parametrize("where", ["personas.keen.set", "ab_test.arms.coupon.set"])
@pytest.mark.parametrize("path", SHARED)
def test_what_all_customers_share_no_profile_may_set(path, where):
    """Refused by path (design 4): desks, budgets, arrivals, horizon, money, shares of personas."""
    raw = worlds.put(worlds.everything(), **{where.replace(".", "__"): {path: 1}})
    with pytest.raises(ConfigError) as caught:
        check.world(raw)

    assert f"{where}.{path}" in [p.path for p in caught.value.problems]


@pytest.mark.parametrize("path", OWN)
def test_what_a_profile_holds_it_may_set(path):
    """Accepted in an arm, and seen by that arm's profiles alone."""
    value = {"stages.buy.next.gone": 0.1, "channels.ad.share": 0.1}.get(path, 0.6)
    made = worlds.made(worlds.put(worlds.everything(), channels__ad__intensity=1.0, ab_test__arms__coupon__set={path: value}))
    control, coupon = ({p.arm: p for p in profiles(made)}[arm].world.model_dump() for arm in ("control", "coupon"))

    assert (control == coupon) == (path == "stages.buy.next.gone")
