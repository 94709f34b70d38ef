"""`chora trust`: init, show, rotate."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from chora_catalog.app.trusting import Profile, Shown

_PROFILE = click.Choice(["key", "keyless"])


def _identity(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say whose identity signs."""
    for option in (
        click.option("--identity", default="", metavar="URI", help="keyless: who signs, as a certificate names it."),
        click.option("--issuer", default="", metavar="URL", help="keyless: who vouches for that identity."),
        click.option(
            "--trust-config",
            default=None,
            metavar="FILE",
            type=click.Path(path_type=Path),
            help="keyless: another Sigstore than the public one.",
        ),
        click.option(
            "--require",
            multiple=True,
            metavar="NAME=VALUE",
            help="keyless: what the certificate must say. Once for each. [what the identity says by itself]",
        ),
    ):
        command = option(command)
    return command


@click.group("trust")
def command() -> None:
    """Make and change what a catalog is trusted by: its root, which says who may sign."""


@command.command("init")
@click.option("--profile", required=True, type=_PROFILE, help="A key of ours, or an identity of an OIDC issuer.")
@click.option("--output", required=True, metavar="DIR", type=click.Path(path_type=Path), help="The trust folder.")
@_identity
@click.option("--as-of", default=None, metavar="TIME", help="Valid for a year from this instant on. [now]")
def init(profile: str, output: Path, as_of: str | None, **identity: Any) -> None:
    """Make a trust folder: root.json, which everybody gets, and keys/, which nobody does.

    0: made. 2: there is one already, or something is missing.
    """
    from chora_catalog.app import trusting
    from chora_catalog.app.moment import moment

    shown = trusting.init(output, _profile(profile, **identity), as_of=moment(as_of))
    _say(shown)
    click.echo(f"Commit {shown.place}. Keep {output}/keys/root.pem off every machine that builds.")


@command.command("show")
@click.argument("place", metavar="DIR|FILE", type=click.Path(path_type=Path))
def show(place: Path) -> None:
    """Say what a trust folder, or a root.json by itself, holds. 0: shown. 2: it is none."""
    from chora_catalog.app import trusting

    _say(trusting.show(place))


@command.command("rotate")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--online-key", is_flag=True, help="With a new key that signs catalogs.")
@click.option("--root-key", is_flag=True, help="With a new key that signs roots.")
@click.option("--profile", default=None, type=_PROFILE, help="With another profile, or another identity.")
@_identity
@click.option("--as-of", default=None, metavar="TIME", help="Valid for a year from this instant on. [now]")
def rotate(
    folder: Path, online_key: bool, root_key: bool, profile: str | None, as_of: str | None, **identity: Any
) -> None:
    """Write the next root, signed by the keys of the present one; without options valid for another year.

    Readers who trust the present root accept the next. 0: written. 2: a key that has to sign is not there.
    """
    from chora_catalog.app import trusting
    from chora_catalog.app.moment import moment

    to = _profile(profile, **identity) if profile else None
    if to is None and any(identity.values()):
        raise click.UsageError("an identity is part of the profile keyless: add --profile keyless")
    _say(trusting.rotate(folder, as_of=moment(as_of), new_root_key=root_key, new_online_key=online_key, to=to))
    click.echo(f"Commit {folder}/root.json and {folder}/roots. The next `chora sign` publishes it.")


def _profile(name: str, *, identity: str, issuer: str, trust_config: Path | None, require: tuple[str, ...]) -> Profile:
    from chora_catalog.app.trusting import Profile

    pairs = [text.partition("=") for text in require]
    if any(not found or not value for _, found, value in pairs):
        raise click.UsageError("--require is NAME=VALUE")
    policy = {key: value for key, _, value in pairs}
    return Profile(name=name, identity=identity, issuer=issuer, trust_config=trust_config, policy=policy)


def _say(shown: Shown) -> None:
    from chora_catalog.render.text import visible

    click.echo(f"{shown.place}: root {shown.version}, profile {shown.profile}, valid until {shown.expires_at}")
    for signer in shown.signers:
        click.echo(f"signs: {visible(signer)}")
    click.echo(f"sha256: {shown.sha256}")
