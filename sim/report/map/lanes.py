"""The lanes of a map of one world: numbers and names become texts, chips, bars and a curve."""

from collections.abc import Mapping, Sequence
from math import isnan
from typing import Any

from sim.language import current
from sim.metrics import Metric
from sim.metrics.map import BAD_EXPERIENCE, DROP_OFF, GAVE_UP, cell
from sim.report.figures.style import stage_colours
from sim.report.map.sheet import GAIN, LOSS, QUIET, QUOTE, Cell, Chip, Column, Curve, Feeling, Flow, Lane, Line, Loss
from sim.report.words import brief, days, inside, limits, money, percent, rounded, spoken
from sim.studies.journey_map import JourneyMap, Pain, Planned
from sim.studies.moments import ADDED, Moment

CHIPS, PAINS, WANTS = 4, 2, 2  # most of each that a cell shows
HINTED = ("intent", "touchpoints", "contents", "pains", "back")  # lanes whose name needs a word more
TOUCHED = 30  # touches a run, for a mean that is shown
WORTH = 0.1  # of the dearest pain point of its stage: less is not asked about


def columns(found: JourneyMap) -> tuple[Column, ...]:
    """Return the stages with how many customers came there."""
    colours = dict(zip(found.terms.stages, stage_colours(found.terms.kinds), strict=True))
    return tuple(Column(spoken(stage), colours[stage], _came(found, stage)) for stage in found.stages)


def _came(found: JourneyMap, stage: str) -> tuple[str, ...]:
    came, reach = found.at("visitors", stage), found.at("stage_reach", stage)
    first = current().plural("map.stage.came", round(came.value)) if came else ""
    return tuple(text for text in (first, f"{current().text('map.stage.share', share=percent(reach.value))}{bracketed(reach)}" if reach else "") if text)


def intent(found: JourneyMap) -> Lane | None:
    """Return what the customers of each stage want, in the words of their cards: the most frequent personas first."""
    cells = tuple(_wants(found, stage) for stage in found.stages)
    return lane("intent", cells) if any(cells) else None


def _wants(found: JourneyMap, stage: str) -> Cell:
    names = [found.persona] if found.persona else [name for name, _ in found.personas(stage)]
    said = list(dict.fromkeys(text for name in names for text in wants(found.cards.get(name, {}), stage)))
    return tuple(Line(f"\u201c{text}\u201d", QUOTE) for text in said[:WANTS])


def wants(card: Mapping[str, Any], stage: str) -> list[str]:
    """Return what a card says its persona wants in a stage: ``wants`` by stage, else its goals."""
    by_stage = card.get("wants")
    given = by_stage.get(stage) if isinstance(by_stage, Mapping) else None
    return listed(given if given is not None else card.get("goals"))


def listed(value: Any) -> list[str]:
    """Return what a card holds as a list of texts."""
    if value is None:
        return []
    return [str(item) for item in value] if isinstance(value, Sequence) and not isinstance(value, str) else [str(value)]


def touchpoints(found: JourneyMap, most: int = CHIPS) -> Lane | None:
    """Return the channels of each stage, so many at most, by their share of exposures, and how many occasions had none; None where there is no channel."""
    if not any(found.touchpoints(stage) for stage in found.stages):
        return None
    longest = max((_share(found, stage, name) for stage in found.stages for name in found.touchpoints(stage)), default=1.0)
    return lane("touchpoints", tuple(_chips(found, stage, longest, most) for stage in found.stages))


def _chips(found: JourneyMap, stage: str, longest: float, most: int) -> Cell:
    names = found.touchpoints(stage)
    shown = names if len(names) <= most + 1 else names[:most]
    rest = [_share(found, stage, name) for name in names[len(shown) :]]
    chips: tuple[Line | Chip, ...] = tuple(_chip(found, stage, name, longest) for name in shown)
    own = found.touchpoint("occasion_share", stage, "own")
    said = [current().plural("map.touch.more", len(rest), share=percent(sum(rest)))] if rest else []
    said += [current().text("map.touch.own", share=percent(own.value))] if own is not None else []
    return (*chips, *(Line(text, QUIET) for text in said))


