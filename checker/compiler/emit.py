"""IR → C: expressions, statements, and the functions of one program."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from checker.compiler.codes import code_range, is_number, is_scalar, set_size
from checker.compiler.ir import (
    Apply,
    Assign,
    Bits,
    Block,
    Call,
    Check,
    Choose,
    Counted,
    Domain,
    Expr,
    Fold,
    For,
    Helper,
    If,
    InOperation,
    Jump,
    Leaf,
    LeafKey,
    Leave,
    Literal,
    Load,
    Perform,
    Point,
    Read,
    Return,
    Rows,
    Site,
    Span,
    Stmt,
    Store,
    Variable,
    When,
    While,
    Yield,
    walk,
)
from checker.compiler.layout import Field
from checker.compiler.slicing import Slice
from checker.compiler.source import Place
from checker.language.types import BoolType, SetType, Type

INDENT = "    "


@dataclass
class Numbering:
    """What the C text refers to by number, shared by all functions of a program."""

    kept: Slice
    fields: dict[LeafKey, Field]
    constants: dict[LeafKey, tuple[int, ...]]
    tables: dict[tuple[int, ...], str]
    points: dict[tuple[type, str], list[int]] = field(default_factory=dict)  # (actor, operation) → its pcs
    sites: list[Site] = field(default_factory=list)
    rows: dict[tuple[tuple[int, ...], ...], str] = field(default_factory=dict)
    condition_base: int = 0
    track_writes: bool = False
    asks_running: bool = False  # some block asks running(): an operation is begun before its first block runs
    called: set[Helper] = field(default_factory=set)

    def site(self, site: Site) -> int:
        """1-based; 0 means that nothing is wrong."""
        if site not in self.sites:
            self.sites.append(site)
        return self.sites.index(site) + 1

    def rows_table(self, rows: tuple[tuple[int, ...], ...]) -> str:
        return self.rows.setdefault(rows, f"rows{len(self.rows)}")


def ctype(kind: Any) -> str:
    if isinstance(kind, SetType):
        return "uint64_t"
    if isinstance(kind, BoolType):
        return "bool"
    return "int64_t" if is_number(kind) else "int"


def literal(kind: Any, code: int) -> str:
    return f"UINT64_C({code})" if isinstance(kind, SetType) else f"({code})" if code < 0 else str(code)


class Text:
    """Lines of C with their indentation."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.depth = 1

    def add(self, line: str) -> None:
        self.lines.append(INDENT * self.depth + line)

    def label(self, name: str) -> None:
        self.lines.append(f"{name}: MAYBE_UNUSED;")

    def open(self, line: str) -> None:
        self.add(f"{line} {{")
        self.depth += 1

    def close(self, line: str = "}") -> None:
        self.depth -= 1
        self.add(line)


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
        raise TypeError(expr)

    def _apply(self, expr: Apply) -> str:
        arguments = [self.expr(argument) for argument in expr.arguments]
        site = str(self.numbering.site(expr.check)) if expr.check is not None else ""
        text = expr.operator.replace("{site}", site)
        for position, argument in enumerate(arguments):
            text = text.replace(f"{{{position}}}", argument)
        return text

    def _load(self, expr: Load) -> str:
        key = expr.leaf.key
        if key in self.numbering.constants:
            return self._constant(expr.leaf, self.numbering.constants[key], expr.index)
        return f"get_{self.numbering.fields[key].cname}({', '.join([expr.root, *self.position(expr.leaf, expr.index)])})"

    def _constant(self, leaf: Leaf, codes: tuple[int, ...], index: tuple[Expr, ...]) -> str:
        if len(set(codes)) == 1:
            return literal(leaf.type, codes[0])
        table = self.numbering.tables.setdefault(codes, f"table{len(self.numbering.tables)}")
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

    # -- loops inside expressions: GNU statement expressions ------------------------------------------------------

    def _fold(self, fold: Fold) -> str:
        kind, body = fold.kind, self.expr(fold.body)
        if kind == "any":
            return self._quantified(fold, body, "true")
        if kind == "all":
            return self._quantified(fold, f"!({body})", "false")
        if kind == "sum":
            return self._looped(fold, "int64_t", "0", f"fold_ += {body};")
        if kind == "set":
            assert isinstance(fold.type, SetType)
            low, _ = code_range(fold.type.of)
            return self._looped(fold, "uint64_t", "0", f"fold_ |= UINT64_C(1) << ({body} - ({low}));")
        assert kind in ("min", "max") and fold.check is not None
        sign = "<" if kind == "min" else ">"
        site = self.numbering.site(fold.check)
        inner = f"{{ int64_t one_ = {body}; if (!some_ || one_ {sign} fold_) fold_ = one_; some_ = true; }}"
        return (
            f"({{ bool some_ = false; int64_t fold_ = 0; {self._nest(fold, inner)} "
            f"if (!some_) fault(b, {site}); ({ctype(fold.type)})fold_; }})"
        )

    def _quantified(self, fold: Fold, decisive: str, result: str) -> str:
        """any and all stop at the first member that decides; every enclosing loop tests for it."""
        start = "false" if result == "true" else "true"
        inner = f"if ({decisive}) {{ fold_ = {result}; break; }}"
        return f"({{ bool fold_ = {start}; {self._nest(fold, inner, f'fold_ == {start}')} fold_; }})"

    def _looped(self, fold: Fold, kind: str, start: str, inner: str) -> str:
        return f"({{ {kind} fold_ = {start}; {self._nest(fold, inner)} fold_; }})"

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
            return f"for ({kind} {name} = {self.expr(domain.low)}; {name} {sign} {self.expr(domain.high)}{also}; {step}) {{ {inner} }}"
        if isinstance(domain, Rows):
            table = self.numbering.rows_table(domain.rows)
            row = self.expr(domain.row)
            return (
                f"for (int at_{name} = 0, row_{name} = {row}; at_{name} < {table}_count[row_{name}]{also}; at_{name}++) "
                f"{{ {ctype(variable.type)} {name} = {table}[row_{name}][at_{name}]; {inner} }}"
            )
        assert isinstance(domain, Bits) and isinstance(domain.value.type, SetType)
        low, _ = code_range(domain.value.type.of)
        offset = f" + ({low})" if low else ""
        return (
            f"for (uint64_t left_{name} = {self.expr(domain.value)}; left_{name}{also}; left_{name} &= left_{name} - 1) "
            f"{{ {ctype(variable.type)} {name} = __builtin_ctzll(left_{name}){offset}; {inner} }}"
        )


