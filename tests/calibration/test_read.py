"""A file into an event log: identifiers, times, sorting, and the account of every row."""

import contextlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.calibration.read import read
from sim.errors import LogError

HEADER = "customer,time,stage,channel,revenue\n"


def reading(folder, rows, header=HEADER, **options):
    path = folder / "log.csv"
    path.write_text(header + "\n".join(rows) + "\n", encoding="utf-8")
    return read(path, **options)


def test_identifiers_stay_text(tmp_path):
    """NA, null, leading zeros, 23 digits and padding: five customers, no number among them."""
    ids = ["NA", "null", "007", "12345678901234567890123", " 7 "]

    log, account = reading(tmp_path, [f"{name},{day},x,," for day, name in enumerate(ids)])

    assert log.customers == 5
    assert any("blanks around" in note for note in account.notes)


def test_padding_does_not_make_another_customer(tmp_path):
    """'7' and ' 7 ' are one customer, '07' is another."""
    log, _ = reading(tmp_path, ["7,1,x,,", " 7 ,2,x,,", "07,3,x,,"])

    assert log.customers == 2


def test_every_reason_for_leaving_a_row_out_is_counted(tmp_path):
    """Six rows of nine go, each for its own reason; a repeated row counts once."""
    rows = ["a,1,x,,", "a,2,y,,5", ",3,x,,", "b,,x,,", "b,3,,,", "", "a,2,y,,5", "a,4,y,,-5", "b,5,x,,"]

    _, account = reading(tmp_path, rows)

    assert (account.read, account.used) == (9, 3)
    assert list(account.dropped.values()) == [1, 1, 1, 1, 1, 1]
    assert account.balances


def test_rows_out_of_order_are_sorted_and_equal_times_stay_as_they_are(tmp_path):
    """By hand: the row of day 1 comes after that of day 2; the two of day 2 keep their order."""
    log, account = reading(tmp_path, ["a,2,first,,", "a,2,second,,", "a,1,start,,"])

    assert [log.stages[code] for code in log.stage] == ["start", "first", "second"]
    assert any(note.startswith("1 rows were out of order") for note in account.notes)


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (("2024-01-01", "2024-01-02T12:00"), "without a zone"),
        (("2024-01-01T00:00:00Z", "2024-01-02 12:00:00 UTC"), "with a zone"),
        (("2024-03-31T01:00:00+02:00", "2024-04-01T14:00:00+03:00"), "summer time"),
        (("1704067200", "1704196800"), "seconds since 1970"),
        (("1704067200000", "1704196800000"), "milliseconds"),
        (("1704067200000000", "1704196800000000"), "microseconds"),
        (("3", "4.5"), "numbers of days"),
    ],
)
def test_times_of_every_kind_are_taken_and_said(tmp_path, texts, said):
    """Each pair is a day and a half apart."""
    log, account = reading(tmp_path, [f"a,{text},x,," for text in texts])

    assert log.time.tolist() == pytest.approx([0.0, 1.5], abs=1e-12)
    assert said in account.notes[0]


@pytest.mark.parametrize(("first", "second"), [("20240131", "20240201"), ("3", "1704067200"), ("2024-01-01T00:00Z", "2024-01-02T00:00+09:00")])
def test_ambiguous_and_mixed_times_are_refused(tmp_path, first, second):
    """Numbers between days and epochs, two kinds in one column, and zones of two places."""
    with pytest.raises(LogError) as caught:
        reading(tmp_path, [f"a,{first},x,,", f"a,{second},x,,"])

    assert caught.value.column == "time"
    assert caught.value.row == (2 if first == "20240131" else 3)


@pytest.mark.parametrize(("first", "last", "unit"), [("1970-01-01", "9999-12-31", "auto"), ("0", "1e30", "days")])
def test_times_that_cannot_be_are_refused(tmp_path, first, last, unit):
    """The year 9999 that stands for an open end, and a number beyond any calendar."""
    with pytest.raises(LogError) as caught:
        reading(tmp_path, [f"a,{first},x,,", f"a,{last},x,,"], time_unit=unit)

    assert caught.value.column == "time"


def test_a_named_unit_settles_an_ambiguous_time(tmp_path):
    """86,400,000 thousandths of a second are a day."""
    log, _ = reading(tmp_path, ["a,0,x,,", "a,86400000,x,,"], time_unit="ms")

    assert log.time.tolist() == [0.0, 1.0]


def test_names_fit_a_world_and_differ_without_case(tmp_path):
    """Dots and brackets become underscores; 'Cart' and 'cart' stay two stages with names that a world accepts."""
    log, account = reading(tmp_path, ["a,1,page.view[1],,", "a,2,Cart,,", "a,3,cart,,"])

    assert log.stages == ("page_view_1_", "Cart", "cart_2")
    assert any("stage names were changed" in note for note in account.notes)


def test_parquet_and_csv_give_the_same_log(tmp_path):
    """The same table through DuckDB's types: text, timestamp, double with null."""
    import duckdb

    rows = ["NA,2024-01-01T00:00:00,x,mail,", "NA,2024-01-02T06:00:00,y,,9.5", "007,2024-01-01T12:00:00,x,own,"]
    log, account = reading(tmp_path, rows)
    path = tmp_path / "log.parquet"
    source = f"read_csv('{tmp_path}/log.csv', nullstr='', types={{'customer': 'varchar', 'time': 'timestamp', 'revenue': 'double'}})"
    duckdb.connect().execute(f"copy (from {source}) to '{path}'")

    other, same = read(path)

    assert (account.read, account.used, account.dropped) == (same.read, same.used, same.dropped)
    for name in ("customer", "time", "stage", "channel", "revenue", "engaged"):
        assert np.array_equal(getattr(log, name), getattr(other, name)), name
    assert (log.stages, log.channels) == (other.stages, other.channels)


def test_too_many_stages_name_the_column(tmp_path):
    """A free-text column taken for the stage is told as such."""
    with pytest.raises(LogError, match="117 different stages") as caught:
        reading(tmp_path, [f"a,{day},stage{day},," for day in range(117)])

    assert caught.value.column == "stage"


def row_of(k):
    return f"c{k % 7},2024-01-{1 + k % 28:02d}T{k % 24:02d}:00:00,{'xyz'[k % 3]},{'mail' if k % 2 else ''},{k if k % 5 == 0 else ''}\n"


GOOD = HEADER + "".join(map(row_of, range(60)))
PIECES = ["", ",", "\n", '"', "\0", "é", "-", "NA", "2024", ",,,,", "\n\n", "ä\r", ";"]
edits = st.lists(st.tuples(st.integers(0, len(GOOD)), st.integers(0, 6), st.sampled_from(PIECES)), max_size=4)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(edits)
def test_every_row_of_a_mutated_log_is_used_or_counted_or_the_log_is_refused(tmp_path, changes):
    """However a good log is damaged: rows read = used + reasons, or a LogError; nothing else is ever raised."""
    text = GOOD
    for at, length, new in changes:
        text = text[:at] + new + text[at + length :]
    path = tmp_path / "log.csv"
    path.write_bytes(text.encode())
    file, balances = str(path), True
    with contextlib.suppress(LogError):
        log, account = read(path)
        file, balances = account.file, account.balances and account.used == len(log.time)

    assert (file, balances) == (str(path), True)
