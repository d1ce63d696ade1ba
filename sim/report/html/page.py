"""The page: one file that needs nothing else, made of its sections."""

import base64
import hashlib
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path

from sim.files import write_text
from sim.language import current
from sim.report.html.element import Element, Raw, el
from sim.report.html.report import Report
from sim.report.html.sections import ILLUSTRATED, SECTIONS
from sim.report.words import customers, spoken

Section = Callable[[Report], Iterator[Element]]
NAME = "report.html"


def write(report: Report, folder: Path) -> Path:
    """Write the report into the folder and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / NAME, f"<!doctype html>\n{page(report)}\n")
    return folder / NAME


def page(report: Report) -> Element:
    """Return the whole page."""
    say = current()
    order = [*(name for name in SECTIONS if name not in ILLUSTRATED), *ILLUSTRATED]
    found = {name: list(SECTIONS[name](report)) for name in order}
    made = {name: found[name] for name in SECTIONS if found[name]}
    parts = [_section(name, inside) for name, inside in made.items()]
    head = el("header", {}, el("p", {"class": "brand"}, "polku"), el("h1", {}, _title(report)), el("p", {"class": "source"}, _source(report)))
    main = el("main", {"id": "content"}, head, _toggles(report), parts)
    skip = el("a", {"class": "skip", "href": "#content"}, say.text("report.skip"))
    foot = el("footer", {}, el("p", {}, say.text("report.foot")))
    body = el("body", {}, skip, el("div", {"class": "page"}, _contents(list(made)), main), foot, el("script", {}, Raw(_packaged("script.js"))))
    return el("html", {"lang": say.code}, _head(_title(report)), body)


def _head(title: str) -> Element:
    digest = base64.b64encode(hashlib.sha256(_packaged("script.js").encode("utf-8")).digest()).decode("ascii")
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    return el(
        "head",
        {},
        el("meta", {"charset": "utf-8"}),
        el("meta", {"http-equiv": "Content-Security-Policy", "content": policy}),
        el("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        el("meta", {"name": "color-scheme", "content": "light dark"}),
        el("meta", {"name": "referrer", "content": "no-referrer"}),
        el("title", {}, f"{title} - polku"),
        el("style", {}, Raw(_packaged("style.css")), _map_style()),
    )


def _map_style() -> Raw | None:
    from sim.report.map import current_state

    return Raw(current_state.STYLE)


def _contents(names: list[str]) -> Element:
    say = current()
    links = [el("li", {}, el("a", {"href": f"#{name}"}, say.text(f"report.sections.{name}"))) for name in names]
    return el("nav", {"class": "contents", "aria-label": say.text("report.contents")}, el("h2", {}, say.text("report.contents")), el("ol", {}, links))


def _section(name: str, inside: list[Element]) -> Element:
    title = el("h2", {"id": f"{name}-title"}, current().text(f"report.sections.{name}"))
    return el("section", {"id": name, "aria-labelledby": f"{name}-title"}, title, inside)


def _toggles(report: Report) -> Element | None:
    """Return boxes that show and hide personas; the script shows the boxes, without it every persona stands there."""
    if not report.personas or not report.run.found:
        return None
    boxes = [_toggle(k, name) for k, name in enumerate(report.personas)]
    return el("fieldset", {"id": "personas", "hidden": True}, el("legend", {}, current().text("report.personas")), boxes)


def _toggle(number: int, name: str) -> Element:
    box = el("input", {"type": "checkbox", "checked": True, "value": number, "autocomplete": "off"})
    return el("label", {}, box, el("span", {"class": f"dot persona{number % 8}"}), spoken(name))


def _title(report: Report) -> str:
    names = [spoken(run.name) if run.provenance["seed"] is not None else run.name for run in report.runs]
    if len(names) == 1:
        return current().text("report.title", name=names[0])
    return current().text("report.title_compared", name=names[0], others=", ".join(names[1:]))


def _source(report: Report) -> str:
    of = report.run.provenance
    say = current()
    parts = [customers(int(of["customers"])), say.plural("numbers.days", report.run.terms.horizon)]
    if of["seed"] is not None:
        parts.append(say.text("report.seed", seed=of["seed"]))
    if int(of["replications"]) > 1:
        parts.append(say.text("report.replications", number=say.count(int(of["replications"]))))
    return " · ".join(parts)


def _packaged(name: str) -> str:
    return files("sim.report.html").joinpath(name).read_text(encoding="utf-8")
