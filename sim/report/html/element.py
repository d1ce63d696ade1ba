"""HTML as data: the one place where text becomes markup, so that it is escaped by construction.

A name may be anything that a user, or somebody who sent them a file, has written.  It can only become text or the value of an
attribute here, both escaped; what would run (an attribute ``on...``, an address that is not a place on the page) is refused.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from html import escape

VOID = {"br", "col", "hr", "input", "meta", "wbr"}
_NAME = re.compile(r"(?!on)[a-zA-Z][a-zA-Z0-9-]*")
_CAMEL = {"viewBox", "clipPath", "patternUnits"}  # of SVG; every other name is in small letters
_ADDRESSES = {"href", "src", "action", "formaction", "srcset", "data"}
_UNSEEN = dict.fromkeys((*range(9), 11, 12, *range(14, 32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A)), "\N{REPLACEMENT CHARACTER}")


@dataclass(frozen=True)
class Raw:
    """Text that stands as it is: only for the style sheet and the script that this package ships."""

    text: str


@dataclass(frozen=True)
class Element:
    """One element: its name, its attributes, and what is inside it."""

    tag: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    inside: "tuple[Inside, ...]" = ()

    def __str__(self) -> str:
        """Return the markup."""
        out: list[str] = []
        _write(self, out)
        return "".join(out)


Inside = Element | Raw | str


def el(tag: str, attributes: Mapping[str, object] | None = None, *inside: "Inside | Iterable[Inside] | None") -> Element:
    """Return an element; attributes that are None or False are left out, True stands without a value, inside None is nothing.

    Raise ValueError for what could run, or would leave the page.
    """
    kept = {name: "" if value is True else str(value) for name, value in (attributes or {}).items() if value is not None and value is not False}
    for name, value in kept.items():
        if not _is_allowed(name):
            raise ValueError(f"attribute {name!r} is not allowed")
        if name in _ADDRESSES and not value.startswith("#"):
            raise ValueError(f"{name}={value!r} leaves the page")
    if not _is_allowed(tag):
        raise ValueError(f"element {tag!r} is not allowed")
    return Element(tag, kept, tuple(_flat(inside)))


def _flat(inside: "Iterable[Inside | Iterable[Inside] | None]") -> Iterator[Inside]:
    for part in inside:
        if isinstance(part, Element | Raw | str):
            yield part
        elif part is not None:
            yield from _flat(part)


@cache
def _is_allowed(name: str) -> bool:
    return _NAME.fullmatch(name) is not None and (name.lower() == name or name in _CAMEL)


def _write(part: Inside, out: list[str]) -> None:
    if isinstance(part, str):
        out.append(escape(part.translate(_UNSEEN)))
    elif isinstance(part, Raw):
        out.append(part.text)
    else:
        out.append(f"<{part.tag}")
        out += [f' {name}="{escape(value.translate(_UNSEEN))}"' for name, value in part.attributes.items()]
        out.append(">")
        if part.tag not in VOID:
            for inner in part.inside:
                _write(inner, out)
            out.append(f"</{part.tag}>")
