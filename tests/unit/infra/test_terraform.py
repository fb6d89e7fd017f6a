"""Terraform's errors in one line, its progress, and where it looks for providers.

The `terraform` here is a script with recorded answers; tests/integration runs the real one.
"""

import json

import pytest

from infra import terraform
from infra.plan import Plan
from infra.terraform import Terraform
from pipeline.errors import UserError

HEAD = '#!/bin/sh\n[ "$2" = init ] && exit 0\n'


@pytest.fixture
def root(tmp_path, monkeypatch):
    """Makes a root module whose `terraform` is the given script."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")

    def made(script):
        (programs / "terraform").write_text(HEAD + script)
        (programs / "terraform").chmod(0o755)
        return Terraform(tmp_path / "root", tmp_path / "work", tmp_path / "terraform.log", {"path": "x"})

    return made


def events(*events):
    lines = "\n".join(json.dumps({"@message": "m", "type": "log"} | event) for event in events)
    return f"cat <<'END'\n{lines}\nEND\n"


def error(summary, detail="", address=""):
    diagnostic = {"severity": "error", "summary": summary, "detail": detail, "address": address}
    return {"type": "diagnostic", "diagnostic": diagnostic}


def test_every_error_is_in_one_line_with_its_resource(root, tmp_path):
    detail = "user_id must be 4 to 32 of a-z.\n\nThis was checked by the validation rule at variables.tf:4,3-13."
    run = root(
        events(
            error("Invalid value for variable", detail),
            error("creating Thing: refused", address="module.estate.module.msk.aws_msk_cluster.this"),
        )
        + "exit 1"
    )
    with pytest.raises(UserError) as raised:
        run.plan({"user_id": "X"})
    assert str(raised.value) == (
        "terraform plan failed: Invalid value for variable: user_id must be 4 to 32 of a-z.; "
        f"msk.aws_msk_cluster.this: creating Thing: refused (log: {tmp_path / 'terraform.log'})"
    )
    assert "checked by the validation rule" in (tmp_path / "terraform.log").read_text()


def test_without_events_the_first_error_is_shown(root):
    run = root("echo '│ Error: No state file' >&2; exit 1")
    with pytest.raises(UserError, match="terraform output failed: Error: No state file"):
        run.outputs()


def test_progress_counts_steps_and_names_slow_resources(root, monkeypatch):
    monkeypatch.setattr(terraform, "REPORT_EVERY", 0.0)
    addresses = ["module.estate.module.kms.aws_kms_key.this", "module.estate.module.database.aws_db_instance.this"]
    hooks = [{"hook": {"resource": {"addr": address}}} for address in addresses]
    run = root(
        events(
            *({"type": "apply_start"} | hook for hook in hooks),
            {"type": "apply_complete"} | hooks[0],
            {"type": "apply_progress"} | hooks[1],
        )
        + "exit 0"
    )
    run.folder.mkdir()
    run.plan_file.touch()
    changes = [
        {"address": a, "module_address": "m", "change": {"actions": ["create"], "before": None, "after": {}}}
        for a in addresses
    ]
    reported = []
    run.apply(Plan.of({"resource_changes": changes}), reported.append)
    assert reported[-1] == "  1 of 2 done, waiting for database.aws_db_instance.this"
    assert not run.plan_file.exists()


def test_a_changed_backend_is_initialized_again(root, tmp_path):
    calls = tmp_path / "calls"
    script = f'#!/bin/sh\n[ "$2" = init ] && echo "$@" >> {calls} && exit 0\necho "{{}}"\n'
    first = root("")
    (tmp_path / "bin" / "terraform").write_text(script)
    first.outputs()
    first.outputs()
    Terraform(first.root, first.folder, first.log, {"path": "y"}).outputs()
    assert [call.split()[3] for call in calls.read_text().splitlines()] == [
        "-backend-config=path=x",
        "-backend-config=path=y",
    ]


def test_providers_come_from_a_mirror_if_there_is_one(tmp_path, monkeypatch):
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", "/missing/by/inheritance")
    monkeypatch.setattr(terraform, "provider_mirror", lambda: tmp_path / "mirror")
    given = terraform.environment(tmp_path / "work")
    assert given["TF_CLI_CONFIG_FILE"] == str(tmp_path / "work" / "cli.tfrc")
    assert f'path = "{tmp_path / "mirror"}"' in (tmp_path / "work" / "cli.tfrc").read_text()
    assert (tmp_path / "work").stat().st_mode & 0o777 == 0o700
    monkeypatch.setattr(terraform, "provider_mirror", lambda: None)
    terraform.environment(tmp_path / "work")
    assert (tmp_path / "work" / "cli.tfrc").read_text() == ""


def test_the_users_own_configuration_wins_over_a_mirror(tmp_path, monkeypatch):
    own = tmp_path / "company.tfrc"
    own.write_text("disable_checkpoint = true\n")
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(own))
    monkeypatch.setattr(terraform, "provider_mirror", lambda: tmp_path / "mirror")
    assert terraform.environment(tmp_path / "work")["TF_CLI_CONFIG_FILE"] == str(own)

    monkeypatch.delenv("TF_CLI_CONFIG_FILE")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".terraformrc").write_text("")
    assert terraform.environment(tmp_path / "work")["TF_CLI_CONFIG_FILE"] == str(tmp_path / ".terraformrc")


@pytest.mark.parametrize(
    ("provider", "mode", "taken"),
    [("hashicorp/aws", 0o755, True), ("hashicorp/google", 0o755, False), ("hashicorp/aws", 0o777, False)],
)
def test_a_mirror_needs_our_provider_and_safe_permissions(tmp_path, monkeypatch, provider, mode, taken):
    mirror = tmp_path / "opt" / "registry.terraform.io"
    (mirror / provider).mkdir(parents=True)
    mirror.chmod(mode)
    ours = terraform._is_world_writable
    monkeypatch.setattr(
        terraform, "_is_world_writable", lambda folder: folder.is_relative_to(tmp_path) and ours(folder)
    )
    assert terraform.provider_mirror(tmp_path) == (mirror.parent if taken else None)
