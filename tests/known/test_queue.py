"""V4: a world that is nothing but a desk, against Erlang B, C and A and Barrer, Baccelli and Hebuterne, Pollaczek and Khinchine.

Replication means, with Student's t; the first fifth of the arrivals (the desk starts empty) and the last few (who may
still queue at the horizon) are cut by their day of arrival.
"""

import math

import numpy as np
import pytest
from scipy.integrate import cumulative_simpson
from scipy.stats import lognorm

from sim import log as L
from sim.metrics import measure
from sim.model import known
from sim.model.check import world
from sim.play import play
from tests.contracts.conservation import rows_of
from tests.known.distance import FAR, FAR_T19, t

FIXED = {"mean": 1.0, "family": "fixed"}
MEASURES = ("waits", "queue_wait", "gave_up_rate", "utilisation")
QUEUES = {"C 1 at .7": (1, 0.7, None), "C 2 at .5": (2, 0.5, None), "C 5 at .8": (5, 0.8, None), "C 20 at .8": (20, 0.8, None)}
QUEUES |= {"A 1 at .8": (1, 0.8, 2.0), "A 5 at .8": (5, 0.8, 1.0), "A 10 at 1.2": (10, 1.2, 0.5)}


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
    return request.param, case.answers, np.array([seen(case, r) for r in range(20)])


@pytest.mark.parametrize("measure", MEASURES)
def test_the_desk_is_the_queue_of_theory(queue, measure):
    """Chance to wait, mean wait of the served, share that gives up, share of time at work: |t| with 19 degrees of freedom below 7.35."""
    _, answers, found = queue
    values = found[:, MEASURES.index(measure)]

    if measure == "gave_up_rate" and answers[measure] == 0:
        assert not values.any()
    else:
        assert abs(t(values, answers[measure])) < FAR_T19


def mutants(people, load, patience):
    """Return what a desk with one fault would be in steady state, measure by measure."""
    one_more = known.desk(people + 1, load * people / (people + 1), patience=patience).answers
    if patience is None:
        return {"one person more, or who is done frees two": one_more}
    gone = known.erlang_a(people, load, 1.0, patience).gives_up
    found = {"one person more": one_more, "patience runs on in service": hurried(people, load, patience)}
    found["waits of those who gave up are averaged in"] = {"queue_wait": patience * gone}  # Little's law: E[wait of all] = patience x share that gives up
    found["who gives up is served all the same"] = {"utilisation": min(1.0, load)}
    found["who gives up counts as served"] = {"gave_up_rate": 0.0}
    return found | ({"rate taken for mean of patience": known.desk(people, load, patience=1 / patience).answers} if patience != 1 else {})


def hurried(people, load, patience):
    """Return (gave_up_rate, utilisation) where patience runs on in service: n are left at rate min(n, c) + n / patience, in units of a service."""
    n = np.arange(1, 400)
    chance = np.append(1.0, np.cumprod(people * load / (np.minimum(n, people) + n / patience)))
    busy = np.minimum(np.append(0, n), people) @ chance / chance.sum()
    return {"gave_up_rate": 1 - busy / (people * load), "utilisation": busy / people}


def test_the_smallest_fault_of_a_desk_would_be_seen(queue):
    """Size rule (estimators 13): before a check is used, its standard error is at most 1/8 of the effect of the smallest mutant.

    Of the mutants of the mutation list that concern means of a desk (see `mutants`), each moves some measure of each queue by
    8 standard errors of the 20 replications or more. The smallest: C 20 at .8, one person more (utilisation .800 to .762, SE
    .0023: 16), and A 5 at .8, waits of those who gave up averaged in (.086 to .103, SE .0011: 15). Last come first served
    moves no mean and is found row by row below; what is cut at the start is the test's own doing.
    """
    queue, answers, found = queue
    se = dict(zip(MEASURES, found.std(0, ddof=1) / np.sqrt(len(found)), strict=True))
    for name, mutant in mutants(*queue).items():
        effects = [abs(mutant[m] - answers[m]) / max(se[m], 1e-9) for m in mutant if m in MEASURES]
        assert max(effects) >= 8, name


