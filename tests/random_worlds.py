"""Worlds drawn at random from the whole schema, for hypothesis: any mix of mechanisms, small and quick, and valid as they are.

Numbers have few digits and their ends are likely, so that ties, zeros and ends of ranges are common. What a mechanism
could do without end is bounded: gaps, rates and referrals give some dozens of occasions a customer.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from math import ceil
from typing import Any

from hypothesis import strategies as st

from sim.model.layout import COUNTERS
from tests.dice import Dice

Raw = dict[str, Any]

SHORTEST = 1.0  # mean gap in days, of stages that take any time
PERIODS = ("day", "week", "month")


class Drawn:
    """A world in the making: what is drawn later refers to what is there."""

    def __init__(self, dice: Dice) -> None:
        self.dice = dice
        self.exits = dice.pick((["lost"], ["gone"], ["lost", "gone"]))
        self.living = [f"stage {k}" for k in range(dice.whole(1, 4))]
        self.channels = ["ad", "mail", "call", "talk"][: dice.pick((2, 1, 3, 4, 0))]
        self.permissions = ["opted in", "tracked"][: dice.whole(0, 2)]
        self.drivers = dice.several(["satisfaction", "recall", "mood"])
        self.circles = [dice.several(self.living, 1) for _ in range(dice.whole(0, 2))]
        self.horizon = dice.number(20, 120, 1)
        self.tied = dice.whole(0, 2) == 2  # whole days and everybody alike: nearly everything happens at the same moments
        self.stages = self._stages()
        self.bending: set[str] = set()  # traits that act on odds
        self.likely: set[str] = set()  # stages that a trait gives a probability

    def _stages(self) -> Raw:
        """Draw the journey; at most one stage takes no time, and it is left at once."""
        dice, stages = self.dice, {}
        still = dice.pick([None, None, *self.living])
        entry = dice.parts(self.living)
        for name in self.living:
            stages[name] = {
                "kind": dice.pick(("prospect", "customer")),
                "entry": entry.get(name, 0.0),
                "next": dice.parts([*(to for to in self.living if to != still or name != still), *self.exits]),
                "gap": {"mean": 0.0, "family": "fixed"} if name == still else self.days(SHORTEST, 12),
                "order": dice.fields(on_entry=lambda: dice.number(0, 1), on_stay=lambda: dice.number(0, 1), worth=lambda: dice.number(0.5, 3)),
            }
        kinds = {"lost": "lost", "gone": "churned"}
        return stages | {name: {"kind": kinds[name]} | dice.fields(reason=lambda: dice.pick(("price", "rival"))) for name in self.exits}

    def days(self, low: float, high: float) -> Raw:
        """Draw how long something takes."""
        if self.tied:
            return {"family": "fixed", "mean": float(self.dice.whole(ceil(low), int(high)))}
        return self.dice.spread(low, high)

    def odds(self, least: int = 0, low: float = 0.2, high: float = 5) -> Raw:
        """Draw odds (or exponents) on transitions that there are."""
        dice = self.dice
        return {name: dice.some(sorted(self.stages[name]["next"]), lambda: dice.number(low, high), least) for name in dice.several(self.living, least)}

    def by_stage(self, low: float, high: float) -> Any:
        """Draw a number, or one by stage."""
        return self.dice.by_stage(self.living, lambda: self.dice.number(low, high))

    def changes(self) -> Raw:
        """Draw what a persona or an arm sees differently: up to three dotted assignments."""
        dice = self.dice
        may: dict[str, Callable[[], Any]] = {}
        for name in self.living:
            may[f"stages.{name}.order.on_stay"] = lambda: dice.number(0, 1)
            ways = sorted(self.stages[name]["next"])
            may[f"stages.{name}.next"] = lambda ways=ways: dice.parts(ways, len(ways))
            if self.stages[name]["gap"]["mean"] > 0:
                may[f"stages.{name}.gap.mean"] = lambda: dice.number(SHORTEST, 20)
        for name in self.channels:
            may |= {f"channels.{name}.engage": lambda: dice.number(0, 1), f"channels.{name}.discount": lambda: dice.number(0, 0.5)}
            may |= {f"channels.{name}.cost.touch": lambda: dice.number(0, 3), f"channels.{name}.odds": self.odds, f"channels.{name}.flights": self.flights}
        return {path: may[path]() for path in {dice.pick(sorted(may)) for _ in range(dice.whole(0, 3))}}

    def flights(self) -> list[Raw]:
        """Draw when a channel runs: once, twice, or never."""
        starts = [self.dice.number(0, 60) for _ in range(self.dice.pick((1, 2, 1, 2, 0)))]
        return [{"start": start, "end": start + self.dice.number(1, 60)} for start in starts]

    # ---- personas ----
    def persona(self, share: float) -> Raw:
        """Draw one kind of customer."""
        dice = self.dice
        return {"share": share} | dice.fields(
            market=lambda: dice.pick(("b2c", "b2b")),
            pace=lambda: self.by_stage(0.5, 2),
            entry=lambda: dice.parts(self.living),
            odds=self.odds,
            channels=lambda: dice.some(self.channels, lambda: self.by_stage(0, 2)),
            set=self.changes,
            traits=self.traits,
            revenue=self.revenue,
            margin=lambda: dice.number(0, 1),
        )

    def revenue(self) -> Raw:
        """Draw what orders are worth, and perhaps a contract."""
        dice, value = self.dice, {"value": self.dice.spread(0, 200)} | self.dice.fields(price=lambda: self.dice.number(0.5, 2))
        value |= {"sensitivity": self.odds(0, -2, 2)} if dice.coin() else {}
        value |= dice.pick(({}, {"refund": {"chance": dice.number(0, 1), "after": self.days(0, 30)}}, {"instalments": self.parts_of_an_order()}))
        if dice.coin():
            return value
        period = self.days(2, 40)["mean"]
        contract = {"fee": dice.spread(0, 50), "period": period, "term": period + float(dice.whole(0, 60))}
        levels = dice.some([name for name in self.living if self.stages[name]["kind"] == "customer"], lambda: dice.number(0, 2))
        contract |= {"by_stage": levels} | dice.fields(notice=lambda: dice.number(0, 40), rise=lambda: dice.number(-0.5, 1))
        return value | {"model": "contract", "contract": contract}

    def parts_of_an_order(self) -> Raw:
        """Draw how an order is paid in parts."""
        return {"number": self.dice.whole(2, 5), "every": self.days(1, 20)["mean"]}

    def traits(self) -> Raw:
        """Draw what customers are born with."""
        found = self.dice.some(["tempo", "wallet", "taste", "doubt"], self.trait)
        self.bending |= {name for name, trait in found.items() if trait["acts"] == "odds"}
        first, *others = found or [""]
        return found | {name: found[name] | {"like": {"trait": first, "correlation": self.dice.number(-0.9, 0.9)}} for name in self.dice.several(others)}

    def trait(self) -> Raw:
        """Draw one trait; a rate has no heavy tail."""
        dice = self.dice
        acts = dice.pick(("rate", "spend", "odds", "probability"))
        if acts == "probability":
            return self.probability()
        of = {"of": self.odds(1, -2, 2)} if acts == "odds" else {}
        if acts != "rate" and dice.coin():
            return {"acts": acts, "family": "beta_prime", "a": dice.number(0.3, 3), "b": dice.number(0.3, 3)} | of
        return {"acts": acts, "family": dice.pick(("lognormal", "gamma", "fixed")), "mean": dice.number(0.3, 2), "cv": dice.pick((0.4, 0.0, 1.0))} | of

    def probability(self) -> Raw:
        """Draw a trait that is the probability of one way on from a stage that has several (elsewhere it would be certain), else a plain one."""
        dice, ways = self.dice, {name: sorted(self.stages[name]["next"]) for name in self.living if name not in self.likely}
        several = [name for name, to in ways.items() if len(to) > 1]
        if not several:
            return {"acts": "spend", "family": "fixed", "mean": 1.5}
        stage = dice.pick(several)
        self.likely.add(stage)
        of = {stage: {dice.pick(ways[stage]): 1.0}}
        return {"acts": "probability", "family": "beta", "a": dice.number(0.5, 3), "b": dice.number(0.5, 3), "of": of}

    # ---- channels ----
    def channel(self) -> Raw:
        """Draw one channel, but for its desk."""
        dice = self.dice
        return {"share": self.by_stage(0, 1)} | dice.fields(
            media=lambda: dice.pick(("paid", "owned", "earned")),
            intensity=lambda: dice.number(0, 3),
            engage=lambda: self.by_stage(0, 1),
            odds=self.odds,
            experience=self.experience,
            cost=lambda: dice.some(["exposure", "touch", "order", "month"], lambda: dice.number(0, 2)),
            budget=lambda: {"amount": dice.number(0, 40), "per": dice.pick(PERIODS)},
            discount=lambda: dice.number(0, 0.9),
            leads=lambda: True,
            flights=self.flights,
            cap=lambda: {"exposures": dice.whole(0, 3), "per": dice.pick(PERIODS)},
            needs=lambda: dice.several(self.permissions),
            gives=lambda: dice.some(self.permissions, lambda: dice.number(0, 1)),
            loses=lambda: dice.some(self.permissions, lambda: dice.number(0, 1)),
            saturation=lambda: {"driver": dice.pick(["satisfaction", *self.drivers]), "half": dice.number(0.1, 2), "shape": dice.number(0.5, 4)},
            contents=lambda: dice.some(["guide", "story"], lambda: dice.fields(weight=lambda: self.by_stage(0, 3), odds=self.odds)),
            meets=lambda: dice.pick([[], *self.circles]),
            targets=lambda: dice.some(sorted(self.bending), lambda: dice.number(-2, 2)),
        )

    def experience(self) -> Raw:
        """Draw what an engaged touch feels like."""
        dice = self.dice
        return dice.fields(
            mean=lambda: self.by_stage(-1, 1),
            sd=lambda: dice.number(0, 1),
            bad=lambda: {"chance": dice.number(0, 1), "adds": dice.number(-2, 2), "odds_per_day_waited": dice.number(0.2, 5)},
        )

    def room(self, raw: Raw, stage: str) -> float:
        """Return the most that channels hold of a stage's occasions, at their intensity, whoever is asked."""
        people = raw["personas"].values()
        return max((sum(part(name, channel, person, stage) for name, channel in raw["channels"].items()) for person in people), default=0.0)

    def fit(self, raw: Raw) -> None:
        """Scale the channels' shares so that no stage holds more than all occasions, or leaves some for others."""
        most = max(self.room(raw, stage) for stage in self.living) / self.dice.pick((0.5, 0.7, 1.0)) + 1e-9
        for channel in raw["channels"].values() if most > 1 else ():
            share = channel["share"]
            channel["share"] = {stage: x / most for stage, x in share.items()} if isinstance(share, dict) else share / most

    def placebo(self, raw: Raw) -> Raw:
        """Draw a channel that does nothing, for the occasions that are left; a capped one only where the counters allow it."""
        dice = self.dice
        counted = sum("cap" in channel for channel in raw["channels"].values()) < COUNTERS
        cap = {"cap": lambda: {"exposures": dice.whole(0, 3), "per": dice.pick(PERIODS)}} if counted else {}
        share = {stage: min(dice.number(0, 1), 1 - room) for stage in self.living if (room := self.room(raw, stage)) < 1}
        return {"share": share, "engage": dice.number(0.2, 1)} | dice.fields(
            odds=lambda: self.odds(0, 1, 1),
            budget=lambda: {"amount": dice.number(0, 40), "per": dice.pick(PERIODS)},
            leads=lambda: True,
            flights=self.flights,
            needs=lambda: dice.several(self.permissions),
            contents=lambda: {"guide": {"odds": self.odds(0, 1, 1)}, "story": {"weight": self.by_stage(0, 3)}},
            meets=lambda: dice.pick([[], *self.circles]),
            targets=lambda: dice.some(sorted(self.bending), lambda: dice.number(-2, 2)),
            **cap,
        )

    # ---- what customers carry ----
    def driver(self, name: str) -> Raw:
        """Draw one driver; something adds to it, and it starts within its range."""
        dice = self.dice

        def step() -> float:
            return dice.number(-1, 1)

        def event(*more: str) -> Callable[[], Any]:
            return lambda: dice.some([*self.channels, *more], step) if dice.coin() else step()

        adds = dice.fields(exposure=event(), touch=event(), order=event("own"), enters=lambda: dice.some(sorted(self.stages), step), waited=step)
        found = {"adds": {"gave_up": dice.number(0.1, 1)} | adds} | dice.fields(
            half_life=lambda: dice.number(0.5, 60),
            shared=lambda: True,
            odds=self.odds,
            engage=lambda: dice.some(self.channels, lambda: dice.number(0.2, 5)),
            loses=lambda: dice.some(self.permissions, lambda: dice.number(0.2, 5)),
        )
        others = sorted({"satisfaction", *self.drivers} - {name})
        if others and dice.coin():
            found["follows"] = dice.pick(others)
        low, high = (-1.0, 1.0) if name == "satisfaction" else (0.0, 1.0)
        if name != "satisfaction" and dice.coin():
            low = dice.number(-1, 0.5)
            high = low + dice.number(0.1, 2)
            found["range"] = [low, high]
        return found | {"start": dice.number(low, min(1.0, high))}

    def calendar(self, factor: Callable[[], float]) -> Raw:
        """Draw season, weekdays and hours, each or not; something goes on at some time."""
        sizes = {"season": 12, "weekday": 7, "hours": 24}
        found = {part: [factor() for _ in range(sizes[part])] for part in self.dice.several(tuple(sizes))}
        return {part: factors for part, factors in found.items() if any(factors)}

    # ---- desks ----
    def desk(self) -> Raw:
        """Draw one desk, but for whom it serves."""
        dice = self.dice
        found = {"people": dice.whole(1, 4), "service": self.days(0, 2), "gives_up_to": dice.pick(self.exits), "owned": dice.coin()}
        hire = {} if found["owned"] else {"hire": lambda: {"people": dice.whole(1, 3), "from": dice.number(0, 60), "ramp": dice.number(0, 30)}}
        return (
            found
            | ({"patience": self.days(0.1, 5)} if dice.whole(0, 2) else {})
            | dice.fields(
                wage=lambda: dice.number(0, 3000),
                **hire,
                hours=lambda: self.calendar(lambda: float(dice.coin())),
                giving_up=lambda: dice.number(-1, 1),
            )
        )

    def staff(self, raw: Raw) -> None:
        """Put up to two desks into the world: they share out stages, personas or channels, so that at most one serves an occasion."""
        dice, count = self.dice, self.dice.pick((0, 1, 2, 1, 2))
        field, names = dice.pick([("stages", self.living), ("personas", sorted(raw["personas"])), ("channels", ["own", *self.channels])])
        owner = {name: dice.whole(0, count) for name in names}  # 0: nobody's
        for k, name in enumerate(["sales", "care"][:count], 1):
            mine = [one for one in names if owner[one] == k]
            by_channel = field == "channels" and "own" not in mine and dice.coin()
            if not mine:
                continue
            raw["desks"][name] = self.desk() | ({} if by_channel else {"serves": {field: mine} | self.narrower(field, raw)})
            for one in mine if by_channel else ():
                raw["channels"][one]["desk"] = name

    def narrower(self, field: str, raw: Raw) -> Raw:
        """Draw what else must be true of an occasion that a desk serves."""
        dice, others = self.dice, {"stages": self.living, "personas": sorted(raw["personas"]), "channels": ["own", *self.channels]}
        return dice.fields(**{other: lambda names=names: dice.several(names) for other, names in others.items() if other != field})

    # ---- orchestration ----
    def rule(self, raw: Raw) -> Raw:
        """Draw a rule of orchestration; people at a desk are asked by a call."""
        dice, arms = self.dice, sorted(raw.get("ab_test", {"arms": {}})["arms"])
        channel = dice.pick(self.channels)
        desked = "desk" in raw["channels"][channel] or any(channel in desk.get("serves", {}).get("channels", []) for desk in raw["desks"].values())
        only = {"stages": self.living, "personas": sorted(raw["personas"]), "arms": arms, "needs": self.permissions}
        found = {
            "when": self.when(),
            "only": dice.fields(**{field: lambda names=names: dice.several(names) for field, names in only.items()}),
            "do": {"channel": channel, "calls": desked or dice.coin()} | dice.fields(odds=self.odds, half_life=lambda: dice.number(0.1, 10)),
            "sees": dice.fields(accuracy=lambda: dice.number(0, 1), late=lambda: dice.number(0, 10), told_by=lambda: dice.several(self.permissions)),
        }
        wait = (lambda: float(dice.whole(0, 3))) if self.tied else (lambda: dice.number(0, 5))
        return found | dice.fields(wait=wait, batch=lambda: dice.pick((1.0, 0.5, 7.0)), at_most=lambda: dice.whole(1, 6))

    def when(self) -> Raw:
        """Draw what a rule notices."""
        dice = self.dice
        may = {
            "enters": lambda: dice.several(self.living, 1),
            "stays": lambda: dice.several(self.living, 1),
            "touches": lambda: dice.several(self.channels, 1),
            "orders": lambda: True,
            "gave_up": lambda: True,
            "above": lambda: {"satisfaction": dice.number(-1, 1)},
            "below": lambda: {dice.pick(sorted({"satisfaction", *self.drivers})): dice.number(-1, 1)},
        }
        may |= {"gains": lambda: dice.several(self.permissions, 1)} if self.permissions else {}
        found = {field: may[field]() for field in dice.several(sorted(may), 1)}
        if "above" in found and "below" in found:
            found["above"] = dict.fromkeys(found["below"], found["above"]["satisfaction"])
        return found

    # ---- the whole ----
    def raw(self) -> Raw:
        """Draw the rest; return the world as plain data."""
        dice = self.dice
        raw: Raw = {"customers": dice.whole(100, 300), "horizon": self.horizon, "stages": self.stages, "channels": {}, "desks": {}}
        raw["seed"] = dice.whole(0, 2**70) if dice.coin() else dice.whole(0, 99)
        raw["arrivals"] = {"days": 0.0 if self.tied else dice.number(0, 90, 0)}
        raw["arrivals"] |= {"shape": dice.pick(("uniform", "poisson", "even")), "growth": dice.pick((0.0, 3.0, -0.9))}
        raw["personas"] = {name: self.persona(share) for name, share in dice.parts(["ann", "ben", "cem"]).items()}
        raw["channels"] = {name: self.channel() for name in self.channels}
        self.fit(raw)
        self.staff(raw)
        raw["money"] = dice.fields(margin=lambda: dice.number(0, 1), discount_rate=lambda: dice.number(0, 0.3), clv_days=lambda: dice.number(30, 1000))
        raw["ring"] = dice.coin()
        raw["permissions"] = {name: dice.fields(start=lambda: dice.number(0, 1), order=lambda: dice.number(0, 1)) for name in self.permissions}
        raw["drivers"] = {name: self.driver(name) for name in self.drivers}
        raw["calendars"] = dice.some(["b2c", "b2b"], lambda: self.calendar(lambda: dice.number(0, 3)))
        if dice.coin():
            shortest = min((stage["gap"]["mean"] for stage in self.stages.values() if "gap" in stage and stage["gap"]["mean"] > 0), default=SHORTEST)
            most = min(0.1, 2 * shortest / self.horizon)  # so that a family stays near e^2 people at most
            raw["referral"] = {"chance": dice.some(self.living, lambda: dice.number(0, most, 4)), "enters": dice.pick(self.living)}
            if self.stages[raw["referral"]["enters"]]["kind"] == "prospect":
                raw["referral"]["reward"] = dice.number(0, 9)
        if dice.coin():
            raw["start"] = dice.some(self.living, lambda: dice.some(sorted(raw["personas"]), lambda: dice.whole(0, 9)))
        if dice.coin():
            arms = dice.parts(["a", "b", "c"][: dice.whole(2, 3)], 2)
            who = dice.fields(stage=lambda: dice.pick(self.living), start=lambda: dice.number(0, 30), end=lambda: dice.number(31, 90))
            who |= dice.fields(personas=lambda: dice.several(sorted(raw["personas"])))
            raw["ab_test"] = who | {"name": "page", "arms": {arm: {"share": share, "set": self.changes()} for arm, share in arms.items()}}
        raw["rules"] = {name: self.rule(raw) for name in ["welcome", "remind", "save"][: dice.whole(0, 3)] if self.channels}
        return raw


