"""The shape of what rules read and write: records of fixed layout, so that a world of another shape never recompiles."""

from typing import Annotated, Any, NamedTuple

import numpy as np

from sim.lanes import WIDTH
from sim.log import ROW
from sim.spread import NODES, SPREAD

Array = np.ndarray[Any, Any]

PROSPECT, CUSTOMER, EXIT = range(3)
PERMISSIONS = 8
RULES = 8
CIRCLES = 4  # groups of stages whose people pass something on
DEBTS = 6  # refunds and instalments that a customer may wait for at a time
WEEK = 7 * 24
COUNTERS = 4  # channels with a cap on exposures
LEVELS = 8  # what bends odds: drivers, then the logarithms of traits that act on odds
SATISFACTION = 0
NOT_CALLED = -1.0  # `waited` of a customer who still queues
EVENTS = 6  # kinds of event, in the order in which simultaneous ones happen
END_OF_SERVICE, DEADLINE, ARRIVAL, BILLING, RULE, OCCASION = range(EVENTS)

WORLD = np.dtype(
    [
        ("k0", "u8"), ("k1", "u8"),  # key of (seed, replication)
        ("arm0", "u8"), ("arm1", "u8"),  # key of (seed, replication, test name)
        ("horizon", "f8"), ("days", "f8"), ("growth", "f8"),  # arrivals within so many days, growing by this rate over all of them
        ("founders", "i8"), ("newcomers", "i8"), ("evenly", "i8"),  # newcomers: founders who arrive; the others are there on day 0
        ("stages", "i8"), ("personas", "i8"), ("arms", "i8"),
        ("drivers", "i8"), ("levels", "i8"),
        ("start", "f8", (LEVELS,)), ("fade", "f8", (LEVELS,)),  # of each driver; fade is ln 2 / half-life
        ("low", "f8", (LEVELS,)), ("high", "f8", (LEVELS,)),  # the drivers' ranges
        ("shared", "u1", (LEVELS,)), ("follows", "i8", (LEVELS,)),  # whether all have one level; which driver it moves towards, -1 for none
        ("shares", "i8"),  # whether any driver is shared
        ("waited", "i8"), ("gave_up", "i8"),  # rows of pushes: per day waited, on giving up
        ("permissions", "i8"),
        ("rules", "i8"), ("contracts", "i8"), ("caps", "i8"), ("debts", "i8"),  # how many rules; whether anybody may have the others
        ("fades", "i8"), ("refers", "i8"),  # whether any driver fades, whether anybody is referred
    ]
)  # fmt: skip

CONTRACT = [("fee", SPREAD), ("period", "f8"), ("term", "f8"), ("notice", "f8"), ("rise", "f8")]  # term: 0 for none
DEBT = [("refund", "f8"), ("returned", SPREAD), ("instalments", "i8"), ("every", "f8")]  # the chance of a refund and its days; instalments: 0 for none
PROFILE = np.dtype(
    [
        ("upto", "f8"), ("arm_upto", "f8"), ("first_trait", "i4"), ("traits", "i4"),
        ("price", "f8"), ("reward", "f8"),  # of what is sold, 1 as listed; for the referral of somebody who converts
        *CONTRACT, *DEBT,
    ]
)  # fmt: skip
TRAIT = np.dtype([("size", SPREAD), ("number", "i8"), ("acts", "i4"), ("level", "i4"), ("like", "i8"), ("rho", "f8")])  # like: the number of another trait
RATE, SPEND, ODDS = range(3)

SPOT = np.dtype(  # profile x stage
    [
        ("gap", SPREAD), ("value", SPREAD),
        ("entry_upto", "f8"),  # cumulative share of this profile's customers who start here or in an earlier stage
        ("on_entry", "f8"), ("on_stay", "f8"), ("refer", "f8"),
        ("first_arc", "i4"), ("arcs", "i4"), ("own", "i4"),
        ("kind", "i4"), ("refers_to", "i4"),
        ("entered", "i4"), ("calendar", "i4"),  # a row of pushes; a calendar, -1 for none
        ("fee", "f8"),  # what multiplies the fee of a contract here
        ("circles", "u1"),  # the circles that whoever is here belongs to
    ]
)  # fmt: skip

ARCS = np.dtype([("upto", "f8", (WIDTH,)), ("holder", "i8", (WIDTH,))])  # four stretches of [0, 1), where they end and who holds them

