"""A repository's files -> what CI it has, who it logs in to, what it is made with, and how it signs.

Names of files are matched against a list, and workflow files are read with the strict reader. Nothing runs, and no
secret is ever repeated: what is kept are the words of the lists here, and never a line of a file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from chora_catalog.model.anchor import Anchor, Confidence, Topic
from chora_catalog.parse.reading import Reading, join_pointer
from chora_catalog.parse.spans import read

MAX_READ: Final = 100
"""CI files of one repository that are read; of more, the first are."""

_GITHUB_ISSUER: Final = "https://token.actions.githubusercontent.com"
_WORKFLOW: Final = re.compile(r"\.github/workflows/[^/]+\.ya?ml")
_CI_FILES: Final = {
    ".gitlab-ci.yml": "GitLab CI",
    "azure-pipelines.yml": "Azure Pipelines",
    "Jenkinsfile": "Jenkins",
    ".circleci/config.yml": "CircleCI",
    "bitbucket-pipelines.yml": "Bitbucket Pipelines",
    ".woodpecker.yml": "Woodpecker",
    ".woodpecker.yaml": "Woodpecker",
    ".travis.yml": "Travis CI",
    ".drone.yml": "Drone",
    ".buildkite/pipeline.yml": "Buildkite",
}
_FOLDERS: Final = (
    (".woodpecker/", "Woodpecker"),
    (".forgejo/workflows/", "Forgejo Actions"),
    (".gitea/workflows/", "Gitea Actions"),
)
_ECOSYSTEMS: Final = {
    "pyproject.toml": "Python", "setup.py": "Python", "requirements.txt": "Python", "uv.lock": "Python",
    "poetry.lock": "Python", "Pipfile.lock": "Python",
    "package.json": "npm", "package-lock.json": "npm", "yarn.lock": "npm", "pnpm-lock.yaml": "npm",
    "Cargo.toml": "Rust", "Cargo.lock": "Rust", "go.mod": "Go", "go.sum": "Go",
    "pom.xml": "Maven", "build.gradle": "Gradle", "build.gradle.kts": "Gradle", "gradle.lockfile": "Gradle",
    "Gemfile": "Ruby", "Gemfile.lock": "Ruby", "composer.json": "PHP", "composer.lock": "PHP",
    "packages.lock.json": ".NET", "mix.exs": "Elixir", "Package.swift": "Swift", "Chart.yaml": "Helm",
    "Dockerfile": "container image", "Containerfile": "container image", "metadata.json": "",
}  # fmt: skip
# An action that logs in somewhere with the token of the job: where, so that its owner can be asked.
_LOGINS: Final = {
    "aws-actions/configure-aws-credentials": "AWS",
    "google-github-actions/auth": "Google Cloud",
    "azure/login": "Azure",
    "hashicorp/vault-action": "HashiCorp Vault",
    "pypa/gh-action-pypi-publish": "PyPI",
    "rubygems/release-gem": "RubyGems",
    "sigstore/gh-action-sigstore-python": "Sigstore",
    "sigstore/cosign-installer": "Sigstore",
    "actions/attest-build-provenance": "Sigstore",
    "actions/attest": "Sigstore",
    "slsa-framework/slsa-github-generator": "Sigstore",
}
_SIGNERS: Final = frozenset({"Sigstore"})
_SBOM_ACTIONS: Final = ("anchore/sbom-action", "cyclonedx/gh-", "actions/attest-sbom", "microsoft/sbom-action")
_SBOM_FILES: Final = re.compile(r"(?:^|/)(?:bom\.(?:json|xml)|[^/]*\.(?:spdx|cdx)\.(?:json|xml)|[^/]*\.spdx)$")
_SIGNATURES: Final = re.compile(r"\.(?:sigstore|sigstore\.json|intoto\.jsonl|asc|minisig)$")


def anchors_of(paths: Iterable[str], reader: Callable[[str], bytes | None], *, url: str) -> tuple[Anchor, ...]:
    """Return the anchors of a repository, sorted; `reader` gives the bytes of a path (None: too large to be read).

    `url` is its address in the registry. Never raises for any bytes.
    """
    names = sorted(paths)
    found = {*_host(url), *_by_name(names), *_by_pattern(names)}
    workflows = [name for name in names if is_workflow(name)]
    for name in workflows[:MAX_READ]:
        found |= set(_workflow(name, reader(name)))
    if ".gitlab-ci.yml" in names:
        found |= set(_gitlab(reader(".gitlab-ci.yml"), url))
    order = {topic: place for place, topic in enumerate(Topic)}
    return tuple(sorted(found, key=lambda item: (order[item.topic], item.value, item.path, item.line)))


def is_workflow(path: str) -> bool:
    """Tell whether GitHub takes the file at `path` for a workflow."""
    return bool(_WORKFLOW.fullmatch(path))


def _host(url: str) -> Iterator[Anchor]:
    host = _host_of(url)
    yield Anchor(topic=Topic.HOST, value=host or "a local path")


def _host_of(url: str) -> str:
    if "://" in url:
        try:
            return urlsplit(url).hostname or ""
        except ValueError:
            return ""
    scp = re.fullmatch(r"(?:[^@/:]+@)?([^/:]+):.*", url)
    return scp[1].lower() if scp else ""


def _by_name(names: Iterable[str]) -> Iterator[Anchor]:
    for name in names:
        if name in _CI_FILES:
            yield Anchor(topic=Topic.CI, value=_CI_FILES[name], path=name)
        for folder, kind in _FOLDERS:
            if name.startswith(folder):
                yield Anchor(topic=Topic.CI, value=kind, path=name)
        last = name.rpartition("/")[2]
        kind = _ECOSYSTEMS.get(last, "")
        # Deep inside it is more often an example or a test than what the repository is made with.
        if kind and name.count("/") <= 2:
            sure = Confidence.HIGH if "/" not in name else Confidence.MEDIUM
            yield Anchor(topic=Topic.ECOSYSTEM, value=kind, path=name, confidence=sure)


def _by_pattern(names: Iterable[str]) -> Iterator[Anchor]:
    for name in names:
        if _SBOM_FILES.search(name):
            yield Anchor(topic=Topic.SBOM, value="a file", path=name, confidence=Confidence.MEDIUM)
        if _SIGNATURES.search(name):
            yield Anchor(topic=Topic.SIGNING, value="a signature", path=name, confidence=Confidence.MEDIUM)
        if name.endswith(".rego"):
            yield Anchor(topic=Topic.POLICY, value="Open Policy Agent", path=name)


def _workflow(path: str, data: bytes | None) -> Iterator[Anchor]:
    yield Anchor(topic=Topic.CI, value="GitHub Actions", path=path)
    reading = read(data, file=path) if data is not None else None
    workflow = reading.value if reading is not None and reading.ok else None
    if reading is None or not isinstance(workflow, dict):
        yield Anchor(
            topic=Topic.OIDC, value="not known: the workflow cannot be read", path=path, confidence=Confidence.LOW
        )
        return
    yield from _grants(reading, workflow, "")
    jobs = workflow.get("jobs")
    for name, job in jobs.items() if isinstance(jobs, dict) else ():
        if not isinstance(job, dict):
            continue
        at = join_pointer("/jobs", name)
        yield from _grants(reading, job, at)
        yield from _uses(reading, job.get("uses"), join_pointer(at, "uses"))
        steps = job.get("steps")
        for number, step in enumerate(steps if isinstance(steps, list) else ()):
            if isinstance(step, dict):
                yield from _uses(reading, step.get("uses"), join_pointer(at, "steps", number, "uses"))


def _grants(reading: Reading, holder: Mapping[str, Any], at: str) -> Iterator[Anchor]:
    given = holder.get("permissions")
    pointer = join_pointer(at, "permissions")
    if given == "write-all":
        value = "id-token: write, by write-all"
    elif isinstance(given, dict) and given.get("id-token") == "write":
        value, pointer = "id-token: write", join_pointer(pointer, "id-token")
    else:
        return
    line = reading.line(pointer)
    yield Anchor(topic=Topic.OIDC, value=value, path=reading.file, line=line)
    yield Anchor(topic=Topic.ISSUER, value=_GITHUB_ISSUER, path=reading.file, line=line)


def _uses(reading: Reading, action: object, pointer: str) -> Iterator[Anchor]:
    if not isinstance(action, str):
        return
    name = action.partition("@")[0].lower()
    line = reading.line(pointer)
    for known, where in _LOGINS.items():
        if name == known or name.startswith(f"{known}/"):
            topic = Topic.SIGNING if where in _SIGNERS else Topic.OIDC
            value = where if where in _SIGNERS else f"login to {where}"
            yield Anchor(topic=topic, value=value, path=reading.file, line=line, confidence=Confidence.MEDIUM)
    if name.startswith(_SBOM_ACTIONS):
        yield Anchor(topic=Topic.SBOM, value="made in CI", path=reading.file, line=line, confidence=Confidence.MEDIUM)


def _gitlab(data: bytes | None, url: str) -> Iterator[Anchor]:
    reading = read(data, file=".gitlab-ci.yml") if data is not None else None
    value = reading.value if reading is not None and reading.ok else None
    if reading is None or not isinstance(value, dict):
        yield Anchor(
            topic=Topic.OIDC, value="not known: the pipeline cannot be read", path=".gitlab-ci.yml",
            confidence=Confidence.LOW,
        )  # fmt: skip
        return
    for name, job in value.items():
        tokens = job.get("id_tokens") if isinstance(job, dict) else None
        if isinstance(tokens, dict) and tokens:
            line = reading.place(join_pointer("", name, "id_tokens"), key=True).line
            host = _host_of(url)
            yield Anchor(topic=Topic.OIDC, value="id_tokens", path=".gitlab-ci.yml", line=line)
            if host:
                yield Anchor(topic=Topic.ISSUER, value=f"https://{host}", path=".gitlab-ci.yml", line=line,
                             confidence=Confidence.MEDIUM)  # fmt: skip
