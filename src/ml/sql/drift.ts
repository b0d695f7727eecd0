import type { Artifact } from '../artifact/index.js';
import { double, feature, fromItem, literal, type SqlDialect } from './dialect.js';

/** Shares are kept this far from 0, so that an empty bin counts without making the index infinite. */
const LEAST_SHARE = 1e-4;

/**
 * A query with one row a feature: `feature`, `psi` (population stability index, the sum over bins of (now - then) ln(now / then)) and
 * `drifted` (whether it reaches `limit`; 0.2 is the usual bound for a shift that matters). Bins are those of the training data.
 */
export function driftSql(artifact: Artifact, relation: string, dialect: SqlDialect, limit = 0.2): string {
  const columns = artifact.reference.map(
    ({ feature: name }, j) => `${feature(dialect, name, artifact.missing)} as ml_f${j}`,
  );
  const input = `select ${columns.join(', ')} from ${fromItem(relation, 'ml_input')}`;
  const counts = artifact.reference.flatMap(({ edges }, j) =>
    [...Array(edges.length + 2).keys()].map((bin) => {
      const x = `ml_f${j}`;
      const low = edges[bin - 2];
      const high = edges[bin - 1];
      const inside =
        bin === 0
          ? `${x} is null`
          : [
              low === undefined ? `${x} is not null` : `${x} >= ${double(dialect, low)}`,
              high === undefined ? '' : `${x} < ${double(dialect, high)}`,
            ]
              .filter((test) => test !== '')
              .join(' and ');
      return `sum(case when ${inside} then 1 else 0 end) as c_${j}_${bin}`;
    }),
  );
  const rows = artifact.reference.map(({ feature: name, shares }, j) => {
    const terms = shares.map((share, bin) => {
      const now = `greatest(c_${j}_${bin} / ml_n, ${double(dialect, LEAST_SHARE)})`;
      const then = double(dialect, Math.max(share, LEAST_SHARE));
      return `(${now} - ${then}) * ln(${now} / ${then})`;
    });
    return `select ${literal(name)} as feature, ${terms.join(' + ')} as psi from ml_counts where ml_n > 0`;
  });
  const type = dialect.type === 'snowflake' ? 'float' : 'double';
  return (
    `with ml_features as (\n${input}\n), ml_counts as (\nselect cast(count(*) as ${type}) as ml_n, ${counts.join(',\n')}\n` +
    `from ml_features\n), ml_psi as (\n${rows.join('\nunion all\n')}\n)\n` +
    `select feature, psi, psi >= ${double(dialect, limit)} as drifted from ml_psi`
  );
}
