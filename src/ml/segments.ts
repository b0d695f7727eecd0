import type { Clustering } from './clusterer.js';
import { mlError } from './matrix.js';

/** What the features of a clustering say about a user: larger recency is worse, larger engagement is better. */
export interface SegmentRoles {
  /** Time since the last visit. */
  readonly recency: string;
  /** How much, how often and how varied the use is. */
  readonly engagement: readonly string[];
}

export interface Segment {
  readonly name: string;
  /** The cluster's number in the clustering. */
  readonly cluster: number;
  /** Mean of the centre's engagement features, in scaled numbers. */
  readonly engagement: number;
  /** The centre's recency, in scaled numbers. */
  readonly recency: number;
}

/** Names of the clusters that are not at risk, by how many there are, from the most engaged down. */
const BY_ENGAGEMENT: readonly (readonly string[])[] = [
  [],
  ['Power Users'],
  ['Power Users', 'Casual Browsers'],
  ['Power Users', 'Regular Users', 'Casual Browsers'],
  ['Power Users', 'Regular Users', 'Occasional Users', 'Casual Browsers'],
];

/**
 * Names clusters by rules on their centres, so that a name means the same whatever number a cluster got in a run: the one
 * with the longest absence is At-Risk; the others are Power Users down to Casual Browsers by their engagement.
 * Returns the segments from the most engaged to the least, At-Risk last.
 * @throws UpsqlError `ml-cluster-count` when there are fewer than 2 or more than 5 clusters, `ml-missing-column` when a role is not a
 * feature of the clustering.
 */
export function nameSegments(clustering: Clustering, roles: SegmentRoles): readonly Segment[] {
  const names = BY_ENGAGEMENT[clustering.centres.length - 1];
  if (names === undefined || names.length === 0) {
    throw mlError('ml-cluster-count', `there are names for 2 to 5 segments, but ${clustering.centres.length} clusters`);
  }
  const position = (name: string): number => {
    const index = clustering.features.indexOf(name);
    if (index < 0) throw mlError('ml-missing-column', `column '${name}' is missing, but segments are named by it`);
    return index;
  };
  const recency = position(roles.recency);
  const engagement = roles.engagement.map(position);
  const profiles = clustering.centres.map((centre, cluster) => ({
    cluster,
    recency: centre[recency] as number,
    engagement: engagement.reduce((sum, j) => sum + (centre[j] as number), 0) / engagement.length,
  }));
  profiles.sort((a, b) => b.recency - a.recency || a.engagement - b.engagement);
  const [atRisk, ...others] = profiles;
  others.sort((a, b) => b.engagement - a.engagement || a.recency - b.recency);
  const named = others.map((profile, rank) => ({ name: names[rank] ?? '', ...profile }));
  return atRisk === undefined ? named : [...named, { name: 'At-Risk', ...atRisk }];
}
