"""The script that makes the cluster's certificates, with a stand-in for its generator."""

import os
import re
import subprocess
import time
from pathlib import Path

from barstucks_site.tests.compose_file import FILE, NODES, OPERATIONS, ROOT, SERVICES

GENERATOR = """#!/bin/sh
# In the place of es-gencert-cli: notes how it was called, and writes what it would write.
echo "$*" >> "$CALLS"
command=$1; shift
while [ $# -gt 0 ]; do
    case $1 in
        -out) out=$2 ;;
        -days | -ip-addresses | -dns-names) ;;
        -ca-certificate | -ca-key) [ -f "$2" ] || exit 1 ;;
        *) exit 2 ;;
    esac
    shift 2
done
mkdir -p "$out"
name=node; [ "$command" = create-ca ] && name=ca
[ ! -e "$out/$name.key" ] || exit 3
echo "$command $$" > "$out/$name.crt"; echo key > "$out/$name.key"
chmod 0444 "$out/$name.crt"; chmod 0400 "$out/$name.key"
"""


class CertificateFolders:
    """The volumes of the service `certificates`, and its script with another generator."""

    def __init__(self, folder: Path) -> None:
        self.key, self.nodes, self.public = (folder / n for n in ("key", "nodes", "public"))
        for each in (self.key, self.nodes, self.public):
            each.mkdir()
        programs = folder / "programs"
        programs.mkdir()
        (programs / "es-gencert-cli").write_text(GENERATOR)
        (programs / "es-gencert-cli").chmod(0o755)
        self._calls = folder / "calls"
        self._environment = {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "CALLS": str(self._calls),
            "AUTHORITY_KEY_FOLDER": str(self.key),
            "NODES_FOLDER": str(self.nodes),
            "AUTHORITY_FOLDER": str(self.public),
            "NODE_USER": f"{os.getuid()}:{os.getgid()}",
        }

    def run(self, *words: str) -> list[str]:
        """What the generator was asked for."""
        self._calls.write_text("")
        script = ROOT / FILE["configs"]["certificates"]["file"]
        subprocess.run(["/bin/sh", script, *words], env=self._environment, check=True)
        return self._calls.read_text().splitlines()

    def let_pass(self, node: int, days: float) -> None:
        """Let a node's certificate be that old."""
        then = time.time() - days * 24 * 3600
        os.utime(self.nodes / f"node{node}" / "node.crt", (then, then))


def test_certificates_are_made_once_with_a_life_that_is_written_down(tmp_path: Path) -> None:
    folders = CertificateFolders(tmp_path)

    first, second = folders.run(), folders.run()

    assert [call.split()[0] for call in first] == ["create-ca", *["create-node"] * 3]
    assert all(" -days 730 " in call for call in first[1:])
    assert " -days 7300 " in first[0]
    assert "-ip-addresses 127.0.0.1,172.30.240.12 -dns-names localhost,node2" in first[2]
    assert second == []
    for folder in (folders.public, folders.nodes / "ca"):
        assert (folder / "ca.crt").read_text().startswith("create-ca")
    assert not list(folders.nodes.rglob("ca.key"))  # what signs is where no node can read it
    for node in (1, 2, 3):
        assert (folders.nodes / f"node{node}" / "node.key").stat().st_mode & 0o077 == 0
        used = SERVICES[f"node{node}"]["environment"]["KURRENTDB_CERTIFICATE_FILE"]
        assert used == f"/certificates/node{node}/node.crt"


def test_a_certificate_is_made_anew_when_half_of_its_life_is_over_or_when_asked(
    tmp_path: Path,
) -> None:
    folders = CertificateFolders(tmp_path)
    folders.run()
    folders.let_pass(2, 367)
    folders.let_pass(3, 364)
    before = (folders.nodes / "node2" / "node.crt").read_text()

    by_age = folders.run()
    asked = folders.run("renew")

    assert [re.search(r"node\d$", call)[0] for call in by_age] == ["node2"]  # type: ignore[index]
    assert (folders.nodes / "node2" / "node.crt").read_text() != before
    assert len(asked) == 3
    assert not list(folders.nodes.glob("*.new"))


def test_a_new_authority_signs_every_node(tmp_path: Path) -> None:
    folders = CertificateFolders(tmp_path)
    folders.run()
    for file in folders.key.iterdir():
        file.unlink()

    assert [call.split()[0] for call in folders.run()] == ["create-ca", *["create-node"] * 3]


def test_the_renewal_is_written_down_with_the_names_and_lives_of_the_file() -> None:
    section = OPERATIONS.partition("### The log's certificates")[2].partition("\n##")[0]
    renewed = re.search(r"docker compose run --rm (\S+) renew", section)
    reloaded = re.search(r"docker compose kill --signal SIGHUP ((?:\S+ ?)+)", section)

    assert renewed is not None
    assert reloaded is not None
    assert SERVICES[renewed[1]]["entrypoint"][-1] == "/certificates.sh"
    assert tuple(reloaded[1].split()) == NODES
    script = (ROOT / FILE["configs"]["certificates"]["file"]).read_text()
    for name in ("authority_days", "node_days", "renew_after_days"):
        days = re.search(rf"^{name}=(\d+)$", script, re.MULTILINE)
        assert days is not None
        assert f"{int(days[1]):,} days" in section


# -- the proxy, and the ways in the manual ------------------------------------------------------
