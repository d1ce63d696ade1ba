"""The shape of what rules read and write: records of fixed layout, so that a world of another shape never recompiles."""

from typing import Any, NamedTuple

import numpy as np

from sim.spread import SPREAD

Array = np.ndarray[Any, Any]

PROSPECT, CUSTOMER, EXIT = range(3)
PERMISSIONS = 8
RULES = 8
CIRCLES = 4  # groups of stages whose people pass something on
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
        ("founders", "i8"), ("evenly", "i8"),
        ("stages", "i8"), ("personas", "i8"), ("arms", "i8"),
        ("drivers", "i8"), ("levels", "i8"),
        ("start", "f8", (LEVELS,)), ("fade", "f8", (LEVELS,)),  # of each driver; fade is ln 2 / half-life
        ("low", "f8", (LEVELS,)), ("high", "f8", (LEVELS,)),  # the drivers' ranges
        ("shared", "u1", (LEVELS,)), ("follows", "i8", (LEVELS,)),  # whether all have one level; which driver it moves towards, -1 for none
        ("shares", "i8"),  # whether any driver is shared
        ("waited", "i8"), ("gave_up", "i8"),  # rows of pushes: per day waited, on giving up
        ("permissions", "i8"),
        ("rules", "i8"),
        ("fades", "i8"), ("refers", "i8"),  # whether any driver fades, whether anybody is referred
    ]
)  # fmt: skip

CONTRACT = [("fee", SPREAD), ("period", "f8"), ("term", "f8"), ("notice", "f8"), ("rise", "f8")]  # term: 0 for none
PROFILE = np.dtype([("upto", "f8"), ("arm_upto", "f8"), ("first_trait", "i4"), ("traits", "i4"), ("calendar", "i8"), *CONTRACT])
TRAIT = np.dtype([("size", SPREAD), ("number", "i8"), ("acts", "i4"), ("level", "i4"), ("like", "i8"), ("rho", "f8")])  # like: the number of another trait
RATE, SPEND, ODDS = range(3)

SPOT = np.dtype(  # profile x stage
    [
        ("gap", SPREAD), ("value", SPREAD),
        ("entry_upto", "f8"),  # cumulative share of this profile's customers who start here or in an earlier stage
        ("on_entry", "f8"), ("on_stay", "f8"), ("refer", "f8"),
        ("first_arc", "i4"), ("own", "i4"),
        ("kind", "i4"), ("refers_to", "i4"),
        ("entered", "i4"),  # row of pushes
        ("circles", "u1"),  # the circles that whoever is here belongs to
    ]
)  # fmt: skip

ARC = np.dtype([("upto", "f8"), ("holder", "i8")])  # a stretch of [0, 1) and who holds it

HOLDER = np.dtype(  # who holds an occasion: spot x (own or channel)
    [
        ("engage", "f8"), ("exposure", "f8"), ("touch", "f8"), ("order", "f8"), ("dearest", "f8"),
        ("feel", "f8"), ("sd", "f8"), ("price", "f8"),  # price: 1 - discount
        ("bad", "f8"), ("hurt", "f8"), ("busy", "f8"),  # a bad experience: log odds, what it adds, log odds per day waited
        ("plain", "i4"), ("moved", "i4"),  # rows of moves: not engaged, engaged
        ("keen", "i4"), ("exposed", "i4"), ("touched", "i4"), ("sold", "i4"),  # a row of slopes, three of pushes
        ("first_flight", "i4"), ("flights", "i4"), ("first_content", "i4"), ("contents", "i4"), ("gives", "i4"), ("loses", "i4"),  # spans of their tables
        ("circle", "i2"), ("target", "i4"),  # whom one must meet, a row of slopes; -1 for none
        ("cap", "i4"), ("cap_days", "f8"), ("counter", "i2"),  # exposures in a period; whose count it is, -1 for none
        ("reach", "f8"),  # share of a rule's messages that are sent
        ("needs", "u1"), ("gated", "?"), ("changes", "?"),  # permissions; anything that may make it unavailable; anything that changes permissions
        ("channel", "i2"), ("budget", "i2"), ("desk", "i2"), ("feels", "i2"),
    ]
)  # fmt: skip

MOVE = np.dtype([("wait", "f8"), ("slope", "i4"), ("to", "i2"), ("count", "i2")])  # wait: 1 / weight; the head of a row has the count

