"""Python expressions → typed IR."""

from __future__ import annotations

import ast
import builtins
import enum
import inspect
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

from checker.compiler import arithmetic
from checker.compiler.codes import (
    BOOL,
    SET_LIMIT,
    NoneOnly,
    code_range,
    contains,
    decode,
    describe,
    encode,
    is_number,
    is_scalar,
    join,
    none_code,
    set_size,
    type_of_constant,
)
from checker.compiler.ir import (
    Apply,
    Bits,
    Call,
    Counted,
    Domain,
    Expr,
    Fold,
    InOperation,
    Literal,
    Load,
    Read,
    Rows,
    Site,
    Span,
    Variable,
)
from checker.compiler.source import Extent, Source, extent
from checker.compiler.unit import Unit, unique
from checker.compiler.values import Constant, Family, Method, Pair, Ref, Value
from checker.language import steps
from checker.language.index import Index
from checker.language.place import frozen
from checker.language.types import (
    ArrayType,
    BoolType,
    EnumType,
    IndexType,
    OptionalType,
    RangeType,
    RecordType,
    SetType,
    TupleType,
)

MANY = 4096  # combinations of arguments a pure function is tabulated for
FOLDS = {"any", "all", "sum", "min", "max", "len", "set", "frozenset"}


class Expressions:
    """Lowers the expressions of one function.  Subclasses add statements."""

    def __init__(self, unit: Unit, source: Source, names: dict[str, int]) -> None:
        self.unit = unit
        self.source = source
        self.names = names  # C identifiers taken in the C function that this one becomes part of
        self.scope: dict[str, Value] = {}
        self.stale: set[str] = set()  # loop variables whose loop is over
        self.locals: set[str] = set()
        self.conditions: dict[Extent, int] = {}  # atomic conditions of a property

    # -- entry points -------------------------------------------------------------------------------------------

    def value(self, node: ast.expr) -> Value:
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is None:
            self.source.unsupported(
                node,
                f"{type(node).__name__} is not in the language",
                "write it with names, fields, comparisons and loops",
            )
        result: Value = method(node)
        return result

    def scalar(self, node: ast.expr) -> Expr:
        return self.as_expr(self.value(node), node)

    def boolean(self, node: ast.expr) -> Expr:
        expr = self.scalar(node)
        if not isinstance(expr.type, BoolType):
            self.source.type_error(
                node,
                f"only bools have a truth value, and this is {_a(describe(expr.type))}",
                "compare it: `is not None`, `== 0`, `in`, `len(...) > 0`",
            )
        number = self.conditions.get(extent(node))
        return expr if number is None or isinstance(expr, Literal) else Counted(BOOL, number, expr)

    def number(self, node: ast.expr) -> Expr:
        expr = self.scalar(node)
        if not is_number(expr.type):
            self.source.type_error(
                node, f"a number is needed, and this is {_a(describe(expr.type))}", "convert it with int(...)"
            )
        return expr

    def as_expr(self, value: Value, node: ast.AST) -> Expr:
        """A scalar or a set, as an expression."""
        if isinstance(value, Expr):
            return value
        if isinstance(value, Constant):
            return self._literal(value.value, node)
        if isinstance(value, Pair):
            return self._tuple_code(value, node)
        if isinstance(value, Ref) and isinstance(value.type, SetType):
            return self.load(value)
        if isinstance(value, Ref):
            self.source.type_error(
                node,
                f"{describe(value.type)} is a place with several fields, not a value",
                "name one of its fields, or use frozen(...)",
            )
        if isinstance(value, Family):
            return self._family_set(value)
        self.source.type_error(node, f"{self.source.text(node)} is not a value", "call it")

    def coerce(self, expr: Expr, kind: Any, node: ast.AST, what: str) -> Expr:
        """`expr` as a value of `kind`, with a check where only running can tell."""
        if expr.type == kind:
            return expr
        if isinstance(kind, OptionalType):
            return self._to_optional(expr, kind, node, what)
        if isinstance(expr.type, OptionalType) and not isinstance(kind, OptionalType):
            return self.coerce(self.unwrap(expr, node), kind, node, what)
        if is_number(kind) and is_number(expr.type):
            return arithmetic.within(self.source, node, expr, kind, f"{what} out of range")
        if (
            isinstance(kind, SetType)
            and isinstance(expr, Literal)
            and expr.code == 0
            and isinstance(expr.type, SetType)
        ):
            return Literal(kind, 0)
        if contains(kind, expr.type) and not isinstance(kind, TupleType):
            return Apply(kind, "{0}", (expr,))
        self.source.type_error(
            node,
            f"{what} is {_a(describe(kind))}, and this is {_a(describe(expr.type))}",
            f"give it {_a(describe(kind))}",
        )

    def unwrap(self, expr: Expr, node: ast.AST) -> Expr:
        """The T of a `T | None`; None is a model error."""
        if isinstance(expr.type, NoneOnly):
            self.source.type_error(node, "None is used as a value here", "test with `is not None` first")
        if not isinstance(expr.type, OptionalType):
            return expr
        none = none_code(expr.type)
        site = Site(
            "model error",
            f"None used where {_a(describe(expr.type.of))} is needed: {self.source.text(node)}",
            self.source.place(node),
        )
        return Apply(expr.type.of, f"not_none(b, {{0}}, {none}, {{site}})", (expr,), site)

    def _to_optional(self, expr: Expr, kind: OptionalType, node: ast.AST, what: str) -> Expr:
        if isinstance(expr.type, NoneOnly):
            return Literal(kind, none_code(kind))
        if isinstance(expr.type, OptionalType):
            inner = self.coerce(Apply(expr.type.of, "{0}", (expr,)), kind.of, node, what)
            if none_code(expr.type) == none_code(kind) and not isinstance(inner, Apply):
                return Apply(kind, "{0}", (expr,))
            return Apply(
                kind, f"({{0}} == {none_code(expr.type)} ? {none_code(kind)} : {{1}})", (expr, inner)
            )
        return Apply(kind, "{0}", (self.coerce(expr, kind.of, node, what),))

    # -- constants and names ------------------------------------------------------------------------------------

    def _literal(self, value: Any, node: ast.AST) -> Expr:
        if isinstance(value, (set, frozenset)):
            return self._constant_set(value, node)
        if isinstance(value, Index):
            size = len(type(value))
            if not 0 <= int(value) < size:
                self.source.type_error(
                    node,
                    f"{value!r} does not exist: there are {size}",
                    "raise the bound, or name another member",
                )
        kind = type_of_constant(value)
        if kind is None:
            self.source.type_error(
                node,
                f"{_shown(value)} is not a value of the language",
                "use bools, enum members, indexes, numbers, None, tuples and sets",
            )
        return Literal(kind, encode(kind, value))

    def _constant_set(self, value: Any, node: ast.AST) -> Expr:
        kinds = {type_of_constant(member) for member in value}
        if not kinds:
            return Literal(SetType(BOOL), 0)
        kind = None
        for one in kinds:
            kind = one if kind is None else join(kind, one)
        if kind is None:
            self.source.type_error(
                node, "the members of this set are of several types", "keep one type in a set"
            )
        result = self._set_type(kind, node)
        return Literal(result, encode(result, value))

    def _constant(self, node: ast.Constant) -> Value:
        return Constant(node.value)

    def _name(self, node: ast.Name) -> Value:
        if node.id in self.scope:
            if node.id in self.stale:
                self.source.unsupported(
                    node, f"`{node.id}` is read after its loop", "assign it to another local inside the loop"
                )
            return self.scope[node.id]
        if node.id in self.locals:
            self.source.unknown(
                node, f"`{node.id}` is read before anything was assigned to it", "assign it first"
            )
        if node.id in self.source.names:
            return Constant(self.source.names[node.id])
        if hasattr(builtins, node.id):
            return Constant(getattr(builtins, node.id))
        near = get_close_matches(node.id, [*self.scope, *self.locals, *self.source.names], 1)
        self.source.unknown(
            node,
            f"`{node.id}` is not defined",
            f"did you mean `{near[0]}`?" if near else "define or import it",
        )

    # -- places and attributes ----------------------------------------------------------------------------------

    def load(self, ref: Ref) -> Expr:
        return Load(ref.type, ref.root, self.unit.leaf(ref.key, ref.sizes, ref.type), ref.index)

    def _attribute(self, node: ast.Attribute) -> Value:
        return self.attribute(self.value(node.value), node)

    def attribute(self, owner: Value, node: ast.Attribute) -> Value:
        if isinstance(owner, Constant):
            return self._constant_attribute(owner.value, node)
        if isinstance(owner, Ref) and isinstance(owner.type, RecordType):
            return self._field(owner, owner.type, node)
        if isinstance(owner, Ref) and isinstance(owner.type, SetType):
            return Method(owner, getattr(set, node.attr, steps.choose), node.attr)
        if isinstance(owner, Ref):
            return Method(owner, steps.choose, node.attr)
        expr = self.unwrap(self.as_expr(owner, node), node)
        return self._member_attribute(expr, node)

    def _constant_attribute(self, owner: Any, node: ast.Attribute) -> Value:
        try:
            return Constant(getattr(owner, node.attr))
        except AttributeError:
            near = get_close_matches(node.attr, dir(owner), 1)
            self.source.unknown(
                node,
                f"{_shown(owner)} has no `{node.attr}`",
                f"did you mean `{near[0]}`?" if near else "look at its definition",
            )

    def _field(self, ref: Ref, record: RecordType, node: ast.Attribute) -> Value:
        for name, kind, _ in record.fields:
            if name == node.attr:
                return self.place(Ref(ref.root, (*ref.key, name), ref.sizes, ref.index, kind), node)
        attribute = inspect.getattr_static(record.record, node.attr, None)
        if isinstance(attribute, property) and attribute.fget is not None:
            return self.call_helper(attribute.fget, [ref], node)
        if inspect.isfunction(attribute):
            return Method(ref, attribute, node.attr)
        names = [name for name, _, _ in record.fields]
        near = get_close_matches(node.attr, names, 1)
        self.source.unknown(
            node,
            f"{record.record.__name__} has no field `{node.attr}`",
            f"did you mean `{near[0]}`?" if near else f"its fields are {', '.join(names)}",
        )

    def place(self, ref: Ref, node: ast.AST) -> Value:
        """A scalar place is read at once; records, arrays and sets stay references."""
        if isinstance(ref.type, SetType):
            self._set_type(ref.type.of, node)
        return self.load(ref) if is_scalar(ref.type) else ref

    def _member_attribute(self, expr: Expr, node: ast.Attribute) -> Value:
        kind = expr.type
        if not isinstance(kind, (IndexType, EnumType)):
            self.source.type_error(
                node, f"{_a(describe(kind))} has no attributes", "compare it, or use it as an index"
            )
        owner = kind.index if isinstance(kind, IndexType) else kind.enum
        static = inspect.getattr_static(owner, node.attr, None)
        if inspect.isfunction(static):
            return Method(expr, static, node.attr)
        low, high = code_range(kind)
        try:
            results = [getattr(decode(kind, code), node.attr) for code in range(low, high + 1)]
        except AttributeError:
            near = get_close_matches(node.attr, dir(owner), 1)
            self.source.unknown(
                node,
                f"{describe(kind)} has no `{node.attr}`",
                f"did you mean `{near[0]}`?" if near else "look at its definition",
            )
        return self._tabulated(results, expr, node)

    def _tabulated(self, results: list[Any], code: Expr, node: ast.AST) -> Value:
        """The value of a pure function whose results for the codes 0, 1, … are known."""
        if all(
            isinstance(result, (list, tuple, range, set, frozenset)) or inspect.isgenerator(result)
            for result in results
        ):
            lists = [sorted(r) if isinstance(r, (set, frozenset)) else list(r) for r in results]
            return self._family(lists, code, node)
        kind: Any = None
        for result in results:
            one = type_of_constant(result)
            kind = one if kind is None or one is None else join(kind, one)
            if kind is None:
                self.source.type_error(
                    node,
                    f"{self.source.text(node)} is no value of the language",
                    "return bools, indexes, enum members or numbers",
                )
        codes = tuple(encode(kind, result) for result in results)
        if len(set(codes)) == 1:
            return Literal(kind, codes[0])
        return Apply(kind, f"{self.unit.table(codes)}[{{0}}]", (code,))

    def _family(self, lists: list[list[Any]], code: Expr, node: ast.AST) -> Family:
        kind: Any = None
        for member in (member for row in lists for member in row):
            one = type_of_constant(member)
            kind = one if kind is None or one is None else join(kind, one)
            if kind is None:
                self.source.type_error(
                    node, "a loop needs members of one type", "list members of one Index or Enum"
                )
        kind = kind or RangeType(0, 0)
        rows = tuple(tuple(encode(kind, member) for member in row) for row in lists)
        if any(len(set(row)) != len(row) for row in rows):
            self.source.unsupported(node, "a member is listed twice", "a loop ranges over different members")
        return Family(Rows(rows, code), kind)

    def _family_set(self, family: Family) -> Expr:
        result = SetType(family.member)
        low, _ = code_range(family.member)
        masks = tuple(sum(1 << (code - low) for code in row) for row in family.domain.rows)
        if len(masks) == 1:
            return Literal(result, masks[0])
        return Apply(result, f"{self.unit.table(masks)}[{{0}}]", (family.domain.row,))

    def _subscript(self, node: ast.Subscript) -> Value:
        owner = self.value(node.value)
        if isinstance(owner, Ref) and isinstance(owner.type, ArrayType):
            return self.place(self.element(owner, node), node)
        if isinstance(owner, Constant):
            index = self.value(node.slice)
            if isinstance(index, Constant):
                return Constant(owner.value[index.value])
            if isinstance(owner.value, (tuple, list)):
                position = arithmetic.within(
                    self.source,
                    node,
                    self.number(node.slice),
                    RangeType(0, len(owner.value) - 1),
                    "a position",
                )
                return self._tabulated(list(owner.value), position, node)
        if isinstance(owner, Pair) and isinstance(node.slice, ast.Constant):
            return owner.items[node.slice.value]
        if (
            isinstance(owner, Expr)
            and isinstance(owner.type, TupleType)
            and isinstance(node.slice, ast.Constant)
        ):
            return self.parts(owner)[node.slice.value]
        self.source.type_error(
            node,
            f"{self.source.text(node.value)} cannot be indexed",
            "only arrays of the state, and constant tuples, take [ ]",
        )

    def element(self, owner: Ref, node: ast.Subscript) -> Ref:
        assert isinstance(owner.type, ArrayType)
        wanted = IndexType(owner.type.index)
        index = self.scalar(node.slice)
        inner = index.type.of if isinstance(index.type, OptionalType) else index.type
        if inner != wanted:
            self.source.type_error(
                node.slice,
                f"this array is indexed by {describe(wanted)}, and this is {_a(describe(index.type))}",
                f"convert it with {describe(wanted)}(...)",
            )
        index = self.unwrap(index, node.slice)
        return Ref(
            owner.root,
            (*owner.key, "[]"),
            (*owner.sizes, len(owner.type.index)),
            (*owner.index, index),
            owner.type.of,
        )

    # -- tuples and sets ----------------------------------------------------------------------------------------

    def _tuple(self, node: ast.Tuple) -> Value:
        values = tuple(self.value(item) for item in node.elts)
        if all(isinstance(value, Constant) for value in values):
            return Constant(tuple(value.value for value in values if isinstance(value, Constant)))
        return Pair(values)

    def _tuple_code(self, pair: Pair, node: ast.AST) -> Expr:
        items = [self.as_expr(item, node) for item in pair.items]
        return self.pack_tuple(items, TupleType(tuple(item.type for item in items)), node)

    def pack_tuple(self, items: list[Expr], kind: TupleType, node: ast.AST) -> Expr:
        code = "0"
        for position, item in enumerate(kind.items):
            low, high = code_range(item)
            code = f"({code} * {high - low + 1} + ({{{position}}} - ({low})))"
        parts = tuple(
            self.coerce(expr, item, node, "a tuple's item")
            for expr, item in zip(items, kind.items, strict=True)
        )
        return Apply(kind, code, parts)

    def parts(self, expr: Expr) -> list[Expr]:
        """The items of a tuple code, last one fastest."""
        assert isinstance(expr.type, TupleType)
        parts: list[Expr] = []
        divisor = 1
        for item in reversed(expr.type.items):
            low, high = code_range(item)
            size = high - low + 1
            parts.append(Apply(item, f"({{0}} / {divisor} % {size} + ({low}))", (expr,)))
            divisor *= size
        return parts[::-1]

    def _set_type(self, member: Any, node: ast.AST) -> SetType:
        kind = SetType(member)
        if set_size(kind) > SET_LIMIT:
            self.source.type_error(
                node,
                f"{describe(kind)} has {set_size(kind)} possible members",
                f"a set holds at most {SET_LIMIT}: lower a bound",
            )
        return kind

    def _set(self, node: ast.Set) -> Expr:
        members = [self.scalar(item) for item in node.elts]
        kind: Any = members[0].type
        for member in members[1:]:
            kind = join(kind, member.type)
            if kind is None:
                self.source.type_error(
                    node, "the members of this set are of several types", "keep one type in a set"
                )
        result = self._set_type(kind, node)
        value: Expr = Literal(result, 0)
        for member in members:
            value = Apply(
                result,
                "({0} | {1})",
                (value, arithmetic.element_bit(result, self.coerce(member, kind, node, "a member"))),
            )
        return value

    def _setcomp(self, node: ast.SetComp) -> Expr:
        return self.fold("set", node.elt, node.generators, node)

    def as_member(self, set_type: SetType, node: ast.expr) -> Expr:
        """An element for a set: tuples are matched item by item, so that (va, page) finds its Set[tuple[Va, Page]]."""
        value = self.value(node)
        if isinstance(set_type.of, TupleType):
            if isinstance(value, Constant) and isinstance(value.value, tuple):
                value = Pair(tuple(Constant(item) for item in value.value))
            if isinstance(value, Pair) and len(value.items) == len(set_type.of.items):
                return self.pack_tuple([self.as_expr(item, node) for item in value.items], set_type.of, node)
        return self.coerce(self.as_expr(value, node), set_type.of, node, "a member of this set")

    # -- operators ----------------------------------------------------------------------------------------------

    def _boolop(self, node: ast.BoolOp) -> Expr:
        sign, neutral = ("&&", 1) if isinstance(node.op, ast.And) else ("||", 0)
        result: Expr | None = None
        for item in node.values:
            operand = self.boolean(item)
            if isinstance(operand, Literal):
                if operand.code == neutral:
                    continue
                return operand if result is None else Apply(BOOL, f"({{0}} {sign} {{1}})", (result, operand))
            result = operand if result is None else Apply(BOOL, f"({{0}} {sign} {{1}})", (result, operand))
        return result if result is not None else Literal(BOOL, neutral)

    def _unaryop(self, node: ast.UnaryOp) -> Value:
        if isinstance(node.op, ast.Not):
            operand = self.boolean(node.operand)
            return (
                Literal(BOOL, 1 - operand.code)
                if isinstance(operand, Literal)
                else Apply(BOOL, "!{0}", (operand,))
            )
        if isinstance(node.op, ast.USub):
            value = self.number(node.operand)
            if isinstance(value, Literal):
                return Constant(-value.code)
            low, high = code_range(value.type)
            return Apply(RangeType(-high, -low), "(-{0})", (value,))
        self.source.unsupported(
            node, f"{type(node.op).__name__} is not in the language", "use not, or arithmetic"
        )

    def _binop(self, node: ast.BinOp) -> Value:
        left, right = (
            self.unwrap(self.scalar(node.left), node.left),
            self.unwrap(self.scalar(node.right), node.right),
        )
        if isinstance(left.type, SetType) and isinstance(right.type, SetType) and left.type != right.type:
            kind = left.type if isinstance(right, Literal) and right.code == 0 else right.type
            left, right = self.coerce(left, kind, node, "a set"), self.coerce(right, kind, node, "a set")
        return arithmetic.binary(self.source, node, node.op, left, right)

    def _compare(self, node: ast.Compare) -> Expr:
        result: Expr | None = None
        left = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            one = self._comparison(left, operator, right)
            if result is None:
                result = one
            elif isinstance(result, Literal):
                result = one if result.code else result
            else:
                result = Apply(BOOL, "({0} && {1})", (result, one))
            left = right
        assert result is not None
        return result

    def _comparison(self, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> Expr:
        if isinstance(operator, (ast.In, ast.NotIn)):
            inside = self._inside(left, right)
            if isinstance(operator, ast.In):
                return inside
            return (
                Literal(BOOL, 1 - inside.code)
                if isinstance(inside, Literal)
                else Apply(BOOL, "!{0}", (inside,))
            )
        one, other = self.value(left), self.value(right)
        if isinstance(one, Constant) and isinstance(other, Constant):
            return Literal(BOOL, int(_compare_constants(operator, one.value, other.value)))
        if isinstance(one, Ref) and isinstance(other, Ref) and not isinstance(one.type, SetType):
            return self._same_place(one, other, operator, left)
        a, b = self.as_expr(one, left), self.as_expr(other, right)
        if not isinstance(operator, (ast.Eq, ast.NotEq, ast.Is, ast.IsNot)):
            return arithmetic.compare(
                self.source, left, operator, self.unwrap(a, left), self.unwrap(b, right)
            )
        if isinstance(a.type, NoneOnly) and isinstance(b.type, NoneOnly):
            return Literal(BOOL, int(isinstance(operator, (ast.Eq, ast.Is))))
        for value in (a, b):
            other_type = b.type if value is a else a.type
            if isinstance(value.type, NoneOnly) and not isinstance(other_type, OptionalType):
                return Literal(BOOL, int(isinstance(operator, (ast.NotEq, ast.IsNot))))
        kind = self._common(a, b, left)
        return arithmetic.compare(
            self.source,
            left,
            operator,
            self.coerce(a, kind, left, "the left side"),
            self.coerce(b, kind, right, "the right side"),
        )

    def _common(self, a: Expr, b: Expr, node: ast.AST) -> Any:
        if isinstance(a.type, SetType) and isinstance(b.type, SetType):
            return a.type if isinstance(b, Literal) and b.code == 0 else b.type
        kind = None if isinstance(a.type, SetType) or isinstance(b.type, SetType) else join(a.type, b.type)
        if kind is None:
            self.source.type_error(
                node,
                f"{describe(a.type)} and {describe(b.type)} are never equal",
                "compare values of one type",
            )
        return kind

    def _same_place(self, one: Ref, other: Ref, operator: ast.cmpop, node: ast.AST) -> Expr:
        if (
            one.key != other.key
            or one.root != other.root
            or not isinstance(operator, (ast.Is, ast.IsNot, ast.Eq, ast.NotEq))
        ):
            self.source.type_error(node, "two different kinds of place are compared", "compare their fields")
        same: Expr = Literal(BOOL, 1)
        for a, b in zip(one.index, other.index, strict=True):
            same = Apply(BOOL, "({0} && {1} == {2})", (same, a, b))
        return same if isinstance(operator, (ast.Is, ast.Eq)) else Apply(BOOL, "!{0}", (same,))

    def _inside(self, left: ast.expr, right: ast.expr) -> Expr:
        container = self.value(right)
        if isinstance(container, Constant) and isinstance(container.value, (tuple, list)):
            container = Pair(tuple(Constant(item) for item in container.value))
        if isinstance(container, Constant) and isinstance(container.value, type):
            self.scalar(left)
            return Literal(BOOL, 1)
        if isinstance(container, Constant) and isinstance(container.value, range):
            value = self.unwrap(self.number(left), left)
            span = container.value
            return Apply(BOOL, f"({{0}} >= {span.start} && {{0}} < {span.stop})", (value,))
        if isinstance(container, Pair):
            return self._one_of(left, container)
        members = self.as_expr(container, right)
        if not isinstance(members.type, SetType):
            self.source.type_error(
                right,
                f"`in` needs a set, and this is {_a(describe(members.type))}",
                "use a Set or a tuple of values",
            )
        return self._in_set(members, left)

    def _in_set(self, members: Expr, left: ast.expr) -> Expr:
        assert isinstance(members.type, SetType)
        value = self.value(left)
        if isinstance(value, Expr) and isinstance(value.type, OptionalType):
            none = none_code(value.type)
            inside = arithmetic.member_of(
                members.type,
                members,
                self.coerce(Apply(value.type.of, "{0}", (value,)), members.type.of, left, "a member"),
            )
            return Apply(BOOL, f"({{0}} != {none} && {{1}})", (value, inside))
        return arithmetic.member_of(members.type, members, self.as_member(members.type, left))

    def _one_of(self, left: ast.expr, options: Pair) -> Expr:
        value = self.scalar(left)
        result: Expr = Literal(BOOL, 0)
        for option in options.items:
            candidate = self.as_expr(option, left)
            kind = self._common(value, candidate, left)
            same = Apply(
                BOOL,
                "({0} == {1})",
                (self.coerce(value, kind, left, "it"), self.coerce(candidate, kind, left, "it")),
            )
            result = same if isinstance(result, Literal) else Apply(BOOL, "({0} || {1})", (result, same))
        return result

    def _ifexp(self, node: ast.IfExp) -> Value:
        test = self.boolean(node.test)
        if isinstance(test, Literal):
            return self.value(node.body if test.code else node.orelse)
        then, other = self.scalar(node.body), self.scalar(node.orelse)
        kind = join(then.type, other.type)
        if kind is None and isinstance(then.type, SetType):
            kind = self._common(then, other, node)
        if kind is None:
            self.source.type_error(
                node,
                f"this is {describe(then.type)} or {describe(other.type)}",
                "give both branches one type",
            )
        return Apply(
            kind,
            "({0} ? {1} : {2})",
            (test, self.coerce(then, kind, node, "it"), self.coerce(other, kind, node, "it")),
        )

    # -- calls --------------------------------------------------------------------------------------------------

    def _call(self, node: ast.Call) -> Value:
        function = self.value(node.func)
        if isinstance(function, Method):
            return self._method(function, node)
        if not isinstance(function, Constant):
            self.source.type_error(
                node, f"{self.source.text(node.func)} is not a function", "call a function of the model"
            )
        return self._call_constant(function.value, node)

    def _call_constant(self, function: Any, node: ast.Call) -> Value:
        name = getattr(function, "__name__", "")
        if function in (any, all, sum, min, max, len, set, frozenset):
            return self._fold_call(name, node)
        if function in (int, range, abs, frozen, steps.running):
            return getattr(self, f"_call_{name}")(node)  # type: ignore[no-any-return]
        if function in (steps.choose, steps.when, steps.assumed, steps.any_order):
            self.source.unsupported(node, f"{name}() stands inside an expression", _ADVICE[name])
        if isinstance(function, type) and issubclass(function, Index):
            return self._convert(function, node)
        if isinstance(function, type) and issubclass(function, enum.Enum):
            self.source.unsupported(
                node, f"{name}(...) looks a member up by value", f"name the member: {name}.MEMBER"
            )
        if node.keywords and not inspect.isfunction(function):
            self.source.unsupported(
                node, "keyword arguments are for functions of the model", "pass it by position"
            )
        if inspect.isfunction(function):
            return self.call_helper(function, self.arguments(function, node), node)
        self.source.unsupported(
            node,
            f"{self.source.text(node.func)}() cannot be called in a model",
            "call a function that is defined with def",
        )

    def arguments(
        self, function: Callable[..., Any], node: ast.Call, first: Value | None = None
    ) -> list[Value]:
        """Positional, keyword and default arguments in the order of the parameters."""
        given: list[Value] = [] if first is None else [first]
        for item in node.args:
            if isinstance(item, ast.Starred):
                self.source.unsupported(item, "*arguments are not in the language", "write the arguments out")
            given.append(self.value(item))
        named: dict[str, Value] = {}
        for keyword in node.keywords:
            if keyword.arg is None:
                self.source.unsupported(
                    keyword.value, "**arguments are not in the language", "write the arguments out"
                )
            named[keyword.arg] = self.value(keyword.value)
        try:
            bound = inspect.signature(function).bind(*given, **named)
        except TypeError as error:
            self.source.type_error(node, f"{function.__name__}(): {error}", "see its definition")
        values = []
        for name, parameter in inspect.signature(function).parameters.items():
            values.append(bound.arguments[name] if name in bound.arguments else Constant(parameter.default))
        return values

    def call_helper(self, function: Callable[..., Any], arguments: list[Value], node: ast.AST) -> Value:
        """A helper in an expression: it may neither write nor choose.  (helpers.py specialises it.)"""
        raise NotImplementedError

    def tabulate(self, function: Callable[..., Any], arguments: list[Value], node: ast.AST) -> Value:
        """A pure function of scalars, evaluated by Python itself for every combination of their values."""
        exprs = [self.as_expr(argument, node) for argument in arguments]
        ranges = [code_range(expr.type) for expr in exprs]
        total = 1
        for low, high in ranges:
            total *= high - low + 1
        if total > MANY:
            self.source.unsupported(
                node,
                f"{function.__name__}() would be tabulated for {total} combinations",
                "narrow its arguments",
            )
        results = []
        for number in range(total):
            values, rest = [], number
            for expr, (low, high) in reversed(list(zip(exprs, ranges, strict=True))):
                rest, part = divmod(rest, high - low + 1)
                values.append(decode(expr.type, part + low))
            results.append(function(*reversed(values)))
        code: Expr = Literal(RangeType(0, 0), 0)
        for expr, (low, high) in zip(exprs, ranges, strict=True):
            code = Apply(
                RangeType(0, total - 1), f"({{0}} * {high - low + 1} + ({{1}} - ({low})))", (code, expr)
            )
        return self._tabulated(results, code, node)

    def _method(self, method: Method, node: ast.Call) -> Value:
        if isinstance(method.owner, Ref) and isinstance(method.owner.type, SetType):
            return self._set_method(method, node)
        if isinstance(method.owner, Ref) and not isinstance(method.owner.type, RecordType):
            self.source.unknown(
                node,
                f"{describe(method.owner.type)} has no method `{method.name}`",
                "index it, or loop over its Index",
            )
        arguments = self.arguments(method.function, node, method.owner)
        if not isinstance(method.owner, Ref) and all(not isinstance(a, Ref) for a in arguments):
            return self.tabulate(method.function, arguments, node)
        return self.call_helper(method.function, arguments, node)

    def _set_method(self, method: Method, node: ast.Call) -> Value:
        assert isinstance(method.owner, Ref) and isinstance(method.owner.type, SetType)
        operators = {
            "union": ast.BitOr,
            "intersection": ast.BitAnd,
            "difference": ast.Sub,
            "symmetric_difference": ast.BitXor,
        }
        if method.name in operators and len(node.args) == 1:
            other = self.coerce(self.scalar(node.args[0]), method.owner.type, node, "the other set")
            return arithmetic.binary(
                self.source, node, operators[method.name](), self.load(method.owner), other
            )
        if method.name in ("issubset", "issuperset", "isdisjoint") and len(node.args) == 1:
            other = self.coerce(self.scalar(node.args[0]), method.owner.type, node, "the other set")
            template = {
                "issubset": "(({0} & ~{1}) == 0)",
                "issuperset": "(({1} & ~{0}) == 0)",
                "isdisjoint": "(({0} & {1}) == 0)",
            }
            return Apply(BOOL, template[method.name], (self.load(method.owner), other))
        if method.name in ("add", "discard", "remove", "clear", "update", "assign"):
            self.source.unsupported(
                node, f".{method.name}() writes, inside an expression", "make it a statement of its own"
            )
        self.source.unknown(
            node,
            f"a set has no method `{method.name}`",
            "use add, discard, remove, clear, update, assign, or | & - in len",
        )

    def _convert(self, index: type[Index], node: ast.Call) -> Value:
        if len(node.args) != 1:
            self.source.type_error(
                node, f"{index.__name__}(...) takes one number", f"write {index.__name__}(n)"
            )
        value = self.unwrap(self.scalar(node.args[0]), node)
        if value.type == IndexType(index):
            return value
        if not is_number(value.type):
            self.source.type_error(
                node,
                f"{index.__name__}(...) takes a number, and this is {_a(describe(value.type))}",
                "convert it with int(...) first",
            )
        return arithmetic.within(
            self.source, node, value, IndexType(index), f"{_a(index.__name__)} out of range"
        )

    def _call_int(self, node: ast.Call) -> Value:
        value = self.unwrap(self.scalar(node.args[0]), node)
        if isinstance(value.type, (IndexType, RangeType, BoolType)):
            low, high = code_range(value.type)
            return (
                Literal(RangeType(value.code, value.code), value.code)
                if isinstance(value, Literal)
                else Apply(RangeType(low, high), "{0}", (value,))
            )
        self.source.type_error(
            node, f"{_a(describe(value.type))} has no number", "int(...) takes an index, a bool or a number"
        )

    def _call_abs(self, node: ast.Call) -> Value:
        value = self.number(node.args[0])
        low, high = code_range(value.type)
        return Apply(RangeType(0, max(abs(low), abs(high))), "({0} < 0 ? -{0} : {0})", (value,))

    def _call_frozen(self, node: ast.Call) -> Value:
        value = self.as_expr(self.value(node.args[0]), node)
        return value

    def _call_range(self, node: ast.Call) -> Value:
        self.source.unsupported(node, "range(...) is no value", "loop over it, or test `low <= x < high`")

    def _call_running(self, node: ast.Call) -> Value:
        member = self.unwrap(self.scalar(node.args[0]), node)
        if not isinstance(member.type, IndexType):
            self.source.type_error(
                node,
                f"running() takes an actor, and this is {_a(describe(member.type))}",
                "pass a member of an Index",
            )
        names = []
        for item in node.args[1:]:
            operation = self.value(item)
            if not (isinstance(operation, Constant) and isinstance(operation.value, steps.Operation)):
                self.source.type_error(
                    item, "running() takes operations after the actor", "name an @operation"
                )
            names.append(operation.value.name)
        return InOperation(BOOL, self.state_root(node), member.type.index, member, tuple(names))

    def state_root(self, node: ast.AST) -> str:
        for value in self.scope.values():
            if isinstance(value, Ref):
                return value.root
        self.source.unsupported(
            node, "running() is used where there is no state", "pass the state to this helper"
        )

    # -- folds --------------------------------------------------------------------------------------------------

    def _fold_call(self, name: str, node: ast.Call) -> Value:
        if name in ("set", "frozenset") and not node.args:
            return Literal(SetType(BOOL), 0)
        if name in ("min", "max") and len(node.args) > 1:
            return self._smallest(name, node)
        if len(node.args) != 1 or node.keywords:
            self.source.unsupported(node, f"{name}() takes one argument here", "see the language's reference")
        argument = node.args[0]
        if isinstance(argument, (ast.GeneratorExp, ast.ListComp)) or (
            isinstance(argument, ast.SetComp) and name in ("any", "all")
        ):
            if name in ("len",):
                self.source.unsupported(node, "len() of a list", "write sum(1 for ... if ...)")
            return self.fold("set" if name == "frozenset" else name, argument.elt, argument.generators, node)
        if name in ("set", "frozenset", "min", "max", "sum"):
            return self._fold_whole(name, argument, node)
        if name == "len":
            return self._length(self.value(argument), node)
        self.source.unsupported(node, f"{name}() of this", f"write {name}(... for ... in ...)")

    def _fold_whole(self, name: str, argument: ast.expr, node: ast.Call) -> Value:
        """set(Page), max(k.chosen): a collection as it is."""
        domain, member = self.domain(argument)
        variable = self.fresh("member", member)
        value = Read(member, variable)
        kind = "set" if name == "frozenset" else name
        result, site = self._fold_type(kind, value, [(variable, domain)], node)
        return Fold(result, kind, ((variable, domain),), ((),), ((),), value, site)

    def _length(self, value: Value, node: ast.AST) -> Value:
        if isinstance(value, Constant) and isinstance(value.value, (type, tuple, list, range)):
            return Constant(len(value.value))  # type: ignore[arg-type]
        members = self.as_expr(value, node)
        if isinstance(members.type, SetType):
            return arithmetic.size_of(members.type, members)
        self.source.type_error(
            node, f"len() of {_a(describe(members.type))}", "len() takes a set, an Index or an Enum"
        )

    def _smallest(self, name: str, node: ast.Call) -> Value:
        values = [self.unwrap(self.scalar(argument), argument) for argument in node.args]
        result = values[0]
        sign = "<" if name == "min" else ">"
        for value in values[1:]:
            kind = join(result.type, value.type)
            if kind is None or not isinstance(kind, (RangeType, IndexType)):
                self.source.type_error(
                    node, f"{name}() takes numbers, or members of one Index", "give all one type"
                )
            result = Apply(kind, f"({{0}} {sign} {{1}} ? {{0}} : {{1}})", (result, value))
        return result

    def fold(self, kind: str, body: ast.expr, generators: list[ast.comprehension], node: ast.AST) -> Expr:
        """any / all / sum / min / max / set (and the candidates of choose) over nested loops."""
        outer, outer_stale = dict(self.scope), set(self.stale)
        loops, filters, bindings = [], [], []
        for generator in generators:
            domain, member = self.domain(generator.iter)
            variable, bound = self.bind_target(generator.target, member)
            self.stale.discard(variable.name)
            loops.append((variable, domain))
            bindings.append(tuple(bound))
            filters.append(tuple(self.boolean(test) for test in generator.ifs))
        value = self.boolean(body) if kind in ("any", "all") else self.scalar(body)
        self.scope, self.stale = outer, outer_stale
        result, site = self._fold_type(kind, value, loops, node)
        return Fold(result, kind, tuple(loops), tuple(filters), tuple(bindings), value, site)

    def _fold_type(
        self, kind: str, value: Expr, loops: list[tuple[Variable, Domain]], node: ast.AST
    ) -> tuple[Any, Site | None]:
        if kind in ("any", "all"):
            return BOOL, None
        if kind == "set":
            return self._set_type(value.type, node), None
        if kind == "choose":
            return value.type, None
        if kind == "sum" and isinstance(value.type, (RangeType, BoolType)):
            low, high = code_range(value.type)
            times = 1
            for variable, domain in loops:
                times *= _trips(domain, variable)
            return RangeType(min(0, low * times), max(0, high * times)), None
        if kind in ("min", "max") and isinstance(value.type, (RangeType, IndexType)):
            return value.type, Site("model error", f"{kind}() of nothing", self.source.place(node))
        self.source.type_error(
            node, f"{kind}() of {_a(describe(value.type))}", "sum, min and max take numbers"
        )

    def domain(self, node: ast.expr) -> tuple[Domain, Any]:
        """What a loop ranges over, and the type of its members."""
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "range"
            and "range" not in self.scope
        ):
            return self._range(node)
        value = self._iterated(node)
        if isinstance(value, Constant):
            return self._constant_domain(value.value, node)
        if isinstance(value, Family):
            return value.domain, value.member
        if isinstance(value, Ref) and isinstance(value.type, ArrayType):
            self.source.unsupported(
                node,
                "a loop over an array of the state",
                f"loop over its index: for i in {value.type.index.__name__}",
            )
        members = self.as_expr(value, node)
        if not isinstance(members.type, SetType):
            self.source.type_error(
                node,
                f"a loop needs a finite collection, and this is {_a(describe(members.type))}",
                "loop over an Index, an Enum, a range or a set",
            )
        return Bits(members), members.type.of

    def _iterated(self, node: ast.expr) -> Value:
        """Functions of scalars that list members are tabulated; all else is an ordinary value."""
        if isinstance(node, ast.Call):
            function = self.value(node.func)
            if isinstance(function, Constant) and inspect.isfunction(function.value):
                arguments = self.arguments(function.value, node)
                if all(
                    isinstance(a, Constant) or (isinstance(a, Expr) and is_scalar(a.type)) for a in arguments
                ):
                    return self.tabulate(function.value, arguments, node)
        return self.value(node)

    def _constant_domain(self, value: Any, node: ast.expr) -> tuple[Domain, Any]:
        if isinstance(value, type) and issubclass(value, Index):
            return _span(0, len(value)), IndexType(value)
        if isinstance(value, type) and issubclass(value, enum.Enum):
            return _span(0, len(value)), EnumType(value)
        if isinstance(value, range):
            family = self._family([list(value)], Literal(RangeType(0, 0), 0), node)
            return family.domain, family.member
        if isinstance(value, (tuple, list, set, frozenset)):
            members = sorted(value) if isinstance(value, (set, frozenset)) else list(value)
            family = self._family([members], Literal(RangeType(0, 0), 0), node)
            return family.domain, family.member
        self.source.type_error(
            node, f"{_shown(value)} cannot be looped over", "loop over an Index, an Enum, a range or a set"
        )

    def _range(self, node: ast.Call) -> tuple[Domain, Any]:
        bounds = [self.unwrap(self.number(argument), argument) for argument in node.args]
        low = bounds[0] if len(bounds) > 1 else Literal(RangeType(0, 0), 0)
        high = bounds[1] if len(bounds) > 1 else bounds[0]
        step = 1
        if len(bounds) == 3:
            if not isinstance(bounds[2], Literal) or bounds[2].code == 0:
                self.source.unsupported(
                    node, "a range's step must be a constant other than 0", "write the number"
                )
            step = bounds[2].code
        smallest, largest = code_range(low.type)[0], code_range(high.type)[1] - 1
        if step < 0:
            smallest, largest = code_range(high.type)[0] + 1, code_range(low.type)[1]
        return Span(low, high, step), RangeType(smallest, max(smallest, largest))

    def bind_target(self, target: ast.expr, member: Any) -> tuple[Variable, list[tuple[Variable, Expr]]]:
        """The loop's variable; a tuple target is taken apart at the start of each iteration."""
        if isinstance(target, ast.Name):
            variable = self.fresh(target.id, member)
            self.scope[target.id] = Read(member, variable)
            return variable, []
        if (
            isinstance(target, ast.Tuple)
            and isinstance(member, TupleType)
            and len(target.elts) == len(member.items)
        ):
            whole = self.fresh("entry", member)
            bound = []
            for item, part in zip(target.elts, self.parts(Read(member, whole)), strict=True):
                if not isinstance(item, ast.Name):
                    self.source.unsupported(
                        item, "a loop variable must be a name", "take it apart in the loop's body"
                    )
                variable = self.fresh(item.id, part.type)
                self.scope[item.id] = Read(part.type, variable)
                self.stale.discard(item.id)
                bound.append((variable, part))
            return whole, bound
        self.source.type_error(
            target,
            f"the members are {describe(member)}",
            "use one name, or as many names as a member has items",
        )

    def fresh(self, name: str, kind: Any) -> Variable:
        return Variable(name, kind, unique(self.names, name))


