"""http(s): the only importer of urllib. Bounded in size and time; reading follows no redirect to another host.

Asking with a token follows none at all, and only over https or to this machine.
"""

from __future__ import annotations

import json
import socket
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPMessage, HTTPResponse, HTTPSConnection
from typing import IO, Any

from chora_catalog.edge.address import is_loopback

FILE_LIMIT = 64 * 2**20
TOTAL_LIMIT = 512 * 2**20
SECONDS = 30
WHOLE_SECONDS = 120
"""The most that one file may take: a server that sends a byte now and then is never silent for long."""


class HttpFailed(Exception):  # noqa: N818 - reads as the sentence it is
    """An address that could not be read; `missing` tells "there is nothing" from "it did not answer"."""

    def __init__(self, what: str, *, missing: bool = False) -> None:
        """Keep the sentence and whether the server said that there is nothing."""
        super().__init__(what)
        self.missing = missing


class _SameHost(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        old, new = urllib.parse.urlsplit(req.full_url), urllib.parse.urlsplit(newurl)
        if (old.scheme, old.netloc) != (new.scheme, new.netloc):
            raise HttpFailed(f"{old.netloc} sends to another host, {new.netloc}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _Deadline:
    """Ends the connections that it watches when their time is up: a time limit of a socket begins anew at each byte."""

    def __init__(self) -> None:
        self.passed = False
        self._sockets: list[socket.socket] = []

    @contextmanager
    def runs(self, seconds: float) -> Iterator[None]:
        timer = threading.Timer(seconds, self._end)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def watch(self, connected: socket.socket) -> None:
        self._sockets.append(connected)
        if self.passed:
            self._end()

    def _end(self) -> None:
        self.passed = True
        for connected in self._sockets:
            try:
                # Of the socket below, because one with TLS would first say goodbye.
                socket.socket.shutdown(connected, socket.SHUT_RDWR)
            except OSError:
                continue


class _Watched(urllib.request.HTTPHandler):
    def __init__(self, deadline: _Deadline) -> None:
        super().__init__()

        class Connection(HTTPConnection):
            def connect(self) -> None:
                super().connect()
                deadline.watch(self.sock)

        self._connection = Connection

    def http_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(self._connection, req)


class _WatchedSafely(urllib.request.HTTPSHandler):
    def __init__(self, deadline: _Deadline) -> None:
        super().__init__()

        class Connection(HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                deadline.watch(self.sock)

        self._connection = Connection

    def https_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(self._connection, req)


def get(url: str, *, limit: int = FILE_LIMIT) -> bytes:
    """Return the body at `url`; raise HttpFailed when it cannot be had or is longer than `limit` bytes."""
    deadline = _Deadline()
    opener = urllib.request.build_opener(_SameHost, _Watched(deadline), _WatchedSafely(deadline))
    late = f"{url} has not answered whole after {WHOLE_SECONDS} seconds"
    try:
        with deadline.runs(WHOLE_SECONDS), opener.open(url, timeout=SECONDS) as answer:
            data: bytes = answer.read(limit + 1)
    except urllib.error.HTTPError as error:
        raise HttpFailed(f"{url} answers {error.code}", missing=error.code in (404, 410)) from error
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise HttpFailed(late if deadline.passed else f"{url} does not answer: {reason}") from error
    if deadline.passed:
        raise HttpFailed(late)
    if len(data) > limit:
        raise HttpFailed(f"{url} is larger than {limit} bytes")
    return data


ANSWER_LIMIT = 16 * 2**20
_SAID = 300


class _Nowhere(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


def request(method: str, url: str, *, body: object = None, token: str = "", limit: int = ANSWER_LIMIT) -> Any:
    """Return the JSON that `url` answers, None where it answers nothing.

    `body` is sent as JSON, `token` as a bearer token. Raise HttpFailed when it does not answer, refuses (with what it
    says, in one line), redirects, answers more than `limit` bytes or no JSON. The token is in no message.
    """
    parts = urllib.parse.urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
        raise HttpFailed(f"{url} is no https address, so nothing was sent there")
    headers = {"Accept": "application/json", "User-Agent": "chora-catalog"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    if data is not None:
        headers["Content-Type"] = "application/json"
    # What goes to this machine goes through nobody else.
    direct = [urllib.request.ProxyHandler({})] if parts.scheme == "http" else []
    opener = urllib.request.build_opener(_Nowhere, *direct)
    asked = urllib.request.Request(url, data=data, headers=headers, method=method)  # noqa: S310 - judged above
    try:
        with opener.open(asked, timeout=SECONDS) as answer:
            said: bytes = answer.read(limit + 1)
    except urllib.error.HTTPError as error:
        what = f"{method} {url} answers {error.code}" + _reason(error, token)
        raise HttpFailed(what, missing=error.code in (404, 410)) from None
    except (OSError, HTTPException, ValueError) as error:
        reason = str(getattr(error, "reason", error))
        raise HttpFailed(f"{url} does not answer: {_without(reason, token)}") from None
    if len(said) > limit:
        raise HttpFailed(f"{method} {url} answers more than {limit} bytes")
    try:
        return json.loads(said) if said.strip() else None
    except (ValueError, RecursionError):
        raise HttpFailed(f"{method} {url} answers no JSON") from None


def _reason(error: urllib.error.HTTPError, token: str) -> str:
    """Return what a refusal says about itself, in one printable line of at most 300 characters."""
    try:
        with error:
            said = json.loads(error.read(64 * 1024))["message"]
    except (OSError, HTTPException, ValueError, KeyError, TypeError, RecursionError):
        return ""
    line = "".join(char if char.isprintable() else " " for char in str(said))[:_SAID]
    return f": {_without(line, token)}"


def _without(text: str, token: str) -> str:
    return text.replace(token, "***") if token else text


def read_publication(url: str) -> Mapping[str, bytes]:
    """Return the files of a published catalog that the next build needs, by path in the publication."""
    base = url if url.endswith("/") else url + "/"
    found = {name: get(base + name) for name in ("run.json", "data/v1/harvest.json")}
    listing = _listing(found["data/v1/harvest.json"], base)
    total = sum(map(len, found.values()))
    for name in [*listing, *_changes(base)]:
        found[name] = get(base + name)
        total += len(found[name])
        if total > TOTAL_LIMIT:
            raise HttpFailed(f"{url} holds more than {TOTAL_LIMIT} bytes of records")
    return found


def _changes(base: str) -> list[str]:
    """Return the paths of the index and of the notes of changes; a shard has neither."""
    path = "data/v1/changes/index.json"
    try:
        names = json.loads(get(base + path))["changes"]
    except HttpFailed as error:
        if error.missing:
            return []
        raise
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise HttpFailed(f"{base}{path} is no listing: {error}") from error
    if not all(isinstance(name, str) and name.isalnum() for name in names):
        raise HttpFailed(f"{base}{path} names something that is no digest")
    return ["data/v1/index.json", path, *(f"data/v1/changes/{name}.json" for name in names)]


def _listing(data: bytes, base: str) -> list[str]:
    try:
        listing: Any = json.loads(data)
        names = [f"harvest/{name}.json" for name in listing["sources"]]
        names += [f"objects/{digest}.json" for digest in listing["objects"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise HttpFailed(f"{base}data/v1/harvest.json is no listing: {error}") from error
    for name in names:
        if not name.replace("/", "").replace(".", "").replace("-", "").replace("_", "").isalnum() or ".." in name:
            raise HttpFailed(f"{base}data/v1/harvest.json names {name!r}")
    return [f"data/v1/{name}" for name in names]
