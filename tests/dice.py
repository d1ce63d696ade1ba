"""What random worlds are drawn with: every draw is one whole number, so that hypothesis is quick and can make a world smaller."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from hypothesis import strategies as st

Raw = dict[str, Any]

FAMILIES = ("exponential", "gamma", "weibull", "lognormal", "fixed")


@cache
def upto(most: int) -> st.SearchStrategy[int]:
    """Return the strategy that draws 0 .. ``most``."""
    return st.integers(0, most)


class Dice:
    """Draws what worlds are made of."""

    def __init__(self, draw: Callable[[st.SearchStrategy[int]], int]) -> None:
        self.whole = lambda low, high: low + draw(upto(high - low))

    def coin(self) -> bool:
        """Draw yes or no."""
        return self.whole(0, 1) == 1

    def number(self, low: float, high: float, digits: int = 2) -> float:
        """Draw a number with few digits; each end comes up one time in ten."""
        part = min(1.0, max(0.0, (self.whole(0, 120) - 10) / 100))
        return float(min(high, max(low, round(low + part * (high - low), digits))))

    def pick(self, options: Sequence[Any]) -> Any:
        """Draw one of the options."""
        return options[self.whole(0, len(options) - 1)]

    def several(self, options: Sequence[Any], least: int = 0) -> list[Any]:
        """Draw some of the options, at least so many, in their order."""
        found = [option for option in options if self.coin()]
        return found if len(found) >= least else list(options[:least])

    def some(self, names: Sequence[str], value: Callable[[], Any], least: int = 0) -> Raw:
        """Draw a value for some of the names."""
        return {name: value() for name in self.several(names, least)}

    def fields(self, **values: Callable[[], Any]) -> Raw:
        """Draw about a third of the fields of a record: all at once a channel would hardly ever run."""
        return {name: value() for name, value in values.items() if self.whole(0, 2) == 2}

    def by_stage(self, living: Sequence[str], value: Callable[[], Any]) -> Any:
        """Draw a value, or one for some of the stages."""
        return self.some(living, value) if self.coin() else value()

    def parts(self, names: Sequence[str], least: int = 1) -> Raw:
        """Draw shares of 1 for some of the names, at least so many."""
        weights = {name: self.whole(1, 6) for name in (names if least == len(names) else self.several(names, least))}
        return {name: weight / sum(weights.values()) for name, weight in weights.items()}

    def spread(self, low: float, high: float, families: Sequence[str] = FAMILIES) -> Raw:
        """Draw a distribution with a mean in this range."""
        return {"family": self.pick(families), "mean": self.number(low, high), "cv": self.pick((1.0, 0.0, 0.3, 2.5))}
