"""Packages from npm for tests, at fixed versions, in a folder that is kept between runs."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import pytest

VERSIONS = {
    "@segment/analytics-node": "3.1.0", "@segment/analytics-next": "1.84.3", "@rudderstack/rudder-sdk-node": "3.0.13",
}  # fmt: skip


@cache
def installed(package: str) -> Path:
    """A folder with the package in its node_modules; skips the test where npm or its registry is missing."""
    version = VERSIONS[package]
    if shutil.which("npm") is None or shutil.which("node") is None:
        pytest.skip("npm is not on this machine (apt-get install npm)")
    folder = Path(tempfile.gettempdir()) / "entente-npm" / f"{package.replace('/', '-').strip('@')}-{version}"
    manifest = folder / "node_modules" / package / "package.json"
    if not manifest.exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text(json.dumps({"private": True}))
        got = subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--save-exact", f"{package}@{version}"],
            cwd=folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if got.returncode:
            pytest.skip(f"npm cannot install {package}: {got.stderr[-300:]}")
    assert json.loads(manifest.read_text())["version"] == version
    return folder
