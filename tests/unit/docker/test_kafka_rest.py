"""docker/bin/kafka-rest: the properties that Confluent's proxy is started with, by the environment of our own."""

import os
import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID

from local.setup import JAVA, java_program
from tests.waiting import PATIENCE

ROOT = Path(__file__).parents[3]
# In place of Confluent's: shows what it was started with.
START = """#!/bin/bash
echo "$@" > "$SEEN/arguments"
cat "$1" > "$SEEN/properties"
env > "$SEEN/environment"
"""
PLAIN = {
    "bootstrap.servers": "broker:9092",
    "listeners": "http://0.0.0.0:8082",
    "schema.registry.url": "",
    "producer.acks": "all",
    "producer.max.in.flight.requests.per.connection": "1",
    "producer.linger.ms": "5",
    "producer.max.request.size": "2097152",
    "producer.buffer.memory": "67108864",
    "producer.max.block.ms": "5000",
    "producer.request.timeout.ms": "10000",
    "producer.delivery.timeout.ms": "20000",
    "admin.request.timeout.ms": "3000",
    "admin.default.api.timeout.ms": "3000",
    "api.v3.produce.request.size.limit.max.bytes": "10485760",
    "shutdown.graceful.ms": "25000",
    "client.security.protocol": "PLAINTEXT",
}
IAM = {
    "client.security.protocol": "SASL_SSL",
    "client.sasl.mechanism": "AWS_MSK_IAM",
    "client.sasl.jaas.config": "software.amazon.msk.auth.iam.IAMLoginModule required;",
    "client.sasl.client.callback.handler.class": "software.amazon.msk.auth.iam.IAMClientCallbackHandler",
}
# What an ECS task of the estate is given (terraform/modules/estate/events.tf, terraform/modules/kafka_rest/main.tf).
ESTATE = {
    "KAFKA_REST_BOOTSTRAP_SERVERS": "b-1.mock:9098,b-2.mock:9098",
    "KAFKA_REST_IAM_REGION": "eu-west-1",
    "KAFKA_REST_HOST": "0.0.0.0",  # noqa: S104
    "KAFKA_REST_TLS_NAME": "mock.elb.eu-west-1.amazonaws.com",
}
# Makes the clients that the proxy makes, of what KafkaRestConfig hands them: keys they do not know, values they refuse,
# classes that are not there.
CHECK = """
import java.io.FileInputStream;
import java.time.Duration;
import java.util.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.serialization.ByteArraySerializer;

class Check {
  public static void main(String[] arguments) throws Exception {
    var all = new Properties();
    all.load(new FileInputStream(arguments[0]));
    var producer = of(all, "producer.");
    producer.put("enable.idempotence", "false"); // as KafkaRestConfig.getProducerProperties does
    new KafkaProducer<>(producer, new ByteArraySerializer(), new ByteArraySerializer()).close(Duration.ZERO);
    var admin = of(all, "admin.");
    Admin.create(admin).close(Duration.ZERO);
    producer.keySet().removeAll(ProducerConfig.configNames());
    admin.keySet().removeAll(AdminClientConfig.configNames());
    System.out.println("unknown: " + producer + admin);
  }

  static Map<String, Object> of(Properties all, String kind) {
    var found = new HashMap<String, Object>(Map.of("bootstrap.servers", all.get("bootstrap.servers")));
    for (var prefix : List.of("client.", kind))
      for (var key : all.stringPropertyNames())
        if (key.startsWith(prefix)) found.put(key.substring(prefix.length()), all.getProperty(key));
    return found;
  }
}
"""


