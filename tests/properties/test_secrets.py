"""What looks like a secret is found, is shown with stars wherever a line is shown, and costs linear time."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from chora_catalog.app.tree_reading import Files, read_tree
from chora_catalog.check.engine import check_tree, check_without_catalog
from chora_catalog.edge.files import data_folder, read_folder
from chora_catalog.model.finding import Finding
from chora_catalog.model.record import to_json
from chora_catalog.model.secrets import masked, secrets_in, shown_line
from chora_catalog.parse.schema import compile_schemas

SCHEMAS = compile_schemas(read_folder(data_folder("schemas"), "*.json"))
MANIFEST = 'id: "example.thing.make"\nversion: "1.0.0"\nowner: "team-a"\n'
RANDOM = "Zk3vQ9xR7mT2pL8wY4bN6cF1hJ5dS0gAeUiO"
# Put together here, so that no line of this file is taken for one by who looks for them.
SECRETS = {
    "github": "ghp" + "_" + RANDOM,
    "gitlab": "glpat" + "-" + RANDOM[:20],
    "aws": "AKIA" + "QWERTYUIOPASDFGH",
    "slack": "xoxb" + "-123456789012-" + RANDOM[:24],
    "stripe": "sk" + "_live_" + RANDOM[:24],
    "npm": "npm" + "_" + RANDOM,
    "jwt": "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0NTY3ODkwIn0." + RANDOM,
}


def of(text: str) -> tuple[Finding, ...]:
    files = Files(modes={"chora.yaml": "100644"}, read=lambda _: text.encode())
    reading = read_tree(files, (), SCHEMAS)
    return (*reading.findings, *check_tree(reading.tree()), *check_without_catalog(reading.tree()))


@pytest.mark.parametrize("kind", sorted(SECRETS))
@pytest.mark.parametrize(
    "line",
    [
        'x-note: "see {}"',
        "# {}",
        "stability: {}",
        'ttl: "{}"',
        "unknown-key: {}",
        "adr_links: ['..\\{}']",
        "adr_links: ['{}']",
        "deprecated_at: {}",
        "dependencies: [{{id: a.b.c, version: {}}}]",
        "a: [{}",
    ],
)
def test_a_token_is_found_and_never_repeated(kind: str, line: str) -> None:
    found = of(MANIFEST + line.format(SECRETS[kind]) + "\n")
    text = repr([to_json(finding) for finding in found])
    assert SECRETS[kind] not in text
    assert RANDOM[4:14] not in text
    if "a: [" not in line:
        assert "secret-in-manifest" in {finding.rule for finding in found}


@pytest.mark.parametrize(
    ("line", "hidden"),
    [
        ("x-db: {password: 'abc', x: 1}", ""),
        ("  password: kT9-vq2LmZ84rXwB", "kT9-vq2LmZ84rXwB"),
        ('- "api_key": "a8f5f167f44f4964e6c998de"', "a8f5f167f44f4964e6c998de"),
        ("url: https://jo:kT9vq2Lm@example.org/", "jo:kT9vq2Lm"),
    ],
)
def test_a_value_of_a_telling_key_is_hidden(line: str, hidden: str) -> None:
    assert masked(line) == (line.replace(hidden, "*" * len(hidden)) if hidden else line)
    assert len(list(secrets_in((line,)))) == bool(hidden)


@pytest.mark.parametrize(
    "line",
    [
        "password: ${PASSWORD_FROM_VAULT_1}",
        "token: <your-token-here-123456>",
        "- name: session_token",
        "x-secret-store: vault",
        "password: correct horse battery staple",
        "digest: sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "auth_env: NGINX_TOKEN",
        "primary_key: user_id",
        "description: the api key rotates every 90 days",
        "url: https://example.org/@user",
        "url: ssh://git@example.org/thing",
    ],
)
def test_what_is_no_secret_is_not_taken_for_one(line: str) -> None:
    assert list(secrets_in((line,))) == []


def test_a_secret_that_the_excerpt_cuts_is_hidden_too() -> None:
    line = "x: " + "a " * 95 + SECRETS["github"]
    assert len(shown_line(line)) == 200
    assert "ghp_" not in shown_line(line)


def test_the_body_of_a_private_key_is_hidden() -> None:
    body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"
    begin = "-----BEGIN " + "PRIVATE KEY-----"
    found = [item for item in of(MANIFEST + f"x-key: |\n  {begin}\n  {body}\n") if item.rule == "secret-in-manifest"]
    assert [str(item.place) for item in found] == ["chora.yaml:5:3"]
    assert body not in repr(found)


@pytest.mark.parametrize(
    "text",
    ["eyJ" * 80_000, "ghp_" * 60_000, "://" * 80_000 + "@", "a@b." * 60_000, "password: " * 24_000, "-" * 240_000,
     "://a" * 60_000 + "@", "aaaa@" * 48_000, "sk-" * 80_000, '"' * 240_000],
    ids=["jwt", "github", "address", "mail", "key", "dashes", "user", "ats", "sk", "quotes"],
)  # fmt: skip
def test_no_text_takes_more_than_linear_time(text: str) -> None:
    began = time.process_time()
    list(secrets_in((text,)))
    masked(text)
    of(MANIFEST + f"x-a: '{text[:200_000]}'\n")
    assert time.process_time() - began < 3


def test_the_example_of_the_rule_is_kept_out_of_what_is_said() -> None:
    data = (Path(__file__).parents[1] / "rules/secret-in-manifest/bad/tree/chora.yaml").read_text()
    assert "kT9" in data
    assert "kT9" not in repr(of(data))
