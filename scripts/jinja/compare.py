"""Renders the templates of real projects with jinja2, on stand-ins for all that they use, for compare.mjs.

Each .sql file is rendered as it is, and once more with a call of each macro in it. Tests, materializations and snapshots
are made macros, so that jinja2 alone can read them.

    python scripts/jinja/compare.py expected.json FOLDER... && npm run build && node scripts/jinja/compare.mjs expected.json
"""

import json
import re
import sys
import warnings
from pathlib import Path

from jinja2 import meta, nodes
from jinja2.sandbox import SandboxedEnvironment

GLOBALS = {"range", "dict", "namespace", "cycler", "joiner", "lipsum"}


class StandIn:
    """Prints as what was asked of it; has two items; its truth hangs on the length of its name."""

    # The sandbox asks for these.
    unsafe_callable = False
    alters_data = False

    def __init__(self, name):
        object.__setattr__(self, "_name", name)

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return StandIn(f"{self._name}.{name}")

    def __getitem__(self, key):
        return StandIn(f"{self._name}[{key!r}]")

    def __call__(self, *args, **kwargs):
        parts = [repr(value) for value in args] + [f"{key}={value!r}" for key, value in kwargs.items()]
        return StandIn(f"{self._name}({', '.join(parts)})")

    def __str__(self):
        return self._name

    __repr__ = __str__

    def __iter__(self):
        return iter([StandIn(self._name + "#0"), StandIn(self._name + "#1")])

    def __len__(self):
        return 2

    def __bool__(self):
        return len(self._name) % 3 != 0

    def __eq__(self, other):
        return isinstance(other, StandIn) and other._name == self._name

    def __hash__(self):
        return hash(self._name)


def environment():
    env = SandboxedEnvironment(extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"])
    for name in ("as_text", "as_bool", "as_native", "as_number"):
        env.filters[name] = lambda value: value
    env.filters["is_list"] = lambda value: isinstance(value, list)
    return env


def plain_macros(text):
    text = re.sub(r"\{%(-?)\s*(?:data_)?test\s+(\w+)", r"{%\1 macro test_\2", text)
    text = re.sub(r"\{%(-?)\s*materialization\s+(\w+)[^%]*?(-?)%\}", r"{%\1 macro materialization_\2() \3%}", text)
    text = re.sub(r"\{%(-?)\s*snapshot\s+(\w+)\s*(-?)%\}", r"{%\1 macro snapshot_\2() \3%}", text)
    return re.sub(r"end(?:(?:data_)?test|materialization|snapshot)\b", "endmacro", text)


def templates(text):
    yield text
    for macro in environment().parse(text).find_all(nodes.Macro):
        names = [f"arg_{parameter.name}" for parameter in macro.args]
        yield f"{text}\n{{{{ {macro.name}({', '.join(names)}) }}}}"
        if names:
            yield f"{text}\n{{{{ {macro.name}() }}}}"


def case(file, template):
    out = {"file": str(file), "template": template, "names": []}
    try:
        out["names"] = sorted(meta.find_undeclared_variables(environment().parse(template)) - GLOBALS)
        out["output"] = environment().from_string(template).render({name: StandIn(name) for name in out["names"]})
    except Exception as error:
        out["error"] = type(error).__name__
    return out


def main(target, *folders):
    warnings.simplefilter("ignore")
    cases = []
    for file in sorted(file for folder in folders for file in Path(folder).rglob("*.sql")):
        text = plain_macros(file.read_text(errors="replace"))
        try:
            cases += [case(file, template) for template in templates(text)]
        except Exception:
            cases.append(case(file, text))
    # What prints an address differs from run to run.
    cases = [item for item in cases if not re.search(r"0x[0-9a-f]{8}|<generator", item.get("output", ""))]
    Path(target).write_text(json.dumps(cases))
    print(len(cases), "templates,", sum("error" in item for item in cases), "of them fail with jinja2")


if __name__ == "__main__":
    main(*sys.argv[1:])
