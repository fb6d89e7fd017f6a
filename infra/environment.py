"""Root module, variables and state of an estate, offline (ENV=local) or on AWS (ENV=aws)."""

from typing import Any

from infra.terraform import Terraform
from local.setup import KAFKA_CLIENT_ZIP, PLUGIN_ZIP, ROOT
from pipeline.errors import UserError
from pipeline.estate import estate_file
from pipeline.settings import Settings


def terraform(settings: Settings) -> Terraform:
    """Terraform for the estate. Raises UserError when ENV=aws has no STATE_BUCKET."""
    folder = estate_file(settings).parent.resolve() / "terraform"
    return Terraform(
        root=ROOT / "terraform" / "environments" / settings.env,
        folder=folder,
        log=settings.state / "logs" / "terraform.log",
        backend={"path": str(folder / "estate.tfstate")} if settings.env == "local" else _bucket(settings),
    )


def bootstrap(settings: Settings) -> Terraform:
    """Terraform for the bucket with the state of ENV=aws; its own state is a file in STATE. Raises as `terraform`."""
    folder = estate_file(settings).parent.resolve() / "bootstrap"
    _bucket(settings)
    return Terraform(
        root=ROOT / "terraform" / "bootstrap",
        folder=folder,
        log=settings.state / "logs" / "terraform.log",
        backend={"path": str(folder / "bootstrap.tfstate")},
    )


def variables(settings: Settings) -> dict[str, Any]:
    """The variables of both environments. Others come from the environment's terraform.tfvars."""
    return {
        "user_id": settings.user_id,
        "region": settings.aws_region,
        "size": settings.size,
        "plugin_zip": str(PLUGIN_ZIP),
        "kafka_client_zip": str(KAFKA_CLIENT_ZIP),
        "airflow_folder": str(ROOT / "airflow"),
    }


def _bucket(settings: Settings) -> dict[str, str]:
    if settings.state_bucket is None:
        raise UserError(
            "ENV=aws keeps Terraform's state in a bucket: set STATE_BUCKET in .env, and create it with `make bootstrap`"
        )
    return {
        "bucket": settings.state_bucket,
        "key": f"{settings.user_id}/estate.tfstate",
        "region": settings.aws_region,
    }
