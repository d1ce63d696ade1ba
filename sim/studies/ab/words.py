"""The study in plain text, at most 100 columns."""

from math import isfinite, isnan
from typing import TYPE_CHECKING

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
    lines = [_head(result.name, question), f"exposed: {result.exposed:,} customers, {_since(question)}", ""]
    lines += [f"split of the {s.of}: {' / '.join(f'{n:,}' for n in s.counts)}, p = {s.p:.2g}{'  ALARM' if s.alarms else ''}" for s in result.splits]
    lines += ["", "WHAT THE ANALYST SEES"]
    row = "{:<22} {:<10} {:>7} {:>9} {:>9} {:>10} {:>20} {:>6}".format
    lines += [row("metric", "arm", "n", "control", "arm", "difference", f"{1 - question.alpha:.0%} interval", "p"), "-" * WIDTH]
    for finding in result.findings:
        lines += _finding(row, finding)
    for arm, looks in result.looks.items():
        lines += ["", f"{arm}, {question.looks} looks at {question.metrics[0]}, boundary {question.boundary}: {verdict.stopped(looks)}"]
    lines += ["", *(_true(result) if result.truths else ["What is true is left out: student is true."])]
    lines += ["", *_planned(result)]
    first = [finding for finding in result.findings if finding.metric == question.metrics[0]]
    lines += ["", *(verdict.analyst(finding, result.splits, question.alpha) for finding in first)]
    lines += [verdict.beside(truth) for truth in result.truths]
    return _folded(lines)


def _true(result: "Test") -> list[str]:
    row = "{:<24} {:<10} {:>10} {:>22} {:>10} {:>14}".format
    lines = [f"WHAT IS TRUE: everybody in the arm against everybody in control, {result.question.replications} replications"]
    lines += [row("metric", "arm", "effect", "interval", "tests say", "intervals hold"), "-" * WIDTH]
    for t in result.truths:
        held = f"{t.covered} of {t.replications}"
        lines.append(row(_cut(t.metric, 24), _cut(t.arm, 10), _number(t.effect), _span(t.low, t.high), _number(t.estimate), held))
    return lines


def falses(result: "Falses") -> str:
    """Return A/A tests: rejections beside their band."""
    lines = [_head(result.name, result.question), f"A/A: nobody is treated; {result.question.splits:,} splits of the same customers", ""]
    return _folded([*lines, *(_false(one) for one in result.metrics)])


def peeks(result: "Peeking") -> str:
    """Return false alarms at the last look, by rule, and what naive peeking costs look by look."""
    question = result.question
    last = max((peek.look for peek in result.peeks), default=0)
    row = "{:<18} {:>14} {:>14} {:>20}".format
    lines = [_head(result.name, question), f"Nothing differs, and somebody looks {last} times at {question.metrics[0]}. False alarms:", ""]
    lines += [row("rule", "exact", "simulated", "95% interval"), "-" * 69]
    lines += [_peek(row, peek) for peek in result.peeks if peek.look == last]
    lines += ["", f"Naive, by look (exact): {', '.join(_percent(peek.exact) for peek in result.peeks if peek.rule == 'naive' and peek.look <= 10)}"]
    return _folded(lines)


def power(result: "Power") -> str:
    """Return the power at the total effect by formula, and as a share of simulated tests."""
    row = "{:<24} {:<10} {:>7} {:>11} {:>9} {:>10} {:>20}".format
    lines = [_head(result.name, result.question), f"Power at the total effect; simulated: {result.question.replications} tests", ""]
    lines += [row("metric", "arm", "n", "effect", "formula", "simulated", "95% interval"), "-" * 97]
    for k, (plan, truth) in enumerate(zip(result.plans, result.truths, strict=True)):
        share, low, high = result.simulated(k)
        span = f"{_percent(low)} to {_percent(high)}"
        formula = _percent(result.by_formula[k])
        lines.append(row(_cut(plan.metric, 24), _cut(plan.arm, 10), plan.n, _number(truth.effect), formula, _percent(share), span))
    return _folded([*lines, "", *_planned(result)])


def _planned(result: "Test | Power") -> list[str]:
    wanted = result.question.power
    out = []
    for plan in result.plans:
        if isnan(plan.power):
            continue
        need = f"{plan.needed:,.0f} in control" if isfinite(plan.needed) else "more than there are"
        seen = f"; with {plan.n:,} it sees {_number(plan.detectable)}" if isfinite(plan.detectable) else ""
        out.append(f"Power: {plan.metric}, {plan.arm}: a difference of {_number(plan.lift)} needs {need} for {wanted:.0%}{seen} ({plan.formula}).")
    return out


def _finding(row: "object", finding: "Finding") -> list[str]:
    assert callable(row)
    n = finding.n_control + finding.n_arm
    levels = _number(finding.control), _number(finding.treated)
    plain, cuped = finding.plain, finding.cuped
    out = [row(_cut(finding.metric, 22), _cut(finding.arm, 10), n, *levels, _number(plain.difference), _interval(plain), _p(plain.p))]
    if not isnan(cuped.difference):
        out.append(row(f"  CUPED (var. x {finding.kept:.2f})", "", "", "", "", _number(cuped.difference), _interval(cuped), _p(cuped.p)))
    return out + ([f"  note: {finding.note}"] if finding.note else [])


def _false(one: AA) -> str:
    low, high = one.band
    right = low <= one.rejected <= high and one.distance <= one.allowed
    found = f"{one.rejected:,} of {len(one.p):,} tests at {one.alpha:g} find a difference (a right tool: {low:,} to {high:,})"
    shape = f"p values are {one.distance:.3f} from uniform (at most {one.allowed:.3f}); {one.srm_alarms} splits alarm"
    return f"{one.metric}: {found}; {shape}. {'As it should be.' if right else 'WRONG: do not trust this test.'}"


def _peek(row: "object", peek: Peek) -> str:
    assert callable(row)
    span = f"{_percent(peek.low)} to {_percent(peek.high)}"
    return str(row(peek.rule, "at most alpha" if isnan(peek.exact) else _percent(peek.exact), _percent(peek.simulated), span))


def _head(name: str, question: Question) -> str:
    return f"A/B test {name}: each arm against control, by assignment, {_exposure(question)}"


def _exposure(question: Question) -> str:
    return "from arrival" if question.stage is None else f"from the first entry into {question.stage}"


def _since(question: Question) -> str:
    return f"from day {question.start:g}" + ("" if question.end is None else f" to day {question.end:g}")


def _folded(lines: list[str]) -> str:
    from textwrap import wrap

    return "\n".join(part for line in lines for part in ([line] if len(line) <= WIDTH else wrap(line, WIDTH, subsequent_indent="  ")))


def _cut(text: str, size: int) -> str:
    return text if len(text) <= size else f"{text[: size - 3]}..."


def _interval(estimate: "Estimate") -> str:
    return _span(estimate.low, estimate.high)


def _span(low: float, high: float) -> str:
    return "" if isnan(low) or isnan(high) else f"{_number(low)} to {_number(high)}"


def _number(value: float) -> str:
    return "-" if isnan(value) else f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.4f}"


def _p(p: float) -> str:
    return "" if isnan(p) else "<.001" if p < 0.001 else f"{p:.3f}"


def _percent(share: float) -> str:
    return "-" if isnan(share) else f"{100 * share:.2f} %"
