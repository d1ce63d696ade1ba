"""Rows folded into customers: who came, what became of them, what they were worth."""

from collections.abc import Mapping

import numpy as np

from sim import log as schema

Columns = Mapping[str, schema.Array]  # rows by column

NEVER = np.nan
CUSTOMER = np.dtype(
    [
        *schema.BIRTH.descr,
        ("first_channel", "i1"),  # of the first engaged touch, 0 (own) if none
        ("stage", "i1"),  # the last one
        ("outcome", "i1"),
        ("lead_at", "f8"),
        ("converted_at", "f8"),
        ("churned_at", "f8"),  # any exit after conversion
        ("lost_at", "f8"),  # any exit before it
        ("occasions", "i4"),
        ("exposures", "i4"),
        ("touches", "i4"),
        ("touches_to_convert", "i4"),  # up to and with the conversion
        ("orders", "i4"),
        ("revenue", "f8"),
        ("margin", "f8"),
        ("cost", "f8"),
        ("cost_to_win", "f8"),  # variable cost before and at the conversion; all of it if never converted
        ("clv_to_date", "f8"),
    ]
)


def fold(log: schema.Log) -> schema.Array:
    """Return one `CUSTOMER` record per birth, in the order of the births."""
    out = np.zeros(len(log.births), CUSTOMER)
    for name in schema.BIRTH.names or ():
        out[name] = log.births[name]
    for first, last, rows in log.blocks():
        _fold_block(log.terms, out[first:last], rows, first)
    return out


def discounted(terms: schema.Terms, days: schema.Array) -> schema.Array:
    """Return the discount factors (1 + rate)^(-days / 365)."""
    return np.asarray(np.power(1.0 + terms.discount_rate, -days / 365.0))


def _fold_block(terms: schema.Terms, out: schema.Array, block: schema.Array, first: int) -> None:
    rows = _columns(block)
    who, touch = rows["customer"] - first, rows["touch"]
    _moments(terms, out, rows, who)
    converted = np.ascontiguousarray(out["converted_at"])[who]
    before = ~(rows["time"] > converted)  # also true where never
    _counts(out, rows, who, before)
    _money(terms, out, rows, who, converted, before)
    _fate(out, rows, who)
    at = _firsts(who, touch)
    out["first_channel"][who[at]] = rows["channel"][at]


def _columns(block: schema.Array) -> Columns:
    """Return rows by column, each in one piece, which is read in a fraction of the time, and what their flags say."""
    columns = {name: np.ascontiguousarray(block[name]) for name in schema.ROW.names or ()}
    said = {"kind": schema.kind(block), "exposed": schema.exposed(block), "ordered": schema.ordered(block)}
    return columns | said | {"touch": schema.engaged(block) & (columns["channel"] > 0)}


def _firsts(who: schema.Array, mask: schema.Array) -> schema.Array:
    """Return the index of each customer's first row under the mask; rows are ordered by customer and time."""
    inside = np.flatnonzero(mask)
    return inside[np.diff(who[inside], prepend=-1) > 0]


def _moments(terms: schema.Terms, out: schema.Array, rows: Columns, who: schema.Array) -> None:
    """Fill when each customer became a lead, converted and left."""

    def first_time(mask: schema.Array) -> schema.Array:
        times, at = np.full(len(out), NEVER), _firsts(who, mask)
        times[who[at]] = rows["time"][at]
        return times

    kinds = np.array(terms.kinds)
    customer, prospect = kinds == "customer", kinds == "prospect"
    out["converted_at"] = np.where(customer[out["entry"]], out["arrived"], first_time(customer[rows["stage_to"]]))
    won = ~np.isnan(out["converted_at"])
    exits = first_time(~(customer | prospect)[rows["stage_to"]])
    out["churned_at"], out["lost_at"] = np.where(won, exits, NEVER), np.where(won, NEVER, exits)
    leads = np.array(terms.leads)[rows["channel"]] & rows["touch"] & prospect[rows["stage_from"]]
    out["lead_at"] = first_time(leads & ~(rows["time"] > out["converted_at"][who]))


def _counts(out: schema.Array, rows: Columns, who: schema.Array, before: schema.Array) -> None:
    """Fill how often what happened to each customer, ``before`` and at the conversion or at all."""
    out["occasions"] = np.bincount(who[rows["kind"] <= schema.GAVE_UP], minlength=len(out))
    touch = rows["touch"]
    for name, mask in {"exposures": rows["exposed"], "touches": touch, "touches_to_convert": touch & before, "orders": rows["ordered"]}.items():
        out[name] = np.bincount(who[mask], minlength=len(out))
    out["touches_to_convert"][np.isnan(out["converted_at"])] = 0


def _money(terms: schema.Terms, out: schema.Array, rows: Columns, who: schema.Array, converted: schema.Array, before: schema.Array) -> None:
    """Fill what each customer brought and cost. The conversion's own order counts as worth, its cost is acquisition."""
    cost = rows["cost"].astype("f8")
    margin = rows["revenue"] * terms.contribution()[out["persona"][who], np.maximum(out["arm"], 0)[who], rows["channel"]]
    flow = margin - np.where(before, 0.0, cost)
    since = np.flatnonzero(rows["time"] >= converted)
    worth = np.zeros(len(who))
    worth[since] = flow[since] * discounted(terms, (rows["time"] - converted)[since])
    for name, money in {"revenue": rows["revenue"], "margin": margin, "cost": cost, "cost_to_win": cost * before, "clv_to_date": worth}.items():
        out[name] = np.bincount(who, weights=money, minlength=len(out))
    out["clv_to_date"][np.isnan(out["converted_at"])] = NEVER


def _fate(out: schema.Array, rows: Columns, who: schema.Array) -> None:
    """Fill where each customer is and how it ended."""
    lived = np.flatnonzero(rows["kind"] <= schema.GAVE_UP)  # what falls due after a customer has left is no fate
    last = lived[np.diff(who[lived], append=-1) != 0]
    out["stage"] = out["entry"]
    out["stage"][who[last]] = rows["stage_to"][last]
    queued_out = np.zeros(len(out), bool)
    queued_out[who[last]] = rows["kind"][last] == schema.GAVE_UP
    churned, lost = ~np.isnan(out["churned_at"]), ~np.isnan(out["lost_at"])
    out["outcome"] = np.select([churned, lost & queued_out, lost], [schema.CHURNED, schema.LEFT_QUEUE, schema.LOST], schema.OPEN)
