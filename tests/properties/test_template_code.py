"""Templates are compiled in a way of our own: what they print is what Jinja2's own compiler prints, byte for byte."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import DictLoader, Environment, StrictUndefined, TemplateAssertionError, UndefinedError
from markupsafe import escape

from chora_catalog.app.pipeline import _templates
from chora_catalog.model.catalog import Catalog
from chora_catalog.render import site, templating, text
from chora_catalog.render.template_code import PlainEnvironment, inlined
from chora_catalog.render.templating import Compiled, shown
from tests import sample_catalog


class _Jinja(Environment):
    """Jinja2 as it comes, but for what our templates rest on: `a.b` is an attribute."""

    getattr = staticmethod(getattr)  # type: ignore[assignment]


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A process that has compiled nothing yet."""
    monkeypatch.setattr(Compiled, "_kept", {})
    return monkeypatch


def pages(catalog: Catalog) -> dict[str, bytes]:
    return {output.path: output.make() for output in site.pages(catalog, _templates())}


@pytest.mark.parametrize("catalog", [sample_catalog.sample(), sample_catalog.empty(sources=1)], ids=["sample", "empty"])
def test_every_page_is_what_jinjas_own_compiler_makes_of_it(catalog: Catalog, fresh: pytest.MonkeyPatch) -> None:
    ours = pages(catalog)
    fresh.setattr(Compiled, "_kept", {})
    fresh.setattr(templating, "PlainEnvironment", _Jinja)
    fresh.setattr(templating, "inlined", dict)
    assert pages(catalog) == ours


@given(st.text(st.characters(codec="utf-8") | st.sampled_from("<>&\"'\u202e\x1b ;=?")))
def test_what_is_printed_is_visible_and_escaped(words: str) -> None:
    assert shown(words) == escape(text.visible(words))


@pytest.mark.parametrize(
    "source", ["{{ nothing }}", "{{ nothing.at_all }}", "{{ nothing() }}", "{{ page.nothing }}", "{{ page.nothing() }}"]
)
def test_what_is_not_there_is_an_error(source: str) -> None:
    with pytest.raises((UndefinedError, AttributeError)):
        environment({"a": source}).get_template("a").render(page="words")


def test_an_attribute_is_never_an_item() -> None:
    with pytest.raises(AttributeError):
        environment({"a": "{{ page.key }}"}).get_template("a").render(page={"key": "value"})


@pytest.mark.parametrize("source", ["{{ page(*words) }}", "{{ page(**words) }}", "{% call page() %}x{% endcall %}"])
def test_a_call_of_another_kind_is_refused_when_it_is_compiled(source: str) -> None:
    with pytest.raises(TemplateAssertionError):
        environment({"a": source}).get_template("a")


def test_words_of_a_call_go_where_they_are_named() -> None:
    found = environment({"a": "{% for at in [1, 2] %}{{ page(at, b='<') }} {% endfor %}"}).get_template("a")
    assert found.render(page=lambda a, b="": f"{a}{b}") == "1&lt; 2&lt; "


MACRO = "{% macro said(a, b='-') %}{{ a }}{{ b }}{% endmacro %}"


def test_a_macro_takes_words_by_place_and_by_name_and_is_markup() -> None:
    source = MACRO + "{{ said('<') }} {{ said(b='>', a='&') }} {{ said('<', '<')|upper }}"
    found = environment({"a": source}).get_template("a").render()
    assert found == "&lt;- &amp;&gt; &LT;&LT;" == _Jinja(autoescape=True).from_string(source).render()


@pytest.mark.parametrize(
    "call", ["said()", "said(b='x')", "said('a', 'b', 'c')", "said('a', c='x')", "said('a', a='b')"]
)
def test_a_macro_that_is_called_wrongly_is_an_error(call: str) -> None:
    with pytest.raises((UndefinedError, TypeError)):
        environment({"a": MACRO + "{{ " + call + " }}"}).get_template("a").render()


@pytest.mark.parametrize("inside", ["varargs", "kwargs", "caller()"])
def test_a_macro_of_another_kind_is_refused_when_it_is_compiled(inside: str) -> None:
    with pytest.raises(TemplateAssertionError):
        environment({"a": "{% macro said() %}{{ " + inside + " }}{% endmacro %}"}).get_template("a")


def test_parts_stand_where_they_are_included() -> None:
    texts = {
        "_a.html.j2": "{# why #}\n<a>{{ x }}</a>\n",
        "_b.html.j2": '<b>\n{% include "_a.html.j2" %}\n</b>\n',
        "page.html.j2": '{% include "_b.html.j2" %}\n<i>{% include "_a.html.j2" %}</i>\n',
    }
    said = environment(inlined(texts)).get_template("page.html.j2").render(x="<")
    plain = _Jinja(loader=DictLoader(texts), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    assert said == plain.get_template("page.html.j2").render(x="<") == "<b>\n<a>&lt;</a></b><i><a>&lt;</a></i>"
    with pytest.raises(KeyError):
        inlined({"page.html.j2": '{% include "_gone.html.j2" %}'})


def environment(texts: Mapping[str, str]) -> Environment:
    return PlainEnvironment(
        loader=DictLoader(texts),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=shown,
    )
