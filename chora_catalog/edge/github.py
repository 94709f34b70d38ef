"""The issues of one repository at GitHub, or at a server with the same interface.

Only issues with our label are seen: anybody may write a marker into an issue, but only who may write to the repository
sets a label. GitHub drops a label in silence where the token may not set it, so the answer is looked at: an issue that
we could not find again would be opened anew by every run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chora_catalog.edge import http
from chora_catalog.errors import ChoraError
from chora_catalog.model.alert import Issue

LABEL = "chora-alert"
_ADDRESS = "https://api.github.com"
_PAGE = 100
_PAGES = 50
_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Forge:
    """Where issues are kept, and the token that may write them."""

    api: str
    repository: str
    token: str = field(repr=False)


def forge_of(environ: Mapping[str, str]) -> Forge:
    """Return the repository that the environment of a workflow names.

    Read are GITHUB_REPOSITORY, GITHUB_TOKEN and GITHUB_API_URL. Raise ChoraError (usage) where one is missing or none.
    """
    repository, token = environ.get("GITHUB_REPOSITORY", ""), environ.get("GITHUB_TOKEN", "")
    if not _REPOSITORY.fullmatch(repository):
        raise ChoraError(
            "GITHUB_REPOSITORY names no repository, so there is nowhere to open an issue",
            hint="In a workflow it is set. Elsewhere write GITHUB_REPOSITORY=owner/name.",
        )
    if not token or not token.isascii() or not token.isprintable():
        raise ChoraError(
            "GITHUB_TOKEN is not set, so no issue can be written",
            hint="In a workflow: env: GITHUB_TOKEN: ${{ github.token }}, and permissions: issues: write.",
        )
    return Forge(api=environ.get("GITHUB_API_URL") or _ADDRESS, repository=repository, token=token)


def open_issues(forge: Forge) -> tuple[Issue, ...]:
    """Return the open issues with our label, oldest first; raise HttpFailed when they cannot be had."""
    found: list[Issue] = []
    for page in range(1, _PAGES + 1):
        query = f"state=open&labels={LABEL}&sort=created&direction=asc&per_page={_PAGE}&page={page}"
        listed = _ask(forge, "GET", f"issues?{query}")
        if not isinstance(listed, list):
            raise http.HttpFailed(f"{forge.api} answers no list of issues")
        # A pull request is listed among the issues, and tells itself by this field.
        found += [_issue(item) for item in listed if isinstance(item, dict) and "pull_request" not in item]
        if len(listed) < _PAGE:
            break
    return tuple(sorted(found, key=lambda issue: issue.number))


def ensure_label(forge: Forge) -> None:
    """Make our label where the repository does not have it; raise HttpFailed when that cannot be done."""
    try:
        _ask(forge, "GET", f"labels/{LABEL}")
    except http.HttpFailed as failed:
        if not failed.missing:
            raise
        words = "Kept by chora: something stays away or is too old."
        _ask(forge, "POST", "labels", {"name": LABEL, "color": "b3541e", "description": words})


def open_issue(forge: Forge, title: str, body: str) -> int:
    """Open an issue with our label and return its number; raise HttpFailed when that fails or the label is dropped."""
    made = _ask(forge, "POST", "issues", {"title": title, "body": body, "labels": [LABEL]})
    number = _issue(made).number
    if LABEL not in _labels(made):
        kept = _ask(forge, "POST", f"issues/{number}/labels", {"labels": [LABEL]})
        if LABEL not in _labels({"labels": kept}):
            raise http.HttpFailed(f"issue {number} was opened, and the label {LABEL} was not set on it")
    return number


def change_issue(forge: Forge, number: int, title: str, body: str) -> None:
    """Give an open issue another title and body; raise HttpFailed when that fails."""
    _ask(forge, "PATCH", f"issues/{number}", {"title": title, "body": body})


def close_issue(forge: Forge, number: int, comment: str) -> None:
    """Close an issue and say why in a comment; raise HttpFailed when that fails.

    It is closed first: a run that is cut off between the two leaves no issue that is commented again and again.
    """
    _ask(forge, "PATCH", f"issues/{number}", {"state": "closed", "state_reason": "completed"})
    _ask(forge, "POST", f"issues/{number}/comments", {"body": comment})


def _ask(forge: Forge, method: str, path: str, body: object = None) -> Any:
    url = f"{forge.api.rstrip('/')}/repos/{forge.repository}/{path}"
    return http.request(method, url, body=body, token=forge.token)


def _issue(item: Any) -> Issue:
    if not isinstance(item, dict) or type(item.get("number")) is not int:
        raise http.HttpFailed("the answer is no issue")
    return Issue(number=item["number"], title=str(item.get("title") or ""), body=str(item.get("body") or ""))


def _labels(item: Any) -> set[str]:
    listed = item.get("labels") if isinstance(item, dict) else None
    labels = listed if isinstance(listed, list) else []
    return {str(label.get("name")) if isinstance(label, dict) else str(label) for label in labels}
