"""What customers carry: drivers and permissions."""

from typing import Annotated

from pydantic import Field

from sim.model.schema.base import Odds, Part, Positive, Share


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