@dataclass
class OperationNames:
    """How the statements of an operation refer to its program points."""

    cname: str
    actor: str
    slots: dict[Variable, Field]
    all_slots: list[Field]
    pc: Field | None  # None: an action


class FunctionWriter(ExpressionWriter):
    """The statements of one C function."""

    def __init__(self, numbering: Numbering, operation: OperationNames | None = None) -> None:
        super().__init__(numbering)
        self.operation = operation
        self.text = Text()
        self.count = 0
        self._places: Place | None = None

    # -- helpers and properties -----------------------------------------------------------------------------------

    def helper(self, helper: Helper) -> list[str]:
        const = "" if helper.writes else "const "
        parameters = ["Step *b", *(f"{const}State *{root}" for root in helper.roots)]
        parameters += [f"{ctype(p.type)} {p.cname}" for p in helper.parameters]
        kind = "void" if _is_void(helper) else ctype(helper.result)
        self.declare(helper.body, set(helper.parameters))
        self.body(helper.body)
        if kind != "void" and not self._ends(helper.body):
            self.text.add("return 0;")
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
        found: dict[str, Variable] = {}
        for stmt in walk(body):
            if not self.numbering.kept.matters(stmt):
                continue
            variable = getattr(stmt, "variable", None)
            if isinstance(variable, Variable) and variable not in given:
                found.setdefault(variable.cname, variable)
        for name, variable in found.items():
            self.text.add(f"{ctype(variable.type)} {name} = 0;")
        for name in found:
            self.text.add(f"(void){name};")

    # -- statements ---------------------------------------------------------------------------------------------

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

    def _comment(self, stmt: Stmt) -> None:
        place = stmt.place
        if self._places != place:
            self._places = place
            self.text.add(f"/* {place.shown_file}:{place.line}: {_source_line(place)} */")

    def _assign(self, stmt: Assign) -> None:
        self.text.add(f"{stmt.variable.cname} = {self.expr(stmt.value)};")

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
        turns = f"turns_{self.count}"
        bound = stmt.bound or Site(
            "model error", "a loop goes round without ever reaching its yield", stmt.place
        )
        self.text.open("")
        self.text.add(f"int {turns};")
        self.text.add(f"{turns} = 0;")
        self.text.open("for (;;)")
        self.body(stmt.before)
        self.text.add(f"if (!({self.expr(stmt.test)})) break;")
        self.text.add(f"if (++{turns} > 4096) {{ fault(b, {self.numbering.site(bound)}); {self._stop()} }}")
        self.body(stmt.body)
        self.text.close()
        self.text.close()

    def _for(self, stmt: For) -> None:
        name, domain = stmt.variable.cname, stmt.domain
        if isinstance(domain, Rows):
            self._for_rows(stmt, domain)
            return
        if isinstance(domain, Span) and stmt.yields:
            sign = "<" if domain.step > 0 else ">"
            self.text.open(
                f"for ({name} = {self.expr(domain.low)}; {name} {sign} {self.expr(domain.high)}; {name} += {domain.step})"
            )
            self.body(stmt.body)
            self.text.close()
            return
        self.count += 1
        inner = Variable(name, stmt.variable.type, f"next_{self.count}")
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
        name, at = stmt.variable.cname, f"at_{self.count}"
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
        fold, picked, done = stmt.fold, f"pick_{self.count}", f"picked_{self.count}"
        label = f"{self.operation.cname if self.operation else 'helper'}_{done}"
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

    def _yield(self, stmt: Yield) -> None:
        assert self.operation is not None
        pc = point_name(self.operation.cname, stmt.point)
        if stmt.always:
            self._suspend(stmt.point, pc)
            self.text.label(f"at_{pc}")
            if stmt.wait is not None:
                self.text.add(f"if ({self.expr(stmt.wait)}) return 0;")
            return
        assert stmt.wait is not None
        self.text.open(f"if ({self.expr(stmt.wait)})")
        self._suspend(stmt.point, pc)
        self.text.close()
        self.text.open("if (0)")
        self.text.label(f"at_{pc}")
        self.text.add(f"if ({self.expr(stmt.wait)}) return 0;")
        self.text.close()

    def _suspend(self, point: Point, pc: str) -> None:
        self._save({self._names.slots[v].cname: v for v in point.live}, pc)

    def finish(self) -> None:
        """The operation has returned: its locals are forgotten, its actor is idle."""
        self._save({}, "0")

    def _save(self, kept: dict[str, Variable], pc: str) -> None:
        names = self._names
        if names.pc is not None:
            codes = [_stored(kept[slot.cname]) if slot.cname in kept else "0" for slot in names.all_slots]
            self.text.add(f"suspend_{names.actor}({', '.join(['t', 'me', pc, *codes])});")
        self.text.add("return 1;")

    @property
    def _names(self) -> OperationNames:
        assert self.operation is not None
        return self.operation

    def _return(self, stmt: Return) -> None:
        if self.operation is not None:
            self.text.add(f"goto {self.operation.cname}_done;")
        elif stmt.value is None:
            self.text.add("return;")
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
            self.expr(a) if p in needed else "0"
            for p, a in zip(stmt.helper.parameters, stmt.arguments, strict=True)
        ]
        call = f"{stmt.helper.cname}({', '.join(['b', *stmt.roots, *arguments])})"
        wanted = stmt.variable is not None and stmt.variable in needed
        self.text.add(f"{stmt.variable.cname} = {call};" if wanted and stmt.variable else f"{call};")
        if stmt.helper.chooses:
            self.text.add(f"if (stopped(b)) {{ {self._stop()} }}")

    def _block(self, stmt: Block) -> None:
        self.body(stmt.body)
        self.text.label(self._label(stmt))

    def _leave(self, stmt: Leave) -> None:
        self.text.add(f"goto {self._label(stmt.block)};")

    def _label(self, block: Block) -> str:
        assert self.operation is not None
        return f"{self.operation.cname}_{block.label}"

    def _jump(self, stmt: Jump) -> None:
        self.text.add(f"{stmt.kind};")

    def _stop(self) -> str:
        """Leave the function after a fault or a choice of nothing: its caller looks at `b`."""
        if self.operation is not None:
            return "return 0;"
        return "return;" if self._void else "return 0;"

    _void = False

    def _disable(self) -> str:
        return f"b->disabled = true; {self._stop()}"


