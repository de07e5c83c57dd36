"""Values of whole records and arrays: frozen(k.page[p])."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from typing import Any

from checker.compiler.codes import BOOL, describe, type_of_class
from checker.compiler.conversion import Conversion
from checker.compiler.ir import Apply, Expr, Literal
from checker.compiler.source import signature_of, source_of
from checker.compiler.syntax import statements_of
from checker.compiler.values import Method, Ref, Snapshot, Value
from checker.compiler.wording import a
from checker.language.types import ArrayType, IndexType, OptionalType, RecordType, SetType, Type


class Snapshots(Conversion):
    """A frozen place is the values of its leaves, side by side; C knows nothing of it."""

    def frozen(self, value: Value, node: ast.AST) -> Snapshot | Expr:
        """The value of a place as it is now."""
        if isinstance(value, Ref) and not isinstance(value.type, SetType):
            return Snapshot(value.type, tuple(self.load(leaf) for leaf in leaves_of(value)))
        return value if isinstance(value, Snapshot) else self.as_expr(value, node)

    def of_frozen(self, function: Callable[..., Any], arguments: list[Value], node: ast.AST) -> Value:
        """A method or property of a frozen record: what it returns, put where it is asked for."""
        source = source_of(function)
        body = statements_of(source)
        only = body[0] if len(body) == 1 else None
        if not isinstance(only, ast.Return) or only.value is None:
            self.source.unsupported(
                node,
                f"{function.__name__}() of a frozen record",
                "make it a single `return ...`, or ask it of the place before it is frozen",
            )
        inner = type(self)(self.unit, source, self.names)
        for name, value in zip(signature_of(function).parameters, arguments, strict=True):
            inner.scope[name] = value
        return inner.value(only.value)

    def frozen_field(self, owner: Snapshot, node: ast.Attribute) -> Value:
        start = 0
        for name, kind, _ in owner.type.fields if isinstance(owner.type, RecordType) else ():
            end = start + leaf_count(kind)
            if name == node.attr:
                inside = owner.leaves[start:end]
                return Snapshot(kind, inside) if isinstance(kind, RecordType | ArrayType) else inside[0]
            start = end
        record = owner.type.record if isinstance(owner.type, RecordType) else None
        attribute = inspect.getattr_static(record, node.attr, None)
        if isinstance(attribute, property) and attribute.fget is not None:
            return self.of_frozen(attribute.fget, [owner], node)
        if inspect.isfunction(attribute):
            return Method(owner, attribute, node.attr)
        self.source.unknown(
            node, f"the frozen {describe(owner.type)} has no field `{node.attr}`", "look at its definition"
        )

    def array_index(self, array: ArrayType, node: ast.Subscript) -> Expr:
        """What stands between the brackets, as a member of what the array is indexed by."""
        wanted = type_of_class(array.index)
        index = self.scalar(node.slice)
        inner = index.type.of if isinstance(index.type, OptionalType) else index.type
        if inner != wanted:
            member = next(iter(array.index), None)
            self.source.mistake(
                node.slice,
                f"this array is indexed by {describe(wanted)}, and this is {a(describe(index.type))}",
                f"convert it with {describe(wanted)}(...)"
                if isinstance(wanted, IndexType)
                else f"name a member, such as {member}, or a local or field of that Enum",
            )
        return self.unwrap(index, node.slice)

    def frozen_element(self, owner: Snapshot, node: ast.Subscript) -> Value:
        """An element of a frozen array: the members of its index are asked for, one after the other."""
        assert isinstance(owner.type, ArrayType)
        index = self.array_index(owner.type, node)
        size = leaf_count(owner.type.of)
        elements = [owner.leaves[at : at + size] for at in range(0, len(owner.leaves), size)]
        if isinstance(index, Literal):
            found = elements[index.code]
        else:
            found = elements[-1]
            for number, element in reversed(list(enumerate(elements[:-1]))):
                here = Apply(BOOL, "({0} == {1})", (index, Literal(index.type, number)))
                pairs = zip(element, found, strict=True)
                found = tuple(Apply(x.type, "({0} ? {1} : {2})", (here, x, y)) for x, y in pairs)
        kind = owner.type.of
        return Snapshot(kind, found) if isinstance(kind, RecordType | ArrayType) else found[0]

    def same_contents(self, one: Value, other: Value, operator: ast.cmpop, node: ast.AST) -> Expr:
        left, right = self.frozen(one, node), self.frozen(other, node)
        comparable = isinstance(left, Snapshot) and isinstance(right, Snapshot) and left.type == right.type
        if not comparable or not isinstance(operator, ast.Eq | ast.NotEq):
            self.source.type_error(
                node, "a frozen value is only compared with one of its type, by == or !=", "compare fields"
            )
        assert isinstance(left, Snapshot) and isinstance(right, Snapshot)
        same: Expr = Literal(BOOL, 1)
        for x, y in zip(left.leaves, right.leaves, strict=True):
            same = Apply(BOOL, "({0} && {1})", (same, Apply(BOOL, "({0} == {1})", (x, y))))
        return same if isinstance(operator, ast.Eq) else Apply(BOOL, "!{0}", (same,))


def leaves_of(ref: Ref) -> Iterator[Ref]:
    """The scalars and sets of a place, in order of declaration."""
    if isinstance(ref.type, RecordType):
        for name, inner, _ in ref.type.fields:
            yield from leaves_of(Ref(ref.root, (*ref.key, name), ref.sizes, ref.index, inner))
    elif isinstance(ref.type, ArrayType):
        kind, size = type_of_class(ref.type.index), len(ref.type.index)
        for number in range(size):
            index = (*ref.index, Literal(kind, number))
            yield from leaves_of(Ref(ref.root, (*ref.key, "[]"), (*ref.sizes, size), index, ref.type.of))
    else:
        yield ref


def leaf_count(kind: Type) -> int:
    if isinstance(kind, RecordType):
        return sum(leaf_count(inner) for _, inner, _ in kind.fields)
    return len(kind.index) * leaf_count(kind.of) if isinstance(kind, ArrayType) else 1
