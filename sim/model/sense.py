"""What makes a world impossible, beyond the shape of its data: names, sums, and things that can't be at the same time."""

import math
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping

from sim.errors import Problem
from sim.log import ROW
from sim.model.behaviour import driver_problems, rule_problems
from sim.model.deals import revenue_problems
from sim.model.layout import CIRCLES, COUNTERS, LEVELS, PERMISSIONS, RULES
from sim.model.names import SHAPED, spread_problems, unknown
from sim.model.numbering import already_there
from sim.model.places import desk_of, living, reachable, shares
from sim.model.profiles import Profile, refused
from sim.model.world import (
    BENDING,
    CUSTOMER,
    OWN,
    PROSPECT,
    SATISFACTION,
    ABTest,
    Calendar,
    Channel,
    Desk,
    Persona,
    Referral,
    Stage,
    World,
)

MOST_DESKS, MOST_NAMES = 15, 120
MOST_OWNERS = 2000
MOST_BITS = 60
MOST_PERMISSIONS, MOST_CAPS, MOST_CIRCLES = PERMISSIONS, COUNTERS, CIRCLES


def problems(world: World) -> Iterator[Problem]:
    """Yield what is wrong with the world as all customers share it."""
    yield from _stages(world)
    yield from _personas(world)
    yield from _twins("channels", world.channels)
    for name, channel in world.channels.items():
        yield from _channel(world, name, channel)
    yield from _twins("desks", world.desks)
    for name, desk in world.desks.items():
        yield from _desk(world, name, desk)
    yield from _extras(world)
    yield from _test(world)
    yield from _sizes(world)


def profile_problems(profile: Profile) -> Iterator[Problem]:
    """Yield what is wrong with the world as one profile sees it."""
    world, note = profile.world, _seen_by(profile)
    wrong = [problem._replace(given=f"{problem.given}{note}") for problem in problems(world)]  # what the persona or the arm sets must make sense too
    if wrong:
        yield from wrong
        return
    for path, table in _odds_tables(profile):
        yield from _odds(world, path, table, note)
    for stage in living(world):
        total = sum(world.stages[stage].next.values())
        if abs(total - 1) > 1e-9:
            yield Problem(f"stages.{stage}.next", f"sums to {total:.10g}{note}", "must sum to 1")
        yield from _shares(profile, stage, note)
        yield from _one_desk(profile, stage)


def profile_warnings(profile: Profile) -> Iterator[Problem]:
    """Yield what changes nothing, or can't be left."""
    world = profile.world
    for path, table in _odds_tables(profile):
        for stage, row in table.items():
            ways = {b for b, p in world.stages[stage].next.items() if p > 0} if stage in world.stages else set()
            if len(ways) > 1 and ways <= set(row) and len({row[b] for b in ways}) == 1 and row[next(iter(ways))] != 1:
                yield Problem(f"{path}.{stage}", "the same odds on the whole row", "they change nothing")
    for stage in living(world):
        if not any(world.stages[s].is_exit for s in reachable(world, [stage])):
            yield Problem(f"stages.{stage}", "no exit can be reached from here", "customers stay until the horizon")


def _seen_by(profile: Profile) -> str:
    arm = f", arm {profile.arm}" if profile.arm else ""
    return f" (persona {profile.persona}{arm})"


def _sum_to_one(path: str, values: Mapping[str, float]) -> Iterator[Problem]:
    total = math.fsum(values.values())
    if abs(total - 1) > 1e-9:
        yield Problem(path, f"sums to {total:.10g}", "must sum to 1")


def _stages(world: World) -> Iterator[Problem]:
    if not living(world):
        yield Problem("stages", "no stage of kind prospect or customer", "must have at least one")
    for name, stage in world.stages.items():
        path = f"stages.{name}"
        if stage.is_exit:
            given = [field for field in ("next", "gap", "order", "entry") if getattr(stage, field) != Stage.model_fields[field].default]
            yield from (Problem(f"{path}.{field}", f"given for an exit ({stage.kind})", "an exit has none") for field in given)
            continue
        if stage.reason is not None:
            yield Problem(f"{path}.reason", f"given for a stage of kind {stage.kind}", "only an exit has a reason for leaving")
        yield from unknown(f"{path}.next", stage.next, world.stages, "stage")
        yield from _sum_to_one(f"{path}.next", stage.next)
        if stage.gap is None:
            yield Problem(f"{path}.gap", "missing", "must be given: days to the next occasion")
        else:
            yield from spread_problems(f"{path}.gap", stage.gap, families=("exponential", "gamma", "weibull", "lognormal", "fixed"))
    if not all(persona.entry for persona in world.personas.values()):
        yield from _sum_to_one("stages.*.entry", {name: stage.entry for name, stage in world.stages.items()})
    yield from _twins("stages", world.stages)
    yield from _standstill(world)


