"""What customers pay and how: the odds that a price makes, and what makes the terms of a persona impossible."""

from collections.abc import Iterator

from sim.errors import Problem
from sim.model.names import spread_problems, unknown
from sim.model.places import living
from sim.model.profiles import Profile
from sim.model.world import CUSTOMER, Odds, Revenue, World

LEAST = 1e-6  # odds that a price may make
FAMILIES = ("exponential", "gamma", "weibull", "lognormal", "fixed")


def priced(profile: Profile, price: float) -> Odds:
    """Return the odds that a price makes: price^sensitivity; none at the list price, which is 1."""
    sensitivity = profile.world.personas[profile.persona].revenue.sensitivity if price != 1 else {}
    return {stage: {to: price**power for to, power in row.items()} for stage, row in sensitivity.items()}


def revenue_problems(world: World, path: str, revenue: Revenue) -> Iterator[Problem]:
    """Yield what is wrong with what a persona pays."""
    yield from spread_problems(f"{path}.value", revenue.value, FAMILIES)
    if revenue.model == "contract" and revenue.contract is None:
        yield Problem(f"{path}.contract", "missing", "say the fee, and the period and term if they are not a month and a year")
    yield from _contract(world, path, revenue)
    yield from _sensitivity(world, path, revenue)
    if revenue.refund is not None:
        yield from spread_problems(f"{path}.refund.after", revenue.refund.after, FAMILIES)
        if revenue.instalments is not None:
            yield Problem(f"{path}.instalments", "given beside refund", "orders are returned or paid in instalments, not both")


def _sensitivity(world: World, path: str, revenue: Revenue) -> Iterator[Problem]:
    prices = {f"a price of {revenue.price:g}": revenue.price}
    prices |= {f"the discount of channels.{name}": 1 - channel.discount for name, channel in world.channels.items()}
    for stage, row in revenue.sensitivity.items():
        for to, power in row.items():
            for what, price in prices.items():
                if not LEAST <= price**power <= 1 / LEAST:
                    yield Problem(f"{path}.sensitivity.{stage}.{to}", f"given {power:g}, with {what}", "odds of more than a million to one")


def _contract(world: World, path: str, revenue: Revenue) -> Iterator[Problem]:
    contract = revenue.contract
    if contract is None:
        return
    if revenue.model != "contract":
        yield Problem(f"{path}.model", f"given {revenue.model!r}, but there is a contract", "must be 'contract'")
    yield from spread_problems(f"{path}.contract.fee", contract.fee, FAMILIES)
    if contract.term < contract.period:
        yield Problem(f"{path}.contract.term", f"given {contract.term:g}", f"must be at least one period ({contract.period:g} days)")
    customers = [name for name in living(world) if world.stages[name].kind == CUSTOMER]
    yield from unknown(f"{path}.contract.by_stage", contract.by_stage, customers, "customer stage")
