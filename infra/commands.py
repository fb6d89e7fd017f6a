"""The commands on an estate; each works offline (ENV=local) and in an AWS account (ENV=aws)."""

import json
import sys

from infra import costs
from infra.environment import bootstrap, terraform, variables
from infra.plan import DONE, Plan
from infra.terraform import Terraform
from local import estate as offline
from pipeline.errors import UserError
from pipeline.estate import estate_file, save_estate
from pipeline.settings import Settings


def plan(settings: Settings) -> None:
    """Show what `apply` would do, and what the estate costs."""
    _show(_plan(settings))
    print(costs.bill(settings.size))


def apply(settings: Settings) -> None:
    """Make the estate as it is described, and leave its outputs where everything else reads them."""
    planned = _plan(settings)
    _show(planned)
    if settings.env == "aws" and planned.changes:
        monthly = f"{costs.total(settings.size):,.0f}"
        what = "CHANGES THE ESTATE AND LOSES what is replaced or destroyed" if planned.loses else "makes all this"
        _confirm(settings, f"This {what} in your AWS account; the whole costs about ${monthly} a month.")
    if planned.changes:
        _carry_out(terraform(settings), planned)
    _keep_outputs(settings)
    if settings.env == "local":
        offline.make_real(settings, changed=bool(planned.changes))


def destroy(settings: Settings) -> None:
    """Destroy the estate and forget its outputs. Offline the topics stay in Kafka until `make clean`."""
    planned = _plan(settings, destroy=True)
    if not planned.changes:
        raise UserError("nothing to destroy: there is no estate")
    _show(planned)
    if settings.env == "aws":
        _confirm(settings, "This DESTROYS all of it, with the data in its bucket, its topics and its database.")
    _carry_out(terraform(settings), planned)
    estate_file(settings).unlink(missing_ok=True)


def outputs(settings: Settings) -> None:
    """Print the estate's outputs as JSON, as they are in Terraform's state, and keep them for everything else."""
    print(json.dumps(_keep_outputs(settings), indent=2))


def make_state_bucket(settings: Settings) -> None:
    """Make the bucket STATE_BUCKET in the AWS account, for Terraform's state."""
    if settings.env != "aws":
        raise UserError("offline the state is a file: a bucket is for ENV=aws alone")
    root = bootstrap(settings)
    planned = root.plan({"bucket": settings.state_bucket, "region": settings.aws_region})
    _show(planned)
    if planned.changes:
        _confirm(settings, f"This makes the bucket {settings.state_bucket} in your AWS account.")
        _carry_out(root, planned)
    print(f"Terraform's state goes to s3://{settings.state_bucket}; keep STATE_BUCKET in .env")


def _plan(settings: Settings, destroy: bool = False) -> Plan:
    if settings.env == "aws":
        return terraform(settings).plan(variables(settings), destroy)
    where = offline.where(settings)
    offline.forget_what_is_gone(settings)
    return terraform(settings).plan(where, destroy)


def _show(planned: Plan) -> None:
    print("\n".join(planned.lines()), flush=True)


def _carry_out(root: Terraform, planned: Plan) -> None:
    root.apply(planned, tell=lambda line: print(line, flush=True))
    print("done: " + planned.sum(DONE), flush=True)


def _keep_outputs(settings: Settings) -> dict[str, object]:
    found: dict[str, object] = terraform(settings).outputs().get("estate", {})
    if not found:
        raise UserError("there is no estate yet: make one with `make infra`")
    save_estate(settings, found)
    return found


def _confirm(settings: Settings, what: str) -> None:
    """Let a person say that they mean it, by the user id. Raises UserError unless they do."""
    if settings.confirm is None and sys.stdin.isatty():
        answer = input(f"{what}\nType the user id ({settings.user_id}) to go on: ").strip()
    else:
        answer = settings.confirm or ""
    if answer != settings.user_id:
        raise UserError(
            f"not confirmed, nothing was done: answer {settings.user_id}, or give CONFIRM={settings.user_id}"
        )