_ADVICE = {
    "choose": "make choose(...) the whole right side of an assignment or a whole condition",
    "when": "make when(...) a statement of its own",
    "assumed": "make assumed(...) a statement of its own",
    "any_order": "use it as `for x in any_order(S):`",
}


def _span(low: int, high: int) -> Span:
    return Span(Literal(RangeType(low, low), low), Literal(RangeType(high, high), high))


def _trips(domain: Domain, variable: Variable) -> int:
    if isinstance(domain, Span):
        low, high = code_range(domain.low.type)[0], code_range(domain.high.type)[1]
        if domain.step < 0:
            low, high = code_range(domain.high.type)[0], code_range(domain.low.type)[1]
        return max(0, -(-(high - low) // abs(domain.step)))
    if isinstance(domain, Rows):
        return max((len(row) for row in domain.rows), default=0)
    low, high = code_range(variable.type)
    return high - low + 1


def _compare_constants(operator: ast.cmpop, one: Any, other: Any) -> bool:
    results: dict[type, Callable[[], bool]] = {
        ast.Eq: lambda: one == other, ast.NotEq: lambda: one != other, ast.Is: lambda: one == other,
        ast.IsNot: lambda: one != other, ast.Lt: lambda: one < other, ast.LtE: lambda: one <= other,
        ast.Gt: lambda: one > other, ast.GtE: lambda: one >= other,
    }  # fmt: skip
    return results[type(operator)]()


def _a(noun: str) -> str:
    return noun if noun == "None" else f"an {noun}" if noun[:1] in "aeiouAEIOU" else f"a {noun}"


def _shown(value: Any) -> str:
    return getattr(value, "__name__", None) or repr(value)


__all__ = ["Call", "Expressions"]
