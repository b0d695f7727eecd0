/** The manifest of a kept parse, read back without the rest of it. */
import type { Project } from '../../project/index.js';
import { emptyManifest } from '../manifest.js';
import type { MacroNode, Manifest, Node } from '../node.js';
import type { ParseOptions } from '../parse-project.js';
import { decode, decodeRecord } from './codec.js';
import type { Outline } from './outline.js';

/** Parts of the manifest that are made anew each time: from the invocation, from the graph. */
type Fresh = 'metadata' | 'selectors' | 'parent_map' | 'child_map';

/** Nodes have a place of their own, macros come from their index; all other parts are here, which the compiler checks. */
const SECTIONS: Readonly<Record<Exclude<keyof Manifest, Fresh | 'nodes' | 'macros'>, true>> = {
  sources: true,
  docs: true,
  exposures: true,
  metrics: true,
  groups: true,
  disabled: true,
  group_map: true,
  saved_queries: true,
  semantic_models: true,
  unit_tests: true,
  functions: true,
};

export const sectionNames = Object.keys(SECTIONS) as readonly (keyof typeof SECTIONS)[];

/** What `packParse` wrote after the nodes, after JSON.parse; its values are still encoded. */
export interface Packed extends Readonly<Record<string, unknown>> {
  readonly macros: readonly unknown[];
}

/** Bytes of the nodes' entries. */
function nodesLength(outline: Outline): number {
  let length = -1;
  for (const [, bytes] of outline.entries()) length += bytes + 1;
  return Math.max(0, length);
}

/** What stands after the nodes. Throws a SyntaxError for damaged text. */
export const restOf = (body: Buffer, outline: Outline): Packed =>
  JSON.parse(body.toString('utf8', nodesLength(outline))) as Packed;

/** The entries of all nodes, still encoded. */
export const nodeEntries = (body: Buffer, outline: Outline): readonly unknown[] =>
  JSON.parse(`[${body.toString('utf8', 0, nodesLength(outline))}]`) as readonly unknown[];

/** Puts the parts of a packed parse into a manifest of this invocation; its macros are left out. */
export function restoreManifest(
  packed: Packed,
  nodes: Manifest['nodes'],
  project: Project,
  { adapter, invocation }: ParseOptions,
): Manifest {
  const manifest = { ...emptyManifest(project, adapter, invocation), nodes };
  for (const name of sectionNames)
    Object.assign(manifest, { [name]: decodeRecord((packed[name] ?? {}) as Record<string, unknown>) });
  return manifest;
}

/** The manifest of what `packParse` wrote, for this invocation. Throws a SyntaxError for damaged text. */
export function unpackManifest(body: Buffer, outline: Outline, project: Project, options: ParseOptions): Manifest {
  const nodes: Record<string, Node> = {};
  for (const entry of nodeEntries(body, outline)) {
    const [node] = decode(entry) as readonly [Node];
    nodes[node.unique_id] = node;
  }
  const packed = restOf(body, outline);
  const manifest = restoreManifest(packed, nodes, project, options);
  for (const entry of packed.macros) {
    const { node } = decode(entry) as { readonly node: MacroNode };
    manifest.macros[node.unique_id] = node;
  }
  return manifest;
}
