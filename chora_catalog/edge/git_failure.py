"""Why a fetch failed, as a sentence that may be published: the same failure gives the same words everywhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from chora_catalog.edge.git_command import MAX_SENTENCE, Redactor, visible
from chora_catalog.edge.process import MIB, Done


class FetchFailed(Exception):  # noqa: N818  (the name says what happened to the source)
    """A source could not be fetched.

    `reason` is one plain sentence of at most 300 characters without secrets, paths of this machine, or numbers that
    vary from run to run; `hint` is the next step. `check` names the check of git-fsck(1) that an object failed.
    """

    def __init__(self, reason: str, hint: str, check: str = "") -> None:
        super().__init__(reason, hint, check)
        self.reason = visible(reason)
        self.hint = hint
        self.check = check

    def __str__(self) -> str:
        return self.reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a command was asked for, as far as its failure's sentence needs it."""

    place: str
    """The host, or `the repository` for a local one."""
    ref: str
    timeout: int
    max_pack: int
    allow_local: bool
    has_token: bool
    unwanted: tuple[tuple[str, str], ...] = ()
    """What git may repeat and no page should show, paths of this machine, with what to say instead."""


_Pattern = tuple[str, Callable[[re.Match[str], Asked], tuple[str, str]]]


def _fixed(reason: str, hint: str) -> Callable[[re.Match[str], Asked], tuple[str, str]]:
    return lambda match, asked: (reason.format(asked.place, *match.groups()), hint)


def _password(match: re.Match[str], asked: Asked) -> tuple[str, str]:
    if asked.has_token:
        return (
            f"{_sentence(asked.place)} did not accept the token.",
            "Check that it is current and may read the repository.",
        )
    return (
        f"{_sentence(asked.place)} asks for a password: the repository is private, or there is none at this address.",
        "Check the address; for a private repository name a variable that holds a token with auth_env.",
    )


def _no_ref(match: re.Match[str], asked: Asked) -> tuple[str, str]:
    if asked.ref == "HEAD":
        return (
            "The repository has no commit at HEAD: it is empty, or HEAD names a branch that does not exist.",
            "Push a commit, correct the default branch at the forge, or name a branch with ref.",
        )
    return f"The repository has no branch {asked.ref}.", "Correct ref in the registry, or leave it out to read HEAD."


