/** From refs and sources to `depends_on.nodes`; what can't be found is an error with its place and a near-miss. */
import { type Diagnostic, didYouMean, type Place, problem } from '../diagnostics/index.js';
import { findRef, findSource } from './lookup.js';
import type { Node, OtherNode, RefArgs } from './node.js';
import { addDisabled } from './nodes/sql-files.js';
import { originOf, type ParsedProject } from './state.js';

type Dependent = Node | OtherNode;

/** Where `name` stands in a node's text as a quoted argument of `call`, so that the caret is under it. */
function placeOf(parsed: ParsedProject, node: Dependent, call: 'ref' | 'source', name: string): Place {
  const origin = originOf(parsed, node as Node);
  const text = typeof node.raw_code === 'string' ? node.raw_code : '';
  const at = text.search(new RegExp(`${call}\\s*\\([^)]*['"]${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}['"]`));
  if (at === -1 || node.resource_type === 'test') {
    const column = node.resource_type === 'test' ? 1 : 1;
    return { file: origin.file, line: origin.line, column };
  }
  const quoted = Math.max(text.indexOf(`'${name}'`, at), text.indexOf(`"${name}"`, at));
  const before = text.slice(0, quoted + 1);
  const line = before.split('\n').length;
  const column = before.length - before.lastIndexOf('\n');
  return { file: origin.file, line: origin.line + line - 1, column, length: name.length };
}

function refText(ref: RefArgs): string {
  const version = ref.version === null ? '' : `, version=${ref.version}`;
  return `ref('${ref.package === null ? '' : `${ref.package}', '`}${ref.name}'${version})`;
}

function unknownRef(parsed: ParsedProject, node: Dependent, ref: RefArgs, disabled: boolean): Diagnostic {
  const place = placeOf(parsed, node, 'ref', ref.name);
  const what = `${node.resource_type} '${node.name}' refers to ${refText(ref)}`;
  if (disabled) {
    return problem('disabled-ref', `${what}, which is disabled.`, {
      place,
      hint: 'Enable it (enabled: true) or remove the ref.',
    });
  }
  const names = [...parsed.lookup.refs.keys()];
  return problem('unknown-ref', `${what}, and there is no model, seed or snapshot of that name.`, {
    place,
    hint:
      didYouMean(ref.name, names) ??
      'Check the name against `upsql ls`: ref() takes a model, seed or snapshot by its file name.',
  });
}

function unknownSource(
  parsed: ParsedProject,
  node: Dependent,
  source: readonly [string, string],
  disabled: boolean,
): Diagnostic {
  const [name, table] = source;
  const place = placeOf(parsed, node, 'source', table);
  const what = `${node.resource_type} '${node.name}' refers to source('${name}', '${table}')`;
  if (disabled)
    return problem('disabled-source', `${what}, which is disabled.`, {
      place,
      hint: 'Enable it or remove the source() call.',
    });
  const near = didYouMean(`${name}.${table}`, parsed.lookup.sources.keys());
  return problem('unknown-source', `${what}, which no properties file declares.`, {
    place,
    hint: near ?? 'Declare it under sources: in a YAML file in models/.',
  });
}

/** Where a node may not look: private models of another group, as dbt's access rules say. */
function accessProblem(parsed: ParsedProject, node: Dependent, target: Node, ref: RefArgs): Diagnostic | undefined {
  const place = () => placeOf(parsed, node, 'ref', ref.name);
  if (
    target.access === 'private' &&
    (target.group === null || target.group !== (node as Node).group) &&
    node.resource_type !== 'test'
  ) {
    if (target.group === null && target.package_name === node.package_name) return undefined;
    return problem(
      'private-ref',
      `${node.resource_type} '${node.name}' refers to '${target.name}', which is private to the group '${target.group}'.`,
      {
        place: place(),
        hint: `Put '${node.name}' into that group, or make '${target.name}' protected or public.`,
      },
    );
  }
  return undefined;
}

/** Fills `depends_on.nodes` of one node. A test on something disabled is taken out, as dbt does it. */
export function resolveNode(parsed: ParsedProject, node: Dependent): 'ok' | 'drop' {
  const root = parsed.project.config.name;
  const depends: string[] = [];
  const add = (id: string) => {
    if (!depends.includes(id)) depends.push(id);
  };
  const isTest = node.resource_type === 'test';
  for (const ref of (node.refs as RefArgs[] | undefined) ?? []) {
    const found = findRef(parsed.lookup, ref, root, node.package_name);
    if (found.kind === 'found') {
      const denied = accessProblem(parsed, node, found.node, ref);
      if (denied !== undefined) parsed.diagnostics.push(denied);
      add(found.node.unique_id);
    } else if (found.kind === 'disabled' && isTest) return 'drop';
    else if (isTest) {
      parsed.diagnostics.push({ ...unknownRef(parsed, node, ref, false), severity: 'warning' });
      return 'drop';
    } else parsed.diagnostics.push(unknownRef(parsed, node, ref, found.kind === 'disabled'));
  }
  for (const source of (node.sources as [string, string][] | undefined) ?? []) {
    const found = findSource(parsed.lookup, source[0], source[1], root, node.package_name);
    if (found.kind === 'found') add(found.node.unique_id);
    else if (found.kind === 'disabled' && isTest) return 'drop';
    else parsed.diagnostics.push(unknownSource(parsed, node, source, found.kind === 'disabled'));
  }
  if (node.depends_on !== undefined) node.depends_on.nodes = depends;
  return 'ok';
}

export function resolveDependencies(parsed: ParsedProject): void {
  const { manifest } = parsed;
  for (const node of Object.values(manifest.nodes)) {
    if (node.resource_type === 'seed') continue;
    if (resolveNode(parsed, node) === 'ok') continue;
    delete manifest.nodes[node.unique_id];
    addDisabled(parsed, node);
  }
  for (const exposure of Object.values(manifest.exposures)) resolveNode(parsed, exposure);
  for (const model of Object.values(manifest.semantic_models)) resolveNode(parsed, model);
}
