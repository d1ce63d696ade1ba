"""The figures that people have of their own company: which there are, and how a file of them is read.

Every figure may be left empty. A year's figures are a year's: what the visitors of one year come to.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import inf, isfinite
from typing import Any, NamedTuple

from sim.errors import Problem, near
from sim.model.world import OWN

MARKETS = ("b2c", "b2b")
FORBIDDEN = set(".=,[]{}")  # in names, as in every world


class Figure(NamedTuple):
    """One number that can be asked: what it says, and between which limits it makes sense (``above``, ``below``: the limit itself does not)."""

    name: str
    says: str
    least: float = 0.0
    most: float = inf
    above: bool = False
    below: bool = False

    def wrong(self, value: Any) -> str:
        """Return what would be right, or nothing where the value is."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return "must be a number without blanks, commas or units, as in 20000 or 0.4 (empty: unknown)"
        if not isfinite(value):
            return "must be a finite number"
        if value < self.least or (self.above and value == self.least):
            return f"must be {'more than ' if self.above else ''}{self.least:g}{'' if self.above else ' or more'}"
        if value > self.most or (self.below and value == self.most):
            percent = f" ({value / 100:g} if you mean {value:g} %)" if self.most == 1 and 1 < value <= 100 else ""
            return f"must be {'less than ' if self.below else ''}{self.most:g}{'' if self.below else ' or less'}{percent}"
        return ""


FUNNEL = ("visitors", "leads", "opportunities", "wins")
FIGURES: tuple[Figure, ...] = (
    Figure("visitors", "different people (or firms) who come for the first time, a year", above=True),
    Figure("leads", "of them leave contact data or ask for contact, a year", above=True),
    Figure("opportunities", "of them are worked on as a possible sale (a shop: a filled basket), a year", above=True),
    Figure("wins", "of them buy for the first time, a year", above=True),
    Figure("sales_cycle_days", "days from lead to first order, mean of those who buy", above=True),
    Figure("order_value", "money an order, mean; for a subscription the fee of one payment", above=True),
    Figure("margin", "share of revenue left after the cost of goods and of serving", most=1),
    Figure("orders_per_year", "orders that a customer makes in a year after the first one (a monthly fee: 12)"),
    Figure("repeat_rate", "share of customers who order again within a year of the first order", most=1, below=True),
    Figure("churn_yearly", "share of customers who leave for good within a year", most=1, above=True, below=True),
    Figure("churn_monthly", "customers who leave in a month / customers at its beginning", most=1, above=True, below=True),
    Figure("reps", "people who work on opportunities; 0: nobody does"),
    Figure("wage", "cost of one of them a month, everything included"),
    Figure("hours_per_deal", "hours of their work that an opportunity takes, won or lost", above=True),
    Figure("discount_rate", "yearly rate at which later money counts less", most=10),
)
BY_NAME = {figure.name: figure for figure in FIGURES}
TEXTS = ("currency", "market")
MAPPINGS = {"visits": "visits a year", "spend": "money a year"}
CHANNEL_FIGURE = Figure("", "")
EITHER = (("orders_per_year", "repeat_rate"), ("churn_yearly", "churn_monthly"))


@dataclass(frozen=True)
class Figures:
    """What somebody knows of a company: numbers by name, visits and spend by channel (None: named, but unknown)."""

    numbers: Mapping[str, float] = field(default_factory=dict)
    visits: Mapping[str, float | None] = field(default_factory=dict)
    spend: Mapping[str, float | None] = field(default_factory=dict)
    currency: str | None = None
    market: str | None = None

    def get(self, name: str) -> float | None:
        """Return a figure, or None where it is unknown."""
        return self.numbers.get(name)


def read(raw: Any) -> tuple[Figures, list[Problem]]:
    """Return the figures in plain data and everything that is wrong with them one by one; what is wrong counts as unknown."""
    if not isinstance(raw, Mapping):
        return Figures(), [Problem("figures", f"given {raw!r}", "must be a mapping, name: value")]
    known = [*FUNNEL, *(name for name in (*BY_NAME, *TEXTS, *MAPPINGS) if name not in FUNNEL)]
    problems = [Problem(str(key), "no such figure", near(str(key), known)) for key in raw if key not in known]
    numbers: dict[str, float] = {}
    for name, figure in BY_NAME.items():
        value = raw.get(name)
        if value is None:
            continue
        rule = figure.wrong(value) or ("must be a whole number" if name == "reps" and value != int(value) else "")
        if rule:
            problems.append(Problem(name, f"given {value!r}", rule))
        else:
            numbers[name] = float(value)
    channels: dict[str, dict[str, float | None]] = {}
    for name in MAPPINGS:
        channels[name], found = _by_channel(name, raw.get(name))
        problems += found
    problems += list(_text_problems(raw))
    good = {name: raw[name] for name in TEXTS if isinstance(raw.get(name), str) and raw[name]}
    return Figures(numbers, channels["visits"], channels["spend"], good.get("currency"), good.get("market")), problems


def _by_channel(name: str, given: Any) -> tuple[dict[str, float | None], list[Problem]]:
    if given is None:
        return {}, []
    if not isinstance(given, Mapping):
        return {}, [Problem(name, f"given {given!r}", f"must be a mapping of channels to {MAPPINGS[name]}, as in {{paid_search: 8000}}")]
    out: dict[str, float | None] = {}
    problems = []
    for channel, value in given.items():
        path = f"{name}.{channel}"
        rule = _channel_wrong(name, channel) or (CHANNEL_FIGURE.wrong(value) if value is not None else "")
        if rule:
            problems.append(Problem(path, f"given {value!r}" if value is not None else "", rule))
        else:
            out[channel] = None if value is None else float(value)
    return out, problems


def _channel_wrong(name: str, channel: Any) -> str:
    if not isinstance(channel, str) or not channel.strip() or FORBIDDEN & set(channel) or channel != channel.strip():
        return "a channel's name must be text without . = , [ ] { }"
    if name == "spend" and channel == OWN:
        return "own visits (nobody sent them) cost nothing; leave it out"
    return ""


def _text_problems(raw: Mapping[str, Any]) -> Iterator[Problem]:
    currency, market = raw.get("currency"), raw.get("market")
    if currency is not None and (not isinstance(currency, str) or not 0 < len(currency) <= 8 or not currency.isprintable()):
        yield Problem("currency", f"given {currency!r}", "must be a short name, as in EUR")
    if market is not None and market not in MARKETS:
        yield Problem("market", f"given {market!r}", f"must be {' or '.join(MARKETS)}")
