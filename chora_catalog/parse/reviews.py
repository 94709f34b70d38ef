"""The review list of a pull request, as a workflow hands it over: one JSON object for each page of the answer."""

from __future__ import annotations

import re

from chora_catalog.errors import ChoraError
from chora_catalog.model.proposal import Opinion, Reviews
from chora_catalog.parse.spans import read

_SHAPE = (
    '{"head": "<commit>", "pull_request": "<number>", "reviews": [{"id": 1, "user": "<account>", '
    '"state": "APPROVED", "commit": "<commit>", "submitted_at": "<time>"}]}'
)
_LINES = 1000
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def load_reviews(data: bytes, *, file: str) -> Reviews:
    """Return the reviews of the JSON `data`: one object, or one on each line. Raise ChoraError (usage) for else."""
    lines = [line for line in data.split(b"\n") if line.strip()]
    whole = read(data, file=f"{file}.json")
    pages = [whole.value] if whole.ok else [_page(line, file) for line in lines[:_LINES]]
    if not pages or (len(lines) > _LINES and not whole.ok):
        raise _wrong(file)
    given: list[Opinion] = []
    heads = set()
    number = ""
    for page in pages:
        if not isinstance(page, dict) or not isinstance(page.get("reviews"), list):
            raise _wrong(file)
        heads.add(_text(page.get("head")))
        number = _text(page.get("pull_request"))
        given += [_opinion(one, file) for one in page["reviews"]]
    if len(heads) != 1 or not all(heads):
        raise ChoraError(f"{file} does not name one head commit", hint=f"It has the form {_SHAPE}")
    return Reviews(head=heads.pop(), pull_request=number, given=tuple(given))


def _page(line: bytes, file: str) -> object:
    reading = read(line, file=f"{file}.json")
    if not reading.ok:
        raise _wrong(file)
    return reading.value


def _opinion(value: object, file: str) -> Opinion:
    if not isinstance(value, dict):
        raise _wrong(file)
    return Opinion(
        id=_text(value.get("id")),
        user=_text(value.get("user")),
        state=_text(value.get("state")).upper(),
        commit=commit if _COMMIT.fullmatch(commit := _text(value.get("commit"))) else "",
        submitted_at=_text(value.get("submitted_at")),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else str(value) if type(value) is int else ""


def _wrong(file: str) -> ChoraError:
    return ChoraError(f"{file} is no review list", hint=f"It has the form {_SHAPE}")
