"""The grammar of a source's address: what may be handed to git at all."""

from __future__ import annotations

import ipaddress
import re

MAX_ADDRESS = 2048

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_WEB = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?(?P<path>/.*)",
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SPACE, _SPACE_BUT_BLANK = re.compile(r"\s"), re.compile(r"[^\S ]")
_ENCODED_CONTROL = re.compile(r"%(?:[01][0-9a-fA-F]|7[fF])")
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9a-fA-F]*")
# git reads host:path as ssh when no slash comes before the colon.
_SCP = re.compile(r"[^/]+:")
_SSH = "This is an ssh address (host:path), which is not read. Write the repository's https address."
_OPT_IN = "Only https is read; a build with --allow-local also reads paths, file: and http."


def address_problem(url: str, *, allow_local: bool) -> str | None:
    """Say in a sentence or two why `url` may not be fetched and what to write instead; None when it may.

    Admitted: `https://host[:port]/path`; with `allow_local` also paths, `file:`, `http:`, and hosts that are this
    machine or a private network. No address carries a user name, a query or a control character.
    Sources of the rule: CVE-2017-1000117, CVE-2020-5260, CVE-2020-11008, CVE-2022-24439, CVE-2022-39253.
    """
    problem = _text_problem(url)
    if problem:
        return problem
    scheme = _SCHEME.match(url)
    if scheme is None and not _SCP.match(url):
        return None if allow_local else f"A path is not read. {_OPT_IN}"
    if scheme is None:
        return _SSH
    name = scheme[1]
    if name == "https" or (name == "http" and allow_local):
        return _web_problem(url, allow_local=allow_local)
    if name == "file" and allow_local:
        return _file_problem(url)
    if name.lower() in ("http", "file", "https"):
        written = f"The scheme {name}: is not read. "
        return written + ("Write it in lower case." if name != name.lower() else _OPT_IN)
    if url[scheme.end() :].startswith("//"):
        return f"The scheme {name}: is not read. Write the repository's https address."
    return _SSH


def is_web(url: str) -> bool:
    """Say whether `url`, already admitted, goes over the network."""
    return url.startswith(("https://", "http://"))


def host_of(url: str) -> str:
    """Return the host of an admitted web address in lower case, without port and brackets; empty for any other."""
    match = _WEB.fullmatch(url)
    return match["host"].strip("[]").lower() if match else ""


def is_private(host: str) -> bool:
    """Say whether `host` (without brackets) names this machine or a private network, in any spelling curl reads."""
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return not ipaddress.ip_address(name).is_global
    except ValueError:
        # 127.1, 2130706433 and 0x7f000001 are addresses to the resolver though not to the eye.
        return _NUMBER.fullmatch(name.rpartition(".")[2]) is not None


def is_loopback(host: str) -> bool:
    """Say whether `host` (without brackets) is this machine, plainly written."""
    name = host.lower().rstrip(".")
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _text_problem(url: str) -> str | None:
    if not url:
        return "The address is empty. Write the repository's https address."
    if len(url) > MAX_ADDRESS:
        return f"The address has more than {MAX_ADDRESS} characters. Write the repository's https address."
    if url.startswith("-"):
        return "An address does not start with -, which git would take for an option. Write ./ before a path."
    if _CONTROL.search(url) or _ENCODED_CONTROL.search(url):
        return "The address holds a control character, plain or percent-encoded. Write it without."
    # A folder of this machine may have a blank in its name; git gets a path as one argument, after `--`.
    spaces = _SPACE if _SCHEME.match(url) else _SPACE_BUT_BLANK
    if spaces.search(url) or url != url.strip():
        return "The address holds a space. Write %20 in an https address."
    if "::" in re.sub(r"^https?://\[[0-9A-Fa-f:.]+\]", "", url):
        return "The address holds ::, which makes git start another program. Write the repository's https address."
    return None


def _web_problem(url: str, *, allow_local: bool) -> str | None:
    rest = url.partition("://")[2]
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" in authority:
        return "The address holds a user name or password. Remove it and name a variable with auth_env instead."
    match = _WEB.fullmatch(url)
    if match is None:
        missing = "names no host" if not authority or authority.startswith(":") else "is not of that form"
        return f"The address {missing}. Write https://host/path."
    if "?" in url or "#" in url:
        return "The address holds a query or a fragment. Write only https://host/path."
    if not url.isascii() or re.search(r'[\\"<>^`{|}]', url):
        return "The address holds a character that must be percent-encoded. Write it as a browser copies it."
    if match["port"] and not 0 < int(match["port"]) < 65536:
        return f"Port {match['port']} does not exist. Write https://host:port/path."
    return _host_problem(match["host"], allow_local=allow_local)


def _host_problem(host: str, *, allow_local: bool) -> str | None:
    bare = host.strip("[]")
    if host.startswith("["):
        try:
            ipaddress.IPv6Address(bare)
        except ValueError:
            return f"{host} is not an IPv6 address. Write https://host/path."
    elif bare.startswith((".", "-")) or ".." in bare:
        return f"{host} is not a host name. Write https://host/path."
    if not allow_local and is_private(bare):
        return f"{host} is this machine or a private network, which is read only with --allow-local."
    return None


def _file_problem(url: str) -> str | None:
    if not re.match(r"file:///[^/]", url):
        return "A file: address has three slashes and an absolute path. Write file:///path."
    return None
