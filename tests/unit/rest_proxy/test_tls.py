"""TLS as callers see it: the certificate of a real handshake, who is let in, and that no key is left behind."""

import asyncio
import os
import signal
import socket
import ssl
import stat
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import ClientConnectorCertificateError, ClientSession, web
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from pipeline.errors import UserError
from rest_proxy.tls import is_host_name, server_context
from tests.waiting import PATIENCE, until

ROOT = Path(__file__).parents[3]
NAME = "kafka-rest.internal"
# longer than a certificate's common name may be
LOAD_BALANCER = "a-network-load-balancer-of-32-ch-0123456789abcdef.elb.ap-southeast-1.amazonaws.com"


@pytest.fixture
async def serve(aiohttp_server):
    """Serve with a certificate for the name; the port."""

    async def start(name):
        async def hello(_):
            return web.Response(text="hello")

        application = web.Application()
        application.router.add_get("/", hello)
        return (await aiohttp_server(application, ssl=server_context(name)[0])).port

    return start


def trusting(certificate):
    """A client that trusts this certificate alone, and checks it as strictly as OpenSSL can."""
    context = ssl.create_default_context(cadata=certificate)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


def trusting_all():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


async def handshake(port, context=None):
    """Protocol, and certificate in DER, of a connection."""
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context or trusting_all(), server_hostname=NAME)
    connection = writer.get_extra_info("ssl_object")
    found = connection.version(), connection.getpeercert(binary_form=True)
    writer.close()
    await writer.wait_closed()
    return found


async def get(port, context, name):
    async with (
        ClientSession() as session,
        session.get(f"https://127.0.0.1:{port}/", ssl=context, server_hostname=name) as answer,
    ):
        return await answer.text()


async def test_the_certificate_has_the_name_and_is_a_root_ca_for_397_days_from_yesterday_on(serve):
    _, der = await handshake(await serve(NAME))
    certificate = x509.load_der_x509_certificate(der)
    extensions = certificate.extensions
    assert list(extensions.get_extension_for_class(x509.SubjectAlternativeName).value) == [x509.DNSName(NAME)]
    yesterday = datetime.now(UTC) - timedelta(days=1)
    assert timedelta() <= yesterday - certificate.not_valid_before_utc < timedelta(minutes=1)
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc == timedelta(days=397)
    # What API Gateway asks of a private root certificate.
    constraints = extensions.get_extension_for_class(x509.BasicConstraints)
    usage = extensions.get_extension_for_class(x509.KeyUsage)
    assert (constraints.critical, constraints.value.ca) == (True, True)
    assert (usage.critical, usage.value.key_cert_sign, usage.value.digital_signature) == (True, True, True)
    assert list(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert isinstance(certificate.public_key().curve, ec.SECP256R1)
    certificate.verify_directly_issued_by(certificate)


def test_the_end_that_is_told_is_the_certificates():
    _, end = server_context(NAME)
    assert timedelta() <= datetime.now(UTC) + timedelta(days=396) - end < timedelta(minutes=1)


@pytest.mark.parametrize("name", [NAME, "localhost", LOAD_BALANCER])
async def test_who_trusts_the_certificate_finds_the_name_right_and_another_wrong(serve, name):
    port = await serve(name)
    _, der = await handshake(port)
    assert await get(port, trusting(der), name) == "hello"
    with pytest.raises(ClientConnectorCertificateError, match="Hostname mismatch"):
        await get(port, trusting(der), f"other.{name}")


async def test_every_start_makes_another_key(serve):
    (_, first), (_, second) = await handshake(await serve(NAME)), await handshake(await serve(NAME))
    keys = [x509.load_der_x509_certificate(der).public_key() for der in (first, second)]
    assert keys[0] != keys[1]


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
async def test_tls_1_2_and_1_3_are_spoken(serve, version):
    context = trusting_all()
    context.minimum_version = context.maximum_version = ssl.TLSVersion[version.replace(".", "_")]
    assert (await handshake(await serve(NAME), context))[0] == version


@pytest.mark.filterwarnings("ignore:.*TLSv1_1 is deprecated")
def test_tls_1_1_is_refused():
    client = trusting_all()
    client.set_ciphers("ALL:@SECLEVEL=0")  # else OpenSSL does not even ask for it
    client.minimum_version = client.maximum_version = ssl.TLSVersion.TLSv1_1
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(to_client, to_server, server_hostname=NAME)
    answering = server_context(NAME)[0].wrap_bio(to_server, to_client, server_side=True)
    with pytest.raises(ssl.SSLWantReadError):
        asking.do_handshake()
    with pytest.raises(ssl.SSLError, match="UNSUPPORTED_PROTOCOL"):
        answering.do_handshake()


def test_the_key_is_for_this_user_alone_while_it_is_loaded_and_gone_thereafter(tmp_path, monkeypatch):
    seen = []
    load = ssl.SSLContext.load_cert_chain

    def spy(context, file):
        assert b"PRIVATE KEY" in file.read_bytes()
        seen.extend(stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent))
        load(context, file)

    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", spy)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = os.umask(0)
    try:
        server_context(NAME)
    finally:
        os.umask(before)
    assert seen == [0o600, 0o700]
    assert list(tmp_path.iterdir()) == []


def test_no_folder_for_the_key_is_told_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "absent"))
    with pytest.raises(UserError) as error:
        server_context(NAME)
    assert str(error.value).startswith("no temporary folder for the TLS key (")
    assert str(error.value).endswith("): set TMPDIR to one that can be written")


@pytest.mark.parametrize("name", [NAME, LOAD_BALANCER, "localhost", "A1.b-2.C", "1a.2b", "x" * 63, "x." * 126 + "x"])
def test_what_is_a_host_name(name):
    assert is_host_name(name)


NO_DNS_NAMES = ["", " ", "a b", "a/b", "a_b", "*.a", "-a", "a-", "a..b", ".a", "a.", "a\n", "größe", "a:1"]
TOO_LONG = ["x" * 64, "x." * 126 + "xx"]


@pytest.mark.parametrize("name", [*NO_DNS_NAMES, *TOO_LONG, "127.0.0.1", "1", "::1"])
def test_what_is_no_host_name(name):
    assert not is_host_name(name)


def answers(port, tls):
    """Whether GET / is answered with 200, over TLS or in plain."""
    try:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as plain,
            trusting_all().wrap_socket(plain) if tls else plain as connection,
        ):
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            return connection.recv(1000).startswith(b"HTTP/1.1 200 OK\r\n")
    except (ssl.SSLError, ConnectionResetError):
        return False


@pytest.mark.parametrize("tls", [True, False])
def test_the_command_serves_tls_when_asked_and_plain_http_else(tmp_path, tls):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KAFKA_REST_")}
    environment |= {"KAFKA_REST_TLS_NAME": NAME} if tls else {}
    # Nobody answers there: this needs no Kafka.
    command = [sys.executable, "-m", "rest_proxy", "--port", str(port), "--bootstrap-servers", "127.0.0.1:1"]
    log = tmp_path / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out)
    try:
        until(lambda: "listening on" in log.read_text(), process, log)
        socket.create_connection(("127.0.0.1", port)).close()  # as load balancers look whether it lives
        assert answers(port, tls)
        assert not answers(port, not tls)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.wait()
    lines = [line.split(" ", 3)[2:] for line in log.read_text().splitlines() if "Connection refused" not in line]
    assert {level for level, _ in lines} == {"INFO"}
    end = datetime.now(UTC) + timedelta(days=396)
    told = f"TLS for {NAME}, with a certificate that ends at {end:%Y-%m}"
    assert sum(text.startswith(told) for _, text in lines) == tls
