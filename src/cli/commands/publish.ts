import { basename, resolve } from 'node:path';
import type { Adapter } from '../../adapters/adapter.js';
import type { CsvTable, PublishPlace } from '../../adapters/snowflake/publish.js';
import { problem, UpsqlError } from '../../diagnostics/index.js';
import type { YamlMap, YamlValue } from '../../project/project.js';
import type { BucketOptions } from '../../s3/index.js';
import type { Args } from '../args.js';
import type { Command, CommandContext } from '../command.js';
import { planExports } from '../exports.js';
import { loadOptions } from '../flags.js';
import { type OpenedProject, openProject } from '../open-project.js';
import { optionKinds, selectionOptions } from '../options.js';
import { selectionOf } from '../task-options.js';
import { usageError } from '../usage.js';

const GROUP = 'Publish:';
const options = [
  optionKinds.text('from', 'Target whose tables are exported (default: the one the profile names)', GROUP),
  optionKinds.text('out', 'Folder of the CSV files (default: exports)', GROUP),
  optionKinds.text('database', 'Database of the tables (default: UserPulse360_DB)', GROUP),
  optionKinds.text('schema', 'Schema of the tables (default: RAW_DATA)', GROUP),
  optionKinds.text('warehouse', 'Warehouse that loads them (default: UserPulse360)', GROUP),
  optionKinds.text('bucket', "Bucket that the files go to (default: none, they go to a stage of Snowflake's)", GROUP),
  optionKinds.text('integration', 'Storage integration that reads the bucket', GROUP),
  optionKinds.text('prefix', 'Folder of the files in the bucket or on the stage (default: loadingdata/csv)', GROUP),
  optionKinds.text('stage', 'Name of the stage (default: UPSQL_PUBLISH)', GROUP),
  optionKinds.flag('force', 'Load also what has not changed', GROUP),
  optionKinds.flag('dry-run', 'Print the SQL; upload and load nothing', GROUP),
  ...selectionOptions,
];

export const command: Command = {
  options,
  answers: true,
  examples: [
    ['upsql publish --target snowflake', 'Export the tables that name a CSV file and load them into Snowflake'],
    ['upsql publish --target snowflake --dry-run', 'The SQL of that'],
    ['upsql publish -t snowflake --bucket my-bucket --integration s3_reader', 'By way of a bucket'],
  ],
  async run(context) {
    const { args, io, output, signal } = context;
    const load = await loadOptions(args, io);
    const { loadProject } = await import('../../project/index.js');
    const { target, config } = await loadProject(load);
    if (target.type !== 'snowflake')
      throw usageError(
        `publish loads tables into Snowflake, and the target '${target.name}' is of type ${target.type}`,
        'Name a Snowflake target: upsql publish --target snowflake.',
      );
    const opened = await openProject({ ...context, args: withTarget(args, args.text('from')) }, options);
    let remote: Adapter | undefined;
    try {
      const { place, bucket } = readSettings(args, opened.engine.project.config.vars.publish);
      const dry = args.flag('dry-run') === true;
      const tables = await exportTables(context, opened, resolve(io.cwd, args.text('out') ?? 'exports'));
      const { publishSql, publishTables } = await import('../../adapters/snowflake/publish.js');
      if (dry) {
        output.result((await publishSql(place, tables)).map((sql) => `${sql};`).join('\n'));
        return 0;
      }
      const { createAdapter } = await import('../../adapters/index.js');
      remote = await createAdapter({ target, config });
      await remote.open();
      const session = await remote.session('publish');
      signal.addEventListener('abort', () => session.cancel());
      let done = 0;
      output.progress({ label: place.database, done, total: tables.length, unit: 'tables' });
      const published = await publishTables(opened.engine.runtime.commented(session, target.type), {
        place,
        tables,
        force: args.flag('force') === true,
        ...(bucket === undefined ? {} : { upload: await uploader(bucket, place.folder, opened, signal) }),
        onTable: ({ table, rows, outcome }) => {
          done += 1;
          output.progress({ label: table, done, total: tables.length, unit: 'tables' });
          output.log('info', `${table}: ${rows.toLocaleString('en-US')} rows, ${outcome}`);
        },
      });
      output.progress(null);
      const changed = published.filter(({ outcome }) => outcome !== 'unchanged').length;
      output.log('info', `${published.length} tables in ${place.database}.${place.schema}, ${changed} of them loaded`);
      return 0;
    } catch (error) {
      throw await asProblem(error);
    } finally {
      output.progress(null);
      await remote?.close();
      await opened.close();
    }
  },
};

