"""Tests for `sim.model.check`: what is wrong is said with path, value and rule, all at once, with near names (reliability B)."""

import random
import string

import pytest
from pydantic import BaseModel

from sim.errors import ConfigError, near
from sim.model import check
from sim.model import world as schema
from tests import worlds

NAN, INF = float("nan"), float("inf")
DESK, PLAIN_TRAIT = worlds.DESK, {"acts": "odds", "family": "gamma", "of": {"buy": {"gone": 1}}}
ORDERS, TEMPO = {"orders": True}, {"acts": "rate", "family": "gamma"}
TEST = {"name": "t", "arms": {"a": {"share": 0.5}, "b": {"share": 0.5}}}

# what is put into a good world, the path of the only or the first problem, a part of its rule
BAD = [
    ({"stages__aware__next__lost": 0.13}, "stages.aware.next", "must sum to 1"),
    ({"stages__aware__next__lost": 0.17}, "stages.aware.next", "must sum to 1"),
    ({"stages__aware__next__lost": 0.15 + 1e-8}, "stages.aware.next", "must sum to 1"),
    ({"stages__aware__next__lost": -0.15}, "stages.aware.next.lost", "must be 0 or more"),
    ({"stages__aware__next__lost": 1.5}, "stages.aware.next.lost", "must be 1 or less"),
    ({"stages__aware__next__lost": NAN}, "stages.aware.next.lost", "must be a finite number"),
    ({"stages__aware__next__lost": "0.1o"}, "stages.aware.next.lost", "must be a number"),
    ({"stages__aware__next__lost": None}, "stages.aware.next.lost", "must be a number"),
    ({"stages__aware__next__lost": True}, "stages.aware.next.lost", "must be a number"),
    ({"stages__aware__next": {}}, "stages.aware.next", "must sum to 1"),
    ({"stages__aware__next": {"aware": 0.0}}, "stages.aware.next", "must sum to 1"),
    ({"stages__aware__next": {"aware": 0.5, "wiegh": 0.5}}, "stages.aware.next", "did you mean 'weigh'?"),
    ({"stages__aware__next": {"aware": 0.5, "Weigh": 0.5}}, "stages.aware.next", "did you mean 'weigh'?"),
    ({"stages__aware__next": {"aware": 0.5, "quuxly": 0.5}}, "stages.aware.next", "known: aware, weigh, buy, love, lost, gone"),
    ({"stages__aware__gap__mean": INF}, "stages.aware.gap.mean", "must be a finite number"),
    ({"stages__aware__gap__mean": -1}, "stages.aware.gap.mean", "must be 0 or more"),
    ({"stages__aware__gap__cv": -1}, "stages.aware.gap.cv", "must be 0 or more"),
    ({"stages__aware__gap__cv": 50}, "stages.aware.gap.cv", "must be 20 or less"),
    ({"stages__aware__gap__family": "lognorml"}, "stages.aware.gap.family", "did you mean 'lognormal'?"),
    ({"stages__aware__gap__sigma": 2}, "stages.aware.gap.sigma", "known: family, mean, cv"),
    ({"stages__aware__gap__a": 2}, "stages.aware.gap", "only beta_prime and beta have them"),
    ({"stages__aware__gap": {"family": "beta_prime", "a": 1, "b": 2}}, "stages.aware.gap.family", "must be one of exponential"),
    ({"stages__aware__gap": None}, "stages.aware.gap", "must be given: days to the next occasion"),
    ({"stages__aware__gap": {"mean": 0}}, "stages.aware.gap", "needs a mean gap above 0"),
    ({"stages__aware__gap": {"mean": 0}, "stages__weigh__gap": {"mean": 0}}, "stages.aware.gap", "needs a mean gap above 0"),
    ({"stages__aware__kind": "prospct"}, "stages.aware.kind", "did you mean 'prospect'?"),
    ({"stages__aware__entry": 0.7}, "stages.*.entry", "must sum to 1"),
    ({"stages__lost__next": {"aware": 1.0}}, "stages.lost.next", "an exit has none"),
    ({"stages__lost__gap": {"mean": 1}}, "stages.lost.gap", "an exit has none"),
    ({"stages__Aware": {"kind": "lost"}}, "stages.Aware", "names must differ by more than case"),
    ({"stages": {"gone": {"kind": "lost"}}}, "stages", "must have at least one"),
    ({"personas__keen__entry": {"awar": 1.0}}, "personas.keen.entry", "did you mean 'aware'?"),
    ({"personas__keen__entry": {"lost": 1.0}}, "personas.keen.entry", "known: aware, weigh, buy, love"),
    ({"personas__keen__share": 0.5}, "personas.*.share", "must sum to 1"),
    ({"personas__keen__channels": {"mial": 2}}, "personas.keen.channels", "did you mean 'mail'?"),
    ({"personas__keen__pace": 0}, "personas.keen.pace", "must be more than 0"),
    ({"personas__keen__market": "b2d"}, "personas.keen.market", "must be 'b2c' or 'b2b'"),
    ({"personas__keen__traits": {"t": PLAIN_TRAIT | {"of": {}}}}, "personas.keen.traits.t.of", "say which transitions"),
    ({"personas__keen__traits": {"t": PLAIN_TRAIT | {"acts": "rate"}}}, "personas.keen.traits.t.of", "only a trait that acts on odds"),
    ({"personas__keen__traits": {"t": PLAIN_TRAIT | {"acts": "rat"}}}, "personas.keen.traits.t.acts", "did you mean 'rate'?"),
    ({"personas__keen__traits": {"t": {"acts": "rate", "family": "fixed", "mean": 0}}}, "personas.keen.traits.t.mean", "must be more than 0"),
    ({"personas__keen__traits": {"t": {"acts": "rate", "family": "beta_prime", "a": 1}}}, "personas.keen.traits.t", "needs a and b"),
    ({"personas__keen__traits": {f"t{k}": PLAIN_TRAIT for k in range(8)}}, "personas.keen.traits", "at most 7 can"),
    ({"channels__ad__engage": 30}, "channels.ad.engage", "0.3 if you mean 30 %"),
    ({"channels__ad__cost__touch": -1}, "channels.ad.cost.touch", "must be 0 or more"),
    ({"channels__ad__budget": {"amount": -1}}, "channels.ad.budget.amount", "must be 0 or more"),
    ({"channels__ad__budget": {"amount": 1, "per": "dya"}}, "channels.ad.budget.per", "did you mean 'day'?"),
    ({"channels__ad__discount": 1.0}, "channels.ad.discount", "must be less than 1"),
    ({"channels__ad__odds": {"aware": {"weigh": 0.0}}}, "channels.ad.odds.aware.weigh", "must be more than 0"),
    ({"channels__ad__odds": {"aware": {"love": 2.0}}}, "channels.ad.odds.aware.love", "give stages.aware.next.love a small probability"),
    ({"channels__ad__odds": {"lost": {"aware": 2.0}}}, "channels.ad.odds", "known: aware, weigh, buy, love"),
    ({"channels__ad__desk": "sals"}, "channels.ad.desk", "there are none"),
    ({"channels__ad__intensity": 3.0}, "channels.ad.intensity", "at most 1.6666"),
    ({"channels__ad__share": {"weigh": 0.7}}, "channels.*.share.weigh", "must be at most 1"),
    ({"channels__ad__margin": 0.5}, "channels.ad.margin", "'margin' belongs under money"),
    ({"channels__own": {}}, "channels.own", "choose another name"),
    ({"channels__Mail": {}}, "channels.Mail", "names must differ by more than case"),
    ({"desks": {"sales": DESK | {"people": 0}}}, "desks.sales.people", "must be 1 or more"),
    ({"desks": {"sales": DESK | {"people": 2.5}}}, "desks.sales.people", "must be a whole number"),
    ({"desks": {"sales": DESK | {"patience": {"mean": -1}}}}, "desks.sales.patience.mean", "must be 0 or more"),
    ({"desks": {"sales": DESK | {"gives_up_to": None}}}, "desks.sales.gives_up_to", "must name the exit"),
    ({"desks": {"sales": DESK | {"gives_up_to": "aware"}}}, "desks.sales.gives_up_to", "known: lost"),
    ({"desks": {"sales": DESK | {"serves": {"channels": ["cal"]}}}}, "desks.sales.serves.channels", "did you mean 'call'?"),
    ({"desks": {"sales": DESK | {"serves": None}}}, "desks.sales.serves", "say whom it serves"),
    ({"desks": {"a": DESK, "b": DESK}}, "desks.b.serves", "one desk must serve an occasion"),
    ({"drivers": {"satisfacton": {}}}, "drivers.satisfacton", "did you mean 'satisfaction'?"),
    ({"drivers": {"recall": {"adds": {"touch": {"mial": 1}}}}}, "drivers.recall.adds.touch", "did you mean 'mail'?"),
    ({"drivers": {"satisfaction": {"range": [-2, 2]}}}, "drivers.satisfaction.range", "within [-1, 1]"),
    ({"rules": {"r": {"when": {}, "do": {"channel": "mail"}}}}, "rules.r.when", "give enters, stays"),
    ({"rules": {"r": {"when": {"enters": ["wiegh"]}, "do": {"channel": "mail"}}}}, "rules.r.when.enters", "did you mean 'weigh'?"),
    ({"rules": {"r": {"when": ORDERS, "do": {"channel": "mial"}}}}, "rules.r.do.channel", "did you mean 'mail'?"),
    ({"rules": {"r": {"when": ORDERS, "do": {"channel": "mail", "odds": {"aware": {"love": 2}}}}}}, "rules.r.do.odds.aware.love", "nothing times odds"),
    ({"rules": {f"r{k}": {"when": ORDERS, "do": {"channel": "mail"}} for k in range(9)}}, "rules", "at most 8"),
    ({"personas__keen__revenue": {"model": "contract"}}, "personas.keen.revenue.contract", "say the fee"),
    ({"personas__keen__traits": {"t": {"acts": "rate", "like": {"trait": "x", "correlation": 0.5}}}}, "personas.keen.traits.t.family", "must be one of"),
    ({"personas__keen__traits": {"t": TEMPO | {"like": {"trait": "x", "correlation": 0.5}}}}, "personas.keen.traits.t.like.trait", "there are none"),
    ({"calendars": {"b2b": {"weekday": [0] * 7}}}, "calendars.b2b.weekday", "must go on at some time"),
    ({"desks": {"sales": DESK | {"hours": {"weekday": [0.5] * 7}}}}, "desks.sales.hours.weekday", "open (1) or closed (0)"),
    ({"drivers": {"recall": {"adds": {"order": 1}, "range": [1, 0]}}}, "drivers.recall.range", "must be [low, high]"),
    ({"drivers": {"recall": {"adds": {"order": 1}, "start": -0.5}}}, "drivers.recall.start", "must be within its range, 0 to 1"),
    ({"drivers": {"recall": {"adds": {"order": 1}, "engage": {"mial": 2}}}}, "drivers.recall.engage", "did you mean 'mail'?"),
    ({"drivers": {"recall": {"adds": {"order": 1}, "loses": {"opted_in": 2}}}}, "drivers.recall.loses", "there are none"),
    ({"drivers": {"recall": {"adds": {"enters": {"by": 1}}}}}, "drivers.recall.adds.enters", "did you mean 'buy'?"),
    ({"drivers": {f"d{k}": {"adds": {"order": 1}} for k in range(8)}}, "drivers", "at most 8"),
    ({"channels__mail__needs": ["optin"]}, "channels.mail.needs", "there are none"),
    ({"channels__mail__gives": {"opted_in": 0.1}}, "channels.mail.gives", "there are none"),
    ({"channels__mail__flights": [{"start": 5, "end": 5}]}, "channels.mail.flights.0", "must end after it starts"),
    ({"channels__mail__cap": {"exposures": -1}}, "channels.mail.cap.exposures", "must be 0 or more"),
    ({"channels__mail__contents": {"a": {"weight": {"wiegh": 1}}}}, "channels.mail.contents.a.weight", "did you mean 'weigh'?"),
    ({"channels__mail__contents": {"a": {"odds": {"aware": {"love": 2}}}}}, "channels.mail.contents.a.odds.aware.love", "nothing times odds is nothing"),
    ({"permissions": {f"p{k}": {} for k in range(9)}}, "permissions", "at most 8"),
    ({"drivers": {"satisfaction": {"half_life": 0}}}, "drivers.satisfaction.half_life", "must be more than 0"),
    ({"referral": {"chance": {"buy": 1.5}, "enters": "aware"}}, "referral.chance.buy", "must be 1 or less"),
    ({"referral": {"chance": {"bye": 0.5}, "enters": "aware"}}, "referral.chance", "did you mean 'buy'?"),
    ({"referral": {"chance": {"buy": 0.5}, "enters": "lost"}}, "referral.enters", "known: aware, weigh, buy, love"),
    ({"ab_test": {"name": "t", "arms": {"a": {"share": 1.0}}}}, "ab_test.arms", "at least two arms"),
    ({"ab_test": worlds.put(TEST, arms__b__share=0.4)}, "ab_test.arms.*.share", "must sum to 1"),
    ({"ab_test": worlds.put(TEST, arms__b__set={"stages.aware.next.lost": 0.2})}, "stages.aware.next", "must sum to 1"),
    ({"ab_test": worlds.put(TEST, arms__b__set={"desks.sales.people": 3})}, "ab_test.arms.b.set.desks.sales.people", "may be set: stages.NAME"),
    ({"ab_test": worlds.put(TEST, arms__b__set={"channels.mial.share": 0.1})}, "ab_test.arms.b.set.channels.mial.share", "did you mean 'mail'?"),
    ({"personas__keen__set": {"channels.mial.share": 0.1}}, "personas.keen.set.channels.mial.share", "did you mean 'mail'?"),
    ({"ab_test": worlds.put(TEST, arms__b__set={"stages.aware.gap.mean": 0})}, "stages.aware.gap", "needs a mean gap above 0"),
    ({"personas__keen__set": {"stages.aware.gap": None}}, "stages.aware.gap", "must be given: days to the next occasion"),
    ({"personas__keen__set": {"personas.keen.entry": {"lost": 1.0}}}, "personas.keen.entry", "known: aware, weigh, buy, love"),
    ({"ab_test": worlds.put(TEST, arms__b__set={"personas.keen.traits": {f"t{k}": PLAIN_TRAIT for k in range(9)}})}, "personas.keen.traits", "at most 7 can"),
    (
        {
            "stages__buy__gap__mean": 0,
            "stages__buy__next": {"love": 0.9, "gone": 0.1},
            "stages__buy__order": {},
            "channels__call__odds": {},
            "desks": {"sales": DESK | {"patience": {"mean": 0}}},
        },
        "desks.sales.patience.mean",
        "asks again at once",
    ),
    ({"horizon": 0}, "horizon", "must be more than 0"),
    ({"horizon": 1e12}, "horizon", "must be 100000 or less"),
    ({"customers": 0}, "customers", "must be 1 or more"),
    ({"customers": 3.7}, "customers", "must be a whole number"),
    ({"customers": 100_000_000}, "customers", "use replications"),
    ({"seed": -1}, "seed", "must be 0 or more"),
    ({"seed": "abc"}, "seed", "must be a whole number"),
    ({"replications": 0}, "replications", "must be 1 or more"),
    ({"clock": "simpi"}, "clock", "did you mean 'simpy'?"),
    ({"custmers": 5}, "custmers", "did you mean 'customers'?"),
    ({"_target_": "os.system"}, "_target_", "known: customers"),
]


