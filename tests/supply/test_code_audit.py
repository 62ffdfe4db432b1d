"""What `make audit` leaves to bandit it finds, as it is configured here: the rules of .semgrep/ have none for it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from settings import ROOT

FOUND = {
    'hashlib.md5(b"a")': "B324",
    "yaml.load(text, Loader=yaml.Loader)": "B506",
    "random.choice(text)": "B311",
    "httpx.AsyncClient(timeout=None)": "B113",
    "httpx.AsyncClient(timeout=3, verify=False)": "B501",
    "Markup(text)": "B704",
    "Environment(autoescape=False)": "B701",
    "subprocess.run(text, shell=True)": "B602",
    "subprocess.run([text])": "B603",
    "pickle.loads(text)": "B301",
    "eval(text)": "B307",
    'TOKEN = "s3cr3t-and-long"': "B105",
    'open_to = "0.0.0.0"': "B104",
    "xml.etree.ElementTree.fromstring(text)": "B314",
}
LET_BE = ["yaml.safe_load(text)", "secrets.choice(text)", 'Markup("<b>{}</b>").format(text)', "assert text"]
IMPORTS = """import hashlib, pickle, random, secrets, subprocess, xml.etree.ElementTree
import httpx, yaml
from jinja2 import Environment
from markupsafe import Markup
"""


def test_bandit_finds_what_is_left_to_it(tmp_path: Path) -> None:
    file = tmp_path / "bad.py"
    file.write_text(IMPORTS + "\n".join([*FOUND, *LET_BE]))
    config = ["--configfile", str(ROOT / "pyproject.toml")]
    command = [str(Path(sys.executable).parent / "bandit"), "--quiet", *config, "--format", "json", str(file)]
    results = json.loads(subprocess.run(command, capture_output=True, check=False).stdout)["results"]
    lines = file.read_text().splitlines()
    found = {(lines[one["line_number"] - 1], one["test_id"]) for one in results}
    assert set(FOUND.items()) <= found
    assert {line for line, _ in found} & set(LET_BE) == set()


def test_every_exception_says_why() -> None:
    files = [*ROOT.glob("*.py"), *ROOT.glob("[a-z]*/**/*.py")]
    lines = [
        (file.relative_to(ROOT), line.strip())
        for file in files
        if file.relative_to(ROOT).parts[0] not in ("tests", "bench", "testing", "build")
        for line in file.read_text(encoding="utf-8").splitlines()
        if "# nosec" in line or "# nosemgrep" in line
    ]
    assert lines, "some exceptions are known to stand"
    for file, line in lines:
        mark, _, reason = line.partition("# nose")[2].partition("# ")
        assert " " in mark.strip(), f"{file}: {line}: say which rule"
        assert len(reason) > 5, f"{file}: {line}: say why"