def _is_void(helper: Helper) -> bool:
    return helper.result is None


def helper_writer(numbering: Numbering, helper: Helper) -> list[str]:
    writer = FunctionWriter(numbering)
    writer._void = _is_void(helper)
    return writer.helper(helper)


def point_name(operation: str, point: Point) -> str:
    return f"{operation}line{point.place.line}_{point.number}"


def _stored(variable: Variable) -> str:
    low = 0 if isinstance(variable.type, SetType) else code_range(variable.type)[0]
    return variable.cname if low == 0 else f"{variable.cname} - ({low})"


def loaded(variable: Variable, slot: Field) -> str:
    low = 0 if isinstance(variable.type, SetType) else code_range(variable.type)[0]
    return (
        f"{variable.cname} = ({ctype(variable.type)})get_{slot.cname}(t, me)"
        + (f" + ({low})" if low else "")
        + ";"
    )


def accessors(f: Field) -> list[str]:
    """get_ and set_ of one field."""
    index = ", int i" if f.indexed else ""
    if f.width == 0:
        return [
            f"static inline {f.ctype} get_{f.cname}(const State *s{index}) {{ return {f.low}; }}",
            f"static inline void set_{f.cname}(State *s{index}, {f.ctype} v) {{ }}",
        ]
    mask = f"UINT64_C({(1 << f.width) - 1:#x})"
    lines, (word, shift) = _address(f)
    low = f" + ({f.low})" if f.low else ""
    stored = f"(uint64_t)(v - ({f.low}))" if f.low else "(uint64_t)v"
    lines.append(
        f"static inline {f.ctype} get_{f.cname}(const State *s{index}) {{ return ({f.ctype})((s->w[{word}] >> ({shift})) & {mask}){low}; }}"
    )
    lines.append(
        f"static inline void set_{f.cname}(State *s{index}, {f.ctype} v) "
        f"{{ s->w[{word}] = (s->w[{word}] & ~({mask} << ({shift}))) | ({stored} << ({shift})); }}"
    )
    return lines


