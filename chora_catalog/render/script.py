"""Values as text of a classic script: pages opened from a disk may load scripts, and nothing else."""

from __future__ import annotations

import json


def script_json(value: object, *, indent: int | None = None) -> str:
    """Return `value` as JSON that is safe inside a script: no `<`, so that no text of a source reads as markup.

    U+2028 and U+2029 end lines in old readers of JavaScript, so they are escaped too.
    """
    separators = (",", ":") if indent is None else None
    text = json.dumps(value, ensure_ascii=False, indent=indent, separators=separators)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
