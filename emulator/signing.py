"""AWS Signature V4: an API with IAM authorization lets in whom a signature shows to be allowed to invoke it."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from yarl import URL

from pipeline.errors import UserError
from pipeline.estate import Estate

SERVICE = "execute-api"  # API Gateway, as far as it is invoked
VARIABLES = "AWS_PROFILE, or AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN"
UNSIGNED = (
    "the API takes requests with an AWS signature only, or has nothing at this address",
    "do `make infra`, and unset API_URL to use the estate's",
)
CLOCK = ("AWS finds the time of the signature wrong", "set this machine's clock")

# How API Gateway refuses: a part of its message, in small letters -> what it means, what to do.
REFUSALS = {
    "missing authentication token": UNSIGNED,
    "user: anonymous is not authorized": UNSIGNED,
    "signature expired": CLOCK,
    "signature not yet current": CLOCK,
    "security token included in the request is expired": ("the AWS credentials have expired", "sign in to AWS anew"),
    "security token included in the request is invalid": ("AWS does not know the credentials", f"check {VARIABLES}"),
    "request signature we calculated does not match": (
        "the AWS secret key is not the one of its key id, or the request was changed on its way",
        f"check {VARIABLES}",
    ),
    "credential should be scoped to a valid region": ("the API is not in the estate's region", "do `make infra`"),
    "is not authorized to perform: execute-api:": (
        "the AWS credentials do not give access to the API",
        "have execute-api:Invoke on it allowed to them, or use others",
    ),
}

Sign = Callable[[str, str, Mapping[str, str], bytes], dict[str, str]]


def signer(estate: Estate) -> Sign:
    """What signs requests for the estate's API: takes method, URL, headers and body, returns the headers to send.

    They are good for five minutes. Signing takes seconds now and then, when credentials that expire are renewed.
    Both this and signing raise UserError when there are no credentials, or none that can be used.
    """
    from botocore.auth import SigV4Auth  # with an API that asks for signatures
    from botocore.awsrequest import AWSRequest

    # It would print each renewal that fails, with a traceback; when it matters, that is raised.
    logging.getLogger("botocore.credentials").setLevel(logging.ERROR)
    credentials = usable(estate.credentials)
    if credentials is None:
        raise UserError(f"no AWS credentials, which the API asks for: sign in to AWS, or set {VARIABLES}")

    def sign(method: str, url: str, headers: Mapping[str, str], body: bytes) -> dict[str, str]:
        encoded = str(URL(url))  # as aiohttp sends it
        request = AWSRequest(method, encoded, headers=dict(headers), data=body)
        SigV4Auth(usable(credentials.get_frozen_credentials), SERVICE, estate.region).add_auth(request)
        return dict(request.headers.items())

    return sign


def explained(message: str) -> tuple[str, str] | None:
    """What a refusal means and what to do about it; None when it is not about signatures."""
    said = message.lower()
    return next((explanation for part, explanation in REFUSALS.items() if part in said), None)


def usable(load: Callable[[], Any]) -> Any:
    """What `load` returns. Raises UserError when credentials cannot be found out or renewed."""
    try:
        return load()
    # Not botocore's own: of a process or file that gives credentials, and of renewed ones that have expired already.
    except (BotoCoreError, ClientError, OSError, ValueError, RuntimeError) as error:
        raise unusable(error) from None


def unusable(error: Exception) -> UserError:
    """What to raise instead of what botocore says about credentials."""
    reason = " ".join(str(error).split())
    return UserError(f"the AWS credentials cannot be used ({reason}): sign in to AWS, or set {VARIABLES}")
