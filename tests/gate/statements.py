"""Random statements of the models that are drawn: whatever the language allows."""

from __future__ import annotations

from .expressions import Expressions


class Writer(Expressions):
    """Draws statements, and notes what must be known of them for the next ones."""

    def body(self, size: int, yields: bool) -> None:
        before, start = dict(self.names), len(self.lines)
        for _ in range(self.number(1, size)):
            self.statement(yields)
        if len(self.lines) == start:
            self.add("pass")
        for name in [n for n in self.names if n not in before]:
            del self.names[name]

    def block(self, head: str, yields: bool, size: int = 2) -> None:
        self.add(head)
        self.depth += 1
        self.body(size, yields)
        self.depth -= 1

    def statement(self, yields: bool) -> None:
        simple = [
            self.write,
            self.write,
            self.write,
            self.set_write,
            self.choice,
            self.copy_local,
            self.reference,
            self.helper,
            self.condition,
        ]
        simple += [self.search, self.frozen]
        if self.depth < 4:
            simple += [self.branch, self.loop]
        if self.loops:
            simple += [self.jump]
        if yields:
            simple += [self.yield_, self.yield_, self.wait, self.sub_operation]
            if self.depth < 3:
                simple += [self.any_order, self.counted, self.forever]
        self.pick(*simple)(yields)

    def write(self, _: bool) -> None:
        p = self.page()
        self.add(
            str(
                self.pick(
                    f"k.flag = {self.boolean()}",
                    f"k.kind = {self.kind()}",
                    f"k.level = {self.level()}",
                    "k.lock = None",
                    f"k.lock = {self.actor()}",
                    f"k.frame[{p}].busy = {self.boolean(1)}",
                    f"k.frame[{p}].owner = {self.pick('None', self.actor())}",
                    f"k.frame[{p}].count = {self.level()}",
                    f"k.frame[{p}].assign(busy={self.boolean(1)}, owner=None)",
                    f"copy_into(k.frame[{p}], k.frame[{self.page()}])",
                )
            )
        )
        self.wrote = True

    def set_write(self, _: bool) -> None:
        p = self.page()
        self.add(
            str(
                self.pick(
                    f"k.chosen.add({p})",
                    f"k.chosen.discard({p})",
                    "k.chosen.clear()",
                    f"k.pairs.add(({self.actor()}, {p}))",
                    f"k.pairs.discard(({self.actor()}, {p}))",
                    "k.chosen.assign(q for q in Page if k.frame[q].busy)",
                    "k.chosen |= {q for q in Page if q > " + p + "}",
                    f"k.chosen = k.chosen - {{{p}}}",
                    f"k.chosen ^= {{{p}}}",
                    f"k.chosen = {{{p}}} ^ k.chosen",
                    f"k.chosen = k.chosen.symmetric_difference({{{p}, {self.page()}}})",
                )
            )
        )
        self.wrote = True

    def choice(self, _: bool) -> None:
        which = self.number(0, 4 if not self.wrote else 1)
        if which == 0:
            name = self.new("c")
            self.add(f"{name} = choose(True, False)")
            self.names[name] = "bool"
        elif which == 1:
            name = self.new("p")
            self.add(f"{name} = choose(Page)")
            self.names[name] = "page"
        elif which == 2:
            name = self.new("p")
            self.add(f"{name} = choose(q for q in Page if {self.boolean(0)})")
            self.names[name] = "page"
        elif which == 3:
            name = self.new("p")
            self.add(f"{name} = choose(k.chosen)")
            self.names[name] = "page"
        else:
            self.add(f"when({self.boolean(1)})")

    def copy_local(self, _: bool) -> None:
        kind = str(self.pick("bool", "page", "kind", "level", "set"))
        text = {
            "bool": self.boolean,
            "page": self.page,
            "kind": self.kind,
            "level": self.level,
            "set": lambda: "frozen(k.chosen)",
        }[kind]()
        name = self.new(kind[0])
        self.add(f"{name} = {text}")
        if kind == "set":
            check = self.new("b")
            self.add(f"{check} = {self.page()} in {name}")
            self.names[check] = "bool"
        else:
            self.names[name] = kind

    def reference(self, yields: bool) -> None:
        name = self.new("f")
        self.add(f"{name} = k.frame[{self.page()}]")
        if yields and self.number(0, 1):
            self.yield_(yields)
        self.add(f"{name}.count = {self.level()}")
        self.wrote = True

    def helper(self, _: bool) -> None:
        name = self.new("h")
        self.add(f"{name} = claim(k, {self.actor()}, {self.page()})")
        self.names[name] = "bool"
        self.wrote = True

    def condition(self, _: bool) -> None:
        if self.number(0, 3) == 0:
            self.add(f"assert {self.boolean(2)}, 'drawn'")

    def branch(self, yields: bool) -> None:
        claimed = f"{self.pick('', 'not ')}claim(k, {self.actor()}, {self.page()})"
        short = f"if {self.boolean(1)} {self.pick('and', 'or')} {claimed}:"
        head = self.pick(f"if {self.boolean()}:", "if choose(True, False):", short)
        self.wrote = wrote = self.wrote or head == short
        self.block(str(head), yields)
        after, self.wrote = self.wrote, wrote
        if self.number(0, 1):
            self.block("else:", yields)
        self.wrote = self.wrote or after

    def loop(self, yields: bool) -> None:
        name = self.new("q")
        collection = self.pick(
            "Page", f"pages_from({self.page()})", "range(2)", *([] if yields else ["k.chosen"])
        )
        self.names[name] = "level" if collection == "range(2)" else "page"
        self.loops += 1
        self.wrote = True  # of an earlier round
        self.block(f"for {name} in {collection}:", yields)
        self.loops -= 1
        del self.names[name]

    def any_order(self, yields: bool) -> None:
        name = self.new("q")
        self.names[name] = "page"
        self.loops += 1
        self.wrote = True
        self.block(f"for {name} in any_order({self.pick('Page', 'k.chosen')}):", yields)
        self.loops -= 1
        del self.names[name]

    def counted(self, yields: bool) -> None:
        name = self.new("n")
        self.add(f"{name}: Range(0, 3) = 0")
        self.names[name] = "fixed"
        self.wrote = True
        self.add(f"while {name} < 2:")
        self.depth += 1
        self.add(f"{name} = {name} + 1")
        self.body(2, yields)
        self.depth -= 1

    def forever(self, yields: bool) -> None:
        """Left only by its break; what is assigned in it may be read after it."""
        name = self.new("l")
        self.wrote = True
        self.add("while True:")
        self.depth += 1
        self.add(f"{name} = {self.level()}")
        self.body(2, yields)
        self.add("yield")
        self.add(f"if {self.boolean(1)}:")
        self.add("    break")
        self.depth -= 1
        self.names[name] = "level"

    def search(self, _: bool) -> None:
        """None first, a member later."""
        name, member = self.new("o"), self.new("q")
        self.add(f"{name} = None")
        self.add(f"for {member} in Page:")
        self.add(f"    if k.frame[{member}].busy or {self.boolean(0)}:")
        self.add(f"        {name} = {member}")
        self.add("        break")
        self.add(f"if {name} is not None:")
        self.add(f"    k.chosen.add({name})")
        self.wrote = True

    def frozen(self, yields: bool) -> None:
        name, result = self.new("z"), self.new("b")
        page = self.page()
        self.add(f"{name} = frozen(k.frame[{page}])")
        if yields and self.number(0, 1):
            self.yield_(yields)
        self.add(f"{result} = {name} == frozen(k.frame[{self.page()}]) or {name}.busy")
        self.names[result] = "bool"

    def jump(self, _: bool) -> None:
        self.add(f"if {self.boolean(1)}:")
        self.add(f"    {self.pick('break', 'continue')}")

    def yield_(self, _: bool) -> None:
        self.add("yield")
        self.wrote = self.loops > 0

    def wait(self, _: bool) -> None:
        if self.number(0, 1):
            self.add("yield")
        tries = f"{self.boolean(0)} or not claim(k, me, {self.page()})"  # a try that fails leaves nothing
        self.add(f"while {self.pick(self.boolean(1), tries, 'choose(True, False)')}:")
        self.add("    yield")
        self.wrote = True

    def sub_operation(self, _: bool) -> None:
        if self.number(0, 2) == 0:
            self.add("yield from take_lock(k, me)")
        else:
            name = self.new("r")
            self.add(f"{name} = yield from sub(k, me, {self.page()}, {self.boolean(1)})")
            self.names[name] = "bool"
        self.wrote = True
