"""The documents that inputs and outputs name as their schema, read from the tree of the manifest and kept with it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from chora_catalog.model.finding import Finding, Place, Severity
from chora_catalog.model.manifest import Manifest, Port
from chora_catalog.parse.fields import original
from chora_catalog.parse.spans import read

MAX_CONTRACT: Final = 128 * 2**10
"""The longest document that is kept, as canonical JSON text in UTF-8."""
MAX_KEPT: Final = 512 * 2**10
"""The most that is kept with one manifest: a small one could name a large document four hundred times."""


@dataclass(slots=True, kw_only=True)
class ContractReader:
    """What reads the schemas of one source, each distinct content once, within the limits of its read set.

    `files_left` and `bytes_left` fall while it reads; `findings` fill with what could not be read of `paths`.
    """

    files_left: int
    bytes_left: int
    paths: Collection[str] = ()
    findings: list[Finding] = field(default_factory=list)
    _texts: dict[str, str] = field(default_factory=dict)

    def attach(
        self,
        manifests: Iterable[Manifest],
        content: Callable[[str], bytes | None],
        *,
        name: Callable[[str], str] = lambda path: path,
    ) -> tuple[Manifest, ...]:
        """Return the manifests, their inputs and outputs with the documents that they name.

        `content` gives the bytes of a path, None where there is no regular file of a size that is read; `name` is what
        two paths, or one path at two times, share when their bytes are the same.
        """
        return tuple(self._one(manifest, content, name) for manifest in manifests)

    def _one(self, manifest: Manifest, content: Callable[[str], bytes | None], name: Callable[[str], str]) -> Manifest:
        if not any(port.schema for port in (*manifest.inputs, *manifest.outputs)):
            return manifest

        left = MAX_KEPT
        sides: list[tuple[Port, ...]] = []
        for ports in (manifest.inputs, manifest.outputs):
            kept: list[Port] = []
            for port in ports:
                text = self._kept(port.schema, content, name) if port.schema else ""
                if len(text) > left:
                    text = self._unread(port.schema, f"{manifest.id} names more than {MAX_KEPT // 1024} KiB of schemas")
                left -= len(text)
                kept.append(replace(port, contract=text) if text else port)
            sides.append(tuple(kept))
        return replace(manifest, inputs=sides[0], outputs=sides[1])

    def _kept(self, path: str, content: Callable[[str], bytes | None], name: Callable[[str], str]) -> str:
        key = name(path)
        if key not in self._texts:
            self._texts[key] = self._text(path, content)
        return self._texts[key]

    def _text(self, path: str, content: Callable[[str], bytes | None]) -> str:
        data = content(path) if self.files_left > 0 else None
        if data is None and path not in self.paths:
            # That it is not there is said of every path that a manifest names, by a rule of its own.
            return ""
        if data is None or len(data) > self.bytes_left:
            return self._unread(path, "there is no regular file of at most 256 KiB, or there are too many")
        self.files_left -= 1
        self.bytes_left -= len(data)
        reading = read(data, file=path)
        if not reading.ok or not isinstance(reading.value, dict | bool):
            why = reading.findings[0].message if reading.findings else "it holds no schema"
            return self._unread(path, why)
        text = original(reading.value)
        if len(text.encode()) > MAX_CONTRACT:
            return self._unread(path, f"it has more than {MAX_CONTRACT // 1024} KiB")
        return text

    def _unread(self, path: str, why: str) -> str:
        finding = Finding(
            rule="file-not-read",
            severity=Severity.NOTICE,
            message=f"the schema {path} was not read: {why}",
            place=Place(file=path),
            hint="Until it is, what changes in it counts as undecided.",
        )
        if finding not in self.findings:
            self.findings.append(finding)
        return ""
