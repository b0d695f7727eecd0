/** A kept parse brought up to date. */
import type { Project } from '../../project/index.js';
import type { SourceFile } from '../files.js';
import type { ParseOptions } from '../parse-project.js';
import type { ParsedProject } from '../state.js';
import type { FileState } from './files.js';
import type { KeptHead } from './head.js';
import { unpackParse } from './kept-parse.js';
import type { KeptFile } from './store.js';

/**
 * The kept parse with changed files read again, and with them those that depend on the invocation, and the ids of their nodes;
 * undefined where that takes a whole parse.
 */
export async function refreshed(
  { head, body }: KeptFile<KeptHead>,
  changed: readonly SourceFile[],
  state: FileState,
  project: Project,
  options: ParseOptions,
  say: (message: string) => void,
): Promise<{ readonly parsed: ParsedProject; readonly changed: readonly string[] } | undefined> {
  const parsed = unpackParse(body().toString('utf8'), head.changingNodes, project, options);
  const { reads, manifest } = parsed;
  const changing = new Set([...reads.changingNodes].map((id) => parsed.origins.get(id)?.file));
  const again = [...state.files.values()].filter((f) => changed.includes(f) || changing.has(f.absolutePath));
  const changedNodes: string[] = [];
  if (again.length > 0) {
    if (reads.graph || head.logs.length > 0) {
      say('Parsing everything: templates read the graph, or log while they are read');
      return undefined;
    }
    const { nodesByFile, refreshFile } = await import('./refresh.js');
    const createdAt = Date.now() / 1000;
    const nodes = nodesByFile(parsed);
    for (const file of again) {
      const own = nodes.get(file.absolutePath);
      changedNodes.push(...(own ?? []).map((node) => node.unique_id));
      if (refreshFile(parsed, file, own, createdAt, options.staticReading ?? true)) continue;
      say(`Parsing everything: ${file.originalFilePath} has changed`);
      return undefined;
    }
  }
  say(`Parsed ${again.length} of ${state.files.size} files again, ${Object.keys(manifest.nodes).length} nodes`);
  return { parsed, changed: changedNodes };
}