def _twins(path: str, names: Iterable[str]) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for name in names:
        folded = unicodedata.normalize("NFKC", name).strip().casefold()
        if folded in seen:
            yield Problem(f"{path}.{name}", f"looks the same as {seen[folded]!r}", "names must differ by more than case, blanks or accents' encoding")
        seen.setdefault(folded, name)


def _standstill(world: World) -> Iterator[Problem]:
    """Find a cycle of stages without gaps: time would never move on."""
    still = {name for name in living(world) if (gap := world.stages[name].gap) is not None and gap.mean == 0}
    for start in sorted(still):
        seen, edge = [start], [start]
        while edge:
            edge = [b for a in edge for b, p in world.stages[a].next.items() if p > 0 and b in still]
            if start in edge:
                yield Problem(f"stages.{start}.gap", f"a cycle without gaps ({' -> '.join([*seen, start])})", "one stage of it needs a mean gap above 0")
                return
            edge = [b for b in dict.fromkeys(edge) if b not in seen]
            seen += edge


def _personas(world: World) -> Iterator[Problem]:
    yield from _sum_to_one("personas.*.share", {name: persona.share for name, persona in world.personas.items()})
    yield from _twins("personas", world.personas)
    for name, persona in world.personas.items():
        path = f"personas.{name}"
        yield from refused(f"{path}.set", persona.set)
        yield from revenue_problems(world, f"{path}.revenue", persona.revenue)
        if isinstance(persona.pace, dict):
            yield from unknown(f"{path}.pace", persona.pace, living(world), "living stage")
        if persona.entry:
            yield from unknown(f"{path}.entry", persona.entry, living(world), "living stage")
            yield from _sum_to_one(f"{path}.entry", persona.entry)
        yield from unknown(f"{path}.channels", persona.channels, world.channels, "channel")
        for channel, affinity in persona.channels.items():
            if isinstance(affinity, dict):
                yield from unknown(f"{path}.channels.{channel}", affinity, living(world), "living stage")
        yield from _traits(world, path, persona)


def _traits(world: World, path: str, persona: Persona) -> Iterator[Problem]:
    bend = [trait for trait in persona.traits.values() if trait.acts in BENDING]
    left = LEVELS - len({SATISFACTION, *world.drivers})
    if len(bend) > max(0, left):
        yield Problem(f"{path}.traits", f"{len(bend)} act on odds or as a probability", f"at most {max(0, left)} can")
    for name, trait in persona.traits.items():
        at = f"{path}.traits.{name}"
        yield from spread_problems(at, trait, families=("beta",) if trait.acts == "probability" else ("lognormal", "gamma", "beta_prime", "fixed"))
        if trait.acts in BENDING and not trait.of:
            yield Problem(f"{at}.of", "missing", "say which transitions: {stage: {stage: exponent}}")
        if trait.acts not in BENDING and trait.of:
            yield Problem(f"{at}.of", f"given for a trait that acts on {trait.acts}", "only a trait that acts on odds, or as a probability, has it")
        if trait.acts == "probability":
            yield from _probability(world, at, persona, name)
        if trait.like is not None:
            others = [other for other, given in persona.traits.items() if other != name and given.like is None]
            yield from unknown(f"{at}.like.trait", [trait.like.trait], others, "other trait that goes along with none")
        if trait.family not in SHAPED and trait.mean == 0:
            yield Problem(f"{at}.mean", "given 0", "must be more than 0")


