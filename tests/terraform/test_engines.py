"""How the estate for Airflow with Databricks differs from the one with EMR: every value."""

from tests.terraform.plans import plans

CREATED = {
    "airflow.aws_secretsmanager_secret.connection",
    "iam.aws_iam_role.databricks",
    "iam.aws_iam_role_policy.databricks",
    "network.aws_eip.nat",
    "network.aws_internet_gateway.this",
    "network.aws_nat_gateway.this",
    "network.aws_route.internet",
    "network.aws_route.nat",
    "network.aws_route_table.public",
    "network.aws_route_table_association.public",
    "network.aws_subnet.public",
    "network.aws_vpc_security_group_egress_rule.internet",
}
AIRFLOW = "module.airflow.aws_mwaa_environment.this."
CHANGED = {
    (f"{AIRFLOW}requirements_s3_path", None, "airflow/requirements.txt"),
    (f"{AIRFLOW}airflow_configuration_options.pin.engine", "emr", "databricks"),
    (
        f"{AIRFLOW}airflow_configuration_options.secrets.backend",
        None,
        "airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend",
    ),
    (
        f"{AIRFLOW}airflow_configuration_options.secrets.backend_kwargs",
        None,
        '{"config_prefix":null,"connections_prefix":"0a1b2c3d4e5f/airflow/connections","variables_prefix":null}',
    ),
}


def test_the_engines_differ_only_in_this(terraform):
    emr, databricks = (resources(plan) for plan in plans(terraform, "engines").values())
    assert emr.keys() <= databricks.keys()
    created = databricks.keys() - emr.keys()
    assert {address.removeprefix("module.").split("[")[0] for address in created} == CREATED
    assert len(created) == len(CREATED)
    both = [(f"{at}.{path}", at, path) for at in emr for path in emr[at].keys() | databricks[at].keys()]
    values = {(name, emr[at].get(path), databricks[at].get(path)) for name, at, path in both}
    assert {(name, before, after) for name, before, after in values if before != after} == CHANGED


def resources(plan):
    """Values by path of each resource, by address, without data sources."""
    found = {}
    for (address, path), value in plan.items():
        if ".data." not in address:
            found.setdefault(address, {})[path] = value
    return found
