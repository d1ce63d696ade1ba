"""A figure's SVG as elements of the page: known parts only, names of its own, colours that follow the page's."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree

from sim.report.figures import style
from sim.report.html.element import Element, el

TAGS = {"svg", "g", "path", "text", "tspan", "defs", "use", "clipPath", "rect", "title", "image", "pattern"}
KEPT = {
    "id", "class", "d", "transform", "x", "y", "width", "height", "viewBox", "clip-path", "style", "href", "points", "opacity", "fill", "stroke",
    "text-anchor", "rx", "patternUnits",
}  # fmt: skip
PERSONA, TIP = "persona-", "tip-"
_INKS = {style.INK: "ink", style.QUIET: "quiet", style.FAINT: "faint", style.GREY: "grey", style.BLUE: "blue", style.GREEN: "green"}
_INKS |= {style.VERMILION: "vermilion", style.PURPLE: "purple"} | {colour: f"persona{k}" for k, colour in enumerate(style.PERSONAS)}
_COLOUR = re.compile(r"(fill|stroke): (#[0-9a-f]{6})", re.IGNORECASE)
_PLACE = re.compile(r"url\(#([^)]*)\)")
_FONT = re.compile(r"font: ([^;]*?)'DejaVu Sans'[^;]*")
BY_COLOUR = {colour.lower(): name for colour, name in _INKS.items()}
_SIZE = re.compile(r"font-size: ([\d.]+)px")


def drawing(svg: str, name: str, alt: str) -> Element:
    """Return an SVG file as an element; ``name`` makes its ids unique on the page, ``alt`` is what a screen reader says.

    Elements and attributes that Matplotlib does not write are left out.  Raise `xml.etree.ElementTree.ParseError` if it is no SVG.
    """
    root = ElementTree.fromstring(svg.encode("utf-8"))
    wide, tall = (root.get("viewBox") or "0 0 720 403").split()[2:]
    how = {"viewBox": root.get("viewBox"), "role": "img", "aria-label": alt, "width": wide, "height": tall, "class": "drawing"}
    return el("svg", how, _children(root, name))


def finding(svg: str) -> str:
    """Return the title of an SVG figure, which is its finding: the first text in bold of the largest size, nothing without one."""
    root = ElementTree.fromstring(svg.encode("utf-8"))
    texts = [node for node in root.iter() if str(node.tag).endswith("}text") and "".join(node.itertext()).strip()]
    bold = [node for node in texts if "font-weight: 700" in node.get("style", "")]
    return "".join(max(bold, key=_size).itertext()).strip() if bold else ""


def _size(node: ElementTree.Element) -> float:
    found = _SIZE.search(node.get("style", ""))
    return float(found[1]) if found else 0.0


def _children(node: ElementTree.Element, name: str) -> Iterator[Element]:
    for child in node:
        tag = str(child.tag).rpartition("}")[2]
        if tag not in TAGS or child.get("id") == "patch_1":  # the first patch is the paper, which the page has
            continue
        attributes = dict(_attributes(child, tag, name))
        text = [child.text.strip()] if child.text and child.text.strip() else []
        if attributes or text or len(child):
            yield el(tag, attributes, text, _children(child, name))


def _attributes(node: ElementTree.Element, tag: str, name: str) -> Iterator[tuple[str, str]]:
    for raw, value in node.attrib.items():
        key = raw.rpartition("}")[2]
        if key not in KEPT:
            continue
        if key == "id":
            yield from _identity(value, tag, name)
        elif key == "href":
            if value.startswith("#"):
                yield key, f"#{name}-{value[1:]}"
        elif key in ("style", "clip-path"):
            yield key, _painted(_PLACE.sub(rf"url(#{name}-\1)", value), tag)
        else:
            yield key, value


def _identity(value: str, tag: str, name: str) -> Iterator[tuple[str, str]]:
    """Keep the ids that something refers to; those that the page works with become classes."""
    if value.startswith(PERSONA):
        yield "data-persona", value.removeprefix(PERSONA)
    elif value.startswith(TIP):
        yield "class", "tip"
    elif tag in ("clipPath", "path", "image", "pattern"):
        yield "id", f"{name}-{value}"


def _painted(text: str, tag: str) -> str:
    """Let ink follow the page's light or dark, and areas too where they are paper; other areas keep their colour, which their text was chosen for."""
    font = _FONT.sub(r"font: \1'DejaVu Sans', Verdana, sans-serif", text)
    return _COLOUR.sub(lambda found: f"{found[1]}: {_ink(found[1], found[2].lower(), tag)}", font)


def _ink(part: str, colour: str, tag: str) -> str:
    if tag != "text" and colour == "#ffffff":
        return "var(--paper)"
    if (tag == "text" or part == "stroke") and colour in BY_COLOUR:
        return f"var(--{BY_COLOUR[colour]})"
    return colour
