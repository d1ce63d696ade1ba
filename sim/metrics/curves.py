"""Tables behind figures, studies and calibration: curves over days, counts between stages, time in stages."""

from dataclasses import dataclass

from sim.log import Array, Log


@dataclass(frozen=True)
class ConversionCurve:
    """The share of arrivals that has converted ``days`` after arrival; both of shape (points,)."""

    days: Array
    share: Array


@dataclass(frozen=True)
class RetentionCurve:
    """The share of converted customers that has not left ``days`` after conversion, with 95 % limits (NaN in coupled logs); all of shape (points,)."""

    days: Array
    share: Array
    low: Array
    high: Array


@dataclass(frozen=True)
class Transitions:
    """How often customers went from one stage to another at an occasion or on giving up; ``counts`` has shape (stages, stages), staying on the diagonal."""

    stages: tuple[str, ...]
    counts: Array


@dataclass(frozen=True)
class Occasions:
    """How many occasions a channel had in a stage, and how many were engaged; both of shape (channels, stages), channel 0 is ``own``."""

    channels: tuple[str, ...]
    stages: tuple[str, ...]
    counts: Array
    engaged: Array


@dataclass(frozen=True)
class Dwell:
    """Days in a stage per visit, by stage that is no exit: mean within ``window`` days, and quartiles (NaN where so few left that there is none)."""

    stages: tuple[str, ...]
    visits: Array
    mean: Array
    quartiles: Array  # (stages, 3)
    window: Array


@dataclass(frozen=True)
class Funnel:
    """Customers by stage that is no exit: who entered it at least once, who left the journey from it; and steps back out of it."""

    stages: tuple[str, ...]
    entered: Array
    dropped: Array
    moved_back: Array


def conversion_curve(log: Log, persona: str | None = None) -> ConversionCurve:
    """Return the cumulative incidence of conversion, by whole days."""
    raise NotImplementedError


def retention_curve(log: Log, persona: str | None = None) -> RetentionCurve:
    """Return the share retained, by whole days."""
    raise NotImplementedError


def transitions(log: Log) -> Transitions:
    """Return the counts from stage to stage."""
    raise NotImplementedError


def occasions(log: Log) -> Occasions:
    """Return the counts of occasions by channel and stage."""
    raise NotImplementedError


def occasions_per_customer(log: Log) -> Array:
    """Return how many customers had 0, 1, 2 ... occasions."""
    raise NotImplementedError


def dwell(log: Log) -> Dwell:
    """Return the days in a stage per visit."""
    raise NotImplementedError


def funnel(log: Log) -> Funnel:
    """Return who entered each stage, who left from it and who stepped back."""
    raise NotImplementedError
