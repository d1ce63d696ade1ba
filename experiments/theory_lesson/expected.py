"""What the formulas of customer base analysis say of a world, what it does, and what the average customer would do."""

from typing import TYPE_CHECKING, Any

import numpy as np

from sim import log as schema
from sim.app.library import load
from sim.customers import fold
from sim.log import Array, Log
from sim.model import known
from sim.play import play

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SMALL = ("customers=5000",)
SUBSCRIBERS = {"regular": known.REGULAR, "high_end": known.HIGH_END}
WEEKS = (4, 13, 26, 39, 52, 65, 78, 104)
MOST = 3000  # orders
# Share of the cohort still there after 1 to 12 years, in percent: Fader and Hardie 2007, table 1 and figure 6.
OBSERVED = {
    "regular": (63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1, 22.3, 20.7, 19.4, 18.3, 17.3),
    "high_end": (86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1, 46.8, 44.5, 42.7, 40.9, 39.4),
}


def numbers(*overrides: str) -> dict[str, Any]:
    """Return simulated, exact and average-customer values: survival by year, orders and no order by week, the next order by the first one."""
    log = play(load("+experiment=theory_lesson", *overrides), clock="compiled")
    rows = np.concatenate([rows for _, _, rows in log.blocks()])
    shopper = log.births["persona"] == log.terms.personas.index("shopper")
    orders = rows[schema.ordered(rows) & shopper[rows["customer"]]]
    return {
        "survival": {name: _survival(log, name) for name in SUBSCRIBERS},
        "orders": {str(weeks): _orders(orders, shopper, weeks) for weeks in WEEKS},
        "no_order": {str(weeks): _no_order(orders, shopper, weeks) for weeks in WEEKS},
        "next_order": _next_order(orders, len(shopper)),
    }


def _survival(log: Log, persona: str) -> dict[str, Any]:
    (a, b), mine = SUBSCRIBERS[persona], log.births["persona"] == log.terms.personas.index(persona)
    left = fold(log)["churned_at"][mine]
    out = {}
    for year, observed in enumerate(OBSERVED[persona], 1):
        exact = known.renewed(a, b, year)
        error = (exact * (1 - exact) / len(left)) ** 0.5
        average = (b / (a + b)) ** year
        out[str(year)] = _values(float((~(left <= known.YEAR * year)).mean()), error, exact, average) | {"observed": observed / 100}
    return out


def _counts(orders: Array, shopper: Array, weeks: float) -> Array:
    return np.bincount(orders["customer"][orders["time"] <= known.WEEK * weeks], minlength=len(shopper))[shopper]


def _orders(orders: Array, shopper: Array, weeks: float) -> dict[str, float]:
    count, chances = _counts(orders, shopper, weeks), known.CDNOW.chances(MOST, weeks)
    exact = known.CDNOW.orders(weeks)
    variance = float(chances @ np.arange(MOST + 1) ** 2) - exact**2
    r, alpha, a, b = known.CDNOW
    leaves = a / (a + b)
    average = (1 - np.exp(-r / alpha * leaves * weeks)) / leaves  # a Poisson flow of orders, each the last one with this chance
    return _values(float(count.mean()), (variance / len(count)) ** 0.5, exact, float(average))


def _no_order(orders: Array, shopper: Array, weeks: float) -> dict[str, float]:
    count, exact = _counts(orders, shopper, weeks), float(known.CDNOW.chances(0, weeks)[0])
    average = float(np.exp(-known.CDNOW.r / known.CDNOW.alpha * weeks))
    return _values(float((count == 0).mean()), (exact * (1 - exact) / len(count)) ** 0.5, exact, average)


def _next_order(orders: Array, customers: int) -> dict[str, Any]:
    """Return the mean second order by fifth of the first one; the average customer spends as before."""
    has = np.bincount(orders["customer"], minlength=customers)
    start = (np.cumsum(has) - has)[has >= 2]
    first, second = orders["revenue"][start].astype(float), orders["revenue"][start + 1].astype(float)
    expected = known.CDNOW_SPEND.expected(1, first)
    fifth = np.searchsorted(np.quantile(first, [0.2, 0.4, 0.6, 0.8]), first)
    out = {}
    for k in range(5):
        mine = fifth == k
        error = float((second - expected)[mine].std(ddof=1)) / float(np.count_nonzero(mine)) ** 0.5
        out[str(k + 1)] = _values(float(second[mine].mean()), error, float(expected[mine].mean()), float(first[mine].mean()))
    return out


def _values(simulated: float, error: float, exact: float, average: float) -> dict[str, float]:
    return {"simulated": simulated, "error": error, "exact": exact, "average": average}


def figures(full: dict[str, Any]) -> dict[str, "Figure"]:
    """Return the figure: who is still there by year, and orders by week."""
    from sim.report.figures import style

    scene = style.Scene("three personas, one world", 150_000, 4562.5, 1, "EUR")
    note = "Line: exact. Dot: simulated. Cross: observed (Fader and Hardie 2007). Dashed: if everybody were the average customer."
    late = full["survival"]["regular"]["12"]
    title = f"The average regular would be gone after twelve years; in truth {100 * late['exact']:.0f} % are still there"
    figure = style.canvas(title, scene, note)
    left, right = style.panel(figure, 0.95, 4.85), style.panel(figure, 5.95, 9.7)
    for name, colour, label, at in (("high_end", style.BLUE, "high end", (5.2, 60)), ("regular", style.VERMILION, "regular", (0.3, 27))):
        _panel(left, full["survival"][name], 100, 100, colour)
        left.plot(range(1, 13), [100 * row["observed"] for row in full["survival"][name].values()], "x", color=style.INK, markersize=8)
        left.annotate(label, at, color=colour, fontsize=12)
    _panel(right, full["orders"], 1, 0, style.GREEN)
    left.set(xlabel="Renewals passed", ylabel="Still there, %", xlim=(0, 12.5), ylim=(0, 100), xticks=range(0, 13, 2))
    right.set(xlabel="Weeks since the first order", ylabel="Further orders a shopper", xlim=(0, 108), ylim=(0, 3.6), xticks=range(0, 105, 26))
    return {"theory": figure}


def _panel(axes: "Axes", rows: dict[str, Any], scale: float, start: float, colour: str) -> None:
    """Draw exact, average-customer and simulated values over the weeks or years by which the rows are named, lines from ``start`` on."""
    across = [int(x) for x in rows]
    for key, style in (("exact", "-"), ("average", "--")):
        axes.plot([0, *across], [start, *(scale * row[key] for row in rows.values())], style, color=colour, linewidth=2)
    axes.plot(across, [scale * row["simulated"] for row in rows.values()], "o", color=colour, markersize=6)
    axes.grid(visible=True, axis="y")
