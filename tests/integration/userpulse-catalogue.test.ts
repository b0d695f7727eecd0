import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { CATEGORIES, PLATFORMS } from '../../src/simulate/index.js';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

it('the feature map of the project is that of the simulator', () => {
  const [header, ...rows] = read('seeds/features.csv')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
  expect(header).toEqual(['feature_used', 'category_used', 'description']);
  const simulated = Object.entries(CATEGORIES).flatMap(([category, features]) =>
    features.map((name) => [name, category]),
  );
  expect(rows.map(([feature, category]) => [feature, category]).sort()).toEqual(simulated.sort());
});

it('the platforms of the project are those of the simulator', () => {
  const { vars } = parse(read('dbt_project.yml')) as { vars: { platforms: string[] } };
  expect([...vars.platforms].sort()).toEqual(PLATFORMS.map(({ name }) => name).sort());
});
