"""The map of a world as it is: one column a stage, from what customers want to what to ask next."""

from typing import TYPE_CHECKING

from sim.language import current
from sim.report.html.element import Element, el
from sim.report.map import lanes, page
from sim.report.map.page import STYLE
from sim.report.map.sheet import Sheet
from sim.report.words import customers, money, percent, rounded, spoken
from sim.studies.journey_map import Cards, JourneyMap, Source, Weights, of_log, persona_of_log

if TYPE_CHECKING:
    from sim.report.html.stored import Run


def sheet(found: JourneyMap, chips: int = lanes.CHIPS) -> Sheet:
    """Return the map of one world, ready to draw, with so many touchpoints and contents a stage."""
    rows = (
        lanes.intent(found),
        lanes.touchpoints(found, chips) or lanes.back(found),
        lanes.contents(found, chips),
        lanes.emotion(found),
        lanes.pains(found),
        lanes.moments(found),
        lanes.time(found),
        lanes.cash(found),
        lanes.opportunities(found),
    )
    money = (current().text("map.read_money"), current().text("map.read")) if found.has_money else ()
    notes = (current().text("map.read_touch"), *money) if page.chips(rows) else money
    return Sheet("current_state", finding(found), source(found), lanes.columns(found), tuple(row for row in rows if row is not None), notes)


def finding(found: JourneyMap) -> str:
    """Return what the map shows, in one sentence: where most is lost."""
    pains = found.pains
    if not pains:
        last, share = found.stages[-1], found.at("stage_reach", found.stages[-1])
        return current().text("map.reached", stage=spoken(last), share=percent(share.value)) if share else current().text("map.nothing_lost")
    worst = pains[0]
    lost = current().count(round(worst.lost.value))
    if worst.money.value < 0.5:
        return current().text("map.most_left", stage=spoken(worst.stage), count=lost)
    return current().text("map.most_lost", stage=spoken(worst.stage), count=lost, money=money(rounded(worst.money.value), found.terms.currency))


def source(found: JourneyMap) -> str:
    """Return where the numbers come from."""
    made = found.source
    runs = current().text("map.runs", runs=made.runs) if made.runs > 1 else current().text("map.one_run")
    named = {"scenario": spoken(made.scenario), "customers": customers(made.customers), "days": current().number(made.horizon)}
    return current().text("map.source_log", **named) if made.seed < 0 else current().text("map.source", **named, seed=made.seed, runs=runs)


def section(run: "Run") -> Element:
    """Return the map of a stored run as an element for its report; a sentence where no events were kept."""
    if not run.has_events:
        return el("p", {}, current().text("map.no_events"))
    return page.section(sheet(of_run(run)))


def of_run(run: "Run") -> JourneyMap:
    """Return the map of a stored run: of its log, by-stage numbers with the intervals that were stored beside it."""
    return of_log(run.log(), run.replications or run.metrics, cards(run), _made(run), contents(run))


def by_persona(run: "Run") -> list[JourneyMap]:
    """Return the maps of a stored run's personas."""
    who = run.log().births["persona"]
    there = [name for number, name in enumerate(run.terms.personas) if (who == number).any()]
    return [persona_of_log(run.log(), name, cards(run), _made(run), contents(run)) for name in there]


def cards(run: "Run") -> Cards:
    """Return the cards of a stored run's personas, none where nobody wrote its world down."""
    return {name: (persona or {}).get("card") or {} for name, persona in ((run.world or {}).get("personas") or {}).items()}


def contents(run: "Run") -> Weights:
    """Return the weights of the contents of a stored run's channels, none where nobody wrote its world down."""
    channels = {name: (channel or {}).get("contents") or {} for name, channel in ((run.world or {}).get("channels") or {}).items()}
    return {name: {one: (content or {}).get("weight", 1.0) for one, content in shown.items()} for name, shown in channels.items() if shown}


def _made(run: "Run") -> Source:
    seed = run.provenance.get("seed")  # a real log has none
    return Source(run.name, len(run.log().births), run.terms.horizon, -1 if seed is None else int(seed))


__all__ = ["STYLE", "by_persona", "cards", "contents", "finding", "of_run", "section", "sheet", "source"]
