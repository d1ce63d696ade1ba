"""What a world is: frozen data, no behaviour (design: "A world in YAML").

Only `sim.model.check.world` makes one; it reports every problem of a configuration at once.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

NonNegative = Annotated[float, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Feeling = Annotated[float, Field(ge=-2, le=2)]
Name = Annotated[str, Field(pattern=r"^[^\s.=,\[\]{}\x00-\x1f][^.=,\[\]{}\x00-\x1f]*$", max_length=60)]
Odds = dict[str, dict[str, Positive]]
ByStage = dict[str, NonNegative]

OWN = "own"
SATISFACTION = "satisfaction"
PROSPECT, CUSTOMER, LOST, CHURNED = "prospect", "customer", "lost", "churned"


class Part(BaseModel):
    """A piece of a world: frozen, no unknown fields, no guessed types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Spread(Part):
    """A distribution of non-negative numbers by mean and coefficient of variation (``beta_prime`` by ``a`` and ``b``)."""

    family: Literal["exponential", "gamma", "weibull", "lognormal", "fixed", "beta_prime"] = "exponential"
    mean: NonNegative = 1.0
    cv: Annotated[float, Field(ge=0, le=20)] = 1.0
    a: Positive | None = None
    b: Positive | None = None


class Order(Part):
    """The chance that an occasion which enters, or stays in, the stage is an order."""

    on_entry: Share = 0.0
    on_stay: Share = 0.0


class Stage(Part):
    """A place in the journey; exits (``lost``, ``churned``) have no ``next`` and no ``gap``."""

    kind: Literal["prospect", "customer", "lost", "churned"]
    entry: Share = 0.0
    next: dict[str, Share] = {}
    gap: Spread | None = None
    order: Order = Order()

    @property
    def is_exit(self) -> bool:
        """Whether customers leave the journey here."""
        return self.kind in (LOST, CHURNED)


class Like(Part):
    """Another trait of the persona that this one goes along with: the correlation of their normal scores (a Gaussian copula)."""

    trait: str
    correlation: Annotated[float, Field(gt=-1, lt=1)]


class Trait(Spread):
    """A positive multiplier drawn once at arrival: it divides gaps, multiplies order values, or bends odds."""

    acts: Literal["rate", "spend", "odds"]
    of: dict[str, dict[str, float]] = {}
    like: Like | None = None


class Contract(Part):
    """A fee, due at conversion and every ``period`` days after it, for a ``term`` that renews, dearer by ``rise``.

    Leaving is notice: fees go on to the end of the first term that is ``notice`` days away or more.
    """

    fee: Spread
    period: Positive = 365 / 12
    term: Positive = 365.0
    notice: NonNegative = 0.0
    rise: Annotated[float, Field(gt=-1, le=10)] = 0.0


class Revenue(Part):
    """What an order is worth, and the contract that goes with being a customer (model ``contract``)."""

    model: Literal["orders", "contract"] = "orders"
    value: Spread = Spread(family="fixed", mean=0.0)
    contract: Contract | None = None


class Persona(Part):
    """A named kind of customer."""

    market: Literal["b2c", "b2b"] = "b2c"
    share: Share = 1.0
    pace: Positive | dict[str, Positive] = 1.0
    entry: dict[str, Share] = {}
    odds: Odds = {}
    channels: dict[str, NonNegative | ByStage] = {}
    set: dict[str, Any] = {}
    traits: dict[str, Trait] = {}
    revenue: Revenue = Revenue()
    margin: Share | None = None
    card: dict[str, Any] = {}


class Bad(Part):
    """A bad experience: its chance at an engaged touch, what it adds to satisfaction, and the odds of one for each day waited at the desk."""

    chance: Share
    adds: Feeling = -0.3
    odds_per_day_waited: Positive = 1.0


class Experience(Part):
    """What an engaged touch adds to satisfaction (normal; its mean may be given by stage), unless it goes wrong."""

    mean: Feeling | dict[str, Feeling] = 0.0
    sd: NonNegative = 0.0
    bad: Bad | None = None


class Cost(Part):
    """Money per exposure, per touch on top, per order on top, and per month."""

    exposure: NonNegative = 0.0
    touch: NonNegative = 0.0
    order: NonNegative = 0.0
    month: NonNegative = 0.0


class Budget(Part):
    """How much a channel may spend in a period; periods count from day 0."""

    amount: NonNegative
    per: Literal["day", "week", "month"] = "day"


class Flight(Part):
    """A span of days, the last one not included, in which a channel runs."""

    start: NonNegative = 0.0
    end: Positive


