"""The figures of a run, each from its table."""

from collections.abc import Iterator
from math import nan

from matplotlib.figure import Figure

from sim.metrics import Metric
from sim.metrics import curves as tables
from sim.report.figures import curves, dwell, funnel, occasions, transition_map, worth
from sim.report.figures.style import Scene
from sim.report.words import spoken
from sim.studies.run import Result


def figures(result: Result) -> Iterator[tuple[str, Figure]]:
    """Yield the name and the figure of every figure, one at a time."""
    log, terms = result.log, result.log.terms
    place = scene(result)
    inside = tuple(kind for kind in terms.kinds if kind in ("prospect", "customer"))
    found = {(m.metric, m.by, m.group): m for m in result.headline}
    personas = terms.personas if 1 < len(terms.personas) <= curves.MANY else ()

    yield "funnel", funnel.draw(tables.funnel(log), inside, len(log.births), _whole(found, "conversion_rate"), place)
    yield "transition_map", transition_map.draw(tables.transitions(log), terms.kinds, terms.ring, place)
    yield "occasions", occasions.draw(tables.occasions(log), terms.kinds, terms.media, place)
    kept = {name: tables.retention_curve(log, name) for name in personas}
    yield "retention", curves.retention(tables.retention_curve(log), kept, _points(found, "retention_{}d", ()), terms.coupled, place)
    yield "clv", worth.draw(_by_persona(found, "clv", terms.personas), _by_persona(found, "value_365d", terms.personas), terms.clv_days, place)
    won = {name: tables.conversion_curve(log, name) for name in personas}
    points = _points(found, "conversion_rate_{}d", personas)
    yield "conversion", curves.conversion(tables.conversion_curve(log), won, points, found.get(("time_to_convert", "all", "all")), place)
    stays = {m.group: m for m in result.measured if m.metric == "dwell_time"}  # replications follow visits for other lengths of time
    yield "time_in_stage", dwell.draw(tables.dwell(log), inside, stays, place)


def scene(result: Result) -> Scene:
    """Return what every figure says of its source."""
    world = result.world
    return Scene(
        spoken(world.scenario.name),
        len(result.log.births),
        world.horizon,
        world.seed,
        world.money.currency,
        result.provenance["replications"] if result.replicated is not None else 1,
    )


Found = dict[tuple[str, str, str], Metric]


def _whole(found: Found, name: str) -> Metric:
    return found.get((name, "all", "all"), Metric(name, "all", "all", nan, nan, nan, "", 0))


def _points(found: Found, pattern: str, personas: tuple[str, ...]) -> dict[str, dict[int, Metric]]:
    groups = {curves.WHOLE: ("all", "all")} | {name: ("persona", name) for name in personas}
    days = {name: curves.DAYS if name == curves.WHOLE else curves.DAYS[-1:] for name in groups}  # the whole's at every day, personas' at the last
    return {name: {day: found[key] for day in days[name] if (key := (pattern.format(day), *group)) in found} for name, group in groups.items()}


def _by_persona(found: Found, name: str, personas: tuple[str, ...]) -> list[Metric]:
    none = Metric(name, "persona", "", nan, nan, nan, "", 0, "no values")
    rows = [found.get((name, "persona", persona), none._replace(group=persona)) for persona in personas] if len(personas) > 1 else []
    return [*rows, _whole(found, name)]
