"""Files that are whole or absent."""

import json
import os

import pytest

from sim import files


def test_a_file_has_what_was_written_and_no_company(tmp_path):
    """Text, JSON and a table come back; nothing temporary stays beside them."""
    files.write_text(tmp_path / "a.txt", "ä\n")
    files.write_json(tmp_path / "b.json", {"ä": 1.5})
    files.write_csv(tmp_path / "c.csv", ["x", "y"], [[1.5, None], ["a,b", "é"]])
    assert (tmp_path / "a.txt").read_bytes() == "ä\n".encode()
    assert json.loads((tmp_path / "b.json").read_text("utf-8")) == {"ä": 1.5}
    assert (tmp_path / "c.csv").read_bytes() == 'x,y\n1.5,\n"a,b",é\n'.encode()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "b.json", "c.csv"]


def _break_off(part):
    part.write_text("half")
    raise ZeroDivisionError


def test_a_writer_that_fails_leaves_the_old_file(tmp_path):
    """What raises in the middle of writing changes nothing."""
    path = tmp_path / "a.txt"
    files.write_text(path, "old")
    with pytest.raises(ZeroDivisionError), files.replacing(path) as part:
        _break_off(part)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_disk_that_is_full_leaves_the_old_file(tmp_path, monkeypatch):
    """An error of the disk, when the bytes are flushed, comes before the rename."""
    path = tmp_path / "a.txt"
    files.write_text(path, "old")
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space"):
        files.write_text(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_bytes_are_on_the_disk_before_the_name_and_the_name_before_we_return(tmp_path, monkeypatch):
    """Order of calls (Pillai et al., OSDI 2014): fsync file, rename, fsync folder."""
    calls = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: (calls.append(os.path.isdir(f"/proc/self/fd/{handle}") or (tmp_path / "a").exists()), real(handle)))
    files.write_text(tmp_path / "a", "x")
    assert calls[0] is False
    assert all(calls[1:])


def test_a_finished_file_is_adopted(tmp_path):
    """A part that another program wrote takes the final name."""
    part = tmp_path / "part"
    part.write_bytes(b"done")
    files.adopt(part, tmp_path / "final")
    assert not part.exists()
    assert (tmp_path / "final").read_bytes() == b"done"


def test_the_temporary_name_keeps_the_ending(tmp_path):
    """Writers that choose a format by the ending (figures, Parquet) choose the right one."""
    with files.replacing(tmp_path / "a.svg") as part:
        part.touch()
        assert part.suffix == ".svg"
        assert part.parent == tmp_path


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-x", "@SUM(A1)", "\tx"])
def test_text_can_not_act_as_a_formula(tmp_path, text):
    """OWASP ASVS 1.2.10: a quote before what a spreadsheet would run; numbers stay numbers, also as text."""
    files.write_csv(tmp_path / "a.csv", ["x"], [[text], [-5], ["-5.2"]])
    lines = (tmp_path / "a.csv").read_text().splitlines()
    assert lines[1].startswith("'")
    assert lines[2:] == ["-5", "-5.2"]
