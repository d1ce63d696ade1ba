"""Channels: whom they reach, what they cost, what is credited to them, and what they truly cause where that is known."""

from collections.abc import Iterator
from math import isfinite

from sim.language import current
from sim.metrics import curves
from sim.report.html.element import Element, el
from sim.report.html.report import Report
from sim.report.html.table import Cell, Row, measured, note, table
from sim.report.words import count, percent, spoken

COLUMNS = ("exposures", "engagement_rate", "cost", "cac", "roas")


def section(report: Report) -> Iterator[Element]:
    """Return the channels as a figure and a table; nothing in a world without any."""
    run, say = report.run, current()
    names = [name for name in run.terms.channels[1:] if run.get("exposures", "channel", name).value > 0]
    if not names:
        return
    names.sort(key=lambda name: -run.get("exposures", "channel", name).value)
    if report.log is not None:
        yield from filter(None, [report.figure("occasions", say.text("report.channels.alt"), _occasions(report))])
    columns = [name for name in COLUMNS if any(isfinite(run.get(name, "channel", c).value) for c in names) and (run.has_money or name in COLUMNS[:2])]
    media = dict(zip(run.terms.channels, run.terms.media, strict=True))
    header = [say.text("report.channels.channel"), say.text("report.channels.media"), *(say.text(f"report.channels.{name}") for name in columns)]
    rows = [Row([spoken(c), spoken(media[c]), *(measured(run.get(name, "channel", c)) for name in columns)]) for c in names]
    yield table(say.text("report.channels.caption"), header, rows)
    yield note(say.text("report.channels.note"))
    yield from _credit(report)


def _occasions(report: Report) -> Element:
    assert report.log is not None
    say, found, terms = current(), curves.occasions(report.log), report.run.terms
    stages = [k for k, kind in enumerate(terms.kinds) if kind in ("prospect", "customer")]
    header = [say.text("report.channels.channel"), *(spoken(terms.stages[k]) for k in stages), say.text("report.channels.engaged")]
    rows = []
    for c, name in enumerate(terms.channels):
        total, touched = found.counts[c].sum(), found.engaged[c].sum()
        last = Cell(percent(touched / total), touched / total) if c and total else Cell("-")
        rows.append(Row([spoken(name), *(Cell(count(float(found.counts[c, k])), float(found.counts[c, k])) for k in stages), last]))
    return table(say.text("report.channels.occasions"), header, rows)


def _credit(report: Report) -> Iterator[Element]:
    """Return what attribution models credit, beside the truth where a study has found it."""
    credit, truth = report.run.table("credit.csv"), report.run.table("truth.csv")
    if not credit or "model" not in credit[0]:
        return
    say = current()
    models = list(dict.fromkeys(row["model"] for row in credit))
    channels = list(dict.fromkeys(row["channel"] for row in credit))
    shares = {(row["channel"], row["model"]): float(row["share"] or "nan") for row in credit}
    conversions = sum(float(row["conversions"] or 0) for row in credit if row["model"] == models[0])
    caused = {row["channel"]: row for row in truth if row.get("quantity") == "conversions_caused"}
    header = [say.text("report.channels.channel"), *([say.text("report.channels.caused")] if caused else []), *map(spoken, models)]
    rows = []
    for name in channels:
        true = [_caused(caused.get(name), conversions)] if caused else []
        rows.append(Row([spoken(name), *true, *(Cell(percent(share), share) for m in models if (share := shares.get((name, m), float("nan"))) is not None)]))
    yield el("h3", {}, say.text("report.channels.credit"))
    yield table(say.text("report.channels.credit_caption"), header, rows)
    yield note(say.text("report.channels.credit_note"))


def _caused(row: dict[str, str] | None, conversions: float) -> Cell:
    if row is None or not row["value"] or not conversions:
        return Cell("-")
    value, low, high = (float(row[name] or "nan") / conversions for name in ("value", "low", "high"))
    below = current().range(current().bare_percent(low), current().bare_percent(high)) if isfinite(low) and isfinite(high) else ""
    return Cell(percent(value), value, below)
