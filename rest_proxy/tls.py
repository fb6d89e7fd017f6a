"""TLS with a certificate of the proxy's own: for callers that want encryption, and know the proxy by its network.

API Gateway is one: with `insecureSkipVerification` it still checks name and dates, and that there is a root CA.
"""

import re
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from pipeline.errors import UserError

LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
HOST_NAME = re.compile(rf"(?!.{{254}})(?!(.*\.)?\d+\Z)({LABEL}\.)*{LABEL}")  # what ends in a number is an IP address
BACKDATED = timedelta(days=1)  # for callers whose clock is behind
VALID = timedelta(days=397)  # the longest that common clients accept


def is_host_name(name: str) -> bool:
    """Whether a certificate can be made for the name."""
    return HOST_NAME.fullmatch(name) is not None


def server_context(name: str) -> tuple[ssl.SSLContext, datetime]:
    """A context to serve with, whose new key is nowhere else, and the end of its certificate.

    Raises UserError when there is no folder where the key can stand for the moment of loading it.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _self_signed(name, key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate.public_bytes(Encoding.PEM)
    try:
        with TemporaryDirectory() as folder:  # ssl loads keys from files only; others cannot look into this folder
            file = Path(folder) / "key-and-certificate.pem"
            file.touch(mode=0o600)
            file.write_bytes(pem)
            context.load_cert_chain(file)
    except OSError as error:
        raise UserError(
            f"no temporary folder for the TLS key ({error}): set TMPDIR to one that can be written"
        ) from None
    return context, certificate.not_valid_after_utc


def _self_signed(name: str, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    """The certificate of a host that is its own certificate authority: it ends the chain that it begins."""
    # The host's name, which may be too long for a common name, is where callers look for it.
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Kafka REST proxy")])
    begin = datetime.now(UTC) - BACKDATED
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + VALID)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