class Cap(Part):
    """How often a customer is exposed to a channel in a period at most; periods count from day 0."""

    exposures: Annotated[int, Field(ge=0, le=30_000)]
    per: Literal["day", "week", "month"] = "week"


class Content(Part):
    """One of the things that a channel shows: how often (by stage), and what it does to the odds beside the channel's own."""

    weight: NonNegative | ByStage = 1.0
    odds: Odds = {}


class Calendar(Part):
    """How busy months, weekdays and hours are beside each other; day 0 is a Monday, the first of January.

    For customers the factors are made to have mean 1 over a year: the own clock runs faster and slower, no more often. For a
    desk 1 is open and 0 is closed: service takes open time alone.
    """

    season: Annotated[list[NonNegative], Field(min_length=12, max_length=12)] | None = None
    weekday: Annotated[list[NonNegative], Field(min_length=7, max_length=7)] | None = None
    hours: Annotated[list[NonNegative], Field(min_length=24, max_length=24)] | None = None


class Channel(Part):
    """What touches customers; what no channel holds is ``own``.

    ``meets``: it reaches a customer only if somebody met at random, of all there are, is in one of these stages (word of mouth).
    ``targets``: it reaches the customer with chance x / (1 + x), where x is the product of trait^exponent.
    """

    media: Literal["paid", "owned", "earned"] = "owned"
    share: NonNegative | ByStage = 0.0
    intensity: NonNegative = 1.0
    engage: Share | dict[str, Share] = 1.0
    odds: Odds = {}
    experience: Experience = Experience()
    cost: Cost = Cost()
    budget: Budget | None = None
    discount: Annotated[float, Field(ge=0, lt=1)] = 0.0
    leads: bool = False
    desk: str | None = None
    flights: list[Flight] | None = None
    cap: Cap | None = None
    needs: list[str] = []
    gives: dict[str, Share] = {}
    loses: dict[str, Share] = {}
    contents: dict[Name, Content] = {}
    meets: list[str] = []
    targets: dict[str, float] = {}


class Serves(Part):
    """Which occasions need the desk; a missing or empty list means all."""

    personas: list[str] = []
    stages: list[str] = []
    channels: list[str] = []


