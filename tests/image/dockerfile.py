"""Reading a Dockerfile and a .dockerignore: stages, instructions, and which files are copied.

Knows the instructions that ours uses (FROM, COPY, RUN, ENV, CMD, …), and refuses no other.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

CONTINUED = re.compile(r"\\\n")
VARIABLE = re.compile(r'(\w+)=("[^"]*"|\S+)')


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage: what it is made from, and its instructions in order."""

    name: str
    origin: str
    instructions: Sequence[tuple[str, str]]  # the word in capitals, and what follows it


@dataclass(frozen=True)
class Dockerfile:
    """A Dockerfile whose stages all have names."""

    stages: Sequence[Stage] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path) -> "Dockerfile":
        """Parse a file; comments are left out."""
        text = "\n".join(line for line in path.read_text().splitlines() if not line.startswith("#"))
        found: list[tuple[str, str, list[tuple[str, str]]]] = []
        for line in CONTINUED.sub(" ", text).splitlines():
            word, _, rest = line.strip().partition(" ")
            if word == "FROM":
                origin, _, name = rest.partition(" AS ")
                found.append((name, origin, []))
            elif word:
                found[-1][2].append((word.upper(), rest.strip()))
        return cls([Stage(name=n, origin=o, instructions=i) for n, o, i in found])

    def lineage(self, name: str) -> list[Stage]:
        """The stages of this file that an image is built on, from the first to itself."""
        named = {stage.name: stage for stage in self.stages}
        stages = [named[name]]
        while stages[0].origin in named:
            stages.insert(0, named[stages[0].origin])
        return stages

    def instructions(self, name: str, word: str) -> list[str]:
        """What follows each such instruction of an image, those it inherits first."""
        return [
            rest
            for stage in self.lineage(name)
            for found, rest in stage.instructions
            if found == word
        ]

    def environment(self, name: str) -> dict[str, str]:
        """The variables that an image sets."""
        return {
            variable: value.strip('"')
            for rest in self.instructions(name, "ENV")
            for variable, value in VARIABLE.findall(rest)
        }

    def command(self, name: str) -> list[str]:
        """What an image runs when it is told nothing else."""
        command: list[str] = json.loads(self.instructions(name, "CMD")[-1])
        return command

    def copied(self, name: str) -> list[str]:
        """The files and folders that an image copies out of the project."""
        return [
            source
            for rest in self.instructions(name, "COPY")
            if not rest.startswith("--from=")
            for source in rest.split()[:-1]
        ]


def ignored(path: PurePosixPath, patterns: Sequence[str]) -> bool:
    """Whether a .dockerignore keeps a path, or a folder above it, out of the build."""
    parents = [path, *path.parents][:-1]
    return any(_matches(parent, pattern) for pattern in patterns for parent in parents)


def _matches(path: PurePosixPath, pattern: str) -> bool:
    anywhere = pattern.removeprefix("**/")
    if anywhere != pattern:
        return path.match(anywhere)
    return len(path.parts) == len(PurePosixPath(pattern).parts) and path.match(pattern)


def patterns_in(path: Path) -> list[str]:
    """The patterns of a .dockerignore. It must not take back any (`!`)."""
    lines = [line.strip() for line in path.read_text().splitlines()]
    patterns = [line.rstrip("/") for line in lines if line and not line.startswith("#")]
    assert not any(pattern.startswith("!") for pattern in patterns)
    return patterns


def files_below(root: Path, source: str, patterns: Sequence[str]) -> Iterator[PurePosixPath]:
    """The files, relative to `root`, that `COPY source` takes along."""
    start = root / source
    files = sorted(start.rglob("*")) if start.is_dir() else [start]
    for file in files:
        relative = PurePosixPath(file.relative_to(root).as_posix())
        if file.is_file() and not ignored(relative, patterns):
            yield relative
