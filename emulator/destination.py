"""Where events go: URL, key, and topics or streams; and where the records of what went there are kept."""

from hashlib import sha256
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from emulator.signing import Sign, signer
from pipeline.entities import ENTITIES
from pipeline.errors import UserError
from pipeline.estate import Estate, load_estate
from pipeline.settings import Settings


def targets(settings: Settings, estate: Estate | None) -> dict[str, str]:
    """Topic or stream of each table, by the lane: the estate's, or named as every estate names it.

    Raises UserError when the estate has no streams.
    """
    stream = settings.lane == "stream"
    if estate and stream and not estate.streams:
        raise UserError("this estate has no streams: make it anew with `make infra`")
    if estate:
        return estate.streams if stream else estate.topics
    return {entity.name: f"{settings.user_id}{'-' if stream else '.'}{entity.name}" for entity in ENTITIES}


def records_folder(settings: Settings, estate: Estate | None) -> Path:
    """Where checkpoints and the journal of what the lane's topics or streams were given lie.

    Offline, their data live and die with the state folder; elsewhere, another address is another Kafka, and another
    API's is of another estate with streams of its own.
    """
    stream = settings.lane == "stream"
    address = settings.api_url
    if address is None and estate and estate.aws_endpoint_url is None:
        address = estate.invoke_url if stream else estate.bootstrap_servers
    name = sha256(address.encode()).hexdigest()[:12] if address else "offline"
    return settings.state / "emulator" / f"{settings.user_id}-{name}{'-stream' if stream else ''}"


def waits_for_s3(settings: Settings) -> bool:
    """Whether a run ends only when S3 has what was acknowledged: nothing of the stream lane goes there."""
    return settings.wait and settings.lane == "batch"


def estate_in_use(settings: Settings) -> Estate | None:
    """The estate, None when another URL is given and nothing else of the estate is needed."""
    try:
        estate = load_estate(settings)
    except UserError as error:
        if settings.api_url and not waits_for_s3(settings):
            return None
        if settings.api_url:
            raise UserError(f"{error}; or do not wait for its S3: WAIT=no") from None
        raise
    return estate if waits_for_s3(settings) or _goes_to(estate, settings) else None


def url_and_key(settings: Settings, estate: Estate | None) -> tuple[str, str | None]:
    """URL and key. The estate's key is for the estate's URL alone."""
    if estate is None or not _goes_to(estate, settings):
        return str(settings.api_url), settings.api_key
    try:
        return estate.invoke_url, settings.api_key or estate.api_key()
    except (BotoCoreError, ClientError) as error:
        raise UserError(f"the API's key cannot be read from Secrets Manager ({error}): give it as API_KEY") from None


def signing(settings: Settings, estate: Estate | None) -> Sign | None:
    """What signs the requests, when they go to the estate's URL and it asks for that."""
    if estate is None or not _goes_to(estate, settings) or estate.api_authorization == "NONE":
        return None
    return signer(estate)


def _goes_to(estate: Estate, settings: Settings) -> bool:
    """Whether events go to the estate's own URL."""
    return not settings.api_url or settings.api_url.rstrip("/") == estate.invoke_url.rstrip("/")
