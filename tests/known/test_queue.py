"""V4: a world that is nothing but a desk, against Erlang C and Erlang A.

Replication means, with Student's t; the first fifth of the arrivals (the desk starts empty) and the last few (who may
still queue at the horizon) are cut by their day of arrival.
"""

import numpy as np
import pytest

from sim import log as L
from sim.metrics import measure
from sim.model import known
from sim.model.check import world
from sim.play import play
from tests.contracts.conservation import rows_of
from tests.known.distance import FAR, FAR_T19, t

FIXED = {"mean": 1.0, "family": "fixed"}
QUEUES = {"C 1 at .7": (1, 0.7, None), "C 5 at .8": (5, 0.8, None), "A 1 at .8": (1, 0.8, 2.0), "A 5 at .8": (5, 0.8, 1.0)}


def seen(case, replication):
    """Return (waits, queue_wait, gave_up_rate, utilisation) of one replication in steady state."""
    one = world(case.world)
    log = play(one, clock="compiled", replication=replication)
    rows = rows_of(log)
    asked, end, desk = log.births["arrived"][rows["customer"]], one.horizon, one.desks["sales"]
    steady = (asked > 0.2 * end) & (asked < 0.95 * end)
    gave_up = L.kind(rows) == L.GAVE_UP
    served = rows[steady & ~gave_up]
    begin, done = rows["time"] - rows["served"], rows["time"]
    busy = np.clip(np.minimum(done, 0.95 * end) - np.maximum(begin, 0.2 * end), 0, None)[~gave_up].sum()
    gone = gave_up[steady].mean()
    waits = (rows["waited"][steady] > 1e-6).mean()
    return waits, served["waited"].astype(float).mean(), gone, busy / (0.75 * end * desk.people)


@pytest.fixture(scope="module", params=QUEUES.values(), ids=QUEUES.keys())
def queue(request):
    """Play 20 replications of 10,000 arrivals."""
    people, load, patience = request.param
    case = known.desk(people, load, patience=patience)
    return case.answers, np.array([seen(case, r) for r in range(20)])


@pytest.mark.parametrize("measure", ["waits", "queue_wait", "gave_up_rate", "utilisation"])
def test_the_desk_is_the_queue_of_theory(queue, measure):
    """Chance to wait, mean wait of the served, share that gives up, share of time at work: |t| with 19 degrees of freedom below 7.35."""
    answers, found = queue
    values = found[:, ["waits", "queue_wait", "gave_up_rate", "utilisation"].index(measure)]

    if measure == "gave_up_rate" and answers[measure] == 0:
        assert not values.any()
    else:
        assert abs(t(values, answers[measure])) < FAR_T19


@pytest.mark.parametrize("patience", [{"mean": 1.0, "family": "fixed"}, {"mean": 1.0, "cv": 1.0, "family": "lognormal"}], ids=["constant", "lognormal"])
def test_who_gives_up_pays_for_who_is_served(patience):
    """Whatever the patience: people are at work for load x (1 - share that gives up) of the time (Little's law on the servers)."""
    case = known.desk(3, 0.8, patience=1.0)
    case.world["desks"]["sales"]["patience"] = patience
    found = np.array([seen(case, r) for r in range(20)])

    assert found[:, 2].mean() > 0.05
    assert abs(t(found[:, 3] - 0.8 * (1 - found[:, 2]), 0.0)) < FAR_T19


def test_constant_patience_of_one_server_is_the_formula():
    """M/M/1+D: gave up = (1 - r) r w / (1 - r^2 w), w = exp(-(1 - r) patience / service), r the load (Barrer 1957)."""
    load, wait = 0.8, 2.0
    case = known.desk(1, load, patience=1.0)
    case.world["desks"]["sales"]["patience"] = {"mean": wait, "family": "fixed"}
    left = np.exp(-(1 - load) * wait)
    found = [seen(case, r)[2] for r in range(20)]

    assert abs(t(found, (1 - load) * load * left / (1 - load**2 * left))) < FAR_T19


@pytest.mark.parametrize("cv", [0.0, 0.5, 2.0])
def test_the_mean_wait_of_one_server_is_pollaczek_and_khinchine_s(cv):
    """M/G/1: mean wait = load (1 + cv^2) / (2 (1 - load)) services, whatever the law of the service; 20 replications, load .7."""
    load = 0.7
    case = known.desk(1, load)
    service = {"mean": 1.0, "family": "fixed"} if cv == 0 else {"mean": 1.0, "cv": cv, "family": "gamma"}
    case.world["desks"]["sales"]["service"] = service
    found = [seen(case, r)[1] for r in range(20)]

    assert abs(t(found, load * (1 + cv**2) / (2 * (1 - load)))) < FAR_T19


@pytest.mark.parametrize("clock", ["simpy", "compiled"])
def test_who_still_queues_at_the_horizon_is_counted(clock):
    """Ten ask one person on day 0, each takes a day, and the run ends on day 5: four are served, one is being served, five still queue."""
    case = known.desk(1, 0.8)
    one = world(case.world | {"customers": 10, "arrivals": {"days": 0}, "horizon": 5, "desks": {"sales": case.world["desks"]["sales"] | {"service": FIXED}}})
    log = play(one, clock=clock)
    waits = [metric for metric in measure(log) if metric.metric == "queue_wait" and metric.by in {"all", "desk"}]

    assert (len(rows_of(log)), log.queueing) == (4, (5,))
    assert all("5 still queue at the horizon" in metric.note for metric in waits)


@pytest.mark.parametrize("patience", [None, 1.0])
def test_first_come_is_first_served(patience):
    """Among those who are served, nobody who asked later begins earlier: 0 violations."""
    rows = rows_of(play(world(known.desk(5, 0.8, patience=patience).world), clock="compiled"))
    rows = rows[L.kind(rows) == L.OCCASION]
    begin = rows["time"] - rows["served"].astype(float)
    order = np.argsort(begin - rows["waited"].astype(float), kind="stable")

    assert np.count_nonzero(np.diff(begin[order]) < -1e-3) == 0  # waits are kept as float32


@pytest.mark.slow
def test_a_desk_under_heavy_load_is_the_queue_of_theory():
    """Load .95, 1,000 replications of 10,000 arrivals, two fifths cut: mean wait within five standard errors and 3 %."""
    case = known.desk(5, 0.95)
    found = np.array([seen(case, r)[:2] for r in range(1000)])

    assert abs(t(found[:, 0], case.answers["waits"])) < FAR
    assert found[:, 1].mean() == pytest.approx(case.answers["queue_wait"], rel=0.03)
