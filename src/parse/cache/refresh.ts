/**
 * Reading again single SQL files of a kept parse. Only what can't be seen from any other node may have changed: the text and
 * what it refers to. Anything more (a config, a message, a file that is not one plain node) is left to a whole parse.
 */
import type { SourceFile } from '../files.js';
import type { Node } from '../node.js';
import { setRelationNames } from '../nodes/naming.js';
import { seedChecksum } from '../nodes/seed-checksum.js';
import { rereadSqlFile } from '../nodes/sql-files.js';
import { resolveNode } from '../resolve.js';
import type { SourceReader } from '../source-reader.js';
import type { ParsedProject } from '../state.js';
import { encode } from './codec.js';

const TYPES: Readonly<Record<string, 'model' | 'analysis' | 'test'>> = {
  models: 'model',
  analyses: 'analysis',
  tests: 'test',
};

/** Fields that follow from a node's own text alone. */
const OWN = new Set(['raw_code', 'checksum', 'refs', 'sources', 'metrics', 'functions', 'created_at']);

/** The nodes of each of the files, by absolute path. */
export function nodesOfFiles(
  parsed: ParsedProject,
  files: readonly SourceFile[],
): ReadonlyMap<string, readonly Node[]> {
  const table = new Map<string, Node[]>(files.map(({ absolutePath }) => [absolutePath, []]));
  for (const [id, { file }] of parsed.origins) {
    const list = table.get(file);
    const node = list === undefined ? undefined : parsed.manifest.nodes[id];
    if (node !== undefined) list?.push(node);
  }
  return table;
}

/** The only node of a file, if its text decides nothing beyond the node itself. */
function plainNode(parsed: ParsedProject, file: SourceFile, nodes: readonly Node[] | undefined): Node | undefined {
  const [node, ...others] = nodes ?? [];
  if (node === undefined || others.length > 0 || node.resource_type !== TYPES[file.kind]) return undefined;
  if (!file.absolutePath.endsWith('.sql') || (node.version ?? null) !== null) return undefined;
  const hooks = [node.config['pre-hook'], node.config['post-hook']].flat() as ({ sql?: string } | undefined)[];
  if (hooks.some((hook) => hook?.sql?.includes('{'))) return undefined;
  const tested = Object.values(parsed.manifest.unit_tests);
  if (tested.some((test) => test.depends_on?.nodes.includes(node.unique_id))) return undefined;
  if (parsed.manifest.disabled[node.unique_id] !== undefined) return undefined;
  return node;
}

/** Whether the project's own `generate_*_name` macros, which see the whole node, still name it as before. */
function sameNames(parsed: ParsedProject, node: Node): boolean {
  const renamed: Node = { ...node, depends_on: { ...node.depends_on, nodes: [] } };
  setRelationNames(parsed, renamed);
  return (['database', 'schema', 'alias', 'relation_name'] as const).every((key) => renamed[key] === node[key]);
}

/** Reads a file again into its node. False where a whole parse is needed; the parsed project is then not to be used. */
export function refreshFile(
  parsed: ParsedProject,
  file: SourceFile,
  nodes: readonly Node[] | undefined,
  reader: SourceReader,
  createdAt: number,
  staticReading: boolean,
): boolean {
  const node = plainNode(parsed, file, nodes);
  if (node === undefined) return false;
  if (parsed.diagnostics.some((d) => d.place?.file === file.absolutePath)) return false;
  const said = parsed.diagnostics.length;
  let quiet = true;
  const speak = () => {
    quiet = false;
  };
  const reading = { output: { log: speak, warn: speak }, staticReading, keepTemplates: true };
  const read = (text: string): { node: Node; rest: string } | undefined => {
    const fresh = rereadSqlFile(parsed, node.resource_type as 'model', { ...file, text }, reading, createdAt);
    if (fresh === undefined || !quiet || parsed.diagnostics.length > said) return undefined;
    const others = Object.entries(fresh).filter(([key]) => !OWN.has(key) && key !== 'depends_on');
    return { node: fresh, rest: encode([Object.fromEntries(others), parsed.configCalls.get(node.unique_id) ?? null]) };
  };
  const calls = () => encode(parsed.configCalls.get(node.unique_id));
  const kept = calls();
  // The text as it was is read too: where both give the same but for the node's own fields, so does all that follows from them.
  // Where the text reads something of the invocation, what its config() calls were given then counts as well.
  const before = read(node.raw_code);
  parsed.reads.changingNodes.delete(node.unique_id);
  const now = read(reader.text(file.absolutePath));
  if (before === undefined || now === undefined || before.rest !== now.rest || calls() !== kept) return false;
  for (const key of OWN) Object.assign(node, { [key]: now.node[key] });
  node.depends_on.macros = now.node.depends_on.macros;
  if (!sameNames(parsed, node)) return false;
  return resolveNode(parsed, node) === 'ok' && parsed.diagnostics.length === said;
}

/** Gives a seed the checksum of its file. False where a whole parse is needed. */
export function refreshSeed(
  parsed: ParsedProject,
  file: SourceFile,
  nodes: readonly Node[] | undefined,
  reader: SourceReader,
  createdAt: number,
): boolean {
  const [node, ...others] = nodes ?? [];
  if (node?.resource_type !== 'seed' || others.length > 0) return false;
  if (parsed.manifest.disabled[node.unique_id] !== undefined) return false;
  node.checksum = seedChecksum(file, reader);
  node.created_at = createdAt;
  return true;
}
