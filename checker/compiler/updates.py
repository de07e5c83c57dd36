"""Statements that change a place as a whole: methods of sets, .assign() and copy_into()."""

from __future__ import annotations

import ast

from checker.compiler import arithmetic
from checker.compiler.assignments import Assignments
from checker.compiler.ir import Apply, Check, Expr, Fold, Literal, Read, Site
from checker.compiler.snapshots import leaves_of
from checker.compiler.values import Method, Ref
from checker.language.types import RecordType, SetType


class Updates(Assignments):
    """All new values are computed before the first is stored."""

    def set_statement(self, method: Method, place: Ref, node: ast.Call) -> None:
        kind = place.type
        assert isinstance(kind, SetType)
        old = self.load(place)
        if method.name == "clear":
            self.store(place, Literal(kind, 0), node)
        elif method.name in ("update", "assign") and len(node.args) == 1:
            value = self._members(kind, node.args[0])
            self.store(
                place,
                value if method.name == "assign" else Apply(kind, "({0} | {1})", (old, value)),
                node,
                method.name == "update",
            )
        elif method.name in ("add", "discard", "remove") and len(node.args) == 1:
            member = self.keep(self.as_member(kind, node.args[0]), node)
            if method.name == "remove":
                site = Site(
                    "model error", f"{self.source.text(node.args[0])} is not in the set", self.at(node)
                )
                self.out.append(Check(self.at(node), arithmetic.member_of(kind, old, member), site))
            template = "({0} | {1})" if method.name == "add" else "({0} & ~{1})"
            self.store(place, Apply(kind, template, (old, arithmetic.element_bit(kind, member))), node, True)
        else:
            self.source.unknown(
                node,
                f"a set has no method `{method.name}` here",
                "use add, discard, remove, clear, update or assign",
            )

    def _members(self, kind: SetType, node: ast.expr) -> Expr:
        if isinstance(node, (ast.GeneratorExp, ast.ListComp)):
            return self.coerce(self.fold("set", node.elt, node.generators, node), kind, node, "the set")
        domain, member = self.domain(node)
        variable = self.fresh("member", member)
        fold = Fold(SetType(member), "set", ((variable, domain),), ((),), ((),), Read(member, variable))
        return self.coerce(fold, kind, node, "the set")

    def assign_fields(self, place: Ref, node: ast.Call) -> None:
        if node.args or not isinstance(place.type, RecordType):
            self.source.unsupported(node, ".assign() of a record takes field=value", "name the fields")
        fields = {name: kind for name, kind, _ in place.type.fields}
        values = []
        for keyword in node.keywords:
            if keyword.arg not in fields:
                self.field(
                    place,
                    place.type,
                    ast.copy_location(
                        ast.Attribute(node.func, keyword.arg or "**", ast.Load()), keyword.value
                    ),
                )
            assert keyword.arg is not None
            target = Ref(place.root, (*place.key, keyword.arg), place.sizes, place.index, fields[keyword.arg])
            values.append((target, self.keep(self.scalar(keyword.value), node)))
        for target, value in values:
            self.store(target, value, node)

    def copy(self, node: ast.Call) -> None:
        destination, origin = self.value(node.args[0]), self.value(node.args[1])
        if not (isinstance(destination, Ref) and isinstance(origin, Ref)) or destination.type != origin.type:
            self.source.type_error(
                node,
                "copy_into() takes two places of one type",
                "name two records, arrays or sets of the state",
            )
        pairs = list(zip(leaves_of(destination), leaves_of(origin), strict=True))
        values = [self.keep(self.load(source), node) for _, source in pairs]
        for (target, _), value in zip(pairs, values, strict=True):
            self.store(target, value, node)
