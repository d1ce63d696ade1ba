"""How many leads a sales desk loses, and what it earns, by how many people sit there: simulated beside the exact queue."""

from typing import TYPE_CHECKING, Any

import numpy as np

from sim import log as schema
from sim.app.library import load
from sim.log import Array
from sim.model.known import Queue, erlang_a
from sim.model.world import World
from sim.play import play
from sim.stats.means import t_interval
from sim.studies.replicate import over

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SMALL = ("customers=1900", "arrivals.days=200", "horizon=200", "replications=10")
PEOPLE = (7, 8, 9, 10, 11, 12, 13, 14)
MONTH = 365 / 12
A_DAY, SERVICE, PATIENCE = 9.5, 1.0, 2.0
WORTH, WAGE = 0.25 * 8000 * 0.4, 7000  # contribution of a served lead, money a month and head
STEADY = (0.1, 0.98)  # of the run: the desk starts empty, and who still queues at the end is in no log


def numbers(*overrides: str) -> dict[str, Any]:
    """Return leads lost, days waited, time at work and money a month by people, and what teams of any size lose when they are 95 % busy."""
    by_people = {}
    for people in PEOPLE:
        world = load("+experiment=queue_lesson", *overrides, f"desks.sales.people={people}")
        runs = np.array(over(_seen, world, range(world.replications)))
        by_people[str(people)] = {
            name: {"simulated": float(column.mean()), "low": low, "high": high, "exact": value}
            for name, column, value in zip(("busy", "lost", "wait", "money"), runs.T, _exact(people), strict=True)
            for low, high in [_interval(column)]
        }
    teams = {str(people): {"lost": queue.gives_up, "load": load_} for people in (1, 2, 5, 10, 20, 50) for load_, queue in [_as_busy(people, 0.95)]}
    return {"by_people": by_people, "teams_95_percent_busy": teams}


def money(people: int, served: float) -> float:
    """Return what the desk earns a month when this share of the leads is served."""
    return A_DAY * MONTH * served * WORTH - people * WAGE


def _exact(people: int) -> tuple[float, float, float, float]:
    queue = erlang_a(people, A_DAY * SERVICE / people, SERVICE, PATIENCE)
    return queue.utilisation, queue.gives_up, queue.mean_wait, money(people, 1 - queue.gives_up)


def _as_busy(people: int, utilisation: float) -> tuple[float, Queue]:
    """Return the load that keeps a team this busy, and its queue."""
    from scipy.optimize import brentq

    load_ = float(brentq(lambda load: erlang_a(people, load, SERVICE, PATIENCE).utilisation - utilisation, 0.5, 5))
    return load_, erlang_a(people, load_, SERVICE, PATIENCE)


def _interval(values: Array) -> tuple[float, float]:
    _, low, high = t_interval(values)
    return float(low), float(high)


def _seen(world: World, replication: int) -> tuple[float, float, float, float]:
    """Return time at work, share that gave up, mean wait of the served and money a month of one replication, in steady state."""
    log = play(world, clock="compiled", replication=replication, threads=1)
    rows = np.concatenate([rows for _, _, rows in log.blocks()])
    rows = rows[schema.desk(rows) >= 0]
    begin, end = (part * world.horizon for part in STEADY)
    arrived = log.births["arrived"][rows["customer"]]
    steady, gave_up = (arrived > begin) & (arrived < end), schema.kind(rows) == schema.GAVE_UP
    people = world.desks["sales"].people
    done = rows["time"].astype(float)
    busy = np.clip(np.minimum(done, end) - np.maximum(done - rows["served"], begin), 0, None)[~gave_up].sum() / (people * (end - begin))
    won = np.count_nonzero((rows["revenue"] > 0) & steady) * 8000 * world.money.margin / (end - begin) * MONTH
    return busy, gave_up[steady].mean(), rows["waited"][steady & ~gave_up].mean(), won - people * world.desks["sales"].wage


def figures(full: dict[str, Any]) -> dict[str, "Figure"]:
    """Return the figure: leads lost over time at work, and money over people."""
    from sim.report.figures import style

    rows = full["by_people"]
    best = max(rows, key=lambda people: rows[people]["money"]["exact"])
    scene = style.Scene("a sales desk", 9500, 1000, 1, "EUR", 20)
    note = "Line: exact (M/M/c+M queue).  Dot: 20 simulated replications, bar: 95 % interval."
    eight = rows["8"]
    title = f"Eight reps are {100 * eight['busy']['exact']:.0f} % busy and lose {100 * eight['lost']['exact']:.0f} % of the leads; {best} earn most"
    figure = style.canvas(title, scene, note)
    left, right = style.panel(figure, 0.95, 4.85), style.panel(figure, 5.95, 9.7)
    for axes, across, up, scale in ((left, "busy", "lost", 100), (right, None, "money", 0.001)):
        x = [100 * row[across]["exact"] if across else int(people) for people, row in rows.items()]
        axes.plot(x, [scale * row[up]["exact"] for row in rows.values()], color=style.VERMILION if across else style.BLUE, linewidth=2)
        for (people, row), at in zip(rows.items(), x, strict=True):
            where = 100 * row[across]["simulated"] if across else at
            axes.plot([where] * 2, [scale * row[up]["low"], scale * row[up]["high"]], color=style.INK, linewidth=1.5)
            axes.plot([where], [scale * row[up]["simulated"]], marker="o", color=style.INK, markersize=6)
            if across:
                axes.annotate(people, (where, scale * row[up]["simulated"]), xytext=(-6, 6), textcoords="offset points", ha="right", fontsize=11)
        axes.grid(axis="y")
    left.set(xlabel="Time that reps are at work, % (number: reps)", ylabel="Leads lost, %", xlim=(64, 100), ylim=(0, 32))
    right.set(xlabel="Reps", ylabel="Earned less wages, EUR 1,000 a month", xticks=[int(people) for people in rows])
    return {"queue": figure}
