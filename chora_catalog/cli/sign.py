"""`chora sign`."""

from __future__ import annotations

import os
from pathlib import Path

import click


@click.command("sign")
@click.argument("site", type=click.Path(path_type=Path))
@click.option(
    "--trust", "folder", required=True, metavar="DIR", type=click.Path(path_type=Path), help="The trust folder."
)
@click.option(
    "--identity-token",
    "token",
    default=None,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="An OIDC token to sign with, where the root names an identity. [the CI job's own]",
)
@click.option("--as-of", default=None, metavar="TIME", help="Sign as of this instant. [now]")
def command(site: Path, folder: Path, token: Path | None, as_of: str | None) -> None:
    """Sign the built site in the folder SITE, so that nobody can change, mix or hold it back unseen.

    The key is the text in CHORA_SIGNING_KEY, else keys/online.pem of the trust folder. What is signed there already is
    verified first. 0: signed. 1: the present signatures do not hold. 3: a signing service or the disk refuses.
    """
    from chora_catalog.app.moment import moment
    from chora_catalog.app.signing import sign
    from chora_catalog.render.text import visible

    trusted = sign(site, folder, as_of=moment(as_of), environ=os.environ, token=token)
    click.echo(
        f"Signed by {visible(trusted.signer)} at {trusted.checked_at}, sequence {trusted.sequence}, valid until "
        f"{trusted.expires_at}, sha256 of the root {trusted.root_sha256}"
    )
