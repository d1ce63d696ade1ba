"""The reference journey of the benchmark, written as polku worlds: J1 (nothing is shared) and J2 (a desk, budgets, referrals).

Two personas, seven stages, six channels that hold all occasions, 13 occasions a customer in two years. Everybody engages
with everything. One rule differs from the programs it is compared with: there, satisfaction keeps 0.8 of itself at each
touch; here it fades with time, and `HALF_LIFE` and `NEWS` are chosen so that its mean and spread are alike.
"""

import math
from typing import Any

STAGES = {
    "awareness": "prospect", "consideration": "prospect", "decision": "prospect",
    "retention": "customer", "advocacy": "customer", "churned": "churned", "lost": "lost",
}  # fmt: skip
LIVING = tuple(STAGES)[:5]
CHANNELS = ("search", "social", "email", "webinar", "reviews", "sales")

# Median days between occasions by stage; the logarithm has this standard deviation.
GAP = {"b2c": (2, 3, 2, 20, 30), "b2b": (7, 14, 10, 45, 60)}
GAP_SIGMA = 0.8

# Share of each channel (columns as CHANNELS) in the occasions of each stage.
SHARES = {
    "b2c": ((.30, .40, .10, .05, .10, .05), (.25, .20, .20, .10, .20, .05), (.20, .10, .25, .05, .30, .10),
            (.10, .20, .45, .05, .10, .10), (.05, .45, .25, .05, .15, .05)),
    "b2b": ((.35, .20, .15, .20, .05, .05), (.20, .10, .20, .25, .10, .15), (.10, .05, .15, .15, .15, .40),
            (.05, .05, .40, .15, .05, .30), (.05, .20, .30, .20, .10, .15)),
}  # fmt: skip
COST = (1.0, 0.5, 0.05, 3.0, 0.0, 25.0)
QUALITY = (0.1, 0.0, 0.1, 0.3, 0.2, 0.3)

# Weights of the next stage (columns as STAGES) at an occasion of a neutral customer whom nothing influences.
RARE = 1e-4
NEXT = {
    "b2c": ((.860, .080, .004, RARE, RARE, RARE, .056), (.050, .780, .080, RARE, RARE, RARE, .090),
            (RARE, .160, .640, .040, RARE, RARE, .160), (RARE, RARE, .050, .700, .070, .180, RARE),
            (RARE, RARE, RARE, .150, .750, .100, RARE)),
    "b2b": ((.850, .090, .004, RARE, RARE, RARE, .056), (.050, .760, .110, RARE, RARE, RARE, .080),
            (RARE, .150, .680, .030, RARE, RARE, .140), (RARE, RARE, .040, .780, .060, .120, RARE),
            (RARE, RARE, RARE, .150, .770, .080, RARE)),
}  # fmt: skip

# What a channel adds to the log odds of one step forward, by stage; advocates step back to retention, where they buy.
LIFT = {
    "search": {"awareness": 0.3, "consideration": 0.2, "decision": 0.2},
    "social": {"awareness": 0.2, "retention": 0.1, "advocacy": 0.1},
    "email": {"consideration": 0.2, "retention": 0.2, "advocacy": 0.1},
    "webinar": {"awareness": 0.2, "consideration": 0.5, "decision": 0.2},
    "reviews": {"consideration": 0.2, "decision": 0.4},
    "sales": {"consideration": 0.3, "decision": 0.6, "retention": 0.2},
}
FORWARD, LEAVE = 0.5, -0.7  # what a unit of satisfaction adds to the log odds of every stage ahead, and of both exits
HALF_LIFE, NEWS, NOISE = 120.0, 0.09, 0.5  # days; an engaged touch adds NEWS x normal(quality, NOISE)

VALUE_MEDIAN, VALUE_SIGMA = {"b2c": 60.0, "b2b": 5000.0}, {"b2c": 0.6, "b2b": 0.8}


