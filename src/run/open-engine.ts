import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import { createAdapter } from '../adapters/index.js';
import { type Diagnostic, problem, UpsqlError } from '../diagnostics/index.js';
import { buildGraph, readSelectors, type Selector, type SelectorDefinition } from '../graph/index.js';
import { builtinMacroFiles } from '../macros/index.js';
import { createRuntime, originOf, type ParsedProject, parseProject } from '../parse/index.js';
import { isYamlMap, type Project, readYaml } from '../project/index.js';
import { createSqlWriter } from './compiled.js';
import type { Engine } from './engine.js';
import type { RunListener } from './events.js';

export interface OpenEngineOptions {
  /** The command's flags by dbt's names, as `flags`, `invocation_args_dict` and run_results.json show them. */
  readonly args?: Readonly<Record<string, unknown>>;
  /** The invocation's id; default: a new one. */
  readonly id?: string;
  /** False leaves the warehouse closed: for commands that only read the project. Default true. */
  readonly warehouse?: boolean;
  /** `--empty`: refs and sources give no rows. */
  readonly empty?: boolean;
  /** Gets what macros log and warn while nodes run. */
  readonly listen?: RunListener | undefined;
}

export interface OpenedEngine {
  readonly engine: Engine;
  readonly parsed: ParsedProject;
  /** Warnings of the project, its profile and its files. */
  readonly diagnostics: readonly Diagnostic[];
  /** Closes the warehouse. */
  close(): Promise<void>;
}

/**
 * Parses a loaded project, builds its graph and opens its target. Throws UpsqlError for what is wrong in the project; the
 * warehouse is closed again then.
 */
export async function openEngine(project: Project, options: OpenEngineOptions = {}): Promise<OpenedEngine> {
  const adapter = await createAdapter(project);
  const invocation = { id: options.id ?? randomUUID(), startedAt: new Date(), args: options.args ?? {} };
  const parsed = await parseProject(project, {
    adapter,
    invocation,
    builtinMacros: builtinMacroFiles(adapter.type),
    onLog: (message, level) => options.listen?.({ kind: 'node-log', node: null, message, level }),
  });
  // All faults of the project at once, rather than the first.
  if (parsed.diagnostics.some((found) => found.severity === 'error')) throw new UpsqlError(parsed.diagnostics);
  const graph = buildGraph(parsed.manifest);
  parsed.manifest.parent_map = graph.parentMap;
  parsed.manifest.child_map = graph.childMap;
  const selectors = readSelectorFile(project);
  parsed.manifest.selectors = Object.fromEntries(
    selectors.definitions.map(({ place: _, ...definition }) => [definition.name, definition]),
  );
  const selected: string[] = [];
  const { listen } = options;
  const runtime = createRuntime(parsed, adapter, {
    selected,
    empty: options.empty ?? false,
    onLog: (node, message, level) => listen?.({ kind: 'node-log', node, message, level }),
    onWarning: (node, message) => {
      const at = node === null ? undefined : originOf(parsed, node);
      const place = at === undefined ? {} : { place: { file: at.file, line: at.line, column: 1 } };
      listen?.({ kind: 'warning', diagnostic: problem('warning', message, { severity: 'warning', ...place }) });
    },
    writeSql: createSqlWriter(project.root, shownTargetPath(project)),
    runTypescript: async (node, target, session, isIncremental) => {
      const { runTypescriptModel } = await import('./typescript/index.js');
      return runTypescriptModel(parsed, adapter, node, target, session, isIncremental, listen);
    },
  });
  const engine: Engine = {
    project,
    manifest: parsed.manifest,
    graph,
    runtime,
    adapter,
    selectors: selectors.byName,
    origin: (node) => originOf(parsed, node),
    onSelected: (ids) => void selected.splice(0, selected.length, ...ids),
  };
  if (options.warehouse !== false) {
    try {
      await adapter.open();
    } catch (error) {
      await adapter.close().catch(() => undefined);
      throw error;
    }
  }
  const diagnostics = [...adapter.diagnostics, ...parsed.diagnostics];
  return { engine, parsed, diagnostics, close: () => adapter.close() };
}

/** The target folder as paths in artifacts show it: relative to the project where it lies inside. */
function shownTargetPath(project: Project): string {
  const inside = relative(project.root, project.targetDir);
  return inside.startsWith('..') || isAbsolute(inside) ? project.targetDir : inside;
}

/** selectors.yml of the root package, when there is one. */
function readSelectorFile(project: Project): {
  readonly definitions: readonly SelectorDefinition[];
  readonly byName: ReadonlyMap<string, Selector>;
} {
  const file = join(project.root, 'selectors.yml');
  if (!existsSync(file)) return { definitions: [], byName: new Map() };
  const yaml = readYaml(readFileSync(file, 'utf8'), file);
  const listed = isYamlMap(yaml.value) && Array.isArray(yaml.value.selectors) ? yaml.value.selectors : [];
  const definitions = listed.filter(isYamlMap).map((entry, i): SelectorDefinition => {
    const { name, definition, description } = entry;
    return {
      name: String(name),
      definition,
      ...(typeof description === 'string' ? { description } : {}),
      ...(entry.default === true ? { default: true } : {}),
      place: yaml.locate(['selectors', i]),
    };
  });
  return { definitions, byName: readSelectors(definitions) };
}
