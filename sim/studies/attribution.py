"""The attribution study: credit by every model beside what each channel truly caused, and what believing the model would cost."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from math import isnan, nan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import files
from sim.errors import ConfigError, Problem
from sim.language import current
from sim.log import Array
from sim.metrics.attribution.models import Credit, credits_of
from sim.metrics.attribution.paths import SEEN, Columns, Paths, from_file, from_log
from sim.model.world import World
from sim.play import Progress, play
from sim.studies import splits
from sim.studies.attribution_words import report
from sim.studies.counterfactual import Cut, bound, split_in_two, truths
from sim.studies.credit import Credited, Rank, Replication, Seen, Truth, credited, ranks, truth
from sim.studies.replicate import over
from sim.studies.splits import Split

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Options:
    """What is asked; each option is explained in configs/study/attribution.yaml. Raise ConfigError for what makes no sense."""

    seen: str = "touches"
    lookback: float | None = 90.0
    half_life: float = 7.0
    replications: int = 10
    thin: float = 0.1
    holdout: float = 0.5
    split_channels: int = 4
    split_steps: int = 5

    def __post_init__(self) -> None:
        rules = {
            "seen": (self.seen in SEEN, f"must be one of {', '.join(SEEN)}"),
            "lookback": (self.lookback is None or self.lookback > 0, "must be days above 0, or null for all"),
            "half_life": (self.half_life > 0, "must be days above 0"),
            "replications": (self.replications >= 2, "must be at least 2: one has no interval"),
            "thin": (0 < self.thin < 1, "must lie between 0 and 1"),
            "holdout": (0 < self.holdout < 1, "must lie between 0 and 1"),
            "split_steps": (self.split_steps >= 1, "must be at least 1"),
        }
        problems = [Problem(f"study.{name}", f"given {getattr(self, name)!r}", rule) for name, (fine, rule) in rules.items() if not fine]
        if problems:
            raise ConfigError(problems)


@dataclass(frozen=True)
class Attribution:
    """Credit, truth, how the models order the channels, and where they would put the money (``channels``: those that are moved)."""

    world: World
    options: Options
    paths: str  # what became of every customer of replication 0
    credits: tuple[Credited, ...]
    truths: tuple[Truth, ...]
    ranks: tuple[Rank, ...]
    channels: tuple[str, ...]
    splits: tuple[Split, ...]

    def found(self, channel: str, quantity: str) -> Truth:
        """Return one quantity of a channel."""
        return next(row for row in self.truths if (row.channel, row.quantity) == (channel, quantity))

    def credit(self, model: str, channel: str) -> Credited:
        """Return what a model gives a channel."""
        return next(row for row in self.credits if (row.model, row.channel) == (model, channel))

    def frame(self) -> "pd.DataFrame":
        """Return credit as a tidy table, one model and channel a row."""
        import pandas as pd

        return pd.DataFrame(self.credits, columns=list(Credited._fields))

    def truth_frame(self) -> "pd.DataFrame":
        """Return the truth as a tidy table, one channel and quantity a row."""
        import pandas as pd

        return pd.DataFrame(self.truths, columns=list(Truth._fields))

    def write(self, folder: Path) -> None:
        """Write credit.csv, truth.csv, ranks.csv, splits.csv (if asked) and attribution.json, which says what was asked."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, fields, rows in (("credit", Credited._fields, self.credits), ("truth", Truth._fields, self.truths), ("ranks", Rank._fields, self.ranks)):
            files.write_csv(folder / f"{name}.csv", fields, map(_cells, rows))
        if self.splits:
            header = ("model", *(f"{what}_{name}" for what in ("share", "wanted", "factor") for name in self.channels), *Split._fields[4:])
            files.write_csv(folder / "splits.csv", header, (_cells((row.model, *row.shares, *row.wanted, *row.factors, *row[4:])) for row in self.splits))
        asked = {"options": asdict(self.options), "customers": self.world.customers, "seed": self.world.seed, "paths": self.paths}
        files.write_json(folder / "attribution.json", asked | self.headline())

    def headline(self) -> dict[str, Any]:
        """Return what a lesson is about, rounded: credit and truth as shares of all conversions, lifts, contribution per euro, money misplaced."""
        total = sum(row.conversions for row in self.credits if row.model == "last") or nan
        quantities = ("naive_lift", "true_lift", "average_contribution_per_euro", "marginal_contribution_per_euro")
        out: dict[str, Any] = {"channels": {}, "misplaced": {row.model: _rounded(row.misplaced) for row in self.splits}}
        for name in self.world.channels:
            credit = {row.model: _rounded(row.share) for row in self.credits if row.channel == name}
            caused = _rounded(self.found(name, "conversions_caused").value / total)
            out["channels"][name] = {"credit": credit, "caused": caused, **{q: _rounded(self.found(name, q).value) for q in quantities}}
        return out

    def text(self) -> str:
        """Return the tables and what they mean, at most 100 columns wide."""
        return report(self)


