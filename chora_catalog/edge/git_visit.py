"""One call's dealings with one source: what may be asked of it, in which environment, until when."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chora_catalog.edge.address import address_problem, host_of, is_loopback, is_web
from chora_catalog.edge.clock import monotonic
from chora_catalog.edge.git_command import (
    MEMORY_LIMIT,
    NO_PROTOCOL,
    TAKING_IN,
    Redactor,
    authorization,
    environment,
    network_config,
    on_repository,
)
from chora_catalog.edge.git_failure import Asked, FetchFailed, explain
from chora_catalog.edge.process import Done, run
from chora_catalog.model.source import SourceSpec

BLOB_LIMIT = 256 * 1024 + 1
"""Files of this many bytes and more stay with a server that can filter: a manifest has at most 256 KiB."""
_SLOW_SECONDS = 20
_LOCAL_FACTOR = 16
# git-check-ref-format(1)
_BAD_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|^[./-]|\.lock(?:/|$)|[./]$")


@dataclass(slots=True, kw_only=True)
class Visit:
    """What one call knows of its source. `head` is the full name of the ref that counts as head."""

    spec: SourceSpec
    address: str
    head: str
    protocols: str
    environ: Mapping[str, str]
    config: list[tuple[str, str]]
    redact: Redactor
    asked: Asked
    deadline: float
    requests: int = field(default=0)

    @classmethod
    def of(
        cls, spec: SourceSpec, address: str, repository: Path, *, allow_local: bool, environ: Mapping[str, str]
    ) -> Visit:
        """Check everything that needs no network. Raises FetchFailed."""
        problem = address_problem(address, allow_local=allow_local)
        if problem:
            what, _, hint = problem.partition(". ")
            raise FetchFailed(what.rstrip(".") + ".", hint or "Correct the address in the registry.")
        token = _token(spec, address, environ)
        place = address if is_web(address) or address.startswith("file:") else os.path.abspath(address)
        config = network_config(environ, slow_seconds=min(_SLOW_SECONDS, max(1, spec.timeout)))
        # The remote lives in the environment alone: no address and no token is written to the cache, and a command
        # without it knows of no remote from which a missing object could be fetched lazily.
        config.append(("remote.origin.url", place))
        if token and is_web(address):
            config.append((f"http.{address}.extraHeader", authorization(token)))
        return cls(
            spec=spec,
            address=address,
            head=_head_name(spec.ref),
            protocols="https:http:file" if allow_local else "https",
            environ=environ,
            config=config,
            redact=Redactor([token] if token else []),
            asked=Asked(
                place=host_of(address) or "the repository",
                ref=spec.ref,
                timeout=spec.timeout,
                max_pack=spec.max_pack,
                allow_local=allow_local,
                has_token=bool(token),
                unwanted=(
                    (str(repository), "the cache"),
                    (str(repository.parent), "the cache"),
                    (place, "the address"),
                ),
            ),
            deadline=monotonic() + spec.timeout,
        )

    def network(
        self,
        repository: Path | None,
        words: Sequence[str],
        *,
        stdin: bytes = b"",
        config: Sequence[tuple[str, str]] = (),
    ) -> Done:
        """Run a git command that may talk to the source, in the cache or in no repository at all.

        Raises FetchFailed unless it succeeds.
        """
        self.requests += 1
        settings = [*self.config, *(TAKING_IN if repository is not None else ()), *config]
        env = environment(self.environ, protocols=self.protocols, config=settings)
        return self._run(repository, words, stdin, env)

    def local(self, repository: Path, words: Sequence[str]) -> Done:
        """Run a git command that may not. Raises FetchFailed unless it succeeds."""
        return self._run(repository, words, b"", environment(self.environ, protocols=NO_PROTOCOL))

    def _run(self, repository: Path | None, words: Sequence[str], stdin: bytes, env: Mapping[str, str]) -> Done:
        done = run(
            on_repository(repository or Path(os.devnull), *words),
            stdin=stdin,
            env=env,
            cwd=repository or Path("/"),
            timeout=max(0.0, self.deadline - monotonic()),
            file_size_limit=self.spec.max_pack,
            # For a path the far side, which maps whole packs of its own, is a child of ours.
            memory_limit=MEMORY_LIMIT if is_web(self.address) else _LOCAL_FACTOR * MEMORY_LIMIT,
        )
        if not done.ok:
            raise self.refuse(done)
        return done

    def refuse(self, done: Done) -> FetchFailed:
        """Return why the command that ended as `done` failed."""
        return explain(done, self.asked, self.redact)

    def selected(self, name: str) -> bool:
        """Say whether the ref `name` is one the registry asks for, by a name that git itself would keep."""
        if name == self.head:
            return True
        tag = name.removesuffix("^{}")
        return self.spec.versions == "tags" and tag.startswith("refs/tags/") and not _BAD_REF.search(tag)


def _head_name(ref: str) -> str:
    if ref == "HEAD":
        return ref
    name = ref if ref.startswith("refs/") else f"refs/heads/{ref}"
    if _BAD_REF.search(ref) or _BAD_REF.search(name):
        raise FetchFailed("The ref of this source is not a branch name.", "Write ref: HEAD, or the name of a branch.")
    return name


def _token(spec: SourceSpec, address: str, environ: Mapping[str, str]) -> str:
    if not spec.auth_env:
        return ""
    token = environ.get(spec.auth_env, "").strip()
    if not token:
        raise FetchFailed(
            f"The variable {spec.auth_env} that should hold this source's token is empty or not set.",
            f"Set {spec.auth_env}, or remove auth_env from the registry entry.",
        )
    if not token.isascii() or not token.isprintable():
        raise FetchFailed(
            f"The variable {spec.auth_env} holds something that is no token: a control or non-ASCII character.",
            f"Set {spec.auth_env} to the token alone.",
        )
    if address.startswith("http:") and not is_loopback(host_of(address)):
        raise FetchFailed(
            "A token is not sent over http, where anybody on the way can read it.", "Use the https address."
        )
    return token
