"""What every part of a world is made of: frozen data, numbers within limits, distributions, calendars."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

NonNegative = Annotated[float, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Feeling = Annotated[float, Field(ge=-2, le=2)]
Name = Annotated[str, Field(pattern=r"^[^\s.=,\[\]{}\x00-\x1f][^.=,\[\]{}\x00-\x1f]*$", max_length=60)]
Odds = dict[str, dict[str, Positive]]
ByStage = dict[str, NonNegative]


class Part(BaseModel):
    """A piece of a world: frozen, no unknown fields, no guessed types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Spread(Part):
    """A distribution of non-negative numbers by mean and coefficient of variation (``beta_prime`` and ``beta`` by ``a`` and ``b``)."""

    family: Literal["exponential", "gamma", "weibull", "lognormal", "fixed", "beta_prime", "beta"] = "exponential"
    mean: NonNegative = 1.0
    cv: Annotated[float, Field(ge=0, le=20)] = 1.0
    a: Positive | None = None
    b: Positive | None = None


class Calendar(Part):
    """How busy months, weekdays and hours are beside each other; day 0 is a Monday, the first of January.

    For customers the factors are made to have mean 1 over a year: the own clock runs faster and slower, no more often. For a
    desk 1 is open and 0 is closed: service takes open time alone.
    """

    season: Annotated[list[NonNegative], Field(min_length=12, max_length=12)] | None = None
    weekday: Annotated[list[NonNegative], Field(min_length=7, max_length=7)] | None = None
    hours: Annotated[list[NonNegative], Field(min_length=24, max_length=24)] | None = None


def by_stage(value: float | dict[str, float], stage: str, default: float) -> float:
    """Return what a number, or a mapping by stage, says of one stage."""
    return value.get(stage, default) if isinstance(value, dict) else value
