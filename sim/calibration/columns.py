"""Which column of a file plays which part; only obvious names are guessed."""

from collections import Counter
from collections.abc import Mapping, Sequence

from sim.errors import ConfigError, LogError, Problem, near

NEEDED = ("customer", "time", "stage")
OPTIONAL = ("persona", "channel", "revenue", "engaged")
OBVIOUS = {  # compared in lower case, whole names only
    "customer": ("customer", "customer_id", "user", "user_id", "client_id", "visitor_id", "case_id", "case:concept:name"),
    "time": ("time", "timestamp", "datetime", "date", "event_time", "time:timestamp"),
    "stage": ("stage", "event", "activity", "event_name", "stage_to", "concept:name"),
    "persona": ("persona", "segment"),
    "channel": ("channel",),
    "revenue": ("revenue",),
    "engaged": ("engaged",),
}


def places(file: str, header: Sequence[str], columns: Mapping[str, str | None]) -> dict[str, int]:
    """Return the place of each part's column in the header; a part named "" is left out.

    Raise `ConfigError` if ``columns`` names a part that doesn't exist, `LogError` if a column is missing, stands twice or could be either of two.
    """
    wrong = [Problem(f"study.columns.{part}", "", f"no such part of a log; {near(part, OBVIOUS)}") for part in columns if part not in OBVIOUS]
    if wrong:
        raise ConfigError(wrong)
    found: dict[str, int] = {}
    for part in (*NEEDED, *OPTIONAL):
        name = columns.get(part)
        name = _guess(file, header, part) if name is None else name
        if name:
            found[part] = _place(file, header, part, name)
    return found


def _guess(file: str, header: Sequence[str], part: str) -> str | None:
    fitting = [name for name in dict.fromkeys(header) if name.lower() in OBVIOUS[part]]
    if len(fitting) > 1:
        raise LogError(file, f"columns {', '.join(map(repr, fitting))} could all be the {part}; set study.columns.{part}", 1, fitting[0])
    if not fitting and part in NEEDED:
        close = [hint for hint in (near(name, header) for name in OBVIOUS[part]) if hint.startswith("did")]
        hint = f"{close[0]} " if close else ""
        what = f"no column is obviously the {part}; {hint}set study.columns.{part} to one of: {', '.join(header)}"
        raise LogError(file, what, 1, part)
    return fitting[0] if fitting else None


def _place(file: str, header: Sequence[str], part: str, name: str) -> int:
    if name not in header:
        raise LogError(file, f"there is no column {name!r} (study.columns.{part}); {near(name, header)}", 1, name)
    if Counter(header)[name] > 1:
        raise LogError(file, f"the column stands {Counter(header)[name]} times; which one is the {part}?", 1, name)
    return list(header).index(name)
