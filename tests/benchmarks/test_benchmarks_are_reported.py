"""The runner of the benchmarks tells the truth about what it measured."""

import json
import sys
import types

import pytest

from benchmarks.__main__ import available, main, run_all
from benchmarks.measure import Measurement, best_of, stopwatch


@pytest.fixture
def bench(monkeypatch):
    """Put a benchmark of a given ``run`` beside the real ones."""

    def add(name, run):
        module = types.ModuleType(f"benchmarks.{name}")
        module.run = run
        monkeypatch.setitem(sys.modules, f"benchmarks.{name}", module)
        monkeypatch.setattr("benchmarks.__main__.available", lambda: [name])

    return add


def fine(large):
    return [Measurement(name="rows", value=50_000 if large else 5_000, unit="rows/s", limit=1_000, bound="at_least")]


def slow(large):
    return [Measurement(name="a replay", value=9.0, unit="s", limit=8.0)]


def broken(large):
    raise OSError("no room on the disk")


def test_a_most_is_kept_up_to_itself_and_a_least_down_to_itself():
    most = Measurement(name="x", value=8.0, unit="s", limit=8.0)
    least = Measurement(name="x", value=8.0, unit="rows/s", limit=8.0, bound="at_least")
    assert most.ok
    assert least.ok
    assert not Measurement(name="x", value=8.1, unit="s", limit=8.0).ok
    assert not Measurement(name="x", value=7.9, unit="rows/s", limit=8.0, bound="at_least").ok


def test_a_figure_without_a_limit_only_informs():
    assert Measurement(name="x", value=1e12, unit="s").ok


def test_kept_limits_end_well_and_are_written_with_the_machine(bench, tmp_path, capsys):
    bench("trial", fine)
    assert main(["--out", str(tmp_path)]) == 0
    (file,) = tmp_path.iterdir()
    written = json.loads(file.read_text())
    assert written["ok"] is True
    assert written["machine"]["cores"] >= 1
    assert written["measurements"][0]["value"] == 5_000
    assert "rows/s" in capsys.readouterr().out


def test_large_is_passed_on(bench, tmp_path):
    bench("trial", fine)
    main(["--large", "--out", str(tmp_path)])
    (file,) = tmp_path.iterdir()
    assert json.loads(file.read_text())["measurements"][0]["value"] == 50_000


def test_a_missed_limit_ends_with_one(bench, tmp_path, capsys):
    bench("trial", slow)
    assert main(["--out", str(tmp_path)]) == 1
    assert "MISSED" in capsys.readouterr().out


def test_a_benchmark_that_fails_does_not_hide_the_others(bench):
    bench("trial", fine)
    bench("broken", broken)
    run = run_all(["broken", "trial"], large=False)
    assert [one.name for one in run.measurements] == ["rows"]
    assert "no room on the disk" in run.failures["broken"]
    assert not run.ok


def test_a_name_that_is_no_benchmark_is_refused(bench, capsys):
    bench("trial", fine)
    with pytest.raises(SystemExit) as ended:
        main(["nothing"])
    assert ended.value.code == 2
    assert "there is no benchmark nothing" in capsys.readouterr().err


def test_the_package_knows_its_own_benchmarks():
    assert "measure" not in available()
    assert all(callable(sys.modules[f"benchmarks.{name}"].run) for name in available())


def test_a_stopwatch_runs_while_the_block_does():
    with stopwatch() as watch:
        assert watch.seconds == 0
    assert watch.seconds > 0
    assert best_of(2, lambda: sum(range(10_000))) > 0
