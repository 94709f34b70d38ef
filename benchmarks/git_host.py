"""A smart-HTTP server of bare repositories on 127.0.0.1, for reading alone: `python -m benchmarks.git_host ROOT`.

It prints its port and serves until its standard input closes. The peer and we fetch from the same one in the same run,
so that it weighs on both alike. It does what `git http-backend` does for fetching (gitprotocol-http(5)) with one
process less for each request, and keeps connections open.
"""

from __future__ import annotations

import gzip
import http.server
import re
import socketserver
import subprocess
import sys
import threading
import urllib.parse
from pathlib import Path
from typing import ClassVar

from benchmarks.world import ENVIRONMENT

_PLACE = re.compile(r"/([A-Za-z0-9._-]+\.git)/(info/refs|git-upload-pack)")
_ADVERTISED = b"001e# service=git-upload-pack\n0000"


class Host(http.server.BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    root: ClassVar[Path]

    def log_message(self, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        place, query = self._asked()
        if place is None or query != "service=git-upload-pack":
            self.send_error(404)
            return
        out = self._upload_pack(place, "--http-backend-info-refs")
        # Version 2 of the protocol is announced without the line that names the service.
        lead = b"" if self.headers.get("Git-Protocol") == "version=2" else _ADVERTISED
        self._answer("advertisement", lead + out)

    def do_POST(self) -> None:
        place, _ = self._asked()
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if place is None:
            self.send_error(404)
            return
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self._answer("result", self._upload_pack(place, body=body))

    def _asked(self) -> tuple[Path | None, str]:
        path, _, query = self.path.partition("?")
        found = _PLACE.fullmatch(urllib.parse.unquote(path))
        return (self.root / found[1] if found else None), query

    def _upload_pack(self, place: Path, *words: str, body: bytes = b"") -> bytes:
        environment = ENVIRONMENT | {"GIT_PROTOCOL": self.headers.get("Git-Protocol", "")}
        command = ["git", "upload-pack", "--strict", "--stateless-rpc", *words, str(place)]
        done = subprocess.run(command, input=body, env=environment, stdout=subprocess.PIPE, check=False)
        return done.stdout

    def _answer(self, kind: str, data: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", f"application/x-git-upload-pack-{kind}")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """One thread for each connection."""

    daemon_threads = True
    request_queue_size = 128


def main() -> None:
    Host.root = Path(sys.argv[1])
    with Server(("127.0.0.1", 0), Host) as server:
        print(server.server_address[1], flush=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdin.read()


if __name__ == "__main__":
    main()
