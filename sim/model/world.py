"""What a world is: frozen data, no behaviour (design: "A world in YAML"); its parts are in `sim.model.schema`.

Only `sim.model.check.world` makes one; it reports every problem of a configuration at once.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from sim.model.schema.base import Calendar, Feeling, Name, NonNegative, Odds, Part, Positive, Share, Spread, by_stage
from sim.model.schema.channel import Bad, Budget, Cap, Channel, Content, Cost, Experience, Flight, Saturation
from sim.model.schema.desk import Desk, Hire, Serves
from sim.model.schema.driver import Adds, Driver, Permission
from sim.model.schema.persona import Contract, Instalments, Like, Persona, Refund, Revenue, Trait
from sim.model.schema.rule import Do, Only, Rule, Sees, When

__all__ = [
    "BENDING",
    "CHURNED",
    "CUSTOMER",
    "LOST",
    "OWN",
    "PROSPECT",
    "SATISFACTION",
    "ABTest",
    "Adds",
    "Arm",
    "Arrivals",
    "Bad",
    "Budget",
    "Calendar",
    "Cap",
    "Channel",
    "Content",
    "Contract",
    "Cost",
    "Desk",
    "Do",
    "Driver",
    "Experience",
    "Feeling",
    "Flight",
    "Hire",
    "Instalments",
    "Like",
    "Money",
    "Name",
    "NonNegative",
    "Odds",
    "Only",
    "Order",
    "Part",
    "Permission",
    "Persona",
    "Positive",
    "Referral",
    "Refund",
    "Revenue",
    "Rule",
    "Saturation",
    "Scenario",
    "Sees",
    "Serves",
    "Share",
    "Spread",
    "Stage",
    "Trait",
    "When",
    "World",
    "by_stage",
]  # with the parts, so that one import is enough

OWN = "own"
SATISFACTION = "satisfaction"
PROSPECT, CUSTOMER, LOST, CHURNED = "prospect", "customer", "lost", "churned"
BENDING = ("odds", "probability")  # what traits act as that go into the odds


class Order(Part):
    """The chance that an occasion which enters, or stays in, the stage is an order; ``worth`` multiplies its value (another product)."""

    on_entry: Share = 0.0
    on_stay: Share = 0.0
    worth: Annotated[float, Field(ge=1e-6, le=1e6)] = 1.0


class Stage(Part):
    """A place in the journey; exits (``lost``, ``churned``) have no ``next`` and no ``gap``, but may state the ``reason`` for leaving."""

    kind: Literal["prospect", "customer", "lost", "churned"]
    entry: Share = 0.0
    next: dict[str, Share] = {}
    gap: Spread | None = None
    order: Order = Order()
    reason: Annotated[str, Field(min_length=1, max_length=60)] | None = None

    @property
    def is_exit(self) -> bool:
        """Whether customers leave the journey here."""
        return self.kind in (LOST, CHURNED)


class Referral(Part):
    """The chance, per occasion that starts in a stage, to bring a customer of the same persona.

    The reward (or by persona) is a cost of winning them, due when they convert, on no channel (`own`).
    """

    chance: dict[str, Share]
    enters: str
    reward: NonNegative | dict[str, NonNegative] = 0.0


class Arm(Part):
    """One side of an A/B test."""

    share: Share
    set: dict[str, Any] = {}


class ABTest(Part):
    """Customers are split among arms by a hash of seed, test name and customer; an arm acts on all its customers.

    Those take part whose exposure, their arrival or first entry into ``stage``, falls in [``start``, ``end``) and who are of these ``personas``
    (none named: all): `study=ab_test` compares them.
    """

    name: Name
    arms: dict[Name, Arm]
    stage: Name | None = None
    start: NonNegative = 0.0
    end: Positive | None = None
    personas: list[Name] = []


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
    start: dict[str, dict[str, Annotated[int, Field(ge=0, le=200_000_000)]]] = {}
    ab_test: ABTest | None = None
    scenario: Scenario = Scenario()

    @property
    def couples(self) -> bool:
        """Whether customers share something (desks, budgets, word of mouth, a reputation), so that one run has no interval of its own."""
        shares = any(channel.budget is not None or channel.meets for channel in self.channels.values())
        return bool(self.desks) or shares or any(driver.shared for driver in self.drivers.values())

    def __eq__(self, other: object) -> bool:
        """Return whether two worlds are told alike, the order of their names too: a persona's number is its place in the list."""
        return isinstance(other, World) and self.model_dump_json() == other.model_dump_json()

    def __hash__(self) -> int:
        """Return a number that equal worlds share."""
        return hash(self.model_dump_json())
