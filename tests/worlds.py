"""A small library of worlds as plain data, for all tests. Every function returns fresh data; nothing here simulates.

`plain` is a journey with every way to go (forward, back, skip, loop, exits of both kinds), two personas and three
channels that customers share nothing through. `CASES` adds one mechanism each, and all of them together.
"""

from copy import deepcopy
from typing import Any

from sim.model.check import world
from sim.model.world import World

Raw = dict[str, Any]

STAGES: Raw = {
    "aware": {
        "kind": "prospect",
        "entry": 0.8,
        "next": {"aware": 0.5, "weigh": 0.3, "buy": 0.05, "lost": 0.15},
        "gap": {"mean": 5, "cv": 1.2, "family": "lognormal"},
    },
    "weigh": {
        "kind": "prospect",
        "entry": 0.2,
        "next": {"aware": 0.15, "weigh": 0.45, "buy": 0.25, "lost": 0.15},
        "gap": {"mean": 4, "cv": 0.5, "family": "gamma"},
    },
    "buy": {
        "kind": "customer",
        "order": {"on_entry": 1.0, "on_stay": 0.4},
        "next": {"weigh": 0.1, "buy": 0.6, "love": 0.2, "gone": 0.1},
        "gap": {"mean": 12, "cv": 0.7, "family": "weibull"},
    },
    "love": {"kind": "customer", "order": {"on_stay": 0.5}, "next": {"buy": 0.2, "love": 0.7, "gone": 0.1}, "gap": {"mean": 15, "family": "exponential"}},
    "lost": {"kind": "lost"},
    "gone": {"kind": "churned"},
}
PERSONAS: Raw = {
    "keen": {
        "share": 0.6,
        "pace": 0.8,
        "odds": {"weigh": {"buy": 1.5}},
        "channels": {"ad": 1.5, "mail": {"buy": 0.5}},
        "revenue": {"value": {"mean": 60, "cv": 0.6, "family": "lognormal"}},
    },
    "calm": {
        "share": 0.4,
        "market": "b2b",
        "entry": {"aware": 1.0},
        "pace": {"aware": 1.2},
        "margin": 0.5,
        "revenue": {"value": {"mean": 200, "family": "fixed"}},
    },
}
CHANNELS: Raw = {
    "ad": {"media": "paid", "share": 0.2, "engage": 0.3, "odds": {"aware": {"weigh": 1.6}}, "cost": {"exposure": 0.02, "touch": 0.8, "month": 100}},
    "mail": {
        "share": {"weigh": 0.3, "buy": 0.3, "love": 0.2},
        "engage": {"weigh": 0.5, "buy": 0.4},
        "odds": {"weigh": {"buy": 1.8}, "love": {"buy": 1.3}},
        "cost": {"exposure": 0.01, "order": 2},
        "leads": True,
    },
    "call": {"share": {"weigh": 0.2, "buy": 0.05}, "odds": {"weigh": {"buy": 2.0, "lost": 0.7}}, "cost": {"touch": 20, "order": 5}},
}
DESK: Raw = {
    "people": 2,
    "wage": 3000,
    "serves": {"channels": ["call"]},
    "service": {"mean": 0.5, "family": "exponential"},
    "patience": {"mean": 1.0, "family": "exponential"},
    "gives_up_to": "lost",
    "giving_up": -0.4,
}
ARMS: Raw = {
    "name": "coupon",
    "arms": {
        "control": {"share": 0.5},
        "coupon": {"share": 0.5, "set": {"channels.mail.discount": 0.15, "channels.mail.odds.weigh.buy": 2.5, "stages.buy.gap.mean": 10}},
    },
}
TRAITS: Raw = {
    "tempo": {"acts": "rate", "family": "gamma", "mean": 1, "cv": 0.5},
    "wallet": {"acts": "spend", "family": "lognormal", "mean": 1, "cv": 0.5},
    "doubt": {"acts": "odds", "family": "beta_prime", "a": 2, "b": 3, "of": {"love": {"gone": 1}, "weigh": {"lost": 0.5}}},
    "thrift": {"acts": "spend", "family": "gamma", "mean": 1, "cv": 0.4, "like": {"trait": "tempo", "correlation": -0.6}},
    "habit": {"acts": "odds", "family": "fixed", "mean": 1.5, "of": {"buy": {"buy": 1}}},
}
SATISFACTION: Raw = {"satisfaction": {"start": 0.1, "half_life": 60, "odds": {"buy": {"gone": 0.3, "love": 1.5}, "love": {"gone": 0.3}}}}
PLACEBO: Raw = {"media": "earned", "share": {"aware": 0.15, "weigh": 0.05, "buy": 0.1, "love": 0.2}, "engage": 0.4}


