"""Headers of tar files: the one form that this tool writes, and the fields that any reader needs.

The format is ustar (POSIX.1-1988, IEEE Std 1003.1, "pax", section "ustar Interchange Format").
"""

from __future__ import annotations

from typing import Final

BLOCK: Final = 512
LONGEST_NAME: Final = 100
LONGEST_PREFIX: Final = 155
LARGEST: Final = 8**11 - 1
"""Bytes of the largest file whose size eleven octal digits can say."""
END: Final = bytes(2 * BLOCK)
"""What stands after the last file: two blocks of zeros, and nothing else."""
_MODE_AND_OWNERS: Final = b"0000644\0" + b"0000000\0" * 2
_NO_TIME: Final = b"00000000000\0"
_REGULAR: Final = b"0"
_MAGIC: Final = b"ustar\x0000"
_NO_DEVICES: Final = b"0000000\0" * 2


class HeaderError(ValueError):
    """A header that is none, or that cannot be written."""


def header(path: str, size: int) -> bytes:
    """Return the header of a regular file: mode 0644, nobody's, of no time, so that equal files give equal bytes.

    Raise HeaderError for a path that the two fields of a name cannot hold, or a size that is too large.
    """
    prefix, name = _split(path)
    if not 0 <= size <= LARGEST:
        raise HeaderError(f"{size} bytes are more than a tar file can say")
    before = name.ljust(LONGEST_NAME, b"\0") + _MODE_AND_OWNERS + b"%011o\0" % size + _NO_TIME
    after = _REGULAR + bytes(LONGEST_NAME) + _MAGIC + bytes(64) + _NO_DEVICES + prefix.ljust(LONGEST_PREFIX, b"\0")
    after += bytes(BLOCK - len(before) - 8 - len(after))
    return before + b"%06o\0 " % (sum(before) + 8 * 0x20 + sum(after)) + after


def padding(size: int) -> bytes:
    """Return the zeros after a file of `size` bytes: the next header begins at a whole block."""
    return bytes(-size % BLOCK)


def read_header(block: bytes) -> tuple[str, int]:
    """Return path and size of a header; raise HeaderError unless it is byte for byte what `header` writes."""
    try:
        name, prefix = (field.rstrip(b"\0").decode("ascii") for field in (block[:100], block[345:500]))
        path, size = f"{prefix}/{name}" if prefix else name, number(block[124:136])
        if header(path, size) == block:
            return path, size
    except (ValueError, IndexError) as error:
        raise HeaderError("it is no header of a regular file as this tool writes it") from error
    raise HeaderError("it is no header of a regular file as this tool writes it")


def checksum(block: bytes) -> int:
    """Return the checksum of a header: its bytes, those of the checksum itself as if they were blanks."""
    return sum(block[:148]) + 8 * 0x20 + sum(block[156:])


def number(field: bytes) -> int:
    """Return a number in octal digits, or in the bytes that GNU writes for a large one.

    Raise HeaderError for anything else.
    """
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b" \0")
    if digits and not digits.isdigit():
        raise HeaderError("a number in a header is none")
    return int(digits or b"0", 8)


def _split(path: str) -> tuple[bytes, bytes]:
    """Return prefix and name of a path. Where it is longer than a name may be, the prefix is as short as it can be."""
    try:
        whole = path.encode("ascii")
    except UnicodeEncodeError as error:
        raise HeaderError(f"{path!a} is not ASCII") from error
    if 0 < len(whole) <= LONGEST_NAME:
        return b"", whole
    at = whole.find(b"/", max(0, len(whole) - LONGEST_NAME - 1))
    if not 0 < at <= LONGEST_PREFIX or at == len(whole) - 1:
        raise HeaderError(f"{path} is longer than the name of a file in a tar file can be")
    return whole[:at], whole[at + 1 :]
