"""What is Python but not of the language: what it is called, and what to write instead."""

from __future__ import annotations

import ast
from typing import Any

_RESULT = "exceptions are no control flow in a model: return a result, or `assert` what must hold"

STATEMENTS: dict[type[ast.stmt], tuple[str, str]] = {
    ast.Try: ("`try`", _RESULT),
    ast.Raise: ("`raise`", _RESULT),
    ast.With: ("`with`", "write the steps before and after it"),
    ast.FunctionDef: ("a function inside a function", "define helpers at the top of the file"),
    ast.ClassDef: ("a class inside a function", "define classes at the top of the file"),
    ast.Import: ("`import` inside a function", "import at the top of the file"),
    ast.ImportFrom: ("`import` inside a function", "import at the top of the file"),
    ast.Global: ("`global`", "what steps change is a field of the @state class"),
    ast.Nonlocal: ("`nonlocal`", "what steps change is a field of the @state class"),
    ast.Delete: ("`del`", "a local is forgotten when it is no longer read; of a set: discard(...)"),
    ast.Match: (
        "this `match`",
        "patterns are values, None, `_`, names, `|`, and tuples where a tuple is matched",
    ),
}

EXPRESSIONS: dict[type[ast.expr], tuple[str, str]] = {
    ast.JoinedStr: ("an f-string", 'texts stand in `assert condition, "text"` only'),
    ast.Lambda: ("`lambda`", "define a helper with def at the top of the file"),
    ast.List: (
        "a list",
        "there are no lists: use a set {...}, a tuple (...), or an Array field of the state",
    ),
    ast.ListComp: (
        "a list",
        "write a set {... for ... in ...}, or any, all, sum, min, max(... for ... in ...)",
    ),
    ast.Dict: ("a dict", "use an Array field; a dict of constants may stand at the top of the file"),
    ast.DictComp: ("a dict", "use an Array field; a dict of constants may stand at the top of the file"),
    ast.GeneratorExp: ("a generator here", "put it into any, all, sum, min, max, set or choose(...)"),
    ast.NamedExpr: ("`:=`", "assign it in a statement before"),
    ast.Starred: ("`*`", "write the values out; to add to a set, s | {x}"),
    ast.Await: ("`await`", "to wait, write `while condition: yield`"),
    ast.Yield: ("`yield` inside an expression", "make it a statement of its own"),
    ast.YieldFrom: ("`yield from` inside an expression", "assign its result to a local first"),
    ast.Slice: ("a slice", "loop over all, with a condition"),
}

OPERATORS: dict[type[ast.operator], str] = {
    ast.Div: "`/` gives a float: use // for numbers",
    ast.Pow: "`**` takes numbers that are known: write x * x, 1 << n, or a tuple of the powers",
    ast.MatMult: "use + - * // % << >> & | ^",
}

_IN_ORDER = "an Index, an Enum and a set are gone through in order already"

BUILTINS: dict[Any, str] = {
    print: "leave it out: a trace shows what each step changes",
    enumerate: "loop over the Index: int(p) is the number of a member",
    zip: "loop over one Index, and make the member of the other: Page(int(c))",
    sorted: _IN_ORDER,
    list: _IN_ORDER + "; there are no lists",
    reversed: "for i in range(len(Page) - 1, -1, -1): p = Page(i)",
    next: "write a loop with `break`, or choose(...) where any of them will do",
    iter: "loop over it directly",
    map: "write a comprehension",
    filter: "write a comprehension with `if`",
    bool: "compare it: `is not None`, `!= 0`, `len(...) > 0`",
    str: "compare members and numbers themselves",
    repr: "compare members and numbers themselves",
    float: "numbers are ints of a Range",
    round: "numbers are ints of a Range",
    tuple: "write the values out: (a, b)",
    dict: "use an Array field of the state",
    divmod: "write // and %",
    pow: OPERATORS[ast.Pow],
    isinstance: "a field has one type; of `T | None` ask `is not None`",
    type: "a field has one type; of `T | None` ask `is not None`",
    hash: "members have a number: int(p)",
    id: "members have a number: int(p)",
    input: "a choice of the environment is choose(...), or a parameter of the operation",
}

FOLDED = (sorted, reversed, list, tuple, enumerate, zip)  # of constants
