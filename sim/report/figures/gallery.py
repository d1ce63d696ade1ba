"""The figures of a run, each from its table."""

from collections.abc import Callable, Iterator
from math import nan

from matplotlib.figure import Figure

from sim.customers import fold
from sim.metrics import Metric, paths
from sim.metrics import curves as tables
from sim.metrics.arrivals import arrivals
from sim.report.figures import FILES, alluvial, curves, dwell, funnel, occasions, transition_map, worth
from sim.report.figures.style import Scene
from sim.report.html.stored import Found, Run
from sim.report.words import spoken


def figures(run: Run) -> Iterator[tuple[str, Figure]]:
    """Yield the name and the figure of every figure that becomes a file, one at a time."""
    drawn = drawers(run)
    yield from ((name, drawn[name]()) for name in FILES)


def drawers(run: Run) -> dict[str, Callable[[], Figure]]:
    """Return what draws each figure, by name."""
    log, terms, place, found = run.log(), run.terms, scene(run), run.found
    came = arrivals(log) or log
    inside = tuple(kind for kind in terms.kinds if kind in ("prospect", "customer"))
    personas = terms.personas if 1 < len(terms.personas) <= curves.MANY else ()

    def retention() -> Figure:
        folded = fold(came)
        kept = {name: tables.retention_curve(came, name, folded) for name in personas}
        return curves.retention(tables.retention_curve(came, None, folded), kept, _points(found, "retention_{}d", ()), terms.coupled, place)

    def conversion() -> Figure:
        folded = fold(came)
        won = {name: tables.conversion_curve(came, name, folded) for name in personas}
        points = _points(found, "conversion_rate_{}d", personas)
        return curves.conversion(tables.conversion_curve(came, None, folded), won, points, found.get(("time_to_convert", "all", "all")), place)

    stays = {m.group: m for m in run.metrics if m.metric == "dwell_time"}  # replications follow visits for other lengths of time
    worths = [_by_persona(found, name, terms.personas) for name in ("clv", "value_365d")]
    return {
        "funnel": lambda: funnel.draw(tables.funnel(came), inside, len(came.births), _whole(found, "conversion_rate"), place),
        "transition_map": lambda: transition_map.draw(tables.transitions(log), terms.kinds, terms.ring, place),
        "occasions": lambda: occasions.draw(tables.occasions(log), terms.kinds, terms.media, place),
        "retention": retention,
        "clv": lambda: worth.draw(worths[0], worths[1], terms.clv_days, place),
        "conversion": conversion,
        "time_in_stage": lambda: dwell.draw(tables.dwell(log), inside, stays, place),
        "flow": lambda: alluvial.draw(paths.flows(came), terms.kinds, place),
    }


def scene(run: Run) -> Scene:
    """Return what every figure says of its source."""
    of = run.provenance
    return Scene(spoken(run.name), int(of["customers"]), run.terms.horizon, of["seed"], run.terms.currency, int(of["replications"]))


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
