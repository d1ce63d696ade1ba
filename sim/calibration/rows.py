"""Files into rows of text, strictly: a row is never shifted, cut or guessed.

CSV is read with Python's csv module, because a row with a field too many must be an error; Parquet by DuckDB. The header is row 1
and the first record row 2, in Parquet too. A record with a line break in quotes is one row.
"""

import csv
import gzip
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

from sim.errors import LogError, near

PARQUET, GZIP, ZIP, UTF16 = b"PAR1", b"\x1f\x8b", b"PK\x03\x04", (b"\xff\xfe", b"\xfe\xff")


class Table(NamedTuple):
    """A header and the rows after it as (row number, texts); a blank line is an empty list."""

    header: tuple[str, ...]
    rows: Iterator[tuple[int, list[str]]]


def table(path: Path, separator: str = ",") -> Table:
    """Open a CSV (plain or gzip) or Parquet file by what it begins with. Raise `LogError` if it is neither."""
    start = _start(path)
    if start == PARQUET:
        return _parquet(path)
    if path.suffix.lower() in (".parquet", ".pq"):
        raise LogError(str(path), "not a Parquet file: it doesn't begin with PAR1")
    if start == ZIP:
        raise LogError(str(path), "a zip archive; unpack it, or compress the CSV with gzip")
    if start[:2] in UTF16:
        raise LogError(str(path), "the text is UTF-16; save it as UTF-8", 1)
    stream = _opened(path)
    reader = _Reader(str(path), gzip.GzipFile(fileobj=stream) if start[:2] == GZIP else stream, separator)
    return Table(reader.header, reader.rows())


def _start(path: Path) -> bytes:
    if path.is_dir():
        raise LogError(str(path), "a folder; name one CSV or Parquet file in it")
    if not path.exists():
        siblings = [item.name for item in path.parent.iterdir()] if path.parent.is_dir() else []
        hint = near(path.name, siblings)
        raise LogError(str(path), "there is no such file" + (f"; {hint}" if hint.startswith("did") else ""))
    with _opened(path) as file:
        start = file.read(4)
    if not start:
        raise LogError(str(path), "the file is empty", 1)
    return start


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        raise LogError(str(path), f"can't be opened: {error.strerror}") from None


