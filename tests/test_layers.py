"""Imports run one way, so that the tool never learns what it checks."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FRONT = "command line"  # the modules that lie in checker/ itself

# Who may import whom, besides itself.
ALLOWED = {
    "checker.language": set[str](),
    "checker.compiler": {"checker.language"},
    "checker.engines": {"checker.compiler", "checker.language"},
    "checker.traces": {"checker.language"},
    FRONT: {"checker.language", "checker.compiler", "checker.engines", "checker.traces"},
    "model": {"checker.language"},
    "properties": {"checker.language", "model"},
}
FILES = [path for top in ("checker", "model", "properties") for path in sorted((ROOT / top).rglob("*.py"))]


def part_of(module: str) -> str:
    """`checker.language.types` -> `checker.language`, `checker.cli` -> the command line."""
    names = module.split(".")
    if names[0] != "checker":
        return names[0]
    part = ".".join(names[:2])
    return part if part in ALLOWED else FRONT


def imported(path: Path) -> Iterator[tuple[str, int]]:
    """Every module that a file imports, also within functions."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            module = node.module or ""
            folders = [
                alias.name for alias in node.names if (ROOT / module.replace(".", "/") / alias.name).is_dir()
            ]
            yield from ((f"{module}.{name}", node.lineno) for name in folders)
            if len(folders) < len(node.names):
                yield module, node.lineno


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_one_way(path: Path) -> None:
    own = part_of(".".join(path.relative_to(ROOT).with_suffix("").parts))
    for module, line in imported(path):
        part = part_of(module)
        if part in ALLOWED:
            assert part == own or part in ALLOWED[own], f"{path}:{line}: {own} imports {module}"
