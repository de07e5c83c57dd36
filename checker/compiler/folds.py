"""any, all, sum, min, max, len, set and comprehensions."""

from __future__ import annotations

import ast
from typing import Any

from checker.compiler import arithmetic, word_arithmetic
from checker.compiler.codes import BOOL, EMPTY, code_range, describe, is_word, join
from checker.compiler.domains import Domains, trips
from checker.compiler.ir import Apply, Domain, Expr, Fold, Literal, Read, Variable
from checker.compiler.ir_statements import Site
from checker.compiler.values import Constant, Value
from checker.compiler.wording import a
from checker.language.types import BoolType, IndexType, RangeType, SetType


class Folds(Domains):
    """Loops inside expressions."""

    def fold_call(self, name: str, node: ast.Call) -> Value:
        if name in ("set", "frozenset") and not node.args:
            return Literal(EMPTY, 0)
        if name in ("min", "max") and len(node.args) > 1:
            return self._smallest(name, node)
        if name in ("min", "max") and [k.arg for k in node.keywords] == ["default"]:
            return self._or_default(name, node)
        if len(node.args) != 1 or node.keywords:
            self.source.unsupported(
                node, f"{name}() takes one argument here", "loop, and compare for yourself"
            )
        argument = node.args[0]
        if isinstance(argument, (ast.GeneratorExp, ast.ListComp)) or (
            isinstance(argument, ast.SetComp) and name in ("any", "all")
        ):
            if name == "len":
                return self._count(argument, node)
            return self.fold("set" if name == "frozenset" else name, argument.elt, argument.generators, node)
        if name in ("set", "frozenset", "min", "max", "sum"):
            return self._fold_whole(name, argument, node)
        if name == "len":
            return self._length(self.value(argument), node)
        self.source.unsupported(node, f"{name}() of this", f"write {name}(... for ... in ...)")

    def _or_default(self, name: str, node: ast.Call) -> Value:
        """min(..., default=x): x where there is nothing to take the smallest of."""
        plain = ast.copy_location(ast.Call(node.func, node.args, []), node)
        found, other = self.as_expr(self.fold_call(name, plain), node), self.scalar(node.keywords[0].value)
        if not isinstance(found, Fold):
            self.source.unsupported(
                node, f"{name}() of this has no default", f"write {name}(... for ... in ...)"
            )
        some = Fold(BOOL, "any", found.loops, found.filters, found.bindings, Literal(BOOL, 1))
        kind = join(found.type, other.type)
        if kind is None:
            self.source.type_error(node, "the default is of another type", "give all one type")
        arms = [self.coerce(each, kind, node, "it") for each in (found, other)]
        return Apply(kind, "({0} ? {1} : {2})", (some, *arms))

    def _fold_whole(self, name: str, argument: ast.expr, node: ast.Call) -> Value:
        """set(Page), max(k.chosen): a collection as it is."""
        domain, member = self.domain(argument)
        variable = self.fresh("member", member)
        value = Read(member, variable)
        kind = "set" if name == "frozenset" else name
        result, site = self._fold_type(kind, value, [(variable, domain)], node)
        return Fold(result, kind, ((variable, domain),), ((),), ((),), value, site)

    def _count(self, listed: ast.expr, node: ast.Call) -> Value:
        """len([p for p in Page if ...]): how many times round."""
        if isinstance(listed, ast.ListComp) and isinstance(listed.elt, (ast.Name, ast.Constant)):
            return self.fold("sum", ast.copy_location(ast.Constant(1), listed.elt), listed.generators, node)
        # The members would have to be evaluated, as one of them may fail.
        self.source.unsupported(node, "len() of this", "write sum(1 for ... if ...)")

    def _length(self, value: Value, node: ast.AST) -> Value:
        if isinstance(value, Constant) and isinstance(value.value, (type, tuple, list, range)):
            return Constant(len(value.value))  # type: ignore[arg-type]
        members = self.as_expr(value, node)
        if isinstance(members.type, SetType):
            return arithmetic.size_of(members.type, members)
        self.source.type_error(
            node, f"len() of {a(describe(members.type))}", "len() takes a set, an Index or an Enum"
        )

    def _smallest(self, name: str, node: ast.Call) -> Value:
        values = [self.unwrap(self.scalar(argument), argument) for argument in node.args]
        result = values[0]
        sign = "<" if name == "min" else ">"
        for value in values[1:]:
            kind = join(result.type, value.type)
            if kind is not None and is_word(kind):
                result = word_arithmetic.larger(name, kind, result, value)
                continue
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
            return self.set_type(value.type, node), None
        if kind == "choose":
            return value.type, None
        if kind == "sum" and isinstance(value.type, (RangeType, BoolType)):
            low, high = code_range(value.type)
            times = 1
            for variable, domain in loops:
                times *= trips(domain, variable)
            return RangeType(min(0, low * times), max(0, high * times)), None
        if kind in ("min", "max") and isinstance(value.type, (RangeType, IndexType)):
            return value.type, Site("model error", f"{kind}() of nothing", self.source.place(node))
        self.source.type_error(
            node, f"{kind}() of {a(describe(value.type))}", "sum, min and max take numbers"
        )

    def value_setcomp(self, node: ast.SetComp) -> Expr:
        return self.fold("set", node.elt, node.generators, node)
