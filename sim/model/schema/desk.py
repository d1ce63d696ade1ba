"""Who must serve customers."""

from typing import Annotated

from pydantic import ConfigDict, Field

from sim.model.schema.base import Calendar, Feeling, NonNegative, Part, Spread


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
    """People who must serve an occasion; whoever outwaits their patience gives up.

    ``owned``: every customer has one of the people for good, drawn at random, and waits for nobody else.
    """

    people: Annotated[int, Field(ge=1, le=1_000_000)]
    wage: NonNegative = 0.0
    serves: Serves | None = None
    service: Spread
    patience: Spread | None = None
    hire: Hire | None = None
    hours: Calendar | None = None
    owned: bool = False
    gives_up_to: str | None = None
    giving_up: Feeling = 0.0