class Hire(Part):
    """People who join a desk: paid from day ``from``, they take up work evenly over the ``ramp`` days after it."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    people: Annotated[int, Field(ge=1, le=10_000)]
    from_: Annotated[float, Field(ge=0, alias="from")]
    ramp: NonNegative = 0.0

    def days(self) -> list[float]:
        """Return the day on which each of them takes up work."""
        return [self.from_ + self.ramp * (k + 0.5) / self.people for k in range(self.people)]


class Desk(Part):
    """People who must serve an occasion; whoever outwaits their patience gives up."""

    people: Annotated[int, Field(ge=1, le=1_000_000)]
    wage: NonNegative = 0.0
    serves: Serves | None = None
    service: Spread
    patience: Spread | None = None
    hire: Hire | None = None
    hours: Calendar | None = None
    gives_up_to: str | None = None
    giving_up: Feeling = 0.0


class Adds(Part):
    """What adds to a driver: an exposure or a touch (of any channel, or by channel), an order, entering a stage, giving up, a day waited.

    An order counts wherever it is made, or by channel and ``own``.
    """

    exposure: float | dict[str, float] = 0.0
    touch: float | dict[str, float] = 0.0
    order: float | dict[str, float] = 0.0
    enters: dict[str, float] = {}
    gave_up: float = 0.0
    waited: float = 0.0


class Driver(Part):
    """A number a customer carries that shifts odds, per unit: of transitions, of engaging (by channel), of losing a permission.

    A ``shared`` one is the same for all customers (a reputation). What ``follows`` another driver moves towards its level, by the
    fraction that is added. It fades with ``half_life`` days (null: never) and stays in its range (default: satisfaction [-1, 1], others [0, 1]).
    """

    start: Annotated[float, Field(ge=-100, le=100)] = 0.0
    half_life: Positive | None = None
    range: Annotated[list[float], Field(min_length=2, max_length=2)] | None = None
    adds: Adds = Adds()
    shared: bool = False
    follows: str | None = None
    odds: Odds = {}
    engage: dict[str, Positive] = {}
    loses: dict[str, Positive] = {}


class Permission(Part):
    """Something that a customer has granted or not (registered, opted in, tracked): the share that has it at arrival, the chance that an order gives it."""

    start: Share = 0.0
    order: Share = 0.0


class When(Part):
    """What a rule notices after an occasion (a message is none): any of these.

    A stage entered or stayed in, a channel engaged with, an order, giving up in a queue, a permission granted, a driver below a level.
    """

    enters: list[str] = []
    stays: list[str] = []
    touches: list[str] = []
    orders: bool = False
    gave_up: bool = False
    gains: list[str] = []
    below: Annotated[dict[str, float], Field(max_length=1)] = {}


class Only(Part):
    """For whom a rule acts, as it sees them: stages, personas, arms of a test, permissions (all of them needed); empty means all."""

    stages: list[str] = []
    personas: list[str] = []
    arms: list[str] = []
    needs: list[str] = []


class Sees(Part):
    """How well a rule sees the stage: the chance that it is the true one (else any other), and how many days old the news is.

    A change that is younger is not known yet: the rule sees the stage before it.

    Customers who have granted one of ``told_by`` (a quiz, a calculator, a chat) are seen as they are.
    """

    accuracy: Share = 1.0
    late: NonNegative = 0.0
    told_by: list[str] = []


class Do(Part):
    """What a rule does: a message through a channel, or (``calls``) the customer's next occasion, now and through that channel.

    Engaged with, its odds apply at that next occasion, beside the channel's own; they fade with ``half_life`` days from what the rule
    noticed. A message shows none of its channel's contents; an intensity below 1 leaves out so many messages too.
    """

    channel: str
    odds: Odds = {}
    half_life: Positive | None = None
    calls: bool = False


class Rule(Part):
    """An orchestration rule: when it notices something it waits (and for the end of its batch), looks, ``at_most`` so often, and acts on whom it means."""

    when: When
    only: Only = Only()
    wait: NonNegative = 0.0
    batch: NonNegative = 0.0
    sees: Sees = Sees()
    do: Do
    at_most: Annotated[int, Field(ge=1, le=4000)] = 1


class Referral(Part):
    """The chance, per occasion that starts in a stage, to bring a customer of the same persona."""

    chance: dict[str, Share]
    enters: str


class Arm(Part):
    """One side of an A/B test."""

    share: Share
    set: dict[str, Any] = {}


class ABTest(Part):
    """Customers are split among arms by a hash of seed, test name and customer."""

    name: Name
    arms: dict[Name, Arm]


class Scenario(Part):
    """A named set of changes to a world."""

    name: Name = "baseline"
    set: dict[str, Any] = {}


class Arrivals(Part):
    """When founders arrive: within the first ``days``, ``growth`` more from one year to the next (0.2: a fifth)."""

    days: NonNegative = 365.0
    shape: Literal["uniform", "poisson", "even"] = "uniform"
    growth: Annotated[float, Field(ge=-0.99, le=100)] = 0.0


class Money(Part):
    """Currency, contribution margin, yearly discount rate, and the days that `clv` covers."""

    currency: str = "EUR"
    margin: Share = 1.0
    discount_rate: Annotated[float, Field(ge=0, le=10)] = 0.0
    clv_days: Positive = 1095.0


class World(Part):
    """A fully composed model: everything a run needs, the scenario already applied."""

    customers: Annotated[int, Field(ge=1, le=200_000_000)] = 10_000
    arrivals: Arrivals = Arrivals()
    horizon: Annotated[float, Field(gt=0, le=100_000)] = 730.0
    seed: Annotated[int, Field(ge=0)] = 1
    team: Annotated[int, Field(ge=0)] = 0
    replications: Annotated[int, Field(ge=1, le=100_000)] = 20
    clock: Literal["auto", "simpy", "compiled"] = "auto"
    log: Literal["events", "customers", "none"] = "events"
    student: bool = False
    ring: bool = False
    money: Money = Money()
    stages: dict[Name, Stage]
    personas: dict[Name, Persona] = {"everyone": Persona()}
    channels: dict[Name, Channel] = {}
    desks: dict[Name, Desk] = {}
    drivers: dict[Name, Driver] = {}
    permissions: dict[Name, Permission] = {}
    calendars: dict[Literal["b2c", "b2b"], Calendar] = {}
    rules: dict[Name, Rule] = {}
    referral: Referral | None = None
    ab_test: ABTest | None = None
    scenario: Scenario = Scenario()

    @property
    def couples(self) -> bool:
        """Whether customers share something (desks, budgets, word of mouth, a reputation), so that one run has no interval of its own."""
        shares = any(channel.budget is not None or channel.meets for channel in self.channels.values())
        return bool(self.desks) or shares or any(driver.shared for driver in self.drivers.values())


def by_stage(value: float | dict[str, float], stage: str, default: float) -> float:
    """Return what a number, or a mapping by stage, says of one stage."""
    return value.get(stage, default) if isinstance(value, dict) else value
