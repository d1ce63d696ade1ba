"""What the tests of the page share: its parts, as a reader without a browser finds them, and names that try to be more than names."""

from html.parser import HTMLParser
from typing import Any

from sim.model.check import world
from sim.studies.run import Result, simulate

NAMES = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "javascript:alert(3)",
    "]]><svg onload=alert(4)>",
    "{{7*7}}${7*7}<%= 7 %>",
    "a & b &lt; c &#60; d",
    "it's `quoted` \\ \"twice\"",
    "😀 👩‍👩‍👧",
    "مرحبا שלום",
    "日本語\u00a0の名前",
    "very_long_" * 5 + "name",
    "--><!-- </style></title>",
)  # twelve; none has . = , [ ] { } at its start, which names of a world can't have
EVERYTHING = ("answer", "key_figures", "plan", "journey_map", "funnel", "flow", "paths", "channels", "churn", "clv", "queues", "linearity")
ABOUT = ("assumptions", "model", "again")


class Page(HTMLParser):
    """The parts of a page: sections with their texts, attributes, figures with what they say and whether a table stands beside them."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.sections: dict[str, str] = {}
        self.figures: list[dict[str, Any]] = []
        self.texts: list[str] = []
        self.headings: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag with its attributes."""
        found = {name: value or "" for name, value in attrs}
        self.attributes += [(tag, name, value) for name, value in found.items()]
        if tag not in ("meta", "br", "input"):
            self.open.append(tag)
        if tag == "section":
            self.sections[found["id"]] = ""
        if tag == "figure":
            self.figures.append({"alt": "", "tables": 0})
        if tag == "svg" and "figure" in self.open:
            self.figures[-1]["alt"] = found.get("aria-label", "")
        if tag == "table" and "figure" in self.open:
            self.figures[-1]["tables"] += 1
        if tag in ("h1", "h2", "h3"):
            self.headings.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Check that tags close in order."""
        assert self.open.pop() == tag, f"</{tag}> closes what it did not open"

    def handle_data(self, data: str) -> None:
        """Note a text."""
        if self.open and self.open[-1] not in ("style", "script"):
            self.texts.append(data)
            if "section" in self.open:
                self.sections[list(self.sections)[-1]] += data


def named(names: tuple[str, ...] = NAMES) -> Result:
    """Return a run in which everything that can have a name has one of these."""
    stages, gap = names[:4], {"mean": 5.0}
    look, try_, buy, gone = ("".join(letter for letter in name if letter not in ".=,[]{}") for name in stages)
    inside = {
        look: {"kind": "prospect", "entry": 1.0, "next": {look: 0.5, try_: 0.4, gone: 0.1}, "gap": gap},
        try_: {"kind": "prospect", "next": {look: 0.2, try_: 0.3, buy: 0.4, gone: 0.1}, "gap": gap},
        buy: {"kind": "customer", "next": {buy: 0.8, look: 0.1, gone: 0.1}, "gap": gap, "order": {"on_entry": 1.0, "on_stay": 0.5}},
        gone: {"kind": "lost"},
    }
    clean = ["".join(letter for letter in name if letter not in ".=,[]{}") for name in names]
    return simulate(
        world(
            {
                "customers": 200,
                "horizon": 400.0,
                "arrivals": {"days": 100},
                "replications": 3,
                "money": {"currency": "<b>"},
                "stages": inside,
                "personas": {name: {"share": 0.5, "revenue": {"value": {"mean": 50.0}}, "card": {"goals": [names[0]]}} for name in clean[4:6]},
                "channels": {name: {"share": 0.1, "media": "paid", "cost": {"exposure": 0.1}} for name in clean[6:9]},
                "desks": {name: {"people": 1, "service": {"mean": 0.2}, "serves": {"channels": [clean[6]]}} for name in clean[9:10]},
                "scenario": {"name": clean[10]},
            }
        )
    )


__all__ = ["ABOUT", "EVERYTHING", "NAMES", "Page", "named"]