def plain(customers: int = 2000, **top: Any) -> Raw:
    """Return a world whose customers share nothing; ``top`` replaces what stands at its top level."""
    raw = {"customers": customers, "arrivals": {"days": 90}, "horizon": 200, "stages": STAGES, "personas": PERSONAS, "channels": CHANNELS}
    return deepcopy(raw | {"money": {"margin": 0.4, "discount_rate": 0.1}} | top)


def put(raw: Raw, **values: Any) -> Raw:
    """Return the data with values put in; ``a__b__c=1`` stands for ``raw["a"]["b"]["c"] = 1``."""
    raw = deepcopy(raw)
    for path, value in values.items():
        *way, last = path.split("__")
        node = raw
        for key in way:
            node = node.setdefault(key, {})
        node[last] = deepcopy(value)
    return raw


def ties(customers: int = 10_000) -> Raw:
    """Return a world where nearly everything happens at the same moments: all on day 0, gaps, services and patience fixed, desk and budget on."""
    stages = deepcopy(STAGES)
    for name in ("aware", "weigh", "buy", "love"):
        stages[name]["gap"] = {"mean": 2 if name != "love" else 1, "family": "fixed"}
    desk = DESK | {"people": 40, "service": {"mean": 0.25, "family": "fixed"}, "patience": {"mean": 1, "family": "fixed"}}
    raw = plain(customers, stages=stages, desks={"sales": desk}, arrivals={"days": 0}, horizon=20)
    return put(raw, channels__ad__budget={"amount": 50, "per": "day"}, personas__keen__pace=1, personas__calm__pace=1)


def budget(customers: int = 2000) -> Raw:
    """Return a world with budgets that run out, of all periods."""
    caps = {"channels__ad__budget": {"amount": 2, "per": "day"}, "channels__mail__budget": {"amount": 15, "per": "week"}}
    return put(plain(customers), **caps, channels__call__budget={"amount": 1500, "per": "month"})


def desk(customers: int = 2000) -> Raw:
    """Return a world with two desks, one of which serves own occasions too; many give up."""
    care = {
        "people": 3,
        "serves": {"stages": ["love"]},
        "service": {"mean": 0.3, "family": "fixed"},
        "patience": {"mean": 0.5},
        "gives_up_to": "lost",
        "giving_up": -0.2,
    }
    return plain(customers, desks={"sales": DESK, "care": care}, drivers=SATISFACTION)


def referral(customers: int = 2000) -> Raw:
    """Return a world in which customers bring customers, who bring customers."""
    return plain(customers, referral={"chance": {"love": 0.08, "buy": 0.05, "aware": 0.02}, "enters": "weigh"})


def arms(customers: int = 2000) -> Raw:
    """Return a world with an A/B test."""
    return plain(customers, ab_test=ARMS)


def traits(customers: int = 2000) -> Raw:
    """Return a world whose customers are born different, in every family and role."""
    return put(
        plain(customers),
        personas__keen__traits=TRAITS,
        personas__calm__traits={"doubt": TRAITS["doubt"] | {"family": "gamma", "mean": 1, "cv": 0.8, "a": None, "b": None}},
    )


def persona_set(customers: int = 2000) -> Raw:
    """Return a world in which one persona sees the world differently."""
    own = {"channels.ad.cost.touch": 4, "stages.buy.next": {"weigh": 0.2, "buy": 0.5, "love": 0.2, "gone": 0.1}, "channels.mail.engage.weigh": 0.9}
    return put(plain(customers), personas__keen__set=own)


def satisfaction(customers: int = 2000) -> Raw:
    """Return a world where what customers live through bends their odds, and fades."""
    feelings = {
        "channels__mail__experience": {"mean": 0.1, "sd": 0.3},
        "channels__ad__experience": {"mean": -0.05},
        "channels__call__experience": {"mean": 0, "sd": 0.5},
    }
    return put(plain(customers, drivers=SATISFACTION), **feelings)


def discounts(customers: int = 2000) -> Raw:
    """Return a world with discounts on two channels, and monthly costs."""
    return put(plain(customers), channels__mail__discount=0.2, channels__call__discount=0.1)


def late(customers: int = 2000) -> Raw:
    """Return a world in which half of the arrivals come at or after the horizon, and some are referred."""
    return referral(customers) | {"arrivals": {"days": 400}}


