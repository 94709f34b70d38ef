"""A trust folder: the roots, which are public, and the private keys, which never leave it.

    root.json               the newest root; to be committed, and carried to every reader
    roots/<n>.root.json     the roots before it
    sigstore.json           profile keyless: the services to sign with
    keys/root*.pem          the keys that sign roots; keep them off every machine that builds
    keys/online*.pem        profile key: the keys that sign catalogs

Files are only ever added, but for root.json, which its successor replaces.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from chora_catalog.errors import ChoraError

ROOT: Final = "root.json"
SIGSTORE: Final = "sigstore.json"
_LIMIT: Final = 2**20


def root_path(number: int) -> str:
    """Return where the root `number` stands once it has a successor."""
    return f"roots/{number}.root.json"


def key_path(kind: str, number: int) -> str:
    """Return where the private key stands that came with the root `number`; `kind` is root or online."""
    return f"keys/{kind}.pem" if number == 1 else f"keys/{kind}.{number}.pem"


def read(folder: Path, name: str) -> bytes | None:
    """Return the bytes of a file in the folder, None where there is none; raise ChoraError where it cannot be read."""
    path = folder / name
    try:
        with path.open("rb") as file:
            data = file.read(_LIMIT + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ChoraError(
            f"{path} cannot be read: {error.strerror}", hint="Correct the rights there, or name another trust folder."
        ) from error
    if len(data) > _LIMIT:
        raise ChoraError(f"{path} is larger than any such file", hint="Name another trust folder.")
    return data


def private_keys(folder: Path, kind: str) -> dict[str, bytes]:
    """Return the private keys of a kind, by path; empty where there are none."""
    names = sorted(path.name for path in (folder / "keys").glob(f"{kind}*.pem"))
    found = {f"keys/{name}": read(folder, f"keys/{name}") for name in names}
    return {str(folder / name): data for name, data in found.items() if data is not None}


def write_new(folder: Path, name: str, data: bytes, *, private: bool = False) -> None:
    """Write a file that is not there yet, on the disk before this returns; raise ChoraError where it is there."""
    path = folder / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700 if private else 0o777)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600 if private else 0o644)
        with open(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError as error:
        raise ChoraError(
            f"{path} is there already and is never written over", hint="Name another folder, or move it away."
        ) from error
    except OSError as error:
        raise _cannot_write(path, error) from error


def replace_root(folder: Path, data: bytes) -> None:
    """Let `data` take the place of root.json in one step; raise ChoraError where it cannot be written."""
    path = folder / ROOT
    fresh = path.with_name(f".{ROOT}.new")
    try:
        with fresh.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise _cannot_write(path, error) from error


def _cannot_write(path: Path, error: OSError) -> ChoraError:
    return ChoraError(f"{path} cannot be written: {error.strerror}", hint="Name another folder, or correct the rights.")
