"""The summary in the terminal: a headline in words and a few tables, plain text within 100 columns."""

import sys
import textwrap
from collections.abc import Sequence
from math import isnan, nan

from sim.language import current
from sim.metrics import Metric
from sim.metrics.table import SHARE
from sim.report.columns import aligned
from sim.report.words import NOTHING, clipped, count, customers, days, inside, limits, money, percent, significant, spoken
from sim.studies.run import Result

COLUMNS = 100
INTERVAL = "95 %"
Found = dict[tuple[str, str, str], Metric]


def summary(result: Result) -> str:
    """Return the summary of a run; letters that the terminal's encoding lacks become question marks."""
    found = {(m.metric, m.by, m.group): m for m in result.headline}
    parts = [_headline(result, found), _personas(result, found), _totals(found), _channels(result, found), _desks(result, found), _notes(result, found)]
    text = "\n\n".join("\n".join(line.rstrip() for line in part) for part in parts if part)
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)


def _get(found: Found, metric: str, by: str = "all", group: str = "all") -> Metric:
    return found.get((metric, by, group), Metric(metric, by, group, nan, nan, nan, "", 0))


def _headline(result: Result, found: Found) -> list[str]:
    world = result.world
    rate, kept, profit = (_get(found, name) for name in ("conversion_rate", "retention_365d", "profit"))
    say = current()
    nobody = not rate.value > 0
    won = say.text("terminal.nobody") if nobody else say.text("terminal.won", share=percent(rate.value), day=say.signs(f"{world.horizon:g}"))
    stay = "" if isnan(kept.value) else say.text("terminal.stay", share=percent(kept.value))
    money_made = "" if isnan(profit.value) else f"; {_gain(profit)}"
    name = clipped(inside(world.scenario.name) if world.scenario.name == "baseline" else spoken(world.scenario.name), 60)
    days_ = say.number(world.horizon, 0 if world.horizon == round(world.horizon) else 1)
    parts = [say.text("terminal.scenario", name=name), customers(len(result.log.births)), say.text("figures.days", number=days_)]
    source = " · ".join([*parts, say.text("report.seed", seed=world.seed), say.text("terminal.money", currency=result.log.terms.currency)])
    return [*textwrap.wrap(f"{won[:1].upper()}{won[1:]}{stay}{money_made}.", COLUMNS), clipped(source, COLUMNS)]


def _gain(profit: Metric) -> str:
    if not profit.value:
        return current().text("terminal.neither")
    return current().text("terminal.loss" if profit.value < 0 else "terminal.profit", money=money(abs(profit.value), profit.unit))


def _personas(result: Result, found: Found) -> list[str]:
    names = result.log.terms.personas
    groups = [("persona", name) for name in names] if len(names) > 1 else []
    groups += [("arm", name) for name in result.log.terms.arms]
    header = _header("personas", "persona", "arrived", "conversion", "churn", "clv", "value", "cac")
    rows = []
    for by, group in [*groups, ("all", "all")]:
        arrived, won, churn, clv, value, cac = (_get(found, name, by, group) for name in PERSONA)
        cells = [count(arrived.value), _share(won), _share(churn), *(_money(m) for m in (clv, value, cac))]
        rows.append([_whom(by, group), *cells])
    ranges = [["", "", *(_range(_get(found, name, by, group)) for name in PERSONA[1:])] for by, group in [*groups, ("all", "all")]]
    return aligned(header, [row for pair in zip(rows, ranges, strict=True) for row in pair if any(row)], COLUMNS)


def _header(table: str, *columns: str) -> list[str]:
    return [current().text(f"terminal.{table}.{column}") for column in columns]


def _whom(by: str, group: str) -> str:
    if by == "all":
        return current().text("report.all")
    return clipped(current().text("terminal.arm", name=spoken(group).lower()) if by == "arm" else spoken(group), 21)


PERSONA = ("arrived", "conversion_rate_365d", "churn_rate_monthly", "clv", "value_365d", "cac")


def _share(metric: Metric) -> str:
    return NOTHING if isnan(metric.value) else percent(metric.value)


def _money(metric: Metric) -> str:
    return NOTHING if isnan(metric.value) else money(metric.value, "").strip().replace("- ", "-")


