"""What goes wrong with Kinesis, in words that say what to do."""

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    SSLError,
)
from botocore.parsers import ResponseParserError

# Kinesis, or the way to it, is busy or ill: the same call may succeed later.
TRANSIENT = {
    "ProvisionedThroughputExceededException",
    "LimitExceededException",
    "ThrottlingException",
    "Throttling",
    "RequestLimitExceeded",
    "KMSThrottlingException",
    "InternalFailure",
    "InternalFailureException",
    "InternalServerError",
    "ServiceUnavailable",
    "RequestTimeout",
    "ResourceInUseException",  # the stream is being made
    "ExpiredNextTokenException",  # the list begins again
}
# The same call fails until the stream, its key, the policy or the credentials change. Other codes go by their status.
PERMANENT = {
    "AccessDeniedException",
    "DryRunOperationException",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidArgumentException",
    "InvalidSignatureException",
    "KMSAccessDeniedException",
    "KMSDisabledException",
    "KMSInvalidStateException",
    "KMSNotFoundException",
    "KMSOptInRequired",
    "MissingAuthenticationTokenException",
    "OptInRequired",
    "ResourceNotFoundException",
    "UnrecognizedClientException",
    "ValidationException",
}
REMEDIES = {
    "ResourceNotFoundException": "is the name right, is it in this region and account?",
    "AccessDeniedException": "allow ListShards, GetShardIterator, GetRecords and DescribeStreamSummary on it",
    "KMSAccessDeniedException": "allow kms:Decrypt on the key that encrypts it",
    "KMSDisabledException": "enable the key that encrypts it",
    "ExpiredTokenException": "sign in to AWS anew",
    "UnrecognizedClientException": "check the credentials",
    "InvalidSignatureException": "check the credentials and this machine's clock",
}


class KinesisError(Exception):
    """One line that says what is wrong, with which stream, and what to do."""


class DataLoss(KinesisError):
    """Records that were to be read are no longer in the stream."""


class Transient(Exception):
    """A call failed that may succeed later."""


class ExpiredIterator(Transient):
    """An iterator is older than five minutes: the same call succeeds with a new one."""


class ForeignPosition(Exception):
    """Kinesis does not take the position for one of this shard."""


class NoShard(Exception):
    """The stream is there, and has no such shard (any more)."""


def told(error: BotoCoreError | ClientError, doing: str) -> Exception:
    """What to raise instead of botocore's error; `doing`: the call and on what, as in "GetRecords of shard x"."""
    if isinstance(error, ClientError):
        code = error.response["Error"].get("Code", "")
        message = " ".join(error.response["Error"].get("Message", "").split())
        status = error.response["ResponseMetadata"].get("HTTPStatusCode", 0)
        failed = f"{doing}: {code or status} ({message})"
        if code == "ExpiredIteratorException":
            return ExpiredIterator(failed)
        if code in TRANSIENT or (code not in PERMANENT and (status >= 500 or status == 429)):
            return Transient(failed)
        if code in ("InvalidArgumentException", "ResourceNotFoundException") and "SequenceNumber" in message:
            return ForeignPosition(message)
        if code == "ResourceNotFoundException" and "shardId-" in message:
            return NoShard(message)
        remedy = REMEDIES.get(code)
        return KinesisError(failed + (f": {remedy}" if remedy else ""))
    reason = " ".join(str(error).split())
    if isinstance(error, HTTPClientError | ConnectionError | ResponseParserError) and not isinstance(error, SSLError):
        return Transient(f"{doing}: {reason}")
    if isinstance(error, NoCredentialsError):
        return KinesisError(f"{doing}: no AWS credentials: sign in to AWS, or set awsAccessKey and awsSecretKey")
    if isinstance(error, NoRegionError):
        return KinesisError(f"{doing}: in which region? Set the option region")
    return KinesisError(f"{doing}: {reason}")
