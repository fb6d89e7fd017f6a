"""Where events go: URL, key and topics, and where the records of what went there are kept."""

from hashlib import sha256
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from emulator.signing import Sign, signer
from pipeline.entities import ENTITIES
from pipeline.errors import UserError
from pipeline.estate import Estate, load_estate
from pipeline.settings import Settings


def topics(settings: Settings, estate: Estate | None) -> dict[str, str]:
    """Topic of each table: the estate's, or named as every estate names it."""
    if estate:
        return estate.topics
    return {entity.name: f"{settings.user_id}.{entity.name}" for entity in ENTITIES}


def records_folder(settings: Settings, estate: Estate | None) -> Path:
    """Where checkpoints and the journal of what these topics were given lie.

    Offline, Kafka's data live and die with the state folder; elsewhere, another address is another Kafka.
    """
    address = settings.api_url
    if address is None and estate and estate.aws_endpoint_url is None:
        address = estate.bootstrap_servers
    name = sha256(address.encode()).hexdigest()[:12] if address else "offline"
    return settings.state / "emulator" / f"{settings.user_id}-{name}"


def estate_in_use(settings: Settings) -> Estate | None:
    """The estate, None when another URL is given and nothing else of the estate is needed."""
    try:
        estate = load_estate(settings)
    except UserError as error:
        if settings.api_url and not settings.wait:
            return None
        if settings.api_url:
            raise UserError(f"{error}; or do not wait for its S3: WAIT=no") from None
        raise
    return estate if settings.wait or _goes_to(estate, settings) else None


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
