/** Snapshots written in YAML alone: `relation: ref('x')` says what is kept, no SQL file is needed. */
import { readFileSync } from 'node:fs';
import { problem, UpsqlError } from '../../diagnostics/index.js';
import { Template } from '../../jinja/index.js';
import type { PropertyEntry } from '../../project/index.js';
import { defaultConfig } from '../config.js';
import { recordRef, recordSource } from '../context/parse-members.js';
import { sha256 } from '../hash.js';
import type { NodeConfig } from '../node.js';
import { strip } from '../python-strip.js';
import type { ParsedProject } from '../state.js';
import { configureNode } from './configure.js';
import { createNode } from './factory.js';
import { parseReference } from './references.js';
import { sectionFqn } from './section-node.js';
import { addNode } from './sql-files.js';

/** Makes the node of a `snapshots:` entry that has a `relation`. Throws UpsqlError where that is no ref or source. */
export function readYamlSnapshot(parsed: ParsedProject, entry: PropertyEntry, createdAt: number): void {
  const relation = String(entry.raw.relation);
  const found = parseReference(relation);
  if (found === undefined || found.kind === 'metric') {
    throw new UpsqlError(
      problem('invalid-reference', `The relation of snapshot '${entry.name}' is not a reference: ${relation}`, {
        place: entry.locate(['relation']),
        hint: "Write relation: ref('model') or relation: source('source', 'table').",
      }),
    );
  }
  const node = createNode({
    resourceType: 'snapshot',
    packageName: entry.packageName,
    name: entry.name,
    path: `${entry.path}/${entry.name}.sql`,
    originalFilePath: entry.originalFilePath,
    fqn: sectionFqn(entry, entry.name),
    rawCode: `select * from {{ ${relation} }}`,
    language: 'sql',
    checksum: sha256(strip(readFileSync(entry.file, 'utf8'))),
    database: parsed.adapter.database,
    schema: parsed.adapter.schema,
    config: defaultConfig('snapshot') as unknown as NodeConfig,
    createdAt,
  });
  if (found.kind === 'ref') recordRef(node, found.ref);
  else recordSource(node, found.source);
  const { line } = entry.locate(['relation']);
  parsed.origins.set(node.unique_id, { file: entry.file, line });
  parsed.templates.set(node.unique_id, Template.parse({ text: node.raw_code, file: entry.file, line }));
  configureNode(parsed, node);
  addNode(parsed, node);
}
