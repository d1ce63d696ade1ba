"""Orchestration rules: when, for whom, how well they see, and what they do."""

from typing import Annotated

from pydantic import Field

from sim.model.schema.base import NonNegative, Odds, Part, Positive, Share


class When(Part):
    """What a rule notices after an occasion (a message is none): any of these.

    A stage entered or stayed in, a channel engaged with, an order, giving up in a queue, a permission granted, a driver below or above a level.
    """

    enters: list[str] = []
    stays: list[str] = []
    touches: list[str] = []
    orders: bool = False
    gave_up: bool = False
    gains: list[str] = []
    below: Annotated[dict[str, float], Field(max_length=1)] = {}
    above: Annotated[dict[str, float], Field(max_length=1)] = {}


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
