"""The laws that hold whatever the world, on worlds drawn from the whole schema: both clocks, the placebo law; conservation is checked on every log."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from pydantic import BaseModel

from sim.model.check import world
from sim.model.world import Part, World
from sim.play import play
from tests.contracts.conservation import rows_of
from tests.contracts.test_placebo import blind
from tests.random_worlds import placebos, worlds

AS_WRITTEN = {"derandomize": True, "database": None, "deadline": None, "suppress_health_check": list(HealthCheck), "phases": (Phase.generate, Phase.shrink)}
# What says how to run a world, or only stands on a page: no rule reads it.
NO_RULE = {"World": {"clock", "log", "replications", "student", "scenario", "team"}, "Persona": {"card"}, "Money": {"currency"}}
NO_RULE["Spread"] = {"a", "b"}  # of traits alone


def lives_by_the_law(without, beside):
    """Play a world on both clocks, and with a placebo: the same bytes but channel and engaged; return the rows with the placebo."""
    clear, fast, placebo = play(world(without), clock="simpy"), play(world(without), clock="compiled"), play(world(beside), clock="compiled")

    assert clear.births.tobytes() == fast.births.tobytes() == placebo.births.tobytes()
    assert rows_of(clear).tobytes() == rows_of(fast).tobytes()
    assert clear.queueing == fast.queueing == placebo.queueing
    assert blind(rows_of(placebo)).tobytes() == blind(rows_of(fast)).tobytes()
    return rows_of(placebo)


@settings(max_examples=40, **AS_WRITTEN)
@given(both=placebos())
def test_random_worlds_live_by_the_law(both):
    """Forty worlds, the same every time."""
    lives_by_the_law(*both)


@pytest.mark.slow
def test_very_many_random_worlds_live_by_the_law():
    """Two hundred: pytest -m slow tests/contracts/test_random_worlds.py (some minutes). In half of them something happens to half of all customers."""
    lively = []

    @settings(max_examples=200, **AS_WRITTEN)
    @given(both=placebos())
    def each(both):
        rows = lives_by_the_law(*both)
        lively.append((len(rows) > 100, (rows["channel"] == len(both[1]["channels"])).any()))

    each()
    assert sum(many for many, _ in lively) > len(lively) / 2
    assert sum(held for _, held in lively) > len(lively) / 3


def test_random_worlds_are_drawn_from_the_whole_schema():
    """Every field of every part of a world is given in some of 600 worlds: whoever adds a field lets `tests/random_worlds.py` draw it."""
    seen = set()

    @settings(max_examples=600, **AS_WRITTEN)
    @given(raw=worlds())
    def each(raw):
        seen.update(given_in(World.model_validate(raw)))

    each()
    assert {(part.__name__, name) for part in reachable(World) for name in ruling(part)} - seen == set()


def given_in(value):
    """Yield (part, field) of everything that the world gives explicitly."""
    if isinstance(value, Part):
        yield from ((type(value).__name__, name) for name in value.model_fields_set)
        for name in value.model_fields_set:
            yield from given_in(getattr(value, name))
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from given_in(inner)


def reachable(part):
    """Return the parts that a part is made of, itself included."""
    found, edge = set(), [part]
    while edge:
        found.add(one := edge.pop())
        edge += [inner for name in ruling(one) for inner in models(one.model_fields[name].annotation) if inner not in found]
    return found


def ruling(part):
    """Return the fields of a part that rules or metrics read."""
    return set(part.model_fields) - NO_RULE.get(part.__name__, set())


def models(annotation):
    """Yield the parts named in an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from models(inner)
