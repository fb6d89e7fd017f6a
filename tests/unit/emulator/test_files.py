"""Rows of files: sent as they are, checked before the first one is sent, found again by a replay that goes on."""

import os
from pathlib import Path

import orjson
import pytest

from emulator.files import FileSource
from pipeline.entities import GEO, PIN, USER
from pipeline.errors import UserError


@pytest.fixture
def as_csv(tmp_path, write_tables):
    """The folder's geolocation_data is this CSV instead."""

    def write(content: bytes) -> Path:
        folder = write_tables()
        (folder / "geolocation_data.jsonl").unlink()
        (folder / "geolocation_data.csv").write_bytes(content)
        return folder

    return write


def geo_rows(folder):
    return list(FileSource(folder).rows(GEO))


def test_jsonl_goes_out_byte_by_byte_in_file_order_with_its_repeated_rows(write_tables):
    lines = [
        b'{"ind": 7,  "country":"C\\u00f4te", "country":"twice"}',
        '{"ind":"b","country":"Åland 😍"}'.encode(),
        b'{"ind": 7,  "country":"C\\u00f4te", "country":"twice"}',
        b'{"latitude":1.0e1}',
        b'{"ind":null}',
        b'{"ind":1.50}',
        b"[1]",
    ]
    rows = geo_rows(write_tables(geo=b"\n".join(lines)))
    assert [row.value for row in rows] == lines
    assert [row.key for row in rows] == ["7", "b", "7", None, None, "1.5", None]
    assert [row.position for row in rows] == [1, 2, 3, 4, 5, 6, 7]


def test_jsonl_with_byte_order_mark_crlf_and_empty_lines(write_tables):
    folder = write_tables(geo=b'\xef\xbb\xbf{"ind":1}\r\n\r\n  \n{"ind":2}\r\n')
    assert [row.value for row in geo_rows(folder)] == [b'{"ind":1}', b'{"ind":2}']
    assert FileSource(folder).count(GEO) == 2


def test_csv_is_typed_as_the_columns_are(as_csv):
    folder = as_csv(
        b"ind,timestamp,latitude,longitude,country,note\n"
        b"1,2020-10-20T07:10:24,-3,10.50,Albania,12\n"
        b"-2,2020-10-20 07:10:24,nan,1e400,,\n"
        b"1234567890123456789012,,north,,0x1F, \n"
        b"1.0,,,,,\n"
    )
    values = [orjson.loads(row.value) for row in geo_rows(folder)]
    assert values == [
        {
            "ind": 1,
            "timestamp": "2020-10-20T07:10:24",
            "latitude": -3.0,
            "longitude": 10.5,
            "country": "Albania",
            "note": "12",  # no column of the table: text
        },
        # What does not fit its column goes out as it stands, for the jobs to reject; an empty field is null.
        {
            "ind": -2,
            "timestamp": "2020-10-20 07:10:24",
            "latitude": "nan",
            "longitude": "1e400",
            "country": None,
            "note": None,
        },
        {
            "ind": "1234567890123456789012",
            "timestamp": None,
            "latitude": "north",
            "longitude": None,
            "country": "0x1F",
            "note": " ",
        },
        {"ind": 1, "timestamp": None, "latitude": None, "longitude": None, "country": None, "note": None},
    ]
    assert [type(values[0]["ind"]), type(values[0]["latitude"])] == [int, float]
    assert [row.key for row in geo_rows(folder)] == ["1", "-2", "1234567890123456789012", "1"]


@pytest.mark.parametrize("text", ["1_000", "\u0661"])
def test_csv_takes_no_number_that_only_python_would(as_csv, text):
    (row,) = geo_rows(as_csv(f"ind,latitude\n1,{text}\n".encode()))
    assert orjson.loads(row.value)["latitude"] == text


def test_csv_with_byte_order_mark_crlf_and_quoted_newlines(as_csv):
    rows = geo_rows(
        as_csv(
            b'\xef\xbb\xbf"ind",country\r\n1,"C\xc3\xb4te ""d\'Ivoire"", or\r\n\xef\xbb\xbfso"\r\n\r\n2,Oman\r\n1,Oman'
        )
    )
    assert [orjson.loads(row.value) for row in rows] == [
        {"ind": 1, "country": 'Côte "d\'Ivoire", or\r\n\ufeffso'},
        {"ind": 2, "country": "Oman"},
        {"ind": 1, "country": "Oman"},
    ]


