"""Tests for `sim.model.tables`: every product of odds and every arc, against the formulas of design 4 and 5."""

import math

import numpy as np
import pytest

from sim import rng
from sim.model import check, layout
from sim.model.numbering import founders
from sim.model.tables import tables
from tests import worlds


def compiled(raw, **top):
    """Return the tables of a world."""
    return tables(worlds.made(raw, **top))


def spot(t, profile, stage):
    """Return the record of a profile and a stage by name."""
    return t.spots[profile * t.world[0]["stages"] + list(worlds.STAGES).index(stage)]


def weights(t, race):
    """Return {stage: weight} of a race."""
    heats = t.heats[race : race + max(1, t.heats[race]["heats"])]
    return {int(to): 1 / float(wait) for heat in heats for to, wait in zip(heat["to"], heat["wait"], strict=True) if np.isfinite(wait)}


def arcs(t, where):
    """Return [(channel, from, to)] of a spot."""
    out, at, fours = [], 0.0, t.arcs[where["first_arc"] :][: where["arcs"]]
    for end, holder in zip(fours["upto"].ravel().tolist(), fours["holder"].ravel(), strict=True):
        upto = min(1.0, end)
        out += [(int(t.holders[holder]["channel"]), at, upto)] if at < 1 else []
        at = upto
    return out


def lengths(t, where):
    """Return {channel: length of its arcs} of a spot, without empty ones."""
    sums = {}
    for channel, begin, end in arcs(t, where):
        sums[channel] = sums.get(channel, 0.0) + end - begin
    return {channel: pytest.approx(length) for channel, length in sums.items() if length > 0}


def test_weights_are_base_times_persona_odds_times_channel_odds():
    """Weigh -> aware .15, weigh .45, buy .25 x 1.5 (keen), lost .15; engaged with the mail buy x 1.8."""
    t = compiled(worlds.plain())
    where = spot(t, 0, "weigh")
    mail = next(c for c in t.holders[int(where["own"]) :] if c["channel"] == 2)

    assert weights(t, int(t.holders[where["own"]]["plain"])) == pytest.approx({0: 0.15, 1: 0.45, 2: 0.375, 4: 0.15})
    assert weights(t, int(mail["moved"])) == pytest.approx({0: 0.15, 1: 0.45, 2: 0.375 * 1.8, 4: 0.15})


def test_slopes_are_logarithms_of_driver_odds_and_exponents_of_traits():
    """Buy -> gone: ln 0.3 per unit of satisfaction; love -> gone: exponent 1 of the trait that is called doubt."""
    t = compiled(worlds.traits(), drivers=worlds.SATISFACTION)
    seen = {tuple(np.round(t.slopes[heat["slope"]], 12)) for heat in t.heats if 5 in heat["to"][np.isfinite(heat["wait"])]}

    assert (round(math.log(0.3), 12), 0, 0, 0, 0, 0, 0, 0) in seen
    assert (round(math.log(0.3), 12), 1, 0, 0, 0, 0, 0, 0) in seen


def test_runners_come_in_heats_of_four_with_one_slope_the_likeliest_first():
    """From a: six ways that nothing bends and two that satisfaction bends alike, of which z is the likeliest of all; b has one way."""
    ways = {"b": 0.05, "c": 0.07, "d": 0.09, "e": 0.11, "f": 0.13, "a": 0.15, "y": 0.05, "z": 0.35}
    stages = {name: {"kind": "prospect", "next": {"z": 1.0}, "gap": {"mean": 1.0}} for name in "abcdef"} | {"y": {"kind": "lost"}, "z": {"kind": "lost"}}
    stages["a"]["next"] = ways
    bent = {"satisfaction": {"odds": {"a": {"y": 0.5, "z": 0.5}}}}
    world = check.world({"stages": stages, "personas": {"one": {"entry": {"a": 1.0}}}, "drivers": bent, "customers": 1, "horizon": 9})
    t, names = tables(world), list(world.stages)
    race = int(t.holders[t.spots[names.index("a")]["own"]]["plain"])
    heats = t.heats[race : race + 3]

    assert [[names[to] for to in heat["to"][np.isfinite(heat["wait"])]] for heat in heats] == [["z", "y"], ["a", "f", "e", "d"], ["c", "b"]]
    assert heats["heats"].tolist() == [3, 0, 0]
    assert t.slopes[heats["slope"]][:, 0] == pytest.approx([math.log(0.5), 0, 0])
    assert weights(t, race) == pytest.approx({names.index(name): weight for name, weight in ways.items()})
    assert t.heats[int(t.holders[t.spots[names.index("b")]["own"]]["plain"])]["heats"] == 0


