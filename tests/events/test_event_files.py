"""Files of calls: good lines go in once, bad lines go to a file with the reason for each."""

import gzip
import json
from pathlib import Path

import pytest

from entente.events.models import Event, Import
from entente.events.ndjson import LONGEST_LINE, EventFileError, import_events, is_event_file
from tests.events.factories import NOW

pytestmark = pytest.mark.django_db


def line(**call) -> bytes:
    return json.dumps({"type": "page", "userId": "u", "timestamp": "2026-01-05T10:00:00Z"} | call).encode()


@pytest.fixture
def write(tmp_path, settings):
    settings.DATA = tmp_path / "data"

    def write(name: str, *lines: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(b"\n".join(lines))
        return path

    return write


def test_good_lines_go_in_and_bad_ones_are_kept_with_their_reason(write):
    path = write(
        "a.ndjson", line(messageId="1"), b"nonsense", b"", line(type="track"), b"\xff\xfe", line(messageId="2")
    )
    unit = import_events([path], now=NOW)
    assert (unit.rows, unit.events, unit.rejected) == (5, 2, 3)
    rejects = [json.loads(reject) for reject in Path(unit.rejects_file).read_text().splitlines()]
    assert [reject["line"] for reject in rejects] == [2, 4, 5]
    assert all(reject["reason"] for reject in rejects)


def test_the_same_file_again_changes_nothing(write):
    path = write("a.ndjson", line(), line(properties={"n": 1}))
    assert import_events([path], now=NOW).events == 2
    again = import_events([path], now=NOW)
    assert (again.events, again.known, Event.objects.count()) == (0, 2, 2)


def test_a_zipped_file_is_known_by_its_content(write, tmp_path):
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(line()))
    assert is_event_file(path)
    assert import_events([path], now=NOW).events == 1


def test_a_file_that_is_cut_off_leaves_nothing(write, tmp_path):
    path = tmp_path / "a.ndjson.gz"
    path.write_bytes(gzip.compress(b"\n".join(line(messageId=str(n)) for n in range(5000)))[:-50])
    with pytest.raises(EventFileError, match=r"a\.ndjson\.gz"):
        import_events([write("b.ndjson", line()), path], now=NOW)
    assert not Event.objects.exists()
    assert not Import.objects.exists()


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(EventFileError, match=r"none\.ndjson"):
        import_events([tmp_path / "none.ndjson"], now=NOW)


def test_a_line_of_megabytes_is_left_out_and_the_next_one_read(write):
    path = write("a.ndjson", line(properties={"x": "y" * (3 * LONGEST_LINE)}), line(messageId="2"))
    unit = import_events([path], now=NOW)
    assert (unit.rows, unit.events, unit.rejected) == (2, 1, 1)


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(write):
    path = write("a.ndjson", b"\xef\xbb\xbf" + line(messageId="1") + b"\r", line(messageId="2") + b"\r")
    assert import_events([path], now=NOW).events == 2


def test_bytes_that_are_no_text_inside_a_call_are_left_out(write):
    assert import_events([write("a.ndjson", b'{"type":"page","userId":"\xff"}')], now=NOW).rejected == 1


def test_odd_but_readable_json_goes_in(write):
    odd = line(properties={}).replace(b"{}", b'{"a": NaN, "b": "\\ud800", "c": "\\u0000"}')
    assert import_events([write("a.ndjson", odd)], now=NOW).events == 1
    assert Event.objects.get().properties == {"a": None, "b": "\ufffd", "c": ""}
