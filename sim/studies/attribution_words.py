"""What the attribution study says: tables of at most 100 columns, and sentences that are true of their numbers."""

import textwrap
from collections.abc import Mapping, Sequence
from math import isnan, nan
from typing import TYPE_CHECKING

from sim.studies.credit import AGAINST, NOBODY, Credited, Rank, Truth
from sim.studies.splits import BEST, NOW, Split

if TYPE_CHECKING:
    from sim.studies.attribution import Attribution

COLUMN = {  # how a model is called where there is little room
    "first": "first", "last": "last", "last_non_direct": "nond", "linear": "line", "time_decay": "decay", "position": "posi",
    "markov_1": "mk1", "markov_2": "mk2", "markov_3": "mk3", "shapley": "shap", "self_reported": "asked",
}  # fmt: skip
LEGEND = "nond: last non-direct; line: linear; posi: position 40/20/40; mk: Markov removal effect by order; asked: self-reported."
NAME, COLUMNS = 20, 100


def report(found: "Attribution") -> str:
    """Return the whole report."""
    world, asked = found.world, found.options
    lookback = "at any time" if asked.lookback is None else f"in the last {asked.lookback:g} days"
    head = [
        f"{asked.replications} replications of {world.customers:,} customers, {world.horizon:g} days, seed {world.seed}.",
        f"Paths: {asked.seen} {lookback} before the first conversion. {found.paths} (replication 0).",
    ]
    caused = {t.channel: t for t in found.truths if t.quantity == "conversions_caused"}
    total = sum(row.conversions for row in found.credits if row.model == "last")
    shares = {name: t.value / total for name, t in caused.items()} if total else {}
    parts = [
        head,
        ["CREDIT AND TRUTH, % of all conversions", *credit_table(found.credits, shares), LEGEND, CAUSED],
        ["WHAT EACH CHANNEL CAUSED, a replication's mean (95 % interval)", *truth_table(found), *_notes(found)],
        ["THE EXPOSED AGAINST THE UNEXPOSED: what comparing them says, and the truth", *lift_table(found)],
        ["WHAT BELIEVING A MODEL COSTS", *model_table(found), *_split_notes(found)],
        verdicts(found.credits, found.splits, world.money.currency),
    ]
    return "\n\n".join("\n".join(line for long in part for line in wrapped(long)) for part in parts if part)


def wrapped(line: str) -> list[str]:
    """Return a line as it is, or a sentence too long for the terminal in several."""
    return [line] if len(line) <= COLUMNS else textwrap.wrap(line, COLUMNS)


CAUSED = "caused: conversions that would not have happened without the channel (holdout); they need not sum to 100."


def credit_table(rows: Sequence[Credited], caused: Mapping[str, float]) -> list[str]:
    """Return credit in percent of all conversions, channels down, models across; what was caused at the right where it is known."""
    models = list(dict.fromkeys(row.model for row in rows))
    shares = {(row.model, row.channel): row.share for row in rows}
    channels = [c for c in dict.fromkeys(row.channel for row in rows) if c == NOBODY or any(shares[m, c] for m in models) or caused.get(c)]
    head = f"{'':<{NAME}}" + "".join(f"{COLUMN[m]:>6}" for m in models) + (f"{'caused':>8}" if caused else "")
    lines = [head, "-" * len(head)]
    for name in channels:
        line = f"{_cut(name):<{NAME}}" + "".join(f"{round(100 * shares[m, name], 1) + 0.0:>6.1f}" for m in models)
        lines.append((line + (f"{100 * caused[name]:>8.1f}" if name in caused else "")).rstrip())
    return lines


def truth_table(found: "Attribution") -> list[str]:
    """Return cost, conversions caused and contribution per unit of money: credited, on average and at the margin."""
    known = {(t.channel, t.quantity): t for t in found.truths}
    last = {row.channel: row.per_euro for row in found.credits if row.model == "last"}
    line = f"{{:<{NAME}}}{{:>10}} {{:>22}} {{:>8}} {{:>8}} {{:>9}} {{:>17}}".format
    lines = [line("", "cost", "conversions caused", "credited", "average", "marginal", "").rstrip(), "-" * 99]
    for name in dict.fromkeys(t.channel for t in found.truths):
        marginal = known[name, "marginal_contribution_per_euro"]
        numbers = (_number(known[name, "cost"].value, 0), _with_limits(known[name, "conversions_caused"], 1), _ratio(last.get(name, nan)))
        limits = "" if isnan(marginal.low) else f"({_ratio(marginal.low)} to {_ratio(marginal.high)})"
        more = (_ratio(known[name, "average_contribution_per_euro"].value), _ratio(marginal.value), limits)
        lines.append(line(_cut(name), *numbers, *more).rstrip())
    currency = found.world.money.currency
    return [*lines, f"credited (by last), average (holdout), marginal (one {currency} less today): contribution per {currency} of the channel's variable cost."]


def _notes(found: "Attribution") -> list[str]:
    said: dict[str, list[str]] = {}
    for row in found.truths:
        if row.quantity == "marginal_contribution_per_euro" and row.note:
            said.setdefault(row.note, []).append(row.channel)
    return [f"{', '.join(names)}: {note}." for note, names in said.items()]


