/**
 * Parsing with memory: what a parse gave is kept under the target folder and used again where nothing that it hangs on has
 * changed. It always gives what a parse without memory would.
 */
import { join } from 'node:path';
import type { Project } from '../../project/index.js';
import { type ParseOptions, parseProject } from '../parse-project.js';
import type { ParsedProject } from '../state.js';
import { NotKept } from './codec.js';
import { factsKey } from './facts.js';
import { changedFiles, digest, type FileState, readFileState } from './files.js';
import { type KeptLog, packParse, unpackParse } from './kept-parse.js';
import { nodesByFile, refreshFile } from './refresh.js';
import { type KeptHead, readKept, writeKept } from './store.js';

export interface CacheOptions {
  /** False parses everything (`--no-partial-parse`); what comes out is kept all the same. */
  readonly reuse: boolean;
  /** Default: `partial_parse.json` in the target folder. */
  readonly file?: string | undefined;
  /** Why something was used or not used. */
  readonly onDebug?: (message: string) => void;
}

/** With more files changed than this a whole parse costs little more, and leaves a fresh file for the next time. */
const MOST_CHANGES = 50;

/** Filters and functions that give something else each time, and can't be seen from the names that a template looks up. */
const RANDOM = /\|\s*random\b|\blipsum\b/;

/** `parseProject`, from what an earlier one left where that is the same. */
export async function parseCached(
  project: Project,
  options: ParseOptions,
  cache: CacheOptions,
): Promise<ParsedProject> {
  const file = cache.file ?? join(project.targetDir, 'partial_parse.json');
  const say = cache.onDebug ?? (() => undefined);
  let key: string;
  try {
    key = factsKey(project, options);
  } catch (error) {
    if (!(error instanceof NotKept)) throw error;
    say(`Parsing everything: settings hold ${error.message}`);
    return parseProject(project, options);
  }
  const state = readFileState(project);
  const known = cache.reuse ? reuse(file, key, state, project, options, say) : undefined;
  if (known !== undefined) return known;
  const logs: KeptLog[] = [];
  const parsed = await parseProject(project, {
    ...options,
    onLog(message, level) {
      logs.push([message, level]);
      options.onLog?.(message, level);
    },
  });
  keep(file, key, state, parsed, logs, say);
  return parsed;
}

const envHash = (project: Project, name: string): string | null => {
  const value = project.env[name];
  return value === undefined ? null : digest(value);
};

function reuse(
  file: string,
  key: string,
  state: FileState,
  project: Project,
  options: ParseOptions,
  say: (message: string) => void,
): ParsedProject | undefined {
  try {
    const kept = readKept(file);
    if (kept === undefined) return undefined;
    const { head } = kept;
    const changed = changedFiles(state, head.files);
    const reason =
      head.key !== key
        ? 'upsql, settings or vars have changed'
        : head.env.some(([name, hash]) => envHash(project, name) !== hash)
          ? 'an environment variable has changed'
          : changed === undefined
            ? 'files were added or removed'
            : changed.length > MOST_CHANGES
              ? `${changed.length} files have changed`
              : undefined;
    if (reason !== undefined || changed === undefined) {
      say(`Parsing everything: ${reason}`);
      return undefined;
    }
    return refreshed(kept.body(), changed, state, project, options, say);
  } catch (error) {
    say(`Parsing everything: ${file} can't be used: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/** The kept parse with changed files read again, and with them those that depend on the invocation. */
function refreshed(
  body: string,
  changed: FileState['files'] extends ReadonlyMap<string, infer F> ? readonly F[] : never,
  state: FileState,
  project: Project,
  options: ParseOptions,
  say: (message: string) => void,
): ParsedProject | undefined {
  const { parsed, logs } = unpackParse(body, project, options);
  const { reads, manifest } = parsed;
  const changing = new Set([...reads.changingNodes].map((id) => parsed.origins.get(id)?.file));
  const again = [...state.files.values()].filter((f) => changed.includes(f) || changing.has(f.absolutePath));
  if (again.length > 0) {
    if (reads.graph || logs.length > 0) {
      say('Parsing everything: templates read the graph, or log while they are read');
      return undefined;
    }
    const createdAt = Date.now() / 1000;
    const nodes = nodesByFile(parsed);
    for (const file of again) {
      if (refreshFile(parsed, file, nodes.get(file.absolutePath), createdAt, options.staticReading ?? true)) continue;
      say(`Parsing everything: ${file.originalFilePath} has changed`);
      return undefined;
    }
  }
  say(`Parsed ${again.length} of ${state.files.size} files again, ${Object.keys(manifest.nodes).length} nodes`);
  for (const [message, level] of logs) options.onLog?.(message, level);
  return parsed;
}

function keep(
  file: string,
  key: string,
  state: FileState,
  parsed: ParsedProject,
  logs: readonly KeptLog[],
  say: (message: string) => void,
): void {
  const { project, reads, manifest } = parsed;
  if (parsed.diagnostics.some((d) => d.severity === 'error')) return;
  const own = Object.values(manifest.macros).filter((m) => !parsed.macros.isInternal(m.package_name));
  const random =
    Object.values(manifest.nodes).some((n) => RANDOM.test(n.raw_code)) || own.some((m) => RANDOM.test(m.macro_sql));
  const unknown = [...reads.changingNodes].some((id) => !isSqlFile(parsed, id));
  if (reads.changing || random || unknown) {
    say('The parse is not kept: it hangs on the clock, on chance or on the invocation');
    return;
  }
  const head: KeptHead = {
    key,
    files: [...state.hashes],
    env: [...reads.env].map((name) => [name, envHash(project, name)]),
  };
  try {
    writeKept(file, head, packParse(parsed, logs));
  } catch (error) {
    say(`The parse is not kept: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Whether a node is one that `refreshFile` may read again. */
function isSqlFile(parsed: ParsedProject, id: string): boolean {
  const node = parsed.manifest.nodes[id];
  return (
    node !== undefined &&
    ['model', 'analysis', 'test'].includes(node.resource_type) &&
    node.test_metadata === undefined &&
    parsed.origins.get(id)?.file.endsWith('.sql') === true
  );
}
