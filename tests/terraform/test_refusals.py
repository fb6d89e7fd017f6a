"""Who asks for an estate that cannot be is told what is wrong, and what would be right."""

import pytest

REFUSED = {
    "user_id": ("Not.An.Id", "user_id must be 4 to 32 of a-z, 0-9 and -, neither beginning nor ending with -."),
    "cidr": ("10.40.0.0/24", "cidr must be an IPv4 block from /16 to /22, e.g. 10.40.0.0/16: each zone's subnet is"),
    "size": ("huge", "size must be one of production, small."),
}


@pytest.fixture(scope="module")
def said(terraform):
    """What Terraform prints for an estate with each of the values."""
    folder = terraform.sources / "modules" / "estate" / "tests" / "refusals"
    folder.mkdir()
    right = {"user_id": "0a1b2c3d4e5f", "plugin_zip": "versions.tf", "kafka_client_zip": "versions.tf"}
    for name, (wrong, _) in REFUSED.items():
        variables = "".join(f'  {key} = "{value}"\n' for key, value in (right | {name: wrong}).items())
        (folder / f"{name}.tftest.hcl").write_text(
            f'mock_provider "aws" {{\n  source = "../../tests/mocks"\n}}\n'
            f'variables {{\n{variables}}}\nrun "{name}" {{\n  command = plan\n}}\n'
        )
    answer = terraform("modules/estate", "test", "-test-directory=tests/refusals")
    return " ".join((answer.stdout + answer.stderr).split())


@pytest.mark.parametrize("name", REFUSED)
def test_the_message_says_what_is_wrong_and_what_is_right(said, name):
    wrong, message = REFUSED[name]
    assert message in said
    assert f'var.{name} is "{wrong}"' in said