def lift_table(found: "Attribution") -> list[str]:
    """Return the share exposed before converting, the naive lift and the true one."""
    known = {(t.channel, t.quantity): t for t in found.truths}
    line = f"{{:<{NAME}}}{{:>10}} {{:>13}} {{:>13}} {{:>22}}".format
    lines = [line("", "exposed", "naive lift", "true lift", "95 % interval")]
    lines.append("-" * len(lines[0]))
    for name in dict.fromkeys(t.channel for t in found.truths):
        share, naive, true = (known[name, q] for q in ("exposed", "naive_lift", "true_lift"))
        limits = "" if isnan(true.low) else f"({_percent(true.low)} to {_percent(true.high)})"
        lines.append(line(_cut(name), _percent(share.value).lstrip("+"), _percent(naive.value), _percent(true.value), limits).rstrip())
    return lines


def model_table(found: "Attribution") -> list[str]:
    """Return each model's bias, how it orders the channels, and the money that its split would misplace."""
    ranks = {(r.model, r.against): r for r in found.ranks}
    splits = {s.model: s for s in found.splits}
    line = f"{{:<{NAME}}}{{:>8}} {{:>12}} {{:>12}} {{:>12}} {{:>31}}".format
    lines = [line("", "bias", "tau caused", "tau average", "tau marginal", "profit less the best split's" if splits else "")]
    lines.append("-" * len(lines[0].rstrip()))
    for model in dict.fromkeys(row.model for row in found.credits):
        taus = [_tau(ranks[model, against]) for against in AGAINST]
        lines.append(line(model, f"{100 * bias(found.credits, model):.1f}", *taus, _misplaced(splits.get(model))).rstrip())
    known = [model for model in (NOW, "holdout", BEST) if model in splits]
    lines += [line(f"[{model}]", *[""] * 4, _misplaced(splits[model]) if model != BEST else "0").rstrip() for model in known]
    return [*lines, "bias: mean of |credit - caused| over channels, points of all conversions; tau: Kendall's (inversions/pairs)."]


def _split_notes(found: "Attribution") -> list[str]:
    if not found.splits:
        return ["No split compared: fewer than two paid channels with a cost to move."]
    best = next(s for s in found.splits if s.model == BEST)
    where = ", ".join(f"{name} {100 * share:.0f} %" for name, share in zip(found.channels, best.shares, strict=True))
    return [f"Best split found in steps of {100 / found.options.split_steps:g} %: {where}.", *caps(found.channels, found.splits)]


def caps(channels: Sequence[str], splits: Sequence[Split]) -> list[str]:
    """Return which channels some split would raise beyond the occasions there are, how far they go, and that the rest is not spent."""
    parts = []
    for k, name in enumerate(channels):
        short = [split for split in splits if split.capped(k)]
        if short:
            models = ", ".join(split.model for split in short)
            parts.append(f"{name} at {_ratio(max(split.factors[k] for split in short))} times today's, at most ({models})")
    return [f"Capped, for no more occasions exist: {'; '.join(parts)}. The money left over is not spent."] if parts else []


def verdicts(rows: Sequence[Credited], splits: Sequence[Split], currency: str) -> list[str]:
    """Return the sentences: whom last touch favours and robs beyond chance, and whether following it loses money."""
    last = [row for row in rows if row.model == "last" and not isnan(row.low)]
    over, under = max(last, key=lambda row: row.bias, default=None), min(last, key=lambda row: row.bias, default=None)
    out = []
    if over is not None and over.low > 0:
        out.append(f"The last touch gives {over.channel} {_count(over.conversions)} conversions; it caused {_count(over.conversions - over.bias)}.")
    if under is not None and under.high < 0:
        out.append(f"The last touch gives {under.channel} {_count(under.conversions)} conversions; it caused {_count(under.conversions - under.bias)}.")
    if not out:
        out.append("No channel's credit by the last touch differs from what it caused by more than chance could.")
    split = next((s for s in splits if s.model == "last"), None)
    if split is not None:
        known = f"{currency} {abs(split.misplaced):,.0f} ({_money(-split.high)} to {_money(-split.low)}) a replication against the best split found"
        out.append(
            f"Following it would lose {known}." if split.high < 0 else f"That following it loses money is not shown: the difference is {_misplaced(split)}."
        )
    return out


def bias(rows: Sequence[Credited], model: str) -> float:
    """Return the mean over channels of |credit - caused|, as a share of all conversions."""
    mine = [row for row in rows if row.model == model]
    total = sum(row.conversions for row in mine)
    sizes = [abs(row.bias) for row in mine if row.channel != NOBODY and (row.bias or row.conversions)]
    return sum(sizes) / len(sizes) / total if sizes and total else nan


def _misplaced(split: Split | None) -> str:
    return "" if split is None else f"{_money(split.misplaced)} ({_money(split.low)} to {_money(split.high)})"


def _tau(rank: Rank) -> str:
    return "-" if isnan(rank.tau) else f"{rank.tau:+.2f} ({rank.inversions}/{rank.pairs})"


def _with_limits(row: Truth, digits: int) -> str:
    return f"{_number(row.value, digits)} ({_number(row.low, digits)} to {_number(row.high, digits)})"


def _number(value: float, digits: int) -> str:
    return "-" if isnan(value) else f"{round(value, digits) + 0.0:,.{digits}f}"


def _ratio(value: float) -> str:
    return _number(value, 2 if abs(value) < 9.995 else 1 if abs(value) < 99.95 else 0)


def _count(value: float) -> str:
    return f"{value + 0.0:,.0f}" if abs(value) >= 9.95 else f"{value:,.1f}"


def _money(value: float) -> str:
    return f"{round(value) + 0:,}"


def _percent(value: float) -> str:
    return "-" if isnan(value) else f"{100 * value:+.0f} %" if abs(value) >= 0.1 else f"{round(100 * value, 1) + 0.0:+.1f} %"


def _cut(name: str) -> str:
    return name if len(name) < NAME else name[: NAME - 4] + "..."
