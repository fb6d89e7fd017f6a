"""With SKIPS=listed, as in .ci/run, a test that is skipped for a reason that is not in skips.txt fails the run."""

import os
from pathlib import Path
from typing import Any

import pytest

LISTED = [
    line.partition("  #")[0].strip()
    for line in (Path(__file__).parent / "skips.txt").read_text().splitlines()
    if line.strip() and not line.startswith("#")
]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Any:
    return _judged((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Any:
    return _judged((yield))


def _judged(report: Any) -> Any:
    """The report of a test or of a file, failed where it was skipped for a reason that is not listed."""
    if report.skipped and os.environ.get("SKIPS") == "listed" and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2].removeprefix("Skipped: ") if isinstance(report.longrepr, tuple) else ""
        if not any(reason.startswith(listed) for listed in LISTED):
            report.outcome = "failed"
            report.longrepr = f"skipped, and tests/skips.txt does not list why: {reason}"
    return report
