"""The file of figures to fill in: every figure with what it means, all of them empty."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from sim.calibration.from_funnel.figures import BY_NAME, FUNNEL
from sim.errors import ConfigError, Problem
from sim.files import write_text
from sim.model.world import OWN, World

HEAD = """\
# What you know of your company. Leave empty what you don't: it is filled from the default world, and marked.
# Numbers without blanks, commas or units; shares as 0.4; money in one currency; a year's figures are a year's.
# Then: polku study=from_funnel study.figures={name}"""
PARTS = (
    ("the funnel: at least one of these four; those of one year's visitors, however long it takes them", FUNNEL),
    ("time and money", ("sales_cycle_days", "order_value", "margin")),
    ("customers: give one of the first two, and one of the last two", ("orders_per_year", "repeat_rate", "churn_yearly", "churn_monthly")),
    ("people; leave all three empty if nobody works on single opportunities", ("reps", "wage", "hours_per_deal")),
    ("for the value of what comes later", ("discount_rate",)),
)
COLUMN = 26


def write(file: str, world: World) -> Path:
    """Write the template, channels as in this world; raise ConfigError if there is a file of this name, or no folder for it."""
    path = Path(file)
    if path.exists() or path.is_symlink():
        raise ConfigError([Problem("study.file", f"{path} exists", "nothing is ever overwritten: name another file, study.file=NAME.yaml")])
    if not path.parent.is_dir():
        raise ConfigError([Problem("study.file", f"no folder {path.parent}", "name a file in a folder that exists")])
    write_text(path, "\n".join(text(path.name, channels(world))) + "\n")
    return path


def channels(world: World) -> list[str]:
    """Return the channels that bring visits: those without a desk."""
    return [name for name, channel in world.channels.items() if channel.desk is None]


def text(name: str, listed: Iterable[str]) -> Iterator[str]:
    """Yield the lines of the template."""
    yield from HEAD.format(name=name).splitlines()
    yield from ("", _line("currency", "a short name, as in EUR"), _line("market", "b2c or b2b: whose figures fill what you don't know"))
    for title, names in PARTS:
        yield from ("", f"# {title}")
        yield from (_line(figure, BY_NAME[figure].says) for figure in names)
    known = list(listed)
    yield from ("", "# channels: delete those you don't have, add your own under any name")
    yield _line("visits", "a year, by what brought them, of people who are no leads yet")
    yield from (_line(f"  {channel}", "nobody sent them: typed address, bookmark" if channel == OWN else "") for channel in (OWN, *known))
    yield _line("spend", "money a year")
    yield from (_line(f"  {channel}", "") for channel in known)


def _line(name: str, says: str) -> str:
    return f"{name + ':':<{COLUMN}}# {says}" if says else f"{name}:"
