"""How often two strategies, each run once, come out in the wrong order: with a seed each, with the same luck, and exactly."""

from math import inf, sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.app.library import changed, load
from sim.customers import fold
from sim.model.known import PURCHASES
from sim.model.world import World
from sim.play import play
from sim.studies.replicate import over

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SMALL = ("customers=1000", "replications=20")
SIZES = (100, 300, 1000, 3000, 10_000)
FUNNEL = Path(__file__).resolve().parents[1] / "full_funnel"
PAIRS = {  # a name on the page: worse and better, as scenarios
    "branding": ("baseline", "branding"),
    "full_funnel": ("performance", "full_funnel"),
}


class Chances(NamedTuple):
    """Who of N customers buys with either strategy: two independent binomial counts."""

    worse: float
    better: float

    @property
    def variance(self) -> float:
        """Variance of the difference of two shares, times N."""
        return self.worse * (1 - self.worse) + self.better * (1 - self.better)

    def exact(self, customers: int) -> dict[str, float]:
        """Return the chances that the worse strategy sells more, and as much: sums over binomial counts."""
        from scipy.stats import binom

        counts = np.arange(customers + 1)
        weights = binom.pmf(counts, customers, self.better)
        more, same = binom.sf(counts, customers, self.worse), binom.pmf(counts, customers, self.worse)
        return {"wrong": float(weights @ more), "tie": float(weights @ same)}

    def normal(self, customers: float) -> float:
        """Return the chance of the wrong order by the normal approximation, a tie counted half."""
        from scipy.stats import norm

        return float(norm.cdf(-(self.better - self.worse) * sqrt(customers / self.variance)))

    def needed(self, wrong: float) -> float:
        """Return how many customers a run needs for this chance of the wrong order, by the normal approximation."""
        from scipy.stats import norm

        return float(norm.ppf(wrong) ** 2 * self.variance / (self.better - self.worse) ** 2)


def numbers(*overrides: str) -> dict[str, Any]:
    """Return chances and shares of wrong orders by pair and customers, and how many customers it takes; ``replications`` is how many pairs are run."""
    out: dict[str, Any] = {"pairs": {name: _pair(*pair, overrides) for name, pair in PAIRS.items()}}
    pairs = {name: _chances(*pair) for name, pair in (PAIRS | {"hard": ("performance", "branding_then_performance")}).items()}
    return out | {"customers_for_5_percent_wrong": {name: chances.needed(0.05) for name, chances in pairs.items()}}


def _pair(worse: str, better: str, overrides: tuple[str, ...]) -> dict[str, Any]:
    base = _bought(worse, overrides)
    same, own = _bought(better, overrides), _bought(better, (*overrides, "seed=2"))  # the luck of the others, and their own
    chances, runs = _chances(worse, better), len(base)
    found: dict[str, Any] = {"runs": runs, "worse": chances.worse, "better": chances.better, "by_customers": {}}
    for size in (size for size in SIZES if size <= base.shape[1]):
        low = base[:, :size].sum(axis=1)
        counts = {label: runs_[:, :size].sum(axis=1) for label, runs_ in (("own_seeds", own), ("same_luck", same))}
        row = {label: {"wrong": float(np.mean(count < low)), "tie": float(np.mean(count == low))} for label, count in counts.items()}
        found["by_customers"][str(size)] = {"exact": chances.exact(size), "normal": chances.normal(size), **row}
    spread = {label: float((runs_.mean(axis=1) - base.mean(axis=1)).std(ddof=1)) for label, runs_ in (("own_seeds", own), ("same_luck", same))}
    ratio = (spread["own_seeds"] / spread["same_luck"]) ** 2 if spread["same_luck"] else inf
    return found | {"variance_ratio": ratio}


def _chances(worse: str, better: str) -> Chances:
    shares = [PURCHASES["nothing" if name == "baseline" else name] for name in (worse, better)]
    return Chances(*shares)


def _bought(scenario: str, overrides: tuple[str, ...]) -> np.ndarray[Any, Any]:
    """Return whether each customer bought, one run a row; the first n customers of a run are the run of n customers."""
    world = load(f"scenario={scenario}", "customers=10000", "replications=500", config_dir=FUNNEL, config_name="funnel")
    fields = {key: int(value) for key, value in (item.split("=") for item in overrides)}
    world = changed(world, fields)
    return np.array(over(_run, world, range(world.replications)))


def _run(world: World, number: int) -> np.ndarray[Any, Any]:
    return np.asarray(~np.isnan(fold(play(world, clock="compiled", replication=number, threads=1))["converted_at"]))


def figures(full: dict[str, Any]) -> dict[str, "Figure"]:
    """Return the figure: how often the order is wrong, over the customers of a run."""
    from sim.report.figures import style

    wrong = full["pairs"]["branding"]["by_customers"]["1000"]["exact"]["wrong"]
    scene = style.Scene("full funnel: two strategies, each run once", max(SIZES), 1000, 1, "EUR")
    note = "Line: exact, a seed each (binomial).  Full dot: 500 simulated pairs of runs; bar: 95 % interval.  Hollow: with the same luck."
    figure = style.canvas(f"With 1,000 customers and a seed each, {100 * wrong:.0f} % of the verdicts are wrong", scene, note)
    axes = style.panel(figure, 0.95, 9.6)
    for name, colour, label in (
        ("branding", style.VERMILION, "branding against nothing,\n5.05 against 4.26 %"),
        ("full_funnel", style.BLUE, "full funnel\nagainst performance,\n14.4 against 10.1 %"),
    ):
        _lines(axes, full["pairs"][name], colour, label)
    axes.set(xscale="log", xlim=(85, 12_000), ylim=(-1, 42), xlabel="Customers in each run", ylabel="Wrong order, % of runs")
    axes.set_xticks(SIZES, [f"{size:,}" for size in SIZES])
    axes.minorticks_off()
    axes.grid(axis="y")
    return {"flips": figure}


def _lines(axes: "Axes", pair: dict[str, Any], colour: str, label: str) -> None:
    from sim.stats.proportions import wilson

    chances, sizes = Chances(pair["worse"], pair["better"]), np.unique(np.geomspace(100, 10_000, 60).astype(int))
    axes.plot(sizes, [100 * chances.exact(int(size))["wrong"] for size in sizes], color=colour, linewidth=2)
    for size, row in pair["by_customers"].items():
        low, high = wilson(row["own_seeds"]["wrong"], pair["runs"])
        axes.plot([int(size)] * 2, [100 * low, 100 * high], color=colour, linewidth=1.5)
        axes.plot([int(size)], [100 * row["own_seeds"]["wrong"]], marker="o", color=colour, markersize=7)
        axes.plot([int(size)], [100 * row["same_luck"]["wrong"]], marker="o", color="white", markeredgecolor=colour, markersize=7)
    at = 1150 if pair["better"] < 0.1 else 330
    axes.annotate(label, (at, 100 * chances.exact(at)["wrong"]), xytext=(8, 8), textcoords="offset points", color=colour, fontsize=12)
