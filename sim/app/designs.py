"""The verbs ``sweep`` and ``sensitivity``: many points of one design, for the command line and for programs."""

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from sim.app.progress import bar
from sim.model.world import World

if TYPE_CHECKING:
    from sim.app.verbs import Ask
    from sim.studies.sensitivity import Sensitivity
    from sim.studies.store import Store
    from sim.studies.sweep import Sweep


Found = TypeVar("Found")


class Planned(NamedTuple, Generic[Found]):
    """A study that is ready to be played, and how many points it has."""

    points: int
    play: Callable[..., Found]


class Incomplete(Exception):  # noqa: N818 -- no error of the study: what it prints says which of its points failed of what
    """All is written, but some points failed; ``text`` is what the study prints. The command line exits with status 1."""

    def __init__(self, text: str, failures: list[str]) -> None:
        self.text = text
        super().__init__("; ".join(failures))


def sweep(ask: "Ask") -> str:
    """Play every point of a design on the same seeds, write one table, and return what became of them; raise Incomplete where points failed."""
    from sim.report.figures import interaction
    from sim.studies.store import Store

    planned = sweep_of(ask.world, ask.compose, ask.options, Store.of(ask.options["store"], ask.folder))
    with bar("playing", total=planned.points) as shown:
        found = planned.play(progress=shown.update)
    found.write(ask.folder)
    if ask.options["figures"]:
        interaction.save_curves(found, ask.folder)
    return _whole(found, found.text())


def sensitivity(ask: "Ask") -> str:
    """Find which of the inputs that nobody knows matter, write tables and figures, and return the findings; raise Incomplete where points failed."""
    from sim.report.figures import interaction, tornado
    from sim.studies.store import Store

    planned = sensitivity_of(ask.world, ask.options, Store.of(ask.options["store"], ask.folder))
    with bar("playing", total=planned.points) as shown:
        found = planned.play(progress=shown.update)
    found.write(ask.folder)
    if ask.options["figures"]:
        tornado.save(found, ask.folder)
        interaction.save(found, ask.folder)
    return _whole(found.played, found.text())


def sweep_of(world: World, compose: Callable[..., World], option: Mapping[str, Any], store: "Store") -> "Planned[Sweep]":
    """Return the sweep that the options ask for (configs/study/sweep.yaml); ``compose`` makes the worlds of choices, such as a scenario's name."""
    from sim.app.points import at
    from sim.studies import sweep as study
    from sim.studies.design import points
    from sim.studies.executor import executor

    tried = points(world, option["design"], option["over"], option["points"], option["size"])
    asked = study.Asked.of(option["replications"], option["metrics"], option["shown"])
    return Planned(len(tried), partial(study.sweep, partial(at, world, cache(compose)), tried, asked, store, executor(option["executor"])))


def sensitivity_of(world: World, option: Mapping[str, Any], store: "Store") -> "Planned[Sensitivity]":
    """Return the sensitivity study that the options ask for (configs/study/sensitivity.yaml)."""
    from sim.studies import sensitivity as study
    from sim.studies.executor import executor
    from sim.studies.ranges import ranges

    inputs, asked = ranges(option["ranges"]), study.Asked(option["method"], option["size"], tuple(option["metrics"]), option["replications"])
    return Planned(study.count(inputs, asked), partial(study.sensitivity, world, inputs, asked, store, executor(option["executor"])))


def _whole(found: "Sweep", text: str) -> str:
    from sim.studies.sweep import failures

    failed = failures(found)
    if failed:
        raise Incomplete(text, failed)
    return text
