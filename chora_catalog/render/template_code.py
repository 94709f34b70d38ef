"""How templates become Python: Jinja2's compiler, less what it does for templates of any kind and ours never need.

Ours print nouns, ask no function for its context, and never run in a sandbox or a loop of events. A page prints some
three hundred values, so what each costs is most of what a page costs. Nothing gets through unescaped by this: what is
printed is escaped by `finalize` alone, and where that were not called, Jinja2 would escape it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from jinja2 import Environment, nodes
from jinja2.compiler import CodeGenerator, Frame, MacroRef
from jinja2.utils import missing
from markupsafe import Markup

_INCLUDE = re.compile(r'\{% include "([a-z_]+\.html\.j2)" %\}\n?')


class PlainCode(CodeGenerator):
    """Writes `{{ value }}` as one call of `finalize`, `a.b` as Python's own, and a call or macro as a function's.

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

    def macro_def(self, macro_ref: MacroRef, frame: Frame) -> None:
        """Make a macro of the function `macro`, which was just written."""
        if macro_ref.accesses_caller or macro_ref.accesses_kwargs or macro_ref.accesses_varargs:
            self.fail("a macro here has named parameters alone", macro_ref.node.lineno)
        names = "".join(f"{argument.name!r}, " for argument in macro_ref.node.args)
        self.write(f"environment.macro(macro, ({names}))")


class PlainEnvironment(Environment):
    """An environment whose templates are compiled so. It must have a `finalize` that escapes."""

    code_generator_class = PlainCode

    @staticmethod
    def macro(function: Callable[..., str], names: tuple[str, ...]) -> Callable[..., Markup]:
        """Return `function`, whose parameters are called `names`, as templates call it: what is left out is missing.

        Whoever calls it with other names, or too many words, gets a TypeError.
        """

        def call(*words: object, **named: object) -> Markup:
            if named or len(words) != len(names):
                words += tuple(named.pop(name, missing) for name in names[len(words) :])
                if named:
                    raise TypeError(f"no parameter {sorted(named)[0]!r}, or it is given twice")
            # Made of what was escaped when it was printed; and not by calling Markup, which would ask what it is.
            return str.__new__(Markup, function(*words))

        return call


def inlined(templates: Mapping[str, str]) -> dict[str, str]:
    """Return `templates` with the parts they include in their place, so that a page is one function and not six.

    A part sees what stands around it, as before; what it sets is seen after it, which no template may rest on. Raises
    KeyError for a part that is not there.
    """

    def part(name: str) -> str:
        # Jinja2 takes the last line feed of a template away, and the one after the tag.
        return _INCLUDE.sub(lambda found: part(found[1]), templates[name].removesuffix("\n"))

    return {name: part(name) + "\n" for name in templates}
