"""Rows folded into customers: who came, what became of them, what they were worth."""

import numpy as np

from sim import log as L

NEVER = np.nan
CUSTOMER = np.dtype(
    [
        *L.BIRTH.descr,
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


def fold(log: L.Log) -> L.Array:
    """Return one `CUSTOMER` record per birth, in the order of the births."""
    out = np.zeros(len(log.births), CUSTOMER)
    for name in L.BIRTH.names or ():
        out[name] = log.births[name]
    for first, last, rows in log.blocks():
        _fold_block(log.terms, out[first:last], rows, first)
    return out


def contributions(terms: L.Terms, births: L.Array, rows: L.Array) -> L.Array:
    """Return what each row contributes before its cost: revenue times the contribution per unit of revenue."""
    who = births[rows["customer"]]
    return rows["revenue"].astype("f8") * terms.contribution()[who["persona"], np.maximum(who["arm"], 0), rows["channel"]]


def discounted(terms: L.Terms, days: L.Array) -> L.Array:
    """Return the discount factors (1 + rate)^(-days / 365)."""
    return np.power(1.0 + terms.discount_rate, -days / 365.0)


def _fold_block(terms: L.Terms, out: L.Array, rows: L.Array, first: int) -> None:
    kinds = np.array(terms.kinds)
    is_customer, is_prospect = kinds == "customer", kinds == "prospect"
    is_exit = ~(is_customer | is_prospect)
    who, size = rows["customer"] - first, len(out)
    engaged, occasion = L.engaged(rows), L.kind(rows) == L.OCCASION
    touch = engaged & (rows["channel"] > 0)

    def first_time(mask: L.Array) -> L.Array:
        times = np.full(size, NEVER)
        at, where = np.unique(who[mask], return_index=True)
        times[at] = rows["time"][mask][where]
        return times

    out["converted_at"] = np.where(is_customer[out["entry"]], out["arrived"], first_time(is_customer[rows["stage_to"]]))
    converted = out["converted_at"][who]
    before = ~(rows["time"] > converted)  # also true where never
    exits = first_time(is_exit[rows["stage_to"]])
    won = ~np.isnan(out["converted_at"])
    out["churned_at"], out["lost_at"] = np.where(won, exits, NEVER), np.where(won, NEVER, exits)
    leads = np.array(terms.leads)[rows["channel"]] & touch & is_prospect[rows["stage_from"]] & ~(rows["time"] > converted)
    out["lead_at"] = first_time(leads)

    counts = {"occasions": None, "exposures": occasion & (rows["channel"] > 0), "touches": touch, "touches_to_convert": touch & before, "orders": L.ordered(rows)}
    for name, mask in counts.items():
        out[name] = np.bincount(who if mask is None else who[mask], minlength=size)
    out["touches_to_convert"][~won] = 0
    margin = rows["revenue"].astype("f8") * terms.contribution()[out["persona"][who], np.maximum(out["arm"][who], 0), rows["channel"]]
    cost = rows["cost"].astype("f8")
    flow = margin - np.where(before, 0.0, cost)  # the conversion's own order counts, its cost is acquisition
    worth = np.where(rows["time"] >= converted, flow * discounted(terms, rows["time"] - converted), 0.0)
    for name, money in {"revenue": rows["revenue"], "margin": margin, "cost": cost, "cost_to_win": cost * before, "clv_to_date": worth}.items():
        out[name] = np.bincount(who, weights=money, minlength=size)
    out["clv_to_date"][~won] = NEVER

    out["stage"] = out["entry"]
    last = np.flatnonzero(np.diff(who, append=-1) != 0)
    out["stage"][who[last]] = rows["stage_to"][last]
    queued_out = np.zeros(size, bool)
    queued_out[who[last]] = L.kind(rows[last]) == L.GAVE_UP
    left = ~np.isnan(exits)
    out["outcome"] = np.select([left & won, left & queued_out, left], [L.CHURNED, L.LEFT_QUEUE, L.LOST], L.OPEN)
    at, where = np.unique(who[touch], return_index=True)
    out["first_channel"][at] = rows["channel"][touch][where]
