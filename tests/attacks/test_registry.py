"""The registry admits only addresses, names and paths that no command can be tricked with.

Promise 3 before the first byte is fetched, and promise 1: a registry with an error is no registry.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from chora_catalog.model.finding import Finding, Severity
from chora_catalog.model.source import Alias, Registry, SourceSpec
from chora_catalog.parse.registry import load_registry
from chora_catalog.parse.schema import compile_schemas

SCHEMAS = compile_schemas(
    {path.name: path.read_bytes() for path in (Path(__file__).parents[2] / "schemas").glob("*.schema.json")}
)
FULL = """\
catalog:
  title: "Chora"
  url: "https://example.org/catalog/"
  repository: "https://git.example.org/chora/catalog"
  branch: trunk
  forge: github            # github, gitlab, gitea, none
  previous: "https://example.org/catalog/mirror/latest.tar.gz"
  root: trust/root.json
  audience: public
  notice: "This is a demonstration."
defaults: {ref: HEAD, versions: head, ttl: 60m, alert: 90m, timeout: 60s, max_pack: 256MiB}
sources:
  - name: puppet-nginx
    url: https://git.example.org/puppet-nginx.git
    manifests: [metadata.json]
    versions: tags
    tags: ["v{version}", "{name}/{version}"]
    owner: vox
    constellation: voxpupuli
    claims: ["puppet.*", "puppet-nginx"]
    aliases: [{from: camptocamp-systemd, to: puppet-systemd}]
    auth_env: NGINX_TOKEN
    identity: {issuer: "...", workflow: "..."}
    ttl: 2h
    alert: 1d
    max_pack: 1GiB
  - name: local
    url: ../sources/local