def _probability(world: World, at: str, persona: Persona, name: str) -> Iterator[Problem]:
    """Find transitions that can't have a probability of their own."""
    others = [trait for other, trait in persona.traits.items() if other != name and trait.acts == "probability"]
    for stage, row in persona.traits[name].of.items():
        if len(row) > 1 or any(stage in trait.of for trait in others):
            yield Problem(
                f"{at}.of.{stage}", "more than one transition", "one of a stage's transitions can be given a probability: the others share what is left"
            )
        for to, power in row.items():
            if power != 1:
                yield Problem(f"{at}.of.{stage}.{to}", f"given {power:g}", "must be 1: the trait is the probability itself")
            if stage in world.stages and world.stages[stage].next.get(to, 0.0) >= 1:
                yield Problem(f"{at}.of.{stage}.{to}", f"the only way out of {stage}", "stages.*.next must leave something for the others")


def _channel(world: World, name: str, channel: Channel) -> Iterator[Problem]:
    path = f"channels.{name}"
    if name == OWN:
        yield Problem(path, "reserved for occasions without a channel", "choose another name")
    for field, value in (("share", channel.share), ("engage", channel.engage), ("experience.mean", channel.experience.mean)):
        if isinstance(value, dict):
            yield from unknown(f"{path}.{field}", value, living(world), "living stage")
    if channel.desk is not None:
        yield from unknown(f"{path}.desk", [channel.desk], world.desks, "desk")
    yield from _gates(world, path, channel)


def _gates(world: World, path: str, channel: Channel) -> Iterator[Problem]:
    for field in ("needs", "gives", "loses"):
        yield from unknown(f"{path}.{field}", getattr(channel, field), world.permissions, "permission")
    yield from unknown(f"{path}.meets", channel.meets, living(world), "living stage")
    bends = [trait for persona in world.personas.values() for trait, given in persona.traits.items() if given.acts in BENDING]
    yield from unknown(f"{path}.targets", channel.targets, bends, "trait that acts on odds")
    if channel.saturation is not None:
        yield from unknown(f"{path}.saturation.driver", [channel.saturation.driver], (SATISFACTION, *world.drivers), "driver")
    for k, flight in enumerate(channel.flights or ()):
        if flight.end <= flight.start:
            yield Problem(f"{path}.flights.{k}", f"from day {flight.start:g} to day {flight.end:g}", "must end after it starts")
    for content, shown in channel.contents.items():
        if isinstance(shown.weight, dict):
            yield from unknown(f"{path}.contents.{content}.weight", shown.weight, living(world), "living stage")


def _desk(world: World, name: str, desk: Desk) -> Iterator[Problem]:
    path = f"desks.{name}"
    if name in world.channels:
        yield Problem(path, "a channel has the same name", "name it otherwise: the ledger lists desks and channels side by side")
    yield from _whom_and_when(world, path, desk)
    yield from _owners(path, desk)
    families = ("exponential", "gamma", "weibull", "lognormal", "fixed")
    yield from spread_problems(f"{path}.service", desk.service, families)
    if desk.patience is not None:
        yield from spread_problems(f"{path}.patience", desk.patience, families)
        if desk.gives_up_to is None and _serves_prospects(world, name):
            yield Problem(f"{path}.gives_up_to", "missing", "must name the exit for prospects who outwait their patience")
        if desk.patience.mean == 0:
            yield from _at_once(world, name, desk)
    if desk.gives_up_to is not None:
        yield from unknown(f"{path}.gives_up_to", [desk.gives_up_to], [s for s, stage in world.stages.items() if stage.is_exit], "exit")
    if desk.serves is None and not any(channel.desk == name for channel in world.channels.values()):
        yield Problem(f"{path}.serves", "missing, and no channel names this desk", "say whom it serves ({} for everybody)")


def _owners(path: str, desk: Desk) -> Iterator[Problem]:
    if desk.owned and desk.hire is not None:
        yield Problem(f"{path}.hire", "given for a desk whose people own their accounts", "leave it out: who is new would own nobody")
    if desk.owned and desk.people > MOST_OWNERS:
        yield Problem(f"{path}.people", f"given {desk.people}", f"at most {MOST_OWNERS:,} where each owns accounts")


