import type { Node, ResourceType } from '../../../src/parse/node.js';
import type { NodeResult, RunEvent } from '../../../src/run/events.js';

/** A node with the fields that output reads. */
export function sampleNode(name: string, type: ResourceType = 'model', more: Partial<Node> = {}): Node {
  const materialized = type === 'model' ? 'table' : type;
  return {
    resource_type: type,
    unique_id: `${type}.shop.${name}`,
    name,
    alias: name,
    package_name: 'shop',
    path: `${name}.sql`,
    original_file_path: type === 'seed' ? `seeds/${name}.csv` : `models/${name}.sql`,
    schema: 'main',
    database: 'dev',
    relation_name: `"dev"."main"."${name}"`,
    language: 'sql',
    checksum: { name: 'sha256', checksum: 'abc' },
    config: { enabled: true, alias: null, schema: null, database: null, tags: [], meta: {}, materialized },
    ...more,
  } as Node;
}

/** A result that succeeded in a quarter of a second, but for what is given. */
export function sampleResult(node: Node, more: Partial<NodeResult> = {}): NodeResult {
  return {
    node,
    status: node.resource_type === 'test' ? 'pass' : 'success',
    timing: [],
    threadId: 'Thread-1',
    executionTime: 0.25,
    adapterResponse: {},
    message: null,
    failures: null,
    diagnostics: [],
    compiled: true,
    compiledCode: null,
    relationName: null,
    skippedBecause: [],
    ...more,
  };
}

/** The events of a run over `results`, one after another. */
export function sampleEvents(results: readonly NodeResult[]): RunEvent[] {
  const total = results.length;
  const success = results.every((r) => r.status === 'success' || r.status === 'pass' || r.status === 'warn');
  return [
    { kind: 'run-start', total, threads: 2, counts: { model: 3, test: 1 } },
    ...results.flatMap((result, n): RunEvent[] => [
      { kind: 'node-start', node: result.node, index: n + 1, total },
      { kind: 'node-end', result, index: n + 1, total },
    ]),
    { kind: 'run-end', outcome: { results, elapsed: 1.5, success } },
  ];
}

export interface FakeStream {
  isTTY: boolean;
  columns: number;
  text: string;
  readonly writes: string[];
  write(text: string): boolean;
}

export function fakeStream(columns = 80, isTTY = false): FakeStream {
  return {
    isTTY,
    columns,
    text: '',
    writes: [],
    write(text) {
      this.text += text;
      this.writes.push(text);
      return true;
    },
  };
}
