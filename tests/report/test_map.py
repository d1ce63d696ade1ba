"""Journey maps as people see them: everything in its place, escaped, readable on a slide, in both languages, from a stored run too."""

import re
from dataclasses import replace
from datetime import date

import pytest

from sim.language import speaking
from sim.metrics.map import cell
from sim.play import play
from sim.report.figures import style
from sim.report.html.stored import Run
from sim.report.map import current_state, day_in_the_life, document, future_state, lanes, page, persona_map, slide, timeline
from sim.report.map.board import TALL, WIDE
from sim.report.map.day_in_the_life import Shown
from sim.report.map.document import Part
from sim.report.map.lanes import wants
from sim.report.map.sheet import GAIN, LOSS, QUIET, Chip, Curve
from sim.studies import lives
from sim.studies.difference import Difference
from sim.studies.journey_map import Source, of_log
from sim.studies.moments import Moment, Moments
from tests import worlds
from tests.metrics.conftest import log_of, row
from tests.metrics.conftest import ten as ten

NASTY = "<script>alert(1)</script>"


def texts(figure):
    """Return the texts of a figure that have letters."""
    return [text for axes in figure.axes for text in axes.texts if text.get_text().strip()]


@pytest.fixture(scope="module")
def found(ten):
    """Return the map of the ten customers, with a card whose wants differ by stage."""
    card = {"age": 28, "goals": ["a flat"], "wants": {"decision": f"{NASTY} & more"}}
    return of_log(ten, cards={"everyone": card}, source=Source("baseline", 10, 400.0, 1))


@pytest.fixture(scope="module")
def written(found):
    """Return the page of the current state."""
    sheet = current_state.sheet(found)
    return document.document("current_state", [Part(sheet.title, sheet.source, page.section(sheet))])


def test_a_map_has_every_lane(found):
    """Intent, touchpoints, emotion, pain points, moments of truth, time, money, opportunities: in this order."""
    names = [lane.name for lane in current_state.sheet(found).lanes]

    assert names == ["What they want", "Touchpoints", "Emotion", "Pain points", "Moments of truth", "Time in stage", "Money", "Opportunities"]


def test_a_card_speaks_of_the_stage_or_of_the_goal(found):
    """Wants by stage where the card has them, else the goals."""
    card = found.cards["everyone"]

    assert wants(card, "decision") == [f"{NASTY} & more"]
    assert wants(card, "awareness") == ["a flat"]
    assert wants({}, "awareness") == []


def test_the_title_names_the_dearest_pain(found):
    """The first of the ranked losses, with its stage."""
    assert found.pains[0].stage in ("decision", "awareness")
    assert current_state.finding(found).startswith(f"Most is lost in {found.pains[0].stage.capitalize()}")


def test_chips_hold_the_share_and_the_engaged_part(found):
    """Search in awareness: three of seven exposures, two of them engaged with."""
    chips = {item.label: item for item in current_state.sheet(found).lanes[1].cells[0] if isinstance(item, Chip)}

    assert chips["Search"].share == pytest.approx(3 / 7)
    assert chips["Search"].engaged == pytest.approx(2 / 3)
    assert chips["Search"].media == "paid"


def test_names_can_only_be_text(written):
    """What a card says is shown literally; nothing on the page runs or leaves it."""
    assert NASTY not in written
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in written
    assert "<script" not in written
    assert not re.search(r"https?:|url\(|@import", written)


def test_hostile_names_stay_on_their_map(hostile, tmp_path):
    """Stages, personas and channels named like markup and mathematics: page and slide are made, names escaped."""
    sheet = current_state.sheet(current_state.of_run(Run.of(hostile, tmp_path)))
    markup = str(page.section(sheet))
    with style.sheet():
        drawn = [text.get_text() for figure in slide.slides(sheet) for text in texts(figure)]

    assert "&lt;b&gt;&amp;amp;&lt;/b&gt;" in markup
    assert "<b>&amp;" not in markup
    assert any("\\alpha$ x" in text for text in drawn)


def test_the_page_names_its_lanes_and_stages_for_readers_without_sight(written):
    """A caption, a head for every row and column, the curve in words."""
    assert written.count('<th scope="row"') == 8
    assert written.count('<th scope="col"') == 4
    assert "<caption>Most is lost in" in written
    assert re.search(r'aria-label="Emotion: Awareness: 0.00; Consideration: \+0.20; Retention: \+0.30"', written)


