"""A small world of one's own, in a folder of one's own, and a verb that costs nothing."""

import pytest

from sim.app.verbs import VERBS
from sim.files import write_csv

WORLD = """\
defaults: [base, _self_]
customers: 100
horizon: 90
arrivals: {days: 30}
stages:
  looking: {kind: prospect, entry: 1.0, next: {looking: 0.6, buying: 0.3, gone: 0.1}, gap: {mean: 5, family: exponential}}
  buying: {kind: customer, order: {on_entry: 1.0}, next: {buying: 0.8, looking: 0.1, gone: 0.1}, gap: {mean: 30, cv: 0.5, family: gamma}}
  gone: {kind: lost}
personas:
  anna: {share: 0.6, channels: {email: 1.2}, traits: {tempo: {acts: rate, family: gamma, mean: 1, cv: 0.5}}, revenue: {value: {mean: 50, family: fixed}}}
  bert: {share: 0.4, market: b2b}
channels:
  email: {media: owned, share: 0.2, engage: 0.5, odds: {looking: {buying: 1.5}}, cost: {exposure: 0.01}, budget: {amount: 10, per: week}}
  call: {media: owned, share: {buying: 0.1}, desk: sales}
desks:
  sales: {people: 2, wage: 3000, service: {mean: 0.1, family: exponential}, patience: {mean: 2, family: exponential}, gives_up_to: gone}
drivers:
  satisfaction: {half_life: 60, odds: {buying: {gone: 0.5}}}
referral: {chance: {buying: 0.05}, enters: looking}
money: {currency: EUR, margin: 0.4, discount_rate: 0.1}
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Stand in an empty folder with one world beside it, and return the folder of that world."""
    worlds, here = tmp_path / "worlds", tmp_path / "here"
    worlds.mkdir()
    here.mkdir()
    (worlds / "mine.yaml").write_text(WORLD, encoding="utf-8")
    monkeypatch.chdir(here)
    return worlds


@pytest.fixture
def quick(monkeypatch):
    """Let study=run write a table with one number, seed * intensity of the e-mail, and return the worlds that it saw."""
    seen = []

    def run(ask):
        seen.append(ask)
        profit = ask.world.seed * ask.world.channels["email"].intensity
        rows = [["profit", "all", "", profit, None, None, "EUR", 100, ""], ["profit", "persona", "anna", 1, None, None, "EUR", 60, ""]]
        write_csv(ask.folder / "metrics.csv", ["metric", "by", "group", "value", "low", "high", "unit", "n", "note"], rows)
        return "the summary"

    monkeypatch.setitem(VERBS, "run", run)
    return seen