class _Reader:
    """Reads records one by one and knows in which row it is when something is wrong."""

    def __init__(self, file: str, stream: IO[bytes] | gzip.GzipFile, separator: str) -> None:
        self._file, self._stream, self._separator = file, stream, separator
        self._row, self._lines = 0, [b""]  # the record being read and its raw lines
        self._csv = csv.reader(self._texts(), delimiter=separator, strict=True)
        self.header: tuple[str, ...] = ()
        self.header = tuple(name.strip() for name in self._record() or [])
        self._check_separator()

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield every record after the header, then close the file."""
        with self._stream:
            while (fields := self._record()) is not None:
                if fields and len(fields) != len(self.header):
                    raise self._wrong_length(len(fields))
                yield self._row, fields

    def _record(self) -> list[str] | None:
        self._row, self._lines = self._row + 1, []
        try:
            return next(self._csv, None)
        except csv.Error as error:
            raise self._broken_quotes(str(error)) from None

    def _texts(self) -> Iterator[str]:
        while raw := self._line():
            self._lines.append(raw)
            first = self._row == 1 and len(self._lines) == 1
            try:
                text = raw.decode("utf-8-sig" if first else "utf-8")
            except UnicodeDecodeError as error:
                what = f"byte 0x{raw[error.start]:02x} is not UTF-8 (Latin-1 or Windows-1252?); save the file as UTF-8"
                raise LogError(self._file, what, self._row, self._column(error.start)) from None
            if "\0" in text:
                raise LogError(self._file, "a NUL character; the file is damaged or not text", self._row, self._column(raw.index(b"\0")))
            yield text

    def _line(self) -> bytes:
        try:
            return self._stream.readline()
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise LogError(self._file, f"the gzip file is cut short or damaged: {error}", self._row) from None

    def _column(self, end: int) -> str | None:
        """Return the name of the column that holds byte ``end`` of the last raw line: separators outside quotes are counted."""
        before = b"".join([*self._lines[:-1], self._lines[-1][:end]]).decode("latin-1")
        place = sum(part.count(self._separator) for part in before.split('"')[::2])
        return self.header[place] if place < len(self.header) else None

    def _broken_quotes(self, error: str) -> LogError:
        if "end of data" in error or "larger than field limit" in error:
            self._lines = self._lines[:1]  # where the quote opened
            return LogError(self._file, "a quote opens here and is never closed", self._row, self._column(len(self._lines[0])))
        text, mark = b"".join(self._lines).decode("latin-1"), re.escape(self._separator)
        found = re.search(rf'(?:^|{mark})"(?:[^"]|"")*"(?!{mark}|"|\s*$)', text)
        self._lines = [text.encode("latin-1")]
        column = self._column(found.end()) if found else None
        return LogError(self._file, f"quotes or line ends that don't fit CSV: {error}", self._row, column)

    def _wrong_length(self, count: int) -> LogError:
        header = len(self.header)
        missing = self.header[count] if count < header else None
        hint = "a field that contains the separator needs quotes" if count > header else "a field is missing"
        return LogError(self._file, f"{count} fields where the header has {header}; {hint}", self._row, missing)

    def _check_separator(self) -> None:
        if not any(self.header):
            raise LogError(self._file, "the first row holds no column names", 1)
        for other, name in {";": "';'", "\t": "tabs", "|": "'|'"}.items():
            if len(self.header) == 1 and other != self._separator and other in self.header[0]:
                what = f"the fields are separated by {name}, not by {self._separator!r}; set study.separator, or save the file with commas"
                raise LogError(self._file, what, 1)


def _parquet(path: Path) -> Table:
    import duckdb

    if path.stat().st_size < 12 or not _ends_well(path):
        raise LogError(str(path), "the Parquet file is cut short: its end is missing")
    link = duckdb.connect(config={"python_enable_replacements": False, "autoinstall_known_extensions": False})
    try:
        columns = link.execute("select name, type from (describe select * from read_parquet($1)) d(name, type, n, k, df, e)", [str(path)]).fetchall()
    except duckdb.Error as error:
        raise LogError(str(path), f"can't be read as Parquet: {str(error).splitlines()[0]}") from None
    header = tuple(name for name, _ in columns)
    texts = ", ".join(_as_text(name, kind) for name, kind in columns)
    return Table(header, _parquet_rows(path, link, f"select {texts} from read_parquet($1)"))


def _ends_well(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-4, 2)
        return file.read() == PARQUET


def _as_text(name: str, kind: str) -> str:
    quoted = '"' + name.replace('"', '""') + '"'
    if kind == "DATE" or kind.startswith("TIMESTAMP"):
        zone = "+00:00" if "TIME ZONE" in kind else ""  # the instant, whatever the session's zone is
        text = f"strftime(make_timestamp(epoch_us({quoted})), '%Y-%m-%dT%H:%M:%S.%f') || '{zone}'"
    elif kind in ("DOUBLE", "FLOAT"):  # an identifier that became a float: 12.0 is 12
        text = f"case when {quoted} = trunc({quoted}) and abs({quoted}) < 9e15 then cast({quoted}::bigint as varchar) else cast({quoted} as varchar) end"
    else:
        text = f"cast({quoted} as varchar)"
    return f"coalesce({text}, '')"


def _parquet_rows(path: Path, link: Any, query: str) -> Iterator[tuple[int, list[str]]]:
    import duckdb

    try:
        cursor = link.execute(query, [str(path)])
    except duckdb.Error as error:
        raise LogError(str(path), f"can't be read as Parquet: {str(error).splitlines()[0]}") from None
    row = 1
    while batch := _batch(path, cursor):
        for fields in batch:
            row += 1
            yield row, list(fields)


def _batch(path: Path, cursor: Any) -> list[tuple[str, ...]]:
    import duckdb

    try:
        return cursor.fetchmany(10_000)  # type: ignore[no-any-return]
    except duckdb.Error as error:
        raise LogError(str(path), f"the Parquet file is damaged: {str(error).splitlines()[0]}") from None
