"""Importing a CRM's contacts: a file of ten columns, read, written to the log, and resolved to persons.

100,000 rows, or a million with ``large``, into a database of its own that is thrown away. The import's rate counts
everything from the open file to the committed log; how long it is from there to persons, each row a new one, stands
beside it; what scores and hand-offs take after that is another benchmark's. The import runs in a
process of its own, whose largest memory is measured.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.measure import Measurement

ROWS, MANY_ROWS = 100_000, 1_000_000
PEOPLE_A_COMPANY = 25
FIRST_NAMES = ["Ana", "Luis", "María", "John", "Paula", "Iván", "Chloé", "Björn", "Lucía", "Omar"]
LAST_NAMES = ["García", "Smith", "Núñez", "López", "Brown", "Müller", "Costa", "Rossi", "Kim", "Ferrer"]
SEED = 7

RUN = """
import json, resource, sys, time
from pathlib import Path
from datetime import UTC, datetime
from entente.cli.setup import load_django
load_django()
from entente.connectors import actions
from entente.people.actions import resolve_new

now, times, started = datetime(2026, 6, 1, tzinfo=UTC), {}, time.perf_counter()
actions.bring_up_to_date = lambda now, tell: times.setdefault("log", time.perf_counter() - started)
unit = actions.import_files([Path(sys.argv[1])], now=now)
resolve_new(now)
times["persons"] = time.perf_counter() - started
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({**times, "rows": unit.rows, "events": unit.events, "rejected": unit.rejected, "memory": memory}))
"""


def run(large: bool) -> list[Measurement]:
    rows = MANY_ROWS if large else ROWS
    with tempfile.TemporaryDirectory(prefix="entente-bench-") as folder:
        path = write_contacts(Path(folder) / "contacts.csv", rows)
        found = _import(path, Path(folder) / "data")
    assert found["rows"] == rows
    assert found["rejected"] == 0
    told = f"{rows:,} contacts of 10 columns, {found['events']:,.0f} events"
    return [
        Measurement(
            name=f"import of {rows:,} contacts: file to persons",
            value=rows / found["persons"],
            unit="rows/s",
            note=f"{told}; every row a new person",
        ),
        Measurement(
            name=f"import of {rows:,} contacts: file to log",
            value=rows / found["log"],
            unit="rows/s",
            limit=20_000,
            bound="at_least",
            note="stored for good; persons follow from the log",
        ),
        Measurement(
            name=f"import of {rows:,} contacts: memory",
            value=found["memory"],
            unit="MB",
            limit=1_000,
            note="at its most",
        ),
    ]


def _import(path: Path, data: Path) -> dict[str, float]:
    environment = {**os.environ, "ENTENTE_DATA": str(data), "DJANGO_SETTINGS_MODULE": "entente.settings"}
    environment.pop("DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(path)], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def write_contacts(path: Path, rows: int) -> Path:
    """Contacts as a CRM exports them, with accents, local telephone numbers and dates with the day first."""
    dice = np.random.default_rng(SEED)
    number = pl.Series(np.arange(rows))
    company = number // PEOPLE_A_COMPANY
    first, last = dice.choice(np.array(FIRST_NAMES), rows), dice.choice(np.array(LAST_NAMES), rows)
    seconds = pl.Series(dice.integers(0, 60_000_000, rows)) * 1_000_000
    created = pl.datetime(2024, 1, 1) + pl.duration(microseconds="seconds")
    frame = pl.DataFrame({"number": number, "company": company, "seconds": seconds}).select(
        (pl.col("number") + 100_000).alias("Record ID"),
        pl.Series("First Name", first),
        pl.Series("Last Name", last),
        pl.format("person{}@firm{}.example", "number", "company").alias("Email"),
        pl.format("+34 6{}", (pl.col("number") % 10**8).cast(pl.String).str.zfill(8)).alias("Phone Number"),
        pl.format("Firm {}", "company").alias("Company"),
        pl.Series("Country", dice.choice(np.array(["ES", "PT", "MX", "FR"]), rows)),
        pl.Series("Lead Source", dice.choice(np.array(["Organic Search", "Paid Search", "Referral"]), rows)),
        created.dt.strftime("%d/%m/%Y %H:%M:%S").alias("Create Date"),
        pl.Series("Number of employees", dice.integers(1, 5000, rows)),
    )
    frame.write_csv(path)
    return path