def drivers(customers: int = 2000) -> Raw:
    """Return a world with drivers of its own: they tire, remember, wait and promise; bad experiences happen, more after a wait."""
    recall = {"half_life": 30, "adds": {"touch": {"ad": 0.3, "mail": 0.3}, "exposure": {"ad": 0.1}}, "odds": {"aware": {"weigh": 2.0}, "weigh": {"buy": 1.5}}}
    fatigue = {"half_life": 7, "adds": {"exposure": {"ad": 0.3, "mail": 0.3}, "order": -0.5}, "engage": {"mail": 0.2, "ad": 0.5}}
    fatigue["odds"] = {"weigh": {"lost": 1.5}}
    adds = {"touch": {"ad": 0.5}, "enters": {"love": -1}, "gave_up": 0.4, "waited": 0.2}
    promise = {"range": [-1, 2], "start": -0.5, "adds": adds, "odds": {"buy": {"gone": 2.0}}}
    named = SATISFACTION | {"recall": recall, "fatigue": fatigue, "promise": promise}
    named["satisfaction"] = named["satisfaction"] | {"adds": {"waited": -0.2, "order": 0.05}}
    bad = {"mean": 0.1, "sd": 0.2, "bad": {"chance": 0.2, "adds": -0.5, "odds_per_day_waited": 3}}
    return put(
        desk(customers), drivers=named, channels__call__experience=bad, channels__mail__experience={"mean": {"weigh": 0.1, "buy": -0.1}, "bad": {"chance": 0.1}}
    )


def permits(customers: int = 2000) -> Raw:
    """Return a world with flights, frequency caps, permissions granted and withdrawn, and contents."""
    opted = {"permissions": {"opted_in": {"start": 0.2, "order": 0.6}, "tracked": {"start": 0.7}}}
    fatigue = {"half_life": 7, "adds": {"exposure": {"mail": 0.3}}, "loses": {"opted_in": 4.0}}
    guide = {"weight": {"aware": 3, "weigh": 1}, "odds": {"aware": {"weigh": 1.5}}}
    study = {"weight": 2, "odds": {"weigh": {"buy": 1.7}, "aware": {"lost": 1.2}}}
    return put(
        plain(customers) | opted,
        drivers={"fatigue": fatigue},
        channels__ad__flights=[{"start": 10, "end": 60}, {"start": 90, "end": 150}],
        channels__ad__cap={"exposures": 1, "per": "week"},
        channels__ad__gives={"opted_in": 0.3, "tracked": 0.1},
        channels__mail__needs=["opted_in"],
        channels__mail__cap={"exposures": 2, "per": "month"},
        channels__mail__loses={"opted_in": 0.05},
        channels__call__contents={"guide": guide, "study": study},
        channels__call__flights=[],
        channels__mail__contents={"guide": guide, "study": study},
    )


def market(customers: int = 2000) -> Raw:
    """Return a world with seasons, office hours, growing arrivals, a desk that hires, word of mouth, targeting and a shared reputation."""
    year = {"season": [1, 1, 2, 1, 1, 0.5, 0, 1, 1, 2, 1, 1], "weekday": [1, 1, 1, 1, 1, 0.2, 0]}
    day = [0.0] * 8 + [1.0] * 9 + [0.0] * 7
    raw = desk(customers) | {"calendars": {"b2c": year, "b2b": year | {"hours": day}}, "arrivals": {"days": 150, "growth": 3.0}}
    reputation = {"shared": True, "half_life": 90, "follows": "satisfaction", "range": [-1, 1], "adds": {"order": 0.02}, "odds": {"aware": {"weigh": 2.0}}}
    raw["desks"]["sales"] |= {"hire": {"people": 3, "from": 30, "ramp": 40}, "hours": {"weekday": [1] * 5 + [0] * 2, "hours": day}}
    raw["personas"]["keen"]["traits"] = {"taste": TRAITS["doubt"]}
    talk = {"media": "earned", "share": {"aware": 0.2, "weigh": 0.1, "love": 0.1}, "meets": ["love", "buy"], "odds": {"aware": {"weigh": 3.0}}}
    raw["channels"] |= {"talk": talk, "gossip": {"share": 0.05, "meets": ["love"]}}
    raw["channels"]["ad"]["targets"] = {"taste": 1.5}
    return raw | {"drivers": SATISFACTION | {"reputation": reputation}}


