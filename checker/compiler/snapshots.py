"""Values of whole records and arrays: frozen(k.page[p])."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from checker.compiler.codes import BOOL, describe
from checker.compiler.conversion import Conversion
from checker.compiler.ir import Apply, Expr, Literal
from checker.compiler.values import Ref, Snapshot, Value
from checker.language.types import ArrayType, IndexType, RecordType, SetType, Type


class Snapshots(Conversion):
    """A frozen place is the values of its leaves, side by side; C knows nothing of it."""

    def frozen(self, value: Value, node: ast.AST) -> Snapshot | Expr:
        """The value of a place as it is now."""
        if isinstance(value, Ref) and not isinstance(value.type, SetType):
            return Snapshot(value.type, tuple(self.load(leaf) for leaf in leaves_of(value)))
        return value if isinstance(value, Snapshot) else self.as_expr(value, node)

    def frozen_field(self, owner: Snapshot, node: ast.Attribute) -> Value:
        start = 0
        for name, kind, _ in owner.type.fields if isinstance(owner.type, RecordType) else ():
            end = start + leaf_count(kind)
            if name == node.attr:
                inside = owner.leaves[start:end]
                return Snapshot(kind, inside) if isinstance(kind, RecordType | ArrayType) else inside[0]
            start = end
        self.source.unknown(
            node,
            f"the frozen {describe(owner.type)} has no field `{node.attr}`",
            "read fields of a frozen record by name; its methods are for the places themselves",
        )

    def same_contents(self, one: Value, other: Value, operator: ast.cmpop, node: ast.AST) -> Expr:
        a, b = self.frozen(one, node), self.frozen(other, node)
        comparable = isinstance(a, Snapshot) and isinstance(b, Snapshot) and a.type == b.type
        if not comparable or not isinstance(operator, ast.Eq | ast.NotEq):
            self.source.type_error(
                node, "a frozen value is only compared with one of its type, by == or !=", "compare fields"
            )
        assert isinstance(a, Snapshot) and isinstance(b, Snapshot)
        same: Expr = Literal(BOOL, 1)
        for x, y in zip(a.leaves, b.leaves, strict=True):
            same = Apply(BOOL, "({0} && {1} == {2})", (same, x, y))
        return same if isinstance(operator, ast.Eq) else Apply(BOOL, "!{0}", (same,))


def leaves_of(ref: Ref) -> Iterator[Ref]:
    """The scalars and sets of a place, in order of declaration."""
    if isinstance(ref.type, RecordType):
        for name, inner, _ in ref.type.fields:
            yield from leaves_of(Ref(ref.root, (*ref.key, name), ref.sizes, ref.index, inner))
    elif isinstance(ref.type, ArrayType):
        kind, size = IndexType(ref.type.index), len(ref.type.index)
        for number in range(size):
            index = (*ref.index, Literal(kind, number))
            yield from leaves_of(Ref(ref.root, (*ref.key, "[]"), (*ref.sizes, size), index, ref.type.of))
    else:
        yield ref


def leaf_count(kind: Type) -> int:
    if isinstance(kind, RecordType):
        return sum(leaf_count(inner) for _, inner, _ in kind.fields)
    return len(kind.index) * leaf_count(kind.of) if isinstance(kind, ArrayType) else 1
