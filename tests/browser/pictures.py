"""The pictures of the README, taken from the demo: `make pictures` after a change of the look."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def main() -> None:
    """Build the demo for a fixed day and save its front page in light and dark."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        demo = [sys.executable, str(ROOT / "examples/federation/demo.py"), "--as-of", "2026-11-23T09:30:00Z"]
        subprocess.run([*demo, "--out", f"{folder}/out"], check=True, stdout=subprocess.DEVNULL)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for scheme in ("light", "dark"):
            page = browser.new_page(viewport={"width": 1280, "height": 860}, color_scheme=scheme)
            page.goto(f"file://{folder}/out/site/index.html?now=2026-11-23T09:42:00Z")
            page.screenshot(path=str(ROOT / "docs" / "assets" / f"home-{scheme}.png"))
        browser.close()


if __name__ == "__main__":
    main()
