/** The arguments that a generic test's macro gets: text that is a call (`ref('x')`) or a template is rendered, columns stay text. */
import { Dict, type Scope, Template, toJinja } from '../jinja/index.js';
import type { Node } from './node.js';
import { originOf, type ParsedProject } from './state.js';

const CALL = /^\s*(env_var|ref|var|source|doc)\s*\(.+\)\s*$/s;

function rendered(value: unknown, path: readonly string[], scope: Scope, file: string, line: number): unknown {
  if (typeof value === 'string') {
    if (path.length === 1 && path[0] === 'column_name') return value;
    const text = CALL.test(value) ? `{{ ${value} }}` : value;
    return Template.parse({ text, file, line }).renderNative(scope);
  }
  if (Array.isArray(value)) return value.map((item) => rendered(item, [...path, ''], scope, file, line));
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return new Dict(
      Object.entries(value).map(([key, item]) => [key, rendered(item, [...path, key], scope, file, line)]),
    );
  }
  return toJinja(value);
}

/** `_dbt_generic_test_kwargs` for a test node in a scope. */
export function renderTestArguments(parsed: ParsedProject, node: Node, scope: Scope): Dict {
  const origin = originOf(parsed, node);
  return rendered(node.test_metadata?.kwargs ?? {}, [], scope, origin.file, origin.line) as Dict;
}
