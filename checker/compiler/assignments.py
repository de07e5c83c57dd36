"""Assignments to locals, tuples and places."""

from __future__ import annotations

import ast
import inspect

from checker.compiler.codes import describe, is_scalar
from checker.compiler.effects import Effects
from checker.compiler.syntax import augmented
from checker.compiler.values import Constant, Family, Method, Pair, Ref, Snapshot
from checker.language.errors import CheckerError
from checker.language.types import ArrayType, RecordType, SetType, evaluated, resolve


class Assignments(Effects):
    """=, += and annotated locals."""

    def do_assign(self, node: ast.Assign) -> None:
        if len(node.targets) == 1:
            self.assign(node.targets[0], node.value, node)
            return
        value = self.keep(self.as_expr(self.effect(node.value, "value"), node.value), node)
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.set_local(target.id, value, node)
            else:
                self.store(self.target(target), value, node)

    def do_annassign(self, node: ast.AnnAssign) -> None:
        if not isinstance(node.target, ast.Name):
            self.source.unsupported(node, "only a local can be annotated", "annotate fields in their class")
        if (
            isinstance(node.annotation, ast.Name) and node.annotation.id == "int"
        ):  # says nothing about its range
            if node.value is not None:
                self.assign(node.target, node.value, node)
            return
        try:
            written = node.annotation
            quoted = isinstance(written, ast.Constant) and isinstance(written.value, str)
            text = str(written.value) if quoted else ast.unparse(written)  # type: ignore[attr-defined]
            kind = resolve(evaluated(text, self.source.names), self.unit.world.bounds)
        except CheckerError as error:
            self.source.type_error(
                node.annotation,
                f"this annotation is no type of the language ({error})",
                "use bool, an Enum, an Index, Range(lo, hi), T | None, Set[T]",
            )
        self.declared[node.target.id] = kind
        if node.value is not None:
            self.assign(node.target, node.value, node)

    def do_augassign(self, node: ast.AugAssign) -> None:
        self.assign(node.target, augmented(node), node)

    def assign(self, target: ast.expr, value: ast.expr, node: ast.stmt) -> None:
        if isinstance(target, ast.Name):
            self._assign_name(target, value, node)
        elif isinstance(target, ast.Tuple):
            self._assign_tuple(target, value, node)
        elif isinstance(target, (ast.Attribute, ast.Subscript)):
            self._assign_place(target, value, node)
        else:
            self.source.unsupported(target, "this cannot be assigned to", "assign to a local or to a field")

    def _assign_name(self, target: ast.Name, value: ast.expr, node: ast.stmt) -> None:
        result = self.effect(value, target.id)
        if isinstance(result, Ref):
            self.bind_reference(target.id, result, node)
        elif isinstance(result, Snapshot):
            self.bind_snapshot(target.id, result, node)
        elif isinstance(result, Family):
            self.source.unsupported(
                value, "a list of members cannot be kept in a local", "loop over it directly"
            )
        elif (isinstance(result, Constant) and inspect.isroutine(result.value)) or isinstance(result, Method):
            self.source.unsupported(
                value, "a function cannot be kept in a local", "call it where it is needed"
            )
        else:
            self.set_local(target.id, self.as_expr(result, value), node)

    def _assign_tuple(self, target: ast.Tuple, value: ast.expr, node: ast.stmt) -> None:
        result = self.effect(value, "entry")
        if isinstance(result, Constant) and isinstance(result.value, tuple):
            result = Pair(tuple(Constant(item) for item in result.value))
        if isinstance(result, Pair):
            items = [self.as_expr(item, node) for item in result.items]
        else:
            expr = self.unwrap(self.as_expr(result, value), value)
            if not hasattr(expr.type, "items"):
                self.source.type_error(
                    value, f"{describe(expr.type)} cannot be taken apart", "assign it to one name"
                )
            items = self.parts(self.keep(expr, node))
        if len(items) != len(target.elts):
            self.source.type_error(
                node,
                f"{len(items)} values for {len(target.elts)} names",
                "use as many names as there are values",
            )
        kept = [self.keep(item, node) for item in items]
        for name, item in zip(target.elts, kept, strict=True):
            if isinstance(name, ast.Name):
                self.set_local(name.id, item, node)
            else:
                self.store(self.target(name), item, node)

    def target(self, node: ast.expr) -> Ref:
        if isinstance(node, ast.Subscript):
            owner = self.value(node.value)
            if isinstance(owner, Ref) and isinstance(owner.type, ArrayType):
                return self.element(owner, node)
        if isinstance(node, ast.Attribute):
            owner = self.value(node.value)
            if isinstance(owner, Ref) and isinstance(owner.type, RecordType):
                for name, kind, _ in owner.type.fields:
                    if name == node.attr:
                        return Ref(owner.root, (*owner.key, name), owner.sizes, owner.index, kind)
                self.field(owner, owner.type, node)  # says which fields there are
        self.source.unsupported(
            node,
            f"{self.source.text(node)} cannot be assigned to",
            "assign to a field of the state or to a local",
        )

    def _assign_place(self, target: ast.expr, value: ast.expr, node: ast.stmt) -> None:
        result = self.effect(value, "value")
        place = self.target(target)
        if isinstance(result, Ref) and not isinstance(place.type, SetType):
            self.source.unsupported(
                node,
                "a place is assigned to a place",
                f"copy the contents: copy_into({self.source.text(target)}, {self.source.text(value)})",
            )
        if isinstance(place.type, SetType):
            if isinstance(result, Ref):
                self.source.unsupported(
                    node,
                    "a set of the state is assigned to a place",
                    f"copy it: {self.source.text(target)}.assign({self.source.text(value)})",
                )
            self.store(place, self.as_expr(result, value), node)
            return
        if not is_scalar(place.type):
            self.source.unsupported(
                node,
                f"{describe(place.type)} cannot be assigned as a whole",
                "assign its fields, or use .assign(...) or copy_into(...)",
            )
        self.store(place, self.as_expr(result, value), node)