def problems(raw):
    """Return the problems of a bad world."""
    with pytest.raises(ConfigError) as caught:
        check.world(raw)
    return caught.value.problems


@pytest.mark.parametrize(("changes", "path", "rule"), BAD, ids=lambda x: x if isinstance(x, str) and "." in x else "")
def test_what_is_wrong_is_said_where_it_is(changes, path, rule):
    """The first problem has the path, and says what would be right."""
    found = problems(worlds.put(worlds.plain(), **changes))

    assert found[0].path == path
    assert rule in found[0].rule


def test_a_missing_world_is_told_what_is_missing():
    """No stages at all."""
    assert [(p.path, p.given) for p in problems({})] == [("stages", "missing")]


def test_names_are_text():
    """A stage called 1 was meant to be called "1"; a dot in a name would break every path."""
    stages = worlds.plain()["stages"]

    assert problems(worlds.plain(stages=stages | {1: {"kind": "lost"}}))[0].rule == "must be text (quote it)"
    assert problems(worlds.plain(stages=stages | {"a.b": {"kind": "lost"}}))[0].path == "stages.a.b"


def test_all_problems_are_told_together():
    """Types, names, sums and desks: seven mistakes in seven places, seven problems."""
    raw = worlds.put(worlds.plain(), stages__aware__gap__family="gama", channels__ad__cost__touch=-1, personas__keen__share=0.5, horizon=0, custmers=1)
    raw = worlds.put(raw, stages__buy__next__gone=0.3, referral={"chance": {"buy": 0.1}, "enters": "awere"})

    assert {p.path for p in problems(raw)} == {
        "stages.aware.gap.family", "channels.ad.cost.touch", "personas.*.share", "horizon", "custmers", "stages.buy.next", "referral.enters",
    }  # fmt: skip


