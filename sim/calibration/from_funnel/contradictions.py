"""What figures can't all be true at the same time."""

from collections.abc import Iterator
from itertools import pairwise

from sim.calibration.from_funnel.figures import EITHER, FUNNEL, Figures
from sim.errors import Problem
from sim.model.world import OWN

WORKING_HOURS = 1600.0  # of one person a year, holidays and illness taken off (OECD, hours actually worked: 1,340 to 1,800)


def contradictions(figures: Figures) -> Iterator[Problem]:
    """Yield what is impossible in figures that are possible one by one."""
    yield from _funnel(figures)
    for one, other in EITHER:
        if figures.get(one) is not None and figures.get(other) is not None:
            yield Problem(other, f"given {figures.get(other):g} beside {one}: {figures.get(one):g}", "give one of the two; the other follows")
    yield from _visits(figures)
    hours, reps, deals = (figures.get(name) for name in ("hours_per_deal", "reps", "opportunities"))
    if hours is not None and reps is not None and deals is not None:
        yield from overload(deals, hours, reps)
    for name in ("wage", "hours_per_deal"):
        if reps == 0 and figures.get(name):
            yield Problem(name, f"given {figures.get(name):g} with reps: 0", "nobody to pay or to work; leave it empty, or say how many reps")


def overload(deals: float, hours: float, reps: float) -> Iterator[Problem]:
    """Yield the problem of people who would have to work more than they can: their queue would grow for ever."""
    most = reps * WORKING_HOURS
    if reps > 0 and deals * hours >= most:
        given = f"{deals:,.10g} opportunities of {hours:,.10g} hours are {deals * hours:,.0f} hours of work"
        rule = f"{reps:,.0f} have {most:,.0f} a year: must be at least {int(deals * hours // WORKING_HOURS) + 1} reps, or fewer hours_per_deal"
        yield Problem("reps", given, rule)


def _funnel(figures: Figures) -> Iterator[Problem]:
    known = [(name, value) for name in FUNNEL if (value := figures.get(name)) is not None]
    if not known:
        yield Problem("figures", f"none of {', '.join(FUNNEL)}", "give at least one of them")
    for (before, many), (after, few) in pairwise(known):
        if few > many:
            yield Problem(after, f"given {few:,.10g}, more than {before}: {many:,.10g}", f"must be at most {before}: each of them was one of those before")


def _visits(figures: Figures) -> Iterator[Problem]:
    visitors, visits = figures.get("visitors"), figures.visits
    if visitors is None or visits.get(OWN) is None or any(value is None for value in visits.values()):
        return
    total = sum(value for value in visits.values() if value is not None)
    if total < visitors:
        yield Problem("visits", f"{total:,.10g} in all, with {visitors:,.10g} visitors", "must be at least one each (leave visits.own empty: it is filled)")
