"""Signed requests on the wire, checked as AWS says to, without the library that signs them."""

import asyncio
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp import web
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import CredentialRetrievalError

from emulator.backoff import Backoff, RetryPolicy
from emulator.kafka_rest import KafkaRest
from emulator.kinesis_api import KinesisApi
from emulator.signing import signer
from emulator.source import Row
from pipeline.errors import UserError
from pipeline.estate import Estate

STAGE = "/_aws/execute-api/abc123/test"
KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
REST = KafkaRest(None, "", None, None, None)  # to make records with
SOME = [REST.as_record(Row("a", '{"title":"Ü 😍"}'.encode(), 0)), REST.as_record(Row("b", b'{"title":null}', 1))]


def signature(canonical_request, moment, region, service, secret):
    """Signature of a request in its canonical form, by AWS's description of Signature Version 4."""

    def derived(key, text):
        return hmac.new(key, text.encode(), hashlib.sha256).digest()

    day = moment[:8]
    scope = f"{day}/{region}/{service}/aws4_request"
    hashed = hashlib.sha256(canonical_request.encode()).hexdigest()
    key = derived(derived(derived(derived(f"AWS4{secret}".encode(), day), region), service), "aws4_request")
    return derived(key, f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashed}").hex()


class Gateway:
    """Stores what comes and answers as Kafka REST or Kinesis does, after the answers of `script`."""

    def __init__(self):
        self.script = []
        self.requests = []  # path as it came, headers, body

    async def handle(self, request):
        body = await request.read()
        self.requests.append((request.raw_path, request.headers, body))
        if self.script:
            return self.script.pop(0)
        records = json.loads(body)["records"]
        if request.method == "PUT":
            return web.json_response({"Records": [{"SequenceNumber": str(n)} for n in range(len(records))]})
        return web.json_response({"offsets": [{"partition": 0, "offset": n} for n in range(len(records))]})


@pytest.fixture(autouse=True)
def no_credentials(monkeypatch, tmp_path):
    """None of the machine's."""
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", *KEYS):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "absent"))
    for name in ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def credentials(monkeypatch):
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
async def gateway(aiohttp_server):
    gateway, application = Gateway(), web.Application()
    application.router.add_route("*", "/{path:.*}", gateway.handle)
    server = await aiohttp_server(application)
    gateway.host = f"127.0.0.1:{server.port}"
    return gateway


async def post(gateway, sign, stage=STAGE, pause=asyncio.sleep):
    """Send some records; their placements. Between two attempts comes the pause."""
    url, backoff = f"http://{gateway.host}{stage}", Backoff(RetryPolicy(), pause)
    async with aiohttp.ClientSession() as session:
        return await KafkaRest(session, url, "the-key", lambda: backoff, print, sign).produce("0a1b.pin", SOME)


KAFKA_REST = "application/vnd.kafka.json.v2+json"


def check(gateway, number, path, signed_path, secret, scope, method="POST", content_type=KAFKA_REST):
    """The request of that number came on this path, signed for the other, with these credentials."""
    raw_path, headers, body = gateway.requests[number]
    assert raw_path == path
    moment = headers["X-Amz-Date"]
    age = datetime.now(UTC) - datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    assert timedelta() <= age < timedelta(minutes=1)
    token, token_name = "", ""
    if "X-Amz-Security-Token" in headers:
        token = f"x-amz-security-token:{headers['X-Amz-Security-Token']}\n"
        token_name = "x-amz-security-token;"
    canonical_request = (
        f"{method}\n"
        f"{signed_path}\n"
        "\n"
        f"content-type:{content_type}\n"
        f"host:{gateway.host}\n"
        f"x-amz-date:{moment}\n"
        f"{token}"
        "x-api-key:the-key\n"
        "\n"
        f"content-type;host;x-amz-date;{token_name}x-api-key\n"
        f"{hashlib.sha256(body).hexdigest()}"
    )
    key_id, region = scope
    assert headers["Authorization"] == (
        f"AWS4-HMAC-SHA256 Credential={key_id}/{moment[:8]}/{region}/execute-api/aws4_request, "
        f"SignedHeaders=content-type;host;x-amz-date;{token_name}x-api-key, "
        f"Signature={signature(canonical_request, moment, region, 'execute-api', secret)}"
    )
    assert headers["Host"] == gateway.host
    assert headers["x-api-key"] == "the-key"


def test_signatures_are_checked_by_the_published_algorithm():
    """`get-vanilla` of AWS's test suite."""
    empty = hashlib.sha256(b"").hexdigest()
    canonical_request = f"GET\n/\n\nhost:example.amazonaws.com\nx-amz-date:20150830T123600Z\n\nhost;x-amz-date\n{empty}"
    assert signature(canonical_request, "20150830T123600Z", "us-east-1", "service", KEYS["AWS_SECRET_ACCESS_KEY"]) == (
        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
    )


