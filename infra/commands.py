"""The commands for an estate, offline (ENV=local) or in an AWS account (ENV=aws)."""

import json
import sys

from infra import costs, environment
from infra.environment import terraform
from infra.plan import DONE, Plan
from infra.terraform import Terraform
from local import estate as offline
from pipeline.errors import UserError
from pipeline.estate import estate_file, save_estate
from pipeline.settings import Settings


def plan(settings: Settings) -> None:
    """Show what `apply` would change, and what the estate costs."""
    _show(_plan(settings))
    print(costs.bill(settings.size))


def apply(settings: Settings) -> None:
    """Create or update the estate, and save its outputs for all other programs."""
    planned = _plan(settings)
    _show(planned)
    if settings.env == "aws" and planned.changes:
        monthly = f"{costs.total(settings.size):,.0f}"
        what = "REPLACES OR DESTROYS parts of the estate" if planned.loses else "applies this plan"
        _confirm(settings, f"This {what} in your AWS account. The estate costs about ${monthly} per month.")
    if planned.changes:
        _apply(terraform(settings), planned)
    _save_outputs(settings)
    if settings.env == "local":
        offline.make_real(settings, changed=bool(planned.changes))


def destroy(settings: Settings) -> None:
    """Destroy the estate and delete its outputs. Offline, the topics stay in Kafka until `make clean`."""
    planned = _plan(settings, destroy=True)
    if not planned.changes:
        raise UserError("nothing to destroy: the estate does not exist")
    _show(planned)
    if settings.env == "aws":
        _confirm(settings, "This DESTROYS the estate, with the data in its bucket, topics and database.")
    _apply(terraform(settings), planned)
    estate_file(settings).unlink(missing_ok=True)


def outputs(settings: Settings) -> None:
    """Print the estate's outputs as JSON, and save them for all other programs."""
    print(json.dumps(_save_outputs(settings), indent=2))


def bootstrap(settings: Settings) -> None:
    """Create the bucket STATE_BUCKET in the AWS account, for Terraform's state."""
    if settings.env != "aws":
        raise UserError("offline the state is a file: give ENV=aws to create a bucket")
    root = environment.bootstrap(settings)
    planned = root.plan({"bucket": settings.state_bucket, "region": settings.aws_region})
    _show(planned)
    if planned.changes:
        _confirm(settings, f"This creates the bucket {settings.state_bucket} in your AWS account.")
        _apply(root, planned)
    print(f"Terraform's state is in s3://{settings.state_bucket}: set STATE_BUCKET in .env")


def _plan(settings: Settings, destroy: bool = False) -> Plan:
    if settings.env == "aws":
        return terraform(settings).plan(environment.variables(settings), destroy)
    where = offline.where(settings)
    offline.forget_what_is_gone(settings)
    return terraform(settings).plan(where, destroy)


def _show(planned: Plan) -> None:
    print("\n".join(planned.lines()), flush=True)


def _apply(root: Terraform, planned: Plan) -> None:
    root.apply(planned, report=lambda line: print(line, flush=True))
    print("done: " + planned.sum(DONE), flush=True)


def _save_outputs(settings: Settings) -> dict[str, object]:
    found: dict[str, object] = terraform(settings).outputs().get("estate", {})
    if not found:
        raise UserError("there is no estate yet: create it with `make infra`")
    save_estate(settings, found)
    return found


def _confirm(settings: Settings, what: str) -> None:
    """Ask for the user id as a confirmation. Raises UserError for any other answer."""
    if settings.confirm is None and sys.stdin.isatty():
        answer = input(f"{what}\nType the user id ({settings.user_id}) to continue: ").strip()
    else:
        answer = settings.confirm or ""
    if answer != settings.user_id:
        raise UserError(
            f"not confirmed, nothing was changed: answer {settings.user_id}, or give CONFIRM={settings.user_id}"
        )