def j1(customers: int, seed: int = 1) -> dict[str, Any]:
    """Return the world where customers share nothing."""
    return {
        "customers": customers,
        "arrivals": {"days": 365},
        "horizon": 730,
        "seed": seed,
        "stages": _stages(),
        "personas": {"b2c": {"share": 0.7, "revenue": _revenue("b2c")}, "b2b": {"market": "b2b", "share": 0.3, "revenue": _revenue("b2b"), **_differences()}},
        "channels": {name: _channel(k, name) for k, name in enumerate(CHANNELS)},
        "drivers": {"satisfaction": {"half_life": HALF_LIFE, "odds": _pull()}},
    }


def j2(customers: int, seed: int = 1) -> dict[str, Any]:
    """Return the world where customers queue for sales reps, share daily budgets, and advocates bring others."""
    world = j1(customers, seed)
    world["desks"] = {
        "reps": {
            "people": max(1, customers // 2000),
            "serves": {"personas": ["b2b"], "stages": ["decision"]},
            "service": {"mean": 0.5},
            "patience": {"mean": 14},
            "gives_up_to": "lost",
        }
    }
    for name in ("search", "social"):
        world["channels"][name]["budget"] = {"amount": customers / 365 * 0.5, "per": "day"}
    world["referral"] = {"chance": {"advocacy": 0.1}, "enters": "consideration"}
    return world


WORLDS = {"J1": j1, "J2": j2}


def _stages() -> dict[str, Any]:
    cv = math.sqrt(math.expm1(GAP_SIGMA**2))
    stages: dict[str, Any] = {name: {"kind": kind} for name, kind in STAGES.items()}
    for k, name in enumerate(LIVING):
        weights = NEXT["b2c"][k]
        stages[name]["next"] = {to: weight / sum(weights) for to, weight in zip(STAGES, weights, strict=True)}
        stages[name]["gap"] = {"mean": GAP["b2c"][k] * math.exp(GAP_SIGMA**2 / 2), "cv": cv, "family": "lognormal"}
    stages["awareness"]["entry"] = 1.0
    stages["retention"]["order"] = {"on_entry": 1.0, "on_stay": 1.0}
    return stages


def _revenue(persona: str) -> dict[str, Any]:
    sigma = VALUE_SIGMA[persona]
    return {"value": {"mean": VALUE_MEDIAN[persona] * math.exp(sigma**2 / 2), "cv": math.sqrt(math.expm1(sigma**2)), "family": "lognormal"}}


def _differences() -> dict[str, Any]:
    """Return what makes b2b differ from b2c: slower, other odds, other channels."""
    by_stage = list(enumerate(LIVING))
    return {
        "pace": {stage: GAP["b2b"][k] / GAP["b2c"][k] for k, stage in by_stage},
        "odds": {stage: {to: NEXT["b2b"][k][j] / NEXT["b2c"][k][j] for j, to in enumerate(STAGES)} for k, stage in by_stage},
        "channels": {name: {stage: SHARES["b2b"][k][j] / SHARES["b2c"][k][j] for k, stage in by_stage} for j, name in enumerate(CHANNELS)},
    }


def _channel(j: int, name: str) -> dict[str, Any]:
    ahead = dict(zip(LIVING, (*LIVING[1:], "retention"), strict=True))
    return {
        "media": "paid",
        "share": {stage: SHARES["b2c"][k][j] for k, stage in enumerate(LIVING)},
        "odds": {stage: {ahead[stage]: math.exp(lift)} for stage, lift in LIFT[name].items()},
        "experience": {"mean": NEWS * QUALITY[j], "sd": NEWS * NOISE},
        "cost": {"touch": COST[j]},
    }


def _pull() -> dict[str, dict[str, float]]:
    pull = {stage: {to: math.exp(FORWARD) for to in LIVING[k + 1 :]} for k, stage in enumerate(LIVING)}
    return {stage: {**ahead, "churned": math.exp(LEAVE), "lost": math.exp(LEAVE)} for stage, ahead in pull.items()}
