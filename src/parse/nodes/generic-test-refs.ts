/** What a generic test refers to: found by rendering its arguments and its macro as dbt does while parsing. */
import { Template } from '../../jinja/index.js';
import type { ContextOutput } from '../context/base.js';
import { recordRef, recordSource } from '../context/parse-members.js';
import { parseScope } from '../context/scopes.js';
import { findRef } from '../lookup.js';
import { MacroClosure } from '../macro-dependencies.js';
import type { MacroNode, Node } from '../node.js';
import type { ParsedProject } from '../state.js';
import { parseTestArguments } from '../test-arguments.js';
import type { TestRequest, TestTarget } from './generic-tests.js';

/** Notes the refs, sources and macros of a test. `macro` is the one that dbt notes for it. Throws JinjaError. */
export function collectTestRefs(
  parsed: ParsedProject,
  node: Node,
  request: TestRequest,
  output: ContextOutput,
  macro: MacroNode,
): void {
  const { target } = request;
  if (['macro.dbt.test_not_null', 'macro.dbt.test_unique'].includes(macro.unique_id)) {
    if (target.kind === 'sources') recordSource(node, [target.sourceName ?? '', target.name]);
    else recordRef(node, { name: target.name, package: null, version: target.version ?? null });
    return;
  }
  const scope = parseScope(parsed, node, output, visibleTo(parsed, macro));
  scope.set('_dbt_generic_test_kwargs', parseTestArguments(parsed, node, scope));
  const template = Template.parse({ text: node.raw_code, file: request.place.file, line: request.place.line });
  template.renderSync(scope, { lenient: true, once: true });
}

const CLOSURES = new WeakMap<ParsedProject, Map<string, MacroClosure>>();

/** The macros that a generic test's own text sees while it is parsed. */
function visibleTo(parsed: ParsedProject, macro: MacroNode): MacroClosure {
  const known = CLOSURES.get(parsed) ?? new Map<string, MacroClosure>();
  CLOSURES.set(parsed, known);
  let closure = known.get(macro.unique_id);
  if (closure === undefined) {
    const where = parsed.macros.findAnywhere('get_where_subquery');
    closure = new MacroClosure(parsed, where === undefined ? [macro] : [where, macro]);
    known.set(macro.unique_id, closure);
  }
  return closure;
}

/** Notes the node that a test is on, and its group. */
export function attachTest(parsed: ParsedProject, node: Node, target: TestTarget): void {
  const found = findRef(
    parsed.lookup,
    { name: target.name, package: target.packageName, version: target.version ?? null },
    parsed.project.config.name,
    target.packageName,
  );
  if (found.kind === 'found') {
    node.attached_node = found.node.unique_id;
    node.group = found.node.group;
    return;
  }
  const disabled = Object.values(parsed.manifest.disabled)
    .flat()
    .find((n) => n.name === target.name && n.package_name === target.packageName);
  if (disabled !== undefined) node.attached_node = disabled.unique_id;
}