def _chip(found: JourneyMap, stage: str, channel: str, longest: float) -> Chip:
    share, engaged = _share(found, stage, channel), value(found.touchpoint("cell_engagement", stage, channel))
    long = current().text("map.touch.long", channel=spoken(channel), share=percent(share), engaged=percent(engaged))
    return Chip(spoken(channel), media(found, channel), share, engaged, share / longest, long)


def _share(found: JourneyMap, stage: str, channel: str) -> float:
    return value(found.touchpoint("exposure_share", stage, channel))


def media(found: JourneyMap, channel: str) -> str:
    """Return whether a channel is paid, owned or earned."""
    return found.terms.media[found.terms.channels.index(channel)]


def contents(found: JourneyMap, most: int = CHIPS) -> Lane | None:
    """Return what the exposures of each stage are meant to show, so many at most; None where no channel has contents."""
    shown = {stage: found.planned(stage) for stage in found.stages}
    longest = max((one.share for planned in shown.values() for one in planned), default=0.0)
    return lane("contents", tuple(_shown(found, planned, longest, most) for planned in shown.values())) if longest > 0 else None


def _shown(found: JourneyMap, planned: Sequence[Planned], longest: float, most: int) -> Cell:
    if not planned:
        return (Line(current().text("map.contents.none"), QUIET),)
    shown = planned if len(planned) <= most + 1 else planned[:most]
    rest = planned[len(shown) :] if most == CHIPS else []  # a slide has no room to count them
    chips = tuple(
        Chip(spoken(one.content), media(found, one.channel), one.share, 0.0, one.share / longest, current().text("map.contents.long", **_planned(one)))
        for one in shown
    )
    more = current().plural("map.contents.more", len(rest), share=percent(sum(one.share for one in rest))) if rest else ""
    return (*chips, *((Line(more, QUIET),) if more else ()))


def _planned(one: Planned) -> dict[str, str]:
    return {"content": spoken(one.content), "channel": spoken(one.channel), "share": percent(one.share)}


def emotion(found: JourneyMap) -> Curve | None:
    """Return satisfaction after a touch by stage, or None where no touch moves it."""
    feelings = tuple(feeling(found, stage) for stage in found.stages)
    text = current().text
    keys = (text("map.feel.median"), "", f"{text('map.feel.half')}, {text('map.feel.most')}")
    return Curve(text("map.rows.emotion"), text("map.hints.emotion"), feelings, keys=keys) if any(feelings) else None


def feeling(found: JourneyMap, stage: str) -> Feeling | None:
    """Return the feelings of one stage, or None where nobody was touched."""
    parts = [found.at(f"satisfaction_p{part:02d}", stage) for part in (50, 25, 75, 5, 95)]
    known = [part.value for part in parts if part is not None]
    if len(known) < 5:
        return None
    median, low, high, least, most = known
    return Feeling(median, low, high, least, most, score(median), _extremes(found, stage))


def _extremes(found: JourneyMap, stage: str) -> tuple[str, ...]:
    """Return the touchpoints after which customers are the happiest and the unhappiest, of those with enough touches."""
    names = [name for name in found.touchpoints(stage) if value(found.touchpoint("cell_touches", stage, name)) >= TOUCHED]
    felt = sorted((value(found.touchpoint("cell_satisfaction", stage, name)), name) for name in names)
    if len(felt) < 2:
        return ("",)
    return tuple(f"{sign} {spoken(name)} {score(mean)}" for sign, (mean, name) in (("\u25b2", felt[-1]), ("\u25bc", felt[0])))


def score(value: float) -> str:
    """Return a satisfaction with its sign."""
    return f"{'+' if round(value, 2) > 0 else ''}{current().number(round(value, 2) + 0.0, 2)}"


