import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { jsonSchemas } from '../../../scripts/json-schemas.js';

const root = path.join(import.meta.dirname, '../../..');
const schemas = jsonSchemas();
const validators = new Map<string, ValidateFunction>();
for (const [name, schema] of Object.entries(schemas)) {
  const ajv = new Ajv({ strict: false });
  validators.set(name, ajv.compile(schema));
}
const accepts = (name: string, text: string) => validators.get(name)?.(parse(text, { version: '1.1' })) === true;

describe('JSON Schemas', () => {
  it('stand in schemas/ as the script makes them', () => {
    for (const [name, schema] of Object.entries(schemas))
      expect(JSON.parse(readFileSync(path.join(root, `schemas/${name}.json`), 'utf8'))).toEqual(schema);
  });

  it.each([
    ['dbt_project', 'dbt_project.yml'],
    ['properties', 'models/marts/_marts.yml'],
    ['properties', 'models/staging/_sources.yml'],
    ['properties', 'tests/unit/graph/fixtures/project/models/marts/marts.yml'],
    ['properties', 'tests/unit/graph/fixtures/project/models/sem/sem.yml'],
    ['selectors', 'tests/unit/graph/fixtures/project/selectors.yml'],
    ['profiles', 'tests/unit/graph/fixtures/project/profiles.yml'],
  ])('%s takes %s', (name, file) => {
    expect([accepts(name, readFileSync(path.join(root, file), 'utf8')), validators.get(name)?.errors]).toEqual([
      true,
      null,
    ]);
  });

  it.each([
    ['dbt_project', 'name: shop\nmodel_paths: [m]', 'name: shop\nmodel-paths: [m]'],
    ['dbt_project', 'name: shop\nquoting: {schema: 1}', 'name: shop\nquoting: {schema: "{{ var(1) }}"}'],
    ['properties', 'models: [{nam: a}]', 'models: [{name: a}]'],
    ['properties', 'model: [{name: a}]', 'models: []'],
    ['properties', 'exposures: [{name: a, type: x, owner: {}}]', 'exposures: [{name: a, type: ml, owner: {}}]'],
    ['selectors', 'selectors: [{name: a}]', 'selectors: [{name: a, definition: b}]'],
    ['packages', 'packages: [{package: a/b, verson: 1.0.0}]', 'packages: [{package: a/b, version: [">=1.0.0"]}]'],
    [
      'packages',
      'packages: [{package: b, version: 1.0.0}]',
      'packages: [{git: x, revision: 1.0, warn-unpinned: false}]',
    ],
    ['packages', 'packages: [{tarball: x}]', 'packages: [{tarball: x, name: pack}, {local: ../z}]'],
    ['dependencies', 'project: [{name: a}]', 'projects: [{name: a}]'],
    ['profiles', 'a: {outputs: {t: {type: duckdb, pth: x}}}', 'a: {outputs: {t: {type: duckdb, path: x, threads: 2}}}'],
    ['profiles', 'a: {outputs: {t: {type: snowflake}}}', 'a: {outputs: {t: {type: duckdb}}}'],
  ])('%s refuses %j and takes %j', (name, bad, good) => {
    expect(accepts(name, bad)).toBe(false);
    expect(accepts(name, good)).toBe(true);
  });
});
