"""Worlds told in another way: plain data in, plain data out."""

from copy import deepcopy

NAMED = ("stages", "personas", "channels", "desks", "drivers", "permissions", "rules")
WORDS = ("kind", "family", "acts", "media", "market", "shape", "per", "model", "currency", "name")  # fields whose values are words of the schema
SATISFACTION, OWN = "satisfaction", "own"


def living(raw):
    """Return the names of the stages that are no exits."""
    return [name for name, stage in raw["stages"].items() if stage["kind"] in ("prospect", "customer")]


def names(raw):
    """Return every name that the writer of the world chose, but for rules, traits, desks and tests: the luck of these goes by their names."""
    found = {name for section in NAMED if section not in ("rules", "desks") for name in raw.get(section, {})}
    found |= {name for part in raw["channels"].values() for name in part.get("contents", {})}
    return (found | set(raw.get("ab_test", {}).get("arms", {}))) - {SATISFACTION, OWN}


def renamed(raw):
    """Return the world with every name replaced by another, wherever it stands, in dotted paths too."""
    new = {name: f"renamed {name}" for name in names(raw)}

    def told(node, field=""):
        if isinstance(node, dict):
            return {dotted(key): told(value, key) for key, value in node.items()}
        if isinstance(node, list):
            return [told(item) for item in node]
        return new.get(node, node) if isinstance(node, str) and field not in WORDS else node

    def dotted(key):
        return ".".join(new.get(part, part) for part in key.split("."))

    return told(raw)


def backwards(raw, at=""):
    """Return the world with all its fields, rows and lists the other way round; what is numbered by its place (stages, channels ...) keeps it."""
    if isinstance(raw, dict):
        inside = {key: backwards(value, key) for key, value in raw.items()}
        return inside if at in (*NAMED, "contents", "traits", "arms") else dict(reversed(inside.items()))
    return raw[::-1] if isinstance(raw, list) and all(isinstance(item, str | dict) for item in raw) else raw


def without(raw, *fields):
    """Return the world without these fields, wherever they stand."""
    if isinstance(raw, dict):
        return {key: without(value, *fields) for key, value in raw.items() if key not in fields}
    return [without(item, *fields) for item in raw] if isinstance(raw, list) else raw


DAYS = {"horizon", "half_life", "period", "term", "notice", "wait", "batch", "late", "from", "ramp", "every"}
LASTS = {"gap", "service", "patience", "after"}


def scaled_in_time(raw, times):
    """Return the world in another unit of time: so many of the new for one of the old."""
    changed = deepcopy(raw)
    changed["arrivals"]["days"] *= times
    changed["arrivals"]["growth"] = (1 + changed["arrivals"].get("growth", 0.0)) ** (1 / times) - 1

    def scale(node):
        for key, value in node.items() if isinstance(node, dict) else ():
            if key in DAYS and value is not None:
                node[key] = value * times
            elif key in LASTS and value is not None:
                value["mean"] *= times
            elif key == "waited":
                node[key] = value / times
            elif key == "odds_per_day_waited":
                node[key] = value ** (1 / times)
            else:
                scale(value)

    scale(changed)
    return changed


def twice_as_dear(raw):
    """Return the world with every price, fee, cost and budget twice as much."""
    changed = deepcopy(raw)
    for channel in changed["channels"].values():
        channel["cost"] = {name: 2 * money for name, money in channel.get("cost", {}).items()}
        channel.get("budget", {}).update({"amount": 2 * channel["budget"]["amount"]} if "budget" in channel else {})
    for persona in changed["personas"].values():
        revenue = persona.get("revenue", {})
        for spread in [revenue[name] for name in ("value",) if name in revenue] + ([revenue["contract"]["fee"]] if "contract" in revenue else []):
            spread["mean"] *= 2
    if "reward" in changed.get("referral", {}):
        changed["referral"]["reward"] *= 2
    return changed


