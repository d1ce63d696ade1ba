"""What a measurement is, and how measurements become a table."""

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

SHARE, DAYS, COUNT, PER_MONTH, RATIO, SCORE = "share", "days", "count", "per month", "ratio", "score"

NO_CONVERSION = "no conversion"
NO_VALUES = "no values"
TOO_SHORT = "follow-up too short"
FEW = "few"

COLUMNS = ("metric", "by", "group", "value", "low", "high", "unit", "n", "note")


class Metric(NamedTuple):
    """One number with its interval: ``value`` is NaN where there is none (``note`` says why), ``low`` and ``high`` where there is no interval."""

    metric: str
    by: str
    group: str
    value: float
    low: float
    high: float
    unit: str
    n: int
    note: str = ""
    above: float = math.nan  # of a ratio of totals: what stands above and below the line, so that replications can add them up
    below: float = math.nan


def frame(metrics: Iterable[Metric]) -> "pd.DataFrame":
    """Return the measurements as a tidy table, one row each, columns as in `COLUMNS`."""
    import pandas as pd

    return pd.DataFrame([metric[: len(COLUMNS)] for metric in metrics], columns=list(COLUMNS))
