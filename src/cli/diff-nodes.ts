import { diffNode, type RelationDiff, type Sides } from '../diff/index.js';
import type { Node } from '../parse/node.js';
import type { Engine } from '../run/engine.js';
import { failureOf } from '../run/failure.js';
import type { CommandContext } from './command.js';
import { usageError } from './usage.js';

/**
 * Compares nodes one after another with what the flags say. A node that can't be compared is told of and does not stop the rest.
 * Undefined when it was stopped.
 */
export async function compareNodes(
  { args, output, signal }: CommandContext,
  engine: Engine,
  nodes: readonly Node[],
  sides: Sides,
): Promise<readonly RelationDiff[] | undefined> {
  const tolerance = atLeastZero('tolerance', args.number('tolerance') ?? 0);
  const samples = atLeastZero('samples', args.number('samples') ?? 3);
  const key = args
    .text('key')
    ?.split(',')
    .map((name) => name.trim());
  const stop = (): void => {
    for (const { session } of [sides.left, sides.right]) session.cancel();
  };
  signal.addEventListener('abort', stop);
  const relations: RelationDiff[] = [];
  try {
    for (const node of nodes) {
      if (signal.aborted) return undefined;
      output.progress({ label: node.name, done: relations.length, total: nodes.length, unit: 'relations' });
      try {
        relations.push(await diffNode(node, { ...sides, tolerance, samples, ...(key === undefined ? {} : { key }) }));
      } catch (error) {
        const { message, diagnostics } = failureOf(error, node, engine);
        output.diagnostics(diagnostics);
        relations.push(failed(node, message));
      }
    }
  } finally {
    output.progress(null);
    signal.removeEventListener('abort', stop);
  }
  return relations;
}

function atLeastZero(name: string, value: number): number {
  if (Number.isFinite(value) && value >= 0) return value;
  throw usageError(`--${name} needs a number from 0 on, not ${value}`);
}

function failed(node: Node, note: string): RelationDiff {
  const nothing = { left: null, right: null, key: [], columns: [], rows: null, shown: [], added: [], removed: [] };
  return { ...nothing, id: node.unique_id, name: node.name, status: 'error', note };
}
