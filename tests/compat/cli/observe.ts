/** What a command left behind that a user or a program can go by, without times, places and wording. */
import { type BigIntStats, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonMap = { [key: string]: Json };

/** A command that has ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Observation {
  readonly code: number;
  /** Of run_results.json, where this command wrote it. */
  readonly results?: JsonMap;
  /** Of sources.json. */
  readonly sources?: JsonMap;
  /** Files that were written, below the project's folder. */
  readonly files: readonly string[];
  /** What was asked for: lines of `ls`, rows of `show`. */
  readonly answer?: Json;
  /** Of the log in JSON: name, level, code and data of each event. */
  readonly events?: Json;
}

export type Stamps = ReadonlyMap<string, bigint>;

/** When each file below the folder was written. */
export function stamps(folder: string): Stamps {
  const found = new Map<string, bigint>();
  const walk = (path: string, name: string): void => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const inner = name === '' ? entry.name : `${name}/${entry.name}`;
      if (entry.isDirectory()) walk(join(path, entry.name), inner);
      else found.set(inner, (statSync(join(path, entry.name), { bigint: true }) as BigIntStats).mtimeNs);
    }
  };
  walk(folder, '');
  return found;
}

/** Files that each engine writes for itself alone: databases, logs, what it keeps of a parse, other pages of docs. */
const OWN = [
  /\.duckdb(\.wal)?$/,
  /(^|\/)logs\//,
  /(^|\/)(graph\.gpickle|graph_summary\.json|partial_parse\.[\w.]+|semantic_manifest\.json|perf_info\.json)$/,
  /(^|\/)target\/(state|upsql)\//,
  /(^|\/)\.user\.yml$/,
];

/** Written anew by each command; whether other files that stay the same are is no one's concern. */
const isArtifact = (name: string): boolean => /(^|\/)(manifest|run_results|sources|catalog)\.json$/.test(name);

const isMap = (value: unknown): value is JsonMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What `command` did in `folder`; `before` is how the folder was. */
export function observe(command: readonly string[], folder: string, before: Stamps, ended: Ended): Observation {
  const files = [...stamps(folder)]
    .filter(([name, time]) => (isArtifact(name) ? before.get(name) !== time : !before.has(name)))
    .filter(([name]) => !OWN.some((own) => own.test(name)))
    .map(([name]) => name)
    .sort();
  const artifact = (name: string): JsonMap | undefined => {
    const file = files.find((path) => path.endsWith(`/${name}`) || path === name);
    return file === undefined ? undefined : (JSON.parse(readFileSync(join(folder, file), 'utf8')) as JsonMap);
  };
  const results = artifact('run_results.json');
  const sources = artifact('sources.json');
  return {
    code: ended.code,
    ...(results === undefined ? {} : { results: byId(results.results, resultOf) }),
    ...(sources === undefined ? {} : { sources: byId(sources.results, sourceOf) }),
    files,
    ...answerOf(command, ended),
  };
}

function byId(list: Json | undefined, of: (result: JsonMap) => Json): JsonMap {
  const results = (Array.isArray(list) ? list : []).filter(isMap);
  const pairs = results.map((result) => [String(result.unique_id), of(result)] as const);
  return Object.fromEntries(pairs.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Messages of what went well are the warehouse's own; others are sentences of the engine. */
function resultOf({
  status,
  failures,
  message,
  adapter_response,
  compiled,
  relation_name,
  batch_results,
}: JsonMap): Json {
  const said = status === 'success' || message === null ? message : '…';
  return filled({ status, failures, message: said, adapter_response, compiled, relation_name, batch_results });
}

/** Without what is empty. */
function filled(fields: Readonly<Record<string, Json | undefined>>): Json {
  const kept = Object.entries(fields).filter(
    ([, value]) => value !== undefined && value !== null && JSON.stringify(value) !== '{}',
  );
  return Object.fromEntries(kept) as JsonMap;
}

function sourceOf({ status, max_loaded_at, criteria, error }: JsonMap): Json {
  return filled({ status, max_loaded_at, criteria, error: error === undefined ? undefined : '…' });
}

const STAMPED = /^\d\d:\d\d:\d\d /;

function answerOf(command: readonly string[], { code, stdout }: Ended): Pick<Observation, 'answer' | 'events'> {
  const text = stripVTControlCharacters(stdout);
  if (command.some((word, i) => word === 'json' && command[i - 1] === '--log-format'))
    return { events: eventsOf(text) };
  const verb = command.find((word) => !word.startsWith('-'));
  const isJson = command.includes('json') && (verb === 'show' || verb === 'compile');
  if (code !== 0) return {};
  if (verb === 'ls' || verb === 'list') {
    return {
      answer: text
        .split('\n')
        .filter((line) => line !== '' && !STAMPED.test(line))
        .sort(),
    };
  }
  if (!isJson) return {};
  const shown = text
    .split('\n')
    .filter((line) => !STAMPED.test(line))
    .join('\n')
    .trim();
  return { answer: shown === '' ? '' : jsonOf(shown) };
}

function jsonOf(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

/**
 * Events of the run in their order, those of a node together: the order of nodes that don't wait for each other is no one's
 * concern.
 */
function eventsOf(text: string): JsonMap {
  const run: Json[] = [];
  const nodes: { [id: string]: Json[] } = {};
  for (const line of text.split('\n').filter((each) => each.startsWith('{'))) {
    const { info, data } = JSON.parse(line) as { info: JsonMap; data: JsonMap };
    if (OWN_EVENTS.has(String(info.name))) continue;
    const id = isMap(data.node_info) ? String(data.node_info.unique_id) : undefined;
    const event = { name: info.name, level: info.level, code: info.code, data: plainData(data) } as Json;
    if (id === undefined) run.push(event);
    else nodes[id] = [...(nodes[id] ?? []), event];
  }
  return { run, nodes: Object.fromEntries(Object.entries(nodes).sort(([x], [y]) => (x < y ? -1 : 1))) };
}

/** What upsql tells besides: failing rows, rows of a unit test that differ, what was skipped for which failure. */
const OWN_EVENTS = new Set(['FailingRows', 'UnitTestDiff', 'SkippedBecause']);

/** Times, places in a queue, versions, and texts that are the engine's own. */
const MOVING = new Set(
  (
    'execution_time execution elapsed node_started_at node_finished_at completed_at index version log_version ' +
    'adapter_version msg stat_line exc preview reason'
  ).split(' '),
);

function plainData(value: Json): Json {
  if (Array.isArray(value)) return value.map(plainData);
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, MOVING.has(key) ? '…' : plainData(item)]));
}
