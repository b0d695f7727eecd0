/** A model's `primary_key` in the manifest: its contract's constraint, else columns tested unique and not null, else unique. */
import type { Node } from './node.js';
import type { ParsedProject } from './state.js';

function fromConstraints(node: Node): string[] {
  const primary = (list: unknown) =>
    Array.isArray(list) ? list.find((c) => (c as { type?: string }).type === 'primary_key') : undefined;
  const model = primary(node.constraints) as { columns?: string[] } | undefined;
  if (model?.columns !== undefined) return model.columns;
  return Object.values(node.columns)
    .filter((c) => primary(c.constraints) !== undefined)
    .map((c) => c.name);
}

function columnsOf(test: Node): string[] {
  const { column_name: column, combination_of_columns: columns } = test.test_metadata?.kwargs ?? {};
  if (typeof column === 'string') return [column];
  return Array.isArray(columns) ? columns.filter((c): c is string => typeof c === 'string') : [];
}

function fromTests(tests: readonly Node[]): string[] {
  const unique = { enabled: new Set<string>(), disabled: new Set<string>() };
  const notNull = new Set<string>();
  for (const test of tests) {
    const name = test.test_metadata?.name ?? '';
    for (const column of columnsOf(test)) {
      if (name === 'not_null') notNull.add(column);
      else if (name === 'unique' || name === 'unique_combination_of_columns') {
        unique[test.config.enabled === false ? 'disabled' : 'enabled'].add(column);
      }
    }
  }
  const both = [...notNull].filter((c) => unique.enabled.has(c) || unique.disabled.has(c));
  if (both.length > 0) return both;
  return unique.enabled.size > 0 ? [...unique.enabled] : [...unique.disabled];
}

export function setPrimaryKeys(parsed: ParsedProject): void {
  const tests = new Map<string, Node[]>();
  const all = [...Object.values(parsed.manifest.nodes), ...(Object.values(parsed.manifest.disabled).flat() as Node[])];
  for (const node of all) {
    if (node.resource_type !== 'test' || typeof node.attached_node !== 'string') continue;
    const list = tests.get(node.attached_node);
    if (list === undefined) tests.set(node.attached_node, [node]);
    else list.push(node);
  }
  for (const node of Object.values(parsed.manifest.nodes)) {
    if (node.resource_type !== 'model') continue;
    const declared = fromConstraints(node);
    node.primary_key = declared.length > 0 ? declared : fromTests(tests.get(node.unique_id) ?? []);
  }
}
