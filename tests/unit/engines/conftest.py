"""A login to the fake Databricks API."""

import pytest


@pytest.fixture
def login(monkeypatch):
    """Logs in with environment variables; ignores the logins of this machine."""

    def log_in(api, token=None):
        monkeypatch.setenv("DATABRICKS_CONFIG_FILE", "/nonexistent")
        monkeypatch.setenv("DATABRICKS_AUTH_TYPE", "pat")
        monkeypatch.setenv("DATABRICKS_HOST", api.url)
        monkeypatch.setenv("DATABRICKS_TOKEN", token or api.token)

    return log_in
