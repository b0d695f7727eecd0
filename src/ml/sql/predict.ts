import { createHash } from 'node:crypto';
import { type Artifact, type ClassifierArtifact, formatArtifact, type KMeansArtifact } from '../artifact/index.js';
import { nearest, scaled, segmentName, squaredDistance } from './clusters.js';
import { double, feature, fromItem, type SqlDialect } from './dialect.js';
import { keepPrediction } from './predictions.js';
import { caseSum, nodeTable, nodeWalk } from './trees.js';

export interface PredictOptions {
  /** Columns of the input to pass on; default: all. */
  readonly keep?: readonly string[] | undefined;
  /** Names of the score columns in place of the model's own, by those. */
  readonly rename?: Readonly<Record<string, string>> | undefined;
  /** Trees as CASE expressions or as a joined table of nodes; by default whatever the statement has room for. */
  readonly form?: 'case' | 'table' | undefined;
  /** A function of the features, as `marginFunction` gives it, that the warehouse knows: it is called for the log-odds. */
  readonly margin?: string | undefined;
  /** The schema for a table of nodes, as it stands in SQL. */
  readonly schema?: string | undefined;
}

export interface PredictSql {
  /** A query: the input's columns, then the scores. */
  readonly sql: string;
  /** Statements that must have run before, and the table they make; empty for a query that stands alone. */
  readonly setup: readonly string[];
  readonly table: string | null;
  /** Names of the score columns. */
  readonly scores: readonly string[];
}

/** Characters that a statement's trees may take. Snowflake takes statements of 1 MB; DuckDB's parser slows down. */
const ROOM: Readonly<Record<string, number>> = { snowflake: 900_000 };
const ROOM_ELSEWHERE = 8_000_000;

/** The columns that a model's scores have. */
export function scoreColumns(artifact: Artifact): readonly string[] {
  return artifact.task === 'classifier'
    ? [`${artifact.name}_probability`, `predicted_${artifact.name}`]
    : ['cluster', 'segment', 'distance'];
}

/**
 * A query that scores `relation` (a table's name or a query) with a model, equal to the prediction in the process but for the rounding
 * of sums. Missing values and NaN are read as the model has it.
 */
export function predictSql(
  artifact: Artifact,
  relation: string,
  dialect: SqlDialect,
  options: PredictOptions = {},
): PredictSql {
  const made = makeSql(artifact, relation, dialect, options);
  if (options.margin === undefined) keepPrediction(made.sql, { artifact, relation, dialect, options });
  return made;
}

function makeSql(artifact: Artifact, relation: string, dialect: SqlDialect, options: PredictOptions): PredictSql {
  const names = scoreColumns(artifact).map((name) => options.rename?.[name] ?? name);
  const [columns, tables] = [artifact.features.map((_, j) => `ml_f${j}`), { setup: [] as string[], table: null }];
  const features = artifact.features.map(
    (name, j) => `${feature(dialect, name, artifact.missing)} as ${columns[j] ?? ''}`,
  );
  const input = `select ml_input.*, ${features.join(', ')}\nfrom ${fromItem(relation, 'ml_input')}`;
  if (artifact.task === 'kmeans')
    return { sql: clusterSql(artifact, input, names, dialect, options), scores: names, ...tables };
  if (options.margin !== undefined) {
    const type = dialect.type === 'snowflake' ? 'float' : 'double';
    const given = artifact.features.map((name) => `cast(${dialect.quote(name)} as ${type})`);
    const margins = `select ml_input.*, ${options.margin}(${given.join(', ')}) as ml_margin\nfrom ${fromItem(relation, 'ml_input')}`;
    return { sql: probabilitySql(artifact, margins, ['ml_margin'], names, dialect, options), scores: names, ...tables };
  }
  const sum = options.form === 'table' ? null : caseSum(artifact.ensemble, (j) => columns[j] ?? '', dialect);
  if (sum !== null && (options.form === 'case' || sum.length <= (ROOM[dialect.type] ?? ROOM_ELSEWHERE))) {
    const margins = `select ml_rows.*, ${sum} as ml_margin\nfrom (\n${input}\n) as ml_rows`;
    const sql = probabilitySql(artifact, margins, [...columns, 'ml_margin'], names, dialect, options);
    return { sql, scores: names, ...tables };
  }
  const table = nodeTableName(artifact, options.schema);
  const numbered = `select ml_rows.*, row_number() over (order by 1) as ml_row\nfrom (\n${input}\n) as ml_rows`;
  const walk = nodeWalk(artifact.ensemble, table, 'ml_numbered', (j) => columns[j] ?? '', dialect);
  const margins =
    `with ml_numbered as materialized (\n${numbered}\n), ml_walked as (\n${walk}\n)\n` +
    `select ml_numbered.*, ml_walked.ml_margin\nfrom ml_numbered\njoin ml_walked on ml_walked.ml_row = ml_numbered.ml_row`;
  const text = dialect.type === 'snowflake' ? margins.replace('as materialized (', 'as (') : margins;
  return {
    sql: probabilitySql(artifact, text, [...columns, 'ml_margin', 'ml_row'], names, dialect, options),
    scores: names,
    setup: nodeTable(artifact.ensemble, table, dialect),
    table,
  };
}

