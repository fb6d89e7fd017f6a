"""A copy of the bundle, to plant mistakes in."""

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


class Copy:
    """A copy of the bundle's files."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ("databricks.yml", "pyproject.toml"):
            shutil.copy(ROOT / name, root)
        shutil.copytree(ROOT / "bundle", root / "bundle")

    def plant(self, file: str, old: str, new: str, times: int = 1) -> None:
        """Replace the first `old` by `new`."""
        path = self.root / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, times))


@pytest.fixture
def bundle(tmp_path):
    return Copy(tmp_path)


@pytest.fixture
def on_job_cluster(bundle):
    """The batch on a job cluster in both targets."""
    bundle.plant("bundle/compute.yml", "resources: *serverless", "resources: *job_cluster", times=2)
    return bundle
