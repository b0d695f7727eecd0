/** The context of a unit test's model: refs and sources are inputs, and what the test overrides has its values. */
import { didYouMean } from '../../../diagnostics/index.js';
import { HostFunction, str, toJinja } from '../../../jinja/index.js';
import { refArguments, sourceArguments } from '../../context/parse-members.js';
import { RelationValue } from '../../context/relation-value.js';
import { Resolver } from '../../context/run-members.js';
import type { Members, NodeScope } from '../../context/scopes.js';
import { envVarFunction, hasTemplatedVars, VarFunction } from '../../context/vars.js';
import { findRef, findSource } from '../../lookup.js';
import type { Node, OtherNode } from '../../node.js';
import { unitTestPlace } from '../../nodes/unit-test-place.js';
import { createRelation } from '../../relation.js';
import { mapOf } from '../../shape.js';
import type { ParsedProject } from '../../state.js';
import { fault, type UnitTestHost } from './host.js';
import type { Input } from './inputs.js';

const cteRelation = (cte: string, { dialect }: ParsedProject['adapter']): RelationValue =>
  new RelationValue(
    createRelation({ identifier: cte, type: 'cte' }, dialect, { database: false, schema: false, identifier: false }),
  );

/** What the model's text sees in a unit test; the inputs that it asks for are put into `used`. */
export function inputMembers(
  host: UnitTestHost,
  test: OtherNode,
  model: Node,
  node: Node,
  inputs: ReadonlyMap<string, Input>,
  used: Input[],
  scope: () => NodeScope,
): Members {
  const { parsed } = host;
  const root = parsed.project.config.name;
  const overrides = mapOf(test.overrides);
  const given = (id: string | undefined, call: string): RelationValue => {
    const input = id === undefined ? undefined : inputs.get(id);
    if (input === undefined) {
      const place = unitTestPlace(parsed, test, ['given']);
      if (id === undefined) throw fault(place, `${call} in '${model.name}' does not exist.`);
      throw fault(
        place,
        `Unit test '${test.name}' has no input for ${call}, which '${model.name}' reads.`,
        `Add to given: {input: ${call}, rows: []}`,
      );
    }
    if (!used.includes(input)) used.push(input);
    return cteRelation(input.cte, parsed.adapter);
  };
  const own = inputs.get(model.unique_id);
  const variables = mapOf(overrides.env_vars);
  const readEnv = envVarFunction(parsed.project.env);
  return {
    ref: () =>
      new Resolver('ref', (args) => {
        const ref = refArguments(args);
        const found = findRef(parsed.lookup, ref, root, model.package_name);
        const names = ref.package === null ? `'${ref.name}'` : `'${ref.package}', '${ref.name}'`;
        const call = `ref(${names}${ref.version === null ? '' : `, v=${ref.version}`})`;
        return given(found.kind === 'found' ? found.node.unique_id : undefined, call);
      }),
    source: () =>
      new Resolver('source', (args) => {
        const [name, table] = sourceArguments(args);
        const found = findSource(parsed.lookup, name, table, root, model.package_name);
        return given(found.kind === 'found' ? found.node.unique_id : undefined, `source('${name}', '${table}')`);
      }),
    this: () => (own === undefined ? null : cteRelation(own.cte, parsed.adapter)),
    var: () => {
      const mode = hasTemplatedVars(parsed.project) ? 'async' : 'sync';
      return new VarFunction(parsed.project, node.package_name, 'error', scope, mapOf(overrides.vars), mode);
    },
    env_var: () =>
      new HostFunction('env_var', (args) => {
        const name = str(args.positional[0] ?? args.named.get('var') ?? '');
        return Object.hasOwn(variables, name) ? toJinja(variables[name]) : readEnv.call(args);
      }),
  };
}

/**
 * `overrides.macros`: calls of `name`, or of `package.name`, give the value; a bare name stands for `dbt.name` too, and may
 * be one of the context's (`invocation_id`).
 */
export function overrideMacros({ parsed, warn }: UnitTestHost, test: OtherNode, node: Node, scope: NodeScope): void {
  const { macros } = parsed;
  for (const [key, raw] of Object.entries(mapOf(mapOf(test.overrides).macros))) {
    const value = toJinja(raw);
    const [packageName, name] = key.includes('.') ? (key.split('.', 2) as [string, string]) : [null, key];
    const qualified = macros.findIn(packageName ?? 'dbt', name);
    if (qualified !== undefined) scope.override(qualified, value);
    if (packageName === null && macros.find(name, node.package_name) !== undefined)
      scope.set(name, new HostFunction(name, () => value));
    else if (packageName === null && scope.lookup(name) !== undefined) scope.set(name, value);
    else if (qualified === undefined) {
      const near = didYouMean(name, macros.visibleNames(node.package_name));
      warn(
        node,
        `Unit test '${test.name}' overrides '${key}', which is no macro.${near === undefined ? '' : ` ${near}`}`,
        unitTestPlace(parsed, test, ['overrides', 'macros', key]),
      );
    }
  }
}