@pytest.mark.parametrize("which", ["plain", "crowded", "shared", "alone"])
def test_a_slide_is_readable(which, request):
    """16:9, no text under nine points, none outside the slide, six stages at most on each."""
    result = request.getfixturevalue(which)
    sheet = current_state.sheet(of_log(result.log, result.headline, source=Source("baseline", 300, 800.0, 1)))
    with style.sheet():
        figures = slide.slides(sheet)
        for figure in figures:
            assert figure.get_size_inches() == pytest.approx((WIDE, TALL))
            figure.draw_without_rendering()
            edge = figure.bbox
            for text in texts(figure):
                box = text.get_window_extent()
                assert text.get_fontsize() >= 9
                assert edge.x0 - 1 <= box.x0 <= box.x1 <= edge.x1 + 1, text.get_text()
                assert edge.y0 - 1 <= box.y0 <= box.y1 <= edge.y1 + 1, text.get_text()

    assert len(figures) == -(-len(sheet.columns) // slide.MOST)


def test_lanes_never_need_more_than_there_is(found):
    """Heights sum to the room, whether it is too much or too little."""
    lanes = current_state.sheet(found).lanes
    for room in (3.0, 9.0):
        assert sum(slide.heights(lanes, room, 2.2)) == pytest.approx(room)


def moment(stage: str, low: float) -> Moment:
    """Return a moment at a channel with a lower limit."""
    return Moment(stage, "email", 500.0, low + 1, low, low + 2, 100.0, 90.0, 110.0, 10)


def test_moments_of_truth_stand_where_they_are_or_say_that_there_is_none(found):
    """A sure one in its stage with a star and in the opportunities; a doubtful one nowhere; none is said with how many were tried."""
    sure = current_state.sheet(replace(found, moments=Moments((moment("decision", 0.5), moment("awareness", -1.0)), 9, "EUR"))).lanes
    none = current_state.sheet(replace(found, moments=Moments((moment("decision", -1.0),), 9, "EUR"))).lanes

    assert [cell[0].tone for cell in sure[4].cells] == [QUIET, QUIET, GAIN, QUIET]
    assert "\u2605 Email: +EUR 1.50" in sure[4].cells[2][0].text
    assert "email" in sure[7].cells[2][0].text
    assert "None found" in none[4].across[0].text
    assert "9 cells" in none[4].across[0].text


@pytest.mark.parametrize(("low", "high", "better", "tone"), [(1, 3, 1, GAIN), (1, 3, -1, LOSS), (-3, -1, -1, GAIN), (-1, 3, 1, QUIET), (0, 2, 1, QUIET)])
def test_a_difference_is_coloured_only_where_it_is_sure(low, high, better, tone):
    """Better and worse depend on the number; an interval that touches zero is not sure."""
    row = Difference("other", "queue_wait", "stage", "decision", 5.0, 5.0 + (low + high) / 2, (low + high) / 2, low, high, "days", 20)

    assert future_state.change("", row, future_state.Way(str, better)).tone == tone


def test_a_feeling_before_and_after_is_one_curve(found):
    """Both worlds' medians are in the text of the later curve."""
    from sim.studies.journey_map import FutureState

    sheet = future_state.sheet(FutureState(found, found, {}))
    curve = next(lane for lane in sheet.lanes if isinstance(lane, Curve))

    assert curve.before == curve.feelings or all(a.median == b.median for a, b in zip(curve.before, curve.feelings, strict=True) if a and b)
    assert "\u2192" in curve.feelings[1].said


def shown_of(log, life, twin=None):
    """Return what a day in a life shows."""
    return Shown(life, "numbered", len(log.births), log.terms, {"age": 41, "job": "Engineer"}, date(2026, 1, 1), "more_sales_reps" if twin else None, twin)


def shown(ten, index, twin=None):
    """Return what a day in the life of one of the ten shows."""
    return shown_of(ten, lives.life(ten, index), twin)


def test_a_day_in_the_life_tells_what_happened_when(ten):
    """Customer 4 arrives on 21 January, waits a day for the call, buys on 2 March, gives up on 21 May."""
    told = dict(day_in_the_life.story(lives.life(ten, 4), ten.terms))

    assert timeline.said_date(20, date(2026, 1, 1)) == "21 January 2026"
    assert told[20] == "Arrives in Awareness"
    assert told[40] == "Call: on to Consideration"
    assert told[60] == "First order: EUR 50.0"
    assert "Gives up waiting for call after 3 days, and leaves" in [text for _, text in day_in_the_life.story(lives.life(ten, 4), ten.terms)]


def test_a_twin_is_called_one_possible_twin_and_parts_where_it_parts(ten):
    """The same life never parts; another one parts on the first day that differs; on the page and the slide it is one possible twin."""
    own = shown(ten, 4, lives.life(ten, 4))
    other = shown(ten, 4, lives.life(ten, 8))
    with style.sheet():
        said = [text.get_text() for text in texts(day_in_the_life.draw(other))]
        body = str(day_in_the_life.section(other, day_in_the_life.picture(other)))

    assert day_in_the_life.parted(own) is None
    assert day_in_the_life.parted(other) == 25
    assert any(text.startswith("One possible twin: the same customer") for text in said)
    assert "One possible twin" in body


def test_a_persona_map_has_its_card(found):
    """Name, age, goals; the moments of truth are everybody's and not on it."""
    sheet = persona_map.sheet(replace(found, persona="everyone"))

    assert sheet.card.name == "Everyone"
    assert sheet.card.line == "28"
    assert ("Wants", "a flat") in sheet.card.facts
    assert "Moments of truth" not in [lane.name for lane in sheet.lanes]


def test_the_map_speaks_finnish(found):
    """Lanes, stages and numbers."""
    with speaking("fi"):
        sheet = current_state.sheet(found)
        markup = document.document("current_state", [Part(sheet.title, sheet.source, page.section(sheet))])

    assert '<html lang="fi">' in markup
    assert "Totuuden hetket" in markup
    assert "Harkinta" in markup


def test_a_stored_run_has_the_same_map(plain, tmp_path):
    """Written and read again: the same markup as from memory."""
    plain.write(tmp_path)

    assert str(current_state.section(Run.read(tmp_path))) == str(current_state.section(replace(Run.of(plain, tmp_path), world=None)))


def test_without_events_there_is_a_sentence(plain, tmp_path):
    """A run that kept customers only has no map, and says how to get one."""
    plain.write(tmp_path)
    (tmp_path / "events.parquet").unlink()

    assert "log=events" in str(current_state.section(Run.read(tmp_path)))


def test_cells_have_names_of_their_own():
    """Stage and channel make one name."""
    assert cell("decision", "email") == "decision | email"


def test_a_log_in_which_nobody_is_seen_to_leave_says_where_customers_were_last_seen():
    """Two customers, no channel, no money, no exit: one stays in consideration; lanes that a log can't fill are left out."""
    steps = [row(0, 5, "own", "awareness > consideration"), row(1, 6, "own", "awareness > consideration"), row(1, 9, "own", "consideration > retention")]
    sheet = current_state.sheet(of_log(log_of([0.0, 0.0], steps, horizon=20.0)))
    pains = next(lane for lane in sheet.lanes if lane.name == "Pain points")

    assert [lane.name for lane in sheet.lanes] == ["Pain points", "Moments of truth", "Time in stage"]
    assert (pains.cells[1][0].text, pains.cells[1][0].money) == ("1 last seen here", "50 % of them")
    assert sheet.title.endswith("come to Retention")


def test_a_fee_is_no_order_and_a_message_no_occasion():
    """Customers of a contract pay a fee a month; what a rule sends is a message. Neither counts as something that they did."""
    contract, ruled = (play(worlds.made(raw(200))) for raw in (worlds.contracts, worlds.rules))
    payer, reader = ([lives.life(log, index) for index in range(len(log.births))] for log in (contract, ruled))
    paying = next(life for life in payer if life.payments("fee"))
    sent = next(step for life in reader for step in life.steps if step.is_message)

    assert not set(paying.payments("fee")) & set(paying.orders)
    assert {day_in_the_life.told(step, contract.terms)[:4] for step in paying.payments("fee")} == {"Fee:"}
    assert day_in_the_life.told(sent, ruled.terms).startswith("Message by ")
    assert not any("fee" in text for _, text in day_in_the_life.story(paying, contract.terms)[:-1])


@pytest.mark.parametrize(
    ("terms", "day", "said", "sums"),
    [
        ({"instalments": {"number": 4, "every": 30.0}}, 31, "Instalment: EUR 12.5", "1 order, EUR 12.5 in all; 3 instalments, EUR 37.5 in all"),
        ({"refund": {"chance": 1.0, "after": {"mean": 7, "family": "fixed"}}}, 8, "Refund: EUR 50.0", "1 order, EUR 50.0 in all; 1 refund, EUR 50.0"),
    ],
)
def test_what_is_paid_later_is_called_by_its_name(terms, day, said, sums):
    """An order of 50 on day 1 by a customer who is gone on day 2: the rest is no fee, has a row and a mark of its own, and stands last in the story."""
    log = play(worlds.made(worlds.put(worlds.line(horizon=200.0), personas__one__revenue={"value": {"mean": 50, "family": "fixed"}} | terms)))
    own = lives.life(log, 0)
    page = shown_of(log, own)
    with style.sheet():
        marks = [text.get_text() for text in texts(day_in_the_life.draw(page))]

    assert day_in_the_life.told(own.steps[2], log.terms) == said
    assert own.steps[2].day == day
    assert day_in_the_life.story(own, log.terms)[-1] == (own.steps[-1].day, sums)
    assert {said.split(":")[0].lower(), f"{said.split(':')[0].lower()}s"} <= set(marks)


def test_contents_have_their_planned_share(found):
    """Weights 1 and 3 of a channel with 40 % of the exposures are 10 and 30 % of them; without contents there is no such lane."""
    stage = found.stages[0]
    channel = found.touchpoints(stage)[0]
    share = found.touchpoint("exposure_share", stage, channel).value
    shown = replace(found, contents={channel: {"recipe": 1.0, "coupon": {stage: 3.0}}})

    assert lanes.contents(found) is None
    assert shown.planned(stage) == [(channel, "coupon", pytest.approx(0.75 * share)), (channel, "recipe", pytest.approx(0.25 * share))]
    assert "Content" in [lane.name for lane in current_state.sheet(shown).lanes]
