"""Names, fields, attributes and elements."""

from __future__ import annotations

import ast
import builtins
import inspect
from difflib import get_close_matches
from typing import Any

from checker.compiler import arithmetic
from checker.compiler.codes import code_range, decode, describe, is_scalar
from checker.compiler.ir import Expr, Read
from checker.compiler.pure import PureFunctions
from checker.compiler.snapshots import Snapshots
from checker.compiler.values import Constant, Method, Pair, Ref, Snapshot, Value
from checker.compiler.variants import Variant
from checker.compiler.wording import a, members_named, shown
from checker.language import steps
from checker.language.errors import ModelError
from checker.language.types import (
    ArrayType,
    EnumType,
    IndexType,
    OptionalType,
    RangeType,
    RecordType,
    SetType,
    TupleType,
)


class Places(PureFunctions, Snapshots):
    """What a dotted or indexed name stands for."""

    def value_constant(self, node: ast.Constant) -> Value:
        if isinstance(node.value, Variant):
            return self.selected(int(node.value))
        return Constant(node.value)

    def value_name(self, node: ast.Name) -> Value:
        if node.id in self.scope:
            if node.id in self.stale:
                self.source.unsupported(
                    node, f"`{node.id}` is read after its loop", "assign it to another local inside the loop"
                )
            found = self.scope[node.id]
            if isinstance(found, Read) and found.type is not found.variable.type:
                return Read(found.variable.type, found.variable)  # it has widened since
            return found
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

    def value_attribute(self, node: ast.Attribute) -> Value:
        return self.attribute(self.value(node.value), node)

    def attribute(self, owner: Value, node: ast.Attribute) -> Value:
        if isinstance(owner, Constant):
            return self._constant_attribute(owner.value, node)
        if isinstance(owner, Ref) and isinstance(owner.type, RecordType):
            return self.field(owner, owner.type, node)
        if isinstance(owner, Snapshot):
            return self.frozen_field(owner, node)
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
                f"{shown(owner)} has no `{node.attr}`",
                f"did you mean `{near[0]}`?" if near else members_named(owner),
            )

    def field(self, ref: Ref, record: RecordType, node: ast.Attribute) -> Value:
        for name, kind, _ in record.fields:
            if name == node.attr:
                return self.place(Ref(ref.root, (*ref.key, name), ref.sizes, ref.index, kind), node)
        attribute = inspect.getattr_static(record.record, node.attr, None)
        if isinstance(attribute, property) and attribute.fget is not None:
            return self.call_helper(attribute.fget, [ref], node)
        if inspect.isfunction(attribute) or isinstance(attribute, steps.SubOperation):
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
            self.set_type(ref.type.of, node)
        return self.load(ref) if is_scalar(ref.type) else ref

    def _member_attribute(self, expr: Expr, node: ast.Attribute) -> Value:
        kind = expr.type
        if isinstance(kind, SetType):
            return Method(expr, getattr(set, node.attr, steps.choose), node.attr)
        if not isinstance(kind, (IndexType, EnumType)):
            self.source.type_error(
                node, f"{a(describe(kind))} has no attributes", "compare it, or use it as an index"
            )
        owner = kind.index if isinstance(kind, IndexType) else kind.enum
        static = inspect.getattr_static(owner, node.attr, None)
        if inspect.isfunction(static):
            return Method(expr, static, node.attr)
        low, high = code_range(kind)
        try:
            results = [
                self.tried(static.fget, [decode(kind, code)], node)
                if isinstance(static, property) and static.fget is not None
                else getattr(decode(kind, code), node.attr)
                for code in range(low, high + 1)
            ]
        except AttributeError:
            near = get_close_matches(node.attr, dir(owner), 1)
            self.source.unknown(
                node,
                f"{describe(kind)} has no `{node.attr}`",
                f"did you mean `{near[0]}`?" if near else members_named(owner),
            )
        return self.tabulated(results, expr, node)

    def value_subscript(self, node: ast.Subscript) -> Value:
        owner = self.value(node.value)
        if isinstance(owner, Ref) and isinstance(owner.type, ArrayType):
            return self.place(self.element(owner, node), node)
        if isinstance(owner, Snapshot) and isinstance(owner.type, ArrayType):
            return self.frozen_element(owner, node)
        if isinstance(owner, Constant):
            index = self.value(node.slice)
            if isinstance(index, Constant):
                return self._constant_item(owner.value, index.value, node)
            if isinstance(owner.value, (tuple, list)):
                position = arithmetic.within(
                    self.source,
                    node,
                    self.number(node.slice),
                    RangeType(0, len(owner.value) - 1),
                    "a position",
                )
                return self.tabulated(list(owner.value), position, node)
            if isinstance(owner.value, dict):
                return self.looked_up(owner.value.__getitem__, self.as_expr(index, node.slice), node)
        position_in = self._tuple_position(node.slice)
        if position_in is not None:
            items = self._items_of(owner, node)
            if items and -len(items) <= position_in < len(items):
                return items[position_in]
            if items:
                self.source.type_error(
                    node, f"a tuple of {len(items)} has no [{position_in}]", "count from 0"
                )
        self.source.type_error(
            node,
            f"{self.source.text(node.value)} cannot be indexed",
            "only arrays and tuples take [ ]",
        )

    def _tuple_position(self, node: ast.expr) -> int | None:
        if not isinstance(node, ast.Constant | ast.UnaryOp):
            return None
        value = self.value(node)
        return value.value if isinstance(value, Constant) and type(value.value) is int else None

    def _items_of(self, owner: Value, node: ast.AST) -> list[Value]:
        """Of a tuple; of anything else none."""
        if isinstance(owner, Pair):
            return list(owner.items)
        if isinstance(owner, Expr) and isinstance(owner.type, TupleType | OptionalType):
            whole = self.unwrap(owner, node)
            if isinstance(whole.type, TupleType):
                return list(self.parts(whole))
        return []

    def _constant_item(self, owner: Any, key: Any, node: ast.Subscript) -> Value:
        try:
            return Constant(owner[key])
        except (LookupError, TypeError, ModelError) as error:
            self.source.type_error(
                node, f"{shown(owner)} has no item {key!r}: {error}", "look at its definition"
            )

    def element(self, owner: Ref, node: ast.Subscript) -> Ref:
        assert isinstance(owner.type, ArrayType)
        index = self.array_index(owner.type, node)
        return Ref(
            owner.root,
            (*owner.key, "[]"),
            (*owner.sizes, len(owner.type.index)),
            (*owner.index, index),
            owner.type.of,
        )
