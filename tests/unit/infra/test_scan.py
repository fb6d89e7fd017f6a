"""What a person sees of a scan. `docker` and `trivy` are scripts that say what the real ones say, where this machine
cannot bring the real one to say it; tests/images/test_scan.py runs them."""

import json

import pytest

from infra.scan import scan
from pipeline.errors import UserError
from pipeline.settings import load

VULNERABILITY = {
    "Target": "Java",
    "Vulnerabilities": [
        {
            "VulnerabilityID": "CVE-2021-44228",
            "PkgName": "org.apache.logging.log4j:log4j-core",
            "InstalledVersion": "2.14.1",
            "FixedVersion": "2.15.0",
            "Severity": "CRITICAL",
        }
    ],
}
SECRETS = {
    "Target": "/app/keys",
    "Secrets": [{"RuleID": "private-key", "Severity": "HIGH", "StartLine": line} for line in range(1, 7)],
}
DATABASES = {"VulnerabilityDB": {"UpdatedAt": "2026-11-01T06:00:00Z"}, "JavaDB": {"UpdatedAt": "2026-10-31T06:00:00Z"}}


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """Puts `docker` and `trivy` on the PATH: one image is built, and Trivy reports this of it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    (tmp_path / "empty").mkdir()

    def put(name, branches):
        (folder / name).write_text(
            f'#!/bin/bash\nhere={tmp_path}\necho "$@" >> $here/{name}.txt\ncase "$*" in\n{branches}\nesac\n'
        )
        (folder / name).chmod(0o755)

    def of(results=(), trivy="", built="pin-pipeline/jobs:1.2.3"):
        put("docker", f"image\\ ls*) echo {built};; create*) echo c0ffee;; export*) tar -c -C $here/empty .;;")
        (tmp_path / "report.json").write_text(json.dumps({"Results": list(results)}))
        copied = (
            '*--output=*) for each; do [[ $each = --output=* ]] && cp "$here/report.json" "${each#*=}"; done; true;;'
        )
        put("trivy", f"{trivy}\n{copied}")

    return of


@pytest.fixture
def settings(tmp_path):
    return load(state=tmp_path / "state", _env_file=None)


def test_vulnerabilities_are_told_with_what_mends_them(programs, settings, capsys):
    programs([VULNERABILITY])
    with pytest.raises(UserError, match=r"found something in pin-pipeline/jobs:1.2.3"):
        scan(settings, "1.2.3")
    assert capsys.readouterr().out == (
        "pin-pipeline/jobs:1.2.3: CRITICAL CVE-2021-44228 org.apache.logging.log4j:log4j-core 2.14.1, fixed in 2.15.0\n"
    )


def test_of_many_findings_the_first_are_shown_with_where_the_others_are(programs, settings, capsys, tmp_path):
    programs([SECRETS])
    with pytest.raises(UserError):
        scan(settings, "1.2.3")
    [line] = capsys.readouterr().out.splitlines()
    assert "HIGH secret private-key in /app/keys:4; and 2 more, see " in line
    assert line.endswith(str(tmp_path / "state" / "logs" / "scan" / "jobs-1.2.3.json"))


def test_an_old_database_is_used_and_its_age_told(programs, settings, capsys, tmp_path):
    programs(trivy=f"image\\ --download*) exit 1;;\nversion*) echo '{json.dumps(DATABASES)}';;")
    scan(settings, "1.2.3")
    assert capsys.readouterr().out == (
        "vulnerabilities as known on 2026-11-01: no newer can be had\npin-pipeline/jobs:1.2.3: nothing found\n"
    )
    assert "--scanners=vuln,secret --skip-db-update --skip-java-db-update" in (tmp_path / "trivy.txt").read_text()


def test_without_a_database_it_says_what_it_does_not_look_for(programs, settings, capsys, tmp_path):
    programs(trivy='image\\ --download*) exit 1;;\nversion*) echo \'{"Version": "0.74.0"}\';;')
    scan(settings, "1.2.3")
    assert capsys.readouterr().out == (
        "no database of vulnerabilities can be had: scanning for secrets and configuration alone\n"
        "pin-pipeline/jobs:1.2.3: nothing found\n"
    )
    assert "image --scanners=secret --image-src=docker" in (tmp_path / "trivy.txt").read_text()


def test_what_cannot_be_scanned_is_told_in_one_line(programs, settings, tmp_path):
    programs(built="")
    with pytest.raises(UserError, match=r"^no image of version 1\.2\.3 is in the Docker engine: .*`make images`$"):
        scan(settings, "1.2.3")
    programs(trivy="*--output=*) echo 'FATAL Fatal error run error: no space left' >&2; exit 1;;")
    with pytest.raises(UserError, match=r"^pin-pipeline/jobs:1\.2\.3 cannot be scanned: FATAL .* no space left$"):
        scan(settings, "1.2.3")
    (tmp_path / "bin" / "trivy").unlink()
    with pytest.raises(UserError, match=r"^trivy is not installed"):
        scan(settings, "1.2.3")
