"""The steps that alert do what they say on a local world: an issue opens, stays one, and is closed; a halt is seen.

A catalog repository, its source, its static host and a host of issues are all real and all on this machine.
"""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.house.test_workflows import ROOT, execute, load, step, world
from tests.issue_host import TOKEN, IssueHost, issue_host

MARKER = "<!-- chora-alert:greeting -->"
HOUR = 3600


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class Place:
    """A catalog repository with one source, the static host of its site, and the host of its issues."""

    root: Path
    pages: Path
    url: str
    issues: IssueHost

    @property
    def catalog(self) -> Path:
        return self.root / "catalog"

    def publish(self, *, ago: int, first: bool = False) -> None:
        """Build as the job does, `ago` seconds before now, and put the site where the host serves it."""
        site = self.root / "site"
        built = execute(
            step("catalog.yml", "build", "Build")["run"],
            self.catalog,
            MODE="--first" if first else "--previous=published",
            SITE=str(site),
            SOURCE_DATE_EPOCH=str(int(time.time()) - ago),
        )
        assert built.returncode == 0, built.stderr
        shutil.copytree(site, self.pages, dirs_exist_ok=True)
        shutil.rmtree(site)

    def run(self, workflow: str, job: str, name: str, **env: str) -> subprocess.CompletedProcess[str]:
        words = step(workflow, job, name)
        assert words["env"]["GITHUB_TOKEN"] == "${{ github.token }}"
        done = execute(words["run"], self.catalog, GITHUB_ACTIONS="true", **self.issues.environment, **env)
        assert TOKEN not in done.stdout + done.stderr
        return done


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    root = tmp_path_factory.mktemp("place")
    pages = root / "pages"
    pages.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(pages)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    url = f"http://127.0.0.1:{server.server_address[1]}/"
    world(root, url)
    with issue_host() as issues:
        yield Place(root=root, pages=pages, url=url, issues=issues)
    server.shutdown()
    server.server_close()
    thread.join()


def test_one_issue_for_a_source_that_stays_away_closed_when_it_is_back(place: Place) -> None:
    place.publish(ago=2 * HOUR, first=True)
    (place.root / "source").rename(place.root / "away")
    place.publish(ago=60)

    for _ in range(2):
        done = place.run("catalog.yml", "alerts", "Alert")
        assert done.returncode == 0, done.stderr
        assert "::warning title=chora-alert::greeting: last read at " in done.stdout
    [issue] = place.issues.open
    assert issue["body"].startswith(MARKER)
    assert f"[Its page]({place.url}sources/greeting.html)" in issue["body"]
    assert str(place.root) not in issue["title"]

    (place.root / "away").rename(place.root / "source")
    place.publish(ago=30)
    done = place.run("catalog.yml", "alerts", "Alert")
    assert done.returncode == 0, done.stderr
    assert place.issues.open == []
    assert len(place.issues.comments) == 1


def test_a_refusal_costs_the_alert_and_says_so(place: Place) -> None:
    place.issues.broken = {("GET", "issues")}
    done = place.run("catalog.yml", "alerts", "Alert")
    place.issues.broken = set()
    assert done.returncode == 3
    assert "next: Does the job have `issues: write`?" in done.stderr


def test_the_watchdog_sees_a_catalog_that_is_no_longer_built(place: Place) -> None:
    watch = functools.partial(place.run, "watchdog.yml", "watch", "Watch", CATALOG_URL=place.url)
    assert watch(MAX_AGE="90min").returncode == 0

    record = place.pages / "run.json"
    fresh = record.read_text()
    record.write_text(json.dumps(json.loads(fresh) | {"as_of": "2026-11-01T00:00:00Z"}))
    before = len(place.issues.issues)
    for _ in range(2):
        done = watch(MAX_AGE="90min")
        assert done.returncode == 1, done.stderr
    assert [item["title"] for item in place.issues.open] == ["The catalog is too old"]
    assert len(place.issues.issues) == before + 1

    record.unlink()
    done = watch(MAX_AGE="90min")
    assert done.returncode == 3
    assert "Cannot tell how old" in done.stderr
    record.write_text(fresh)
    assert watch(MAX_AGE="90min").returncode == 0
    assert place.issues.open == []


def test_a_watchdog_without_an_address_is_no_pass(place: Place) -> None:
    done = place.run("watchdog.yml", "watch", "Watch", CATALOG_URL="", MAX_AGE="90min")
    assert done.returncode == 2
    assert "no catalog is named" in done.stderr


def test_alerting_can_neither_stop_nor_see_into_a_publication() -> None:
    jobs = load("catalog.yml")["jobs"]
    assert jobs["build"]["permissions"] == {"contents": "read"}
    assert "alerts" not in jobs["publish"].get("needs", ())
    assert "alerts" not in jobs["build"].get("needs", ())
    assert jobs["alerts"]["permissions"] == {"contents": "read", "issues": "write"}
    assert jobs["alerts"]["if"] == "${{ !cancelled() }}", "also after a run that published nothing"
    tokens = [name for name, job in jobs.items() if "github.token" in json.dumps(job)]
    assert tokens == ["alerts"]


def test_the_watchdog_needs_nothing_of_the_repository_it_watches() -> None:
    workflow = load("watchdog.yml")
    [job] = workflow["jobs"].values()
    assert job["permissions"] == {"issues": "write"}
    assert "schedule" in workflow["on"]
    assert not any("checkout" in item.get("uses", "") for item in job["steps"])
    assert f'"chora-catalog=={version("chora-catalog")}"' in step("watchdog.yml", "watch", "Install")["run"]


def test_pins_are_the_same_everywhere() -> None:
    pins: dict[str, set[str]] = {}
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        for job in load(path.name)["jobs"].values():
            for item in job["steps"]:
                name, _, pin = item.get("uses", "").partition("@")
                pins.setdefault(name, set()).add(pin)
    assert all(len(found) == 1 for found in pins.values()), pins
