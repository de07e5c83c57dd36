"""Statements that change a place as a whole: methods of sets, .assign() and copy_into()."""

from __future__ import annotations

import ast

from checker.compiler import arithmetic
from checker.compiler.assignments import Assignments
from checker.compiler.codes import describe, is_scalar
from checker.compiler.ir import Apply, Expr, Fold, Literal, Read, Rows, Span
from checker.compiler.ir_statements import Check, Site
from checker.compiler.snapshots import leaves_of
from checker.compiler.values import Constant, Method, Pair, Ref, Snapshot
from checker.language.types import ArrayType, RecordType, SetType


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

    def assign_elements(self, place: Ref, node: ast.Call) -> None:
        """array.assign(values): a value for each member, in order."""
        assert isinstance(place.type, ArrayType)
        if not (is_scalar(place.type.of) or isinstance(place.type.of, SetType)):
            self.source.unsupported(
                node, f".assign() of an array of {describe(place.type.of)}", "write a loop over its index"
            )
        targets = list(leaves_of(place))
        values = self._values(node, len(targets)) if len(node.args) == 1 and not node.keywords else []
        if len(values) != len(targets):
            self.source.type_error(
                node,
                f"{len(values)} values for {len(targets)} elements",
                f"give each its own: .assign(... for i in {place.type.index.__name__})",
            )
        kept = [self.keep(value, node) for value in values]
        for target, value in zip(targets, kept, strict=True):
            self.store(target, value, node)

    def _values(self, node: ast.Call, wanted: int) -> list[Expr]:
        given = node.args[0]
        if isinstance(given, ast.Tuple | ast.List):
            return [self.scalar(item) for item in given.elts]
        if isinstance(given, ast.GeneratorExp | ast.ListComp):
            generator = given.generators[0]
            codes = self._codes(generator.iter)
            if len(given.generators) > 1 or generator.ifs or codes is None:
                self.source.unsupported(
                    given,
                    "this gives no value to each element",
                    "loop over the array's index, without `if`",
                )
            return [self._value_for(given.elt, generator.target, code) for code in codes]
        known = self.value(given)
        if isinstance(known, Constant) and isinstance(known.value, (tuple, list)):
            return [self.literal(value, given) for value in known.value]
        if isinstance(known, Pair):
            return [self.as_expr(item, given) for item in known.items]
        self.source.unsupported(given, "this is no list of values", "write .assign(... for i in the index)")

    def _codes(self, node: ast.expr) -> list[Literal] | None:
        """The members that a loop goes through, if they are known."""
        domain, member = self.domain(node)
        if isinstance(domain, Span) and isinstance(domain.low, Literal) and isinstance(domain.high, Literal):
            return [Literal(member, n) for n in range(domain.low.code, domain.high.code, domain.step)]
        if isinstance(domain, Rows) and len(domain.rows) == 1:
            return [Literal(member, code) for code in domain.rows[0]]
        return None

    def _value_for(self, value: ast.expr, target: ast.expr, member: Literal) -> Expr:
        outer = dict(self.scope)
        if not isinstance(target, ast.Name):
            self.source.unsupported(target, "a tuple is taken apart here", "use one name")
        self.scope[target.id] = member
        found = self.scalar(value)
        self.scope = outer
        return found

    def assign_fields(self, place: Ref, node: ast.Call) -> None:
        if isinstance(place.type, ArrayType):
            self.assign_elements(place, node)
            return
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
        if len(node.args) != 2 or node.keywords:
            self.source.type_error(node, "copy_into() takes two places", "write copy_into(place, other)")
        destination, origin = self.value(node.args[0]), self.value(node.args[1])
        places = isinstance(destination, Ref) and isinstance(origin, Ref | Snapshot)
        if not places or destination.type != origin.type:  # type: ignore[union-attr]
            self.source.type_error(
                node,
                "copy_into() takes two places of one type",
                "name two records, arrays or sets of the state",
            )
        assert isinstance(destination, Ref) and isinstance(origin, Ref | Snapshot)
        loaded = origin.leaves if isinstance(origin, Snapshot) else map(self.load, leaves_of(origin))
        values = [self.keep(value, node) for value in loaded]
        for target, value in zip(leaves_of(destination), values, strict=True):
            self.store(target, value, node)
