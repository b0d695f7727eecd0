import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

/** A check against dbt-core's own schema of an artifact, as scripts/judge/check_artifacts.py writes it. */
export function validator(name: 'manifest' | 'run-results' | 'sources' | 'catalog'): ValidateFunction {
  const schema = JSON.parse(readFileSync(new URL(`fixtures/${name}.schema.json`, import.meta.url), 'utf8'));
  return new Ajv2020({ strict: false, allErrors: true, formats: { uuid: true } }).compile(schema);
}
