"""Turn a table of one row an opportunity into an event log: python reshape.py FOLDER OUT.csv.

FOLDER holds `sales_pipeline.csv` and `accounts.csv`. Each date becomes an event: engaged, then won or lost.
An opportunity without a date keeps one event without a time, which the reader of the log counts and leaves out.
"""

import csv
import sys
from collections.abc import Iterator
from pathlib import Path

Row = dict[str, str]


def rows(path: Path) -> Iterator[Row]:
    """Yield the rows of a CSV file as mappings."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def events(opportunity: Row, sectors: dict[str, str]) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield (customer, time, stage, persona, revenue) for each event of an opportunity."""
    who, persona = opportunity["opportunity_id"], sectors.get(opportunity["account"], "account unknown")
    yield who, opportunity["engage_date"], "engaging" if opportunity["engage_date"] else "prospecting", persona, ""
    if opportunity["close_date"]:
        yield who, opportunity["close_date"], opportunity["deal_stage"].lower(), persona, opportunity["close_value"]


def main(folder: Path, out: Path) -> None:
    """Write the event log of the pipeline in a folder."""
    sectors = {row["account"]: row["sector"].replace("technolgy", "technology") for row in rows(folder / "accounts.csv")}
    with out.open("w", encoding="utf-8", newline="") as file:
        log = csv.writer(file, lineterminator="\n")
        log.writerow(("customer", "time", "stage", "persona", "revenue"))
        for opportunity in rows(folder / "sales_pipeline.csv"):
            log.writerows(events(opportunity, sectors))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
