"""How a git command is run: its environment, its configuration, and what of its words may be repeated.

The list follows git's own documentation (git(1) "Environment Variables", git-config(1)) and the advisories it names:
nothing of the operator's or the source's configuration reaches git, no prompt, no hook, no helper, no other protocol.
"""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from chora_catalog.edge.process import MIB

NO_PROTOCOL = "none"
"""For `GIT_ALLOW_PROTOCOL` of every command that has no business on a network: no protocol has this name."""
MEMORY_LIMIT = 1024 * MIB
"""Address space of one git process in bytes; a tree or delta that inflates to more is refused."""
MAX_SENTENCE = 300

_PASSED_ON = (
    "PATH",
    "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY",
    "SSL_CERT_FILE", "SSL_CERT_DIR",
    # Where dynamic libraries and the locale's message files are; git finds neither by itself on every system.
    "LD_LIBRARY_PATH", "SYSTEMROOT",
)  # fmt: skip
_SCRUBBED = {
    # Not merely unset: without HOME, curl asks the password database and reads that home's .netrc.
    "HOME": "/dev/null",
    "XDG_CONFIG_HOME": "/dev/null",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "true",
    "GIT_LFS_SKIP_SMUDGE": "1",
    # A fetch from a promisor over plain files would otherwise start a fetch that starts a fetch (seen in 2.39).
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "LC_ALL": "C",
    "TZ": "UTC",
}
_CONFIG = (
    ("advice.detachedHead", "false"),
    ("core.hooksPath", "/dev/null"),
    ("core.fsmonitor", "false"),
    ("core.symlinks", "false"),
    ("core.bigFileThreshold", "1m"),
    # Packs are mapped in small pieces, so that the limit of memory does not depend on their size.
    ("core.packedGitWindowSize", "32m"),
    ("core.packedGitLimit", "256m"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("log.showSignature", "false"),
    ("pack.threads", "1"),
    ("submodule.recurse", "false"),
)
# What git-fsck(1) calls errors but old and honest repositories hold: how a name, an address or a time zone was once
# written. None of it is read here but the seconds of a time, which stay checked (badDate, badDateOverflow).
RELAXED = (
    "badEmail", "badName", "badTimezone", "missingEmail", "missingNameBeforeEmail", "missingSpaceBeforeDate",
    "missingSpaceBeforeEmail", "zeroPaddedDate", "zeroPaddedFilemode",
)  # fmt: skip
_BIDI = frozenset(
    "\u061c\u200e\u200f\u2028\u2029" + "".join(map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]))
)


def environment(
    environ: Mapping[str, str], *, protocols: str, config: Iterable[tuple[str, str]] = ()
) -> dict[str, str]:
    """Return the whole environment of one git command.

    `environ` is the caller's, of which only the path and the proxy and certificate settings pass; `protocols` is a
    colon-separated list or `NO_PROTOCOL`; `config` comes on top of the fixed settings. Configuration travels here and
    not in arguments, which every user of the machine can read.
    """
    env = {name: environ[name] for name in _PASSED_ON if name in environ}
    env |= _SCRUBBED
    env["GIT_ALLOW_PROTOCOL"] = protocols
    pairs = [*_CONFIG, *config]
    env["GIT_CONFIG_COUNT"] = str(len(pairs))
    for number, (key, value) in enumerate(pairs):
        env[f"GIT_CONFIG_KEY_{number}"] = key
        env[f"GIT_CONFIG_VALUE_{number}"] = value
    return env


def network_config(environ: Mapping[str, str], *, slow_seconds: int) -> list[tuple[str, str]]:
    """Return the settings of a command that talks to a server; `slow_seconds` under 1,000 bytes/s end it."""
    settings = [
        ("credential.helper", ""),
        ("http.followRedirects", "false"),
        ("http.lowSpeedLimit", "1000"),
        ("http.lowSpeedTime", str(slow_seconds)),
        ("http.sslVerify", "true"),
        ("protocol.version", "2"),
        ("transfer.credentialsInUrl", "die"),
    ]
    if environ.get("SSL_CERT_FILE"):
        settings.append(("http.sslCAInfo", environ["SSL_CERT_FILE"]))
    return settings


TAKING_IN = (
    ("fetch.unpackLimit", "1"),
    ("transfer.fsckObjects", "true"),
    *((f"fetch.fsck.{name}", "ignore") for name in RELAXED),
)
"""The settings of a command that takes objects in, besides those of `network_config`."""


def on_repository(repository: Path, *words: str) -> list[str]:
    """Return the argument list of a git command on the bare `repository`."""
    return ["git", f"--git-dir={repository}", "--no-pager", *words]


def authorization(token: str) -> str:
    """Return the `Authorization` header for `token`.

    `Bearer ...` and `Basic ...` go as they are, `user:password` as that pair; anything else is a forge's access token,
    sent the way GitHub, GitLab, Gitea and Bitbucket all accept it: as the password of any user name.
    """
    if token.startswith(("Bearer ", "Basic ")):
        return f"Authorization: {token}"
    pair = token if ":" in token else f"x-access-token:{token}"
    return "Authorization: Basic " + base64.b64encode(pair.encode()).decode("ascii")


class Redactor:
    """Removes secrets, in each form in which one travels, from what git says."""

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        forms: set[str] = set()
        for secret in secrets:
            bare = secret.removeprefix("Bearer ").removeprefix("Basic ")
            header = authorization(secret).partition(": ")[2]
            forms |= {secret, bare, quote(bare, safe=""), header, header.partition(" ")[2]}
            forms.add(bare.partition(":")[2])
        # The longest first: a token must not leave the rest of its header behind.
        self._forms = sorted((form for form in forms if form), key=lambda form: (-len(form), form))

    def __call__(self, text: str) -> str:
        """Return `text` with `***` for each secret."""
        for form in self._forms:
            text = text.replace(form, "***")
        return text


def visible(text: str, *, limit: int = MAX_SENTENCE) -> str:
    """Return foreign text as one harmless line: control and direction characters as escapes, at most `limit` long."""
    line = re.sub(r"[ \t\r\n]+", " ", text).strip()
    shown = line if line.isascii() and line.isprintable() else "".join(map(_escaped, line))
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def _escaped(char: str) -> str:
    if unicodedata.category(char) not in ("Cc", "Cs") and char not in _BIDI:
        return char
    return f"\\x{ord(char):02x}" if ord(char) < 256 else f"\\u{ord(char):04x}"
