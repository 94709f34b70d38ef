"""Reading over http(s): the only importer of urllib. Bounded in size and time, and no redirect to another host."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException, HTTPMessage
from typing import IO, Any

FILE_LIMIT = 64 * 2**20
TOTAL_LIMIT = 512 * 2**20
SECONDS = 30


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


def get(url: str, *, limit: int = FILE_LIMIT) -> bytes:
    """Return the body at `url`; raise HttpFailed when it cannot be had or is longer than `limit` bytes."""
    opener = urllib.request.build_opener(_SameHost)
    try:
        with opener.open(url, timeout=SECONDS) as answer:
            data: bytes = answer.read(limit + 1)
    except urllib.error.HTTPError as error:
        raise HttpFailed(f"{url} answers {error.code}", missing=error.code in (404, 410)) from error
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise HttpFailed(f"{url} does not answer: {reason}") from error
    if len(data) > limit:
        raise HttpFailed(f"{url} is larger than {limit} bytes")
    return data


def read_publication(url: str) -> Mapping[str, bytes]:
    """Return the files of a published catalog that the next build needs, by path in the publication."""
    base = url if url.endswith("/") else url + "/"
    found = {name: get(base + name) for name in ("run.json", "data/v1/harvest.json")}
    listing = _listing(found["data/v1/harvest.json"], base)
    total = sum(map(len, found.values()))
    for name in listing:
        found[name] = get(base + name)
        total += len(found[name])
        if total > TOTAL_LIMIT:
            raise HttpFailed(f"{url} holds more than {TOTAL_LIMIT} bytes of records")
    return found


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
