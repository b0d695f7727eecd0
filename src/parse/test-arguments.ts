/** The arguments that a generic test's macro gets: text that is a call (`ref('x')`) or a template is rendered, columns stay text. */
import { Dict, type Scope, Template, toJinja } from '../jinja/index.js';
import type { Node } from './node.js';
import { originOf, type ParsedProject } from './state.js';

const CALL = /^\s*(env_var|ref|var|source|doc)\s*\(.+\)\s*$/s;

/** The template that a text argument is, or undefined where the text is its own value. */
function templateOf(parsed: ParsedProject, node: Node, key: string, text: string): Template | undefined {
  if (key === 'column_name') return undefined;
  const code = CALL.test(text) ? `{{ ${text} }}` : text;
  if (!/\{[{%#]|[#}%]\}/.test(code)) return undefined;
  const { file, line } = originOf(parsed, node);
  return Template.parse({ text: code, file, line });
}

type Visit = (template: Template) => unknown;

/** A copy of `value` as the engine's, each text that is a template replaced by what `visit` gives for it. */
function mapped(parsed: ParsedProject, node: Node, key: string, value: unknown, visit: Visit): unknown {
  if (typeof value === 'string') {
    const template = templateOf(parsed, node, key, value);
    return template === undefined ? value : visit(template);
  }
  if (Array.isArray(value)) return value.map((item) => mapped(parsed, node, '', item, visit));
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return new Dict(Object.entries(value).map(([name, item]) => [name, mapped(parsed, node, '', item, visit)]));
  }
  return toJinja(value);
}

function visitAll(parsed: ParsedProject, node: Node, visit: Visit): Dict {
  const entries = Object.entries(node.test_metadata?.kwargs ?? {});
  return new Dict(entries.map(([key, value]) => [key, mapped(parsed, node, key, value, visit)]));
}

/** `_dbt_generic_test_kwargs` of a test while parsing: rendering notes its refs and sources. */
export function parseTestArguments(parsed: ParsedProject, node: Node, scope: Scope): Dict {
  return visitAll(parsed, node, (template) => template.renderNative(scope, { lenient: true, once: true }));
}

/** The same while running, where macros may ask the warehouse. */
export async function runTestArguments(parsed: ParsedProject, node: Node, scope: Scope): Promise<Dict> {
  const values = new Map<Template, unknown>();
  visitAll(parsed, node, (template) => values.set(template, null));
  const order = [...values.keys()];
  for (const template of order) values.set(template, await template.renderNativeAsync(scope, { once: true }));
  let next = 0;
  return visitAll(parsed, node, () => values.get(order[next++] as Template));
}
