"""A loopback server that shows one folder and tells its pages when it was replaced. For looking, not for use."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from chora_catalog.errors import ChoraError

HOST = "127.0.0.1"
_RELOAD = b"""(function () {
  "use strict";
  var seen = null;
  function ask() {
    fetch("/chora-serve/version").then(function (r) { return r.text(); }).then(function (v) {
      if (seen !== null && v !== seen) { location.reload(); }
      seen = v;
    }).catch(function () { /* the server stopped: the page stays as it is */ });
  }
  ask();
  setInterval(ask, 1000);
})();
"""
_TAG = b'<script src="/chora-serve/reload.js"></script></body>'


def serve(folder: Path, port: int, *, ready: Callable[[str], None]) -> None:
    """Serve `folder` on the loopback address until interrupted; `ready` is told the address once it listens.

    Port 0 takes any free one. Raise ChoraError (usage) when the folder is no publication or the port is taken.
    """
    if not (folder / "index.html").is_file():
        raise ChoraError(f"{folder} holds no built site", hint="Build one first: chora build --output " + str(folder))
    handler = type("Handler", (_Handler,), {"folder": folder})
    try:
        server = ThreadingHTTPServer((HOST, port), handler)
    except OSError as error:
        raise ChoraError(
            f"port {port} of {HOST} cannot be used: {error.strerror}", hint="Name another: --port 8001"
        ) from error
    with server:
        ready(f"http://{HOST}:{server.server_address[1]}/index.html")
        server.serve_forever(poll_interval=0.2)


class _Handler(BaseHTTPRequestHandler):
    folder: Path
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        # A page of another site must not read this one through a name that it points at the loopback address.
        host = self.headers.get("Host", "").rpartition(":")[0] or self.headers.get("Host", "")
        if host not in (HOST, "localhost"):
            self._answer(HTTPStatus.FORBIDDEN, "text/plain", b"only for this machine\n")
            return
        path = unquote(urlsplit(self.path).path)
        if path == "/chora-serve/version":
            self._answer(HTTPStatus.OK, "text/plain", _version(self.folder).encode())
        elif path == "/chora-serve/reload.js":
            self._answer(HTTPStatus.OK, "text/javascript", _RELOAD)
        else:
            self._file(path)

    def _file(self, path: str) -> None:
        wanted = path.lstrip("/") or "index.html"
        wanted += "index.html" if wanted.endswith("/") else ""
        root = self.folder.resolve()
        found = (root / wanted).resolve()
        if not found.is_relative_to(root) or not found.is_file():
            missing = root / "404.html"
            body = missing.read_bytes() if missing.is_file() else b"not found\n"
            self._answer(HTTPStatus.NOT_FOUND, "text/html; charset=utf-8" if missing.is_file() else "text/plain", body)
            return
        kind = mimetypes.guess_type(found.name)[0] or "application/octet-stream"
        body = found.read_bytes()
        if kind == "text/html":
            head, end, tail = body.rpartition(b"</body>")
            body = head + _TAG + tail if end else body
        self._answer(HTTPStatus.OK, kind + ("; charset=utf-8" if kind.startswith("text/") else ""), body)

    def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the page is what is looked at."""


def _version(folder: Path) -> str:
    """Return a text that changes when the publication is replaced or rewritten."""
    try:
        record = (folder / "run.json").stat()
        return f"{folder.stat().st_ino}.{record.st_ino}.{record.st_mtime_ns}"
    except OSError:
        return "gone"