@pytest.mark.parametrize("patience", [{"mean": 1.0, "family": "fixed"}, {"mean": 1.0, "cv": 1.0, "family": "lognormal"}], ids=["constant", "lognormal"])
def test_who_gives_up_pays_for_who_is_served(patience):
    """Whatever the patience: people are at work for load x (1 - share that gives up) of the time (Little's law on the servers)."""
    case = known.desk(3, 0.8, patience=1.0)
    case.world["desks"]["sales"]["patience"] = patience
    found = np.array([seen(case, r) for r in range(20)])

    assert found[:, 2].mean() > 0.05
    assert abs(t(found[:, 3] - 0.8 * (1 - found[:, 2]), 0.0)) < FAR_T19


@pytest.mark.parametrize("cv", [0.0, 1.0], ids=["constant", "lognormal"])
def test_any_patience_is_the_formula(cv):
    """M/M/c+G (Baccelli and Hebuterne 1981; Zeltyn and Mandelbaum 2005, section 4): 3 people at load .9, patience of mean 1.5."""
    people, load, mean = 3, 0.9, 1.5
    case = known.desk(people, load, patience=mean, arrivals=5_000)
    case.world["desks"]["sales"]["patience"] = {"mean": mean, "family": "fixed"} if cv == 0 else {"mean": mean, "cv": cv, "family": "lognormal"}
    found = np.array([seen(case, r) for r in range(20)])
    waits, gives_up = impatient(people, load, mean, cv)

    assert abs(t(found[:, 0], waits)) < FAR_T19
    assert abs(t(found[:, 2], gives_up)) < FAR_T19


def impatient(people, load, mean, cv):
    """Return (waits, gave_up_rate): with J the integral of exp(a H(x) - c x), H(x) that of the chance to wait on, and e for the states without queue."""
    x = np.linspace(0, 60, 60_001)
    sigma = math.sqrt(math.log1p(cv**2))
    stays = lognorm(max(sigma, 1e-9), scale=mean * math.exp(-(sigma**2) / 2)).sf(x)
    offered = people * load
    staying = np.minimum(x, mean) if cv == 0 else cumulative_simpson(stays, x=x, initial=0)
    j = cumulative_simpson(np.exp(offered * staying - people * x), x=x)[-1]
    empty = sum(offered ** (k - people + 1) * math.factorial(people - 1) / math.factorial(k) for k in range(people))
    return offered * j / (empty + offered * j), (1 + (offered - people) * j) / (empty + offered * j)


@pytest.mark.parametrize("service", [{"mean": 1.0}, FIXED, {"mean": 1.0, "cv": 2.0, "family": "lognormal"}], ids=["exponential", "constant", "lognormal"])
def test_nobody_s_patience_is_the_loss_system(service):
    """Patience 0 is M/G/c/c: who finds all busy is gone, Erlang B of them whatever the law of the service (Erlang 1917; Sevastyanov 1957)."""
    case = known.desk(5, 0.8, patience=1.0, arrivals=5_000)
    case.world["desks"]["sales"] |= {"patience": {"mean": 0.0, "family": "fixed"}, "service": service}
    found = [seen(case, r)[2] for r in range(20)]

    assert abs(t(found, known.erlang_b(5, 4.0))) < FAR_T19


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
    """Load .95, 1,000 replications of 10,000 arrivals, the first fifth cut: mean wait within five standard errors and 3 %."""
    case = known.desk(5, 0.95)
    found = np.array([seen(case, r)[:2] for r in range(1000)])

    assert abs(t(found[:, 0], case.answers["waits"])) < FAR
    assert found[:, 1].mean() == pytest.approx(case.answers["queue_wait"], rel=0.03)
