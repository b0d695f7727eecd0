/** From refs and sources to `depends_on.nodes`; what can't be found is an error with its place and a near-miss. */
import { type Diagnostic, problem } from '../diagnostics/index.js';
import { findRef, findSource } from './lookup.js';
import type { Node, RefArgs } from './node.js';
import { accessProblem, type Dependent, deprecationOf, unknownRef, unknownSource } from './reference-problems.js';
import { originOf, type ParsedProject } from './state.js';

class Resolution {
  readonly depends = new Set<string>();
  complete = true;

  constructor(
    readonly parsed: ParsedProject,
    readonly node: Dependent,
  ) {}

  /** A test on something that is not there does not run; anything else is an error. */
  #missing(disabled: boolean, tell: () => Diagnostic): void {
    this.complete = false;
    if (this.node.resource_type === 'test') {
      if (this.node.config !== undefined) (this.node.config as { enabled: boolean }).enabled = false;
      if (!disabled) this.parsed.diagnostics.push({ ...tell(), severity: 'warning' });
    } else this.parsed.diagnostics.push(tell());
  }

  ref(ref: RefArgs): void {
    const { parsed, node } = this;
    const found = findRef(parsed.lookup, ref, parsed.project.config.name, node.package_name);
    if (found.kind !== 'found') {
      // A file that could not be read has an error of its own.
      if (parsed.broken.has(ref.name)) {
        this.complete = false;
        return;
      }
      const disabled = found.kind === 'disabled';
      this.#missing(disabled, () => unknownRef(parsed, node, ref, disabled));
      return;
    }
    const target = found.node;
    const denied = accessProblem(parsed, node, target, ref);
    if (denied !== undefined) parsed.diagnostics.push(denied);
    const deprecated = deprecationOf(parsed, node, target, ref, parsed.invocation.startedAt.getTime());
    if (deprecated !== undefined && node.resource_type !== 'test') parsed.diagnostics.push(deprecated);
    this.depends.add(target.unique_id);
  }

  source(source: readonly [string, string]): void {
    const { parsed, node } = this;
    const found = findSource(parsed.lookup, source[0], source[1], parsed.project.config.name, node.package_name);
    if (found.kind === 'found') this.depends.add(found.node.unique_id);
    else this.#missing(found.kind === 'disabled', () => unknownSource(parsed, node, source, found.kind === 'disabled'));
  }
}

/** Fills `depends_on.nodes` of one node; says whether all that it refers to is there. */
export function resolveNode(parsed: ParsedProject, node: Dependent): 'ok' | 'missing' {
  const resolution = new Resolution(parsed, node);
  for (const ref of (node.refs ?? []) as RefArgs[]) resolution.ref(ref);
  for (const source of (node.sources ?? []) as [string, string][]) resolution.source(source);
  if (node.depends_on !== undefined) node.depends_on.nodes = [...resolution.depends];
  return resolution.complete ? 'ok' : 'missing';
}

/** A warning for each model whose deprecation_date has come. */
function tellDeprecated(parsed: ParsedProject, node: Node): void {
  const date = node.deprecation_date;
  if (typeof date !== 'string' || Date.parse(date) > parsed.invocation.startedAt.getTime()) return;
  const version = node.version === null || node.version === undefined ? '' : ` (version ${node.version})`;
  parsed.diagnostics.push(
    problem('deprecated-model', `Model '${node.name}'${version} is deprecated since ${date.slice(0, 10)}.`, {
      severity: 'warning',
      place: { file: originOf(parsed, node).file, line: 1, column: 1 },
      hint: 'Remove it when nothing refers to it any more.',
    }),
  );
}

/** Fills `depends_on.nodes` of all nodes, exposures and semantic models. Faults become diagnostics. */
export function resolveDependencies(parsed: ParsedProject): void {
  const { manifest } = parsed;
  for (const node of Object.values(manifest.nodes)) {
    if (node.resource_type !== 'seed') resolveNode(parsed, node);
    tellDeprecated(parsed, node);
  }
  for (const exposure of Object.values(manifest.exposures)) resolveNode(parsed, exposure);
  for (const model of Object.values(manifest.semantic_models)) resolveNode(parsed, model);
}
