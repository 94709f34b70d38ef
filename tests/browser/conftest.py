"""What the browser tests share: the site under test, a loopback server, Chromium, axe-core.

They need chromium and npm, and fail without them: a check that was skipped is no check.
"""

from __future__ import annotations

import functools
import http.server
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from chora_catalog.edge.files import data_folder, read_folder
from chora_catalog.model.catalog import Catalog
from chora_catalog.render import api, site
from chora_catalog.render.run import run_files
from chora_catalog.render.search import docs_index
from tests import sample_catalog

ROOT = Path(__file__).parents[2]
NOW = "2026-11-22T12:12:00Z"
"""Twelve minutes after the sample was built: what `?now=` gets where a test says nothing else."""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
DOCS = (
    ("File a change signal", "", "docs/how-to/file-a-change-signal.html", "For anybody who is about to change"),
    ("File a change signal", "Write five lines", "docs/how-to/file-a-change-signal.html#write", "A signal is a file"),
    ("Words", "Waiver", "docs/reference/words.html#waiver", "A time-limited exception with an owner and a reason"),
)


@dataclass
class Watched:
    """A page and everything about it that must stay empty: errors, policy reports, requests that leave."""

    page: Page
    base: str
    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def open(self, path: str, *, now: str = NOW, query: str = "") -> Page:
        """Load `path` of the site and wait until its scripts have run."""
        plain, _, fragment = path.partition("#")
        parts = [part for part in (query, f"now={now}" if now else "") if part]
        address = (
            f"{self.base}/{plain}" + (f"?{'&'.join(parts)}" if parts else "") + (f"#{fragment}" if fragment else "")
        )
        self.page.goto(address)
        self.page.wait_for_function("document.readyState === 'complete'")
        return self.page

    def complaints(self) -> list[str]:
        """Return script errors, policy reports and requests that left the site."""
        reports = self.page.evaluate("window.policyReports || []")
        return self.errors + [f"policy: {report}" for report in reports] + [f"request: {url}" for url in self.outside]


def write_site(catalog: Catalog, folder: Path) -> Path:
    """Write `catalog` as a build would; return the folder."""
    templates = {path: data.decode() for path, data in read_folder(data_folder("templates") / "site").items()}
    outputs = [*site.pages(catalog, templates), *api.files(catalog)]
    if catalog.has_docs:
        outputs += docs_index(DOCS)
    for output in outputs:
        target = folder / output.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(output.make())
    for name, data in run_files(sample_catalog.run_of(catalog)).items():
        (folder / name).write_bytes(data)
    # What signing and exporting write; a page that asks for them in vain makes the browser complain.
    (folder / "mirror").mkdir(exist_ok=True)
    for name in ("trust", "bundles"):
        (folder / "mirror" / f"{name}.js").write_text("")
    return folder


@pytest.fixture(scope="session")
def site_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site under test."""
    return write_site(sample_catalog.sample(), tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="session")
def docs_site_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same site in a catalog that has documents: the box searches them too."""
    return write_site(sample_catalog.sample(has_docs=True), tmp_path_factory.mktemp("docs-site"))


@pytest.fixture(scope="session")
def hostile_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same site with the text of an attacker wherever a source writes text."""
    return write_site(sample_catalog.hostile(), tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="session")
def wide_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of 320 capabilities: more than stand in one page."""
    return write_site(sample_catalog.wide(320), tmp_path_factory.mktemp("wide"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.fail(
            "chromium is missing. Install it (Debian: apt-get install chromium) and run make test-browser again."
        )
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The text of axe-core, installed once below .chora/browser."""
    folder = ROOT / ".chora" / "browser"
    script = folder / "node_modules" / "axe-core" / "axe.min.js"
    if not script.is_file():
        npm = shutil.which("npm")
        if npm is None:
            pytest.fail("npm is missing. Install it (Debian: apt-get install npm) and run make test-browser again.")
        folder.mkdir(parents=True, exist_ok=True)
        options = ["--no-audit", "--no-fund", "--ignore-scripts", "--no-save"]
        subprocess.run(
            [npm, "install", "--prefix", str(folder), *options, "axe-core@4"], check=True, capture_output=True
        )
    return script.read_text("utf-8")


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[[Path], str]]:
    """Serve a folder on a loopback address; return the address."""
    servers: dict[Path, http.server.ThreadingHTTPServer] = {}

    def start(folder: Path) -> str:
        if folder not in servers:
            handler = functools.partial(_Quiet, directory=str(folder))
            servers[folder] = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
            threading.Thread(target=servers[folder].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[folder].server_port}"

    yield start
    for server in servers.values():
        server.shutdown()
        server.server_close()


@pytest.fixture
def watch(browser: Browser) -> Iterator[Callable[..., Watched]]:
    """Open a fresh context that records every complaint: `watch(base, width=390, scheme="dark")`."""
    contexts: list[BrowserContext] = []

    def start(base: str, *, width: int = 1280, scheme: str = "light", scripts: bool = True) -> Watched:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=scripts,
        )
        contexts.append(context)
        context.add_init_script(
            "window.policyReports = [];"
            "document.addEventListener('securitypolicyviolation', e => window.policyReports.push(e.violatedDirective"
            " + ' ' + e.blockedURI + ' ' + e.sourceFile));"
        )
        page = context.new_page()
        watched = Watched(page=page, base=base)
        page.on("console", lambda message: watched.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: watched.errors.append(str(error)))
        page.on("dialog", lambda dialog: (watched.errors.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on(
            "request",
            lambda request: None if request.url.startswith((base, "data:")) else watched.outside.append(request.url),
        )
        return watched

    yield start
    for context in contexts:
        context.close()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the tests say what went wrong."""