@pytest.mark.parametrize(
    ("intensity", "held"), [(0.0, {0: 0.7, 2: 0.3}), (0.5, {0: 0.55, 1: 0.15, 2: 0.3}), (1.0, {0: 0.4, 1: 0.3, 2: 0.3}), (2.0, {0: 0.1, 1: 0.6, 2: 0.3})]
)
def test_arcs_are_shares_times_affinity_times_intensity(intensity, held):
    """In weigh the keen see the ad 0.2 x 1.5, the mail 0.3; what is left is own."""
    raw = worlds.put(worlds.plain(), channels__ad__intensity=intensity, channels__call__share=0.0)

    t = compiled(raw)
    assert lengths(t, spot(t, 0, "weigh")) == held


@pytest.mark.parametrize("intensity", [0.0, 0.3, 1.0, 1.2, 1.6])
def test_another_intensity_moves_no_other_arc(intensity):
    """Base arcs from 0 up in listed order, extra ones from 1 down: mail and call keep their places."""
    before, after = compiled(worlds.plain()), compiled(worlds.put(worlds.plain(), channels__ad__intensity=intensity))

    others = [[a for a in arcs(t, spot(t, 0, "weigh")) if a[0] > 1] for t in (before, after)]
    assert others[0] == others[1]


def test_arcs_cover_everything_when_no_occasion_is_own():
    """Shares of exactly 1 with intensity above 1 elsewhere: the last arc is open-ended, own holds nothing."""
    channels = {"a": {"share": 0.1, "intensity": 3.0}, "b": {"share": 0.7}}
    t = compiled(worlds.line(channels=channels))

    assert lengths(t, t.spots[0]) == {1: 0.3, 2: 0.7}
    assert np.isfinite(t.arcs[-1]["upto"]).sum() == 2  # of three


def test_the_last_of_four_arcs_is_open_ended():
    """Nothing stands behind four arcs: a last one that ended below a uniform would be followed by the next stage's."""
    t = compiled(worlds.line(channels={name: {"share": 0.2} for name in "abc"}))

    assert t.spots[0]["arcs"] == 1
    assert t.arcs[0]["upto"].tolist() == pytest.approx([0.2, 0.4, 0.6, np.inf])
    assert lengths(t, t.spots[0]) == {0: 0.4, 1: 0.2, 2: 0.2, 3: 0.2}


def test_profiles_and_entries_are_cumulated():
    """Personas .6 and .4; arms .5 and .5 within each; calm all enter at aware, keen .8 and .2."""
    t = compiled(worlds.arms())

    assert t.profiles["upto"].tolist() == pytest.approx([0.6, 0.6, 1.0, 1.0])
    assert t.profiles["arm_upto"].tolist() == pytest.approx([0.5, 1.0, 0.5, 1.0])
    assert t.spots["entry_upto"][:3].tolist() == pytest.approx([0.8, 1.0, 1.0])
    assert t.spots["entry_upto"][12] == pytest.approx(1.0)


