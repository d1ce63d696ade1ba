"""The study in plain text, at most 100 columns."""

from math import isfinite, isnan
from typing import TYPE_CHECKING

from sim.language import current
from sim.studies.ab import verdict
from sim.studies.ab.lessons import AA, Peek
from sim.studies.ab.question import Question

if TYPE_CHECKING:
    from sim.studies.ab.analysis import Estimate, Finding
    from sim.studies.ab.study import Falses, Peeking, Power, Test

WIDTH = 100


def test(result: "Test") -> str:
    """Return a test: the split, the analyst's findings, the looks, the power, the truth, and what may be said."""
    question = result.question
    lines = [_head(result.name, question), _text("exposed", customers=current().count(result.exposed), since=_since(question)), ""]
    for s in result.splits:
        counts = " / ".join(map(current().count, s.counts))
        lines.append(_text("split", of=current().note(s.of), counts=counts, p=current().exactly(s.p, 2), alarm=_text("alarm") if s.alarms else ""))
    lines += ["", _text("sees")]
    row = "{:<22} {:<10} {:>7} {:>9} {:>9} {:>10} {:>20} {:>6}".format
    lines += [row(_text("metric"), _text("arm"), "n", _text("control"), _text("arm"), _text("difference"), _interval_at(1 - question.alpha), "p"), "-" * WIDTH]
    for finding in result.findings:
        lines += _finding(row, finding)
    for arm, looks in result.looks.items():
        lines += ["", _text("looks", arm=arm, looks=question.looks, metric=question.metrics[0], boundary=question.boundary, what=verdict.stopped(looks))]
    lines += ["", *(_true(result) if result.truths else [_text("left_out")])]
    lines += ["", *_planned(result)]
    first = [finding for finding in result.findings if finding.metric == question.metrics[0]]
    lines += ["", *(verdict.analyst(finding, result.splits, question.alpha) for finding in first)]
    lines += [verdict.beside(truth) for truth in result.truths]
    return _folded(lines)


def _true(result: "Test") -> list[str]:
    row = "{:<24} {:<10} {:>10} {:>22} {:>10} {:>14}".format
    lines = [_text("true", runs=result.question.replications)]
    lines += [row(*map(_text, ("metric", "arm", "effect", "plain_interval", "tests_say", "hold"))), "-" * WIDTH]
    for t in result.truths:
        held = _text("held", number=t.covered, all=t.replications)
        lines.append(row(_cut(t.metric, 24), _cut(t.arm, 10), _number(t.effect), _span(t.low, t.high), _number(t.estimate), held))
    return lines


def falses(result: "Falses") -> str:
    """Return A/A tests: rejections beside their band."""
    lines = [_head(result.name, result.question), _text("aa", splits=current().count(result.question.splits)), ""]
    return _folded([*lines, *(_false(one) for one in result.metrics)])


def peeks(result: "Peeking") -> str:
    """Return false alarms at the last look, by rule, and what naive peeking costs look by look."""
    question = result.question
    last = max((peek.look for peek in result.peeks), default=0)
    row = "{:<18} {:>14} {:>14} {:>20}".format
    lines = [_head(result.name, question), _text("nothing", looks=last, metric=question.metrics[0]), ""]
    lines += [row(_text("rule"), _text("exact"), _text("simulated"), _interval_at(0.95)), "-" * 69]
    lines += [_peek(row, peek) for peek in result.peeks if peek.look == last]
    lines += ["", _text("naive", shares=", ".join(_percent(peek.exact) for peek in result.peeks if peek.rule == "naive" and peek.look <= 10))]
    return _folded(lines)


def power(result: "Power") -> str:
    """Return the power at the total effect by formula, and as a share of simulated tests."""
    row = "{:<24} {:<10} {:>7} {:>11} {:>9} {:>10} {:>20}".format
    lines = [_head(result.name, result.question), _text("power", runs=result.question.replications), ""]
    lines += [row(_text("metric"), _text("arm"), "n", _text("effect"), _text("formula"), _text("simulated"), _interval_at(0.95)), "-" * 97]
    for k, (plan, truth) in enumerate(zip(result.plans, result.truths, strict=True)):
        share, low, high = result.simulated(k)
        span = current().range(_percent(low), _percent(high))
        formula = _percent(result.by_formula[k])
        lines.append(row(_cut(plan.metric, 24), _cut(plan.arm, 10), plan.n, _number(truth.effect), formula, _percent(share), span))
    return _folded([*lines, "", *_planned(result)])


