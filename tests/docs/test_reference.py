"""The reference pages say what the code says."""

import importlib.util
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "reference"


@pytest.mark.parametrize("page", ["metrics", "world"])
def test_the_reference_page_is_the_one_that_the_code_makes(page):
    """After a changed docstring or field: python docs/reference/make.py."""
    spec = importlib.util.spec_from_file_location("make", FOLDER / "make.py")
    make = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make)

    assert (FOLDER / f"{page}.md").read_text(encoding="utf-8") == getattr(make, page)()
