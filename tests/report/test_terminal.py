"""The summary in the terminal: short lines, rounded numbers, intervals or the reason why there are none."""

import io
import sys

import pytest

import sim
from sim.report.columns import aligned
from sim.report.terminal import COLUMNS, summary
from sim.report.words import width
from sim.studies.run import Result, simulate

JOURNEYS = ("advocacy_funnel", "five_stage_loop", "four_stage", "web_micro_path")


@pytest.mark.parametrize("name", ["plain", "hostile", "shared", "crowded", "alone"])
def test_no_line_is_wider_than_the_terminal(name: str, request: pytest.FixtureRequest) -> None:
    """100 columns, whatever the names."""
    assert max(map(width, summary(request.getfixturevalue(name)).split("\n"))) <= COLUMNS


@pytest.mark.parametrize("journey", JOURNEYS)
def test_shipped_worlds_fit_into_the_terminal(journey: str) -> None:
    """And name their personas, channels and desks."""
    text = summary(simulate(sim.load(f"journey={journey}", "customers=200", "replications=2")))

    assert max(map(width, text.split("\n"))) <= COLUMNS
    assert {"Persona", "Channel", "Desk"} <= {line.split(" ")[0] for line in text.split("\n")}


def test_the_headline_says_what_the_metrics_say(plain: Result) -> None:
    """The first line is the conversion rate of the run in words."""
    rate = next(m for m in plain.headline if (m.metric, m.by) == ("conversion_rate", "all"))

    assert summary(plain).startswith(f"{100 * rate.value:.0f} % of arrivals became customers by day 800")


def test_values_of_replications_are_called_so(shared: Result) -> None:
    """A shared world prints means over replications and a table of desks."""
    text = summary(shared)

    assert "Means over 12 replications." in text
    assert "Sales" in text


def test_missing_values_have_a_reason(alone: Result) -> None:
    """A dash in a table is explained below it."""
    text = summary(alone)

    assert "Nobody became a customer" in text
    assert "- follow-up too short: conversion_rate_365d" in text


def test_a_terminal_of_few_letters_gets_question_marks(hostile: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows consoles may write cp1252, which lacks the letters of two of the names."""
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), "cp1252"))
    text = summary(hostile)

    assert text.encode("cp1252")
    assert "$x$ <i>" in text


def test_a_table_has_names_to_the_left_and_numbers_to_the_right() -> None:
    """Wide letters take two columns; the name gives way where the line is too long."""
    assert aligned(["Name", "n"], [["日本", "1,240"], ["abc", "7"]], 80) == ["Name      n", "日本  1,240", "abc       7"]
    assert aligned(["Name", "n"], [["a_rather_long_name", "1"]], 14)[1] == "a_rather...  1"


def test_the_arms_of_a_test_stand_beside_the_personas() -> None:
    """Whoever splits customers wants to see both sides."""
    text = summary(simulate(sim.load("ab_test=email_coupon", "customers=200", "replications=2")))

    assert {"Arm control", "Arm coupon"} <= {line[:12].rstrip() for line in text.split("\n")}
