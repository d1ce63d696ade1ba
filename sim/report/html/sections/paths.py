"""The commonest paths: to a conversion, and into nothing."""

from collections.abc import Iterator

from sim.language import current
from sim.metrics.paths import PathCount, top
from sim.report.html.element import Element, el
from sim.report.html.report import Report
from sim.report.html.table import note
from sim.report.words import count, percent, spoken


def section(report: Report) -> Iterator[Element]:
    """Return the commonest paths of customers who converted, of those lost, and of all; nothing where events were not kept."""
    if report.came is None or report.came_way is None or not len(report.came.births):
        return
    say, found = current(), top(report.came, report.came_way)
    yield note(say.text("report.paths.note"))
    totals = _totals(report)
    for name in ("won", "lost", "all"):
        if found[name]:
            listed = _table(report, name, found[name], totals[name])
            heading = say.text(f"report.paths.{name}")
            yield from [el("h3", {}, heading), listed] if name != "all" else [el("details", {}, el("summary", {}, heading), listed)]


def _totals(report: Report) -> dict[str, int]:
    assert report.came is not None
    from sim.customers import fold

    customers = fold(report.came)
    won = customers["converted_at"] == customers["converted_at"]
    lost = customers["lost_at"] == customers["lost_at"]
    return {"all": len(customers), "won": int(won.sum()), "lost": int((lost & ~won).sum())}


def _table(report: Report, name: str, found: list[PathCount], total: int) -> Element:
    say = current()
    header = [say.text("report.paths.path"), say.text("report.paths.customers"), say.text("report.paths.share")]
    head = el("tr", {}, [el("th", {"scope": "col"}, text) for text in header])
    rows = [
        el("tr", {}, el("th", {"scope": "row"}, _way(report, one)), el("td", {}, count(one.customers)), _share(one.customers / max(1, total))) for one in found
    ]
    caption = say.text(f"report.paths.{name}_caption", number=count(total))
    listed = el("table", {"class": "data ways"}, el("caption", {}, caption), el("thead", {}, head), el("tbody", {}, rows))
    return el("div", {"class": "scroll", "tabindex": "0", "role": "region", "aria-label": caption}, listed)


def _share(share: float) -> Element:
    return el("td", {"class": "bar", "style": f"--share: {100 * share:.1f}%"}, percent(share))


def _way(report: Report, one: PathCount) -> Element:
    """Return a path as a list of its stages, each in its colour."""
    from sim.report.figures import style

    colours = dict(zip(report.run.terms.stages, style.stage_colours(report.run.terms.kinds), strict=True))
    steps = [el("li", {"style": f"background: {colours[stage]}; color: {style.on(colours[stage])}"}, spoken(stage)) for stage in one.stages]
    return el("ol", {"class": "way"}, steps, el("li", {}, "\N{HORIZONTAL ELLIPSIS}") if one.is_cut else None)