JSONL_FAULTS = [
    (b'{"ind":1}\n\n{"ind":2\n', ":3 is not JSON: "),
    (b'{"ind":1}\n{"ind":NaN}\n', ":2 is not JSON: "),
    (b'{"ind":1}\n{"ind":"\xff"}\n', ":2 is not JSON: "),
    (b'{"ind":1}{"ind":2}\n', ":1 is not JSON: "),
    (b"", " holds no rows"),
    (b"\n \r\n", " holds no rows"),
    (b'[{"ind":1},{"ind":2}]', ":1 begins a JSON array: write an object a line, as `jq -c '.[]'` does"),
    (b'[\n  {"ind":1}\n]\n', ":1 begins a JSON array: write an object a line, as `jq -c '.[]'` does"),
    (rb'{"ind":"\ud83d", "a": NaN}', ":1 is not JSON: "),
]

CSV_FAULTS = [
    (b"", ":1 is no header with the column ind"),
    (b"index,country\n1,a\n", ":1 is no header with the column ind"),
    (b"ind,country\n", " holds no rows"),
    (b"ind,country\n1,a\n2,b,c\n", ":3 has 3 fields, its header 2"),
    (b"ind,country\n1,a\n\n2\n", ":4 has 1 fields, its header 2"),
    (b'ind,country\n1,"a\nb"\n2,"a\nb",c\n', ":5 has 3 fields, its header 2"),
    (b'ind,country\n1,a\n2,"b"c\n3,d\n', ":3 cannot be read as CSV: "),
    (b"ind,country\n1,a\n2,\xff\n3,d\n", ":3 is not UTF-8: save the file as CSV UTF-8"),
    (b"ind,country\r1,a\r", ":1 ends by a carriage return alone: save the file with LF or CRLF as line ends"),
    ("ind,country\n1,a\n".encode("utf-16"), " is in UTF-16, as Excel's Unicode text is: save it as CSV UTF-8"),
    (b'ind,country\n1,a\n2,"b\n', ":3 cannot be read as CSV: unexpected end of data"),
]


@pytest.mark.parametrize(("content", "message"), JSONL_FAULTS)
def test_what_cannot_be_sent_of_a_jsonl_is_told_with_file_and_line(write_tables, content, message):
    folder = write_tables(geo=content)
    with pytest.raises(UserError) as error:
        FileSource(folder)
    assert str(error.value).startswith(f"{folder}/geolocation_data.jsonl{message}")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("content", "message"), CSV_FAULTS)
def test_what_cannot_be_sent_of_a_csv_is_told_with_file_and_line(as_csv, content, message):
    folder = as_csv(content)
    with pytest.raises(UserError) as error:
        FileSource(folder)
    assert str(error.value).startswith(f"{folder}/geolocation_data.csv{message}")
    assert "\n" not in str(error.value)


def test_each_table_is_one_file(write_tables):
    folder = write_tables()
    (folder / "user_data.csv").write_text("ind\n1\n")
    with pytest.raises(UserError, match=f"both user_data.jsonl and user_data.csv in {folder}: keep the one to send"):
        FileSource(folder)
    (folder / "user_data.csv").unlink()
    (folder / "user_data.jsonl").unlink()
    with pytest.raises(UserError, match=f"no user_data.jsonl or user_data.csv in {folder}"):
        FileSource(folder)


def test_a_file_that_goes_away_is_told(write_tables):
    folder = write_tables()
    source = FileSource(folder)
    (folder / "user_data.jsonl").unlink()
    with pytest.raises(UserError, match=r"user_data.jsonl cannot be read: No such file or directory"):
        list(source.rows(USER))


JSONL = (b'\xef\xbb\xbf{"ind":0}\r\n\n{"ind":1,"country":"\xc3\xb4"}\n\n\n{"ind":2}\n{"ind":3}', "write_tables")
CSV = (b'\xef\xbb\xbfind,country\r\n0,"a\r\n\r\nb"\r\n\r\n1,\xc3\xb4\n2,"c\nd"\n3,e', "as_csv")


