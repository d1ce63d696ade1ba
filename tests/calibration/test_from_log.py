"""The whole way: a real log in, a world out, real beside simulated."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from sim.calibration.from_log import from_log
from sim.calibration.read import read
from sim.model import check
from tests.calibration import known

SHOP = Path(__file__).resolve().parents[2] / "experiments" / "from_log" / "onlineshop_events.csv.gz"
needs_shop = pytest.mark.skipif(not SHOP.exists(), reason="the shop's log is not here")


@needs_shop
def test_the_shops_log_has_its_known_counts():
    """Users who ever reach a stage, as the log's own page counts them."""
    log, account = read(SHOP)
    reached = {name: len(np.unique(log.customer[log.stage == code])) for code, name in enumerate(log.stages)}

    assert (account.read, account.used, log.customers) == (35_381, 35_381, 3_751)
    known_counts = {"catalog": 3611, "cart": 1924, "delivery_choice": 1356, "payment_choice": 958, "payment_done": 653, "lost": 3098}
    assert known_counts.items() <= reached.items()


@needs_shop
def test_the_shops_world_looks_like_the_shop(tmp_path):
    """With visits cut at 30 minutes, moves and gaps of the simulated log are within a few times what chance alone makes."""
    result = from_log(SHOP, {"drop": ["lost"], "customer_stages": ["payment_done"], "session_minutes": 30}, tmp_path, clock="compiled")
    rows = {(row.measure, row.stage): row for row in result.comparison}

    assert result.account.dropped == {"in a stage named in study.drop (lost)": 3098}
    assert result.account.balances
    assert rows["reach of", "payment_done"].real == pytest.approx(653 / 3751)
    assert abs(rows["reach of", "payment_done"].distance) < 5 * rows["reach of", "payment_done"].noise
    assert rows["transitions", "(all)"].distance < 0.02
    assert all(row.distance < 4 * row.noise for row in result.comparison if row.measure == "median gap after")


def test_a_simulated_log_comes_back_as_its_own_world(tmp_path):
    """Known world to log to world to log: every distance is of the size of chance, and the file is a world."""
    path = tmp_path / "known.csv"
    known.written(known.observed(customers=3000), path)

    result = from_log(path, {"customer_stages": ["buying"], "world": "again"}, tmp_path, clock="compiled", seed=5)

    assert all(row.distance < 5 * row.noise for row in result.comparison if row.noise > 0)
    raw = yaml.safe_load((tmp_path / "again.yaml").read_text())
    raw.pop("defaults")
    assert check.world(raw) == result.world
    assert (tmp_path / "again_comparison.csv").read_text().startswith("measure,stage,real,simulated,distance,noise,kind")
    assert result.lines()[-1].endswith("-cn again")