FLIGHT = np.dtype([("start", "f8"), ("end", "f8")])
CONTENT = np.dtype([("upto", "f8"), ("moved", "i8")])  # a stretch of [0, 1) and the row of moves when engaged
PERMISSION = np.dtype([("start", "f8"), ("order", "f8"), ("slope", "i8")])  # slope: log odds of losing it
BUDGET = np.dtype([("amount", "f8"), ("days", "f8"), ("period", "i8"), ("spent", "f8")])
DESK = np.dtype([("service", SPREAD), ("patience", SPREAD), ("giving_up", "f8"), ("gives_up_to", "i8"), ("calendar", "i8")])
HIRE = np.dtype([("time", "f8"), ("desk", "i8")])  # when one more person takes up work
CALENDAR = np.dtype([("season", "f8", (12,)), ("week", "f8", (WEEK + 1,))])  # a factor for each month; open days since Monday, by the hour
QUEUE = np.dtype([("free", "i8"), ("first", "i8"), ("last", "i8")])  # people free now; the queue's ends, -1 if empty

LIFE = np.dtype(  # a customer while alive
    [
        ("identity", "u8"), ("rate", "f8"), ("spend", "f8"),
        ("gap", "f8"),  # days from the last occasion (or arrival) to the next
        ("number", "i4"), ("step", "i4"), ("holder", "i4"),  # rows written; occasions proposed
        ("profile", "i2"), ("stage", "i2"), ("entry", "i2"), ("desk", "i2"),  # desk: -1 when not at one
        ("at", "f8", (EVENTS,)),  # the agenda: when each kind of event is due, inf if it is not
        ("felt", "f8"), ("level", "f8", (LEVELS,)),  # levels as of the day `felt`
        ("arrived", "f8"), ("asked", "f8"), ("waited", "f8"), ("served", "f8"),  # the last three of the desk visit under way
        ("parent", "i8"), ("desk_visits", "i8"),
        ("period", "i4", (COUNTERS,)), ("seen", "i2", (COUNTERS,)), ("has", "u1"),  # exposures in a channel's period; permissions
        ("due", "f8", (RULES,)), ("noticed", "f8", (RULES,)), ("acts", "i2", (RULES,)),  # by rule: when it acts, on what day's news, how often so far
        ("fee", "f8"), ("signed", "f8"), ("ends", "f8"), ("until", "f8"), ("bills", "i4"),  # the contract: day of signing, end of this term, last day
        ("was", "i2"), ("since", "f8"),  # the stage before this one, and the day of the change
        ("urged_by", "i2"), ("urged", "f8"), ("called", "i4"),  # the rule engaged with and its day; the holder of a call, -1 for none
        ("before", "i4"), ("behind", "i4"),  # neighbours in the queue, -1 if none
    ]
)  # fmt: skip
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
        ("driver", "i8"), ("below", "f8"),
        ("profiles", "i8"), ("stages", "i8"), ("needs", "u1"), ("at_most", "i8"),  # for whom it acts
        ("wait", "f8"), ("batch", "f8"), ("late", "f8"), ("accuracy", "f8"), ("told", "u1"),  # when, and how well it sees
        ("calls", "?"), ("fade", "f8"), ("first_holder", "i8"),  # what it does; the holder of its channel for the first profile and stage
    ]
)  # fmt: skip


class Tables(NamedTuple):
    """All that rules read; nothing here changes while the world plays."""

    world: Array  # (1,) WORLD
    profiles: Array  # (personas x arms,) PROFILE
    traits: Array  # TRAIT
    spots: Array  # (profiles x stages,) SPOT
    arcs: Array  # ARC
    holders: Array  # HOLDER
    moves: Array  # MOVE
    slopes: Array  # (n, LEVELS) log odds per unit of level; row 0 is all 0
    pushes: Array  # (n, LEVELS) what is added to levels; row 0 is all 0
    flights: Array  # FLIGHT
    contents: Array  # CONTENT
    chances: Array  # (n, PERMISSIONS) chances to gain or lose each; row 0 is all 0
    permissions: Array  # PERMISSION
    desks: Array  # DESK
    hires: Array  # HIRE, by time
    calendars: Array  # CALENDAR
    rules: Array  # ORCHESTRATION
    urges: Array  # (rules x profiles x stages x stages,) log odds
    living: Array  # the stages that are no exits
    spreads: Array  # (n, NODES, 4) cells of tabled quantiles


class Live(NamedTuple):
    """All that rules write."""

    lives: Array  # (room,) LIFE
    rows: Array  # (room,) log.ROW
    budgets: Array  # BUDGET
    queues: Array  # QUEUE, by desk
    play: Array  # (1,) PLAY