async def test_offline_a_request_is_signed_with_localstacks_credentials(gateway, new_estate, credentials):
    placements = await post(gateway, signer(new_estate(aws_endpoint_url="http://127.0.0.1:1", region="eu-west-1")))
    assert [place.offset for place in placements] == [0, 1]
    path = "/_aws/execute-api/abc123/test/topics/0a1b.pin"
    check(gateway, 0, path, path, "test", ("test", "eu-west-1"))
    assert "X-Amz-Security-Token" not in gateway.requests[0][1]
    # And not only of what came, but of what was to be sent.
    assert gateway.requests[0][2] == b'{"records":[' + SOME[0].body + b"," + SOME[1].body + b"]}"


@pytest.mark.parametrize(
    ("stage", "path", "signed_path"),
    [
        ("/te%20st/%7Ex", "/te%20st/~x/topics/0a1b.pin", "/te%2520st/~x/topics/0a1b.pin"),
        ("/größe", "/gr%C3%B6%C3%9Fe/topics/0a1b.pin", "/gr%25C3%25B6%25C3%259Fe/topics/0a1b.pin"),
        ("/a:b@c+d", "/a:b@c+d/topics/0a1b.pin", "/a%3Ab%40c%2Bd/topics/0a1b.pin"),
        ("/", "/topics/0a1b.pin", "/topics/0a1b.pin"),
    ],
)
async def test_the_path_that_is_signed_is_the_one_that_is_sent(
    gateway, new_estate, credentials, stage, path, signed_path
):
    await post(gateway, signer(new_estate()), stage)
    check(gateway, 0, path, signed_path, KEYS["AWS_SECRET_ACCESS_KEY"], ("AKIDEXAMPLE", "us-east-1"))


async def test_a_put_into_kinesis_is_signed_as_one(gateway, new_estate, credentials):
    url, sign = f"http://{gateway.host}{STAGE}", signer(new_estate())
    async with aiohttp.ClientSession() as session:
        door = KinesisApi(session, url, "the-key", lambda: Backoff(RetryPolicy(), asyncio.sleep), print, sign)
        await door.produce("0a1b-pin", [door.as_record(Row(key, b"{}", None)) for key in "ab"])
    path, scope = f"{STAGE}/streams/0a1b-pin/records", ("AKIDEXAMPLE", "us-east-1")
    check(gateway, 0, path, path, KEYS["AWS_SECRET_ACCESS_KEY"], scope, "PUT", "application/json")


async def test_temporary_credentials_send_their_token(gateway, new_estate, credentials, monkeypatch):
    monkeypatch.setenv("AWS_SESSION_TOKEN", "the+token/==")
    await post(gateway, signer(new_estate()))
    assert gateway.requests[0][1]["X-Amz-Security-Token"] == "the+token/=="
    path = f"{STAGE}/topics/0a1b.pin"
    check(gateway, 0, path, path, KEYS["AWS_SECRET_ACCESS_KEY"], ("AKIDEXAMPLE", "us-east-1"))


class Expiring:
    """Credentials for an hour that renew themselves, or fail to: each time by the next of these names and errors."""

    def __init__(self, *renewals):
        self.now = datetime.now(UTC)
        self.renewals = list(renewals)
        keys = self._renew("1")
        self.credentials = RefreshableCredentials(
            keys["access_key"],
            keys["secret_key"],
            keys["token"],
            self.now + timedelta(hours=1),
            refresh_using=lambda: self._renew(self.renewals.pop(0)),
            method="test",
            time_fetcher=lambda: self.now,
        )

    def _renew(self, name):
        if isinstance(name, Exception):
            raise name
        expiry = (self.now + timedelta(hours=1)).isoformat()
        keys = {"access_key": f"id-{name}", "secret_key": f"secret-{name}", "token": f"token-{name}"}
        return keys | {"expiry_time": expiry}


@pytest.fixture
def expiring(monkeypatch):
    def make(*renewals):
        expiring = Expiring(*renewals)
        monkeypatch.setattr(Estate, "credentials", lambda estate: expiring.credentials)
        return expiring

    return make


async def test_a_retry_is_signed_anew_with_the_credentials_of_its_time(gateway, new_estate, expiring):
    hours = expiring("2")

    async def until_they_have_expired(seconds):
        await asyncio.sleep(1.1)  # signatures tell the time in seconds
        hours.now += timedelta(minutes=59)

    gateway.script = [web.Response(status=503)]
    await post(gateway, signer(new_estate()), pause=until_they_have_expired)
    path = f"{STAGE}/topics/0a1b.pin"
    for number, name in enumerate("12"):
        assert gateway.requests[number][1]["X-Amz-Security-Token"] == f"token-{name}"
        check(gateway, number, path, path, f"secret-{name}", (f"id-{name}", "us-east-1"))
    (_, first, body), (_, second, body_again) = gateway.requests
    assert first["X-Amz-Date"] < second["X-Amz-Date"]
    assert first["Authorization"] != second["Authorization"]
    assert body == body_again


