"""A copy of the project to learn in: its files as they are now, in a repository of their own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.shop import ROOT

LOCKS = ("requirements.txt", "requirements-dev.txt")

AUTHOR = {
    f"GIT_{who}_{what}": "learner" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
}


def copy_project(directory: Path) -> Path:
    """Copy what git does not ignore into a new directory in this one, and commit it there."""
    project = directory / "barstucks"
    listed = subprocess.run(
        ["/usr/bin/env", "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, project / name)
    commit = "git init -q && git add -A && git commit -qm 'As it is'"
    subprocess.run(["/bin/sh", "-c", commit], cwd=project, env=os.environ | AUTHOR, check=True)
    return project


def lend_tools(project: Path) -> None:
    """Let the copy use what this Python has installed, as if `bin/environment` had installed it."""
    environment = project / ".venv"
    environment.mkdir()
    for name in ("bin", "lib", "pyvenv.cfg"):
        (environment / name).symlink_to(Path(sys.prefix) / name)
    for lock in LOCKS:
        stamp = f"cksum <{lock} >.venv/.installed-{lock}"
        subprocess.run(["/bin/sh", "-c", stamp], cwd=project, check=True)
