"""Invalid variables of the estate are refused with the problem and the remedy."""

RIGHT = {
    "user_id": "0a1b2c3d4e5f",
    "plugin_zip": "versions.tf",
    "kafka_client_zip": "versions.tf",
    "airflow_folder": "tests/airflow",
}
REFUSED = {
    "user_id": ("Not.An.Id", "user_id must be 4 to 32 of a-z, 0-9 and -, neither beginning nor ending with -."),
    "cidr": (
        "10.40.0.0/24",
        "cidr must be an IPv4 block from /16 to /22, e.g. 10.40.0.0/16: the subnet of each zone is",
    ),
    "size": ("huge", "size must be one of production, small."),
    "airflow_engine": ("spark", "airflow_engine must be emr or databricks."),
    "airflow_folder": ("nowhere", "airflow_folder must have dags/pin_dag.py, requirements.txt and constraints-3.12."),
}


def test_each_message_has_the_problem_and_the_remedy(terraform):
    folder = terraform.sources / "modules" / "estate" / "tests" / "refusals"
    folder.mkdir()
    for name, (wrong, _) in REFUSED.items():
        (folder / f"{name}.tftest.hcl").write_text(run(name, RIGHT | {name: wrong}))
    answer = terraform("modules/estate", "test", "-test-directory=tests/refusals")
    assert f"0 passed, {len(REFUSED)} failed" in answer.stdout
    said = " ".join((answer.stdout + answer.stderr).split())  # without line breaks
    for name, (wrong, message) in REFUSED.items():
        assert message in said
        assert f'var.{name} is "{wrong}"' in said


def run(name, variables):
    lines = [f'  {key} = "{value}"' for key, value in variables.items()]
    return "\n".join(
        [
            'mock_provider "aws" {',
            '  source = "../../tests/mocks"',
            "}",
            "variables {",
            *lines,
            "}",
            f'run "{name}" {{',
            "  command = plan",
            "}",
        ]
    )
