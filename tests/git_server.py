"""What the git tests stand on: bare repositories made object by object, and servers for them on 127.0.0.1.

`Bare` writes objects that `git commit` would refuse to write. `smart_http` is real: git's own http-backend behind
Python's http.server. `scripted_http` answers whatever a test tells it to. `children` sees every process left behind.
"""

from __future__ import annotations

import contextlib
import http.server
import os
import re
import socketserver
import subprocess
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

ENV = {
    "PATH": os.environ["PATH"],
    "HOME": "/dev/null",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "LC_ALL": "C",
    "TZ": "UTC",
}
WHO = "Ann <ann@example.org>"
START = 1_700_000_000


@dataclass(slots=True)
class Bare:
    """A bare repository at `path`, written with plumbing."""

    path: Path

    @classmethod
    def make(cls, path: Path, *, filters: bool = True) -> Bare:
        subprocess.run(
            ["git", "init", "--quiet", "--bare", "--template=", "-b", "main", str(path)], env=ENV, check=True
        )
        bare = cls(path)
        bare.git("config", "uploadpack.allowFilter", str(filters).lower())
        return bare

    def git(self, *words: str, stdin: bytes = b"") -> str:
        done = subprocess.run(
            ["git", f"--git-dir={self.path}", *words], input=stdin, env=ENV, check=True, capture_output=True
        )
        return done.stdout.decode().strip()

    def write(self, kind: str, data: bytes) -> str:
        """Write an object of any content, well-formed or not; return its id."""
        return self.git("hash-object", "-t", kind, "-w", "--literally", "--stdin", stdin=data)

    def blob(self, data: bytes) -> str:
        return self.write("blob", data)

    def tree(self, *entries: tuple[str, str | bytes, str]) -> str:
        """Write a tree of (mode, name, id) as given, in the order given."""
        raw = b"".join(
            mode.encode() + b" " + (name.encode() if isinstance(name, str) else name) + b"\0" + bytes.fromhex(target)
            for mode, name, target in entries
        )
        return self.write("tree", raw)

    def commit(self, tree: str, *parents: str, at: int = START, text: str = "x", head: str = "main") -> str:
        lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
        lines += [f"author {WHO} {at} +0100", f"committer {WHO} {at} +0100", "", text, ""]
        name = self.write("commit", "\n".join(lines).encode())
        if head:
            self.git("update-ref", f"refs/heads/{head}", name)
        return name

    def files(self, files: dict[str, bytes], *parents: str, at: int = START, head: str = "main") -> str:
        """Write a commit whose tree has `files` at its root."""
        entries = [("100644", name, self.blob(data)) for name, data in sorted(files.items())]
        return self.commit(self.tree(*entries), *parents, at=at, head=head)

    def point(self, branch: str, target: str) -> None:
        """Let `branch` name any object, also one that git would not."""
        (self.path / "refs" / "heads" / branch).write_text(target + "\n")

    def tag(self, name: str, target: str, *, at: int | None = None, kind: str = "commit") -> str:
        """Tag `target`: annotated when `at` is given, else lightweight."""
        if at is not None:
            text = f"object {target}\ntype {kind}\ntag {name}\ntagger {WHO} {at} +0000\n\nx\n"
            target = self.write("tag", text.encode())
        self.git("update-ref", f"refs/tags/{name}", target)
        return target


@dataclass(slots=True)
class Served:
    """A running server: `url` is its root, `log` has (method, path with query, Authorization header or "")."""

    url: str
    log: list[tuple[str, str, str]] = field(default_factory=list)


Answer = Callable[[http.server.BaseHTTPRequestHandler, bytes], None]


@contextlib.contextmanager
def scripted_http(answer: Answer) -> Iterator[Served]:
    """Serve `answer(handler, body)`; it may write anything, for as long as it likes, until the test ends."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            served.log.append((self.command, self.path, self.headers.get("Authorization", "")))
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with contextlib.suppress(OSError):
                answer(self, body)

        do_POST = do_GET

    class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: object, client_address: object) -> None:
            pass  # a client that was killed in the middle is what some tests are about

    with Server(("127.0.0.1", 0), Handler) as server:
        served = Served(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def smart_http(root: Path, *, authorization: str = "") -> Iterator[Served]:
    """Serve every repository below `root`, to those alone who send `authorization` when that is given."""

    def answer(handler: http.server.BaseHTTPRequestHandler, body: bytes) -> None:
        if authorization and handler.headers.get("Authorization") != authorization:
            handler.send_response(401)
            handler.send_header("WWW-Authenticate", 'Basic realm="git"')
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        path, _, query = handler.path.partition("?")
        env = ENV | {
            "GIT_PROJECT_ROOT": str(root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": urllib.parse.unquote(path),
            "QUERY_STRING": query,
            "REQUEST_METHOD": handler.command,
            "CONTENT_TYPE": handler.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": handler.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": handler.headers.get("Git-Protocol", ""),
        }
        done = subprocess.run(["git", "http-backend"], input=body, env=env, capture_output=True, check=False)
        head, _, data = done.stdout.partition(b"\r\n\r\n")
        status = re.search(rb"^Status: (\d+)", head, re.MULTILINE)
        handler.send_response(int(status[1]) if status else 200)
        for line in head.decode().splitlines():
            name, _, value = line.partition(": ")
            if name != "Status":
                handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    with scripted_http(answer) as served:
        yield served


def packet(text: bytes) -> bytes:
    """Return `text` as one pkt-line (gitprotocol-common(5))."""
    return b"%04x" % (len(text) + 4) + text


def children() -> set[int]:
    """Return the process ids of this process's children, dead ones that nobody has reaped included."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            after_name = stat.read_text(errors="replace").rpartition(")")[2].split()
            if int(after_name[1]) == os.getpid():
                found.add(int(stat.parent.name))
    return found