@dataclass(frozen=True)
class Credits:
    """The credit of a file of paths: nobody knows its truth."""

    paths: Paths
    credits: Mapping[str, Credit]

    def write(self, folder: Path) -> None:
        """Write credit.csv into the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        header = ("model", "channel", "conversions", "share", "value")
        files.write_csv(folder / "credit.csv", header, (_cells((row.model, row.channel, row.conversions, row.share, row.contribution)) for row in self.rows()))

    def rows(self) -> list[Credited]:
        """Return what every model gives every channel, and nobody."""
        total, out = float(self.paths.won.sum()), []
        for model, credit in self.credits.items():
            given = [*credit.conversions.tolist(), credit.unattributed]
            money = [*credit.value.tolist(), credit.unattributed_value]
            for name, conversions, value in zip((*self.paths.channels, "(none)"), given, money, strict=True):
                out.append(Credited(model, name, conversions, conversions / total if total else nan, value, nan))
        return out

    def text(self) -> str:
        """Return the table of credit, at most 100 columns wide."""
        from sim.studies.attribution_words import credit_table, wrapped

        say = current()
        left_out = [] if self.paths.timed else [say.text("attribution.untimed")]
        known, about = say.text("attribution.file", note=say.note(self.paths.note)), say.text("attribution.unknowable")
        return "\n".join([known, "", *credit_table(self.rows(), {}), *wrapped(say.text("attribution.legend")), "", *left_out, *wrapped(about)])


def from_paths(file: str | Path, columns: Mapping[str, str] | None = None, half_life: float = 7.0) -> Credits:
    """Return every model's credit for a CSV file of paths; raise LogError where it can't be read, ConfigError for an unknown column role."""
    unknown = set(columns or {}) - set(Columns._fields)
    if unknown:
        raise ConfigError(Problem(f"study.columns.{name}", "no such column", f"known: {', '.join(Columns._fields)}") for name in sorted(unknown))
    paths = from_file(Path(file), Columns(**(columns or {})))
    return Credits(paths, credits_of(paths, half_life))


def observed(world: World, options: Options) -> Credits:
    """Return every model's credit for the paths of one run, as far as an analyst sees; raise ConfigError where there is nothing to give credit to."""
    if not world.channels:
        raise ConfigError([Problem("channels", "none", "attribution needs at least one channel")])
    paths = from_log(play(world, clock="compiled"), seen=options.seen, lookback=options.lookback)
    return Credits(paths, credits_of(paths, options.half_life))


def attribution(world: World, options: Options | None = None, progress: Progress | None = None) -> Attribution:
    """Return credit beside truth; raise ConfigError where the world has a test of its own, or nothing to give credit to."""
    asked = options or Options()
    if not world.channels:
        raise ConfigError([Problem("channels", "none", "attribution needs at least one channel")])
    first = play(split_in_two(world, asked.holdout), clock="compiled")
    cut = Cut(asked.thin, asked.holdout, bound(world, first))
    runs = over(partial(_replication, asked=asked, cut=cut), world, range(asked.replications), progress)
    names = first.terms.channels
    rows, truths_ = credited(runs, names), truth(runs, names, world.money.currency, cut.by_budget)
    move = splits.movable(world, {t.channel: t.value for t in truths_ if t.quantity == "cost"}, asked.split_channels)
    placed = _splits(world, move, rows, truths_, asked, progress) if len(move.channels) > 1 else ()
    note = from_log(first, seen=asked.seen, lookback=asked.lookback).note
    return Attribution(world, asked, note, tuple(rows), tuple(truths_), tuple(ranks(rows, truths_)), move.channels, placed)


def _replication(world: World, number: int, *, asked: Options, cut: Cut) -> Replication:
    log = play(split_in_two(world, cut.holdout), clock="compiled", replication=number)
    paths = from_log(log, seen=asked.seen, lookback=asked.lookback)
    return Replication(credits_of(paths, asked.half_life), _seen(from_log(log, seen="exposures", lookback=None)), truths(world, log, number, cut))


def _seen(paths: Paths) -> Seen:
    at = np.zeros((len(paths.won), len(paths.channels)), bool)
    at[paths.of, paths.channel] = True
    return Seen(float(len(paths.won)), float(paths.won.sum()), at.sum(axis=0).astype(float), paths.won @ at)


def _splits(world: World, move: splits.Movable, rows: list[Credited], truths_: list[Truth], asked: Options, progress: Progress | None) -> tuple[Split, ...]:
    """Return every model's split, and that of who knows what each channel has caused; on replications that no credit was learned from."""
    wanted: dict[str, Array] = {}
    for model in dict.fromkeys(row.model for row in rows):
        given = {row.channel: row.contribution for row in rows if row.model == model}
        wanted[model] = np.array([given[name] for name in move.channels])
    caused = {t.channel: t.value for t in truths_ if t.quantity == "contribution_caused"}
    wanted["holdout"] = np.array([caused[name] for name in move.channels])
    fresh = range(asked.replications, 2 * asked.replications + splits.SEARCHED)
    return splits.compare(world, move, wanted, asked.split_steps, fresh, progress)


def _rounded(value: float) -> float | None:
    return None if isnan(value) else float(f"{value:.6g}") + 0.0


def _cells(row: tuple[Any, ...]) -> list[Any]:
    return [None if isinstance(value, float) and isnan(value) else value for value in row]