def _range(metric: Metric) -> str:
    """Return the interval, or nothing where there is none or it has no width (fixed costs)."""
    share = metric.metric == "churn_rate_monthly"
    return "" if metric.low == metric.high else limits(metric._replace(unit=SHARE) if share else metric)


def _totals(found: Found) -> list[str]:
    rows = [[current().text(f"metrics.{name}"), _amount(_get(found, name)), _range(_get(found, name))] for name in ("revenue", "cost", "profit")]
    return aligned([current().text("terminal.totals.over"), "", INTERVAL], rows, COLUMNS)


def _amount(metric: Metric) -> str:
    return NOTHING if isnan(metric.value) else money(metric.value, metric.unit)


def _channels(result: Result, found: Found) -> list[str]:
    names = [name for name in result.log.terms.channels[1:] if _get(found, "exposures", "channel", name).value > 0]
    if not names:
        return []
    channel, seen_, engaged_, cost_, cac_ = _header("channels", "channel", "exposures", "engaged", "cost", "cac")
    header = [channel, seen_, engaged_, INTERVAL, cost_, INTERVAL, cac_, INTERVAL]
    names.sort(key=lambda name: -_get(found, "exposures", "channel", name).value)
    rows = []
    for name in names:
        seen, engaged, cost, cac = (_get(found, metric, "channel", name) for metric in ("exposures", "engagement_rate", "cost", "cac"))
        rows.append([clipped(spoken(name), 20), count(seen.value), _share(engaged), _range(engaged), _money(cost), _range(cost), _money(cac), _range(cac)])
    return [*aligned(header, rows, COLUMNS), current().text("terminal.channels.note")]


def _desks(result: Result, found: Found) -> list[str]:
    names = result.log.terms.desks
    if not names:
        return []
    desk, busy_, wait_, left_ = _header("desks", "desk", "busy", "wait", "gave_up")
    header = [desk, busy_, INTERVAL, wait_, INTERVAL, left_, INTERVAL]
    rows = []
    for name in names:
        busy, wait, left = (_get(found, metric, "desk", name) for metric in ("utilisation", "queue_wait", "gave_up_rate"))
        rows.append([clipped(spoken(name), 24), _share(busy), _range(busy), days(wait.value), _wait_range(wait), _share(left), _range(left)])
    return aligned(header, rows, COLUMNS)


def _wait_range(metric: Metric) -> str:
    if isnan(metric.low) or isnan(metric.value):
        return ""
    unit = 24.0 if metric.value < 1 else 1.0
    return current().range(significant(metric.low * unit, 2), significant(metric.high * unit, 2))


def _notes(result: Result, found: Found) -> list[str]:
    personas = result.log.terms.personas
    groups = [("all", "all"), *(("persona", name) for name in personas if len(personas) > 1)]
    lines = [_intervals(result)]
    if queueing := sum(result.log.queueing):
        lines.append(current().text("terminal.queueing", number=count(queueing)))
    for reason, missing in _missing(found, groups).items():
        whose = {metric: [spoken(group) for name, by, group in missing if name == metric and by != "all"] for metric in dict.fromkeys(m[0] for m in missing)}
        said = [metric if len(who) in (0, len(personas)) else f"{metric} ({', '.join(who)})" for metric, who in whose.items()]
        lines.append(f"{NOTHING} {current().note(reason)}: {', '.join(said)}")
    fewer = sorted({m.note for name in PERSONA for group in groups if "replications" in (m := _get(found, name, *group)).note})
    lines += [current().text("terminal.fewer", notes="; ".join(map(current().note, fewer[:3]))) for _ in fewer[:1]]
    return [line for text in lines for line in textwrap.wrap(text, COLUMNS, subsequent_indent="  ", break_long_words=True)]


def _missing(found: Found, groups: Sequence[tuple[str, str]]) -> dict[str, list[tuple[str, str, str]]]:
    """Return, by reason, which of the numbers above there are not."""
    out: dict[str, list[tuple[str, str, str]]] = {}
    for name in PERSONA[1:]:
        for group in groups:
            metric = _get(found, name, *group)
            if isnan(metric.value) and metric.note:
                out.setdefault(metric.note, []).append((name, *group))
    return out


def _intervals(result: Result) -> str:
    if result.replicated is not None:
        return current().text("terminal.replications", number=result.provenance["replications"])
    if result.log.terms.coupled:
        return current().text("terminal.no_intervals")
    return current().text("terminal.intervals")
