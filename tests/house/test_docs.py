"""The documents keep their word: links resolve, commands run, what is not there is said, and pages ask nobody.

What each page promises the reader is held here by running it; what a browser sees of them is tested in tests/browser.
"""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import click
import pytest

from chora_catalog.app.explaining import explanations, gate_rules
from chora_catalog.check.engine import rules
from chora_catalog.cli.main import COMMANDS, chora, main
from chora_catalog.edge import documents
from chora_catalog.edge.mkdocs import DocsBuilt, build_docs
from chora_catalog.errors import ChoraError, Exit
from chora_catalog.render import rule_pages
from tests.letters import Federation, make_federation

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
TUTORIAL = DOCS / "tutorials" / "first-capability.md"
CHROME = {
    "header": '<header class="top"><a href="../index.html">Catalog</a><a href="../docs/index.html">Docs</a></header>',
    "footer": '<footer class="foot"><a href="../health.html">Health</a></footer>',
}
LEFT_OUT = {".venv", ".git", "node_modules", "out", "corpora", ".chora", "dist"}
FENCE = re.compile(r"^```(?P<info>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?P<to>[^)\s]+)\)")
ASSET = re.compile(r'(?:!\[[^\]]*\]\((?P<md>[^)\s]+)\)|(?:src|srcset)="(?P<html>[^"]+)")')


def markdown_files() -> list[Path]:
    found = (path for path in ROOT.rglob("*.md") if not LEFT_OUT & set(path.relative_to(ROOT).parts))
    return sorted(path for path in found if "world" not in path.parts)


def prose(path: Path) -> str:
    return FENCE.sub("", path.read_text(encoding="utf-8"))


def anchors(path: Path) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", prose(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def commands(path: Path) -> list[str]:
    """The `$ ` lines of a page's console blocks."""
    text = path.read_text(encoding="utf-8")
    blocks = (found["body"] for found in FENCE.finditer(text) if found["info"].split()[:1] == ["console"])
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]


# ---- Words and links -----------------------------------------------------------------------------------------------


def test_every_relative_link_resolves() -> None:
    broken = []
    for path in markdown_files():
        for found in LINK.finditer(prose(path)):
            target, _, anchor = found["to"].partition("#")
            if re.match(r"[a-z]+:", target) or target.startswith("<"):
                continue
            file = (path.parent / target).resolve() if target else path
            if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file)):
                broken.append(f"{path.relative_to(ROOT)}: {found['to']}")
    assert not broken


def test_every_picture_is_there() -> None:
    missing = []
    for path in markdown_files():
        for found in ASSET.finditer(prose(path)):
            target = found["md"] or found["html"]
            if not re.match(r"[a-z]+:", target) and not (path.parent / target).is_file():
                missing.append(f"{path.relative_to(ROOT)}: {target}")
    assert not missing


