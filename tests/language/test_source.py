"""What modules hold is looked for once, and again when there is more."""

from __future__ import annotations

from types import ModuleType

from checker.language.source import once_a_module


def test_a_module_is_looked_at_again_only_when_it_has_got_more_names() -> None:
    looked_at: list[int] = []

    @once_a_module
    def names(module: ModuleType) -> list[str]:
        looked_at.append(len(vars(module)))
        return [name for name in vars(module) if not name.startswith("_")]

    module = ModuleType("pages")
    vars(module)["free"] = 1
    assert names(module) == names(module) == ["free"]
    assert len(looked_at) == 1
    vars(module)["used"] = 2
    assert names(module) == ["free", "used"]
    assert names(ModuleType("pages")) == []  # another module of the same name
