import type { Artifact } from '../artifact/index.js';
import { mlError } from '../matrix.js';
import { double, literal, type SqlDialect } from './dialect.js';

type Cell = string | number | null;

const FACTS: Readonly<Record<string, (artifact: Artifact) => { names: readonly string[]; rows: readonly Cell[][] }>> = {
  metrics: ({ metrics }) => ({
    names: ['metric', 'value', 'low', 'high'],
    rows: Object.entries(metrics?.values ?? {}).map(([name, { value, low, high }]) => [name, value, low, high]),
  }),
  importance: (artifact) => ({
    names: ['feature', 'importance'],
    rows: artifact.task === 'classifier' ? Object.entries(artifact.importance) : [],
  }),
  calibration: (artifact) => ({
    names: ['bin', 'row_count', 'predicted', 'observed'],
    rows:
      artifact.task === 'classifier'
        ? artifact.calibration.map(({ rows, predicted, observed }, bin) => [bin + 1, rows, predicted, observed])
        : [],
  }),
  profiles: (artifact) => ({
    names: ['cluster', 'segment', 'share', 'feature', 'mean'],
    rows:
      artifact.task === 'kmeans'
        ? artifact.profiles.flatMap(({ share, means }, c) =>
            means.map((mean, j) => [c, artifact.segments[c] ?? null, share, artifact.features[j] ?? null, mean]),
          )
        : [],
  }),
};

/**
 * A query of what is known of a model: `metrics`, `importance`, `calibration` or `profiles` (of clusters, one row a cluster and feature).
 * @throws UpsqlError `ml-unknown-fact` for another name.
 */
export function factsSql(artifact: Artifact, fact: string, dialect: SqlDialect): string {
  const make = FACTS[fact];
  if (make === undefined)
    throw mlError(
      'ml-unknown-fact',
      `'${fact}' is not known of models`,
      `There are: ${Object.keys(FACTS).join(', ')}.`,
    );
  const { names, rows } = make(artifact);
  const cell = (value: Cell, name: string): string => {
    if (value === null) return 'null';
    if (typeof value === 'string') return literal(value);
    return ['bin', 'cluster', 'row_count'].includes(name) ? String(value) : double(dialect, value);
  };
  if (rows.length === 0)
    throw mlError(
      'ml-unknown-fact',
      `the ${artifact.task} '${artifact.name}' has no ${fact}`,
      `It is a ${artifact.task}.`,
    );
  return rows
    .map((row) => `select ${row.map((value, i) => `${cell(value, names[i] ?? '')} as ${names[i]}`).join(', ')}`)
    .join('\nunion all\n');
}
