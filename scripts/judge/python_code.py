"""What compiled Python models say: upsql writes the part behind a model's text itself, so that only its meaning is compared."""

import ast

VALUES = {"refs", "sources", "config_dict", "meta_dict", "database", "schema", "identifier", "is_incremental"}


def meaning(code: str) -> str:
    """Relations, configs and names of functions and classes, wherever they stand."""
    values, names = {}, []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
            name = getattr(target, "id", None) or getattr(target, "attr", None)
            if name in VALUES and not isinstance(node.value, (ast.Name, ast.Call)):
                values[name] = ast.literal_eval(node.value)
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.append(node.name)
            if node.name == "__repr__" and isinstance(node.body[-1], ast.Return) and isinstance(node.body[-1].value, ast.Constant):
                values["this"] = node.body[-1].value.value
    return repr((sorted(values.items()), sorted(names)))
