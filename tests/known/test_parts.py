"""Sections of the report are replaced one by one, and nothing else is touched."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any


def parts() -> Any:
    file = Path(__file__).parents[1] / "benchmarks" / "parts.py"
    spec = importlib.util.spec_from_file_location("benchmark_parts", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_sections_take_the_place_of_those_before(tmp_path: Path) -> None:
    report, put = tmp_path / "r.md", parts().put_section
    report.write_text("# Benchmarks\n\n## Goals\n\nnone\n")
    put("One", "first", report)
    put("Two", "second", report)
    put("One", "third \\1", report)
    text = report.read_text()
    assert text.startswith("# Benchmarks\n\n## Goals\n\nnone\n\n# ")
    assert "first" not in text and text.index("## One\n\nthird \\1\n\n## Two\n\nsecond\n") > 0
    assert parts().second_part(report).count("## ") == 2
