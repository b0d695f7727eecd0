import type { KMeansArtifact } from '../artifact/schema.js';
import { double, literal, type SqlDialect } from './dialect.js';

/** A feature in scaled numbers. */
export function scaled(artifact: KMeansArtifact, index: number, column: string, dialect: SqlDialect): string {
  const scaling = artifact.scaling[index];
  if (scaling === undefined) return column;
  const { log, mean, deviation } = scaling;
  const value = log ? `ln(1 + greatest(${column}, ${double(dialect, 0)}))` : column;
  return `(${value} - ${double(dialect, mean)}) / ${double(dialect, deviation)}`;
}

/** The squared distance to a centre. */
export function squaredDistance(
  artifact: KMeansArtifact,
  cluster: number,
  column: (index: number) => string,
  dialect: SqlDialect,
): string {
  const centre = artifact.clustering.centres[cluster] ?? [];
  return centre
    .map((middle, j) => {
      const difference = `(${column(j)} - ${double(dialect, middle)})`;
      return `${difference} * ${difference}`;
    })
    .join(' + ');
}

/** The number of the least of several columns; of equal ones the first. Null where one is missing. */
export function nearest(columns: readonly string[]): string {
  const cases = columns.slice(0, -1).map((column, c) => {
    const others = columns.filter((other, o) => o > c && other !== column);
    return `when ${others.map((other) => `${column} <= ${other}`).join(' and ')} then ${c}`;
  });
  const [first] = columns;
  return `case when ${first} is null then null ${cases.join(' ')} else ${columns.length - 1} end`;
}

/** The names of clusters by their number. */
export function segmentName(artifact: KMeansArtifact, cluster: string): string {
  const cases = artifact.segments.map((name, c) => `when ${c} then ${literal(name)}`);
  return `case ${cluster} ${cases.join(' ')} end`;
}
