"""A seeded generator of random templates, bounded in depth, over values that every case sees."""

import random

NAMES = ["n", "f", "s", "yes", "no", "nothing", "xs", "words", "d", "users", "missing", "v", "w"]
FILTERS = ["upper", "lower", "title", "length", "list", "first", "last", "sort", "join", "join('-')", "string", "int", "float", "trim", "abs", "round", "unique|list", "reverse|list", "default('z')", "d('z', true)", "sum", "min", "max", "capitalize", "replace('a', 'b')", "map('string')|list", "select|list", "tojson", "batch(2)|list", "dictsort", "wordcount", "center(7)", "truncate(5, true, '', 0)", "e", "indent(1)"]
TESTS = ["defined", "none", "number", "string", "mapping", "sequence", "iterable", "odd", "even", "true", "boolean", "integer", "float", "lower", "in [1, 'a']", "divisibleby 2", "eq 3", "sameas none"]
OPERATORS = ["+", "-", "*", "/", "//", "%", "~", "==", "!=", "<", "<=", ">", ">=", "and", "or", "in", "not in"]
METHODS = ["upper()", "split()", "keys()|list", "items()|list", "get('a')", "get('q', 1)", "strip()", "count('a')", "startswith('h')", "a", "b", "index(1)", "copy()", "title()", "name"]


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, items):
        return self.random.choice(items)

    def atom(self):
        kind = self.random.randrange(9)
        if kind < 4:
            return self.pick(NAMES)
        if kind == 4:
            return str(self.random.randrange(-3, 12))
        if kind == 5:
            return self.pick(["0.5", "2.0", "1.25", "1e3", "0.1"])
        if kind == 6:
            return repr(self.pick(["", "a", "Hello", "x y", "it's", "%s", "{}", "é"]))
        if kind == 7:
            return self.pick(["true", "false", "none", "[]", "{}", "()"])
        return "[" + ", ".join(self.atom() for _ in range(self.random.randrange(3))) + "]"

    def expression(self, depth):
        if depth <= 0:
            return self.atom()
        kind = self.random.randrange(11)
        if kind < 3:
            return f"({self.expression(depth - 1)} {self.pick(OPERATORS)} {self.expression(depth - 1)})"
        if kind < 5:
            return f"{self.operand(depth - 1)}|{self.pick(FILTERS)}"
        if kind == 5:
            return f"({self.operand(depth - 1)} is {self.pick(['', 'not '])}{self.pick(TESTS)})"
        if kind == 6:
            return f"({self.expression(depth - 1)} if {self.expression(depth - 1)} else {self.expression(depth - 1)})"
        if kind == 7:
            return f"{self.operand(0)}.{self.pick(METHODS)}"
        if kind == 8:
            # Slices of names only: a slice of a literal can behave in other ways where Jinja2 works it out beforehand.
            if self.random.random() < 0.4:
                return f"{self.pick(NAMES)}[{self.pick(['1:', ':2', '::-1', '-2:', '::2'])}]"
            return f"{self.operand(depth - 1)}[{self.pick(['0', '-1', repr('a'), '5', self.atom()])}]"
        if kind == 9:
            return f"(not {self.expression(depth - 1)})"
        return "{" + f"{self.pick([repr('k'), '1', 'none'])}: {self.expression(depth - 1)}" + "}"

    def operand(self, depth):
        return f"({self.expression(depth)})"

    def text(self):
        return self.pick(["a", " ", "\n", "b ", ", ", "\n  ", "", ";"])

    def tag(self, body):
        left = self.pick(["{%", "{%", "{%-"])
        right = self.pick(["%}", "%}", "-%}"])
        return f"{left} {body} {right}"

    def statement(self, depth):
        kind = self.random.randrange(11 if depth > 0 else 4)
        if kind < 2:
            return self.text()
        if kind == 2:
            return "{{ " + self.expression(2) + " }}"
        if kind == 3:
            return self.tag(f"set {self.pick(['v', 'w', 's'])} = {self.expression(1)}")
        if kind in (4, 5):
            body = self.tag(f"if {self.expression(2)}") + self.body(depth - 1)
            if self.random.random() < 0.4:
                body += self.tag(f"elif {self.expression(1)}") + self.body(depth - 1)
            if self.random.random() < 0.5:
                body += self.tag("else") + self.body(depth - 1)
            return body + self.tag("endif")
        if kind in (6, 7):
            items = self.pick(["xs", "words", "range(3)", "d", "'ab'", "users|map(attribute='age')", "[1, [2]]", "missing"])
            condition = self.pick(["", "", " if v", " if loop is defined", f" if {self.expression(1)}"])
            inner = self.pick(["{{ v }}", "{{ loop.index }}", "{{ loop.last }}", "{{ v }}{{ w }}", "{% if loop.first %}f{% endif %}", "{% if v == 1 %}{% continue %}{% endif %}", "{% if loop.index > 2 %}{% break %}{% endif %}"])
            body = self.tag(f"for v in {items}{condition}") + inner + self.body(depth - 1)
            if self.random.random() < 0.3:
                body += self.tag("else") + self.body(depth - 1)
            return body + self.tag("endfor")
        if kind == 8:
            name = self.pick(["m1", "m2"])
            macro = self.tag(f"macro {name}(v, w={self.expression(1)})") + self.body(depth - 1) + self.pick(["", "{{ varargs }}", "{{ kwargs }}", "{{ caller() if caller }}"]) + self.tag("endmacro")
            call = self.pick([f"{name}()", f"{name}({self.atom()})", f"{name}(w={self.atom()})", f"{name}(1, 2, 3)", f"{name}(q=1)"])
            if self.random.random() < 0.3:
                return macro + self.tag(f"call {call}") + "c" + self.tag("endcall")
            return macro + "{{ " + call + " }}"
        if kind == 9:
            return self.tag(f"set {self.pick(['v', 's'])}") + self.body(depth - 1) + self.tag("endset")
        return self.tag("filter " + self.pick(["upper", "trim", "title", "replace('a', 'b')"])) + self.body(depth - 1) + self.tag("endfilter")

    def body(self, depth):
        return "".join(self.statement(depth) for _ in range(self.random.randrange(1, 4)))

    def template(self):
        return self.body(3) + "{{ v }}{{ s }}"


def templates(seed=42):
    """Endless different templates; the same seed gives the same ones."""
    seen = set()
    while True:
        template = Generator(seed).template()
        seed += 1
        if template not in seen and len(template) < 700:
            seen.add(template)
            yield template