_BAD_OBJECT = r"object ([0-9a-f]{40,64}): ([A-Za-z]+): "
_BROKEN_ANSWER = (
    r"(?i)early EOF|unexpected disconnect|hung up unexpectedly|disconnected|bad pack|pack (?:is corrupted|has bad)|"
    r"invalid index-pack|index-pack (?:failed|died)|RPC failed|protocol error|bad line length|inflate|"
    r"did not send all necessary objects|invalid ls-refs|expected (?:flush|packfile|response)|Empty reply|"
    r"bad object|missing blob|upload-pack|Recv failure|transfer closed|unable to access"
)
_PATTERNS: tuple[_Pattern, ...] = (
    (
        r"died of signal (?:25|SIGXFSZ)|File too large|File size limit",
        lambda match, asked: (
            f"The pack of this repository is larger than max_pack ({_size(asked.max_pack)}).",
            "Raise max_pack for this source, or keep large files out of its history.",
        ),
    ),
    (
        r"out of memory|Out of memory|malloc failed|mmap failed|unable to create (?:\S+ )?thread|died of signal 9\b",
        _fixed(
            "Reading this repository needs more memory than one source may use.",
            "Look for very large files or trees in it.",
        ),
    ),
    (
        r"Operation too slow",
        _fixed("The server at {0} sends too slowly (under 1,000 bytes a second).", "Try again later."),
    ),
    (
        r"could not read (?:Username|Password)|Authentication failed|returned error: 401|HTTP Basic: Access denied",
        _password,
    ),
    (
        r"returned error: 30\d|unable to update url base from redirection",
        _fixed(
            "{0} answers with a redirect, which is not followed.",
            "Write the address it leads to in the registry; many forges want it to end in .git.",
        ),
    ),
    (
        r"repository '.*' not found|returned error: 404",
        _fixed(
            "{0} has no repository at this address.", "Check the address; a private repository also looks like this."
        ),
    ),
    (r"returned error: 403", _fixed("{0} refuses access (403).", "Check that the token may read the repository.")),
    (r"returned error: 429", _fixed("{0} asks to come back later (429).", "Build less often, or use a token.")),
    (r"returned error: ([0-9]{3})", _fixed("{0} answers with the error {1}.", "Try again later.")),
    (
        r"Could not resolve (?:host|proxy)",
        _fixed("The host {0} is not known.", "Check the address and the name service."),
    ),
    (
        r"Failed to connect|Could(?:n't| not) connect|Connection (?:refused|timed out)|Network is unreachable",
        _fixed("{0} cannot be reached.", "Check the address and the network, then build again."),
    ),
    (
        r"SSL|TLS|[Cc]ertificate",
        _fixed("The certificate of {0} is not trusted.", "Name your authority's certificate file with SSL_CERT_FILE."),
    ),
    (
        _BAD_OBJECT,
        _fixed(
            "Git refuses the object {1} of this repository ({2}).",
            "The repository is damaged or hostile: run git fsck in it. Nothing of it was read.",
        ),
    ),
    (r"(?i)couldn't find remote ref|no matching remote head", _no_ref),
    (
        r"detected dubious ownership",
        _fixed(
            "The repository belongs to another user of this machine.",
            "Run the build as its owner, or make a bare clone of it and register that.",
        ),
    ),
    (
        r"transport '([a-z0-9+.-]+)' not allowed",
        _fixed("Git was asked to use the protocol {1}, which is not read.", "Write the repository's https address."),
    ),
    (
        r"mismatched algorithms|unknown object format",
        _fixed("The repository names its objects by SHA-256, which is not read.", "Register a SHA-1 copy of it."),
    ),
    (
        r"No space left on device|Disk quota exceeded|Read-only file system|Permission denied|unable to write",
        _fixed("The cache folder could not be written.", "Free space, or name another folder with --cache."),
    ),
    (
        r"does not appear to be a git repository|invalid gitfile|not a git repository|is this a git repository",
        _fixed("There is no Git repository at this address.", "Check the address."),
    ),
    (
        _BROKEN_ANSWER,
        _fixed(
            "The answer of {0} is no valid Git answer, or it broke off.",
            "Try again later; run git fsck in the repository if it stays so.",
        ),
    ),
)
_COMPILED = tuple((re.compile(pattern), make) for pattern, make in _PATTERNS)


def explain(done: Done, asked: Asked, redact: Redactor) -> FetchFailed:
    """Turn a git command that did not succeed into the sentence and the hint."""
    if done.timed_out:
        return FetchFailed(
            f"{_sentence(asked.place)} did not answer completely within {asked.timeout} s.",
            "Try again later, or raise timeout for this source.",
        )
    if done.too_much:
        return FetchFailed(
            f"{_sentence(asked.place)} sent more text than is accepted.", "Look at the repository's refs."
        )
    said = done.err.decode("utf-8", "replace")
    # Lines of the far side come last in question: it could otherwise choose its own explanation.
    own = "\n".join(line for line in re.split(r"[\r\n]", said) if not line.startswith("remote:"))
    for pattern, make in _COMPILED:
        match = pattern.search(own)
        if match:
            reason, hint = make(match, asked)
            return FetchFailed(_sentence(reason), hint, match[2] if pattern.pattern == _BAD_OBJECT else "")
    return FetchFailed(_own_words(own, asked, redact), "Run git fetch on the address by hand to see all it says.")


def _own_words(said: str, asked: Asked, redact: Redactor) -> str:
    lines = [line.strip() for line in said.splitlines() if line.startswith(("fatal:", "error:"))]
    text = redact(lines[0]) if lines else "it gave no reason"
    for word, instead in asked.unwanted:
        text = text.replace(word, instead)
    text = re.sub(r"\b\d+ (?:ms|milliseconds|bytes)\b", "some", text)
    return visible(f"Git could not read it: {text}", limit=MAX_SENTENCE)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] if text.startswith("the ") else text


def _size(count: int) -> str:
    return f"{count // MIB} MiB" if count >= MIB and count % MIB == 0 else f"{count} bytes"
