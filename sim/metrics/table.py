"""What a measurement is, and how measurements become a table."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

SHARE, DAYS, COUNT, PER_MONTH, RATIO, SCORE = "share", "days", "count", "per month", "ratio", "score"

NO_CONVERSION = "no conversion"
NO_VALUES = "no values"
TOO_SHORT = "follow-up too short"
FEW = "few"


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


def frame(metrics: Iterable[Metric]) -> "pd.DataFrame":
    """Return the measurements as a tidy table, one row each, columns as in `Metric`."""
    import pandas as pd

    return pd.DataFrame(list(metrics), columns=list(Metric._fields))
