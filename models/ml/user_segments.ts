import {
  applyScaling,
  assignClusters,
  fitScaling,
  kMeans,
  matrixOf,
  nameSegments,
  orderBy,
  splitConstant,
  takeRows,
} from 'upsql/ml';
import type { ModelContext, ModelResult } from 'upsql/model';

export const config = {
  materialized: 'table',
  refs: ['user_features'],
  tags: ['ml'],
};

const ENGAGEMENT = [
  'total_session_length_minutes',
  'average_session_length_minutes',
  'login_frequency',
  'unique_features_used',
  'unique_categories_used',
  'total_events',
] as const;
const RECENCY = 'days_since_last_login';

interface Tables {
  user_features: Record<(typeof ENGAGEMENT)[number] | typeof RECENCY, number> & { user_id: string };
}

export default async function model({ columns, vars, log }: ModelContext<Tables>): Promise<ModelResult> {
  const users = await columns('user_features');
  const order = orderBy(users.columns.user_id);
  const { varied, constant } = splitConstant(takeRows(matrixOf(users.columns, [...ENGAGEMENT, RECENCY]), order));
  if (constant.length > 0) log(`left out, because the same for every user: ${constant.join(', ')}`);

  const scaled = applyScaling(varied, fitScaling(varied));
  const clustering = await kMeans({ k: vars('segment_count', 3), seed: vars('ml_seed', 42) }).fit(scaled);
  const segments = nameSegments(clustering, {
    recency: RECENCY,
    engagement: ENGAGEMENT.filter((name) => varied.names.includes(name)),
  });
  const { cluster, distance } = assignClusters(clustering, scaled);

  // A segment's place in this list is its number in the table: the same meaning in every build.
  const place = new Map(segments.map((segment, index) => [segment.cluster, index]));
  const number = Array.from(cluster, (id) => place.get(id) ?? 0);
  const sizes = segments.map(({ name }, index) => `${name} ${number.filter((n) => n === index).length}`);
  log(
    `${clustering.fittedRows} of ${users.length} users fitted, inertia ${clustering.inertia.toFixed(1)}: ${sizes.join(', ')}`,
  );

  return {
    columns: {
      user_id: Array.from(order, (row) => users.columns.user_id[row] ?? ''),
      cluster: number,
      segment: number.map((index) => segments[index]?.name ?? ''),
      distance,
    },
    types: { user_id: 'varchar', cluster: 'integer', segment: 'varchar', distance: 'double' },
  };
}
