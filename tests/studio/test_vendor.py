"""The page's third-party code is what the lock file says, has its licences, and calls nobody."""

import gzip
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import cutaway

STATIC = Path(cutaway.__file__).parent / "studio" / "static"
VENDOR = STATIC / "vendor"
RECIPE = Path(__file__).parents[2] / "tools" / "page"
MOST_GZIPPED_BYTES = 300_000
MOST_FONT_BYTES = 250_000
NAMESPACES = {  # names of markup languages: nothing is ever fetched from there
    "http://www.w3.org/2000/svg",
    "http://www.w3.org/1999/xhtml",
    "http://www.w3.org/1998/Math/MathML",
}


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*")) if path.is_file()}


def scripts():
    return {path.name: path.read_text() for path in sorted(VENDOR.glob("*.js"))}


@pytest.fixture
def installed():
    """The recipe's folder with its packages; skips where Node or they are missing."""
    if shutil.which("node") is None:
        pytest.skip("Node is missing: apt-get install nodejs npm")
    if not (RECIPE / "node_modules").is_dir():
        pytest.skip("the packages are missing: npm ci --prefix tools/page")
    return RECIPE


def test_the_installed_packages_are_those_of_the_lock_file(installed):
    locked = json.loads((RECIPE / "package-lock.json").read_text())["packages"]
    found = json.loads((installed / "node_modules" / ".package-lock.json").read_text())["packages"]
    assert {name: item["integrity"] for name, item in found.items()} == {
        name: locked[name]["integrity"] for name in found
    }


def test_a_fresh_build_gives_the_same_bytes(installed, tmp_path):
    subprocess.run(["node", installed / "build.mjs", tmp_path / "vendor"], cwd=tmp_path, check=True)
    fresh, committed = contents(tmp_path / "vendor"), contents(VENDOR)
    differ = [name for name in fresh.keys() | committed.keys()
              if fresh.get(name) != committed.get(name)]
    assert differ == [], "run: npm ci --prefix tools/page && node tools/page/build.mjs"


def test_every_version_is_exact_and_no_address_of_a_registry_is_kept():
    wanted = json.loads((RECIPE / "package.json").read_text())["devDependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    lock = (RECIPE / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    for path in [*RECIPE.glob("*.*"), *RECIPE.glob(".npmrc"), *RECIPE.glob("entries/*")]:
        assert not re.search(r"https?://[^\s\"]*(registry|npmjs|\.tgz)", path.read_text()), path


@pytest.mark.parametrize("name", sorted(scripts()))
def test_a_script_names_no_address_and_makes_no_code_from_text(name):
    text = scripts()[name]
    assert set(re.findall(r"https?://[^\s\"'`)]+", text)) <= NAMESPACES
    assert not re.search(r"\bnew Function\b|\beval\(|sourceMappingURL|\bimportScripts\b", text)
    assert str(Path(__file__).parents[2]) not in text


def test_the_licences_name_every_package_in_the_bundles(installed, tmp_path):
    told = set(re.findall(r"^(\S+) \d+\.\d+\.\d+ \(.+\)$", (VENDOR / "LICENSES.txt").read_text(),
                          re.MULTILINE))
    report = tmp_path / "bundled.json"
    entries = sorted((RECIPE / "entries").glob("*.js"))
    subprocess.run(
        [installed / "node_modules" / ".bin" / "esbuild", *entries, "--bundle", "--format=esm",
         f"--outdir={tmp_path}", f"--metafile={report}", "--log-level=error"],
        cwd=RECIPE, check=True)
    paths = json.loads(report.read_text())["inputs"]
    bundled = {match[1] for path in paths
               if (match := re.search(r".*node_modules/((?:@[^/]+/)?[^/]+)/", path))}
    fonts = {"@fontsource/ibm-plex-sans", "@fontsource/ibm-plex-mono"}
    assert told == bundled | fonts


def test_the_licences_are_whole():
    text = (VENDOR / "LICENSES.txt").read_text()
    for words in ("Permission is hereby granted, free of charge",
                  "Copyright (c) 2015-present Jason Miller",
                  "TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION",
                  "SIL OPEN FONT LICENSE Version 1.1"):
        assert words in text


def test_the_scripts_are_under_300_kilobytes_gzipped_and_the_fonts_under_250():
    packed = sum(len(gzip.compress(text.encode(), 9)) for text in scripts().values())
    assert packed < MOST_GZIPPED_BYTES
    assert sum(path.stat().st_size for path in VENDOR.glob("fonts/*")) < MOST_FONT_BYTES


def test_the_style_sheet_names_every_font_file_and_no_other():
    sheet = (STATIC / "style" / "fonts.css").read_text()
    named = re.findall(r'url\("\.\./vendor/fonts/([^"]+)"\)', sheet)
    assert sorted(named) == sorted(path.name for path in VENDOR.glob("fonts/*"))


@pytest.mark.parametrize("name", ["ui", "codemirror"])
def test_a_bundle_offers_what_the_page_imports(name):
    text = scripts()[f"{name}.js"]
    exported = set(re.findall(r"(?:as |[{,])(\w+)(?=[,}])", text[text.rindex("export{"):]))
    imported = set()
    for path in set(STATIC.rglob("*.js")) - set(VENDOR.rglob("*.js")):
        for names in re.findall(rf'import\s*{{([^}}]*)}}\s*from\s*"[./]+vendor/{name}\.js"',
                                path.read_text()):
            imported |= set(re.findall(r"(\w+)(?: as \w+)?", names))
    assert imported and imported <= exported
