"""A day in the life: one customer's journey on the calendar, and one possible twin in another world below it."""

from collections.abc import Mapping, Sequence
from datetime import date
from io import StringIO
from typing import Any, NamedTuple

from matplotlib.figure import Figure

from sim.language import current
from sim.log import Terms
from sim.report.figures import style
from sim.report.figures.style import QUIET
from sim.report.html.drawing import drawing
from sim.report.html.element import Element, el
from sim.report.map import timeline
from sim.report.map.board import SIZE, SMALL, Board
from sim.report.map.lanes import amount, listed, score
from sim.report.map.timeline import Frame
from sim.report.words import days, inside, spoken
from sim.studies.lives import PAYMENTS, Life, Step

MOST, TOLD = 80, 7  # steps of the table; moments of the story beside the picture
AFTER = 240.0  # days after the conversion that are shown at most


class Shown(NamedTuple):
    """What a day in the life shows: whose, how chosen, from how many, and the twin in the scenario (None: no other world)."""

    life: Life
    chosen: str
    of: int
    terms: Terms
    card: Mapping[str, Any]
    day_zero: date
    scenario: str | None = None
    twin: Life | None = None

    @property
    def last(self) -> float:
        """The last day shown."""
        lives = [life for life in (self.life, self.twin) if life is not None]
        wanted = max((life.converted if life.converted is not None else life.until) + (AFTER if life.converted is not None else 0.0) for life in lives)
        return max(self.life.arrived + 1.0, min(wanted, max(life.until for life in lives)) + 1.0)


def title(shown: Shown) -> str:
    """Return whose life it is and how it went, in one sentence."""
    life = shown.life
    if life.converted is not None:
        before = sum(step.engaged and step.channel != "own" for step in life.steps if step.day <= life.converted)
        what = current().text("map.life.bought", days=days(life.converted - life.arrived), touches=current().plural("map.life.touches", before))
    else:
        what = current().text("map.life.lost" if life.ended is not None else "map.life.open", days=days(life.until - life.arrived))
    return current().text("map.life.title", persona=spoken(life.persona), number=life.customer, what=what)


def source(shown: Shown) -> str:
    """Return how the customer was chosen."""
    key = shown.chosen if shown.chosen in ("longest", "lost_last", "numbered") else "typical" if shown.life.converted is not None else "typical_all"
    return current().text(f"map.life.{key}", count=current().count(shown.of))


def draw(shown: Shown) -> Figure:
    """Return the slide: the persona and the story on the left, one or two time lines on the right."""
    board = Board()
    top = board.heading(current().text("map.kinds.day_in_the_life"), title(shown), source(shown))
    bottom = board.footer((current().text("map.life.twin_note"),) if shown.scenario else ())
    _aside(board, shown, (top + 0.05, bottom))
    timeline.keys(board, 4.6, top + 0.08, _kinds(shown))
    lines(board, shown, (3.2, top + 0.22, board.wide - 0.35, bottom))
    return board.figure


def lines(board: Board, shown: Shown, box: tuple[float, float, float, float]) -> None:
    """Draw the time lines into a box: left, top, right, bottom."""
    left, top, right, bottom = box
    first = min(life.arrived for life in (shown.life, shown.twin) if life is not None)  # who is referred may come at another time
    frame = Frame(left, top, right, bottom, first, shown.last, shown.day_zero)
    if shown.scenario is None:
        timeline.draw(board, _cut(shown.life, shown.last), shown.terms, frame)
        return
    head, rows = 0.34, [timeline.row_count(life, shown.terms) if life else 1 for life in (shown.life, shown.twin)]
    share = (3.5 + rows[0]) / (7 + sum(rows))
    middle = top + (bottom - top - head) * share
    timeline.draw(board, _cut(shown.life, shown.last), shown.terms, frame._replace(bottom=middle))
    parting = parted(shown)
    board.pill(left, middle + 0.07, right - left, 0.23, "#EAF2F8", round=0.3)
    board.text(left + 0.1, middle + 0.185, _twin_said(shown, shown.scenario), SIZE, va="center", fontweight="bold")
    if shown.twin:
        timeline.draw(board, _cut(shown.twin, shown.last), shown.terms, frame._replace(top=middle + head + 0.04))
    if parting is not None and parting < shown.last:
        x = frame.at(parting)
        board.axes.plot([x, x], [top, bottom - 0.26], color=QUIET, linewidth=1.0, linestyle=(0, (4, 3)), zorder=2)


def _kinds(shown: Shown) -> set[str]:
    """Return the kinds of rows and of payments that the time lines show."""
    lives = (life for life in (shown.life, shown.twin) if life is not None)
    return {step.payment or step.kind for life in lives for step in life.steps if step.day <= shown.last}