"""


def load(text: str) -> tuple[Registry | None, tuple[Finding, ...]]:
    return load_registry(text.encode(), file="catalog-sources.yaml", schemas=SCHEMAS)


def test_a_full_registry_is_read_with_its_defaults_applied() -> None:
    registry, findings = load(FULL)
    assert findings == ()
    assert registry == Registry(
        title="Chora",
        url="https://example.org/catalog/",
        repository="https://git.example.org/chora/catalog",
        branch="trunk",
        forge="github",
        previous="https://example.org/catalog/mirror/latest.tar.gz",
        root="trust/root.json",
        audience="public",
        notice="This is a demonstration.",
        ttl=3600,
        alert=5400,
        sources=(
            SourceSpec(
                name="puppet-nginx",
                url="https://git.example.org/puppet-nginx.git",
                versions="tags",
                manifests=("metadata.json",),
                tags=("v{version}", "{name}/{version}"),
                owner="vox",
                constellation="voxpupuli",
                claims=("puppet.*", "puppet-nginx"),
                aliases=(Alias(old="camptocamp-systemd", new="puppet-systemd"),),
                auth_env="NGINX_TOKEN",
                ttl=7200,
                alert=86400,
                max_pack=2**30,
                line=13,
            ),
            SourceSpec(name="local", url="../sources/local", line=27),
        ),
    )


def test_a_source_overrides_what_is_said_for_all() -> None:
    text = (
        "defaults: {versions: tags, manifests: [a.yaml], tags: ['{version}'], timeout: 5s, constellation: c}\n"
        "sources:\n  - {name: a, url: x}\n  - {name: b, url: x, versions: head, manifests: [b.yaml], timeout: 3min}\n"
    )
    registry, findings = load(text)
    assert findings == ()
    assert registry is not None
    first, second = registry.sources
    assert (first.versions, first.manifests, first.tags, first.timeout, first.constellation) == (
        "tags",
        ("a.yaml",),
        ("{version}",),
        5,
        "c",
    )
    assert (second.versions, second.manifests, second.timeout) == ("head", ("b.yaml",), 180)


REFUSED = [
    ("G01-transport-helper", 'url: "ext::sh -c id"', "registry-url"),
    ("G01-transport-helper-without-space", "url: ext::sh", "registry-url"),
    ("G02-upload-pack", "url: --upload-pack=id", "registry-url"),
    ("G02-option", 'url: "-oProxyCommand=id"', "registry-url"),
    ("G02-ref-is-an-option", "ref: --upload-pack=id", "schema-pattern"),
    ("G03-ssh", "url: ssh://host/x", "registry-url"),
    ("G03-git", "url: git://host/x", "registry-url"),
    ("G03-ssh-short-form", "url: git@host:x", "registry-url"),
    ("G03-ssh-short-form-without-user", "url: host:x", "registry-url"),
    ("G04-credentials", "url: https://user:secret@host/x", "registry-url"),
    ("G04-user", "url: https://user@host/x", "registry-url"),
    ("G04-escaped-line-break", 'url: "https://host/%0ahost=x"', "registry-url"),
    ("G04-escaped-nul", 'url: "https://host/%00"', "registry-url"),
    ("G04-line-break", 'url: "https://host/\\nx"', "registry-url"),
    ("G04-no-host", "url: https:///host/", "registry-url"),
    ("G08-token-instead-of-its-variable", 'auth_env: "ghp_abc"', "schema-pattern"),
    ("I01-name-climbs", "name: ../x", "schema-pattern"),
    ("name-has-capitals", "name: Puppet", "schema-pattern"),
    ("I01-manifest-climbs", "manifests: [../x.yaml]", "path-escapes"),
    ("I01-manifest-absolute", "manifests: [/etc/passwd]", "path-escapes"),
    ("tag-pattern-without-version", "tags: [v]", "schema-pattern"),
    ("tag-pattern-with-another-word", 'tags: ["v{versoin}"]', "schema-pattern"),
    ("no-tag-pattern", "tags: []", "schema-range"),
    ("versions-word", "versions: branches", "schema-enum"),
    ("duration", "ttl: 60", "schema-type"),
    ("duration-word", "ttl: 1 hour", "schema-pattern"),
    ("size", "max_pack: 256MB", "schema-pattern"),
    ("alert-before-ttl", "alert: 5m", "registry-alert"),
    ("internal-source-in-a-public-catalog", "audience: internal", "registry-audience"),
    ("claim", 'claims: ["*"]', "schema-pattern"),
    ("alias-to-no-id", "aliases: [{from: a, to: A}]", "id-grammar"),
]


@pytest.mark.parametrize(("line", "rule"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_an_entry_that_cannot_be_meant_is_refused_at_its_line(line: str, rule: str) -> None:
    fields = {"name": "name: a", "url": "url: https://host/x", line.split(":")[0]: line}
    registry, findings = load("sources:\n  -\n    " + "\n    ".join(fields.values()) + "\n")
    assert registry is None
    (finding,) = findings
    assert (finding.rule, finding.severity) == (rule, Severity.ERROR)
    assert finding.place.line == (3 if rule == "registry-alert" else 3 + list(fields).index(line.split(":")[0]))
    assert "secret" not in repr(finding)
    assert finding.hint.endswith(".")


def test_a_transport_helper_is_called_by_its_name() -> None:
    _, (finding,) = load('sources:\n  - {name: a, url: "ext::sh"}\n')
    assert "transport helper" in finding.message


def test_an_empty_list_of_manifests_means_every_known_name() -> None:
    registry, _ = load("defaults: {manifests: [a.yaml]}\nsources:\n  - {name: a, url: x, manifests: []}\n")
    assert registry is not None
    assert registry.sources[0].manifests == ()


def test_one_name_twice_names_both_lines() -> None:
    registry, (finding,) = load("sources:\n  - {name: a, url: x}\n  - {name: b, url: x}\n  - {name: a, url: y}\n")
    assert registry is None
    assert (finding.rule, finding.place.line, finding.related[0].line) == ("registry-duplicate-name", 4, 2)
    assert "first in line 2, again in line 4" in finding.message


def test_an_unknown_key_is_a_warning_with_a_suggestion() -> None:
    registry, (finding,) = load("sources:\n  - {name: a, url: x, manifets: [y]}\n")
    assert registry is not None
    assert (finding.rule, finding.severity, finding.hint) == (
        "schema-unknown-key",
        Severity.WARNING,
        "Did you mean `manifests`?",
    )


@pytest.mark.parametrize("text", ["", "[]", "sources: []", "sources:", "catalog: {}", "sources: [x]"])
def test_a_registry_without_sources_is_none(text: str) -> None:
    registry, findings = load(text)
    assert registry is None
    assert findings


def test_a_registry_of_a_thousand_sources_is_read_at_once() -> None:
    entries = "".join(f"  - name: s{n}\n    url: https://git.example.org/org/repository-{n}.git\n" for n in range(1000))
    started = time.perf_counter()
    registry, findings = load("sources:\n" + entries)
    assert time.perf_counter() - started < 2
    assert findings == ()
    assert registry is not None
    assert len(registry.sources) == 1000
