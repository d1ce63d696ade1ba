"""Who customers are and what they pay."""

from typing import Annotated, Any, Literal

from pydantic import Field

from sim.model.schema.base import ByStage, NonNegative, Odds, Part, Positive, Share, Spread


class Like(Part):
    """Another trait of the persona that this one goes along with: the correlation of their normal scores (a Gaussian copula)."""

    trait: str
    correlation: Annotated[float, Field(gt=-1, lt=1)]


class Trait(Spread):
    """A positive multiplier drawn once at arrival: it divides gaps, multiplies order values, or bends odds.

    One that acts as a ``probability`` is that of the transitions named, for whoever nothing influences: a beta distribution, by ``a`` and ``b``.
    """

    acts: Literal["rate", "spend", "odds", "probability"]
    of: dict[str, dict[str, float]] = {}
    like: Like | None = None


class Contract(Part):
    """A fee, due at conversion and every ``period`` days after it, for a ``term`` that renews, dearer by ``rise``.

    Leaving is notice: fees go on to the end of the first term that is ``notice`` days away or more. ``by_stage`` multiplies the fee
    in a customer stage (an upgrade, a downgrade); elsewhere it is as in the last one.
    """

    fee: Spread
    period: Annotated[float, Field(ge=1e-3)] = 365 / 12
    term: Positive = 365.0
    notice: NonNegative = 0.0
    rise: Annotated[float, Field(gt=-1, le=10)] = 0.0
    by_stage: dict[str, NonNegative] = {}


class Refund(Part):
    """The chance that an order is returned, and the days until the money goes back."""

    chance: Share
    after: Spread = Spread(family="fixed", mean=14.0)


class Instalments(Part):
    """How many equal payments an order is, the first one at once, and the days from one to the next."""

    number: Annotated[int, Field(ge=2, le=600)]
    every: Annotated[float, Field(ge=1e-3)] = 365 / 12


class Revenue(Part):
    """What an order is worth, and the contract that goes with being a customer (model ``contract``).

    ``price`` multiplies values and fees, 1 being the list price, at unchanged cost of goods. ``sensitivity``: odds of a
    transition × price^exponent, for the list price or what an engaged touch's discount leaves of it.
    """

    model: Literal["orders", "contract"] = "orders"
    value: Spread = Spread(family="fixed", mean=0.0)
    contract: Contract | None = None
    price: Annotated[float, Field(ge=1e-3, le=1e3)] = 1.0
    sensitivity: dict[str, dict[str, Annotated[float, Field(ge=-20, le=20)]]] = {}
    refund: Refund | None = None
    instalments: Instalments | None = None


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
