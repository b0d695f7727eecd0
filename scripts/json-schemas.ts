/** JSON Schemas of the YAML files, for editors; made from the schemas that the loader itself checks by. */
import { toJsonSchema } from '@valibot/to-json-schema';
import type * as v from 'valibot';
import { dependenciesSchema, packagesSchema } from '../src/project/package-schemas.js';
import { projectSchema } from '../src/project/project-schema.js';
import { propertySchemas } from '../src/project/property-schemas.js';
import { selectorsSchema } from '../src/project/selectors-file.js';
import { credentialSchemas } from '../src/project/target.js';

type JsonSchema = Record<string, unknown>;

/** By file name, without `.json`. Where a value may be a template, a text is accepted beside its type. */
export function jsonSchemas(): Record<string, JsonSchema> {
  const sections = Object.entries(propertySchemas).map(([kind, schema]) => [
    kind,
    { type: 'array', items: json(schema) },
  ]);
  const outputs = Object.entries(credentialSchemas).map(([type, schema]) => ({
    ...withKeys(json(schema), { type: { const: type }, threads: { type: ['integer', 'string'] } }),
  }));
  return {
    dbt_project: document(json(projectSchema)),
    properties: document({
      type: 'object',
      properties: { version: { const: 2 }, anchors: {}, ...Object.fromEntries(sections) },
      additionalProperties: false,
    }),
    selectors: document(json(selectorsSchema)),
    packages: document(json(packagesSchema)),
    dependencies: document(json(dependenciesSchema)),
    profiles: document({
      type: 'object',
      properties: { config: { type: 'object' } },
      additionalProperties: {
        type: 'object',
        properties: {
          target: { type: 'string' },
          outputs: { type: 'object', additionalProperties: { anyOf: outputs } },
        },
        required: ['outputs'],
      },
    }),
  };
}

function document(schema: JsonSchema): JsonSchema {
  return { $schema: 'http://json-schema.org/draft-07/schema#', ...schema };
}

function withKeys(schema: JsonSchema, properties: JsonSchema): JsonSchema {
  return { ...schema, properties: { ...properties, ...(schema.properties as JsonSchema) } };
}

const TYPED = new Set(['boolean', 'number', 'integer', 'array', 'object']);

function json(schema: v.GenericSchema): JsonSchema {
  const { $schema: _, ...rest } = toJsonSchema(schema, {
    typeMode: 'output',
    errorMode: 'ignore',
    overrideSchema: ({ valibotSchema, jsonSchema }) => {
      if (valibotSchema.type === 'custom')
        return (valibotSchema as { message?: unknown }).message === 'expected a map'
          ? { type: 'object' }
          : { type: ['string', 'number'] };
      if (valibotSchema.type === 'instance') return { type: 'number' };
      if (valibotSchema.type === 'bigint') return { type: 'integer' };
      return jsonSchema;
    },
  }) as JsonSchema;
  return allowTemplates(rest, true) as JsonSchema;
}

/** Lets a Jinja text stand wherever another type is due, but for the file's or entry's own map. */
function allowTemplates(value: unknown, root = false): unknown {
  if (Array.isArray(value)) return value.map((item) => allowTemplates(item));
  if (value === null || typeof value !== 'object') return value;
  const map = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, allowTemplates(inner)]));
  if (root || typeof map.type !== 'string' || !TYPED.has(map.type)) return map;
  return { anyOf: [map, { type: 'string', pattern: '\\{\\{' }] };
}