/** The flags with another target; undefined: the one that the profile names. */
function withTarget(args: Args, target: string | undefined): Args {
  return { ...args, text: (name) => (name === 'target' ? target : args.text(name)) };
}

interface Settings {
  readonly place: PublishPlace;
  readonly bucket: (BucketOptions & { readonly base: string }) | undefined;
}

/** Flags first, then `vars: {publish: {...}}` of dbt_project.yml, then the names of the classic load. */
function readSettings(args: Args, given: YamlValue | undefined): Settings {
  const vars: YamlMap = typeof given === 'object' && given !== null && !Array.isArray(given) ? (given as YamlMap) : {};
  const get = (name: string): string | undefined => {
    const value = args.text(name) ?? vars[name];
    return value === undefined || value === null || value === '' ? undefined : String(value);
  };
  const folder = (get('prefix') ?? 'loadingdata/csv').replace(/^\/+/, '').replace(/\/*$/, '/');
  const place = {
    database: get('database') ?? 'UserPulse360_DB',
    schema: get('schema') ?? 'RAW_DATA',
    warehouse: get('warehouse') ?? 'UserPulse360',
    stage: get('stage') ?? 'UPSQL_PUBLISH',
    folder: folder === '/' ? '' : folder,
  };
  const [bucket, ...path] = (get('bucket') ?? '')
    .replace(/^s3:\/\//, '')
    .split('/')
    .filter((part) => part !== '');
  if (bucket === undefined) return { place, bucket: undefined };
  const integration = get('integration');
  if (integration === undefined)
    throw usageError(
      '--bucket needs --integration',
      'Name the storage integration by which Snowflake reads the bucket; docs/snowflake.md shows how to make one.',
    );
  const base = path.map((part) => `${part}/`).join('');
  const [region, endpoint] = [get('region'), get('endpoint')];
  return {
    place: { ...place, bucket: { url: `s3://${bucket}/${base}`, integration } },
    bucket: {
      bucket,
      base,
      ...(region === undefined ? {} : { region }),
      ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: vars.force_path_style === true }),
    },
  };
}

/** Brings a file into the bucket, where it is not there already. */
async function uploader(
  { base, ...options }: NonNullable<Settings['bucket']>,
  folder: string,
  { engine }: OpenedProject,
  signal: AbortSignal,
): Promise<(file: string) => Promise<void>> {
  const { openBucket } = await import('../../s3/index.js');
  const bucket = await openBucket(options);
  const resumeDir = resolve(engine.project.targetDir, 'uploads');
  return async (file) => {
    await bucket.upload([{ path: file, key: `${base}${folder}${basename(file)}` }], { resumeDir, signal });
  };
}

/** Writes the CSV files; gives each with its table's columns. */
async function exportTables(context: CommandContext, opened: OpenedProject, outDir: string): Promise<CsvTable[]> {
  const { engine } = opened;
  const [{ selectNodes }, { exportRelations }] = await Promise.all([
    import('../../run/selection.js'),
    import('../../ingest/export.js'),
  ]);
  const nodes = selectNodes(engine, ['model', 'seed', 'snapshot'], selectionOf(context, opened));
  const session = await engine.adapter.session('publish');
  const tables: CsvTable[] = [];
  for (const { node, file } of planExports(nodes, { everything: false, format: 'csv' })) {
    context.signal.throwIfAborted();
    const relation = { database: node.database, schema: node.schema, identifier: node.alias };
    const columns = (await engine.adapter.getColumns(session, relation)).map(({ name, dataType }) => ({
      name,
      type: dataType,
    }));
    const exports = [{ name: node.name, relation: node.relation_name ?? node.alias, file }];
    const [written] = await exportRelations({ session, adapter: engine.adapter, exports, outDir, format: 'csv' });
    tables.push({ table: node.alias.toUpperCase(), columns, rows: written?.rows ?? 0, file: resolve(outDir, file) });
  }
  await session.close();
  return tables;
}

async function asProblem(error: unknown): Promise<unknown> {
  const { DatabaseError } = await import('../../adapters/adapter.js');
  if (!(error instanceof DatabaseError)) return error;
  return new UpsqlError(
    problem('publish-failed', error.message, {
      hint: 'What was loaded stays; a table that was not is as it was. Run again to go on.',
    }),
    1,
    error,
  );
}
