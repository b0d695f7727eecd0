/** Keeping a parse: whether it may be used again, and what it hangs on. */
import type { Project } from '../../project/index.js';
import { type ParseOptions, parseProject } from '../parse-project.js';
import type { ParsedProject } from '../state.js';
import type { FileState } from './files.js';
import { envHash, FORMAT, hearsPrint, type KeptHead, type KeptLog } from './head.js';
import { packParse } from './kept-parse.js';
import { writeStamps } from './stamps.js';
import { writeKept } from './store.js';

/** Filters and functions that give something else each time, and can't be seen from the names that a template looks up. */
const RANDOM = /\|\s*random\b|\blipsum\b/;

/** Parses everything and keeps what came out, whose id is given then. */
export async function parseAndKeep(
  file: string,
  key: string,
  state: FileState,
  project: Project,
  options: ParseOptions,
  say: (message: string) => void,
): Promise<{ readonly parsed: ParsedProject; readonly id: string | undefined }> {
  const logs: KeptLog[] = [];
  const { adapter, invocation, builtinMacros, staticReading, keepTemplates } = options;
  const parsed = await parseProject(project, {
    adapter,
    invocation,
    builtinMacros,
    reader: state.reader,
    ...(staticReading === undefined ? {} : { staticReading }),
    ...(keepTemplates === undefined ? {} : { keepTemplates }),
    onLog(message, level) {
      logs.push([message, level]);
      options.onLog?.(message, level);
    },
  });
  return { parsed, id: keep(file, key, state, parsed, logs, say) };
}

/** Keeps a parse that was brought up to date from one with this head. */
export function keepRefreshed(
  file: string,
  key: string,
  state: FileState,
  parsed: ParsedProject,
  head: KeptHead,
  say: (message: string) => void,
): string | undefined {
  // What was not read again hangs on the same as before.
  for (const [name] of head.env) parsed.reads.env.add(name);
  parsed.reads.print ||= head.print !== null;
  return keep(file, key, state, parsed, head.logs, say);
}

/** Keeps a parse in a file and gives its id, or says why that is not possible. */
function keep(
  file: string,
  key: string,
  state: FileState,
  parsed: ParsedProject,
  logs: readonly KeptLog[],
  say: (message: string) => void,
): string | undefined {
  const { project, reads, manifest } = parsed;
  if (parsed.diagnostics.some((d) => d.severity === 'error')) return undefined;
  const own = Object.values(manifest.macros).filter((m) => !parsed.macros.isInternal(m.package_name));
  const random =
    Object.values(manifest.nodes).some((n) => RANDOM.test(n.raw_code)) || own.some((m) => RANDOM.test(m.macro_sql));
  const unknown = [...reads.changingNodes].some((id) => !isSqlFile(parsed, id));
  if (reads.changing || random || unknown) {
    say('The parse is not kept: it hangs on the clock, on chance or on the invocation');
    return undefined;
  }
  const head: KeptHead = {
    key,
    files: [...state.hashes],
    env: [...reads.env].map((name) => [name, envHash(project, name)]),
    logs,
    print: reads.print ? hearsPrint(parsed.invocation.args) : null,
    changingNodes: [...reads.changingNodes],
    until: nextDeprecation(parsed),
  };
  try {
    const { pieces, outline } = packParse(parsed);
    const id = writeKept(file, FORMAT, head, pieces, outline);
    writeStamps(file, id, state);
    return id;
  } catch (error) {
    say(`The parse is not kept: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

function nextDeprecation({ manifest, invocation }: ParsedProject): number | null {
  const now = invocation.startedAt.getTime();
  const dates = Object.values(manifest.nodes)
    .map(({ deprecation_date: date }) => (typeof date === 'string' ? Date.parse(date) : Number.NaN))
    .filter((time) => time > now);
  return dates.length === 0 ? null : Math.min(...dates);
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
