"""An estimate as a world in YAML, counts and standard errors beside its numbers."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sim.calibration import gaps
from sim.calibration.estimate import Estimate, Number, Stage
from sim.files import write_text
from sim.model import check
from sim.model.world import World

Place = tuple[str, ...]
PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*( [A-Za-z0-9_]+)*")
WORDS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"}  # which YAML reads as something else
SMALLEST = 1e-6


def write(found: Estimate, folder: str | Path, name: str = "from_log", said: tuple[str, ...] = ()) -> Path:
    """Write the world as ``folder/name.yaml`` in one piece and return the path; ``said`` goes into the comment on top.

    The world runs with ``polku -cd folder -cn name``. Raise `ConfigError` if the estimate makes no world.
    """
    raw = plain(found)
    check.world(raw)
    head = [f"# {line}" for text in (f"A world estimated from an event log; day 0 is {found.day_zero}.", *said, *found.notes) for line in text.splitlines()]
    text = "\n".join(["defaults: [base, _self_]", "", *head, "", *lines(raw, comments(found))]) + "\n"
    target = Path(folder) / f"{name}.yaml"
    target.parent.mkdir(parents=True, exist_ok=True)
    write_text(target, text)
    return target


def world(found: Estimate) -> World:
    """Return the checked world of an estimate."""
    return check.world(plain(found))


def plain(found: Estimate) -> dict[str, Any]:
    """Return the world as plain data, probabilities rounded to six decimals that sum to 1."""
    raw: dict[str, Any] = {
        "customers": found.customers,
        "arrivals": {"days": _short(found.arrival_days), "shape": "uniform"},
        "horizon": _short(found.days),
        "stages": {stage.name: part for stage, part in zip(found.stages, _stages(found), strict=True)},
        "personas": _personas(found),
    }
    if found.channels:
        raw["channels"] = {
            channel.name: {"share": {stage: _down(number.value) for stage, number in channel.share.items()}, "engage": round(channel.engage.value, 6)}
            for channel in found.channels
        }
    return raw


def comments(found: Estimate) -> dict[Place, str]:
    """Return what stands beside each number, by path."""
    out: dict[Place, str] = {("horizon",): "days from the first to the last event of the log"}
    out["arrivals",] = "first events; their days in the log are not kept"
    for stage in found.stages:
        out.update({("stages", stage.name, *path): text for path, text in _about_stage(stage)})
    for channel in found.channels:
        out.update({("channels", channel.name, "share", stage): _counted(number) for stage, number in channel.share.items()})
        out["channels", channel.name, "engage"] = _counted(channel.engage)
        out["channels", channel.name] = "a log doesn't say what it costs, nor what it does: media, cost and odds are for you to add"
    for persona in found.personas:
        out["personas", persona.name, "share"] = _counted(persona.share)
        if persona.value:
            out["personas", persona.name, "revenue", "value"] = f"{persona.value.gaps:,} orders, mean se {persona.value.mean_se:.2g}"
    return out


def _stages(found: Estimate) -> Iterator[dict[str, Any]]:
    entries = _summing({stage.name: stage.entry.value for stage in found.stages if stage.entry.seen})
    for stage in found.stages:
        if stage.gap is None:
            yield {"kind": stage.kind}
            continue
        part: dict[str, Any] = {"kind": stage.kind}
        if stage.name in entries:
            part["entry"] = entries[stage.name]
        part["next"] = _summing({name: number.value for name, number in stage.next.items()})
        part["gap"] = _spread(stage.gap)
        if stage.order:
            part["order"] = {name: round(number.value, 6) for name, number in stage.order.items()}
        yield part


def _personas(found: Estimate) -> dict[str, Any]:
    shares = _summing({persona.name: persona.share.value for persona in found.personas})
    parts: dict[str, Any] = {name: {"share": share} for name, share in shares.items()}
    for persona in found.personas:
        if persona.value:
            parts[persona.name]["revenue"] = {"model": "orders", "value": _spread(persona.value)}
    return parts


def _spread(fit: gaps.Fit) -> dict[str, Any]:
    if fit.family in ("fixed", "exponential"):
        return {"family": fit.family, "mean": _short(fit.mean)}
    return {"family": fit.family, "mean": _short(fit.mean), "cv": min(_short(fit.cv), gaps.MOST_CV)}


def _summing(shares: Mapping[str, float]) -> dict[str, float]:
    """Round to six decimals, nothing positive to 0; the largest takes what is left."""
    rounded = {name: max(round(share, 6), SMALLEST) for name, share in shares.items() if share > 0}
    largest = max(rounded, key=lambda name: rounded[name])
    rounded[largest] = round(1 - sum(share for name, share in rounded.items() if name != largest), 6)
    return rounded


def _down(share: float) -> float:
    return int(share * 1e6) / 1e6


def _short(value: float) -> float:
    return float(f"{value:.6g}")


def _counted(number: Number) -> str:
    return f"{number.seen:,} (se {number.se:.2g})"


def _about_stage(stage: Stage) -> Iterator[tuple[Place, str]]:
    if stage.hidden:
        yield (), "leaves no event in a log" if stage.gap else "unseen: who never came back"
    if stage.entry.seen:
        yield ("entry",), _counted(stage.entry)
    for name, number in stage.next.items():
        unseen = stage.gap is not None and not number.seen
        yield ("next", name), f"estimated, not seen (se {number.se:.2g})" if unseen else _counted(number)
    if stage.gap is not None and not stage.gap.gaps:
        yield ("gap",), "none seen: that of all stages"
    elif stage.gap is not None:
        yield ("gap",), f"{stage.gap.gaps:,} gaps, {stage.gap.open:,} open; mean se {stage.gap.mean_se:.2g}; Kolmogorov distance {stage.gap.distance:.3f}"
    if stage.order:
        yield ("order",), ", ".join(f"{name}: {_counted(number)}" for name, number in stage.order.items())


def lines(node: Mapping[str, Any], beside: Mapping[Place, str], at: Place = ()) -> Iterator[str]:
    """Yield plain data as lines of YAML, with what stands beside each path as a comment."""
    indent = "  " * len(at)
    for name, value in node.items():
        path = (*at, name)
        comment = f"  # {_one_line(beside[path])}" if path in beside else ""
        if isinstance(value, Mapping) and not _flat(value, beside, path):
            yield f"{indent}{_scalar(name)}:{comment}"
            yield from lines(value, beside, path)
        else:
            yield f"{indent}{_scalar(name)}: {_flow(value)}{comment}"


def _flat(value: Mapping[str, Any], beside: Mapping[Place, str], path: Place) -> bool:
    return not any(isinstance(inner, Mapping) or (*path, name) in beside for name, inner in value.items())


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(name)}: {_flow(inner)}" for name, inner in value.items()) + "}"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return value if PLAIN.fullmatch(value) and value.lower() not in WORDS else json.dumps(value, ensure_ascii=False)
    text = repr(value)
    return text if "e" not in text or "." in text else text.replace("e", ".0e")  # YAML reads 1e-06 as text


def _one_line(text: str) -> str:
    return " ".join(text.split())
