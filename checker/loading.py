"""Finding the model: files given with --load, or else the one that the installed packages offer."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import re
import sys
import time
import traceback
from collections.abc import Sequence
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from checker import language
from checker.language.errors import CheckerError, UnknownName, did_you_mean, shown_path
from checker.language.model import Model, declared_states, model_of, number_of_declarations
from checker.language.obligations import Obligation, obligations
from checker.language.source import is_library

GROUP = "checker.models"
_loaded: set[str] = set()  # the modules of the files that were given
_under_way: set[str] = set()  # and those whose files are being run
begun = time.time_ns()  # when the last model began to be loaded


def load_model(files: Sequence[str]) -> Model:
    """The model to check: one that the files define, or else the installed one with what they add to it."""
    global begun
    begun = time.time_ns()
    before = set(declared_states())
    modules = [_load_declarations(file) for file in files]
    names = {module.__name__: module for module in modules}
    defined = [model for model in all_models() if _defines(names.get(model.state.__module__), model)]
    if defined:
        return _only(defined)
    # One that is in the package of another model has to be named.
    named = [model for model in all_models() if any(_names(module, model) for module in modules)]
    about = [_only(named)] if named else [model for model in all_models() if model.state not in before]
    if not about or (_offers() and installed_model() in about):
        return installed_model()  # with the properties that are installed beside it
    return _only(about)


def _only(models: Sequence[Model]) -> Model:
    if len(models) > 1:
        names = ", ".join(f"{model.state.__name__} ({_file_of(model)})" for model in models)
        raise CheckerError(
            f"the files are about {len(models)} models: {names}",
            advice="load one @state class at a time",
        )
    return models[0]


def _file_of(model: Model) -> str:
    module = sys.modules.get(model.state.__module__)
    return shown_path(getattr(module, "__file__", None) or model.state.__module__)


def _load_declarations(file: str) -> ModuleType:
    """A file that declares nothing was hardly meant: the installed model would be checked in its place."""
    before = number_of_declarations()
    known = set(sys.modules)
    module = load_file(file)
    if module.__name__ not in known and number_of_declarations() == before:
        raise CheckerError(
            "nothing is declared in this file" + (" but a state" if _has_state(module) else ""),
            file=module.__file__,
            line=1,
            column=1,
            advice="write an operation or an action, and a property, in it",
        )
    return module


def _has_state(module: ModuleType) -> bool:
    return any("__state__" in vars(value) for value in vars(module).values() if isinstance(value, type))


def _names(module: ModuleType, model: Model) -> bool:
    return any(value is model.state for value in vars(module).values())


def _defines(module: ModuleType | None, model: Model) -> bool:
    return module is not None and _names(module, model)


def all_models() -> list[Model]:
    """Every model that something was declared about."""
    return [model_of(state) for state in declared_states()]


def installed_model() -> Model:
    """What the entry points of the group name; importing it registers the model and its properties."""
    found = _offers()
    if not found:
        raise CheckerError("no model is installed", advice="give one with --load FILE")
    for point in found:
        _import(point.module, None, lambda point=point: point.load())
    known = all_models()
    candidates = [
        model for model in known if any(_below(model.state.__module__, point.module) for point in found)
    ]
    candidates = candidates or [
        model for model in known if _offered(model, [point.module for point in found])
    ]
    if len(candidates) != 1:
        names = ", ".join(model.state.__name__ for model in candidates) or "none"
        raise CheckerError(f"the installed packages offer {len(candidates)} models ({names}), not one")
    return candidates[0]


def _offers() -> list[EntryPoint]:
    """What the installed packages say about models."""
    return list(entry_points(group=GROUP))


def _below(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def _offered(model: Model, packages: Sequence[str]) -> bool:
    """One of the packages states a property of it."""
    return any(
        _below(found.function.__module__, package)
        for found in model.properties.values()
        for package in packages
    )


def load_file(file: str) -> ModuleType:
    """Import a file by its path, under its own name, so that files loaded together can import each other."""
    path = Path(file).resolve()
    if not path.is_file():
        what = "this is a directory" if path.is_dir() else "there is no such file"
        raise UnknownName(f"--load {file}: {what}")
    name = (
        path.stem
        if path.stem.isidentifier()
        else "loaded_" + "".join(c if c.isalnum() else "_" for c in path.stem)
    )
    known = sys.modules.get(name)
    if known is not None and getattr(known, "__file__", None) == str(path):
        return known
    if known is not None or _is_other(name, path):
        name = f"loaded_{name}"
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise CheckerError(f"--load {file}: not a Python file (its name must end in .py)")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    _loaded.add(name)
    _under_way.add(name)
    loader = spec.loader
    try:
        _import(name, str(path), lambda: loader.exec_module(module))
    finally:
        _under_way.discard(name)
    return module


def _is_other(name: str, path: Path) -> bool:
    """Whether `import name` would find something else, which must stay importable."""
    found = importlib.util.find_spec(name)
    return found is not None and found.origin != str(path)


def _import(name: str, file: str | None, run: Any) -> None:
    """Run an import; whatever goes wrong in it becomes an error with a place."""
    try:
        run()
    except CheckerError as error:
        sys.modules.pop(name, None)
        raise placed(error, error) from None
    except SyntaxError as error:
        sys.modules.pop(name, None)
        width = (
            max((error.end_offset or 0) - (error.offset or 0), 1) if error.end_lineno == error.lineno else 1
        )
        line = error.lineno or None  # 0: it is of the file as a whole
        raise CheckerError(
            error.msg,
            file=error.filename or file,
            line=line,
            column=error.offset if line else None,
            width=width,
        ) from None
    except SystemExit as error:  # its code must not become the answer
        sys.modules.pop(name, None)
        raise placed(CheckerError("this ends the program", file=file), error) from None
    except Exception as error:
        sys.modules.pop(name, None)
        text, advice = _told(error)
        raise placed(CheckerError(text, file=file, advice=advice), error) from error


def _told(error: Exception) -> tuple[str, str | None]:
    """What went wrong, and what to write instead."""
    return _misused(error) or (f"{type(error).__name__}: {error}{_meant(error)}", _instead(error))


def _misused(error: Exception) -> tuple[str, str | None] | None:
    """An argument that something of the language does not have, such as Scenario(run=...)."""
    found = re.match(r"(\w+)\.__init__\(\) got an unexpected keyword argument '(\w+)'", str(error))
    kind = getattr(language, found[1], None) if found is not None else None
    if found is None or kind is None:
        return None
    known = [name for name in inspect.signature(kind).parameters if name != "listed"]
    near = did_you_mean(found[2], known)
    return f"{found[1]}() has no argument `{found[2]}`{near}", f"it takes {', '.join(known)}"


def _instead(error: Exception) -> str | None:
    if isinstance(error, ImportError) and "relative import" in str(error):
        return "a file that is loaded is in no package: write `from name import ...` for name.py beside it"
    if isinstance(error, ImportError) and error.name in _under_way:
        return "these files import each other: move what both need to a third one"
    if isinstance(error, ModuleNotFoundError):
        return f"there is no {error.name}.py beside the file, and no installed package of that name"
    return None


def _meant(error: Exception) -> str:
    """The name that was probably meant, where one was not found."""
    if (
        isinstance(error, ImportError) and error.name in sys.modules
    ):  # `from checker.language import invarient`
        missing = re.match(r"cannot import name '(\w+)'", str(error))
        return did_you_mean(missing[1], vars(sys.modules[error.name])) if missing is not None else ""
    if not isinstance(error, NameError) or error.name is None or error.__traceback__ is None:
        return ""
    *_, (frame, _line) = traceback.walk_tb(error.__traceback__)
    return did_you_mean(error.name, [*frame.f_locals, *frame.f_globals])


def obligations_of(model: Model) -> dict[str, Obligation]:
    """Those that are declared beside a model, or in a file that was loaded; not what either has imported."""
    homes = {_top(model.state.__module__), *(_top(each.__module__) for each in model.properties.values())}
    return {
        name: claim
        for name, claim in obligations().items()
        if _top(claim.__module__) in homes or claim.__module__ in _loaded
    }


def _top(module: str) -> str:
    return module.partition(".")[0]


def own_packages() -> frozenset[str]:
    """The top packages that the models come from: they are the user's own wherever they are installed."""
    try:
        models = all_models()
    except CheckerError:
        return frozenset()
    modules = [model.state.__module__ for model in models]
    modules += [each.function.__module__ for model in models for each in model.properties.values()]
    return frozenset(map(_top, modules))


def placed(error: CheckerError, cause: BaseException) -> CheckerError:
    """Give an error the innermost place in the user's own files, if it has none yet."""
    if error.line is not None:
        return error
    for frame in reversed(traceback.extract_tb(cause.__traceback__)):
        if not is_library(frame.filename, own_packages()):
            error.file, error.line = frame.filename, frame.lineno
            if frame.colno is not None:
                error.column = frame.colno + 1
                same_line = frame.end_lineno == frame.lineno and frame.end_colno is not None
                error.width = max((frame.end_colno or 0) - frame.colno, 1) if same_line else 1
            break
    return error
