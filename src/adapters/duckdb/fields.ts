/** Checked reading of a profile's fields. */
import { problem, UpsqlError } from '../../diagnostics/index.js';
import { Float, floatRepr } from '../../jinja/values/float.js';
import type { YamlMap, YamlValue } from '../../project/project.js';

/** An error about the profile. */
export function invalid(message: string, hint?: string): UpsqlError {
  return new UpsqlError(problem('invalid-profile', `DuckDB profile: ${message}`, hint === undefined ? {} : { hint }));
}

/** True for a mapping, which a list or a scalar is not. */
export function isMapping(value: YamlValue | undefined): value is YamlMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Float);
}

/** A scalar as text. */
export function asText(value: YamlValue | undefined, field: string): string {
  if (value === undefined || value === null) throw invalid(`'${field}' is missing`);
  if (isMapping(value) || Array.isArray(value)) throw invalid(`'${field}' must be a single value`);
  return value instanceof Float ? floatRepr(value.value) : String(value);
}

export function optionalText(value: YamlValue | undefined, field: string): string | undefined {
  return value === undefined || value === null || value === '' ? undefined : asText(value, field);
}

export function asMap(value: YamlValue | undefined, field: string): YamlMap {
  if (value === undefined || value === null) return {};
  if (!isMapping(value)) throw invalid(`${field} must be a mapping`);
  return value;
}

export function asList(value: YamlValue | undefined, field: string): YamlValue[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw invalid(`'${field}' must be a list`);
  return value;
}

export function asCount(value: YamlValue | undefined, field: string, otherwise: number): number {
  if (value === undefined || value === null) return otherwise;
  const count = Number(value);
  if (!Number.isInteger(count) || count < 1) throw invalid(`'${field}' must be a whole number from 1`);
  return count;
}

/** A mapping of scalars, as text. */
export function asTexts(value: YamlValue | undefined, field: string): Record<string, string> {
  return Object.fromEntries(Object.entries(asMap(value, field)).map(([k, v]) => [k, asText(v, `${field}.${k}`)]));
}
