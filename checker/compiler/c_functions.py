"""IR statements → the body of a C function."""

from __future__ import annotations

import linecache
from collections.abc import Iterator

from checker.compiler.c_expressions import ExpressionWriter
from checker.compiler.c_numbering import Numbering
from checker.compiler.c_text import Text, ctype, zero
from checker.compiler.ir import Expr, Literal, Rows, Selected, Span, Variable
from checker.compiler.ir_statements import (
    LOOP_LIMIT,
    Assign,
    Check,
    Choose,
    For,
    Helper,
    If,
    Jump,
    Mark,
    Perform,
    Return,
    Site,
    Stmt,
    Store,
    When,
    While,
)
from checker.compiler.source import Place
from checker.compiler.walking import walk


class FunctionWriter(ExpressionWriter):
    """The statements of one C function."""

    def __init__(self, numbering: Numbering) -> None:
        super().__init__(numbering)
        self.text = Text()
        self.count = 0
        self._places: Place | None = None

    # -- helpers and properties ------------------------------------------------------------------------------

    def helper(self, helper: Helper) -> list[str]:
        const = "" if helper.writes else "const "
        parameters = ["Step *b", *(f"{const}State *{root}" for root in helper.roots)]
        parameters += [f"{ctype(p.type)} {p.cname}" for p in helper.parameters]
        kind = "void" if _is_void(helper) else ctype(helper.result)
        self._nothing = zero(helper.result)
        self.declare(helper.body, set(helper.parameters))
        self.body(helper.body)
        if kind != "void" and not self._ends(helper.body):
            self.text.add(f"return {self._nothing};")
        head = [f"/* {helper.place.shown_file}:{helper.place.line} */"] if helper.place else []
        return [
            *head,
            f"static inline {kind} {helper.cname}({', '.join(parameters)})",
            "{",
            *self.text.lines,
            "}",
            "",
        ]

    def _ends(self, body: list[Stmt]) -> bool:
        return bool(body) and isinstance(body[-1], Return)

    def declare(self, body: list[Stmt], given: set[Variable]) -> None:
        """Locals stand at the top: a label may be jumped to past their first assignment."""
        found = {variable.cname: variable for variable in self.declared(body) if variable not in given}
        for name, variable in found.items():
            self.text.add(f"{ctype(variable.type)} {name} = {zero(variable.type)};")
        for name in found:
            self.text.add(f"(void){name};")

    def declared(self, body: list[Stmt]) -> Iterator[Variable]:
        for stmt in walk(body):
            variable = getattr(stmt, "variable", None)
            if isinstance(variable, Variable) and self.numbering.kept.matters(stmt):
                yield variable

    # -- statements ------------------------------------------------------------------------------------------

    def body(self, body: list[Stmt]) -> None:
        for stmt in body:
            if self.numbering.kept.matters(stmt):
                self._comment(stmt)
                getattr(self, f"_{type(stmt).__name__.lower()}")(stmt)
            elif self.numbering.track_writes and any(isinstance(s, Store) for s in walk([stmt])):
                self._dropped_write(stmt)

    def _dropped_write(self, stmt: Stmt) -> None:
        if isinstance(stmt, Store):
            self.text.add("b->wrote = true;  /* a field that nothing reads */")
        elif isinstance(stmt, If) and isinstance(stmt.test, Selected):  # each variant writes as it does alone
            self.text.open(f"if (variant_chosen == {stmt.test.variant})")
            self.body(stmt.then)
            self.text.close("} else {")
            self.text.depth += 1
            self.body(stmt.orelse)
            self.text.close()

    def _comment(self, stmt: Stmt) -> None:
        place = stmt.place
        if self._places != place:
            self._places = place
            self.text.add(f"/* {place.shown_file}:{place.line}: {_source_line(place)} */")

    def _assign(self, stmt: Assign) -> None:
        self.text.add(f"{stmt.variable.cname} = {self.expr(stmt.value)};")

    def _mark(self, stmt: Mark) -> None:
        mark = f"&passed[{self.numbering.mark(stmt.operation)}]"  # threads may come to it at the same time
        self.text.add(f"if (!b->x->fault) __atomic_store_n({mark}, 1, __ATOMIC_RELAXED);")

    def _store(self, stmt: Store) -> None:
        target = self.numbering.fields[stmt.leaf.key]
        arguments = [stmt.root, *self.position(stmt.leaf, stmt.index), self.expr(stmt.value)]
        self.text.add(f"set_{target.cname}({', '.join(arguments)});")
        if self.numbering.track_writes:
            self.text.add("b->wrote = true;")

    def _if(self, stmt: If) -> None:
        self.text.open(f"if ({self.expr(stmt.test)})")
        self.body(stmt.then)
        if any(map(self.numbering.kept.matters, stmt.orelse)):
            self.text.close("} else {")
            self.text.depth += 1
            self.body(stmt.orelse)
        self.text.close()

    def _while(self, stmt: While) -> None:
        self.count += 1
        turns = f"turns{self.count}"
        bound = stmt.bound or Site(
            "model error", "a loop goes round without ever reaching its yield", stmt.place
        )
        self.text.declare(f"int {turns} = 0;")  # not here: a resumption jumps past this line
        self.text.add(f"{turns} = 0;")
        self.text.open("for (;;)")
        self.body(stmt.before)
        self.text.add(f"if (!({self.expr(stmt.test)})) break;")
        self.text.add(
            f"if (++{turns} > {LOOP_LIMIT}) {{ fault(b, {self.numbering.site(bound)}); {self._stop()} }}"
        )
        self.body(stmt.body)
        self.text.close()

    def _for(self, stmt: For) -> None:
        name, domain = stmt.variable.cname, stmt.domain
        if isinstance(domain, Rows):
            self._for_rows(stmt, domain)
            return
        if isinstance(domain, Span) and stmt.yields:
            sign = "<" if domain.step > 0 else ">"
            low, high = self.expr(domain.low), self.expr(domain.high)
            self.text.open(f"for ({name} = {low}; {name} {sign} {high}; {name} += {domain.step})")
            self.body(stmt.body)
            self.text.close()
            return
        self.count += 1
        inner = Variable(name, stmt.variable.type, f"next{self.count}")
        head = self.loop(inner, domain, "\0")
        before, after = head.split("\0")
        self.text.add(before.rstrip())
        self.text.depth += 1
        self.text.add(f"{name} = {inner.cname};")
        self.body(stmt.body)
        self.text.close(after.strip())

    def _for_rows(self, stmt: For, domain: Rows) -> None:
        """A resumed loop finds its place again from its variable: the members of a row differ."""
        self.count += 1
        name, at = stmt.variable.cname, f"at{self.count}"
        table, row = self.numbering.rows_table(domain.rows), self.expr(domain.row)
        self.text.open("")
        self.text.add(f"int {at};")
        step = f"{at} = position_in({table}[{row}], {name}) + 1" if stmt.yields else f"{at}++"
        self.text.open(f"for ({at} = 0; {at} < {table}_count[{row}]; {step})")
        self.text.add(f"{name} = {table}[{row}][{at}];")
        self.body(stmt.body)
        self.text.close()
        self.text.close()

    def _choose(self, stmt: Choose) -> None:
        name = stmt.variable.cname
        if stmt.options:
            self._choose_option(name, stmt.options)
            return
        assert stmt.fold is not None
        self.count += 1
        fold, picked, label = stmt.fold, f"pick{self.count}", f"picked{self.count}"
        self.text.open("")
        self.text.add(f"int {picked} = 0;")
        self.text.add(self._nest(fold, f"{picked}++;"))
        empty = (
            f"if (b->wrote) fault(b, {self.numbering.site(stmt.empty)}); "
            if self.numbering.track_writes
            else ""
        )
        self.text.add(f"if ({picked} == 0) {{ {empty}{self._disable()} }}")
        self.text.add(f"{picked} = (int)pick(b->x, (uint32_t){picked});")
        self.text.add(
            self._nest(fold, f"if ({picked}-- == 0) {{ {name} = {self.expr(fold.body)}; goto {label}; }}")
        )
        self.text.label(label)
        self.text.close()

    def _choose_option(self, name: str, options: tuple[Expr, ...]) -> None:
        codes = [option.code for option in options if isinstance(option, Literal)]
        if len(codes) == len(options) and codes == list(range(codes[0], codes[0] + len(codes))):
            self.text.add(f"{name} = {codes[0]} + (int)pick(b->x, {len(codes)});")
            return
        self.text.open(f"switch (pick(b->x, {len(options)}))")
        for number, option in enumerate(options):
            self.text.add(f"case {number}: {name} = {self.expr(option)}; break;")
        self.text.close()

    def _return(self, stmt: Return) -> None:
        if self._void:
            self.text.add("return;")
        elif stmt.value is None or not self._wanted:
            self.text.add(f"return {self._nothing};")
        else:
            self.text.add(f"return {self.expr(stmt.value)};")

    def _when(self, stmt: When) -> None:
        self.text.add(f"if (!({self.expr(stmt.test)})) {{ {self._disable()} }}")

    def _check(self, stmt: Check) -> None:
        self.text.add(
            f"if (!({self.expr(stmt.test)})) {{ fault(b, {self.numbering.site(stmt.site)}); {self._stop()} }}"
        )

    def _perform(self, stmt: Perform) -> None:
        self.numbering.called.add(stmt.helper)
        needed = self.numbering.kept.needed
        arguments = [
            self.expr(a) if p in needed else zero(p.type)
            for p, a in zip(stmt.helper.parameters, stmt.arguments, strict=True)
        ]
        call = f"{stmt.helper.cname}({', '.join(['b', *stmt.roots, *arguments])})"
        wanted = stmt.variable is not None and stmt.variable in needed
        self.text.add(f"{stmt.variable.cname} = {call};" if wanted and stmt.variable else f"{call};")
        if stmt.helper.chooses:
            self.text.add(f"if (stopped(b)) {{ {self._stop()} }}")

    def _jump(self, stmt: Jump) -> None:
        self.text.add(f"{stmt.kind};")

    def _stop(self) -> str:
        """Leave the function after a fault or a choice of nothing: its caller looks at `b`."""
        return "return;" if self._void else f"return {self._nothing};"

    _void = False
    _nothing = "0"  # what a helper that cannot go on returns
    _wanted = True  # somebody uses the result

    def _disable(self) -> str:
        return f"b->disabled = true; {self._stop()}"


class ActionWriter(FunctionWriter):
    """An action answers whether there is such a step."""

    def _return(self, stmt: Return) -> None:
        self.text.add("return 1;")


def _is_void(helper: Helper) -> bool:
    return helper.result is None


def helper_writer(numbering: Numbering, helper: Helper) -> list[str]:
    writer = FunctionWriter(numbering)
    writer._void = _is_void(helper)
    writer._wanted = not helper.effects or helper in numbering.kept.needed
    return writer.helper(helper)


def _source_line(place: Place) -> str:
    return linecache.getline(place.file, place.line).strip().replace("*/", "* /")