def rules(customers: int = 2000) -> Raw:
    """Return a world whose orchestration notices everything there is to notice, at once, late, wrongly and in batches."""
    opted = {"permissions": {"opted_in": {"start": 0.2, "order": 0.5}, "quiz": {}}, "drivers": SATISFACTION}
    raw = satisfaction(customers) | opted
    raw["channels"]["mail"] |= {"gives": {"opted_in": 0.3, "quiz": 0.1}, "cap": {"exposures": 3, "per": "month"}}
    welcome = {
        "when": {"gains": ["opted_in"]},
        "only": {"needs": ["opted_in"]},
        "wait": 0.5,
        "do": {"channel": "mail", "odds": {"weigh": {"buy": 1.5}}},
        "at_most": 3,
    }
    reminder = {"when": {"enters": ["weigh"]}, "only": {"stages": ["weigh"]}, "batch": 1, "at_most": 2}
    reminder |= {"sees": {"accuracy": 0.6, "late": 3, "told_by": ["quiz"]}, "do": {"channel": "mail", "half_life": 2, "odds": {"weigh": {"buy": 2}}}}
    follow_up = {"when": {"touches": ["mail", "ad"], "stays": ["buy"]}, "only": {"personas": ["keen"], "stages": ["aware", "weigh", "buy"]}, "wait": 0.1}
    follow_up |= {"do": {"channel": "call", "calls": True, "odds": {"weigh": {"buy": 3}}, "half_life": 1.5}}
    save = {"when": {"below": {"satisfaction": 0.0}, "orders": True}, "do": {"channel": "ad"}, "at_most": 4}
    return raw | {"rules": {"welcome": welcome, "reminder": reminder, "follow_up": follow_up, "save": save}}


def ruled_desk(customers: int = 2000) -> Raw:
    """Return a world whose rules call customers to a desk where many queue and give up, on a clock full of ties."""
    more = rules(customers)
    raw = ties(customers) | {"permissions": more["permissions"], "rules": more["rules"]}
    raw["channels"]["mail"] |= {"gives": {"opted_in": 0.3}}
    raw["rules"]["again"] = {"when": {"gave_up": True, "enters": ["buy"]}, "wait": 1, "do": {"channel": "call", "calls": True}, "at_most": 5}
    raw["rules"]["save"]["do"] = {"channel": "mail"}
    return put(raw, desks__sales__gives_up_to="lost", desks__sales__people=20)


def contracts(customers: int = 2000) -> Raw:
    """Return a world where one persona pays fees: terms renew dearer, and who leaves pays to the end of a term."""
    fee = {"fee": {"mean": 80, "cv": 0.5, "family": "lognormal"}, "period": 7.0, "term": 28.0, "notice": 10.0, "rise": 0.05}
    raw = put(desk(customers), personas__calm__revenue={"model": "contract", "contract": fee})
    return put(raw, personas__keen__revenue={"model": "contract", "contract": fee | {"period": 30.0, "term": 30.0}}, personas__keen__traits=TRAITS)


