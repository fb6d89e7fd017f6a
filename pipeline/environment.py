"""Which variables of a person's shell reach the programs that we run: the one place that decides.

Offline, nothing that a person has set for their own AWS account, Spark, Java, Airflow or Terraform matters: each
program gets from us what it needs. On the standard library alone, for set-up has nothing else.
"""

import os
from collections.abc import Container, Mapping, MutableMapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOOPBACK = "127.0.0.1,localhost,::1"  # asked directly, whatever proxy is set

# What a server of ours on this machine inherits.
OF_SERVERS = {"PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "JAVA_HOME", "SYSTEMROOT"}
# What changes a program that ours start, or ours themselves; names that end in _ are prefixes.
FOREIGN = (
    *("AWS_", "BOTO_", "AIRFLOW_", "SPARK_", "PYSPARK_", "HADOOP_", "YARN_", "KAFKA_", "MOTO_", "TF_"),
    *("LOCALSTACK_", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "CLASSPATH", "NODE_OPTIONS"),
    *("PYTHONHOME", "PYTHONSTARTUP", "PYTHONSAFEPATH", "PYTHONOPTIMIZE", "PYTHONWARNINGS", "PYTHONIOENCODING"),
    *("VIRTUAL_ENV", "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES"),
)
# How a person's Terraform reaches its registry; all else is ours to say.
OF_TERRAFORM = ("TF_TOKEN_", "TF_PLUGIN_CACHE_DIR", "TF_LOG", "TF_LOG_PATH", "TF_REGISTRY_", "TF_CLI_CONFIG_FILE")
# How a person's pip and uv reach an index, and whether they compile, as images do; all else, as where they install to,
# is ours to say.
OF_PIP = (
    *("INDEX_", "EXTRA_INDEX_", "DEFAULT_INDEX", "NO_INDEX", "FIND_LINKS", "TRUSTED_HOST", "INSECURE_HOST", "OFFLINE"),
    *("CERT", "CLIENT_CERT", "NATIVE_TLS", "SYSTEM_CERTS", "KEYRING_", "PROXY", "HTTP_", "TIMEOUT", "DEFAULT_TIMEOUT"),
    *("RETRIES", "CACHE_DIR", "LINK_MODE", "PYTHON_INSTALL_", "CONCURRENT_", "DISABLE_", "COMPILE_BYTECODE"),
)


def go_offline(ours: Container[str] = (), environ: MutableMapping[str, str] = os.environ) -> None:
    """Rid this process, and so what it starts, of what is meant for other programs; variables in `ours` stay.

    No profile, file or metadata service gives AWS credentials or endpoints, and no proxy stands before this machine.
    """
    for name in list(environ):
        if name not in ours and _is(name, FOREIGN) and not _is(name, OF_TERRAFORM):
            del environ[name]
    nothing = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    environ.update(nothing | {"AWS_EC2_METADATA_DISABLED": "true"} | _direct(environ))


def of_server(own: dict[str, str], environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment of an offline server: where programs are, and `own`. Times are UTC and texts UTF-8 there."""
    inherited = {name: value for name, value in environ.items() if name in OF_SERVERS}
    return inherited | {"TZ": "UTC", "PYTHONUTF8": "1", "PYTHONPATH": str(ROOT)} | own


def of_setup(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment of what set-up runs: a person's, with nothing that changes what is installed, or where to."""
    kept = {}
    for name, value in environ.items():
        tool, _, option = name.partition("_")
        other = tool in ("PIP", "UV") and not _is(option, OF_PIP)
        if not other and name not in ("PYTHONHOME", "PYTHONPATH", "PYTHONSAFEPATH", "VIRTUAL_ENV", "MAVEN_ARGS"):
            kept[name] = value
    return kept


def _is(name: str, known: tuple[str, ...]) -> bool:
    return any(name == each.rstrip("_") or (each.endswith("_") and name.startswith(each)) for each in known)


def _direct(environ: Mapping[str, str]) -> dict[str, str]:
    """The proxies' exceptions, with this machine among them."""
    excepted = environ.get("no_proxy") or environ.get("NO_PROXY")
    if excepted and excepted.startswith(LOOPBACK):
        return {"no_proxy": excepted, "NO_PROXY": excepted}
    return dict.fromkeys(("no_proxy", "NO_PROXY"), f"{LOOPBACK},{excepted}" if excepted else LOOPBACK)
