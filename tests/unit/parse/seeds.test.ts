import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { fingerprints } from '../../../src/plan/fingerprint.js';
import { parseFiles } from '../../compat/parse.js';

const MEBIBYTE = 1024 * 1024;

it('a seed of more than a megabyte has its path for a checksum, as in dbt, and what it holds for a fingerprint', async () => {
  const large = 'id\n'.padEnd(MEBIBYTE + 1, '1');
  const { parsed } = await parseFiles({ 'seeds/large.csv': large, 'seeds/small.csv': large.slice(0, MEBIBYTE) });
  const seed = (name: string) => parsed.manifest.nodes[`seed.shop.${name}`];
  expect(seed('large')?.checksum).toEqual({ name: 'path', checksum: 'seeds/large.csv' });
  expect(seed('small')?.checksum.name).toBe('sha256');

  const file = parsed.origins.get('seed.shop.large')?.file ?? '';
  const body = () => fingerprints(parsed.manifest, { file: () => file }).get('seed.shop.large')?.body;
  const before = body();
  expect(body()).toBe(before);
  writeFileSync(file, large.replace('1', '2'));
  expect(body()).not.toBe(before);
});