def deals(customers: int = 2000) -> Raw:
    """Return a world of prices: one persona sends orders back, the other pays in parts; dearer than listed; word pays; some are there on day 0."""
    back = {"price": 1.2, "sensitivity": {"weigh": {"buy": -1.5}}, "refund": {"chance": 0.3, "after": {"mean": 9, "cv": 0.5, "family": "gamma"}}}
    parts = {"value": {"mean": 200, "family": "fixed"}, "instalments": {"number": 4, "every": 7.0}}
    raw = put(referral(customers), personas__keen__revenue=PERSONAS["keen"]["revenue"] | back, personas__calm__revenue=parts, referral__reward={"keen": 5.0})
    heart = {"acts": "probability", "family": "beta", "a": 1.5, "b": 6.0, "of": {"buy": {"gone": 1.0}}}
    raw = put(raw, channels__mail__discount=0.15, stages__love__order__worth=1.5, personas__calm__traits={"heart": heart}, stages__gone__reason="tired")
    worn = {"seen": {"adds": {"exposure": 1.0}, "half_life": 20, "range": [0, 50]}}
    raw = put(raw, drivers=worn, channels__ad__saturation={"driver": "seen", "half": 2.0, "shape": 1.5})
    return raw | {"start": {"love": {"keen": customers // 20}, "weigh": {"calm": customers // 40, "keen": 3}}}


def owned(customers: int = 2000) -> Raw:
    """Return a world where everybody has one rep for good, fees go with the stage, contracts run on day 0, and a rule watches for a level."""
    fee = {"fee": {"mean": 80, "cv": 0.5, "family": "lognormal"}, "period": 7.0, "term": 28.0, "by_stage": {"love": 1.6}}
    raw = put(desk(customers), personas__calm__revenue={"model": "contract", "contract": fee}, desks__sales__owned=True)
    raw["drivers"] = {"points": {"adds": {"order": 1.0, "touch": 0.5}, "range": [0, 20]}}
    raw["rules"] = {"club": {"when": {"above": {"points": 2.5}}, "wait": 0.5, "do": {"channel": "mail", "odds": {"buy": {"love": 2.0}}}, "at_most": 3}}
    return raw | {"start": {"buy": {"calm": customers // 20, "keen": 2}}}


def everything(customers: int = 2000) -> Raw:
    """Return a world with every mechanism at once."""
    raw = satisfaction(customers) | {"desks": desk()["desks"], "ab_test": ARMS, "arrivals": {"days": 120, "shape": "poisson"}}
    raw |= {"referral": {"chance": {"love": 0.06, "buy": 0.04}, "enters": "aware"}}
    caps = {"channels__ad__budget": {"amount": 3, "per": "day"}, "channels__call__budget": {"amount": 2000, "per": "month"}, "channels__mail__discount": 0.1}
    raw = put(raw, **caps, personas__keen__traits=TRAITS, personas__calm__set={"channels.ad.cost.touch": 0.5}, channels__ad__intensity=1.3)
    more = permits()
    gates = ("flights", "cap", "gives", "needs", "loses", "contents")
    for name in ("ad", "mail"):
        raw["channels"][name] |= {field: given for field, given in more["channels"][name].items() if field in gates}
    busy = market()
    raw["channels"] |= {"talk": busy["channels"]["talk"] | {"share": {"aware": 0.03}}, "gossip": busy["channels"]["gossip"] | {"share": {"love": 0.01}}}
    raw["desks"]["sales"] |= {name: busy["desks"]["sales"][name] for name in ("hire", "hours")}
    named = drivers()["drivers"] | {"reputation": busy["drivers"]["reputation"]}
    raw["rules"], raw["personas"]["calm"]["revenue"] = rules()["rules"], contracts()["personas"]["calm"]["revenue"]
    raw["permissions"] = more["permissions"] | {"quiz": {"start": 0.1}}
    dear = deals(customers)
    raw["personas"]["keen"]["revenue"] = dear["personas"]["keen"]["revenue"]
    raw["channels"]["ad"]["saturation"] = {"driver": next(iter(drivers()["drivers"])), "half": 0.7}
    return raw | {"drivers": named, "calendars": busy["calendars"], "start": dear["start"]}


CASES = {
    "none": plain,
    "budget": budget,
    "desk": desk,
    "referral": referral,
    "arms": arms,
    "traits": traits,
    "ties": ties,
    "persona_set": persona_set,
    "satisfaction": satisfaction,
    "discounts": discounts,
    "drivers": drivers,
    "permits": permits,
    "market": market,
    "rules": rules,
    "ruled_desk": ruled_desk,
    "contracts": contracts,
    "deals": deals,
    "owned": owned,
    "late": late,
    "poisson": lambda customers=2000: plain(customers, arrivals={"days": 90, "shape": "poisson"}),
    "even": lambda customers=2000: plain(customers, arrivals={"days": 90, "shape": "even"}),
    "all": everything,
}


def made(raw: Raw, **top: Any) -> World:
    """Return the checked world of this data, with values at its top level replaced."""
    return world(raw | top)


def line(*, next_stage: str = "buy", gap: float = 1.0, horizon: float = 10.0, customers: int = 1, **top: Any) -> Raw:
    """Return the smallest journey: look on day 0, go on for sure after a fixed gap, order once and be gone at the next occasion."""
    fixed = {"mean": gap, "family": "fixed"}
    stages = {
        "look": {"kind": "prospect", "entry": 1.0, "next": {next_stage: 1.0}, "gap": fixed},
        "buy": {"kind": "customer", "order": {"on_entry": 1.0}, "next": {"gone": 1.0}, "gap": fixed},
        "gone": {"kind": "churned"},
        "lost": {"kind": "lost"},
    }
    person = {"one": {"revenue": {"value": {"mean": 50, "family": "fixed"}}}}
    return {"customers": customers, "arrivals": {"days": 0}, "horizon": horizon, "stages": stages, "personas": person} | top