def _whom_and_when(world: World, path: str, desk: Desk) -> Iterator[Problem]:
    if desk.serves is not None:
        known = {"persona": world.personas, "living stage": living(world), "channel": [OWN, *world.channels]}
        for field, what in (("personas", "persona"), ("stages", "living stage"), ("channels", "channel")):
            yield from unknown(f"{path}.serves.{field}", getattr(desk.serves, field), known[what], what)
    if desk.hours is not None:
        yield from _opening(f"{path}.hours", desk.hours)


def _opening(path: str, hours: Calendar) -> Iterator[Problem]:
    given = [("weekday", hours.weekday or [1.0]), ("hours", hours.hours or [1.0]), ("season", hours.season or [1.0])]
    for part, factors in given:
        if any(factor not in (0, 1) for factor in factors):
            yield Problem(f"{path}.{part}", f"given {factors}", "a desk is open (1) or closed (0)")
        elif not any(factors):
            yield Problem(f"{path}.{part}", "given only zeros", "must be open at some time")


def _at_once(world: World, name: str, desk: Desk) -> Iterator[Problem]:
    """Find customers who give up and ask again in the same moment: time would never move on."""
    served = desk.serves.stages if desk.serves is not None and desk.serves.stages else living(world)
    for stage in served:
        if stage in world.stages and world.stages[stage].kind == CUSTOMER and (gap := world.stages[stage].gap) is not None and gap.mean == 0:
            yield Problem(f"desks.{name}.patience.mean", f"given 0, and {stage} has no gap", "one must be above 0: whoever gives up asks again at once")


def _serves_prospects(world: World, desk: str) -> bool:
    places = [(persona, stage) for persona in world.personas for stage in living(world) if world.stages[stage].kind == PROSPECT]
    return any(desk in desk_of(world, persona, stage, channel) for persona, stage in places for channel in (OWN, *world.channels))


def _extras(world: World) -> Iterator[Problem]:
    parts = [(f"{market}.{part}", getattr(calendar, part)) for market, calendar in world.calendars.items() for part in ("season", "weekday", "hours")]
    for path, factors in parts:
        if factors is not None and not any(factors):
            yield Problem(f"calendars.{path}", "given only zeros", "something must go on at some time")
    for name, driver in world.drivers.items():
        yield from driver_problems(world, name, driver)
    for name, given in world.rules.items():
        yield from rule_problems(world, name, given)
    if world.referral is not None:
        yield from _referral(world, world.referral)
    yield from unknown("start", world.start, living(world), "living stage")
    for stage, groups in world.start.items():
        yield from unknown(f"start.{stage}", groups, world.personas, "persona")


def _referral(world: World, referral: Referral) -> Iterator[Problem]:
    yield from unknown("referral.chance", referral.chance, living(world), "living stage")
    yield from unknown("referral.enters", [referral.enters], living(world), "living stage")
    if isinstance(referral.reward, dict):
        yield from unknown("referral.reward", referral.reward, world.personas, "persona")
    if referral.reward and referral.enters in world.stages and world.stages[referral.enters].kind == CUSTOMER:
        rule = "a reward is due when who was referred converts: let them enter as prospects"
        yield Problem("referral.reward", f"given, and {referral.enters} is a customer stage", rule)


def _test(world: World) -> Iterator[Problem]:
    if world.ab_test is None:
        return
    arms = world.ab_test.arms
    if len(arms) < 2:
        yield Problem("ab_test.arms", f"{len(arms)} given", "a test compares at least two arms")
    yield from _sum_to_one("ab_test.arms.*.share", {name: arm.share for name, arm in arms.items()})
    for name, arm in arms.items():
        yield from refused(f"ab_test.arms.{name}.set", arm.set)
    yield from _takes_part(world, world.ab_test)


def _takes_part(world: World, test: ABTest) -> Iterator[Problem]:
    if test.stage is not None:
        yield from unknown("ab_test.stage", [test.stage], living(world), "living stage")
    yield from unknown("ab_test.personas", test.personas, world.personas, "persona")
    if test.end is not None and test.end <= test.start:
        yield Problem("ab_test.end", f"given {test.end:g}", f"must be after ab_test.start ({test.start:g})")


