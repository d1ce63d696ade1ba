"""What the sources say of journeys: each fact in its words, the band in which the simulated value passes, and how it is read.

Marks: S seen in a source, A assumed.  Where a source says something that nobody can count in a log (a wish, an upper bound, a share
of companies), or where two facts exclude each other, ``reading`` says what is counted in its place.
"""

from collections.abc import Callable
from functools import partial
from math import nan
from typing import NamedTuple

from sim.studies.facts import counts
from sim.studies.facts.counts import CALM, NO_MAIL, SERVED, SOURED, WEB, WORLD, Count, Worlds

SHARE, POINTS, RATIO = "share", "points", "ratio"
COMPANIES = (
    'said: "nearly 71 % of companies say that the time between the first contact with a customer and the purchase is a month or longer", 61 % have '
    "at least three touchpoints, 32 % at least six. Shares of companies, not of purchases; read as shares of firms' purchases"
)
RESEARCHED = (
    'said: "74 % of all B2B buyers do research online before they choose a supplier". Much of it is not on our pages; read as a touch of search, review '
    "site, content or webinar before the purchase"
)
TRAFFIC = (
    "said of the amount of web traffic. Read: web touches of all visitors, no mails, calls or desks, in the last year of the run; a longer run always has "
    "more old customers"
)
VISITORS = "said of visitors, and that it can be higher on a well-made site"
EXCLUDED = (
    'the source calls leaving "without converting" the exit rate and gives 70 % as an example, not as a finding. Where 1 to 5 % of visitors convert, 95 to '
    "99 % leave without converting: the two exclude each other. Read: 70 % bounce from the landing page, and 3.3 to 16.7 % of the rest convert"
)
WISH = (
    'said: 33 % "say they consider" changing brand after one bad experience: a thought, not leaving. Read: who goes back to looking around or leaves '
    "within 90 days, the customer's twin without the bad touch taken off; at most 33 points"
)
SERVICE = (
    'said: customers are "ready to spend up to 17 %" more for good service: a wish, and an upper bound. Read: what the scenario better_support adds to the '
    "revenue from consumers"
)
MAIL = (
    'said: "up to 4400 %", of firms, and credited to the last touch: an upper bound. The platform is shared by mails sent. Beside it: what e-mail causes, '
    "revenue of consumers less that of the same world without e-mail"
)


class Fact(NamedTuple):
    """A fact: its short name, its words, what is asked, the band (NaN: shown without one), unit, mark, how it is counted, in which worlds, how it is read."""

    name: str
    words: str
    asked: str
    least: float
    most: float
    unit: str
    mark: str
    counted: Callable[[Worlds], Count]
    worlds: tuple[str, ...] = (WORLD,)
    reading: str = ""


TWINS = (SOURED, CALM)
FACTS = (
    Fact("month_or_more", "firms: 30 days or more to the purchase", "71 %", 0.63, 0.79, SHARE, "S", counts.month_or_more, reading=COMPANIES),
    Fact("three_touches", "firms: 3 or more touches to the purchase", "61 %", 0.54, 0.69, SHARE, "S", counts.three_touches, reading=COMPANIES),
    Fact("six_touches", "firms: 6 or more touches to the purchase", "32 %", 0.24, 0.38, SHARE, "S", counts.six_touches, reading=COMPANIES),
    Fact("researched", "firms: online research before the purchase", "74 %", 0.68, 0.83, SHARE, "S", counts.researched, reading=RESEARCHED),
    Fact("early_traffic", "web traffic in the first two stages", "over 50 %", 0.50, 0.97, SHARE, "S", counts.early_traffic, reading=TRAFFIC),
    Fact("consumers_convert", "visitors who convert, consumers", "1-5 %", 0.01, 0.05, SHARE, "S", counts.consumers_convert, reading=VISITORS),
    Fact("visitors_convert", "visitors who convert, on the site", "1-5 %", 0.01, 0.05, SHARE, "S", counts.visitors_convert, (WEB,), VISITORS),
    Fact("leave", "sessions that end without converting", "70 %", 0.95, 0.99, SHARE, "S", counts.leave_without_converting, (WEB,), EXCLUDED),
    Fact("bounce", "instead: bounce from the landing page", "70 %", 0.65, 0.75, SHARE, "S", counts.bounce, (WEB,), EXCLUDED),
    Fact("rest_converts", "instead: of the rest, those that convert", "3.3-16.7 %", 1 / 30, 1 / 6, SHARE, "S", counts.rest_converts, (WEB,), EXCLUDED),
    Fact("switch", "bad touch adds: look around, leave in 90 d", "up to 33 %", 0.0, 0.33, POINTS, "S", counts.switch_after_a_bad_touch, TWINS, WISH),
    Fact("switch_raw", "after bad touch: look around, leave in 90 d", "-", nan, nan, SHARE, "A", counts.switch_at_all, TWINS, WISH),
    Fact("bad_churn", "bad touch adds: leave within a year", "3-10 p.", 0.03, 0.10, POINTS, "A", counts.churn_after_a_bad_touch, TWINS),
    Fact("service", "better service adds: revenue from consumers", "up to 17 %", 0.0, 0.17, SHARE, "S", counts.better_service_earns, (WORLD, SERVED), SERVICE),
    Fact("mail_firms", "firms: revenue per EUR of mail, last touch", "up to 44", 20, 44, RATIO, "S", partial(counts.mail_is_last, "b2b"), reading=MAIL),
    Fact("mail_consumers", "consumers: per EUR of mail, last touch", "-", nan, nan, RATIO, "A", partial(counts.mail_is_last, "b2c"), reading=MAIL),
    Fact("mail_causes", "consumers: caused by mail, per EUR of it", "less", nan, nan, RATIO, "A", partial(counts.mail_causes, "b2c"), (WORLD, NO_MAIL), MAIL),
    *(
        Fact(f"{name}.converts", f"{name.replace('_', ' ')}: arrivals who convert", asked, least, most, SHARE, "A", partial(counts.convert, name))
        for name, asked, least, most in (
            ("new_in_town", "2.3 %", 0.017, 0.030),
            ("comparer", "2.5 %", 0.019, 0.033),
            ("replenisher", "3.7 %", 0.028, 0.048),
            ("software_team", "4.5 %", 0.030, 0.060),
            ("enterprise", "3.0 %", 0.015, 0.045),
            ("services_client", "8 %", 0.050, 0.100),
        )
    ),
    *(
        Fact(f"{name}.retained", f"{name.replace('_', ' ')}: still there after a year", asked, least, most, SHARE, "A", partial(counts.retained, name))
        for name, asked, least, most in (
            ("new_in_town", "49 %", 0.40, 0.60),
            ("comparer", "69 %", 0.58, 0.78),
            ("replenisher", "39 %", 0.32, 0.50),
            ("software_team", "77-90 %", 0.77, 0.90),
            ("enterprise", "84-92 %", 0.80, 0.97),
            ("services_client", "86-92 %", 0.80, 0.93),
        )
    ),
    Fact("sales.busy", "sales reps at work", "60-90 %", 0.60, 0.90, SHARE, "A", partial(counts.busy, "sales")),
    Fact("sales.gave_up", "calls whose customer gave up waiting", "5-22 %", 0.05, 0.22, SHARE, "A", partial(counts.gave_up, "sales")),
)  # fmt: skip
LEFT_OUT = (
    "70 % of consumers have spent more for good service (said of the past, of other firms)",
    "80 % of all internet traffic looks for ideas (all the world's traffic, not ours)",
    "47 % name masses of data as their trouble (no fact of journeys)",
)
