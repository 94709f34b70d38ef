"""How templates become Python: Jinja2's compiler, less what it does for templates of any kind and ours never need.

Ours print nouns, ask no function for its context, and never run in a sandbox or a loop of events. A page prints some
three hundred values, so what each costs is most of what a page costs. Nothing gets through unescaped by this: what is
printed is escaped by `finalize` alone, and where that were not called, Jinja2 would escape it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from jinja2 import Environment, nodes
from jinja2.compiler import CodeGenerator, Frame

_INCLUDE = re.compile(r'\{% include "([a-z_]+\.html\.j2)" %\}\n?')


class PlainCode(CodeGenerator):
    """Writes `{{ value }}` as one call of `finalize`, `a.b` as Python's own, and a call as a call.

    A name or attribute that is not there is an error, as it is in Jinja2 with StrictUndefined.
    """

    def write_commons(self) -> None:
        """Have `finalize` at hand in every function."""
        super().write_commons()
        self.writeline("shown = environment.finalize")

    # The two methods that Jinja2's own native environment replaces; in place of `escape(environment.finalize(value))`.
    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        self.write("shown(")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        self.write(")")

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802 - Jinja2's name
        """Write `a.b`: an attribute and never an item."""
        self.write("(")
        self.visit(node.node, frame)
        self.write(f").{node.attr}")

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802
        """Write `a(b, c=d)`, without asking whether `a` wants the context."""
        if node.dyn_args or node.dyn_kwargs or forward_caller:
            self.fail("a call here has words alone", node.lineno)
        self.write("(")
        self.visit(node.node, frame)
        self.write(")(")
        for argument in (*node.args, *node.kwargs):
            self.visit(argument, frame)
            self.write(", ")
        self.write(")")


class PlainEnvironment(Environment):
    """An environment whose templates are compiled so. It must have a `finalize` that escapes."""

    code_generator_class = PlainCode


def inlined(templates: Mapping[str, str]) -> dict[str, str]:
    """Return `templates` with the parts they include in their place, so that a page is one function and not six.

    A part sees what stands around it, as before; what it sets is seen after it, which no template may rest on. Raises
    KeyError for a part that is not there.
    """

    def part(name: str) -> str:
        # Jinja2 takes the last line feed of a template away, and the one after the tag.
        return _INCLUDE.sub(lambda found: part(found[1]), templates[name].removesuffix("\n"))

    return {name: part(name) + "\n" for name in templates}