/** Named by the model's content, so that a table or function that is there is the right one. */
export function contentName(prefix: string, artifact: ClassifierArtifact): string {
  const hash = createHash('sha256').update(formatArtifact(artifact)).digest('hex').slice(0, 12);
  return `${prefix}_${artifact.name.replaceAll(/\W/g, '_')}_${artifact.version}_${hash}`.toLowerCase();
}

function nodeTableName(artifact: ClassifierArtifact, schema: string | undefined): string {
  const name = contentName('ml_nodes', artifact);
  return schema === undefined ? name : `${schema}.${name}`;
}

function probabilitySql(
  artifact: ClassifierArtifact,
  margins: string,
  inner: readonly string[],
  names: readonly string[],
  dialect: SqlDialect,
  options: PredictOptions,
): string {
  const [probability = '', predicted = ''] = names.map((name) => dialect.quote(name));
  // Beyond 700 the exponential leaves a double's range: infinity on DuckDB, which gives the right 0; elsewhere it may be an error.
  const margin =
    dialect.type === 'duckdb'
      ? 'ml_margin'
      : `greatest(least(ml_margin, ${double(dialect, 700)}), ${double(dialect, -700)})`;
  const p = `1 / (1 + exp(-(${margin})))`;
  return (
    `select ${passedOn('ml_margins', inner, dialect, options)},\n` +
    `${p} as ${probability},\n${p} >= ${double(dialect, artifact.threshold)} as ${predicted}\nfrom (\n${margins}\n) as ml_margins`
  );
}

function clusterSql(
  artifact: KMeansArtifact,
  input: string,
  names: readonly string[],
  dialect: SqlDialect,
  options: PredictOptions,
): string {
  const columns = artifact.features.map((_, j) => `ml_f${j}`);
  const z = columns.map((_, j) => `ml_z${j}`);
  const d = artifact.clustering.centres.map((_, c) => `ml_d${c}`);
  const [cluster = '', segment = '', distance = ''] = names.map((name) => dialect.quote(name));
  const scaling = columns.map((column, j) => `${scaled(artifact, j, column, dialect)} as ${z[j]}`);
  const scaledRows = `select ml_rows.*, ${scaling.join(', ')}\nfrom (\n${input}\n) as ml_rows`;
  const distances = d.map((name, c) => `${squaredDistance(artifact, c, (j) => z[j] ?? '', dialect)} as ${name}`);
  const distanceRows = `select ml_scaled.*, ${distances.join(', ')}\nfrom (\n${scaledRows}\n) as ml_scaled`;
  const chosen = nearest(d);
  return (
    `select ${passedOn('ml_distances', [...columns, ...z, ...d], dialect, options)},\n` +
    `${chosen} as ${cluster},\n${segmentName(artifact, chosen)} as ${segment},\n` +
    `sqrt(least(${d.join(', ')})) as ${distance}\nfrom (\n${distanceRows}\n) as ml_distances`
  );
}

function passedOn(from: string, inner: readonly string[], dialect: SqlDialect, { keep }: PredictOptions): string {
  if (keep === undefined) return `${from}.* exclude (${inner.join(', ')})`;
  return keep.map((name) => `${from}.${dialect.quote(name)}`).join(', ');
}
