"""The report: one file that needs nothing else, every section there or left out for a reason, any name shown as it is."""

import sys
from pathlib import Path

import pytest

from sim.errors import LogError
from sim.language import speaking
from sim.metrics import Metric
from sim.report.html.element import Raw, el
from sim.report.html.page import NAME, write
from sim.report.html.report import Report
from sim.report.html.sections import ILLUSTRATED, SECTIONS
from sim.report.html.sections.key_figures import difference
from sim.report.html.stored import Run
from sim.studies.run import Result
from tests.report.page import ABOUT, EVERYTHING, Page, named

WIDE = 5_000_000  # bytes


@pytest.fixture(scope="module")
def hostile_run() -> Result:
    return named()


@pytest.fixture(scope="module")
def pages(shared: Result, hostile_run: Result, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the pages of a run that was just played, of the same run read from its folder, in Finnish, and of hostile names."""
    folder = tmp_path_factory.mktemp("shared")
    shared.write(folder)
    played, read = Run.of(shared, folder), Run.read(folder, shared.world.model_dump())
    hostile = Run.of(hostile_run, tmp_path_factory.mktemp("hostile"))
    out = {name: write(Report((run,)), folder).read_text("utf-8") for name, run in {"played": played, "read": read, "hostile": hostile}.items()}
    out["compared"] = write(Report((played, hostile)), folder).read_text("utf-8")
    with speaking("fi"):
        return out | {"finnish": write(Report((read,)), folder).read_text("utf-8")}


@pytest.mark.parametrize("which", ["played", "read", "hostile", "compared", "finnish"])
def test_nothing_is_loaded_and_nothing_runs_but_the_one_script(pages: dict[str, str], which: str) -> None:
    """No address leaves the page, no attribute is a program, and the policy allows the script by its digest alone."""
    page = Page(pages[which])

    assert [(tag, name) for tag, name, value in page.attributes if name in ("src", "href", "action") and not value.startswith("#")] == []
    assert [name for _, name, _ in page.attributes if name.startswith("on")] == []
    assert pages[which].count("<script") == 1
    policy = next(value for tag, name, value in page.attributes if tag == "meta" and name == "content" and "default-src" in value)
    assert "default-src 'none'" in policy
    assert "'sha256-" in policy
    assert len(pages[which].encode()) < WIDE
    assert page.open == []


@pytest.mark.parametrize("which", ["played", "hostile", "compared", "finnish"])
def test_every_figure_says_what_it_shows_and_has_its_numbers_beside_it(pages: dict[str, str], which: str) -> None:
    """For readers who can't see it, and for those who want the numbers."""
    figures = Page(pages[which]).figures

    assert len(figures) >= 8
    assert all(len(figure["alt"]) > 20 and figure["tables"] for figure in figures)


def test_every_section_of_a_run_is_there_and_filled(pages: dict[str, str]) -> None:
    """In reading order, each with a heading."""
    page = Page(pages["played"])

    assert tuple(page.sections) == EVERYTHING + ABOUT
    assert all(len(" ".join(text.split())) > 60 for text in page.sections.values())
    assert page.headings[0] == "h2"  # of the contents
    assert page.headings.count("h1") == 1


def test_a_stored_run_makes_the_same_page_as_a_played_one(pages: dict[str, str]) -> None:
    """Byte for byte: everything is made from what is stored."""
    assert pages["read"] == pages["played"]


def test_ids_are_unique_on_the_page(pages: dict[str, str]) -> None:
    """Also those inside figures, which Matplotlib numbers from 1 in each."""
    ids = [value for _, name, value in Page(pages["played"]).attributes if name == "id"]

    assert len(ids) == len(set(ids)) > 20


def test_hostile_names_are_shown_literally(pages: dict[str, str], hostile_run: Result) -> None:
    """Twelve names that are markup, programs, templates, or of other alphabets: each stands in the text as it is."""
    page = Page(pages["hostile"])
    shown = " ".join("".join(page.texts).split())
    world = hostile_run.world
    names = [*world.stages, *world.personas, *world.channels, *world.desks]

    assert len(names) == 10
    for name in [*names, world.scenario.name, "<b>"]:
        said = name[:1].upper() + name[1:].replace("_", " ").strip()
        assert " ".join(said.split()) in shown or " ".join(name.split()) in shown, name
    assert not {tag for tag, _, _ in page.attributes} & {"img", "iframe", "object", "embed", "link", "base"}


def test_what_the_run_does_not_know_is_left_out(alone: Result, plain: Result, tmp_path: Path) -> None:
    """One customer for half a day: no churn, no queues; a plain run: no desks; without events: no paths; without a world: no assumptions."""
    few = Page(write(Report((Run.of(alone, tmp_path),)), tmp_path).read_text("utf-8")).sections
    assert not {"churn", "clv", "queues", "channels"} & set(few)

    plain.write(tmp_path)
    (tmp_path / "events.parquet").unlink()
    without = Page(write(Report((Run.read(tmp_path),)), tmp_path).read_text("utf-8")).sections
    assert not {"queues", "flow", "paths", "linearity", "assumptions", "model"} & set(without)
    assert {"answer", "key_figures", "funnel", "channels", "churn", "clv", "again"} <= set(without)


def test_sections_that_wait_for_figures_are_made_last(shared: Result, tmp_path: Path) -> None:
    """All that do and no others: the list of them is kept by hand."""

    def finish() -> None:
        raise EOFError("a figure that may be drawn elsewhere is asked for")

    waiting = set()
    for name, section in SECTIONS.items():
        try:
            list(section(Report((Run.of(shared, tmp_path),), finish=finish)))
        except EOFError:
            waiting.add(name)
    assert waiting == set(ILLUSTRATED)


def test_a_figure_that_lies_there_is_shown_without_loading_what_draws(plain: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Matplotlib takes longer than the rest of a page."""
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "funnel.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><title>f</title></svg>')
    for module in ("matplotlib", "sim.report.figures.gallery", "sim.report.figures.style"):
        monkeypatch.setitem(sys.modules, module, None)
    shown = Report((Run.of(plain, tmp_path),)).figure("funnel", "a funnel", el("p"))
    assert shown is not None
    assert "<svg" in str(shown)


def test_a_folder_without_a_run_is_refused_by_name(tmp_path: Path) -> None:
    """And a page is not written."""
    with pytest.raises(LogError, match="no run was stored here"):
        Run.read(tmp_path)
    assert not (tmp_path / NAME).exists()


def test_a_comparison_shows_the_difference_with_its_interval(pages: dict[str, str]) -> None:
    """Newcombe (1998), table II, method 10: 56/70 - 48/80 is 0.2000 with 0.0524 to 0.3339, from Wilson's limits of each share."""
    first = Metric("m", "all", "all", 48 / 80, 0.4904, 0.7004, "share", 80)
    other = Metric("m", "all", "all", 56 / 70, 0.6918, 0.8769, "share", 70)

    assert difference(first, other) == pytest.approx((0.2, 0.0524, 0.3339), abs=2e-4)
    assert "Difference" in Page(pages["compared"]).sections["key_figures"]


def test_an_element_escapes_what_it_holds_and_refuses_what_would_run() -> None:
    """The one place where text becomes markup."""
    assert str(el("p", {"title": '"<&'}, "<b>&\u202e", el("br"), Raw("<i>"))) == '<p title="&quot;&lt;&amp;">&lt;b&gt;&amp;\ufffd<br><i></p>'
    wrong = ("a", {"href": "javascript:alert(1)"}), ("img", {"src": "x"}), ("p", {"onclick": "x"}), ("p", {"a b": "x"}), ("p><", {}), ("a", {"HREF": "//x"})
    for tag, attributes in wrong:
        with pytest.raises(ValueError, match=r"not allowed|leaves the page"):
            el(tag, attributes)


def test_a_study_is_reported_by_its_tables_and_figures(plain: Result, tmp_path: Path) -> None:
    """A what-if leaves no single run: its differences, its plan and its model are the page, and a chance is never certain."""
    columns = "scenario,metric,by,group,baseline,value,difference,low,high,unit,n,p_better"
    (tmp_path / "differences.csv").write_text(f"{columns}\n<b>more</b>,profit,all,all,100,120,20,15,25,EUR,10,0.99999\n", encoding="utf-8")
    rows = "".join(f"<b>more</b>,{month},wins,all,3,2,4,count,10\n" for month in range(3))
    (tmp_path / "plan.csv").write_text(f"scenario,month,line,of,value,low,high,unit,n\n{rows}", encoding="utf-8")
    sections = Page(write(Report((Run.of_study(plain.world, tmp_path),)), tmp_path).read_text("utf-8")).sections

    assert set(sections) == {"experiments", "plan", *ABOUT}
    assert "+EUR\u00a020.015.0 to 25.0> 99.9 %" in sections["experiments"]
    assert "<b>more</b>" in sections["plan"]


def test_a_broken_split_is_the_first_thing_that_a_test_says(plain: Result, tmp_path: Path) -> None:
    """Nothing may be concluded where the split is not the one that was planned."""
    (tmp_path / "splits.csv").write_text("of,customers,p,alarm\nassigned,900 700,5e-07,True\n", "utf-8")
    page = write(Report((Run.of_study(plain.world, tmp_path),)), tmp_path).read_text("utf-8")

    assert "Conclude nothing: the split of the assigned is not the one planned (p = 5e-07)" in page.replace("\N{NO-BREAK SPACE}", " ")
