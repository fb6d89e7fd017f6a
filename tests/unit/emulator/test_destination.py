"""Which estate, URL, key and signature a run has, by its settings."""

import pytest

from emulator.destination import estate_in_use, records_folder, signing, targets, url_and_key
from pipeline.errors import UserError
from pipeline.estate import Estate, estate_file
from pipeline.settings import load

ELSEWHERE = "http://127.0.0.1:1"
KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}


@pytest.fixture
def applied(monkeypatch, new_estate):
    """Leave an estate where `make infra` does; its API's key is the-key."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(Estate, "api_key", lambda estate: "the-key")

    def apply(**outputs):
        estate, file = new_estate(**outputs), estate_file(load(env="aws"))
        file.parent.mkdir(parents=True)
        file.write_text(estate.model_dump_json())
        return estate

    return apply


def destination(**settings):
    """URL, key, and whether requests are signed."""
    settings = load(env="aws", **settings)
    estate = estate_in_use(settings)
    return *url_and_key(settings, estate), signing(settings, estate) is not None


@pytest.mark.parametrize(
    ("outputs", "signed"),
    [({}, True), ({"aws_endpoint_url": ELSEWHERE}, True), ({"api_authorization": "NONE"}, False)],
    ids=["AWS", "offline", "key only"],
)
def test_the_estate_says_whether_its_requests_are_signed(applied, outputs, signed):
    url = applied(**outputs).invoke_url
    assert destination() == (url, "the-key", signed)
    assert destination(api_key="mine") == (url, "mine", signed)


@pytest.mark.parametrize("wait", [True, False])
def test_another_url_gets_neither_key_nor_signature_of_the_estate(applied, wait):
    applied()
    assert destination(api_url=ELSEWHERE, wait=wait) == (ELSEWHERE, None, False)
    assert destination(api_url=ELSEWHERE, wait=wait, api_key="mine") == (ELSEWHERE, "mine", False)


@pytest.mark.parametrize("wait", [True, False])
@pytest.mark.parametrize("slash", ["", "/"])
def test_the_estates_own_url_is_the_estates_however_it_is_given(applied, wait, slash):
    url = applied().invoke_url
    assert destination(api_url=url + slash, wait=wait) == (url, "the-key", True)


def test_another_url_needs_no_estate_unless_its_s3_is_waited_for():
    assert destination(api_url=ELSEWHERE, wait=False) == (ELSEWHERE, None, False)
    with pytest.raises(UserError, match="or do not wait for its S3: WAIT=no"):
        destination(api_url=ELSEWHERE, wait=True)


def test_the_stream_lane_waits_for_no_s3_and_so_another_url_needs_no_estate():
    assert destination(lane="stream", api_url=ELSEWHERE) == (ELSEWHERE, None, False)
    with pytest.raises(UserError, match=r"^no estate at \.state/aws/estate\.json: make one with `make infra`$"):
        destination(lane="stream")


def test_the_stream_lanes_targets_are_the_estates_streams(new_estate):
    settings = load(lane="stream", user_id="else")
    assert targets(settings, new_estate()) == {"pin": "0a1b-pin", "geo": "0a1b-geo", "user": "0a1b-user"}
    assert targets(settings, None) == {"pin": "else-pin", "geo": "else-geo", "user": "else-user"}
    with pytest.raises(UserError, match=r"^this estate has no streams: make it anew with `make infra`$"):
        targets(settings, new_estate(streams={}))


def test_each_lane_keeps_its_records_in_a_folder_of_its_own(new_estate):
    batch, stream = load(user_id="0a1b"), load(user_id="0a1b", lane="stream")
    direct = load(user_id="0a1b", lane="stream", direct=True)
    offline, aws = new_estate(aws_endpoint_url=ELSEWHERE), new_estate()
    root = batch.state / "emulator"
    assert records_folder(batch, offline) == root / "0a1b-offline"
    assert records_folder(stream, offline) == records_folder(direct, offline) == root / "0a1b-offline-stream"
    # sha256 of 127.0.0.1:1 and of https://abc123.execute-api.us-east-1.amazonaws.com/test
    assert records_folder(batch, aws) == root / "0a1b-6183157cf8d4"
    assert records_folder(stream, aws) == records_folder(direct, aws) == root / "0a1b-ed6b1e9beb1f-stream"


def test_an_estate_of_before_there_were_signatures_needs_none(applied, new_estate):
    outputs = new_estate().model_dump(exclude={"api_authorization"})
    assert Estate.model_validate(outputs).api_authorization == "NONE"
