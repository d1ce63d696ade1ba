"""Damaged and foreign files: each is refused with file, row and column."""

import gzip

import pytest

from sim.calibration.read import read
from sim.errors import LogError

GOOD = "customer,time,stage,revenue\na,2024-01-01T00:00:00,looking,\na,2024-01-02T00:00:00,buying,12.50\nb,2024-01-03T00:00:00,looking,\n"


def changed(old, new):
    return GOOD.replace(old, new, 1).encode()


BAD = {  # content: (row, column, a word of the message)
    "a column is missing": (changed(",stage", ",what"), 1, "stage", "study.columns.stage"),
    "a needed column twice": (changed("customer,time,stage,revenue", "customer,time,stage,stage"), 1, "stage", "2 times"),
    "two columns that could be it": (changed("revenue", "user_id"), 1, "customer", "could all be"),
    "UTF-16": (GOOD.encode("utf-16"), 1, None, "UTF-16"),
    "a Latin-1 byte": (GOOD.replace("buying", "köp", 1).encode("latin-1"), 3, "stage", "0xf6"),
    "semicolons": (GOOD.replace(",", ";").encode(), 1, None, "';'"),
    "tabs": (GOOD.replace(",", "\t").encode(), 1, None, "tabs"),
    "an open quote": (changed("buying", '"buying'), 3, "stage", "never closed"),
    "text after a quote": (changed("buying", '"buy"ing'), 3, "stage", "quotes"),
    "a long row": (changed("12.50", "12,50"), 3, None, "5 fields where the header has 4"),
    "a short row": (changed(",12.50", ""), 3, "revenue", "3 fields where the header has 4"),
    "a NUL": (changed("buying", "buy\0ing"), 3, "stage", "NUL"),
    "an empty file": (b"", 1, None, "empty"),
    "a header only": (GOOD.splitlines()[0].encode(), 2, None, "no row"),
    "a blank first row": (b"\n" + GOOD.encode(), 1, None, "no column names"),
    "a time that is none": (changed("2024-01-02T00:00:00", "yesterday"), 3, "time", "'yesterday'"),
    "a day that is none": (changed("2024-01-02", "2024-02-30"), 3, "time", "2024-02-30"),
    "a zone in some rows": (changed("2024-01-02T00:00:00", "2024-01-02T00:00:00Z"), 3, "time", "zone"),
    "NaN revenue": (changed("12.50", "NaN"), 3, "revenue", "'NaN'"),
    "infinite revenue": (changed("12.50", "inf"), 3, "revenue", "'inf'"),
    "money in words": (changed("12.50", "€12.50"), 3, "revenue", "€12.50"),
    "a zip archive": (b"PK\x03\x04" + b"0" * 20, None, None, "zip"),
    "half a gzip file": (gzip.compress(GOOD.encode())[:-12], None, None, "gzip"),
    "half a Parquet file": (b"PAR1" + b"0" * 40, None, None, "cut short"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_row_and_column(tmp_path, name):
    """Every kind of damage is named at its place; the header is row 1."""
    content, row, column, word = BAD[name]
    path = tmp_path / "log.csv"
    path.write_bytes(content)

    with pytest.raises(LogError) as caught:
        read(path)

    assert caught.value.file == str(path)
    assert row is None or caught.value.row == row
    assert column == caught.value.column
    assert word in str(caught.value)


def test_a_misspelt_column_gets_a_near_name(tmp_path):
    """The error for a mapped column that isn't there proposes the one that is."""
    path = tmp_path / "log.csv"
    path.write_text(GOOD)

    with pytest.raises(LogError, match="did you mean 'revenue'") as caught:
        read(path, {"revenue": "revenu"})

    assert (caught.value.row, caught.value.column) == (1, "revenu")


def test_a_missing_file_gets_a_near_name(tmp_path):
    """A file name with a typo is answered with the file that exists."""
    (tmp_path / "events.csv").write_text(GOOD)

    with pytest.raises(LogError, match=r"did you mean 'events\.csv'"):
        read(tmp_path / "event.csv")


@pytest.mark.parametrize("cut", [1, 10, 200])
def test_a_truncated_parquet_file_is_refused(tmp_path, cut):
    """A Parquet file without its last bytes has no footer."""
    import duckdb

    path = tmp_path / "log.parquet"
    duckdb.connect().execute(f"copy (select 'a' customer, range::double as time, 'x' stage from range(100)) to '{path}'")
    path.write_bytes(path.read_bytes()[:-cut])

    with pytest.raises(LogError) as caught:
        read(path)

    assert caught.value.file == str(path)


def test_a_parquet_ending_on_another_file_is_refused(tmp_path):
    """The ending promises Parquet, the first bytes say no."""
    path = tmp_path / "log.parquet"
    path.write_text(GOOD)

    with pytest.raises(LogError, match="PAR1"):
        read(path)


@pytest.mark.parametrize("wrap", [bytes, gzip.compress, lambda content: b"\xef\xbb\xbf" + content])
def test_plain_gzip_and_marked_text_read_the_same(tmp_path, wrap):
    """Compression and a byte order mark change nothing."""
    path = tmp_path / "log.csv"
    path.write_bytes(wrap(GOOD.encode()))

    log, account = read(path)

    assert (account.read, account.used, log.stages) == (3, 3, ("looking", "buying"))


def test_a_line_break_in_quotes_stays_in_its_row(tmp_path):
    """One record of two lines is one row, so the next error is counted from it."""
    path = tmp_path / "log.csv"
    path.write_bytes(GOOD.replace("looking", '"look\ning"', 1).replace("12.50", "x").encode())

    with pytest.raises(LogError) as caught:
        read(path)

    assert (caught.value.row, caught.value.column) == (3, "revenue")