def part(name: str, channel: Mapping[str, Any], person: Mapping[str, Any], stage: str) -> float:
    """Return the part of a stage's occasions that a channel holds at its intensity."""
    share, affinity = (x.get(stage, d) if isinstance(x, dict) else x for x, d in ((channel["share"], 0.0), (person.get("channels", {}).get(name, 1.0), 1.0)))
    return float(share * affinity * max(1.0, channel.get("intensity", 1.0)))


def beside(raw: Raw, placebo: Raw) -> tuple[Raw, Raw]:
    """Return the world without and with a placebo, told so that nothing else follows from the placebo's being there.

    What any channel adds to a driver is said channel by channel, and whatever an own occasion meets, one of the placebo meets too.
    """
    without = deepcopy(raw)
    for driver in without["drivers"].values():
        for event in ("exposure", "touch"):
            if not isinstance(added := driver["adds"].get(event, {}), dict):
                driver["adds"][event] = dict.fromkeys(raw["channels"], added)
    with_it = deepcopy(without)
    with_it["channels"]["placebo"] = placebo
    for driver in with_it["drivers"].values():
        if isinstance(added := driver["adds"].get("order"), dict) and "own" in added:
            added["placebo"] = added["own"]
    for desk in with_it["desks"].values():
        if "own" in (served := desk.get("serves", {}).get("channels", [])):
            served.append("placebo")
    return without, with_it


@st.composite
def placebos(draw: Callable[[st.SearchStrategy[int]], int]) -> tuple[Raw, Raw]:
    """Draw a world without and with a channel that does nothing."""
    drawn = Drawn(Dice(draw))
    raw = drawn.raw()
    return beside(raw, drawn.placebo(raw))


@st.composite
def worlds(draw: Callable[[st.SearchStrategy[int]], int]) -> Raw:
    """Draw a world as plain data."""
    return Drawn(Dice(draw)).raw()
