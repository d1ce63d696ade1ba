"""What the attribution study says: tables of at most 100 columns, and sentences that are true of their numbers."""

import textwrap
from collections.abc import Mapping, Sequence
from math import isnan, nan
from typing import TYPE_CHECKING

from sim.language import current
from sim.model.world import OWN
from sim.studies.credit import AGAINST, NOBODY, Credited, Rank, Truth
from sim.studies.findings import played
from sim.studies.splits import BEST, NOW, Split

if TYPE_CHECKING:
    from sim.studies.attribution import Attribution

COLUMN = {  # how a model is called where there is little room
    "first": "first", "last": "last", "last_non_direct": "nond", "linear": "line", "time_decay": "decay", "position": "posi",
    "markov_1": "mk1", "markov_2": "mk2", "markov_3": "mk3", "shapley": "shap", "self_reported": "asked",
}  # fmt: skip
NAME, COLUMNS = 20, 100


def report(found: "Attribution") -> str:
    """Return the whole report."""
    world, asked = found.world, found.options
    lookback = _text("any_time") if asked.lookback is None else _text("lookback", days=current().exactly(asked.lookback))
    head = [
        _text("head", runs=asked.replications, **played(world)),
        _text("paths", seen=current().text(f"seen.{asked.seen}"), lookback=lookback, paths=current().note(found.paths)),
    ]
    caused = {t.channel: t for t in found.truths if t.quantity == "conversions_caused"}
    total = sum(row.conversions for row in found.credits if row.model == "last")
    shares = {name: t.value / total for name, t in caused.items()} if total else {}
    parts = [
        head,
        [_text("credit_and_truth"), *credit_table(found.credits, shares), _text("legend"), _text("caused_note")],
        [_text("what_caused"), *truth_table(found), *_notes(found)],
        [_text("lift"), *lift_table(found)],
        [_text("believing"), *model_table(found), *_split_notes(found)],
        verdicts(found.credits, found.splits, world.money.currency),
    ]
    return "\n\n".join("\n".join(line for long in part for line in wrapped(long)) for part in parts if part)


def wrapped(line: str) -> list[str]:
    """Return a line as it is, or a sentence too long for the terminal in several."""
    return [line] if len(line) <= COLUMNS else textwrap.wrap(line, COLUMNS)


def credit_table(rows: Sequence[Credited], caused: Mapping[str, float]) -> list[str]:
    """Return credit in percent of all conversions, channels down, models across; what was caused at the right where it is known."""
    models = list(dict.fromkeys(row.model for row in rows))
    shares = {(row.model, row.channel): row.share for row in rows}
    channels = [c for c in dict.fromkeys(row.channel for row in rows) if c == NOBODY or any(shares[m, c] for m in models) or caused.get(c)]
    head = f"{'':<{NAME}}" + "".join(f"{COLUMN[m]:>6}" for m in models) + (f"{_text('caused'):>9}" if caused else "")
    lines = [head, "-" * len(head)]
    for name in channels:
        line = f"{_cut(name):<{NAME}}" + "".join(f"{_number(100 * shares[m, name], 1):>6}" for m in models)
        lines.append((line + (f"{_number(100 * caused[name], 1):>9}" if name in caused else "")).rstrip())
    return lines


def truth_table(found: "Attribution") -> list[str]:
    """Return cost, conversions caused and contribution per unit of money: credited, on average and at the margin."""
    known = {(t.channel, t.quantity): t for t in found.truths}
    last = {row.channel: row.per_euro for row in found.credits if row.model == "last"}
    line = f"{{:<{NAME}}}{{:>10}} {{:>22}} {{:>8}} {{:>8}} {{:>9}} {{:>17}}".format
    lines = [line("", *map(_text, ("cost", "conversions", "credited", "average", "marginal")), "").rstrip(), "-" * 99]
    for name in dict.fromkeys(t.channel for t in found.truths):
        marginal = known[name, "marginal_contribution_per_euro"]
        numbers = (_number(known[name, "cost"].value, 0), _with_limits(known[name, "conversions_caused"], 1), _ratio(last.get(name, nan)))
        limits = "" if isnan(marginal.low) else f"({current().range(_ratio(marginal.low), _ratio(marginal.high))})"
        more = (_ratio(known[name, "average_contribution_per_euro"].value), _ratio(marginal.value), limits)
        lines.append(line(_cut(name), *numbers, *more).rstrip())
    return [*lines, _text("per_unit", currency=found.world.money.currency)]


def _notes(found: "Attribution") -> list[str]:
    said: dict[str, list[str]] = {}
    for row in found.truths:
        if row.quantity == "marginal_contribution_per_euro" and row.note:
            said.setdefault(row.note, []).append(row.channel)
    return [f"{', '.join(names)}: {current().note(note)}." for note, names in said.items()]


def lift_table(found: "Attribution") -> list[str]:
    """Return the share exposed before converting, the naive lift and the true one."""
    known = {(t.channel, t.quantity): t for t in found.truths}
    line = f"{{:<{NAME}}}{{:>10}} {{:>13}} {{:>13}} {{:>22}}".format
    lines = [line("", *map(_text, ("exposed", "naive", "true", "interval")))]
    lines.append("-" * len(lines[0]))
    for name in dict.fromkeys(t.channel for t in found.truths):
        share, naive, true = (known[name, q] for q in ("exposed", "naive_lift", "true_lift"))
        limits = "" if isnan(true.low) else f"({current().range(_percent(true.low), _percent(true.high))})"
        lines.append(line(_cut(name), _percent(share.value).lstrip("+"), _percent(naive.value), _percent(true.value), limits).rstrip())
    return lines


