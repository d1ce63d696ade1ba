"""What touches customers: what it costs, when it may, what it does to them."""

from typing import Annotated, Literal

from pydantic import Field

from sim.model.schema.base import ByStage, Feeling, Name, NonNegative, Odds, Part, Positive, Share


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


class Saturation(Part):
    """How engagement wears off: with a driver at level x, 1 / (1 + (x / half)^shape) of it is left (Hill's curve).

    A driver that each exposure adds to is frequency; a shared one to which it adds what it costs is spend.
    """

    driver: str
    half: Positive
    shape: Annotated[float, Field(gt=0, le=20)] = 1.0


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
    saturation: Saturation | None = None
