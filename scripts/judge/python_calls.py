"""What dbt reads in the text of Python models: fills tests/unit/parse/python-models.json.

    python scripts/judge/python_calls.py        (in an environment with dbt-core 1.11); then npm run format

Each case has `code`; beside it come what dbt's own visitors find in it, or `error` where they refuse it.
"""

import ast
import json
from pathlib import Path
from types import SimpleNamespace

from dbt.exceptions import ParsingError
from dbt.parser.models import PythonParseVisitor, PythonValidationVisitor

FILE = Path(__file__).parents[2] / "tests/unit/parse/python-models.json"


def outcome(code: str) -> dict:
    node = SimpleNamespace(raw_code=code, original_file_path="models/m.py", resource_type="model", name="m", unique_id="model.shop.m")
    try:
        tree = ast.parse(code.strip())
        if tree.body:
            validator = PythonValidationVisitor()
            validator.visit(tree)
            validator.check_error(node)
        visitor = PythonParseVisitor(node)
        visitor.visit(tree)
    except (SyntaxError, ParsingError) as error:
        return {"code": code, "error": type(error).__name__}
    found = {"refs": [], "sources": [], "config": {}, "used": [], "defaults": [], "meta": []}
    for name, args, kwargs in visitor.dbt_function_calls:
        if name == "ref":
            version = kwargs.get("version") or kwargs.get("v")
            found["refs"].append({"name": args[-1], "package": args[0] if len(args) == 2 else None, "version": version})
        elif name == "source":
            found["sources"].append(args)
        elif name == "config":
            found["config"].update(args[0] if args else kwargs)
        elif name == "get":
            found["used"].append(args[0])
            found["defaults"].append(args[1] if len(args) > 1 else None)
        else:
            found["meta"].append(args[0])
    return {"code": code, **found}


cases = json.loads(FILE.read_text())
FILE.write_text(json.dumps([outcome(case["code"]) for case in cases], indent=2, default=list) + "\n")
