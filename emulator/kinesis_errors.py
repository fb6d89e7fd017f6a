"""How Kinesis refuses, whichever way it was asked."""

from emulator.door import Busy
from emulator.signing import explained
from pipeline.errors import UserError

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
}
# The same request fails until the stream, its key, the policy or the credentials change. Others go by their status.
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
# A request, a record: the API may make a row's JSON longer than it was when it was weighed.
TOO_LARGE = ("records size exceeds", "length less than or equal to 1048576")


def too_large(message: str) -> bool:
    """Whether Kinesis refuses a request, or a record in it, for its bytes."""
    return any(part in message.lower() for part in TOO_LARGE)


def busy(code: str, message: str, status: int, stream: str, denied: str) -> Busy:
    """What an error of Kinesis comes to; `denied`: what to do when it denies access to the stream.

    Raises UserError when another attempt would not change it.
    """
    said = " ".join(message.split()) or "no reason given"
    if code in TRANSIENT or (code not in PERMANENT and (status >= 500 or status == 429)):
        return Busy(f"{stream}: {code}: {said}")
    if code == "ResourceNotFoundException":
        raise UserError(f"stream {stream} does not exist: make it with `make infra`") from None
    if code == "AccessDeniedException":
        raise UserError(f"Kinesis denies access to {stream} ({said}): {denied}") from None
    if explanation := explained(said):
        meaning, remedy = explanation
        raise UserError(f"{meaning} ({code}: {said.partition(' The Canonical String')[0]}): {remedy}") from None
    raise UserError(f"{stream}: Kinesis refuses the request ({code}: {said})") from None
