"""`python -m benchmarks`, or `make bench`: run every benchmark, print one table, keep the figures as JSON.

`--large` adds what takes minutes. Ends with exit code 1 when a limit is missed or a benchmark fails, and never hides
the figures of the others. Results are written to bench-results/, one file a run, with the machine they came from.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pkgutil
import platform
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

import benchmarks
from benchmarks.measure import Measurement

RESULTS = Path("bench-results")
WIDTH = 160
"""Columns that the table takes at least, so that it can be read in a log too."""


@dataclass(slots=True)
class Run:
    """What came of a run: all figures, and for each module that failed its error."""

    measurements: list[Measurement] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return not self.failures and all(measurement.ok for measurement in self.measurements)


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmarks that are asked for (all by default); returns the exit code."""
    parser = argparse.ArgumentParser(prog="make bench", description="Measure Entente against its own limits.")
    parser.add_argument("only", nargs="*", help=f"which of: {', '.join(available())} (default: all)")
    parser.add_argument("--large", action="store_true", help="also the sizes that take minutes (50 million events)")
    parser.add_argument("--out", type=Path, default=RESULTS, help="the folder for the JSON files")
    options = parser.parse_args(arguments)
    if unknown := set(options.only) - set(available()):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(available())}")
    console = Console()
    console.width = max(console.width, WIDTH)
    run = run_all(options.only or available(), options.large, lambda name: console.print(f"[dim]{name} ...[/dim]"))
    console.print(as_table(run))
    for name, error in run.failures.items():
        console.print(f"[red]{name} failed[/red]")
        console.print(error, markup=False, highlight=False)
    console.print(f"Written to {write(run, options.out, options.large)}")
    return 0 if run.ok else 1


def available() -> list[str]:
    """The modules of this package that have a ``run``."""
    return sorted(
        name
        for _, name, _ in pkgutil.iter_modules(benchmarks.__path__)
        if name not in {"__main__", "measure"} and hasattr(importlib.import_module(f"benchmarks.{name}"), "run")
    )


def run_all(names: Iterable[str], large: bool, tell: Callable[[str], object] = lambda _: None) -> Run:
    """Run the named benchmarks one after the other; one that fails does not stop the next."""
    run = Run()
    for name in names:
        tell(name)
        try:
            run.measurements += importlib.import_module(f"benchmarks.{name}").run(large)
        except Exception:  # noqa: BLE001 - whatever it is, the other figures are still wanted
            run.failures[name] = traceback.format_exc()
    return run


def as_table(run: Run) -> Table:
    """One line a figure, with its limit and whether it is kept."""
    table = Table("what", "figure", "unit", "limit", "", "note", title="Benchmarks")
    table.columns[1].justify = table.columns[3].justify = "right"
    for one in run.measurements:
        sign = "≤" if one.bound == "at_most" else "≥"
        limit = "" if one.limit is None else f"{sign} {one.limit:,.6g}"
        kept = "" if one.limit is None else "[green]ok[/green]" if one.ok else "[red]MISSED[/red]"
        table.add_row(one.name, f"{one.value:,.4g}", one.unit, limit, kept, one.note)
    return table


def write(run: Run, folder: Path, large: bool) -> Path:
    """Keep the figures as JSON, and the machine with them; returns the file."""
    folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    path = folder / f"{now:%Y%m%dT%H%M%S}.json"
    document = {
        "at": now.isoformat(timespec="seconds"),
        "large": large,
        "machine": machine(),
        "ok": run.ok,
        "measurements": [{**asdict(one), "ok": one.ok} for one in run.measurements],
        "failures": run.failures,
    }
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def machine() -> dict[str, object]:
    """What a reader needs to compare figures: cores, memory, system, interpreter, and how busy it was."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30, 1),
        "processor": _processor(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def stay_apart() -> None:
    """Work in a data folder of our own, never on the data or the database of the operator.

    The folder stays (``ENTENTE_BENCH_DATA``, else one in the system's temporary folder), since the large reference
    files in it take long to make.
    """
    folder = os.environ.get("ENTENTE_BENCH_DATA") or Path(tempfile.gettempdir()) / f"entente-bench-{os.getuid()}"
    os.environ["ENTENTE_DATA"] = str(folder)
    os.environ.pop("DATABASE_URL", None)
    Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)


if __name__ == "__main__":
    stay_apart()
    sys.exit(main())