@pytest.fixture
def start(tmp_path):
    """Run the script with an environment of nothing else."""
    programs, seen, temporary = (tmp_path / name for name in ("programs", "seen", "tmp"))
    for folder in (programs, seen, temporary):
        folder.mkdir()
    (programs / "kafka-rest-start").write_text(START)
    (programs / "kafka-rest-start").chmod(0o755)
    java = str(Path(java_program()).parent) if "/" in java_program() else ""
    path = os.pathsep.join(filter(None, [str(programs), java, os.environ["PATH"]]))

    def run(**environment):
        answer = subprocess.run(
            [ROOT / "docker" / "bin" / "kafka-rest"],
            env={"PATH": path, "TMPDIR": str(temporary), "SEEN": str(seen), **environment},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        return SimpleNamespace(
            code=answer.returncode,
            said=answer.stdout + answer.stderr,
            started=(seen / "arguments").exists(),
            seen=seen,
            temporary=temporary,
        )

    return run


def properties(ran):
    assert ran.code == 0, ran.said
    lines = (ran.seen / "properties").read_text().splitlines()
    pairs = [line.split("=", 1) for line in lines if not line.startswith("#")]
    assert len(pairs) == len(dict(pairs)), "a key stands twice"
    return dict(pairs)


def test_the_offline_broker_is_spoken_to_in_the_plain(start):
    assert properties(start(KAFKA_REST_BOOTSTRAP_SERVERS="broker:9092")) == PLAIN


def test_a_region_means_iam(start):
    ran = start(KAFKA_REST_BOOTSTRAP_SERVERS="broker:9092", KAFKA_REST_IAM_REGION="eu-west-1")
    assert properties(ran) == PLAIN | IAM
    assert "AWS_REGION=eu-west-1\n" in (ran.seen / "environment").read_text()


def test_address_and_limits_are_those_given(start):
    ran = start(
        KAFKA_REST_BOOTSTRAP_SERVERS="one:1,two:2",
        KAFKA_REST_HOST="127.0.0.1",
        KAFKA_REST_PORT="9999",
        KAFKA_REST_MAX_RECORD_BYTES="1000",
        KAFKA_REST_MAX_REQUEST_BYTES="3000",
        KAFKA_REST_MAX_BYTES_UNDER_WAY="4000",
    )
    assert properties(ran) == PLAIN | {
        "bootstrap.servers": "one:1,two:2",
        "listeners": "http://127.0.0.1:9999",
        "producer.max.request.size": "1000",
        "api.v3.produce.request.size.limit.max.bytes": "3000",
        "producer.buffer.memory": "4000",
    }


def test_what_the_estates_task_is_given_makes_it_serve_tls_and_speak_iam(start):
    ran = start(**ESTATE)
    found = properties(ran)
    keystore, password = found.pop("ssl.keystore.location"), found.pop("ssl.keystore.password")
    assert found.pop("ssl.key.password") == password
    assert found == PLAIN | IAM | {
        "bootstrap.servers": "b-1.mock:9098,b-2.mock:9098",
        "listeners": "https://0.0.0.0:8082",
        "ssl.keystore.type": "PKCS12",
        "ssl.enabled.protocols": "TLSv1.2,TLSv1.3",
        "sni.host.check.enabled": "false",
    }
    assert Path(keystore).parent.parent == ran.temporary
    assert len(password) == 48
    assert password not in (ran.seen / "environment").read_text() + ran.said


def test_the_certificate_is_the_hosts_own_authority(start, tmp_path):
    found = properties(start(**ESTATE))
    bundle = Path(found["ssl.keystore.location"]).read_bytes()
    key, certificate, more = pkcs12.load_key_and_certificates(bundle, found["ssl.keystore.password"].encode())

    assert more == []
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert key.curve.name == "secp256r1"
    assert certificate.public_key() == key.public_key()
    certificate.verify_directly_issued_by(certificate)
    name = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert name.get_values_for_type(x509.DNSName) == ["mock.elb.eu-west-1.amazonaws.com"]
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (constraints.critical, constraints.value.ca, constraints.value.path_length) == (True, True, 0)
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature and usage.key_cert_sign
    extended = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(extended) == [ExtendedKeyUsageOID.SERVER_AUTH]
    yesterday = datetime.now(UTC) - timedelta(days=1)
    assert abs(certificate.not_valid_before_utc - yesterday) < timedelta(minutes=5)
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc == timedelta(days=397)

    pem = tmp_path / "server.pem"
    pem.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate.public_bytes(Encoding.PEM)
    )
    handshake(pem, "mock.elb.eu-west-1.amazonaws.com")
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        handshake(pem, "elsewhere.example.com")


def handshake(pem, name):
    """TLS between a server with the certificate and a client that trusts it and nothing else, in memory."""
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(pem)
    trusting = ssl.create_default_context(cafile=str(pem))
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        trusting.wrap_bio(down, up, server_hostname=name),
        serving.wrap_bio(up, down, server_side=True),
    ]
    for _ in range(4):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue


def test_each_start_has_a_key_and_a_password_of_its_own_that_nobody_else_reads(start):
    first, second = properties(start(**ESTATE)), properties(start(**ESTATE))
    assert first["ssl.keystore.location"] != second["ssl.keystore.location"]
    assert first["ssl.keystore.password"] != second["ssl.keystore.password"]
    folder = Path(first["ssl.keystore.location"]).parent
    assert folder.stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in folder.iterdir()) == ["kafka-rest.properties", "keystore.p12", "keytool.log"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())


@pytest.mark.parametrize("given", [{}, {"KAFKA_REST_BOOTSTRAP_SERVERS": ""}])
def test_without_brokers_it_does_not_start(start, given):
    ran = start(**given)
    assert (ran.code, ran.started) == (78, False)
    assert ran.said == (
        "error: kafka-rest.properties lacks a value for KAFKA_REST_BOOTSTRAP_SERVERS: set it in the environment\n"
    )


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("KAFKA_REST_PORT", "http", "error: KAFKA_REST_PORT is 'http': it must be a whole number\n"),
        ("KAFKA_REST_PORT", "65536", "error: KAFKA_REST_PORT is 65536: there is no port beyond 65535\n"),
        (
            "KAFKA_REST_MAX_RECORD_BYTES",
            "2 MB",
            "error: KAFKA_REST_MAX_RECORD_BYTES is '2 MB': it must be a whole number\n",
        ),
        (
            "KAFKA_REST_MAX_REQUEST_BYTES",
            "-1",
            "error: KAFKA_REST_MAX_REQUEST_BYTES is '-1': it must be a whole number\n",
        ),
    ]
    + [
        (
            "KAFKA_REST_TLS_NAME",
            name,
            f"error: KAFKA_REST_TLS_NAME is '{name}': it must be a host name such as kafka-rest.example.com\n",
        )
        for name in ("10.0.0.1", "a b", "-a.example.com", "a..example.com", "a,dns:evil.example.com", "a." * 126 + "aa")
    ],
)
def test_what_cannot_be_is_refused(start, name, value, said):
    ran = start(KAFKA_REST_BOOTSTRAP_SERVERS="broker:9092", **{name: value})
    assert (ran.code, ran.started, ran.said) == (78, False, said)


@pytest.mark.parametrize("region", ["", "eu-west-1"], ids=["plain", "iam"])
def test_kafkas_clients_and_the_iam_library_take_them(start, region, tmp_path):
    ran = start(KAFKA_REST_BOOTSTRAP_SERVERS="127.0.0.1:1", KAFKA_REST_IAM_REGION=region)
    properties(ran)
    (tmp_path / "Check.java").write_text(CHECK)
    checked = subprocess.run(
        [java_program(), "-cp", f"{JAVA / 'kafka-client'}/*", tmp_path / "Check.java", ran.seen / "properties"],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert (checked.returncode, checked.stdout) == (0, "unknown: {}{}\n"), checked.stderr
