"""Computes what jinja2 3.1, set up as dbt-core sets it up, makes of the cases; writes them as JSON for the tests.

Run by hand, with a Python that has dbt-core 1.11 (and so jinja2 3.1):
    python scripts/jinja/expectations.py && npx biome check --write tests/unit/jinja
"""

import copy
import decimal
import itertools
import json
import re
import warnings
from pathlib import Path

import jinja2
from jinja2.sandbox import SandboxedEnvironment

from dbt.context.base import get_context_modules

from cases import CASES, CONTEXT, NATIVE
from random_templates import templates

OUT = Path(__file__).parents[2] / "tests" / "unit" / "jinja"
RANDOM_COUNT = 800


def environment():
    env = SandboxedEnvironment(extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"])
    for name in ("as_text", "as_bool", "as_native", "as_number"):
        env.filters[name] = lambda value: value
    # What dbt's own context adds and the engine brings: Python's modules, and decimals as query results hold them.
    # dbt's own itertools warns, for which it needs a running command.
    env.globals["modules"] = {**get_context_modules(), "itertools": vars(itertools)}
    env.globals["decimal"] = decimal.Decimal
    return env


def outcome(template, context):
    """The text, or the name of the error's class."""
    try:
        return {"output": environment().from_string(template).render(copy.deepcopy(context))}
    except Exception as error:  # the class of the error is what is asked for
        # A SyntaxError comes from the Python code that Jinja2 makes (`break` outside a loop, a parameter twice).
        name = type(error).__name__
        return {"error": "TemplateSyntaxError" if name == "SyntaxError" else name}


def cases():
    out = []
    for subject, items in CASES.items():
        for item in items:
            template, more = item if isinstance(item, tuple) else (item, None)
            case = {"subject": subject, "template": template}
            if more is not None:
                # JSON has no floats that are whole, so their names are noted.
                case["context"] = more
                case["floats"] = [name for name, value in more.items() if isinstance(value, float)]
                case["integers"] = {name: str(value) for name, value in more.items() if isinstance(value, int) and abs(value) > 2**53}
            out.append({**case, **outcome(template, {**CONTEXT, **(more or {})})})
    return out


def native_cases():
    from dbt.clients.jinja import get_rendered

    out = []
    for template in NATIVE:
        try:
            value = get_rendered(template, copy.deepcopy(CONTEXT), native=True)
            out.append({"template": template, "repr": repr(value)})
        except Exception as error:
            out.append({"template": template, "error": type(error).__name__})
    return out


def random_cases():
    """Most random templates fail somewhere; one failure is kept for three that render."""
    out = []
    wanted = {"output": RANDOM_COUNT * 3 // 4, "error": RANDOM_COUNT // 4}
    for template in templates():
        result = outcome(template, CONTEXT)
        (kind,) = result
        # What prints an address or a generator differs from run to run.
        if wanted[kind] == 0 or re.search(r"0x[0-9a-f]{6,}|<generator", result.get("output", "")):
            continue
        wanted[kind] -= 1
        out.append({"template": template, **result})
        if not any(wanted.values()):
            return out


def write(name, value):
    lines = ",\n".join(json.dumps(item, ensure_ascii=True) for item in value)
    (OUT / name).write_text(f"[\n{lines}\n]\n")
    print(name, len(value))


if __name__ == "__main__":
    warnings.simplefilter("ignore", SyntaxWarning)
    assert jinja2.__version__.startswith("3.1."), jinja2.__version__
    write("cases.json", cases())
    write("native.json", native_cases())
    write("random.json", random_cases())
    (OUT / "context.json").write_text(json.dumps(CONTEXT, indent=2) + "\n")
