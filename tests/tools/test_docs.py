"""The manual pages: without a fault in their language, and complete."""

import os
import re
import subprocess

import pytest

from lib_tools import TOP

PAGES = sorted((TOP / "docs/man").glob("*.[1-8]"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_has_no_warnings(page):
    done = subprocess.run(
        ["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", str(page)],
        env=dict(os.environ, LC_ALL="C.UTF-8", MANWIDTH="80"),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "domain" in done.stdout


def test_xm_1_has_every_command_and_option(xm):
    page = (TOP / "docs/man/xm.1").read_text()
    names = re.findall(r"^  (\S+)", xm.good("help"), re.MULTILINE)
    assert len(names) > 15
    for name in names:
        assert re.search(r"Cm %s\b" % name, page), name
        for letter, word in re.findall(
            r"^  -(\w), --(\w+)", xm.good("help", name), re.MULTILINE
        ):
            assert re.search(r"Fl [a-zA-Z]*%s" % letter, page), (name, letter)


def test_xmdomain_cfg_5_has_every_variable():
    page = (TOP / "docs/man/xmdomain.cfg.5").read_text()
    source = (TOP / "tools/xm/config_vars.c").read_text()
    table = source[source.index("variables[] = {") :]
    table = table[: table.index("};")]
    names = re.findall(r'\{ (?:\.name = )?"(\w+)"', table)
    assert len(names) > 20
    items = " ".join(re.findall(r"^\.It Va (.*)$", page, re.MULTILINE))
    assert sorted(items.replace(",", " ").split()) == sorted(names)