def _sizes(world: World) -> Iterator[Problem]:
    limits: list[tuple[str, Collection[str], int]] = [("stages", world.stages, MOST_NAMES), ("channels", world.channels, MOST_NAMES)]
    limits += [("desks", world.desks, MOST_DESKS), ("permissions", world.permissions, MOST_PERMISSIONS)]
    limits.append(("channels.*.meets", {" ".join(channel.meets) for channel in world.channels.values() if channel.meets}, MOST_CIRCLES))
    limits.append(("rules", world.rules, RULES))
    if world.rules:  # sets of them are the bits of a whole number
        arms = len(world.ab_test.arms) if world.ab_test else 1
        limits += [("stages", world.stages, MOST_BITS), ("channels", world.channels, MOST_BITS - 1), ("personas", world.personas, MOST_BITS // max(1, arms))]
    limits.append(("drivers", {SATISFACTION, *world.drivers}, LEVELS))
    limits += [("channels.*.cap", [name for name, channel in world.channels.items() if channel.cap], MOST_CAPS)]
    for path, names, most in limits:
        if len(names) > most:
            yield Problem(path, f"{len(names)} given", f"at most {most}")
    people = world.customers + already_there(world)
    if people > 50_000_000:
        gigabytes = people * (ROW.itemsize * 10 + 300) / 1e9
        rule = f"at most 50 million in one run (this would take about {gigabytes:,.0f} GB); use replications"
        yield Problem("customers", f"{people} with those of start", rule)


def _odds_tables(profile: Profile) -> Iterator[tuple[str, Mapping[str, Mapping[str, float]]]]:
    world, persona = profile.world, profile.world.personas[profile.persona]
    yield f"personas.{profile.persona}.odds", persona.odds
    yield from ((f"personas.{profile.persona}.traits.{name}.of", trait.of) for name, trait in persona.traits.items())
    yield f"personas.{profile.persona}.revenue.sensitivity", persona.revenue.sensitivity
    for name, channel in world.channels.items():
        yield f"channels.{name}.odds", channel.odds
        yield from ((f"channels.{name}.contents.{content}.odds", shown.odds) for content, shown in channel.contents.items())
    yield from ((f"rules.{name}.do.odds", given.do.odds) for name, given in world.rules.items())
    yield from ((f"drivers.{name}.odds", driver.odds) for name, driver in world.drivers.items())


def _odds(world: World, path: str, table: Mapping[str, Mapping[str, float]], note: str) -> Iterator[Problem]:
    yield from unknown(path, table, living(world), "living stage")
    for stage in set(table) & set(living(world)):
        yield from unknown(f"{path}.{stage}", table[stage], world.stages, "stage")
        for to in table[stage]:
            if to in world.stages and not world.stages[stage].next.get(to):
                rule = f"nothing times odds is nothing: give stages.{stage}.next.{to} a small probability"
                yield Problem(f"{path}.{stage}.{to}", f"odds on a transition that next lacks{note}", rule)


def _shares(profile: Profile, stage: str, note: str) -> Iterator[Problem]:
    held = shares(profile, stage)
    channels = profile.world.channels
    total = sum(share * max(1.0, channels[name].intensity) for name, share in held.items())
    if total <= 1 + 1e-9:
        return
    plain = sum(held.values())
    above = {name: share for name, share in held.items() if share > 0 and channels[name].intensity > 1}
    if plain > 1 + 1e-9:
        yield Problem(f"channels.*.share.{stage}", f"share times affinity sums to {plain:.6g}{note}", "must be at most 1")
    for name, share in above.items() if plain <= 1 + 1e-9 else ():
        others = total - share * channels[name].intensity
        most = math.floor(max(1.0, (1 - others) / share) * 1e4) / 1e4
        yield Problem(f"channels.{name}.intensity", f"given {channels[name].intensity:g}, too much in {stage}{note}", f"at most {most:g}")


def _one_desk(profile: Profile, stage: str) -> Iterator[Problem]:
    called = {given.do.channel for given in profile.world.rules.values() if given.do.calls and stage in (given.only.stages or [stage])}
    for channel in (OWN, *(name for name, share in shares(profile, stage).items() if share > 0 or name in called)):
        claims = desk_of(profile.world, profile.persona, stage, channel)
        if len(claims) > 1:
            where = f"{profile.persona} in {stage} through {channel}"
            yield Problem(f"desks.{claims[1]}.serves", f"{' and '.join(claims)} both claim {where}", "one desk must serve an occasion")