def _address(f: Field) -> tuple[list[str], tuple[str, str]]:
    regular = f.stride()
    if f.count == 1:
        word, shift = f.places[0]
        return [], (str(word), str(shift))
    if regular is not None:
        word, first = regular
        return [], (str(word), f"{first} + i * {f.width}" if first else f"i * {f.width}")
    words = [f.places.get(e, (0, 0))[0] for e in range(f.count)]
    shifts = [f.places.get(e, (0, 0))[1] for e in range(f.count)]
    lines = [
        f"static const unsigned char word_of_{f.cname}[] = {{{', '.join(map(str, words))}}};",
        f"static const unsigned char shift_of_{f.cname}[] = {{{', '.join(map(str, shifts))}}};",
    ]
    return lines, (f"word_of_{f.cname}[i]", f"shift_of_{f.cname}[i]")


def constant_table(name: str, values: Iterable[int]) -> str:
    numbers = list(values)
    if max(numbers) >= 1 << 31:
        return f"static const uint64_t {name}[] = {{{', '.join(f'UINT64_C({n})' for n in numbers)}}};"
    return f"static const int {name}[] = {{{', '.join(map(str, numbers))}}};"


def rows_table(name: str, rows: tuple[tuple[int, ...], ...]) -> list[str]:
    widest = max(1, max(len(row) for row in rows))
    inner = ", ".join("{" + ", ".join(map(str, row or (0,))) + "}" for row in rows)
    return [
        f"static const int {name}[][{widest}] = {{{inner}}};",
        f"static const int {name}_count[] = {{{', '.join(str(len(row)) for row in rows)}}};",
    ]


def _source_line(place: Place) -> str:
    import linecache

    return linecache.getline(place.file, place.line).strip().replace("*/", "* /")


__all__ = [
    "FunctionWriter",
    "Numbering",
    "OperationNames",
    "Type",
    "accessors",
    "helper_writer",
    "is_scalar",
    "set_size",
]