def test_worlds_that_list_their_personas_otherwise_have_tables_of_their_own():
    """Tables are kept for worlds seen before; as mappings these two are equal, but a persona's number is its place in the list."""
    personas = {"rare": {"share": 0.1}, "common": {"share": 0.9}}
    ends = [compiled(worlds.line(), personas=dict(order)).profiles["upto"][0] for order in (personas.items(), reversed(personas.items()))]

    assert ends == pytest.approx([0.1, 0.9])


def test_who_is_there_is_numbered_alike_in_whatever_order_they_are_told():
    """Stage after stage as the journey lists them: three look and five buy, also where the five are named first."""
    told = {"look": {"one": 3}, "buy": {"one": 5}}, {"buy": {"one": 5}, "look": {"one": 3}}
    people = [compiled(worlds.line(customers=5), start=start).opening for start in told]

    assert [people[0][name].tolist() for name in ("upto", "stage")] == [[3, 8], [0, 1]]
    assert people[1].tobytes() == people[0].tobytes()


def test_pace_scales_the_gap_of_its_stage():
    """Keen 0.8 everywhere; calm 1.2 at aware and 1 elsewhere: the medians of lognormal gaps."""
    t = compiled(worlds.plain(), channels={}, personas={"keen": {"share": 0.5, "pace": 0.8}, "calm": {"share": 0.5, "pace": {"aware": 1.2}}})
    medians = [math.exp(spot(t, k, "aware")["gap"]["a"]) for k in (0, 1)]

    assert medians == pytest.approx([0.8 * 5 / math.sqrt(1 + 1.2**2), 1.2 * 5 / math.sqrt(1 + 1.2**2)])


def test_half_lives_become_rates():
    """Ln 2 / half-life; no half-life, no fading."""
    assert compiled(worlds.satisfaction()).world[0]["fade"][0] == pytest.approx(math.log(2) / 60)
    assert compiled(worlds.plain()).world[0]["fades"] == 0


def test_exits_are_exits_and_desks_are_found():
    """Kinds by stage; the holder of the call has the desk that serves it, own has none."""
    t = compiled(worlds.plain(), desks={"sales": worlds.DESK})
    kinds = [int(s["kind"]) for s in t.spots[:6]]

    assert kinds == [layout.PROSPECT, layout.PROSPECT, layout.CUSTOMER, layout.CUSTOMER, layout.EXIT, layout.EXIT]
    assert set(t.holders["desk"][t.holders["channel"] == 3]) == {0}
    assert set(t.holders["desk"][t.holders["channel"] != 3]) == {-1}


def test_a_trait_that_only_an_arm_has_bends_odds_there():
    """The vector of levels is as long as the longest that any profile has."""
    trait = {"acts": "odds", "family": "fixed", "mean": 2.0, "of": {"weigh": {"buy": 1.0}}}
    test = {"name": "t", "arms": {"a": {"share": 0.5}, "b": {"share": 0.5, "set": {"personas.keen.traits": {"t": trait}}}}}
    t = compiled(worlds.plain(), ab_test=test)

    assert t.world[0]["levels"] == 2
    assert t.profiles["traits"].tolist() == [0, 1, 0, 0]


def test_equal_races_stand_once():
    """Profiles that differ in nothing share theirs."""
    one = compiled(worlds.plain(), personas={"a": {}}, channels={})
    two = compiled(worlds.plain(), personas={"a": {"share": 0.5}, "b": {"share": 0.5}}, channels={})

    assert one.heats.tobytes() == two.heats.tobytes()


def test_the_number_of_founders_is_poisson_or_fixed():
    """Uniform and even: `customers`; poisson: the quantile of a draw of its own for each seed and replication."""
    raw = worlds.plain(100)
    poisson = worlds.made(raw, arrivals={"days": 9, "shape": "poisson"})

    assert founders(worlds.made(raw), 3) == 100
    assert len({founders(poisson, k) for k in range(30)}) > 10
    assert rng.key(1, 0, "founders") != rng.key(1, 1, "founders")
