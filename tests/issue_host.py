"""The issues of one repository, over HTTP: as much of GitHub's interface as alerts need, with its habits.

It pages, lists pull requests among the issues, ends lines with CR LF as its web form does, makes no label by itself,
drops the labels of a token that may not set them, and refuses without the token. It keeps what it was asked.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "ghs_a-token-that-nobody-may-see"
REPOSITORY = "chora/catalog"


@dataclass
class IssueHost:
    """What stands at the host. `broken` holds "METHOD path-ending" pairs that are answered with 403."""

    address: str = ""
    issues: list[dict[str, Any]] = field(default_factory=list)
    comments: list[tuple[int, str]] = field(default_factory=list)
    labels: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    broken: set[tuple[str, str]] = field(default_factory=set)
    drops_labels: bool = False
    moved_to: str = ""
    """An address to which every question is redirected."""

    @property
    def environment(self) -> dict[str, str]:
        """What a workflow's environment says of it."""
        return {"GITHUB_API_URL": self.address, "GITHUB_REPOSITORY": REPOSITORY, "GITHUB_TOKEN": TOKEN}

    @property
    def open(self) -> list[dict[str, Any]]:
        return [issue for issue in self.issues if issue["state"] == "open"]

    @property
    def writes(self) -> list[str]:
        return [line for line in self.asked if not line.startswith("GET ")]

    def add(self, title: str, body: str, *labels: str, state: str = "open", **more: Any) -> dict[str, Any]:
        """Put an issue there, as a person would."""
        issue = {
            "number": len(self.issues) + 1, "title": title, "body": body, "state": state,
            "labels": [{"name": label} for label in labels], **more,
        }  # fmt: skip
        self.issues.append(issue)
        return issue

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> tuple[int, Any]:
        """Return the status and the answer to one question below `/repos/<repository>/`."""
        match (method, path.split("/")):
            case ("GET", ["issues"]):
                page, size = int(query["page"][0]), int(query["per_page"][0])
                wanted = set(query["labels"][0].split(","))
                fit = [item for item in self.open if wanted <= {label["name"] for label in item["labels"]}]
                return 200, fit[(page - 1) * size : page * size]
            case ("GET", ["labels", name]):
                return (200, {"name": name}) if name in self.labels else (404, {"message": "Not Found"})
            case ("POST", ["labels"]):
                self.labels.add(body["name"])
                return 201, body
            case ("POST", ["issues"]):
                kept = [] if self.drops_labels else [name for name in body["labels"] if name in self.labels]
                return 201, self.add(body["title"], body["body"].replace("\n", "\r\n"), *kept)
            case ("POST", ["issues", _, "labels"]):
                return 200, []
            case ("POST", ["issues", number, "comments"]):
                self.comments.append((int(number), body["body"]))
                return 201, {"id": len(self.comments)}
            case ("PATCH", ["issues", number]):
                issue = self.issues[int(number) - 1]
                issue.update({key: value for key, value in body.items() if key != "state_reason"})
                return 200, issue
        return 404, {"message": "Not Found"}


@contextmanager
def issue_host() -> Iterator[IssueHost]:
    """Serve an empty host on a loopback port."""
    host = IssueHost()

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            parts = urlsplit(self.path)
            path = parts.path.removeprefix(f"/repos/{REPOSITORY}/")
            host.asked.append(f"{self.command} {path}")
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                status, said = 401, {"message": "Bad credentials"}
            elif any(self.command == method and path.endswith(end) for method, end in host.broken):
                status, said = 403, {"message": f"Resource not accessible by integration {TOKEN}\x1b[31m\a"}
            else:
                status, said = host.answer(self.command, path, parse_qs(parts.query), body)
            data = json.dumps(said).encode()
            self.send_response(307 if host.moved_to else status)
            if host.moved_to:
                self.send_header("Location", host.moved_to)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = _do

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    host.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