@pytest.mark.parametrize(("content", "writer"), [JSONL, CSV], ids=["jsonl", "csv"])
def test_a_replay_goes_on_at_the_byte_of_the_next_row(request, content, writer):
    write = request.getfixturevalue(writer)
    source = FileSource(write(content) if writer == "as_csv" else write(geo=content))
    rows = list(source.rows(GEO))
    assert [row.key for row in rows] == ["0", "1", "2", "3"]
    for done in range(5):
        assert list(source.rows(GEO, done)) == rows[done:]
        assert source.row_at(GEO, done) == (rows[done] if done < 4 else None)
    assert source.row_at(GEO, 11_000) is None


def test_identity_differs_when_a_file_does(write_tables):
    folder = write_tables()
    first = FileSource(folder).identity
    assert FileSource(folder).identity == first
    write_tables(pin=2)
    longer = FileSource(folder).identity
    assert longer != first
    path = folder / "user_data.jsonl"
    os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns + 1))
    assert FileSource(folder).identity not in (first, longer)


def test_the_same_folder_is_the_same_however_it_is_named(write_tables, monkeypatch):
    folder = write_tables()
    monkeypatch.chdir(folder)
    assert FileSource(Path()).identity == FileSource(folder).identity


def test_pins_have_a_key_of_another_name(write_tables):
    source = FileSource(write_tables(pin=b'{"ind":1,"index":2}\n'))
    assert [row.key for row in source.rows(PIN)] == ["2"]


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (b"ind;country\n1;a,b\n", [(1, "a,b")]),  # Excel, where a comma is a decimal point
        (b"ind\tcountry\n1\ta\n", [(1, "a")]),
        (b"\xef\xbb\xbf ind , country \r\n1,a\r\n\r\n", [(1, "a")]),
        (b'"ind","country"\n"1","a"\n', [(1, "a")]),
        (b"ind,country\n25.0,a\n", [(25, "a")]),  # pandas, where another row has no number
        (b"ind,country\n1,\\N\n2,\\n\n", [(1, None), (2, "\\n")]),  # MySQL
        (b"ind,country\n1,a", [(1, "a")]),
        (b'ind,country\n1,"' + b"A" * 300_000 + b'"\n', [(1, "A" * 300_000)]),
        (b'ind,country\n1,"a\n\n""b"\n2,c\n', [(1, 'a\n\n"b'), (2, "c")]),
    ],
)
def test_csv_as_other_programs_write_it(as_csv, content, rows):
    found = [orjson.loads(row.value) for row in geo_rows(as_csv(content))]
    assert [(row["ind"], row["country"]) for row in found] == rows


def test_an_escape_of_half_an_emoji_is_json_and_goes_out_as_it_is(write_tables):
    lines = [rb'{"ind":1,"country":"cut \ud83d"}', rb'{"ind":"\ud83d","country":"a"}', rb'{"ind":3.50,"c":"\ud83d"}']
    rows = geo_rows(write_tables(geo=b"\n".join(lines)))
    assert [row.value for row in rows] == lines
    assert [row.key for row in rows] == ["1", "\ufffd", "3.5"]


@pytest.mark.parametrize(
    ("suffix", "content", "keys", "faults"),
    [
        (
            "jsonl",
            b'{"ind":1}\n{"ind":\n\xff\n{"ind":4}\n{"ind":5} x\n{"ind":6}',
            ["1", "4", "6"],
            [":2 is not JSON: ", ":3 is not JSON: ", ":5 is not JSON: "],
        ),
        (
            "csv",
            b'ind,country\n1,a\n2,b,c\n3,"b"c\n4,\xff\n5,"open\n6,e\n7,a\x00b\n8,"x\ny"\n',
            ["1", "6", "7", "8"],
            [
                ":3 has 3 fields, its header 2",
                ":4 cannot be read as CSV: ",
                ":5 is not UTF-8: ",
                ":6 cannot be read as CSV: ",
            ],
        ),
    ],
)
def test_one_bad_row_holds_back_none_of_the_others(write_tables, suffix, content, keys, faults):
    folder = write_tables()
    (folder / "geolocation_data.jsonl").unlink()
    path = folder / f"geolocation_data.{suffix}"
    path.write_bytes(content)
    refused = []

    source = FileSource(folder, refused.append)

    rows = list(source.rows(GEO))
    assert [row.key for row in rows] == keys
    assert source.count(GEO) == len(keys)
    for after in range(len(keys)):  # a replay that goes on finds the same rows
        assert [row.key for row in source.rows(GEO, after)] == keys[after:]
    assert len(refused) == len(faults)
    for line, fault in zip(refused, faults, strict=True):
        assert line.startswith(f"{path}{fault}")
