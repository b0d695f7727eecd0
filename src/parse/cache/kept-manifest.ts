/** The manifest of a kept parse, read back without the rest of it. */
import type { Project } from '../../project/index.js';
import { emptyManifest } from '../manifest.js';
import type { MacroNode, Manifest } from '../node.js';
import type { ParseOptions } from '../parse-project.js';
import { decode, decodeRecord } from './codec.js';

/** Parts of the manifest that are made anew each time: from the invocation, from the graph. */
type Fresh = 'metadata' | 'selectors' | 'parent_map' | 'child_map';

/** Macros come from their index; all other parts are here, which the compiler checks. */
const SECTIONS: Readonly<Record<Exclude<keyof Manifest, Fresh | 'macros'>, true>> = {
  nodes: true,
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

/** What `packParse` wrote, after JSON.parse; its values are still encoded. */
export interface Packed extends Readonly<Record<string, unknown>> {
  readonly macros: readonly unknown[];
}

/** Puts the parts of a packed parse into a manifest of this invocation; its macros are left out. */
export function restoreManifest(packed: Packed, project: Project, { adapter, invocation }: ParseOptions): Manifest {
  const manifest = emptyManifest(project, adapter, invocation);
  for (const name of sectionNames)
    Object.assign(manifest, { [name]: decodeRecord((packed[name] ?? {}) as Record<string, unknown>) });
  return manifest;
}

/** The manifest of what `packParse` wrote, for this invocation. Throws a SyntaxError for damaged text. */
export function unpackManifest(text: string, project: Project, options: ParseOptions): Manifest {
  const packed = JSON.parse(text) as Packed;
  const manifest = restoreManifest(packed, project, options);
  for (const entry of packed.macros) {
    const { node } = decode(entry) as { readonly node: MacroNode };
    manifest.macros[node.unique_id] = node;
  }
  return manifest;
}
