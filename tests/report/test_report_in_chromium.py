"""The report in a real browser: nothing is loaded, nothing goes wrong, and what can be pressed works."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.report.html.page import write
from sim.report.html.report import Report
from sim.report.html.stored import Run
from sim.studies.run import Result
from tests.report.browser import Browser, browser, missing
from tests.report.page import ABOUT, EVERYTHING, named

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with browser(tmp_path_factory.mktemp("chromium"), port) as opened:
        yield opened


@pytest.fixture(scope="module")
def page(shared: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    return write(Report((Run.of(shared, folder),)), folder)


def asked(window: Browser) -> set[str]:
    """Return the addresses asked for, the browser's own start page aside."""
    return {url for url in window.requests() if not url.startswith(("chrome:", "data:"))}


def test_the_page_is_whole_and_silent(window: Browser, page: Path) -> None:
    """No message on the console, no request but the page itself, every section filled, and every figure drawn."""
    window.open(page)
    filled = window.run("return Array.from(document.querySelectorAll('section')).filter(s => s.innerText.trim().length > 60).map(s => s.id)")
    drawn = window.run("return Array.from(document.querySelectorAll('figure svg')).every(s => s.getBoundingClientRect().height > 100)")

    assert tuple(filled) == EVERYTHING + ABOUT
    assert drawn
    assert window.messages() == []
    assert asked(window) == {page.as_uri()}


def test_hostile_names_do_nothing(window: Browser, tmp_path: Path) -> None:
    """Twelve names that would call alert, load an image or close an element: no dialog, no message, no request."""
    page = write(Report((Run.of(named(), tmp_path),)), tmp_path)
    window.requests()
    window.open(page)

    assert window.run("return [document.images.length, document.scripts.length, document.querySelectorAll('[onerror],[onload]').length]") == [0, 1, 0]
    assert "<script>alert(1)</script>" in window.run("return document.body.innerText")
    assert window.messages() == []
    assert asked(window) == {page.as_uri()}


def test_personas_are_hidden_and_shown(window: Browser, page: Path) -> None:
    """Their rows in every table and their lines in every figure."""
    window.open(page)
    seen = "return Array.from(document.querySelectorAll('[data-persona=\"0\"]')).filter(e => getComputedStyle(e).display !== 'none').length"
    first = window.run(seen)
    press = "document.querySelector('#personas input').click();" + seen

    assert first > 3
    assert window.run("return document.querySelectorAll('svg [data-persona=\"0\"]').length") > 0
    assert window.run(press) == 0
    assert window.run(press) == first


def test_tables_are_sorted_by_keyboard_and_back_again(window: Browser, page: Path) -> None:
    """Down, up, as they were; the total stays last, and a screen reader is told."""
    window.open(page)
    press = """
        const table = document.querySelector('#key_figures table.sortable'), head = table.tHead.rows[0].cells[3];
        head.querySelector('button').focus();
        document.activeElement.click();
        return [head.getAttribute('aria-sort'), ...Array.from(table.tBodies[0].rows).map(row => Number(row.cells[3].dataset.sort))]
    """
    down, up, back = (window.run(press) for _ in range(3))

    assert down[0] == "descending"
    assert down[1:-1] == sorted(down[1:-1], reverse=True)
    assert up == ["ascending", *sorted(down[1:-1]), down[-1]]
    assert back[0] is None


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_the_page_never_scrolls_sideways(window: Browser, page: Path, width: int) -> None:
    """Wide tables and figures scroll by themselves, within a region that the keyboard reaches."""
    window.open(page, width)

    assert window.run("return document.documentElement.scrollWidth") <= width
    assert window.run("return Array.from(document.querySelectorAll('.scroll')).every(s => s.tabIndex === 0 && s.getAttribute('aria-label'))")


def test_text_is_legible_in_the_light_and_in_the_dark(window: Browser, page: Path) -> None:
    """A contrast of 4.5 at least between ink, quiet ink and paper (WCAG 2.1, 1.4.3)."""
    script = """
        const canvas = document.createElement('canvas').getContext('2d'), style = getComputedStyle(document.documentElement);
        const light = name => { canvas.fillStyle = style.getPropertyValue(name).trim(); const hex = canvas.fillStyle;
          const [r, g, b] = [1, 3, 5].map(k => parseInt(hex.slice(k, k + 2), 16) / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
          return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
        const ratio = name => { const [a, b] = [light(name), light('--paper')].sort((x, y) => y - x); return (a + 0.05) / (b + 0.05); };
        return ['--ink', '--quiet', '--link', '--blue', '--green', '--vermilion', '--purple', ...[0, 1, 2, 3, 4, 6, 7].map(k => `--persona${k}`)].map(ratio);
    """
    for scheme in ("light", "dark"):
        window.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        window.open(page)
        assert min(window.run(script)) >= 4.5, scheme
    window.command("Emulation.setEmulatedMedia", features=[])