def test_the_message_has_path_value_and_rule():
    """One line a problem."""
    with pytest.raises(ConfigError, match=r"channels\.ad\.engage: given 30; must be 1 or less \(0\.3 if you mean 30 %\)"):
        check.world(worlds.put(worlds.plain(), channels__ad__engage=30))


GOOD = {
    "rounding": {"stages__aware__next__lost": 0.15 + 1e-12},
    "a budget of nothing": {"channels__ad__budget": {"amount": 0}},
    "no patience at all": {"desks": {"sales": DESK | {"patience": {"mean": 0, "family": "fixed"}}}},
    "a large seed": {"seed": 2**200},
    "intensity up to the edge": {"channels__ad__intensity": 1.6666},
    "one stage without a gap": {"stages__buy__gap": {"mean": 0}, "stages__buy__next": {"weigh": 0.4, "love": 0.5, "gone": 0.1}, "stages__buy__order": {}},
    "names in any language": {"channels__sähköposti ä": {"share": 0.0}},
    "a desk for own occasions": {"desks": {"sales": DESK | {"serves": {"channels": ["own"]}}}},
    "two desks that never meet": {"desks": {"a": DESK, "b": DESK | {"serves": {"stages": ["love"]}}}},
}


@pytest.mark.parametrize("name", GOOD)
def test_what_is_unusual_but_possible_is_accepted(name):
    """No false alarms."""
    assert check.world(worlds.put(worlds.plain(), **GOOD[name])).stages