HOLDER = np.dtype(  # who holds an occasion: spot x (own or channel)
    [
        ("engage", "f8"), ("exposure", "f8"), ("touch", "f8"), ("order", "f8"), ("dearest", "f8"),
        ("feel", "f8"), ("sd", "f8"), ("price", "f8"),  # price: 1 - discount
        ("bad", "f8"), ("hurt", "f8"), ("busy", "f8"),  # a bad experience: log odds, what it adds, log odds per day waited
        ("plain", "i4"), ("moved", "i4"),  # races: not engaged, engaged
        ("keen", "i4"), ("exposed", "i4"), ("touched", "i4"), ("sold", "i4"),  # a row of slopes, three of pushes
        ("first_flight", "i4"), ("flights", "i4"), ("first_content", "i4"), ("contents", "i4"), ("gives", "i4"), ("loses", "i4"),  # spans of their tables
        ("circle", "i2"), ("target", "i4"),  # whom one must meet, a row of slopes; -1 for none
        ("weary", "i4"), ("half", "f8"), ("shape", "f8"),  # saturation: the driver that it comes with, -1 for none; the level of half of it, its exponent
        ("cap", "i4"), ("cap_days", "f8"), ("counter", "i2"),  # exposures in a period; whose count it is, -1 for none
        ("reach", "f8"),  # share of a rule's messages that are sent
        ("needs", "u1"), ("gated", "?"), ("changes", "?"),  # permissions; anything that may make it unavailable; anything that changes permissions
        ("channel", "i2"), ("budget", "i2"), ("desk", "i2"), ("feels", "i2"),
    ]
)  # fmt: skip

HEAT = np.dtype(  # four runners of a race whose weights are bent by one slope; a race is a row of heats, the first of which has their number
    [("wait", "f8", (WIDTH,)), ("stride", "u8", (WIDTH,)), ("to", "i2", (WIDTH,)), ("slope", "i4"), ("heats", "i4")]
)  # wait: 1 / weight, inf where nobody runs; heats: 0 where there is one way only

FLIGHT = np.dtype([("start", "f8"), ("end", "f8")])
CONTENT = np.dtype([("upto", "f8"), ("moved", "i8")])  # a stretch of [0, 1) and the race when engaged
PERMISSION = np.dtype([("start", "f8"), ("order", "f8"), ("slope", "i8")])  # slope: log odds of losing it
BUDGET = np.dtype([("amount", "f8"), ("days", "f8"), ("period", "i8"), ("spent", "f8")])
DESK = np.dtype(
    [
        ("service", SPREAD),
        ("patience", SPREAD),
        ("giving_up", "f8"),
        ("gives_up_to", "i8"),
        ("calendar", "i8"),
        ("named", "i8"),
        ("owners", "i8"),
        ("number", "i8"),
    ]
)
HIRE = np.dtype([("time", "f8"), ("desk", "i8")])  # when one more person takes up work
CALENDAR = np.dtype([("season", "f8", (12,)), ("week", "f8", (WEEK + 1,))])  # a factor for each month; open days since Monday, by the hour
OPENING = np.dtype([("upto", "i8"), ("persona", "i8"), ("stage", "i8"), ("first", "u8")])  # who is there on day 0: how many, cumulated; the first identity
QUEUE = np.dtype([("free", "i8"), ("first", "i8"), ("last", "i8")])  # people free now; the queue's ends, -1 if empty

LIFE = np.dtype(  # a customer while alive; what every occasion needs comes first, what not every world needs is kept beside (below)
    [
        ("identity", "u8"),
        ("at", "f8", (EVENTS,)),  # the agenda: when each kind of event is due, inf if it is not
        ("profile", "i2"), ("stage", "i2"), ("step", "i4"),  # step: occasions proposed
        ("gap", "f8"),  # days from the last occasion (or arrival) to the next
        ("pace", "f8"), ("felt", "f8"), ("number", "i4"), ("called", "i4"),  # pace: days for one of a gap; number: rows written; called: a holder, -1 for none
        ("urged_by", "i2"), ("desk", "i2"), ("has", "u1"), ("won", "u1"), ("entry", "i2"),  # desk: -1 when not at one; has: permissions
        ("level", "f8", (LEVELS,)),  # as of the day `felt`
        ("urged", "f8"), ("spend", "f8"), ("holder", "i4"), ("desk_visits", "i4"),  # urged: the day of what the rule `urged_by` noticed
        ("arrived", "f8"), ("asked", "f8"), ("waited", "f8"), ("served", "f8"),  # the last three of the desk visit under way
        ("before", "i4"), ("behind", "i4"), ("parent", "i8"),  # neighbours in the queue, -1 if none
    ]
)  # fmt: skip
PLAN = np.dtype(  # what orchestration rules are to do for a customer
    [
        ("due", "f8", (RULES,)), ("noticed", "f8", (RULES,)), ("acts", "i2", (RULES,)),  # by rule: when it acts, on what day's news, how often so far
        ("since", "f8"), ("was", "i2"),  # the day of the last change of stage, and the stage before it
    ]
)  # fmt: skip
AGREEMENT = np.dtype(  # a customer's contract: the day of signing, the end of this term, the last day; the next fee and what multiplies it
    [("fee", "f8"), ("signed", "f8"), ("ends", "f8"), ("until", "f8"), ("due", "f8"), ("times", "f8"), ("bills", "i8")]
)
COUNT = np.dtype([("period", "i4", (COUNTERS,)), ("seen", "i2", (COUNTERS,))])  # exposures in a capped channel's period
DEBTOR = np.dtype(  # by refund or row of instalments: when the next is due (inf: no such), how much, how many are left, the days between, on whose channel
    [("due", "f8", (DEBTS,)), ("amount", "f8", (DEBTS,)), ("every", "f8", (DEBTS,)), ("left", "i4", (DEBTS,)), ("channel", "i4", (DEBTS,))]
)
PLAY = np.dtype(  # of all customers
    [
        ("rows", "i8"), ("made", "i8"), ("next", "i8"), ("heap", "i8"), ("hired", "i8"),  # rows written, customers made, next arrival, heap items, hires so far
        ("met", "i8", (CIRCLES,)),  # people in each circle
        ("level", "f8", (LEVELS,)), ("felt", "f8"),  # of shared drivers, as of the day `felt`
    ]
)  # fmt: skip


