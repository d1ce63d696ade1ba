"""A map as a table of a page: it reads well on paper, on a phone (names of lanes stay in sight while the stages scroll), by screen reader, and in the dark."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sim.language import current
from sim.report.figures import style
from sim.report.html.element import Element, Inside, el
from sim.report.map.face import face
from sim.report.map.sheet import Card, Cell, Change, Chip, Column, Curve, Feeling, Flow, Lane, Line, Loss, Sheet
from sim.report.words import spoken

WIDE, TALL, TOP, FOOT = 220.0, 185.0, 28.0, 44.0  # of a column of the curve, in units of its drawing
STYLE = """
.map { --m-ink: var(--ink, #1a1a1a); --m-quiet: var(--quiet, #595959); --m-faint: var(--faint, #d9d9d9); --m-paper: var(--paper, #fff);
  --m-band: color-mix(in srgb, var(--m-ink) 4%, var(--m-paper)); --m-blue: var(--blue, #0072B2); --m-green: var(--green, #00785A);
  --m-vermilion: var(--vermilion, #C04F00); color: var(--m-ink); font-size: .875rem; line-height: 1.35; }
.map-scroll { overflow-x: auto; border: 1px solid var(--m-faint); border-radius: 10px; max-width: 100%; }
.map table { border-collapse: separate; border-spacing: 0; width: 100%; min-width: calc(8rem + var(--columns) * 9.2rem); table-layout: fixed; margin: 0; }
.map caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.map th, .map td { text-align: left; vertical-align: top; padding: .55rem .6rem; border: 0; font-weight: normal; }
.map tbody tr:nth-child(odd) > * { background: var(--m-band); }
.map tbody tr:nth-child(even) > * { background: var(--m-paper); }
.map .map-lane, .map .map-corner { position: sticky; left: 0; z-index: 2; width: 8rem; background: var(--m-paper); box-shadow: 1px 0 0 var(--m-faint); }
.map .map-lane { font-weight: 700; }
.map .map-lane small, .map small { display: block; font-weight: 400; font-weight: normal; color: var(--m-quiet); font-size: .78rem; }
.map .map-stage { padding: 0 .2rem .35rem 0; background: var(--m-paper); }
.map .map-stage > div { background: var(--stage); color: var(--on); padding: .55rem 1.1rem .55rem .7rem; min-height: 4.2rem;
  clip-path: polygon(0 0, calc(100% - .8rem) 0, 100% 50%, calc(100% - .8rem) 100%, 0 100%); }
.map .map-stage b { display: block; font-size: 1.05rem; }
.map .map-stage span { display: block; font-size: .8rem; }
.map p { margin: 0 0 .3rem; }
.map .map-quote { font-style: italic; }
.map .map-quiet { color: var(--m-quiet); font-size: .8rem; }
.map .map-strong, .map .map-gain, .map .map-loss { font-weight: 700; }
.map .map-gain { color: var(--m-green); }
.map .map-loss { color: var(--m-vermilion); }
.map .map-chip { position: relative; display: flex; justify-content: space-between; gap: .4rem; padding: .1rem .3rem .2rem; margin-bottom: .25rem; }
.map .map-chip i { position: absolute; left: 0; top: 0; bottom: 0; border-radius: 3px; background: color-mix(in srgb, var(--media) 28%, transparent); }
.map .map-chip u { position: absolute; left: 0; bottom: 0; height: 3px; border-radius: 2px; background: var(--media); }
.map .map-chip span { position: relative; overflow-wrap: anywhere; }
.map .map-chip span:last-child { color: var(--m-quiet); white-space: nowrap; }
.map .map-loss-point { display: grid; grid-template-columns: 1.5rem 1fr; gap: 0 .4rem; margin-bottom: .45rem; }
.map .map-rank { width: 1.35rem; height: 1.35rem; border-radius: 50%; border: 1.5px solid var(--m-vermilion); text-align: center; font-size: .78rem;
  font-weight: 700; line-height: 1.3rem; color: var(--m-vermilion); }
.map .map-rank.map-top { background: #C04F00; color: #fff; }
.map .map-bar { grid-column: 2; height: 4px; border-radius: 2px; background: var(--m-vermilion); margin-top: .15rem; }
.map .map-flow { display: grid; grid-template-columns: 7rem 1fr; align-items: center; gap: .1rem .4rem; }
.map .map-flow i { height: .6rem; border-radius: 2px; }
.map .map-change { margin-bottom: .45rem; }
.map .map-pill { display: inline-block; border-radius: 1rem; padding: 0 .5rem; font-size: .78rem; border: 1px solid var(--m-quiet); color: var(--m-quiet); }
.map .map-pill.map-is-gain { background: #0072B2; border-color: #0072B2; color: #fff; }
.map .map-pill.map-is-loss { background: #C04F00; border-color: #C04F00; color: #fff; }
.map .map-pill.map-is-plain { background: var(--m-ink); border-color: var(--m-ink); color: var(--m-paper); }
.map .map-curve { padding: 0; }
.map .map-curve svg { display: block; width: 100%; height: auto; font-family: inherit; }
.map .map-curve svg text { fill: var(--m-ink); font-size: 13px; }
.map .map-curve svg .map-small { fill: var(--m-quiet); font-size: 12px; }
.map-key { display: inline-block; width: .8rem; height: .8rem; border-radius: 2px; margin: 0 .3rem 0 .8rem; vertical-align: -.1rem; }
.map-notes { color: var(--m-quiet); font-size: .8rem; margin: .5rem 0 0; max-width: 60rem; }
.map .map-wide { --paper: #fff; --ink: #1a1a1a; --quiet: #595959; --faint: #d9d9d9; --grey: #767676; --blue: #0072b2; --green: #00785a; --vermilion: #c04f00;
  --persona0: #0072b2; --persona1: #c04f00; --persona2: #00785a; --persona7: #595959; background: #fff; }
.map .map-wide > svg { min-width: 56rem; max-width: none; }
.map .map-pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)); gap: 1rem; margin-top: 1rem; }
.map table.map-steps { min-width: 0; table-layout: auto; }
.map .map-steps th { font-weight: 700; }
.map .map-steps td, .map .map-steps th { padding: .25rem .6rem; }
.map .map-steps td:first-child { white-space: nowrap; }
.map .map-steps td:last-child { text-align: right; }
.map-card { display: flex; flex-wrap: wrap; gap: .4rem 1.2rem; align-items: center; border-radius: 10px;
  background: color-mix(in srgb, var(--m-blue) 9%, var(--m-paper));
  padding: .7rem 1rem; margin-bottom: .7rem; }
.map-card svg { width: 3rem; height: 3rem; flex: none; }
.map-card b { display: block; font-size: 1.1rem; }
.map-card div { flex: 1 1 9rem; max-width: 15rem; }
@media (max-width: 40rem) { .map .map-lane, .map .map-corner { width: 6.9rem; } .map table { min-width: calc(6.9rem + var(--columns) * 10.5rem); }
  .map th, .map td { padding: .45rem .45rem; } .map .map-lane small { font-size: .72rem; } }
@media print { .map-scroll { overflow: visible; border: 0; } .map table { min-width: 0; font-size: 8pt; } .map .map-lane { position: static; }
  .map * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
"""
MEDIA = {"paid": "var(--m-vermilion)", "owned": "var(--m-blue)", "earned": "var(--m-green)"}


def section(whole: Sheet) -> Element:
    """Return the map as one element: card, table, legend and how to read it; the page has the heading."""
    table = el("table", {"style": f"--columns: {len(whole.columns)}"}, el("caption", {}, whole.title), _head(whole.columns), el("tbody", {}, _rows(whole)))
    scroll = el("div", {"class": "map-scroll", "tabindex": "0", "role": "region", "aria-label": whole.title}, table)
    notes = [el("p", {"class": "map-notes"}, note) for note in whole.notes]
    return el("div", {"class": "map"}, _card(whole.card) if whole.card else None, scroll, _legend() if chips(whole.lanes) else None, notes)


def _head(columns: tuple[Column, ...]) -> Element:
    corner = el("td", {"class": "map-corner"})
    return el("thead", {}, el("tr", {}, corner, [_stage(column) for column in columns]))


def _stage(column: Column) -> Element:
    colours = f"--stage: {column.colour}; --on: {style.on(column.colour)}"
    inner = el("div", {"style": colours}, el("b", {}, column.name), [el("span", {}, _joined(line)) for line in column.lines])
    return el("th", {"scope": "col", "class": "map-stage"}, inner)


def _rows(whole: Sheet) -> Iterator[Element]:
    for lane in whole.lanes:
        name = el("th", {"scope": "row", "class": "map-lane"}, lane.name, el("small", {}, lane.hint) if lane.hint else None)
        if isinstance(lane, Curve):
            yield el("tr", {}, name, el("td", {"colspan": len(whole.columns), "class": "map-curve"}, curve(lane, whole.columns)))
        elif lane.across:
            yield el("tr", {}, name, el("td", {"colspan": len(whole.columns)}, cells(lane.across)))
        else:
            yield el("tr", {}, name, [el("td", {}, cells(cell)) for cell in lane.cells])


def cells(cell: Cell) -> list[Element]:
    """Return what a cell holds as elements."""
    return [_WRITTEN[type(item)](item) for item in cell]


def _joined(text: str) -> str:
    return text.replace(" %", "\u00a0%")  # a percent sign never begins a line


def _line(line: Line) -> Element:
    return el("p", {"class": None if line.tone == "plain" else f"map-{line.tone}"}, _joined(line.text))


def _chip(chip: Chip) -> Element:
    wide = 100 * chip.length
    bar = el("i", {"style": f"width: {max(1.0, wide):.1f}%"})
    engaged = el("u", {"style": f"width: {wide * chip.engaged:.1f}%"})
    how = {"class": "map-chip", "style": f"--media: {MEDIA.get(chip.media, 'var(--m-quiet)')}", "title": chip.said}
    return el("div", how, bar, engaged, el("span", {}, chip.label), el("span", {}, current().percent(chip.share)))


def _loss(loss: Loss) -> Element:
    rank = el("span", {"class": "map-rank map-top" if loss.rank <= 3 else "map-rank"}, str(loss.rank))
    bar = el("div", {"class": "map-bar", "style": f"width: {max(1.0, 100 * loss.part):.1f}%"})
    if not loss.money:
        return el("div", {"class": "map-loss-point"}, rank, el("div", {}, _joined(loss.text)))
    return el("div", {"class": "map-loss-point"}, rank, el("div", {}, _joined(loss.text), el("small", {}, loss.money)), bar)


def _flow(flow: Flow) -> Element:
    def bar(part: float, colour: str) -> Element:
        return el("i", {"style": f"width: {max(0.5, 100 * part):.1f}%; background: var(--m-{colour})"})

    came, went = el("span", {}, flow.came_said), el("span", {}, flow.went_said)
    return el("div", {"class": "map-flow"}, came, bar(flow.came, "green"), went, bar(flow.went, "vermilion"))


def _change(change: Change) -> Element:
    said = f"{change.name} {change.before} \u2192 {change.after}".strip()
    kind = f"map-pill map-is-{change.tone}" if change.tone in ("gain", "loss", "plain") else "map-pill"
    return el("div", {"class": "map-change"}, el("div", {}, said), el("span", {"class": kind}, change.difference))


_WRITTEN: dict[type, Callable[[Any], Element]] = {Line: _line, Chip: _chip, Loss: _loss, Flow: _flow, Change: _change}


def curve(lane: Curve, columns: tuple[Column, ...]) -> Element:
    """Return the lane of feelings as a drawing with a sentence a stage for those who can't see it."""
    shown = [one for one in (*lane.feelings, *lane.before) if one is not None]
    least, most = min(0.0, *(one.least for one in shown)), max(0.0, *(one.most for one in shown))

    def height(value: float) -> float:
        return TOP + (most - value) / (most - least) * (TALL - TOP - FOOT)

    alt = "; ".join(f"{column.name}: {one.said}" for column, one in zip(columns, lane.feelings, strict=True) if one is not None)
    parts: list[Inside] = [el("line", {"x1": 0, "x2": WIDE * len(columns), "y1": f"{height(0):.1f}", "y2": f"{height(0):.1f}", "stroke": "var(--m-faint)"})]
    for feelings, dashed in ((lane.before, True), (lane.feelings, False)):
        known = [(WIDE * (place + 0.5), one) for place, one in enumerate(feelings) if one is not None]
        parts += _line_of(known, height, dashed=dashed) if known else []
    for place, one in enumerate(lane.feelings):
        if one is not None:
            x, y = WIDE * (place + 0.5), height(one.median)
            parts += [face(x, y, 11, 3 * one.median), el("text", {"x": x, "y": f"{y - 17:.1f}", "text-anchor": "middle", "font-weight": 700}, one.said)]
            how = {"x": x, "text-anchor": "middle", "class": "map-small"}
            parts += [el("text", {**how, "y": TALL - 6 - 16 * line}, said) for line, said in enumerate(reversed(one.detail))]
    parts += [el("text", {"x": 4, "y": f"{height(value) + shift:.1f}", "class": "map-small"}, said) for value, shift, said in _scale(least, most)]
    parts.append(el("text", {"x": WIDE * len(columns) - 6, "y": 14, "text-anchor": "end", "class": "map-small"}, _key(lane)))
    box = f"0 0 {WIDE * len(columns):g} {TALL:g}"
    return el("svg", {"viewBox": box, "role": "img", "aria-label": f"{lane.name}: {alt}"}, parts)


def _key(lane: Curve) -> str:
    said = [current().text(f"map.feel.{kind}", what=what) for kind, what in zip(("line", "dashed", "bands"), lane.keys, strict=False) if what]
    return " · ".join(said)


def _scale(least: float, most: float) -> Iterator[tuple[float, float, str]]:
    yield 0.0, -4.0, "0"
    for value in (least, most):
        if abs(value) > 0.15 * (most - least):
            yield value, 4.0, current().number(value, 1)


def _line_of(known: list[tuple[float, Feeling]], height: Callable[[float], float], *, dashed: bool) -> list[Inside]:
    def area(low: str, high: str, share: float) -> Element:
        over = [f"{x:.0f},{height(getattr(one, high)):.1f}" for x, one in known]
        under = [f"{x:.0f},{height(getattr(one, low)):.1f}" for x, one in reversed(known)]
        return el("polygon", {"points": " ".join(over + under), "fill": "var(--m-blue)", "fill-opacity": share})

    points = " ".join(f"{x:.0f},{height(one.median):.1f}" for x, one in known)
    ink, dashes = ("var(--m-quiet)", "7 5") if dashed else ("var(--m-blue)", None)
    how = {"points": points, "fill": "none", "stroke-width": 3, "stroke": ink, "stroke-dasharray": dashes}
    return [*([] if dashed else [area("least", "most", 0.13), area("low", "high", 0.25)]), el("polyline", how)]


def chips(lanes: Iterable[Lane | Curve | None]) -> bool:
    """Return whether any lane shows touchpoints as bars, which want a legend."""
    return any(isinstance(item, Chip) for lane in lanes if isinstance(lane, Lane) for cell in lane.cells for item in cell)


def _legend() -> Element:
    keys = [part for media, colour in MEDIA.items() for part in (el("span", {"class": "map-key", "style": f"background: {colour}"}), spoken(media))]
    return el("p", {"class": "map-notes"}, current().text("map.legend"), keys)


def _card(card: Card) -> Element:
    picture = el("svg", {"viewBox": "0 0 40 40", "aria-hidden": "true"}, face(20, 20, 17, 0.7))
    facts = [el("div", {}, el("small", {}, name), said) for name, said in card.facts]
    return el("div", {"class": "map-card"}, picture, el("div", {}, el("b", {}, card.name), card.line), facts)