def test_every_page_is_in_the_navigation_once() -> None:
    named = re.findall(r": (\S+\.md)$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(named) == sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))


@pytest.mark.parametrize(
    ("kind", "folder"),
    [
        ("Tutorials", "tutorials"),
        ("How-to guides", "how-to"),
        ("Reference", "reference"),
        ("Explanation", "explanation"),
    ],
)
def test_the_first_page_and_the_navigation_have_the_four_kinds(kind: str, folder: str) -> None:
    [row] = re.findall(rf"^\| {kind} \|.*$", (DOCS / "index.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert f"]({folder}/" in row
    part = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition(f"  - {kind}:\n")[2]
    pages = re.findall(r"\S+$", re.split(r"^  - ", part, flags=re.MULTILINE)[0], re.MULTILINE)
    assert pages
    assert all(page.startswith(f"{folder}/") for page in pages)


def test_the_changelog_has_a_place_for_what_comes() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## Unreleased$", text, re.MULTILINE)
    assert text.index("## Unreleased") < text.find("\n## [") or "\n## [" not in text


def test_the_page_in_the_output_folder_is_the_one_that_builds_write() -> None:
    assert (ROOT / "site/README.md").read_bytes() == (ROOT / "templates/site-readme.md").read_bytes()


# ---- Commands ------------------------------------------------------------------------------------------------------


def shown_commands() -> list[tuple[str, list[str]]]:
    """(page, words) of every `chora` command that a console block of a page shows as there."""
    return [
        (path.relative_to(ROOT).as_posix(), shlex.split(line)[1:])
        for path in markdown_files()
        for line in commands(path)
        if shlex.split(line)[0] == "chora"
    ]


def test_no_page_shows_a_command_or_an_option_that_is_not_there() -> None:
    shown = shown_commands()
    assert len(shown) > 8
    for page, words in shown:
        assert words[0] in COMMANDS, f"{page}: chora {words[0]}"
        context = chora.make_context("chora", ["explain"])
        command = chora.get_command(context, words[0])
        assert command is not None
        command.make_context(words[0], list(words[1:]), resilient_parsing=True)
        command.make_parser(context).parse_args(list(words[1:]))


def every_command() -> Iterator[tuple[str, click.Command]]:
    """Each command by all of its words, and each part of a group."""
    context = chora.make_context("chora", ["explain"])
    found = [(name, chora.get_command(context, name)) for name in COMMANDS]
    while found:
        name, command = found.pop()
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            found += [(f"{name} {part}", command.get_command(context, part)) for part in command.list_commands(context)]


def test_the_reference_names_every_command_and_option() -> None:
    """Each in the section of its command, or in that of the group it belongs to."""
    page = (DOCS / "reference/commands.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^### chora (.*?)\n(.*?)(?=^##|\Z)", page, re.MULTILINE | re.DOTALL))
    missing, seen = [], 0
    for name, command in every_command():
        section = sections.get(name) or sections.get(name.split()[0], "")
        if not re.search(rf"`chora {name}\b", page):
            missing.append(f"chora {name}")
        for option in (option for each in command.params for option in each.opts if option.startswith("--")):
            seen += 1
            if not re.search(rf"[`\[ ]{option}[`\] ]", section):
                missing.append(f"chora {name} {option}")
    assert seen > 150
    assert not missing


@pytest.mark.parametrize(
    ("page", "schema", "parts"),
    [
        ("registry", "registry", ("$defs/catalog", "$defs/source", "")),
        ("manifest", "capability", ("$defs/fields", "$defs/port", "$defs/dependency")),
    ],
    ids=["registry", "manifest"],
)
def test_the_reference_names_every_field(page: str, schema: str, parts: tuple[str, ...]) -> None:
    text = (DOCS / f"reference/{page}.md").read_text(encoding="utf-8")
    document = json.loads((ROOT / f"schemas/{schema}.schema.json").read_text(encoding="utf-8"))
    for part in parts:
        node = document
        for step in part.split("/") if part else ():
            node = node[step]
        unnamed = [name for name in node["properties"] if f"`{name}`" not in text and f"## {name}" not in text]
        assert not unnamed, part
    assert f"schemas/{schema}.schema.json" in text


def test_the_reference_names_every_rule() -> None:
    text = (DOCS / "reference/findings.md").read_text(encoding="utf-8")
    paged = {rule.id for rule in rules()}
    named = set(re.findall(r"`([a-z-]+)`", text))
    assert sorted(set(_rule_ids()) - paged - named) == []
    assert sorted(named & paged) == [], "what has a page is described there alone"


def test_the_page_of_rules_is_made_from_them() -> None:
    page = DOCS / "reference/rules.md"
    remedy = f"make it again: {rule_pages.COMMAND} > {page.relative_to(ROOT)}"
    assert page.read_text(encoding="utf-8") == rule_pages.rules_page(explanations().values()), remedy
    assert {rule.id for rule in rules()} <= anchors(page)


def test_every_refusal_of_the_gate_has_a_page_and_stands_in_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    table = (DOCS / "reference/findings.md").read_text(encoding="utf-8").partition("## What the gate refuses")[2]
    cells = re.findall(r"^\| (`[^|]*) \|", table.partition("\n## ")[0], re.MULTILINE)
    named = [rule for cell in cells for rule in re.findall(r"`([a-z-]+)`", cell)]
    assert sorted(named) == sorted(gate_rules())
    for rule, page in gate_rules().values():
        assert all(part in page for part in (rule.summary, "What it says: ", "Why it matters: ", "How to fix: "))
    assert main(["explain", "record-edited"]) == 0
    assert "How to fix: Take the change back." in capsys.readouterr().out
    assert main(["explain", "--list"]) == 0
    assert "steward-self-added" in capsys.readouterr().out


def _rule_ids() -> Iterator[str]:
    """Every kebab sentence that the code hands on as a rule: `rule=`, or first to a function that makes findings."""
    makers = {"report", "stop", "add", "finding", "_finding", "_unread"}
    for path in sorted((ROOT / "chora_catalog").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            values = [keyword.value for keyword in node.keywords if keyword.arg == "rule"]
            values += node.args[:2] if name in makers else []
            for value in values:
                text = value.value if isinstance(value, ast.Constant) else None
                if isinstance(text, str) and re.fullmatch(r"[a-z]+(-[a-z]+)+", text):
                    yield text


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Federation:
    """A folder with the person's settings that git asks for, and nothing else of theirs."""
    return Federation(tmp_path_factory.mktemp("newcomer"))


@pytest.fixture(scope="module")
def followed(letters: Federation) -> Path:
    """The tutorial, followed to its end in an empty folder: files written, commands run, in the order of the page."""
    here = letters.root
    for found in FENCE.finditer(TUTORIAL.read_text(encoding="utf-8")):
        language, _, rest = found["info"].partition(" ")
        title = re.search(r'title="([^"]+)"', rest)
        if title:
            (letters.root / title[1]).write_text(found["body"], encoding="utf-8")
        elif language == "console":
            here = _run_block(found["body"], here, letters)
    return letters.root


def _run_block(block: str, here: Path, letters: Federation) -> Path:
    lines = [line[2:] for line in block.splitlines() if line.startswith("$ ")]
    if any(line.startswith("chora serve") for line in lines):
        assert len(lines) == 1
        _serve(shlex.split(lines[0]), here, letters)
        return here
    script = "set -eu\n" + "\n".join(lines) + "\npwd -P >&3\n"
    reading, writing = os.pipe()
    done = subprocess.run(
        ["bash", "-c", f"exec 3>&{writing}\n{script}"],
        cwd=here,
        env={**letters.environment(), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        pass_fds=(writing,),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    os.close(writing)
    with os.fdopen(reading) as told:
        after = told.read().strip()
    assert done.returncode == 0, f"{lines}\n{done.stdout}\n{done.stderr}"
    return Path(after)


def _serve(words: list[str], here: Path, letters: Federation) -> None:
    from urllib.request import urlopen

    child = subprocess.Popen(
        [str(Path(sys.executable).parent / words[0]), *words[1:], "--port", "0"],
        cwd=here,
        env={**letters.environment(), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert child.stdout is not None
        address = re.search(r"http://\S+", child.stdout.readline())
        assert address is not None
        with urlopen(address[0], timeout=10) as answer:
            assert b"<html" in answer.read()
    finally:
        child.terminate()
        child.wait(10)
        if child.stdout:
            child.stdout.close()


def test_the_tutorial_ends_where_it_says(followed: Path) -> None:
    site = followed / "catalog" / "site"
    assert "breaking" in (site / "capabilities/hello.letter.write.html").read_text(encoding="utf-8")
    assert "output-removed" in (site / "data/v1/matrix.json").read_text(encoding="utf-8") or "outside-range" in (
        site / "data/v1/matrix.json"
    ).read_text(encoding="utf-8")


# ---- The README's doors --------------------------------------------------------------------------------------------


def doors() -> dict[str, str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    part = text.partition("## Four doors")[2].partition("\n## ")[0]
    return dict(re.findall(r"^### (.*?)\n(.*?)(?=^### |\Z)", part, re.MULTILINE | re.DOTALL))


def test_there_are_four_doors_and_each_is_short() -> None:
    assert list(doors()) == ["Browse", "File a change signal", "Gate my CI", "Take it offline"]
    for title, body in doors().items():
        shown = [line for block in FENCE.finditer(body) for line in block["body"].splitlines()]
        assert 1 <= len(shown) <= 9, title


@pytest.mark.parametrize("title", ["Gate my CI"])
def test_a_door_that_is_not_finished_says_so(title: str) -> None:
    assert "not yet" in doors()[title].lower()


def test_make_targets_of_the_readme_are_there() -> None:
    made = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    shown = {
        word
        for path in markdown_files()
        for line in commands(path)
        if line.startswith("make ")
        for word in line.split()[1:2]
    }
    assert {"demo", "serve", "test"} <= shown
    assert shown <= made


def test_the_signal_of_the_readme_is_shown_by_the_catalog(tmp_path: Path) -> None:
    federation = make_federation(tmp_path)
    guide = (DOCS / "how-to/file-a-change-signal.md").read_text(encoding="utf-8")
    files = {
        title[1]: found["body"]
        for found in FENCE.finditer(guide)
        if (title := re.search('title="(.+)"', found["info"]))
    }
    filed, moved = sorted(files, key=len)
    [signal] = [found["body"] for found in FENCE.finditer(doors()["File a change signal"])]
    assert signal == files[filed]
    assert len(signal.splitlines()) == 5
    (tmp_path / "catalog" / moved).parent.mkdir(parents=True)
    for name in (filed, moved):
        federation.commit("catalog", name, files[name])
    done = federation.build("--first", "--strict")
    assert done.returncode == 0, done.stdout + done.stderr
    [page] = (federation.site / "signals").glob("sig.hello.greeting.two~*.html")
    assert "both steward teams were asked" in page.read_text(encoding="utf-8")
    [twin] = (federation.site / "data/v1/signals").glob("sig.hello.greeting.two~*.json")
    assert json.loads(twin.read_text(encoding="utf-8"))["state"] == "review"
    assert '"warnings": 0' in (federation.site / "run.json").read_text(encoding="utf-8")


def test_the_gate_of_the_readme_stands_open_or_shut(tmp_path: Path) -> None:
    assert "`chora validate`" in doors()["Gate my CI"]
    line = commands(DOCS / "how-to/validate-in-ci.md")[0]
    assert line == "chora validate"
    federation = make_federation(tmp_path)
    chora_there = [str(Path(sys.executable).parent / "chora"), *shlex.split(line)[1:]]
    good = subprocess.run(chora_there, cwd=tmp_path / "letter", capture_output=True, text=True, check=False)
    assert good.returncode == 0, good.stdout + good.stderr
    assert "dependency-missing" in good.stdout.partition("Not evaluated")[2]
    federation.commit("letter", "chora.yaml", 'id: "Hello Letter"\nversion: 1.10\n')
    bad = subprocess.run(chora_there, cwd=tmp_path / "letter", capture_output=True, text=True, check=False)
    assert bad.returncode == 1, bad.stdout + bad.stderr
    assert "chora.yaml:2:10" in bad.stdout


def test_the_preview_of_the_guide_passes_on_this_repository(tmp_path: Path) -> None:
    [line] = [line for line in commands(DOCS / "how-to/validate-in-ci.md") if line.startswith("chora build")]
    output = str(tmp_path / "preview")
    words = [output if word == "/tmp/preview" else word for word in shlex.split(line)]
    assert output in words
    done = subprocess.run(
        [str(Path(sys.executable).parent / "chora"), *words[1:], "--cache", str(tmp_path / "cache")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    ours = {path.stem for path in (tmp_path / "preview/capabilities").glob("chora.*.html")}
    assert ours == set(re.findall(r'- id: "(chora\.\w+\.\w+)"\n    summary', (ROOT / "chora.yaml").read_text("utf-8")))
    assert len(ours) == 6


def test_the_mirror_of_the_readme_is_a_whole_site(followed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(followed / "catalog")
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert main(["trust", "init", "--profile", "key", "--output", "trust"]) == 0
    assert main(["sign", "site", "--trust", "trust"]) == 0
    for line in _lines(doors()["Take it offline"]):
        words = shlex.split(line)
        assert main(words[1:]) == 0, line
        if "export" in words:
            shutil.copy("site/mirror/latest.tar.gz", "latest.tar.gz")
            shutil.copy("trust/root.json", "root.json")
    placed = {path.relative_to("catalog/site").as_posix() for path in Path("catalog/site").rglob("*") if path.is_file()}
    assert {"index.html", "run.json", "data/v1/index.json"} <= placed


def _lines(text: str) -> list[str]:
    return [line[2:] for found in FENCE.finditer(text) for line in found["body"].splitlines() if line.startswith("$ ")]


def test_the_finding_of_the_guide_is_what_the_terminal_prints(tmp_path: Path) -> None:
    manifest, console = [
        found["body"] for found in FENCE.finditer((DOCS / "how-to/fix-a-finding.md").read_text("utf-8"))
    ][:2]
    (tmp_path / "chora.yaml").write_text(manifest, encoding="utf-8")
    line, _, printed = console.partition("\n")
    words = [str(Path(sys.executable).parent / "chora"), *shlex.split(line)[2:]]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == printed.strip()


def test_each_scenario_of_a_feature_is_the_first_line_of_a_test() -> None:
    folder = ROOT / "tests/value-scenarios"
    for feature in sorted(folder.glob("*.feature")):
        titles = re.findall(r"^\s*Scenario: (.*)$", feature.read_text(encoding="utf-8"), re.MULTILINE)
        tree = ast.parse((folder / f"test_{feature.stem}.py").read_text(encoding="utf-8"))
        tests = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
        assert sorted(titles) == sorted((ast.get_docstring(node) or "").splitlines()[0] for node in tests)


# ---- The built documents -------------------------------------------------------------------------------------------


class Loaded(HTMLParser):
    """What a page loads by itself, what is inline, its ids, and its policy."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.loads, self.inline, self.ids, self.policy = list[str](), list[str](), list[str](), ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.ids += [values["id"]] if "id" in values else []
        self.inline += [name for name in values if name == "style" or name.startswith("on")]
        if tag in ("script", "img", "iframe", "source", "link"):
            self.loads.append(values.get("src") or values.get("href") or values.get("srcset") or "")
            self.inline += ["script"] if tag == "script" and "src" not in values else []
        self.inline += [tag] if tag == "style" else []
        if tag == "meta" and values.get("http-equiv") == "Content-Security-Policy":
            self.policy = values["content"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, DocsBuilt]:
    output = tmp_path_factory.mktemp("docs") / "docs"
    built = build_docs(ROOT, output, chrome=CHROME, cache=None)
    assert built is not None
    return output, built


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_repository_without_documents_has_none(tmp_path: Path) -> None:
    assert build_docs(tmp_path, tmp_path / "docs", chrome={}, cache=None) is None


def test_two_builds_and_a_kept_one_give_equal_bytes(site: tuple[Path, DocsBuilt], tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    for name in ("made", "kept"):
        assert build_docs(ROOT, tmp_path / name, chrome=CHROME, cache=cache) == site[1]
        assert tree(tmp_path / name) == tree(site[0])
    assert len(list((cache / "docs").iterdir())) == 1


def test_every_page_is_strict_and_asks_nobody(site: tuple[Path, DocsBuilt]) -> None:
    output, built = site
    pages = [path for path in built.files if path.endswith(".html")]
    assert len(pages) == len(list(DOCS.rglob("*.md")))
    for path in pages:
        page = Loaded((output / path).read_text(encoding="utf-8"))
        assert page.policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;")
        assert not page.inline, path
        assert not [address for address in page.loads if re.match(r"(?:[a-z]+:)?//", address)], path
        assert len(page.ids) == len(set(page.ids)), path


def test_nothing_of_the_theme_is_left_that_is_not_used(site: tuple[Path, DocsBuilt]) -> None:
    output, built = site
    assert not [path for path in built.files if re.search(r"\.(map|gz|xml|js)$|favicon|404", path)]
    for path in built.files:
        if path.endswith(".html"):
            text = (output / path).read_text(encoding="utf-8")
            assert not re.search(r"md-toggle|md-overlay|md-dialog|md-skip|generator|__md_", text), path


def test_the_shared_header_leads_back_from_every_depth(site: tuple[Path, DocsBuilt]) -> None:
    output, _ = site
    top = (output / "index.html").read_text(encoding="utf-8")
    below = (output / "tutorials/first-capability.html").read_text(encoding="utf-8")
    assert '<a href="../index.html">Catalog</a><a href="../docs/index.html">Docs</a>' in top
    assert '<a href="../../index.html">Catalog</a><a href="../../docs/index.html">Docs</a>' in below
    assert '<a href="../../health.html">Health</a>' in below
    assert 'href="../../chora.css"' in below
    assert 'src="../../chora.js"' in below


def test_links_between_documents_lead_to_pages(site: tuple[Path, DocsBuilt]) -> None:
    output, built = site
    for path in built.files:
        if not path.endswith(".html"):
            continue
        for link in re.findall(r'<a [^>]*href="([^"#:]+)', (output / path).read_text(encoding="utf-8")):
            target = (output / path).parent / link
            inside = target.resolve().is_relative_to(output)
            assert not inside or target.is_file(), f"{path}: {link}"


def test_headings_are_found_by_the_search(site: tuple[Path, DocsBuilt]) -> None:
    lines = {(title, heading): (url, text) for title, heading, url, text in site[1].search}
    url, text = lines["Why there is no server", "What this costs"]
    assert url == "docs/explanation/no-servers.html#what-this-costs"
    assert text.startswith("Freshness is minutes")
    assert lines["Exit codes", ""][1].startswith("One meaning everywhere.")
    assert all(len(text) <= documents.TEXT_PREFIX for _, text in lines.values())


def a_repository(folder: Path, text: str, settings: str = "") -> Path:
    (folder / "docs").mkdir(parents=True)
    (folder / "docs" / "index.md").write_text(text, encoding="utf-8")
    (folder / "mkdocs.yml").write_text(f'site_name: "A"\ntheme:\n  name: material\n{settings}', encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# A\n\n[there](nowhere.md)\n", "nowhere.md"),
        ('# A\n\n<img src="https://example.org/a.png" alt="a">\n', "another host"),
        ('# A\n\n<p style="color: red">a</p>\n', "style attribute"),
        ('# A\n\n<p onclick="a()">a</p>\n', "event handler"),
        ('# A\n\n<iframe src="a.html"></iframe>\n', "element that the policy refuses"),
    ],
    ids=["link", "host", "style", "handler", "frame"],
)
def test_a_fault_is_said_in_words_and_nothing_is_written(tmp_path: Path, text: str, said: str) -> None:
    root = a_repository(tmp_path / "root", text)
    with pytest.raises(ChoraError) as caught:
        build_docs(root, tmp_path / "docs", chrome={}, cache=None)
    assert said in caught.value.what + caught.value.detail
    assert caught.value.code is Exit.USAGE
    assert caught.value.hint
    assert not (tmp_path / "docs").exists()


def test_an_inline_script_runs_only_by_its_hash(tmp_path: Path) -> None:
    root = a_repository(tmp_path / "root", "# A\n\n<script>let a = 1</script>\n\n<style>p {}</style>\n")
    build_docs(root, tmp_path / "docs", chrome={}, cache=None)
    page = Loaded((tmp_path / "docs" / "index.html").read_text(encoding="utf-8"))
    # printf 'let a = 1' | openssl dgst -sha256 -binary | base64
    assert "script-src 'self' 'sha256-LAfYd7pbFUgwfQu8b4q135PeTG2z+/coPEUYCd74eCQ=';" in page.policy
    assert re.search(r"style-src 'self' 'sha256-[A-Za-z0-9+/]{43}=';", page.policy)


def test_plugins_and_hooks_of_a_repository_do_not_run(tmp_path: Path) -> None:
    root = a_repository(tmp_path / "root", "# A\n", 'hooks: ["hook.py"]\nplugins: ["nobody-has-this"]\n')
    (root / "hook.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n", encoding="utf-8")
    (root / "yaml.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n", encoding="utf-8")
    assert build_docs(root, tmp_path / "docs", chrome={}, cache=None) is not None
    assert not (tmp_path / "ran").exists()


def test_a_kept_build_ends_with_its_inputs(tmp_path: Path) -> None:
    root, cache = a_repository(tmp_path / "root", "# A\n\nbefore\n"), tmp_path / "cache"
    build_docs(root, tmp_path / "one", chrome={}, cache=cache)
    (root / "docs" / "index.md").write_text("# A\n\nafter\n", encoding="utf-8")
    build_docs(root, tmp_path / "two", chrome={}, cache=cache)
    assert "before" in (tmp_path / "one/index.html").read_text(encoding="utf-8")
    assert "after" in (tmp_path / "two/index.html").read_text(encoding="utf-8")


def test_code_keeps_its_spaces_and_is_copied_without_prompts(tmp_path: Path) -> None:
    text = "# A\n\n```console\n$ chora build\nread\n\n\n$ chora serve\n```\n\n```yaml\na:\n\n\n  b: 1\n```\n"
    root = a_repository(tmp_path / "root", text, "markdown_extensions: [pymdownx.highlight, pymdownx.superfences]\n")
    build_docs(root, tmp_path / "docs", chrome={}, cache=None)
    page = (tmp_path / "docs" / "index.html").read_text(encoding="utf-8")
    assert '<code id="code-1" hidden>chora build\nchora serve</code>' in page
    assert 'data-copy="code-1"' in page
    block = re.search(r'<code id="code-2">(.*?)</code>', page, re.DOTALL)
    assert block is not None
    assert re.sub(r"<[^>]+>", "", block[1]) == "a:\n\n\n  b: 1\n"