ORCHESTRATION = np.dtype(  # a rule; sets of stages, channels, permissions and profiles are bits
    [
        ("number", "i8"),  # where its addresses begin
        ("enters", "i8"), ("stays", "i8"), ("touches", "i8"), ("orders", "?"), ("gave_up", "?"), ("gains", "u1"),  # what it notices
        ("driver", "i8"), ("below", "f8"), ("above", "f8"),
        ("profiles", "i8"), ("stages", "i8"), ("needs", "u1"), ("at_most", "i8"),  # for whom it acts
        ("wait", "f8"), ("batch", "f8"), ("late", "f8"), ("accuracy", "f8"), ("told", "u1"),  # when, and how well it sees
        ("calls", "?"), ("fade", "f8"), ("first_holder", "i8"),  # what it does; the holder of its channel for the first profile and stage
    ]
)  # fmt: skip


_LEVELS, _PERMISSIONS, _CELLS = np.dtype(("f8", (LEVELS,))), np.dtype(("f8", (PERMISSIONS,))), np.dtype(("f8", (NODES, 4)))


class Tables(NamedTuple):
    """All that rules read; nothing here changes while the world plays."""

    world: Annotated[Array, WORLD]  # (1,)
    profiles: Annotated[Array, PROFILE]  # (personas x arms,)
    traits: Annotated[Array, TRAIT]
    spots: Annotated[Array, SPOT]  # (profiles x stages,)
    arcs: Annotated[Array, ARCS]
    holders: Annotated[Array, HOLDER]
    heats: Annotated[Array, HEAT]
    slopes: Annotated[Array, _LEVELS]  # (n, LEVELS) log odds per unit of level; row 0 is all 0
    pushes: Annotated[Array, _LEVELS]  # (n, LEVELS) what is added to levels; row 0 is all 0
    flights: Annotated[Array, FLIGHT]
    contents: Annotated[Array, CONTENT]
    chances: Annotated[Array, _PERMISSIONS]  # (n, PERMISSIONS) chances to gain or lose each; row 0 is all 0
    permissions: Annotated[Array, PERMISSION]
    desks: Annotated[Array, DESK]
    hires: Annotated[Array, HIRE]  # by time
    calendars: Annotated[Array, CALENDAR]
    rules: Annotated[Array, ORCHESTRATION]
    urges: Annotated[Array, "f8"]  # (rules x profiles x stages x stages,) log odds
    living: Annotated[Array, "i8"]  # the stages that are no exits
    opening: Annotated[Array, OPENING]
    spreads: Annotated[Array, _CELLS]  # (n, NODES, 4) cells of tabled quantiles


class Live(NamedTuple):
    """All that rules write."""

    lives: Annotated[Array, LIFE]  # (room,)
    rows: Annotated[Array, ROW]  # (room,)
    budgets: Annotated[Array, BUDGET]
    queues: Annotated[Array, QUEUE]  # by desk
    play: Annotated[Array, PLAY]  # (1,)
    plans: Annotated[Array, PLAN]  # (room,), or none where a world has no rules; and so on
    agreements: Annotated[Array, AGREEMENT]
    counts: Annotated[Array, COUNT]
    debtors: Annotated[Array, DEBTOR]