def pains(found: JourneyMap) -> Lane:
    """Return where most is lost, the dearest two of each stage, ranked among all."""
    ranked = found.pains
    if not ranked:
        return _last_seen(found)
    dearest = ranked[0].money.value if ranked and ranked[0].money.value > 0 else 1.0
    cells = []
    for stage in found.stages:
        own = [(place, pain) for place, pain in enumerate(ranked, 1) if pain.stage == stage and round(pain.lost.value) > 0][:PAINS]
        lines = tuple(_loss(found, place, pain, dearest) for place, pain in own)
        cells.append(lines or (Line(current().text("map.pain.none"), QUIET),))
    return lane("pains", tuple(cells))


def _last_seen(found: JourneyMap) -> Lane:
    """Return where customers were last seen: all that a log knows of losses where nobody is seen to leave."""
    prospects = [name for name, kind in zip(found.terms.stages, found.terms.kinds, strict=True) if kind == "prospect"]
    seen = {stage: value(found.at("last_seen", stage)) for stage in found.stages}
    ranked = sorted((stage for stage in prospects if seen[stage] > 0), key=lambda stage: -seen[stage])
    cells: list[Cell] = []
    for stage in found.stages:
        said = current().text("map.pain.last_seen", count=current().count(seen[stage]))
        share = current().text("map.pain.of_came", share=percent(seen[stage] / max(1.0, value(found.at("visitors", stage)))))
        loss = Loss(ranked.index(stage) + 1, said, share, seen[stage] / seen[ranked[0]]) if stage in ranked else Line(current().text("map.pain.none"), QUIET)
        cells.append((loss,))
    return Lane(current().text("map.rows.pains"), current().text("map.hints.last_seen"), tuple(cells))


def _loss(found: JourneyMap, place: int, pain: Pain, dearest: float) -> Loss:
    worth = f"{amount(pain.money.value, found.terms.currency)}{bracketed(pain.money)}"
    return Loss(place, pain_said(found, pain), worth if pain.money.value >= 0.5 else "", pain.money.value / dearest)


def pain_said(found: JourneyMap, pain: Pain) -> str:
    """Return what happened, in a few words."""
    count = round(pain.customers.value)
    if pain.kind == DROP_OFF:
        came = found.at("visitors", pain.stage)
        return current().text("map.pain.drop_off", count=current().count(count), share=percent(pain.customers.value / came.value) if came else "")
    if pain.kind == GAVE_UP:
        return current().plural("map.pain.gave_up", count)
    return current().plural("map.pain.bad_experience", count)


def moments(found: JourneyMap) -> Lane:
    """Return the moments of truth where they are, or why there is none."""
    sought, added = found.moments, current().number(ADDED, 1)
    name, hint = current().text("map.rows.moments"), current().text("map.hints.moments", added=added)
    if sought is None:
        return Lane(name, hint, across=(Line(current().text("map.moment.unsought"), QUIET),))
    if not sought.found:
        said = current().text("map.moment.short") if sought.reason else current().plural("map.moment.none", sought.tried)
        return Lane(name, hint, across=(Line(said, QUIET),))
    cells = (tuple(line for one in sought.found if one.stage == stage for line in _moment(one, sought.currency)) for stage in found.stages)
    return Lane(name, hint, tuple(here or (Line(current().text("map.moment.elsewhere"), QUIET),) for here in cells))


def _moment(one: Moment, currency: str) -> Cell:
    return Line(f"\u2605 {_found(one, currency)}", GAIN if one.effect > 0 else LOSS), Line(_limits(one, currency), QUIET)


def _found(one: Moment, currency: str) -> str:
    return current().text("map.moment.found", channel=spoken(one.channel), money=signed(one.effect, currency))


def _limits(one: Moment, currency: str) -> str:
    return current().text("map.moment.apiece", low=current().money(one.low), high=current().money(one.high), money=money(one.per_thousand, currency))


def back(found: JourneyMap) -> Lane | None:
    """Return how many of the moves out of each stage go back, for logs that know little else; None where nobody does."""
    rates = [found.at("back_step_rate", stage) for stage in found.stages]
    said = [(Line(f"{percent(rate.value)}{bracketed(rate)}"),) if rate is not None and rate.value > 0 else () for rate in rates]
    return lane("back", tuple(said)) if any(said) else None


