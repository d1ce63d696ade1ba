"""Who met the chat bot against who did not: pooled, by persona, and truly, with the exact numbers beside."""

from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.app.library import load
from sim.customers import fold
from sim.log import Array
from sim.model.exact import solve
from sim.model.known import odds_ratio
from sim.model.world import World
from sim.play import play
from sim.studies.twins import twins

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SMALL = ("customers=4000",)
BOT, PERSONAS = "chat_bot", ("newcomer", "regular")
EVERYBODY = ("channels.chat_bot.share.visit=1", "personas.regular.channels.chat_bot=1")
NOBODY = ("channels.chat_bot.intensity=0",)
Z = 1.959963984540054


def numbers(*overrides: str) -> dict[str, Any]:
    """Return what buyers show, pooled and by persona, what is exact, and what the bot does: twins, and the exact solver."""
    world = load("+experiment=simpson_lesson", *overrides)
    everybody, nobody = (load("+experiment=simpson_lesson", *overrides, *which) for which in (EVERYBODY, NOBODY))
    seen = _seen(_customers(world))
    truth = solve(everybody).ever["conversion_rate"] - solve(nobody).ever["conversion_rate"]
    today = solve(world).ever["conversion_rate"] - solve(nobody).ever["conversion_rate"]
    effect = {"exact": truth, "today_exact": today, **_twins(nobody, everybody)}
    return {"exact": exact(), "seen": seen, "effect": effect, "money_lost_today": -today * world.customers * 80 * world.money.margin}


def exact() -> dict[str, dict[str, float]]:
    """Return the share of buyers with and without the bot by hand: chances by persona, mixed by who meets it."""
    plain = {"newcomer": 0.1, "regular": 0.5}  # .1 has the odds 1 : 9, nine times that is 1 : 1
    met = {"newcomer": 0.2, "regular": 0.8}
    put_off = {name: share * 0.7 / (1 - share + share * 0.7) for name, share in plain.items()}
    assert all(abs(odds_ratio(plain[name], put_off[name]) - 0.7) < 1e-12 for name in plain)
    pooled_with = sum(met[name] * put_off[name] for name in met) / sum(met.values())
    pooled_without = sum((1 - met[name]) * plain[name] for name in met) / sum(1 - share for share in met.values())
    out = {name: {"with": put_off[name], "without": plain[name], "difference": put_off[name] - plain[name]} for name in plain}
    return out | {"pooled": {"with": pooled_with, "without": pooled_without, "difference": pooled_with - pooled_without}}


def _customers(world: World) -> Array:
    return fold(play(world, clock="compiled"))


def _seen(customers: Array) -> dict[str, dict[str, float]]:
    """Return what an analyst reads off the customers, and the average over personas that adjusts for who they are."""
    out = {name: _compared(customers[customers["persona"] == number]) for number, name in enumerate(PERSONAS)}
    weights = {name: out[name]["n"] / len(customers) for name in PERSONAS}
    adjusted = sum(weights[name] * out[name]["difference"] for name in PERSONAS)
    half = Z * sqrt(sum((weights[name] * (out[name]["high"] - out[name]["low"]) / (2 * Z)) ** 2 for name in PERSONAS))
    return out | {"pooled": _compared(customers), "adjusted": {"difference": adjusted, "low": adjusted - half, "high": adjusted + half}}


def _compared(customers: Array) -> dict[str, float]:
    met, bought = customers["exposures"] > 0, ~np.isnan(customers["converted_at"])
    shares, sizes = [float(bought[who].mean()) for who in (met, ~met)], [int(np.count_nonzero(who)) for who in (met, ~met)]
    difference = shares[0] - shares[1]
    half = Z * sqrt(sum(share * (1 - share) / size for share, size in zip(shares, sizes, strict=True)))
    out = {"n": float(len(customers)), "met": float(sizes[0]), "with": shares[0], "without": shares[1]}
    return out | {"difference": difference, "low": difference - half, "high": difference + half}


def _twins(nobody: World, everybody: World) -> dict[str, Any]:
    """Return the same customers with and without the bot."""
    found = twins(_customers(nobody), _customers(everybody))
    moved = (found.only_with - found.only_without) / found.size
    half = Z * sqrt(((found.only_with + found.only_without) / found.size - moved**2) / found.size)
    return {"twins": moved, "low": moved - half, "high": moved + half, "only_with": found.only_with, "only_without": found.only_without}


def figures(full: dict[str, Any]) -> dict[str, "Figure"]:
    """Return the figure: differences pooled, by persona, adjusted and true."""
    from sim.report.figures import style

    seen, effect = full["seen"], full["effect"]
    rows = [
        ("all, who met it\nagainst who did not", seen["pooled"], full["exact"]["pooled"]["difference"], style.VERMILION),
        ("newcomers alone", seen["newcomer"], full["exact"]["newcomer"]["difference"], style.BLUE),
        ("regulars alone", seen["regular"], full["exact"]["regular"]["difference"], style.BLUE),
        ("mean over personas", seen["adjusted"], effect["exact"], style.BLUE),
        ("truth: the same people\nwith and without", effect | {"difference": effect["twins"]}, effect["exact"], style.INK),
    ]
    scene = style.Scene("chat bot", int(seen["pooled"]["n"]), 365, 1, "EUR")
    note = "Dot: 20,000 simulated customers, with 95 % interval.  Tick: exact."
    figure = style.canvas(f"Who met the bot buys {100 * seen['pooled']['difference']:.0f} points more often, and the bot sells less", scene, note)
    axes = style.panel(figure, 2.5, 8.3)
    for y, (_, row, value, colour) in enumerate(rows):
        axes.plot([100 * row["low"], 100 * row["high"]], [y, y], color=colour, linewidth=2.5)
        axes.plot([100 * row["difference"]], [y], marker="o", markersize=8, color=colour)
        axes.plot([100 * value] * 2, [y - 0.22, y + 0.22], color=style.GREY, linewidth=2, zorder=0)
        axes.text(
            1.03,
            y,
            f"{100 * row['difference']:+.1f} points".replace("-", "\u2212"),
            transform=axes.get_yaxis_transform(),
            va="center",
            fontsize=12,
            color=colour,
        )
    axes.axvline(0, color=style.INK, linewidth=1, zorder=0)
    axes.set_yticks(range(len(rows)), [row[0] for row in rows])
    axes.set(ylim=(len(rows) - 0.5, -0.5), xlabel="Buyers with the bot less buyers without, percentage points")
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    return {"pooled": figure}
