/** What is said about a `ref()` or `source()` that finds nothing, or what it may not look at. */
import { type Diagnostic, didYouMean, type Place, problem } from '../diagnostics/index.js';
import type { Node, OtherNode, RefArgs } from './node.js';
import { originOf, type ParsedProject } from './state.js';

export type Dependent = Node | OtherNode;

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Where `name` stands in a node's text as a quoted argument of `call`, so that the caret is under it. */
function placeOf(parsed: ParsedProject, node: Dependent, call: 'ref' | 'source', name: string): Place {
  const declared = parsed.places.get(node.unique_id);
  if (declared !== undefined) return declared;
  const origin = originOf(parsed, node as Node);
  const text = typeof node.raw_code === 'string' ? node.raw_code : '';
  const at = text.search(new RegExp(`${call}\\s*\\([^)]*['"]${escaped(name)}['"]`));
  if (at === -1 || (node as Node).test_metadata !== undefined)
    return { file: origin.file, line: origin.line, column: 1 };
  const single = text.indexOf(`'${name}'`, at);
  const double = text.indexOf(`"${name}"`, at);
  const quoted = single === -1 ? double : double === -1 ? single : Math.min(single, double);
  const before = text.slice(0, quoted + 1);
  const line = before.split('\n').length;
  const column = before.length - before.lastIndexOf('\n');
  return { file: origin.file, line: origin.line + line - 1, column, length: name.length };
}

function refText(ref: RefArgs): string {
  const version = ref.version === null ? '' : `, version=${ref.version}`;
  return `ref('${ref.package === null ? '' : `${ref.package}', '`}${ref.name}'${version})`;
}

const kindOf = (node: Dependent) => node.resource_type.replace('_', ' ');

/** Where versions of a model of that name are, or packages that have it: what a wrong version or package should have been. */
function otherwise(parsed: ParsedProject, ref: RefArgs): string | undefined {
  const known = parsed.lookup.refs.get(ref.name);
  const versions = [...parsed.lookup.refs.keys()].filter((name) => name.startsWith(`${ref.name}.v`));
  if (ref.version !== null && versions.length > 0)
    return `'${ref.name}' has the versions ${versions.map((v) => v.slice(ref.name.length + 2)).join(', ')}.`;
  if (ref.version !== null && known !== undefined) return `'${ref.name}' has no versions: leave out the version.`;
  if (ref.package !== null && known !== undefined)
    return `There is a '${ref.name}' in package ${[...known.keys()].join(', ')}.`;
  return undefined;
}

export function unknownRef(parsed: ParsedProject, node: Dependent, ref: RefArgs, disabled: boolean): Diagnostic {
  const place = placeOf(parsed, node, 'ref', ref.name);
  const what = `${kindOf(node)} '${node.name}' refers to ${refText(ref)}`;
  if (disabled) {
    return problem('disabled-ref', `${what}, which is disabled.`, {
      place,
      hint: 'Enable it (enabled: true) or remove the ref.',
    });
  }
  return problem('unknown-ref', `${what}, and there is no model, seed or snapshot of that name.`, {
    place,
    hint:
      otherwise(parsed, ref) ??
      didYouMean(ref.name, parsed.lookup.refs.keys()) ??
      'Check the name against `upsql ls`: ref() takes a model, seed or snapshot by its file name.',
  });
}

export function unknownSource(
  parsed: ParsedProject,
  node: Dependent,
  [name, table]: readonly [string, string],
  disabled: boolean,
): Diagnostic {
  const place = placeOf(parsed, node, 'source', table);
  const what = `${kindOf(node)} '${node.name}' refers to source('${name}', '${table}')`;
  if (disabled) {
    const hint = 'Enable it (enabled: true) or remove the source() call.';
    return problem('disabled-source', `${what}, which is disabled.`, { place, hint });
  }
  const near = didYouMean(`${name}.${table}`, parsed.lookup.sources.keys());
  return problem('unknown-source', `${what}, which no properties file declares.`, {
    place,
    hint: near ?? 'Declare it under sources: in a YAML file in models/.',
  });
}

/** dbt's access rules: private models are for their group, and packages with `restrict-access` keep theirs to themselves. */
export function accessProblem(
  parsed: ParsedProject,
  node: Dependent,
  target: Node,
  ref: RefArgs,
): Diagnostic | undefined {
  if (target.resource_type !== 'model') return undefined;
  const owner = parsed.project.packages.find((p) => p.name === target.package_name);
  const restricted = owner?.config.restrictAccess === true && node.package_name !== target.package_name;
  if (target.access !== 'private' && !(target.access === 'protected' && restricted)) return undefined;
  const place = placeOf(parsed, node, 'ref', ref.name);
  const what = `${kindOf(node)} '${node.name}' refers to '${target.name}'`;
  if (target.access === 'private' && (!('group' in node) || node.group !== target.group || restricted)) {
    const of = target.group === null ? 'of no group' : `private to the group '${target.group}'`;
    return problem('private-ref', `${what}, which is ${target.group === null ? `private and ${of}` : of}.`, {
      place,
      hint:
        'group' in node && !restricted
          ? `Put '${node.name}' into that group, or make '${target.name}' protected or public.`
          : `Make '${target.name}' public, or refer to a model that is.`,
    });
  }
  if (target.access === 'protected' && restricted) {
    return problem('protected-ref', `${what}, which is protected in package '${target.package_name}'.`, {
      place,
      hint: `That package keeps its models to itself (restrict-access): ask for '${target.name}' to be public.`,
    });
  }
  return undefined;
}

/** Warnings for a ref to a model with a deprecation_date. `now` in milliseconds. */
export function deprecationOf(
  parsed: ParsedProject,
  node: Dependent,
  target: Node,
  ref: RefArgs,
  now: number,
): Diagnostic | undefined {
  const date = target.deprecation_date;
  if (typeof date !== 'string') return undefined;
  const past = Date.parse(date) <= now;
  const version = target.version === null || target.version === undefined ? '' : ` (version ${target.version})`;
  const day = date.slice(0, 10);
  const newest = target.latest_version;
  return problem(
    past ? 'deprecated-ref' : 'upcoming-deprecation',
    `${kindOf(node)} '${node.name}' refers to '${target.name}'${version}, which ${past ? 'is deprecated since' : 'will be deprecated on'} ${day}.`,
    {
      severity: 'warning',
      place: placeOf(parsed, node, 'ref', ref.name),
      hint:
        newest !== null && newest !== undefined && String(newest) !== String(target.version)
          ? `Its latest version is ${newest}: ref('${target.name}', v=${newest}).`
          : 'Refer to another model.',
    },
  );
}
