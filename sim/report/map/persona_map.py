"""The map of one persona: the lanes of the current state for its customers alone, with its card above."""

from sim.language import current
from sim.report.map import current_state, lanes
from sim.report.map.day_in_the_life import facts, who
from sim.report.map.sheet import Card, Curve, Lane, Sheet
from sim.report.words import money, percent, spoken
from sim.studies.journey_map import JourneyMap


def sheet(found: JourneyMap, chips: int = lanes.CHIPS) -> Sheet:
    """Return the map of one persona, ready to draw, with so many touchpoints and contents a stage."""
    name = spoken(found.persona or "")
    rows = (lane for lane in (lanes.intent(found), *_rest(found, chips)) if lane is not None)
    finding = current_state.finding(found)
    title = current().text("map.of_persona", persona=name, title=finding[:1].lower() + finding[1:])
    notes = (current().text("map.read"),) if found.has_money else ()
    return Sheet("persona_map", title, current_state.source(found), lanes.columns(found), tuple(rows), notes, card(found))


def _rest(found: JourneyMap, chips: int) -> tuple[Lane | Curve | None, ...]:
    rows = (lanes.emotion, lanes.pains, lanes.time, lanes.cash, lanes.opportunities)
    return lanes.touchpoints(found, chips), lanes.contents(found, chips), *(row(found) for row in rows)


def card(found: JourneyMap) -> Card:
    """Return the persona's card: who they are, what they say of themselves, and how many of them buy."""
    own = found.cards.get(found.persona or "", {})
    rate, worth = found.whole("conversion_rate"), found.whole("value_365d")
    known = [current().text("map.card.buys", share=f"{percent(rate.value)}{lanes.bracketed(rate)}")] if rate else []
    known += [current().text("map.card.worth", money=money(worth.value, found.terms.currency))] if worth else []
    told = [*facts(own), *([(current().text("map.card.facts"), "; ".join(known))] if known else [])]
    return Card(spoken(found.persona or ""), who(own), tuple(told))