@pytest.mark.parametrize("case", worlds.CASES)
def test_a_good_world_has_neither_problems_nor_warnings(case):
    """Every world of the tests' library; and what was made is made again from its own data."""
    made = check.world(worlds.CASES[case]())

    assert check.warnings(made) == []
    assert check.world(made.model_dump(exclude_unset=True)) == made


def test_what_changes_nothing_is_a_warning():
    """The same odds on a whole row; a stage nobody gets to; a stage nobody can leave."""
    row = dict.fromkeys(worlds.STAGES["love"]["next"], 2.0)
    raw = worlds.put(worlds.plain(), channels__ad__odds={"love": row}, stages__limbo={"kind": "prospect", "next": {"limbo": 1.0}, "gap": {"mean": 1}})
    said = check.warnings(check.world(raw))

    assert any(w.startswith("channels.ad.odds.love: the same odds on the whole row") for w in said)
    assert any(w.startswith("stages.limbo: nobody gets here") for w in said)
    assert any(w.startswith("stages.limbo: no exit can be reached") for w in said)


def test_a_world_can_not_be_changed_after_it_was_checked():
    """Frozen, all the way down."""
    made = check.world(worlds.plain())
    with pytest.raises(ValueError, match="frozen"):
        made.channels["ad"].engage = 0.5


