/** The compiled code of Python models: their own text, and behind it what `dbt` is to them. */
import { problem, UpsqlError } from '../../diagnostics/index.js';
import { Template } from '../../jinja/index.js';
import type { NodeScope } from '../context/scopes.js';
import type { Node } from '../node.js';
import { originOf, type ParsedProject } from '../state.js';

/** For scopes of Python models: a ref to an ephemeral model, which has no relation, is an error (`ephemeral-ref`). */
export function refuseEphemeral(parsed: ParsedProject, node: Node): (read: Node) => never {
  return (read) => {
    const place = { file: originOf(parsed, node).file, line: 1, column: 1 };
    const message = `The Python model '${node.name}' reads '${read.name}', which is ephemeral: it has no table or view.`;
    throw new UpsqlError(
      problem('ephemeral-ref', message, { place, hint: `Make '${read.name}' a view or a table.` }),
      1,
    );
  };
}

/** The model's text, which is no template, with the text of the macro `py_script_postfix` behind it. */
export async function pythonCode(node: Node, scope: NodeScope): Promise<string> {
  const template = Template.parse({ text: '{{ py_script_postfix(model) }}', file: node.original_file_path, line: 1 });
  return `${node.raw_code}\n\n${await template.render(scope, { once: true })}`;
}