def time(found: JourneyMap) -> Lane:
    """Return the days of a visit."""
    return lane("time", tuple(_days(found.at("dwell_time", stage)) for stage in found.stages))


def _days(metric: Metric | None) -> Cell:
    return () if metric is None else (Line(f"{days(metric.value)}{bracketed(metric)}"),)


def cash(found: JourneyMap) -> Lane | None:
    """Return the money in and out of each stage, or None where there is none."""
    flows = {stage: (value(found.at("money_in", stage)), value(found.at("money_out", stage))) for stage in found.stages}
    largest = max((max(pair) for pair in flows.values()), default=0.0)
    if largest <= 0:
        return None
    return lane("money", tuple((_flow(found, *flows[stage], largest),) for stage in found.stages))


def _flow(found: JourneyMap, came: float, went: float, largest: float) -> Flow:
    said = (current().text(f"map.money.{key}", money=amount(value, found.terms.currency)) for key, value in (("came", came), ("went", went)))
    return Flow(max(0.0, came) / largest, went / largest, *said)


def opportunities(found: JourneyMap) -> Lane | None:
    """Return what to ask next in each stage: of its moment of truth, else of its dearest pain point that is not leaving as such, else of leaving."""
    cells = tuple(_questions(found, stage) for stage in found.stages)
    return lane("opportunities", cells) if any(line.tone != QUIET for cell in cells for line in cell) else None


def _questions(found: JourneyMap, stage: str) -> tuple[Line, ...]:
    sure = [one for one in found.moments.found if one.stage == stage and one.effect > 0] if found.moments else []
    if sure:
        worth = signed(sure[0].effect, found.terms.currency)
        return (Line(current().text("map.ask.moment", channel=inside(sure[0].channel), added=current().number(ADDED, 1), money=worth)),)
    here = [pain for pain in found.pains if pain.stage == stage and pain.lost.value >= 0.5 and found.touchpoints(stage)]
    asked = [pain for pain in here if pain.kind != DROP_OFF and pain.money.value >= WORTH * here[0].money.value] or here
    return (Line(_question(found, asked[0])),) if asked else (Line(current().text("map.ask.none"), QUIET),)


def _question(found: JourneyMap, pain: Pain) -> str:
    names = found.touchpoints(pain.stage)
    if pain.kind == GAVE_UP:
        desk = max(found.terms.desks, key=lambda name: value(found.numbers.get(("gave_up_at", "stage_desk", cell(pain.stage, name)))))
        return current().text("map.ask.gave_up", desk=inside(desk))
    if pain.kind == BAD_EXPERIENCE:
        worst = min(names, key=lambda name: value(found.touchpoint("cell_satisfaction", pain.stage, name)))
        return current().text("map.ask.bad_experience", channel=inside(worst))
    busiest = max(names, key=lambda name: value(found.touchpoint("cell_touches", pain.stage, name)))
    return current().text("map.ask.drop_off", channel=inside(busiest))


def lane(key: str, cells: tuple[Cell, ...]) -> Lane:
    """Return a lane by its key in the catalogue."""
    return Lane(current().text(f"map.rows.{key}"), current().text(f"map.hints.{key}") if key in HINTED else "", cells)


def bracketed(metric: Metric) -> str:
    """Return the interval in brackets, with a blank before, or nothing."""
    said = limits(metric)
    return f" ({said})" if said else ""


def amount(value: float, currency: str) -> str:
    """Return an amount in few letters, with its currency: EUR 38.8k."""
    sign = current().text("numbers.minus") if value < 0 else ""
    return current().text("numbers.money", sign=sign, amount=brief(abs(rounded(value, 3))), currency=currency)


def signed(value: float, currency: str) -> str:
    """Return an amount with its sign."""
    return f"{'+' if value > 0 else ''}{money(value, currency)}"


def value(metric: Metric | None) -> float:
    """Return a number, 0 where there is none."""
    return 0.0 if metric is None or isnan(metric.value) else metric.value

