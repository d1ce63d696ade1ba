"""One catalogue a language: the same texts in each, and the numbers and dates of its country."""

import string
from collections.abc import Callable
from datetime import date

import pytest

from sim.errors import ConfigError
from sim.language import LANGUAGES, Forms, Language, current, language, speaking
from sim.metrics import Metric
from sim.report.words import days, inside, limits, money, percent, spoken

HARD = "\u00a0"  # a blank at which no line breaks


def gaps(forms: Forms) -> list[set[str | None]]:
    """Return the names of the gaps in each form of a text."""
    texts = {"": forms} if isinstance(forms, str) else forms
    return [{name for _, name, _, _ in string.Formatter().parse(text) if name is not None} for text in texts.values()]


@pytest.mark.parametrize("code", LANGUAGES[1:])
def test_every_language_has_the_same_texts_with_the_same_gaps(code: str) -> None:
    """A missing text would be found by a reader, and not by us."""
    english, other = language("en").texts, language(code).texts
    assert set(english) == set(other)
    assert {key: gaps(english[key]) for key in english} == {key: gaps(other[key]) for key in other}


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_text_is_empty_or_holds_markup(code: str) -> None:
    """Texts are words; what surrounds them is made elsewhere."""
    texts = [text for forms in language(code).texts.values() for text in ([forms] if isinstance(forms, str) else forms.values())]
    assert all(text and "<" not in text and "&" not in text for text in texts)


@pytest.mark.parametrize(
    ("say", "english", "finnish"),
    [
        (lambda say: say.number(1234567.891, 1), "1,234,567.9", f"1{HARD}234{HARD}567,9"),
        (lambda say: say.percent(0.031), "3.1 %", f"3,1{HARD}%"),
        (lambda say: say.money(-1240.4, "EUR"), "-EUR 1,240", f"\u22121{HARD}240{HARD}EUR"),
        (lambda say: say.money(2_660_000, "EUR"), "EUR 2.66 million", f"2,66 miljoonaa{HARD}EUR"),
        (lambda say: say.days(1.0), "1 day", "1 päivä"),
        (lambda say: say.days(0.5), "12 hours", "12 tuntia"),
        (lambda say: say.plural("numbers.customers", 1), "1 customer", "1 asiakas"),
        (lambda say: say.plural("numbers.customers", 12_000), "12,000 customers", f"12{HARD}000 asiakasta"),
        (lambda say: say.range("2.8", "3.4"), "2.8 to 3.4", "2.8\u20133.4"),
        (lambda say: say.date(date(2026, 11, 22)), "22 November 2026", "22. marraskuuta 2026"),
    ],
)
def test_numbers_and_dates_are_those_of_the_country(say: Callable[[Language], str], english: str, finnish: str) -> None:
    """Signs as in CLDR 46: Finnish has a decimal comma, hard blanks between thousands, and a true minus."""
    assert (say(language("en")), say(language("fi"))) == (english, finnish)


def test_words_speak_the_language_of_the_block_and_english_after_it() -> None:
    """Figures and tables need no further parameter."""
    rate = Metric("conversion_rate", "all", "all", 0.031, 0.028, 0.034, "share", 10_000)
    with speaking("fi"):
        assert [percent(0.5), money(12, "EUR"), days(3), spoken("consideration"), limits(rate)] == [
            f"50{HARD}%", f"12,0{HARD}EUR", "3 päivää", "Harkinta", "2,8\u20133,4",
        ]  # fmt: skip
        assert inside("b2b") == "B2B"
    assert (percent(0.5), current().code) == ("50 %", "en")


def test_names_that_are_not_shipped_stay_as_they_are() -> None:
    """Nobody translates what a user has called something."""
    assert (language("fi").name("my_stage"), language("fi").name("decision")) == (None, "Päätös")
    with speaking("fi"):
        assert spoken("my_stage") == "My stage"


def test_a_text_that_does_not_exist_is_an_error() -> None:
    """And so is a gap that nobody fills, or a text asked for in the wrong way."""
    say = language("en")
    for ask, key in ((say.text, "report.nonsense"), (say.text, "numbers.range"), (say.text, "numbers.days")):
        with pytest.raises(KeyError):
            ask(key)
    with pytest.raises(KeyError):
        say.plural("numbers.range", 1)


def test_a_language_that_nobody_has_written_is_refused_by_name() -> None:
    """With the nearest one."""
    with pytest.raises(ConfigError, match=r"no such language 'fy'.*fi"):
        language("fy")