def _twin_said(shown: Shown, scenario: str) -> str:
    key = "no_twin" if shown.twin is None else "twin" if parted(shown) is not None else "twin_same"
    said = current().text(f"map.life.{key}", scenario=spoken(scenario))
    return f"{said}; {current().text('map.life.differs')}" if key == "twin" else said


def parted(shown: Shown) -> float | None:
    """Return the day from which the twin's journey is another, by what happens or by more than a day; None where it never is."""
    if shown.twin is None:
        return None
    one, two = shown.life.steps, shown.twin.steps
    pairs = list(zip(one, two, strict=False))
    at = next((place for place, (a, b) in enumerate(pairs) if _happened(a) != _happened(b) or abs(a.day - b.day) > 1), len(pairs))
    later = [steps[at].day for steps in (one, two) if at < len(steps)]
    return min(later) if later else None


def _happened(step: Step) -> tuple[object, ...]:
    return step.kind, step.channel, step.engaged, step.stage_to, step.order


def _cut(life: Life, last: float) -> Life:
    """Return a life up to a day."""
    kept = tuple(step for step in life.steps if step.day <= last)
    return life._replace(steps=kept, ended=life.ended if life.ended is not None and life.ended <= last else None, horizon=min(life.horizon, last))


def _aside(board: Board, shown: Shown, room: tuple[float, float]) -> None:
    top, bottom = room
    left, wide = 0.3, 2.65
    board.pill(left, top, wide, 0.6, "#EAF2F8", round=0.12)
    board.face(left + 0.32, top + 0.3, 2 * (shown.life.steps[-1].satisfaction if shown.life.steps else 0.0), 0.19)
    board.text(left + 0.65, top + 0.1, style.fitted(spoken(shown.life.persona), wide - 0.75, 12, bold=True), 12, fontweight="bold")
    board.fitted(left + 0.65, top + 0.335, (wide - 0.75, 1), who(shown.card), SMALL, QUIET)
    y = top + 0.7
    for name, said in facts(shown.card)[:2]:
        board.text(left, y, name, SMALL, QUIET)
        y += 0.16 + 0.17 * board.fitted(left, y + 0.155, (wide, 2), said, SIZE) + 0.06
    y = _told(board, "story", story(shown.life, shown.terms), shown.day_zero, (left, y, wide, bottom))
    parting = parted(shown)
    if shown.twin is not None and parting is not None:
        later = [(day, said) for day, said in story(shown.twin, shown.terms) if day >= parting]
        _told(board, "twin_story", later, shown.day_zero, (left, y + 0.1, wide, bottom))


def _told(board: Board, key: str, moments: list[tuple[float, str]], day_zero: date, box: tuple[float, float, float, float]) -> float:
    """Write a heading and the moments that fit below it, each under its day; return where the next may begin."""
    left, y, wide, bottom = box
    if y > bottom - 0.75:
        return y
    board.text(left, y + 0.04, current().text(f"map.life.{key}"), 10.5, fontweight="bold")
    y += 0.27
    for day, said in moments:
        if y > bottom - 0.5:
            break
        board.text(left, y, timeline.said_date(day, day_zero), SMALL, QUIET)
        y += 0.155 + 0.165 * board.fitted(left, y + 0.15, (wide, 2), said, SIZE) + 0.05
    return y


def who(card: Mapping[str, Any]) -> str:
    """Return the line under a persona's name: age and job."""
    return ", ".join(str(card[key]) for key in ("age", "job") if card.get(key) is not None)


