"""A rich catalog for tests of the site: assembled by the real builder from harvests written here.

`sample()` is the federation of the design: breaks, a waiver, a deprecation with a sunset, a source that was kept, one
that was never read, one whose head does not parse, signals, decisions. `hostile()` says the same with the text of
an attacker wherever a source can write text. `wide(n)` has n capabilities. All are judged at `AS_OF`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from chora_catalog.build.assemble import Gathered, assemble
from chora_catalog.model.catalog import Catalog, Gone
from chora_catalog.model.decision import Decision, Waiver
from chora_catalog.model.finding import Finding, Place, Severity
from chora_catalog.model.manifest import Behavior, Claim, Dependency, Manifest, Origin, Port, ValueScenario
from chora_catalog.model.run import Run, SourceRun
from chora_catalog.model.signal import Agreement, Ballot, ChangeSignal, Event, Proof, Sla
from chora_catalog.model.source import Declared, Harvest, LineState, Outcome, Registry, Release, SourceSpec, State
from chora_catalog.model.steward import Person, Stewards, Team
from chora_catalog.resolve.folding import fold_all

AS_OF = "2026-11-22T12:00:00Z"
INSTANT = datetime.fromisoformat(AS_OF)
KEPT_AT = "2026-11-21T10:12:00Z"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"

REGISTRY = Registry(
    title="Chora",
    url="https://catalog.example.org/",
    repository="https://git.example.org/chora/catalog",
    branch="main",
    forge="github",
    notice="Demo data: an invented federation",
)


def manifest(
    capability: str, version: str, summary: str = "", *, needs: Mapping[str, str] | None = None, **more: object
) -> Manifest:
    base: dict[str, object] = {
        "id": capability,
        "name": capability,
        "path": "chora.yaml",
        "dialect": "canonical",
        "version": version,
        "summary": summary,
        "dependencies": tuple(Dependency(id=key, version=value, line=14) for key, value in (needs or {}).items()),
        "original": json.dumps({"id": capability, "version": version}),
        "line": 1,
    }
    return Manifest(**(base | more))  # type: ignore[arg-type]


def ports(*names: str) -> tuple[Port, ...]:
    """`name:type`, a trailing `?` marks it optional."""
    return tuple(
        Port(name=n.removesuffix("?"), type=t, optional=n.endswith("?"))
        for n, _, t in (name.partition(":") for name in names)
    )


def commit(text: str) -> str:
    return (text.encode().hex() * 8)[:40]


def harvest(source: str, at: str, *manifests: Manifest, releases: tuple[Release, ...] = (), **more: object) -> Harvest:
    state = State(commit=commit(source), committed_at=at, manifests=manifests)
    given: dict[str, object] = {
        "source": source,
        "head_commit": state.commit,
        "head_at": at,
        "head": state,
        "releases": releases,
    }
    return Harvest(**(given | more))  # type: ignore[arg-type]


def release(version: str, at: str, *manifests: Manifest) -> Release:
    return Release(tag=f"v{version}", version=version, released_at=at, commit=commit(version + at), manifests=manifests)


def _orchestration() -> Harvest:
    def at(version: str, inputs: tuple[str, ...], outputs: tuple[str, ...], **more: object) -> Manifest:
        return manifest(
            "mcp.orchestration.serve",
            version,
            "Serves tools and sessions to agents over MCP.",
            needs={"mcp.registry.manage": "^1.2", "privacy.policy.check": "^1", "telemetry.trace.collect": "^1.1"},
            owner="team-orchestration",
            contact="#orchestration",
            lifecycle_stage="operate",
            stability="stable",
            security_tier="high",
            inputs=ports(*inputs),
            outputs=ports(*outputs),
            tags=("mcp", "sessions"),
            telemetry_signals=("mcp.session.opened", "mcp.session.closed"),
            adr_links=(
                "adr/0012-sessions-by-reference.md",
                "DEC-2026-11-18-001",
                "https://example.org/policy/sessions",
            ),
            claim=Claim(result="passing", last_run="2026-11-19T08:31:00Z", tool="behave"),
            behaviors=(
                Behavior(id="mcp.serve.tools-listed", ref="features/tools.feature"),
                Behavior(id="mcp.serve.session-refreshed", ref="features/session.feature"),
                Behavior(id="mcp.serve.overload-refused"),
            ),
            observed_behaviors=(
                Behavior(id="mcp.serve.tools-listed", ref="features/tools.feature", scenarios=6),
                Behavior(id="mcp.serve.session-refreshed", ref="features/session.feature", scenarios=4),
                Behavior(id="mcp.serve.budget-kept", ref="features/budget.feature", scenarios=2),
            ),
            value_scenarios=(
                ValueScenario(
                    id="chora.mcp.first-session",
                    title="A new agent opens its first session without asking anyone",
                    guide="docs/how-to/first-session.md",
                    tests=("tests/value-scenarios/first_session.py",),
                    status="passing",
                ),
            ),
            ttl="30d",
            updated_at="2026-11-19",
            origins=(("stability", Origin.DERIVED),),
            **more,
        )

    old = ("session_token:jwt", "session:json-schema: session.v1")
    new = ("session_ref:uri", "session:json-schema: session.v1")
    inputs = ("request:json-schema: mcp-request", "budget?:json-schema: budget")
    head = at("2.0.0", inputs, new)
    return harvest(
        "mcp-orchestration",
        "2026-11-19T08:40:00Z",
        head,
        releases=(
            release("1.0.0", "2025-10-04T09:00:00Z", at("1.0.0", inputs[:1], old[:1])),
            release("1.6.0", "2026-03-11T09:00:00Z", at("1.6.0", inputs, old[:1])),
            release("1.8.0", "2026-06-02T09:00:00Z", at("1.8.0", inputs, old)),
            release("1.9.0", "2026-08-21T09:00:00Z"),
            release("1.9.4", "2026-09-30T09:00:00Z", at("1.9.3", inputs, old)),
            release("2.0.0", "2026-11-19T08:40:00Z", head),
        ),
    )


def _simple(source: str, at: str, capability: str, version: str, summary: str, **more: object) -> Harvest:
    made = manifest(capability, version, summary, **more)  # type: ignore[arg-type]
    return harvest(source, at, made, releases=(release(version, at, made),))


def harvests() -> dict[str, Harvest]:
    broken = Finding(
        rule="indent-tab",
        severity=Severity.ERROR,
        message="a mapping is indented with a tab",
        hint="use spaces here",
        place=Place(
            file="chora.yaml",
            line=14,
            column=1,
            excerpt=("lifecycle_stage: draft", "outputs:", "\t  - name: overlay", "    type: svg"),
            excerpt_from=12,
        ),
    )
    owner = {"agents": "team-agents", "liminal": "team-liminal", "platform": "team-platform"}
    found = [
        _orchestration(),
        _simple(
            "agents",
            "2026-10-30T15:02:00Z",
            "agent.runtime.execute",
            "1.8.3",
            "Runs an agent plan step by step, with budgets and a trace.",
            owner=owner["agents"],
            lifecycle_stage="operate",
            stability="stable",
            security_tier="high",
            contact="agents@example.org",
            inputs=ports("session_token:jwt", "plan:json-schema: plan"),
            outputs=ports("trace:otlp"),
            needs={
                "mcp.orchestration.serve": ">=1.2 <3",
                "mcp.registry.manage": "^1.2",
                "privacy.policy.check": "^1",
                "telemetry.trace.collect": "^1.1",
                "agent.memory.recall": ">=0.8 <1",
                "agent.scheduler.plan": "^0.2",
            },
        ),
        _simple(
            "liminal-hub",
            "2026-11-11T09:20:00Z",
            "liminal.hub.route",
            "0.7.0",
            "Routes messages between people, agents and inboxes.",
            owner=owner["liminal"],
            lifecycle_stage="build",
            stability="alpha",
            security_tier="medium",
            needs={
                "mcp.orchestration.serve": ">=1.0 <2",
                "privacy.policy.check": "^1.1",
                "telemetry.trace.collect": "^1",
            },
        ),
        replace(
            _simple(
                "liminal-inbox",
                "2026-11-02T17:44:00Z",
                "liminal.inbox.triage",
                "0.4.2",
                "Sorts an inbox into answer, delegate, wait and drop.",
                owner=owner["liminal"],
                lifecycle_stage="build",
                stability="alpha",
                security_tier="low",
                needs={"privacy.policy.check": "^1", "agent.memory.recall": ">=0.8"},
            ),
            error="no answer within 60 s",
            last_ok_at=KEPT_AT,
        ),
        _simple(
            "voice-interface",
            "2026-11-06T10:00:00Z",
            "voice.interface.prompt",
            "0.6.0",
            "Turns speech into a confirmed command.",
            owner=owner["liminal"],
            lifecycle_stage="validate",
            stability="beta",
            security_tier="medium",
            needs={"mcp.orchestration.serve": ">=1.4 <2", "privacy.policy.check": "^1"},
        ),
        _simple(
            "voice-notes",
            "2026-11-07T10:00:00Z",
            "voice.notes.take",
            "0.2.0",
            "Writes what was said.",
            owner=owner["liminal"],
            lifecycle_stage="draft",
            stability="draft",
            security_tier="low",
            needs={"voice.lab.transcribe": "^1", "agent.memory.recall": "not a range"},
        ),
        _simple(
            "telemetry",
            "2026-08-14T07:30:00Z",
            "telemetry.trace.collect",
            "1.5.0",
            "Collects spans from providers. Replaced by v2.",
            owner=owner["platform"],
            lifecycle_stage="deprecated",
            stability="stable",
            security_tier="medium",
            deprecated_at="2026-08-01T00:00:00Z",
            sunset_at="2027-01-31T00:00:00Z",
            replacement="telemetry.trace.collect.v2",
            outputs=ports("spans:otlp"),
        ),
        _simple(
            "telemetry-v2",
            "2026-11-16T14:25:00Z",
            "telemetry.trace.collect.v2",
            "2.0.1",
            "Collects spans and metrics in one stream.",
            owner=owner["platform"],
            lifecycle_stage="operate",
            stability="stable",
            security_tier="medium",
            needs={"privacy.policy.check": "^1"},
            outputs=ports("spans:otlp", "metrics:otlp"),
        ),
        replace(
            _simple(
                "hud",
                "2026-11-18T18:12:00Z",
                "hud.overlay.render",
                "0.3.0",
                "Draws agent status over a scene.",
                lifecycle_stage="draft",
                stability="draft",
                security_tier="low",
                needs={"mcp.orchestration.serve": "^1"},
            ),
            head_commit=commit("broken head"),
            head_at="2026-11-20T18:12:00Z",
            findings=(broken.of("hud"),),
        ),
        _simple(
            "agent-memory",
            "2026-11-17T13:05:00Z",
            "agent.memory.recall",
            "0.9.1",
            "Finds earlier facts by meaning, with their source.",
            owner=owner["agents"],
            lifecycle_stage="validate",
            stability="beta",
            security_tier="high",
            outputs=ports("facts:json-schema: facts"),
        ),
        _simple(
            "mcp-registry",
            "2026-11-14T11:31:00Z",
            "mcp.registry.manage",
            "1.4.2",
            "Lists, pins and retires MCP servers.",
            owner="team-orchestration",
            lifecycle_stage="operate",
            stability="stable",
            security_tier="medium",
        ),
        _simple(
            "platform",
            "2026-11-21T06:50:00Z",
            "platform.overview.generate",
            "3.2.0",
            "Writes a one-page overview of a repository.",
            owner=owner["platform"],
            lifecycle_stage="operate",
            stability="stable",
            security_tier="low",
            needs={"mcp.orchestration.serve": ">=1", "mcp.registry.manage": "^1"},
        ),
        _simple(
            "privacy",
            "2026-11-12T12:00:00Z",
            "privacy.policy.check",
            "1.3.0",
            "Judges a data flow against a written policy.",
            owner="team-privacy",
            lifecycle_stage="operate",
            stability="stable",
            security_tier="high",
            contact="https://git.example.org/privacy",
        ),
        _simple(
            "signal-push",
            "2026-11-18T09:10:00Z",
            "signal.push.subscribe",
            "1.0.0",
            "Sends change signals to those who asked for them.",
            owner="team-signal",
            lifecycle_stage="release",
            stability="beta",
            security_tier="medium",
            dialect="cookbook",
            needs={"mcp.registry.manage": "^1.4"},
            name="signal_push",
        ),
        Harvest(source="voice-lab", error="the host refused the credentials in VOICE_LAB_TOKEN"),
    ]
    return {item.source: replace(item, line=_line(item)) for item in found}


EARLIER = {
    "liminal-hub": (("2026-02-01T09:00:00Z", ">=1.0 <1.7"), ("2026-06-20T09:00:00Z", ">=1.0 <2")),
    "voice-interface": (("2026-04-02T09:00:00Z", ">=1.4 <2"),),
    "hud": (("2026-05-05T09:00:00Z", "^1"),),
    "platform": (("2025-12-01T09:00:00Z", "^1"), ("2026-11-20T06:50:00Z", ">=1")),
}
"""What main lines required of mcp.orchestration.serve from when on."""


def _line(item: Harvest) -> tuple[LineState, ...]:
    return tuple(
        LineState(
            commit=commit(at),
            at=at,
            path=item.head.manifests[0].path,
            blob=commit("blob" + at),
            declares=(
                Declared(
                    id=item.head.manifests[0].id,
                    dependencies=(Dependency(id="mcp.orchestration.serve", version=text),),
                ),
            ),
        )
        for at, text in EARLIER.get(item.source, ())
        if item.head
    )


CONSTELLATIONS = {
    "mcp": "platform",
    "telemetry": "platform",
    "platform": "platform",
    "agent": "agents",
    "agents": "agents",
    "liminal": "liminal",
    "voice": "liminal",
    "hud": "liminal",
    "privacy": "governance",
    "signal": "governance",
}


def specs() -> tuple[SourceSpec, ...]:
    return tuple(
        SourceSpec(
            name=name,
            url=f"https://git.example.org/{name}.git",
            versions="head" if name == "mcp-registry" else "tags",
            constellation=CONSTELLATIONS[name.split("-")[0]],
            owner="team-hud" if name == "hud" else "",
        )
        for name in sorted(harvests())
    )


DIGEST = f"sha256:{'1f3a' * 16}"
PEOPLE = {
    "team-agents": ("Ilse Brandt", "Ravi Menon"),
    "team-liminal": ("Jonas Falk", "Mei Tan"),
    "team-orchestration": ("Noor Haddad", "Tomás Rivera"),
    "team-platform": ("Sana Okafor",),
}


ANSWERS = {
    "team-agents": ("agent.*",),
    "team-liminal": ("liminal.*", "voice.*"),
    "team-orchestration": ("mcp.*",),
    "team-platform": ("platform.*", "telemetry.*"),
}


def key(person: str) -> str:
    """The public key of a person of the sample."""
    return f"ssh-ed25519 {person.encode().hex()}"


def stewards() -> Stewards:
    return Stewards(
        mode="council",
        teams=tuple(Team(name=team, members=people, capabilities=ANSWERS[team]) for team, people in PEOPLE.items()),
        people=tuple(
            Person(name=name, handle=f"person-{n}", keys=(key(name),))
            for n, name in enumerate(name for people in PEOPLE.values() for name in people)
        ),
        file="decisions/stewards.yaml",
    )


def folded() -> tuple[ChangeSignal, ...]:
    """The signals, judged: each signature is what it claims to be."""
    signed = {e.file: Proof(key=key(e.by)) for item in signals() for e in item.events if e.signature}
    return fold_all(signals(), decisions(), stewards(), signed)


def signals() -> tuple[ChangeSignal, ...]:
    def event(kind: str, at: str, by: str, number: int, **more: str) -> Event:
        return Event(
            kind=kind,
            at=at,
            by=by,
            file=f"decisions/signals/SIG.mcp.orchestration.review/000{number}-{kind}.yaml",
            commit=commit(f"event {number}"),
            **more,
        )

    return (
        ChangeSignal(
            id="SIG.mcp.orchestration.review",
            file="decisions/signals/SIG.mcp.orchestration.review.yaml",
            type="breaking-change",
            capability_id="mcp.orchestration.serve",
            current_version="1.9.4",
            proposed_version="2.0.0",
            priority="high",
            impact="Removes the output `session_token`. Consumers read **session_ref** instead.\n\n"
            "- a reference, never the secret\n- see [the record](../log/2026/11/DEC-2026-11-18-001.yaml)",
            title="Remove session_token in mcp.orchestration 2.0",
            stewards=("team-agents", "team-liminal", "team-orchestration"),
            sla=Sla(acknowledge_by="2026-11-20", review_by="2026-11-25", decision_by="2026-11-27"),
            deprecation_window="90d",
            waiver_allowed=True,
            waiver_max="30d",
            links=("decisions/log/2026/11/DEC-2026-11-18-001.yaml", "https://example.org/why"),
            created_at="2026-11-17T09:14:00Z",
            author="Noor Haddad",
            commit=commit("signal"),
            digest=DIGEST,
            derived=("id", "created_at", "author"),
            events=(
                event("move", "2026-11-18T11:00:00Z", "Ilse Brandt", 2, to="review"),
                event("move", "2026-11-18T12:00:00Z", "Ilse Brandt", 3, to="rollout"),
                event(
                    "vote",
                    "2026-11-19T16:10:00Z",
                    "Ravi Menon",
                    4,
                    team="team-agents",
                    vote="approve",
                    digest=f"sha256:{'7' * 64}",
                    signature="signed",
                ),
                event(
                    "vote",
                    "2026-11-20T13:22:00Z",
                    "Tomás Rivera",
                    6,
                    team="team-orchestration",
                    vote="approve",
                    reason="1.9 stays for ninety days.",
                    digest=DIGEST,
                    signature="signed",
                ),
                event("vote", "2026-11-21T08:00:00Z", "Mei Tan", 8, team="team-liminal", vote="approve", digest=DIGEST),
                event(
                    "comment",
                    "2026-11-21T08:05:00Z",
                    "Mei Tan",
                    7,
                    reason="Fine for us once the hub reads the reference.",
                ),
            ),
        ),
        ChangeSignal(
            id="signal-2026-004",
            file="decisions/signals/signal-2026-004.yaml",
            type="promotion",
            capability_id="liminal.hub.route",
            proposed_version="0.8.0",
            priority="low",
            impact="raises it to beta",
            sla=Sla(decision_by="2026-12-01"),
            created_at="2026-11-20T08:00:00Z",
            author="Jonas Falk",
            derived=("id",),
        ),
        ChangeSignal(
            id="signal-2026-001",
            file="decisions/signals/signal-2026-001.yaml",
            type="deprecation",
            capability_id="telemetry.trace.collect",
            priority="medium",
            impact="replaced by v2",
            filed_state="complete",
            stewards=("team-platform",),
            created_at="2026-07-20T08:00:00Z",
            author="Ravi Menon",
        ),
    )


def decisions() -> tuple[Decision, ...]:
    return (
        Decision(
            id="DEC-2026-11-18-001",
            file="decisions/log/2026/11/DEC-2026-11-18-001.yaml",
            title="Sessions are references",
            date="2026-11-18",
            status="accepted",
            context="A session token was copied into **logs** twice.\n\n1. first time in March\n2. again in June\n\n"
            "See [ADR 12](../../../adr/0012-sessions-by-reference.md).",
            decision="Outputs carry `session_ref`, never the token.",
            consequences="Three dependents have to change:\n\n"
            "| who | when |\n|---|---|\n| agents | November |\n| voice | December |",
            deciders=("Ilse Brandt", "Noor Haddad"),
            related=("SIG.mcp.orchestration.review", "WVR-2026-014"),
            commit=commit("decision"),
            author="Noor Haddad",
        ),
        Decision(
            id="DEC-2026-10-02-001",
            file="decisions/log/2026/10/DEC-2026-10-02-001.yaml",
            title="Sessions stay tokens",
            date="2026-10-02",
            status="accepted",
            decision="Nothing changes.",
            related=("mcp.orchestration.serve",),
            author="Noor Haddad",
        ),
        Decision(
            id="DEC-2026-11-19-001",
            file="decisions/log/2026/11/DEC-2026-11-19-001.yaml",
            title="Sessions do not stay tokens",
            date="2026-11-19",
            status="accepted",
            decision="What was decided in October is taken back.",
            corrects="DEC-2026-10-02-001",
            drafted_by="agent",
            drafter="drafting-bot",
            derived=("author",),
            author="Noor Haddad",
        ),
    )


def waivers() -> tuple[Waiver, ...]:
    return (
        Waiver(
            id="WVR-2026-014",
            file="decisions/waivers/WVR-2026-014.yaml",
            capability_id="mcp.orchestration.serve",
            consumer="voice.interface.prompt",
            rule="outside-range",
            range=">=2",
            reason="speech sessions move with the hub",
            owner="team-liminal",
            granted_at="2026-11-06T00:00:00Z",
            expires_at="2026-12-04",
            signal="SIG.mcp.orchestration.review",
            commit=commit("waiver"),
            author="Noor Haddad",
        ),
        Waiver(
            id="WVR-2026-009",
            file="decisions/waivers/WVR-2026-009.yaml",
            capability_id="telemetry.trace.collect",
            consumer="agent.runtime.execute",
            reason="the new collector was not ready",
            owner="team-agents",
            granted_at="2026-08-06T00:00:00Z",
            expires_at="2026-09-05",
            author="Ravi Menon",
        ),
        Waiver(
            id="WVR-2026-003",
            file="decisions/waivers/WVR-2026-003.yaml",
            capability_id="telemetry.trace.collect",
            consumer="agent.runtime.execute",
            reason="still not ready",
            owner="team-agents",
            granted_at="2026-09-06T00:00:00Z",
            expires_at="2026-10-05",
            renews="WVR-2026-009",
            author="Ravi Menon",
        ),
    )


def gathered(silent: tuple[str, ...] = ()) -> Gathered:
    """What the sample is assembled from; the sources in `silent` did not answer either."""
    found = harvests()
    found |= {name: replace(found[name], last_ok_at=KEPT_AT, error="no answer") for name in silent}
    outcomes = dict.fromkeys(found, Outcome.READ) | dict.fromkeys(("liminal-inbox", *silent), Outcome.KEPT)
    outcomes["voice-lab"] = Outcome.UNREAD
    return Gathered(
        registry=replace(REGISTRY, sources=specs()),
        harvests=found,
        outcomes=outcomes,
        held_before={},
        signals=folded(),
        stewards=stewards(),
        decisions=decisions(),
        waivers=waivers(),
        gone_before=(
            Gone(
                manifest=manifest(
                    "agent.scheduler.plan", "0.2.0", "Decides what an agent does next.", owner="team-agents"
                ),
                source="agents",
                why="removed",
                since="2026-07-02T10:00:00Z",
                version="0.2.0",
            ),
        ),
    )


def sample(*, has_docs: bool = False, silent: tuple[str, ...] = ()) -> Catalog:
    return assemble(replace(gathered(silent), has_docs=has_docs), as_of=INSTANT)


def empty(*, sources: int = 0) -> Catalog:
    """A catalog in which nothing was found yet."""
    chosen = tuple(
        SourceSpec(name=f"source-{n}", url=f"https://git.example.org/source-{n}.git") for n in range(sources)
    )
    return assemble(
        Gathered(
            registry=replace(REGISTRY, notice="", sources=chosen),
            harvests={spec.name: harvest(spec.name, AS_OF) for spec in chosen},
            outcomes={spec.name: Outcome.READ for spec in chosen},
            held_before={},
        ),
        as_of=INSTANT,
    )


def wide(count: int) -> Catalog:
    """`count` capabilities in chains of ten, each needing the one before it."""
    words = ("invoice", "refund", "ledger", "audit", "export", "notify", "schedule", "archive", "search", "translate")
    verbs = ("create", "read", "check", "close", "merge", "split", "watch", "send")
    found: dict[str, Harvest] = {}
    for n in range(count):
        name = f"{words[n % 10]}.{verbs[n // 10 % 8]}.part-{n:05d}"
        before = f"{words[(n - 1) % 10]}.{verbs[(n - 1) // 10 % 8]}.part-{n - 1:05d}" if n % 10 else ""
        found[f"source-{n:05d}"] = _simple(
            f"source-{n:05d}",
            AS_OF,
            name,
            "1.2.0",
            f"Does {verbs[n % 8]} for {words[n % 10]} number {n}.",
            owner=f"team-{n % 7}",
            lifecycle_stage="operate",
            stability="stable",
            security_tier="low",
            needs={before: "^1" if n % 3 else "^2"} if before else {},
            outputs=ports(f"output_{n % 50}:json"),
        )
    chosen = tuple(SourceSpec(name=name, url=f"https://git.example.org/{name}.git") for name in sorted(found))
    return assemble(
        Gathered(
            registry=replace(REGISTRY, notice="", sources=chosen),
            harvests=found,
            outcomes=dict.fromkeys(found, Outcome.READ),
            held_before={},
        ),
        as_of=INSTANT,
    )


def run_of(catalog: Catalog, *, as_of: str = AS_OF) -> Run:
    """The run record that belongs to `catalog`."""
    return Run(
        as_of=as_of,
        trace=TRACE,
        tool="0.1.0",
        published=True,
        seconds=2,
        sources=tuple(
            SourceRun(
                name=view.spec.name,
                outcome=view.outcome,
                last_ok_at=view.harvest.last_ok_at or ("" if view.outcome is Outcome.UNREAD else as_of),
                error=view.harvest.error,
                ttl=3600,
                alert=5400,
            )
            for view in catalog.sources
        ),
        capabilities=len(catalog.entries),
        errors=0,
        warnings=0,
        notices=0,
        ttl=3600,
        alert=5400,
    )


PAYLOAD = (
    "<script>window.hit=1</script>\"><img src=x onerror=window.hit=1>' onmouseover='window.hit=1 </title></textarea>"
    "{{7*7}}${7*7}<%=7*7%> javascript:window.hit=1 \x1b[31m\x00\x9b\u202egnp.exe\u2066\u200b\u2028"
    "<svg/onload=window.hit=1>[x](javascript:window.hit=1)![y](https://evil.example/p.png)<!--"
)
"""What an attacker would write: markup, templates, escapes, controls that act."""
LONG = "x" * 10_000


def hostile() -> Catalog:
    """The sample with PAYLOAD, or a word of 10,000 letters, in every field that a source writes."""
    base = gathered()
    rows = {name: _hostile_harvest(item, n) for n, (name, item) in enumerate(sorted(base.harvests.items()))}
    bad = Finding(
        rule="indent-tab",
        severity=Severity.ERROR,
        message=PAYLOAD,
        hint=PAYLOAD,
        source="hud",
        place=Place(
            file=f"{PAYLOAD}.yaml",
            line=2,
            column=9,
            excerpt=(PAYLOAD, PAYLOAD.replace("<", "\t<"), LONG),
            excerpt_from=1,
        ),
        related=(Place(file=LONG),),
    )
    rows["hud"] = replace(rows["hud"], findings=(bad,))
    filed = tuple(
        replace(
            item,
            title="" if n else PAYLOAD,
            impact=PAYLOAD + "\n\n" + LONG,
            author=PAYLOAD,
            type=PAYLOAD,
            priority=PAYLOAD,
            stewards=(*item.stewards, PAYLOAD),
            links=(PAYLOAD, "javascript:window.hit=1", "//evil.example", "https://evil.example"),
            deprecation_window=PAYLOAD,
            waiver_max=PAYLOAD,
            supersedes=PAYLOAD,
            drafted_by="agent",
            drafter=PAYLOAD,
            asked=(*item.asked, PAYLOAD),
            events=tuple(
                replace(e, by=PAYLOAD, reason=PAYLOAD, team=PAYLOAD, vote=PAYLOAD, why=PAYLOAD) for e in item.events
            ),
            ballots=(Ballot(team=PAYLOAD, is_asked=True, person=PAYLOAD, vote=PAYLOAD, why=PAYLOAD, at=PAYLOAD),),
            agreement=Agreement(vetoes=(PAYLOAD,), missing=(PAYLOAD, LONG)),
        )
        for n, item in enumerate(base.signals)
    )
    noted = tuple(
        replace(
            item,
            title=PAYLOAD,
            context=PAYLOAD,
            decision=PAYLOAD,
            consequences=LONG,
            status=PAYLOAD,
            deciders=(PAYLOAD,),
            related=(PAYLOAD,),
        )
        for item in base.decisions
    )
    granted = tuple(replace(item, reason=PAYLOAD, owner=PAYLOAD, author=PAYLOAD) for item in base.waivers)
    catalog = assemble(replace(base, harvests=rows, signals=filed, decisions=noted, waivers=granted), as_of=INSTANT)
    return replace(catalog, registry=replace(catalog.registry, notice=PAYLOAD, title=f"Chora {PAYLOAD}"))


def _hostile_harvest(item: Harvest, number: int) -> Harvest:
    if item.head is None:
        return replace(item, error=PAYLOAD)
    manifests = tuple(_hostile_manifest(m, number) for m in item.head.manifests)
    releases = tuple(
        replace(r, tag=PAYLOAD, manifests=tuple(_hostile_manifest(m, number) for m in r.manifests))
        for r in item.releases
    )
    error = PAYLOAD if item.error else ""
    return replace(item, head=replace(item.head, manifests=manifests), releases=releases, error=error)


def _hostile_manifest(item: Manifest, number: int) -> Manifest:
    text = LONG if number % 2 else PAYLOAD
    return replace(
        item,
        name=PAYLOAD,
        summary=text,
        owner=f"{PAYLOAD} {number % 3}",
        contact="javascript:window.hit=1",
        path=PAYLOAD,
        lifecycle_stage=text,
        stability=PAYLOAD,
        security_tier=PAYLOAD,
        dialect="star" if number % 3 else PAYLOAD,
        inputs=(*item.inputs, Port(name=PAYLOAD, type=text, description=text)),
        outputs=(*item.outputs, Port(name=text, type=PAYLOAD)),
        dependencies=(*item.dependencies, Dependency(id="a.b", version=text[:200], name=PAYLOAD)),
        behaviors=(*item.behaviors, Behavior(id=PAYLOAD, ref=PAYLOAD, status=PAYLOAD)),
        observed_behaviors=(*item.observed_behaviors, Behavior(id=text, ref=PAYLOAD, scenarios=1)),
        value_scenarios=(ValueScenario(id=PAYLOAD, title=text, guide=PAYLOAD, tests=(PAYLOAD, text), status=PAYLOAD),),
        adr_links=(PAYLOAD, "javascript:window.hit=1", "data:text/html,x", "../../../etc/passwd", text),
        telemetry_signals=(PAYLOAD,),
        tags=(PAYLOAD, text),
        claim=Claim(result=PAYLOAD, last_run=PAYLOAD, tool=PAYLOAD),
        ttl=PAYLOAD,
        updated_at=PAYLOAD,
        replacement=PAYLOAD,
    )