async def test_a_renewal_that_fails_is_told_only_when_there_is_no_more_time_for_it(
    gateway, new_estate, expiring, capsys, caplog
):
    failure = CredentialRetrievalError(provider="sso", error_msg="two\nlines")
    hours = expiring(failure, failure)
    sign = signer(new_estate())
    hours.now += timedelta(minutes=46)
    await post(gateway, sign)
    assert gateway.requests[0][1]["X-Amz-Security-Token"] == "token-1"
    hours.now += timedelta(minutes=10)
    with pytest.raises(UserError) as error:
        await post(gateway, sign)
    assert str(error.value).startswith(
        "the AWS credentials cannot be used (Error when retrieving credentials from sso: "
    )
    assert "two lines" in str(error.value)
    assert len(gateway.requests) == 1
    assert (caplog.text, capsys.readouterr().err) == ("", "")


def test_no_credentials_are_told_with_what_to_do(new_estate):
    with pytest.raises(UserError) as error:
        signer(new_estate())
    assert str(error.value) == (
        "no AWS credentials, which the API asks for: sign in to AWS, "
        "or set AWS_PROFILE, or AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN"
    )


def test_a_profile_that_is_not_there_is_told(new_estate, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(UserError) as error:
        signer(new_estate())
    assert str(error.value).startswith(
        "the AWS credentials cannot be used (The config profile (nobody) could not be found): sign in to AWS, or set "
    )


async def test_without_iam_authorization_nothing_is_signed(gateway, credentials):
    await post(gateway, None)
    ((path, headers, _),) = gateway.requests
    assert path == f"{STAGE}/topics/0a1b.pin"
    assert headers["x-api-key"] == "the-key"
    assert not {"Authorization", "X-Amz-Date", "X-Amz-Security-Token"} & set(headers)


NO_SIGNATURE = (
    "the API takes requests with an AWS signature only, or has nothing at this address (403: {}): do `make infra`"
)
CHECK = "check AWS_PROFILE, or AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN"
EXPIRED = "Signature expired: 20240517T062414Z is now earlier than 20240517T062840Z (20240517T063340Z - 5 min.)"
EARLY = "Signature not yet current: 20240517T063340Z is still later than 20240517T063114Z (20240517T062614Z + 5 min.)"
DENIED = (
    "User: arn:aws:iam::000000000000:user/somebody is not authorized to perform: execute-api:Invoke on resource: "
    "arn:aws:execute-api:us-east-1:********0000:abc123/test/POST/topics/0a1b.pin"
)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"message": "Forbidden"}, "the API refuses the key (403: Forbidden): check API_KEY, or unset it to use the"),
        ({"message": "Missing Authentication Token"}, NO_SIGNATURE.format("Missing Authentication Token")),
        (
            {"Message": DENIED.replace("arn:aws:iam::000000000000:user/somebody", "anonymous")},
            "the API takes requests with an AWS signature only, or has nothing at this address (403: User: anonymous ",
        ),
        ({"message": EXPIRED}, f"AWS finds the time of the signature wrong (403: {EXPIRED}): set this machine's clock"),
        ({"message": EARLY}, f"AWS finds the time of the signature wrong (403: {EARLY}): set this machine's clock"),
        (
            {"message": "The security token included in the request is expired"},
            "the AWS credentials have expired (403: The security token included in the request is expired): "
            "sign in to AWS anew",
        ),
        (
            {"message": "The security token included in the request is invalid."},
            "AWS does not know the credentials (403: The security token included in the request is invalid.): " + CHECK,
        ),
        (
            {
                "message": "The request signature we calculated does not match the signature you provided. Consult the "
                "service documentation for details.\n\nThe Canonical String for this request should have been\n'POST\n"
                "/test/topics/0a1b.pin\n\nhost:h\nx-amz-security-token:the-token\nx-api-key:the-key\n"
            },
            "the AWS secret key is not the one of its key id, or the request was changed on its way "
            "(403: The request signature we calculated does not match the signature you provided. Consult the service "
            f"documentation for details.): {CHECK}",
        ),
        (
            {"message": "Credential should be scoped to a valid region, not 'eu-west-1'. "},
            "the API is not in the estate's region (403: Credential should be scoped to a valid region, "
            "not 'eu-west-1'.): do `make infra`",
        ),
        (
            {"Message": DENIED},
            f"the AWS credentials do not give access to the API (403: {DENIED}): "
            "have execute-api:Invoke on it allowed to them, or use others",
        ),
    ],
)
async def test_a_refusal_says_whether_it_is_the_key_or_the_signature_and_what_to_do(gateway, answer, told):
    gateway.script = [web.json_response(answer, status=403)]
    with pytest.raises(UserError) as error:
        await post(gateway, None)
    assert str(error.value).startswith(told)
    assert "\n" not in str(error.value)
    assert "the-key" not in str(error.value)
    assert "the-token" not in str(error.value)
    assert len(gateway.requests) == 1