VOCABULARY = [tuple(m.model_fields) for m in vars(schema).values() if isinstance(m, type) and issubclass(m, BaseModel) and m.model_fields]
VOCABULARY += [tuple(worlds.STAGES), ("exponential", "gamma", "weibull", "lognormal", "fixed", "beta_prime"), ("prospect", "customer", "lost", "churned")]
VOCABULARY += [
    ("awareness", "consideration", "decision", "retention", "advocacy", "lost", "churned"),
    ("email", "paid_search", "organic_search", "paid_social", "webinar"),
]


def typos(word, luck):
    """Yield a letter left out, put in, mistaken, and two exchanged."""
    k, letter = luck.randrange(len(word)), luck.choice(string.ascii_lowercase)
    j = max(0, min(k, len(word) - 2))
    yield from (word[:k] + word[k + 1 :], word[:k] + letter + word[k:], word[:k] + letter + word[k + 1 :], word[:j] + word[j : j + 2][::-1] + word[j + 2 :])


def test_a_typo_finds_what_was_meant():
    """Single-edit typos of every key and name: the right suggestion in 95 % (reliability B)."""
    luck = random.Random(1)
    tried = [(near(typo, names) == f"did you mean {word!r}?") for names in VOCABULARY for word in names for typo in typos(word, luck) if typo not in names]

    assert len(tried) > 400
    assert sum(tried) >= 0.95 * len(tried)


def test_a_random_word_finds_nothing():
    """200 random words against every vocabulary: no suggestion in 99 % (reliability B)."""
    luck = random.Random(2)
    words = ["".join(luck.choices(string.ascii_lowercase, k=luck.randint(3, 10))) for _ in range(200)]
    suggested = [near(word, names).startswith("did you mean") for word in words for names in VOCABULARY]

    assert sum(suggested) <= 0.01 * len(suggested)


@pytest.mark.parametrize("raw", [None, [], "world", 3])
def test_what_is_no_mapping_is_no_world(raw):
    """One clear problem, not a crash."""
    with pytest.raises(ConfigError) as refused:
        check.world(raw)

    assert [problem.rule for problem in refused.value.problems] == ["must be a mapping"]
