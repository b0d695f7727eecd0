import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest, Node } from '../../parse/node.js';
import type { Project } from '../../project/project.js';

const CALL = /\bml_(?:predict|drift|facts)\s*\(\s*(?:model\s*=\s*)?(['"])([^'"\n]+)\1/g;

/** Promoted versions by the names of trained models. */
export type Promoted = Readonly<Record<string, string | null>>;

/**
 * Writes into the nodes that score with trained models which version each has promoted, and a hash of it: as `ml_models` of
 * `unrendered_config`, by which `state:modified` and `plan` see that another version scores now. Gives them.
 */
export async function notePromoted(project: Project, manifest: Manifest): Promise<Promoted> {
  const scoring = Object.values(manifest.nodes)
    .map((node) => ({ node, names: scoringModels(node) }))
    .filter(({ names }) => names.length > 0);
  const promoted = await promotedVersions(
    project,
    scoring.flatMap(({ names }) => names),
  );
  for (const { node, names } of scoring) {
    node.unrendered_config = {
      ...(node.unrendered_config as Record<string, unknown>),
      ml_models: Object.fromEntries(names.map((name) => [name, promoted[name] ?? null])),
    };
  }
  return promoted;
}

/** Which version each of the trained models has promoted, with a hash of it; null where none is, or it can't be read. */
export async function promotedVersions(project: Project, names: readonly string[]): Promise<Promoted> {
  if (names.length === 0) return {};
  // Loaded only here: most projects have no trained model.
  const { modelFolder } = await import('../../parse/context/ml.js');
  const folder = modelFolder(project);
  return Object.fromEntries([...new Set(names)].sort().map((name) => [name, promotedHash(join(folder, name))]));
}

/** Names of the trained models that the node's SQL or `ml` config scores with, where a promotion can change which. */
export function scoringModels(node: Node): readonly string[] {
  const { ml } = node.config as { readonly ml?: { readonly [setting: string]: unknown } | null };
  const configured = typeof ml === 'object' && ml !== null && ml.train !== 'build' && ml.version === undefined;
  const own = configured ? [typeof ml.name === 'string' ? ml.name : node.name] : [];
  const called = node.raw_code.includes('ml_') ? [...node.raw_code.matchAll(CALL)].map(([, , name = '']) => name) : [];
  return [...new Set([...own, ...called])].filter((name) => /^[\w.-]+$/.test(name)).sort();
}

function promotedHash(folder: string): string | null {
  try {
    const { version } = JSON.parse(readFileSync(join(folder, 'promoted.json'), 'utf8')) as { version: unknown };
    if (typeof version !== 'number') return null;
    const content = readFileSync(join(folder, `${version}.json`));
    return `${version} sha256:${createHash('sha256').update(content).digest('hex').slice(0, 16)}`;
  } catch {
    // What is wrong with the files is told when a node scores with them.
    return null;
  }
}
