"""IR expressions → C expressions."""

from __future__ import annotations

import re

from checker.compiler.c_numbering import Numbering
from checker.compiler.c_text import ctype, literal
from checker.compiler.c_wide import is_wide, prefix, wide_loop, wide_template, wide_type
from checker.compiler.codes import code_range, set_words
from checker.compiler.ir import (
    Apply,
    Bits,
    Call,
    Counted,
    Domain,
    Expr,
    Fold,
    InOperation,
    Leaf,
    Literal,
    Load,
    Read,
    Rows,
    Selected,
    Span,
    Variable,
)
from checker.compiler.sites import has_site
from checker.language.types import SetType

_TABLE = re.compile(r"(?P<name>table\d+)\[\{0\}\]")


class ExpressionWriter:
    def __init__(self, numbering: Numbering) -> None:
        self.numbering = numbering

    def expr(self, expr: Expr) -> str:
        if isinstance(expr, Literal):
            return literal(expr.type, expr.code)
        if isinstance(expr, Read):
            return expr.variable.cname
        if isinstance(expr, Load):
            return self._load(expr)
        if isinstance(expr, Apply):
            return self._apply(expr)
        if isinstance(expr, Counted):
            return f"counted(b, {self.numbering.condition_base + expr.condition}, {self.expr(expr.value)})"
        if isinstance(expr, Fold):
            return self._fold(expr)
        if isinstance(expr, Call):
            self.numbering.called.add(expr.helper)
            return f"{expr.helper.cname}({', '.join(['b', *expr.roots, *map(self.expr, expr.arguments)])})"
        if isinstance(expr, InOperation):
            return self._running(expr)
        if isinstance(expr, Selected):
            self.numbering.variants.add(expr.variant)
            return f"variant({expr.variant})"
        raise TypeError(expr)

    def _apply(self, expr: Apply) -> str:
        arguments = [self.expr(argument) for argument in expr.arguments]
        site = str(self.numbering.site(expr.check)) if expr.check is not None else ""
        text = self._operator(expr).replace("{site}", site)
        for position, argument in enumerate(arguments):
            text = text.replace(f"{{{position}}}", argument)
        return text

    def _operator(self, expr: Apply) -> str:
        kinds = [argument.type for argument in expr.arguments]
        if not any(map(is_wide, [expr.type, *kinds])):
            return expr.operator
        table = _TABLE.fullmatch(expr.operator)
        if table is not None and is_wide(expr.type):
            return f"{self.numbering.wide_table(table['name'], set_words(expr.type))}[{{0}}]"
        return wide_template(expr.operator, expr.type, kinds)

    def _load(self, expr: Load) -> str:
        key = expr.leaf.key
        if key in self.numbering.constants:
            return self._constant(expr.leaf, self.numbering.constants[key], expr.index)
        arguments = ", ".join([expr.root, *self.position(expr.leaf, expr.index)])
        return f"get_{self.numbering.fields[key].cname}({arguments})"

    def _constant(self, leaf: Leaf, codes: tuple[int, ...], index: tuple[Expr, ...]) -> str:
        if len(set(codes)) == 1:
            same = literal(leaf.type, codes[0])
            if any(map(has_site, index)):  # whatever stands there, going past the end is an error
                return f"((void){self.position(leaf, index)[0]}, {same})"
            return same
        table = self.numbering.tables.setdefault(codes, f"table{len(self.numbering.tables)}")
        if is_wide(leaf.type):
            table = self.numbering.wide_table(table, set_words(leaf.type))
        return f"{table}[{self.position(leaf, index)[0]}]"

    def position(self, leaf: Leaf, index: tuple[Expr, ...]) -> list[str]:
        """The element's number; none for a field that is no array."""
        if not index:
            return []
        text = ""
        for size, expr in zip(leaf.sizes, index, strict=True):
            text = self.expr(expr) if not text else f"({text} * {size} + {self.expr(expr)})"
        return [text]

    def _running(self, expr: InOperation) -> str:
        member = self.expr(expr.member)
        pc = self.numbering.fields.get(("pc", expr.actor.__name__))
        if pc is None:
            return "false"
        if not expr.operations:
            return f"(pc_of_{expr.actor.__name__}({expr.root}, {member}) != 0)"
        tests = []
        for name in expr.operations:
            pcs = self.numbering.points.get((expr.actor, name), [])
            if pcs:
                tests.append(
                    f"within(pc_of_{expr.actor.__name__}({expr.root}, {member}), {min(pcs)}, {max(pcs)})"
                )
        return f"({' || '.join(tests)})" if tests else "false"

    # -- loops inside expressions: GNU statement expressions -------------------------------------------------

    def _fold(self, fold: Fold) -> str:
        kind, body = fold.kind, self.expr(fold.body)
        if kind == "any":
            return self._quantified(fold, body, "true")
        if kind == "all":
            return self._quantified(fold, f"!({body})", "false")
        if kind == "sum":
            return self._looped(fold, "int64_t", "0", f"folded += {body};")
        if kind == "set":
            assert isinstance(fold.type, SetType)
            low, _ = code_range(fold.type.of)
            if is_wide(fold.type):
                w = prefix(fold.type)
                one = f"folded = {w}_or(folded, {w}_one({body} - ({low})));"
                return self._looped(fold, wide_type(fold.type), "{{0}}", one)
            return self._looped(fold, "uint64_t", "0", f"folded |= UINT64_C(1) << ({body} - ({low}));")
        assert kind in ("min", "max") and fold.check is not None
        sign = "<" if kind == "min" else ">"
        site = self.numbering.site(fold.check)
        inner = f"{{ int64_t one = {body}; if (!some || one {sign} folded) folded = one; some = true; }}"
        return (
            f"({{ bool some = false; int64_t folded = 0; {self._nest(fold, inner)} "
            f"if (!some) fault(b, {site}); ({ctype(fold.type)})folded; }})"
        )

    def _quantified(self, fold: Fold, decisive: str, result: str) -> str:
        """any and all stop at the first member that decides; every enclosing loop tests for it."""
        start = "false" if result == "true" else "true"
        inner = f"if ({decisive}) {{ folded = {result}; break; }}"
        return f"({{ bool folded = {start}; {self._nest(fold, inner, f'folded == {start}')} folded; }})"

    def _looped(self, fold: Fold, kind: str, start: str, inner: str) -> str:
        return f"({{ {kind} folded = {start}; {self._nest(fold, inner)} folded; }})"

    def _nest(self, fold: Fold, inner: str, going: str = "") -> str:
        text = inner
        levels = list(zip(fold.loops, fold.filters, fold.bindings, strict=True))
        for (variable, domain), filters, bindings in reversed(levels):
            for test in reversed(filters):
                text = f"if ({self.expr(test)}) {{ {text} }}"
            for bound, part in reversed(bindings):
                text = f"{ctype(bound.type)} {bound.cname} = {self.expr(part)}; {text}"
            text = self.loop(variable, domain, text, going)
        return text

    def loop(self, variable: Variable, domain: Domain, inner: str, going: str = "") -> str:
        """One C loop that declares `variable`.  `going`: an outer condition under which it goes on."""
        name = variable.cname
        also = f" && {going}" if going else ""
        if isinstance(domain, Span):
            sign, step = (
                ("<", f"{name}++")
                if domain.step == 1
                else ("<", f"{name} += {domain.step}")
                if domain.step > 0
                else (">", f"{name} -= {-domain.step}")
            )
            kind = ctype(variable.type)
            low, high = self.expr(domain.low), self.expr(domain.high)
            return f"for ({kind} {name} = {low}; {name} {sign} {high}{also}; {step}) {{ {inner} }}"
        if isinstance(domain, Rows):
            table = self.numbering.rows_table(domain.rows)
            row = self.expr(domain.row)
            return (
                f"for (int {name}at = 0, {name}row = {row}; "
                f"{name}at < {table}_count[{name}row]{also}; {name}at++) "
                f"{{ {ctype(variable.type)} {name} = {table}[{name}row][{name}at]; {inner} }}"
            )
        assert isinstance(domain, Bits) and isinstance(domain.value.type, SetType)
        if is_wide(domain.value.type):
            value = self.expr(domain.value)
            return wide_loop(domain.value.type, value, name, ctype(variable.type), inner, also)
        first, _ = code_range(domain.value.type.of)
        offset = f" + ({first})" if first else ""
        return (
            f"for (uint64_t {name}left = {self.expr(domain.value)}; "
            f"{name}left{also}; {name}left &= {name}left - 1) "
            f"{{ {ctype(variable.type)} {name} = __builtin_ctzll({name}left){offset}; {inner} }}"
        )
