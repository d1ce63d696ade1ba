"""A world described after the ODD protocol (Grimm et al. 2020, JASSS 23(2) 7), written from its configuration."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sim.language import current
from sim.report.words import inside, spoken

World = Mapping[str, Any]
ELEMENTS = ("purpose", "entities", "process", "concepts", "initial", "input", "submodels")


def described(world: World) -> dict[str, list[str]]:
    """Return the paragraphs of each of the seven elements."""
    say = current()
    return {
        "purpose": [say.text("odd.purpose.text")],
        "entities": list(_entities(world)),
        "process": [say.text("odd.process.text")],
        "concepts": list(_concepts(world)),
        "initial": [_initial(world)],
        "input": [say.text("odd.input.text")],
        "submodels": list(_submodels(world)),
    }


def _entities(world: World) -> Iterator[str]:
    say, stages, personas = current(), world["stages"], world["personas"]
    days = say.number(world["arrivals"]["days"])
    number, horizon, currency = say.count(world["customers"]), say.number(world["horizon"]), world["money"]["currency"]
    yield say.text("odd.entities.customers", number=number, days=days, horizon=horizon, currency=currency)
    kinds = {kind: [name for name, stage in stages.items() if stage["kind"] in of] for kind, of in _KINDS.items()}
    yield say.text("odd.entities.stages", **{kind: _listed(names) for kind, names in kinds.items()})
    traits = dict.fromkeys(trait for persona in personas.values() for trait in persona.get("traits") or ())
    yield say.text("odd.entities.personas", number=len(personas), names=_listed(personas), traits=_listed(list(traits)))
    if world.get("channels"):
        yield say.text("odd.entities.channels", number=len(world["channels"]), names=_listed(world["channels"]))
    if world.get("desks"):
        yield say.text("odd.entities.desks", names=_listed(world["desks"]))


def _concepts(world: World) -> Iterator[str]:
    say = current()
    yield say.text("odd.concepts.stochasticity")
    shared = [*(world.get("desks") or ()), *(name for name, channel in (world.get("channels") or {}).items() if channel.get("budget"))]
    yield say.text("odd.concepts.interaction", shared=_listed(shared)) if shared else say.text("odd.concepts.no_interaction")
    drivers = world.get("drivers") or {}
    yield say.text("odd.concepts.adaptation", drivers=_listed(drivers)) if drivers else say.text("odd.concepts.no_adaptation")
    yield say.text("odd.concepts.observation")


def _initial(world: World) -> str:
    start = {name: sum(groups.values()) for name, groups in (world.get("start") or {}).items()}
    if not any(start.values()):
        return current().text("odd.initial.text", entry=_entries(world))
    where = ", ".join(f"{spoken(name)} {current().count(people)}" for name, people in start.items() if people)
    return current().text("odd.initial.start", number=current().count(sum(start.values())), where=where, entry=_entries(world))


def _entries(world: World) -> str:
    entry = {name: stage.get("entry") or 0.0 for name, stage in world["stages"].items()}
    return ", ".join(f"{spoken(name)} {current().percent(share)}" for name, share in entry.items() if share)


def _submodels(world: World) -> Iterator[str]:
    say, stages = current(), world["stages"]
    for name, stage in stages.items():
        if stage.get("next"):
            steps = ", ".join(f"{inside(to)} {say.percent(share)}" for to, share in stage["next"].items() if share)
            yield say.text("odd.submodels.next", stage=spoken(name), next=steps)
    gaps = [f"{spoken(name)} {say.days(stage['gap']['mean'])} ({stage['gap']['family']})" for name, stage in stages.items() if stage.get("gap")]
    yield say.text("odd.submodels.gap", gaps=", ".join(gaps))
    orders = {name: stage.get("order") or {} for name, stage in stages.items()}
    sold = [f"{spoken(name)} {say.percent(o.get('on_entry', 0))} / {say.percent(o.get('on_stay', 0))}" for name, o in orders.items() if any(o.values())]
    if sold:
        yield say.text("odd.submodels.order", orders=", ".join(sold))
        money = world["money"]
        yield say.text("odd.submodels.money", margin=say.percent(money["margin"]), rate=say.percent(money["discount_rate"]), days=say.number(money["clv_days"]))
    referral = world.get("referral")
    if referral:
        chances = ", ".join(f"{spoken(name)} {say.percent(chance)}" for name, chance in referral["chance"].items())
        yield say.text("odd.submodels.referral", chances=chances, enters=spoken(referral["enters"]))


_KINDS = {"prospect": ("prospect",), "customer": ("customer",), "exits": ("lost", "churned")}


def _listed(names: Mapping[str, Any] | Sequence[str]) -> str:
    return ", ".join(map(spoken, names)) or current().text("odd.entities.none")