def _planned(result: "Test | Power") -> list[str]:
    wanted = result.question.power
    out = []
    for plan in result.plans:
        if isnan(plan.power):
            continue
        need = _text("needed", number=current().count(plan.needed)) if isfinite(plan.needed) else _text("impossible")
        seen = _text("detects", n=current().count(plan.n), size=_number(plan.detectable)) if isfinite(plan.detectable) else ""
        known = {"metric": plan.metric, "arm": plan.arm, "lift": _number(plan.lift), "need": need, "power": current().percent(wanted), "seen": seen}
        out.append(_text("plan", formula=current().note(plan.formula), **known))
    return out


def _finding(row: "object", finding: "Finding") -> list[str]:
    assert callable(row)
    n = finding.n_control + finding.n_arm
    levels = _number(finding.control), _number(finding.treated)
    plain, cuped = finding.plain, finding.cuped
    out = [row(_cut(finding.metric, 22), _cut(finding.arm, 10), n, *levels, _number(plain.difference), _interval(plain), _p(plain.p))]
    if not isnan(cuped.difference):
        out.append(row(_text("cuped", kept=current().number(finding.kept, 2)), "", "", "", "", _number(cuped.difference), _interval(cuped), _p(cuped.p)))
    return out + ([_text("note", note=current().note(finding.note))] if finding.note else [])


def _false(one: AA) -> str:
    low, high = one.band
    right = low <= one.rejected <= high and one.distance <= one.allowed
    say = current()
    counts = {"rejected": say.count(one.rejected), "tests": say.count(len(one.p)), "low": say.count(low), "high": say.count(high), "alarms": one.srm_alarms}
    shape = {"alpha": say.exactly(one.alpha), "distance": say.number(one.distance, 3), "allowed": say.number(one.allowed, 3)}
    return _text("rejected", metric=one.metric, verdict=_text("right" if right else "wrong"), **counts, **shape)


def _peek(row: "object", peek: Peek) -> str:
    assert callable(row)
    span = current().range(_percent(peek.low), _percent(peek.high))
    return str(row(peek.rule, _text("at_most") if isnan(peek.exact) else _percent(peek.exact), _percent(peek.simulated), span))


def _head(name: str, question: Question) -> str:
    return _text("head", name=name, exposure=_exposure(question))


def _exposure(question: Question) -> str:
    return _text("arrival") if question.stage is None else _text("first_entry", stage=question.stage)


def _since(question: Question) -> str:
    start = current().exactly(question.start)
    return _text("from", start=start) if question.end is None else _text("from_to", start=start, end=current().exactly(question.end))


def _folded(lines: list[str]) -> str:
    from textwrap import wrap

    return "\n".join(part for line in lines for part in ([line] if len(line) <= WIDTH else wrap(line, WIDTH, subsequent_indent="  ")))


def _cut(text: str, size: int) -> str:
    return text if len(text) <= size else f"{text[: size - 3]}..."


def _interval(estimate: "Estimate") -> str:
    return _span(estimate.low, estimate.high)


def _span(low: float, high: float) -> str:
    return "" if isnan(low) or isnan(high) else current().range(_number(low), _number(high))


def _number(value: float) -> str:
    return "-" if isnan(value) else current().number(value, 0 if abs(value) >= 1000 else 1 if abs(value) >= 10 else 4)


def _p(p: float) -> str:
    return "" if isnan(p) else current().signs("<.001" if p < 0.001 else f"{p:.3f}")


def _percent(share: float) -> str:
    return current().share(share, 2)


def _interval_at(level: float) -> str:
    return _text("interval", level=current().percent(level))


def _text(key: str, **values: object) -> str:
    return current().text(f"ab.{key}", **values)