def model_table(found: "Attribution") -> list[str]:
    """Return each model's bias, how it orders the channels, and the money that its split would misplace."""
    ranks = {(r.model, r.against): r for r in found.ranks}
    splits = {s.model: s for s in found.splits}
    line = f"{{:<{NAME}}}{{:>8}} {{:>12}} {{:>12}} {{:>12}} {{:>31}}".format
    lines = [line("", *map(_text, ("bias", "tau_caused", "tau_average", "tau_marginal")), _text("misplaced") if splits else "")]
    lines.append("-" * len(lines[0].rstrip()))
    for model in dict.fromkeys(row.model for row in found.credits):
        taus = [_tau(ranks[model, against]) for against in AGAINST]
        lines.append(line(model, _number(100 * bias(found.credits, model), 1), *taus, _misplaced(splits.get(model))).rstrip())
    known = [model for model in (NOW, "holdout", BEST) if model in splits]
    lines += [line(f"[{model}]", *[""] * 4, _misplaced(splits[model]) if model != BEST else "0").rstrip() for model in known]
    return [*lines, _text("bias_note")]


def _split_notes(found: "Attribution") -> list[str]:
    if not found.splits:
        return [_text("no_split")]
    best = next(s for s in found.splits if s.model == BEST)
    where = ", ".join(f"{name} {current().share(share, 0)}" for name, share in zip(found.channels, best.shares, strict=True))
    return [_text("best_split", step=current().exactly(100 / found.options.split_steps), where=where), *caps(found.channels, found.splits)]


def caps(channels: Sequence[str], splits: Sequence[Split]) -> list[str]:
    """Return which channels some split would raise beyond the occasions there are, how far they go, and that the rest is not spent."""
    parts = []
    for k, name in enumerate(channels):
        short = [split for split in splits if split.capped(k)]
        if short:
            models = ", ".join(split.model for split in short)
            parts.append(_text("capped_one", channel=name, times=_ratio(max(split.factors[k] for split in short)), models=models))
    return [_text("capped", what="; ".join(parts))] if parts else []


def verdicts(rows: Sequence[Credited], splits: Sequence[Split], currency: str) -> list[str]:
    """Return the sentences: whom last touch favours and robs beyond chance, and whether following it loses money.

    Own visits are no channel that could be taken away: nobody knows what they cause.
    """
    last = [row for row in rows if row.model == "last" and row.channel != OWN and not isnan(row.low)]
    over, under = max(last, key=lambda row: row.bias, default=None), min(last, key=lambda row: row.bias, default=None)
    out = []
    if over is not None and over.low > 0:
        out.append(_said(over))
    if under is not None and under.high < 0:
        out.append(_said(under))
    if not out:
        out.append(_text("by_chance"))
    split = next((s for s in splits if s.model == "last"), None)
    if split is not None:
        lost = current().text("numbers.money", sign="", currency=currency, amount=current().number(abs(split.misplaced)))
        known = _text("known", money=lost, range=current().range(_money(-split.high), _money(-split.low)))
        out.append(_text("loses", known=known) if split.high < 0 else _text("not_shown", range=_misplaced(split)))
    return out


def _said(row: Credited) -> str:
    return _text("over_under", channel=row.channel, given=_count(row.conversions), caused=_count(row.conversions - row.bias))


def _text(key: str, **values: object) -> str:
    return current().text(f"attribution.{key}", **values)


def bias(rows: Sequence[Credited], model: str) -> float:
    """Return the mean over channels of |credit - caused|, as a share of all conversions."""
    mine = [row for row in rows if row.model == model]
    total = sum(row.conversions for row in mine)
    sizes = [abs(row.bias) for row in mine if row.channel != NOBODY and (row.bias or row.conversions)]
    return sum(sizes) / len(sizes) / total if sizes and total else nan


def _misplaced(split: Split | None) -> str:
    return "" if split is None else f"{_money(split.misplaced)} ({current().range(_money(split.low), _money(split.high))})"


def _tau(rank: Rank) -> str:
    return "-" if isnan(rank.tau) else current().signs(f"{rank.tau:+.2f} ({rank.inversions}/{rank.pairs})")


def _with_limits(row: Truth, digits: int) -> str:
    return f"{_number(row.value, digits)} ({current().range(_number(row.low, digits), _number(row.high, digits))})"


def _number(value: float, digits: int) -> str:
    return "-" if isnan(value) else current().number(round(value, digits) + 0.0, digits)


def _ratio(value: float) -> str:
    return _number(value, 2 if abs(value) < 9.995 else 1 if abs(value) < 99.95 else 0)


def _count(value: float) -> str:
    return current().number(value + 0.0, 0 if abs(value) >= 9.95 else 1)


def _money(value: float) -> str:
    return current().count(round(value) + 0)


def _percent(value: float) -> str:
    if isnan(value):
        return "-"
    said = f"{100 * value:+,.0f}" if abs(value) >= 0.1 else f"{round(100 * value, 1) + 0.0:+.1f}"
    return current().text("numbers.percent", number=current().signs(said))


def _cut(name: str) -> str:
    return name if len(name) < NAME else name[: NAME - 4] + "..."
