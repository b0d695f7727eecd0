/** Reading a node's template for what it refers to: statically where the text allows it, else by rendering it in the parse scope. */
import { UpsqlError } from '../../diagnostics/index.js';
import { fromJinja, type Inspection, Template } from '../../jinja/index.js';
import type { ContextOutput } from '../context/base.js';
import { recordConfig, recordEachOption, recordRef, recordSource } from '../context/parse-members.js';
import { parseScope } from '../context/scopes.js';
import type { Node } from '../node.js';
import { isMap, listOf, mapOf } from '../shape.js';
import { originOf, type ParsedProject } from '../state.js';

export interface ReadOptions {
  readonly output: ContextOutput;
  /** False renders always: the test that both ways agree needs it. */
  readonly staticReading: boolean;
  /** True keeps the template for the command that compiles next. */
  readonly keepTemplates: boolean;
}

/**
 * The options of a model's `config()` calls where dbt reads them without rendering, which shows in `unrendered_config`: all
 * are texts, booleans, and lists and dicts of those, and no tag trims white space. Undefined where dbt renders.
 */
function plainOptions(node: Node, found: Inspection): Record<string, unknown> | undefined {
  if (node.resource_type !== 'model' || found.dynamic || /\{\{-|-\}\}|\{%/.test(node.raw_code)) return undefined;
  const options = found.configs.map(([key, value]) => [key, fromJinja(value)] as const);
  const plain = options.every(([key, value]) => !/^(pre|post)_hook$/.test(key) && isPlain(value));
  // Grants that come after other options have lists by then.
  const shown = options.map(([key, value], i) => [key, key === 'grants' && i > 0 ? inLists(value) : value]);
  return plain ? Object.fromEntries(shown) : undefined;
}

function inLists(grants: unknown): unknown {
  return Object.fromEntries(Object.entries(mapOf(grants)).map(([privilege, to]) => [privilege, listOf(to)]));
}

function isPlain(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isPlain);
  if (isMap(value)) return Object.values(value).every(isPlain);
  return typeof value === 'string' || typeof value === 'boolean';
}

const MOST_TEMPLATES = 2000;

/** The options of config calls by call: a key that comes again begins another one. */
function callsOf(configs: Inspection['configs']): Record<string, unknown>[] {
  const calls: Record<string, unknown>[] = [];
  for (const [key, value] of configs) {
    const last = calls.at(-1);
    if (last === undefined || Object.hasOwn(last, key)) calls.push({ [key]: fromJinja(value) });
    else last[key] = fromJinja(value);
  }
  return calls;
}

/**
 * Compiles a node's template and notes its refs, sources and config. Gives the options that dbt keeps as they are written,
 * where it does. Throws UpsqlError with the place of a fault.
 */
export function readTemplate(
  parsed: ParsedProject,
  node: Node,
  options: ReadOptions,
): Record<string, unknown> | undefined {
  const template = Template.parse({ text: node.raw_code, ...originOf(parsed, node) });
  // Not all of a large project, since a tree is many times as large as its text.
  if (options.keepTemplates && parsed.templates.size < MOST_TEMPLATES) parsed.templates.set(node.unique_id, template);
  const rendered = template.inspect();
  const hidden = hidesBuiltins(parsed, node.package_name);
  const isPlain = !hidden && plainOptions(node, rendered) !== undefined;
  // What dbt reads without rendering keeps its backslashes.
  const found = isPlain ? template.inspectWritten() : rendered;
  const written = isPlain ? plainOptions(node, found) : undefined;
  if (written !== undefined) recordEachOption(node);
  if (options.staticReading) {
    if (!found.dynamic && !hidden) {
      for (const { name, package: owner, version } of found.refs)
        recordRef(node, { name, package: owner ?? null, version: version ?? null });
      const repeat = written === undefined ? 'each' : 'once';
      for (const source of found.sources) recordSource(node, [...source], repeat);
      for (const call of callsOf(found.configs)) recordConfig(parsed, node, call);
      return written;
    }
  }
  template.renderSync(parseScope(parsed, node, options.output), { lenient: true, once: true });
  if (written !== undefined) {
    const seen = node.sources;
    node.sources = [];
    for (const source of seen) recordSource(node, source, 'once');
    parsed.configCalls.delete(node.unique_id);
    for (const call of callsOf(found.configs)) recordConfig(parsed, node, call);
  }
  return written;
}

const HIDES = new WeakMap<ParsedProject, Map<string, boolean>>();

/** True when a project has a macro named as a built-in function, which then decides what `ref()` means. */
function hidesBuiltins(parsed: ParsedProject, packageName: string): boolean {
  const known = HIDES.get(parsed) ?? new Map<string, boolean>();
  HIDES.set(parsed, known);
  let hides = known.get(packageName);
  if (hides === undefined) {
    const names = ['ref', 'source', 'config', 'var', 'env_var'];
    hides = names.some((name) => parsed.macros.find(name, packageName) !== undefined);
    known.set(packageName, hides);
  }
  return hides;
}

/**
 * Runs `read`, putting a thrown UpsqlError's diagnostics into the list so that every file's faults are told at once.
 * @param name the node that is lost then: refs to it are not told as errors of their own
 */
export function collect(parsed: ParsedProject, read: () => void, name?: string): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof UpsqlError)) throw error;
    parsed.diagnostics.push(...error.diagnostics);
    if (name !== undefined) parsed.broken.add(name);
  }
}
