"""Behaviour in Python: what you want to happen after an occasion, on the SimPy clock.

Write a class with one method, `after`, and hand an instance to ``sim.run(world, behaviour=[...])``. It sees each
occasion once it has happened; it may change the customer's satisfaction and say when the next occasion comes.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(slots=True)
class Moment:
    """An occasion that has just happened. Only ``satisfaction`` may be changed; the change counts from now on."""

    now: float  # days
    customer: int  # identity
    persona: str
    arm: str | None
    channel: str
    engaged: bool
    stage_from: str
    stage_to: str
    order: bool
    gave_up: bool
    satisfaction: float


class Behaviour(Protocol):
    """Anything with this method."""

    def after(self, moment: Moment) -> float | None:
        """Return the days until the customer's next occasion, or None to leave it as it was drawn."""
        ...
