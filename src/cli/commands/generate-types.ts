import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { problem, UpsqlError } from '../../diagnostics/index.js';
import type { Manifest, Node } from '../../parse/node.js';
import type { TypesOptions } from '../../run/typescript/index.js';
import type { Command } from '../command.js';
import { openProject } from '../open-project.js';
import { optionKinds } from '../options.js';

const GROUP = 'Types:';
const options = [
  optionKinds.text('out', 'File to write (default: types/warehouse.ts in the project)', GROUP),
  optionKinds.flag('check', 'Write nothing; exit code 1 when the file is out of date', GROUP),
];

export const command: Command = {
  options,
  examples: [
    ['upsql generate types', "Then: import type { Database } from '../types/warehouse.js'"],
    ['upsql generate types --check', 'In CI: have the tables changed?'],
  ],
  async run(context) {
    const { args, io, output } = context;
    const opened = await openProject(context, options);
    const { adapter, manifest, project } = opened.engine;
    try {
      const { generateTypes } = await import('../../run/typescript/index.js');
      const session = await adapter.session('types');
      const relations: TypesOptions['relations'][number][] = [];
      for (const candidate of tables(manifest, project.config.name)) {
        if ((await adapter.getColumns(session, candidate.relation)).length > 0) relations.push(candidate);
      }
      if (relations.length === 0) {
        throw new UpsqlError(
          problem('nothing-built', 'The target has none of the tables of this project', {
            hint: 'Types are read from the tables: run upsql build first.',
          }),
        );
      }
      const text = await generateTypes({ session, adapter, relations });
      await session.close();
      const out = args.text('out');
      const file = out === undefined ? resolve(project.root, 'types/warehouse.ts') : resolve(io.cwd, out);
      const near = relative(io.cwd, file);
      const shown = near.startsWith('..') ? file : near;
      if (args.flag('check') === true) {
        const current = readText(file) === text;
        if (current) output.log('info', `${shown} is up to date`);
        else output.log('error', `${shown} is out of date: run upsql generate types`);
        return current ? 0 : 1;
      }
      const { writeAtomic } = await import('../../artifacts/index.js');
      await writeAtomic(file, [text]);
      output.log('info', `Wrote ${shown} (${relations.length} tables)`);
      return 0;
    } finally {
      await opened.close();
    }
  },
};

/** What TypeScript models can read, by the names they read it under. */
function tables(manifest: Manifest, project: string): TypesOptions['relations'][number][] {
  const notNull = new Map<string, string[]>();
  for (const node of Object.values(manifest.nodes)) {
    if (!provesNotNull(node) || !node.attached_node || !node.column_name) continue;
    notNull.set(node.attached_node, [...(notNull.get(node.attached_node) ?? []), node.column_name]);
  }
  const nodes = Object.values(manifest.nodes)
    .filter((node) => ['model', 'seed', 'snapshot'].includes(node.resource_type))
    .filter((node) => node.config.materialized !== 'ephemeral')
    .map((node) => ({
      name: node.package_name === project ? node.name : `${node.package_name}.${node.name}`,
      relation: { database: node.database, schema: node.schema, identifier: node.alias },
      notNull: notNull.get(node.unique_id) ?? [],
    }));
  const sources = Object.values(manifest.sources).map((source) => ({
    name: `${source.source_name}.${source.name}`,
    relation: { database: source.database, schema: source.schema, identifier: source.identifier },
  }));
  return [...nodes, ...sources].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A not_null test over all rows that fails the build. */
function provesNotNull(node: Node): boolean {
  if (node.resource_type !== 'test' || node.test_metadata?.name !== 'not_null') return false;
  return !node.config.where && String(node.config.severity ?? 'ERROR').toUpperCase() === 'ERROR';
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
