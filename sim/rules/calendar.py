"""Season, weekdays and hours: a change of clock. What takes g days of an even clock takes more when little is going on."""

import numpy as np

from sim.jit import rule
from sim.model.layout import WEEK

MONTH = 365.0 / 12.0
SMALL = 1e-12


@rule
def opened(x, day):
    """Return the open days from the first Monday to a day."""
    weeks = np.floor(day / 7.0)
    hour = (day - 7.0 * weeks) * 24.0
    k = np.int64(min(hour, WEEK - 1.0))
    return weeks * x.week[WEEK] + x.week[k] + (hour - k) * (x.week[k + 1] - x.week[k])


@rule
def closes(x, open_days):
    """Return the first day by which there have been so many open days since the first Monday."""
    weeks = np.ceil(open_days / x.week[WEEK] - SMALL) - 1.0  # what ends with a week's last open moment ends then
    left = open_days - weeks * x.week[WEEK]
    low, high = np.int64(0), np.int64(WEEK)
    while high - low > 1:
        middle = (low + high) >> 1
        if x.week[middle] >= left:
            high = middle
        else:
            low = middle
    part = (left - x.week[low]) / (x.week[high] - x.week[low]) if x.week[high] > x.week[low] else 0.0
    return 7.0 * weeks + (low + part) / 24.0


@rule
def elapse(x, now, days):
    """Return the days of the wall clock until so many days of this calendar have gone by (estimators 21)."""
    at, left = now, days
    while left > 0.0 and at < now + 36500.0:
        month = np.floor(at / MONTH)
        busy, ends = x.season[np.int64(month) % 12], (month + 1.0) * MONTH
        here = busy * (opened(x, ends) - opened(x, at))
        if here >= left:
            return max(0.0, closes(x, opened(x, at) + left / busy) - now)
        left -= here
        at = ends
    return at - now
