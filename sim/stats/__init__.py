"""Estimators and intervals: arrays in, numbers out; nothing here knows what a customer is.

    proportions  shares and rates: Wilson, Garwood
    means        t interval over replications, jackknife
    bootstrap    bootstrap-t for ratios of skewed totals, with addressed draws
    survival     Kaplan-Meier and Aalen-Johansen in cells, and the spread of anything that is linear in their curves
    flows        mean flow by age when everybody's follow-up is known
    ratios       ratios of totals of independent units

Every function says where its formula is from.
"""

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
