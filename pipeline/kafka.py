"""How a client connects to Kafka: plain on this machine's loopback, TLS with IAM on MSK."""

from typing import Any


def connection(bootstrap_servers: str, iam_region: str | None) -> dict[str, Any]:
    """librdkafka settings. `iam_region`: AWS region of an MSK cluster that knows its clients by IAM; else none."""
    settings: dict[str, Any] = {"bootstrap.servers": bootstrap_servers}
    if iam_region is None:
        return settings

    def token(_: str) -> tuple[str, float]:
        from aws_msk_iam_sasl_signer import MSKAuthTokenProvider  # slow to import, and needed on AWS only

        value, expires_ms = MSKAuthTokenProvider.generate_auth_token(iam_region)
        return value, expires_ms / 1000  # librdkafka counts seconds

    return settings | {"security.protocol": "SASL_SSL", "sasl.mechanisms": "OAUTHBEARER", "oauth_cb": token}