def facts(card: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return what a card says, as (heading, text)."""
    known = [(key, ", ".join(listed(card.get(key)))) for key in ("goals", "pain_points", "trusts", "media")]
    return tuple((current().text(f"map.card.{key}"), said) for key, said in known if said)


def story(life: Life, terms: Terms) -> list[tuple[float, str]]:
    """Return the turning points as (day, what happened): arrival, every change of stage, the first order, giving up, and how it ended."""
    text, out, order = current().text, [(life.arrived, current().text("map.life.arrives", stage=spoken(life.entry)))], True
    for step in life.steps:
        said = told(step, terms)
        if step.stage_to != step.stage_from or step.gave_up:
            out.append((step.day, said))
        if step.order and order and step.payment is None:
            out.append((step.day, text("map.life.ordered", money=amount(step.revenue, terms.currency))))
            order = False
    end = [(life.until, ended)] if (ended := _paid(life, terms)) else []
    return [*out[: TOLD - len(end)], *end] if len(out) + len(end) > TOLD else [*out, *end]


def _paid(life: Life, terms: Terms) -> str:
    """Return the orders and the payments of a life, each kind with its money, nothing where there are none."""
    found = [("ended", life.orders), *((f"{which}s", life.payments(which)) for which in PAYMENTS)]
    return "; ".join(current().plural(f"map.life.{key}", len(steps), money=_money(steps, terms)) for key, steps in found if steps)


def _money(steps: Sequence[Step], terms: Terms) -> str:
    """Return the money of some steps of a kind; which way it goes, the kind says."""
    return amount(abs(sum(step.revenue for step in steps)), terms.currency)


def told(step: Step, terms: Terms) -> str:
    """Return what a row says, in a few words."""
    if step.payment is not None:
        return current().text(f"map.life.{step.payment}_paid", money=_money([step], terms))
    if step.is_message:
        return current().text("map.life.message_met" if step.engaged else "map.life.message_passed", channel=inside(step.channel))
    return _happened_at(step, terms)


def _happened_at(step: Step, terms: Terms) -> str:
    """Return what happened at an occasion, or in a queue."""
    channel = current().text("map.life.own_sentence") if step.channel == "own" else spoken(step.channel)
    kinds = dict(zip(terms.stages, terms.kinds, strict=True))
    if step.gave_up:
        left = kinds[step.stage_to] in ("lost", "churned")
        return current().text("map.life.gives_up_and_leaves" if left else "map.life.gives_up", channel=inside(step.channel), days=days(step.waited))
    if kinds[step.stage_to] in ("lost", "churned"):
        return current().text("map.life.leaves", channel=channel, stage=spoken(step.stage_to))
    if step.stage_to != step.stage_from:
        back = terms.stages.index(step.stage_to) < terms.stages.index(step.stage_from)
        return current().text("map.life.moved_back" if back else "map.life.moved", channel=channel, stage=spoken(step.stage_to))
    if step.order:
        return current().text("map.life.order_again", channel=channel, money=amount(step.revenue, terms.currency))
    if step.channel == "own":
        return channel
    return current().text("map.life.met" if step.engaged else "map.life.passed", channel=channel)


def picture(shown: Shown) -> Element:
    """Return the time lines alone, as a drawing of the page."""
    rows = [timeline.row_count(life, shown.terms) for life in (shown.life, shown.twin) if life is not None]
    board = Board(11.0, 5.4 if shown.scenario else max(2.4, 2.0 + 0.25 * max(rows)))
    timeline.keys(board, 1.4, 0.12, _kinds(shown))
    lines(board, shown, (0.05, 0.28, board.wide - 0.5, board.tall - 0.05))
    stream = StringIO()
    board.figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    return drawing(stream.getvalue(), "life", title(shown))


def lines_of(shown: Shown) -> list[str]:
    """Return the turning points as lines for the terminal."""
    return [f"{timeline.said_date(day, shown.day_zero)}  {said}" for day, said in story(shown.life, shown.terms)]


def section(shown: Shown, picture: Element) -> Element:
    """Return the page's part: the persona, the picture of the time lines, and every step as a table."""
    lives = [(current().text("map.life.story"), shown.life)]
    if shown.scenario and shown.twin:
        lives.append((_twin_said(shown, shown.scenario), shown.twin))
    tables = [el("div", {}, el("h3", {}, name), _table(name, life, shown)) for name, life in lives]
    scroll = el("div", {"class": "map-scroll map-wide", "tabindex": "0", "role": "region", "aria-label": title(shown)}, picture)
    note = el("p", {"class": "map-notes"}, current().text("map.life.twin_note")) if shown.scenario else None
    return el("div", {"class": "map"}, scroll, note, el("div", {"class": "map-pair"}, tables))


def _table(name: str, life: Life, shown: Shown) -> Element:
    header = [current().text(f"map.life.{key}") for key in ("day", "what", "feels")]
    rows = [el("tr", {}, [el("td", {}, cell) for cell in row]) for row in _cells(life, shown)]
    head = el("tr", {}, [el("th", {"scope": "col"}, text) for text in header])
    return el("div", {"class": "map-scroll"}, el("table", {"class": "map-steps"}, el("caption", {}, name), el("thead", {}, head), el("tbody", {}, rows)))


def _cells(life: Life, shown: Shown) -> list[tuple[str, str, str]]:
    first = (timeline.said_date(life.arrived, shown.day_zero), current().text("map.life.arrives", stage=spoken(life.entry)), "")
    steps = [(timeline.said_date(step.day, shown.day_zero), told(step, shown.terms), score(step.satisfaction)) for step in life.steps[:MOST]]
    more = len(life.steps) - MOST
    return [first, *steps, *([("\u2026", current().plural("map.life.more", more), "")] if more > 0 else [])]
