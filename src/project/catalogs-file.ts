/** catalogs.yml in the root package: where tables of Iceberg are registered and kept. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { didYouMean, problem, UpsqlError } from '../diagnostics/index.js';
import { check, map, object, openObject, text } from './check.js';
import { type ConfigContext, rendererFor } from './config-context.js';
import type { Catalog, YamlMap } from './project.js';
import { renderValue } from './render.js';
import { readYaml, type YamlPath } from './yaml.js';
import { isYamlMap } from './yaml-map.js';

export const CATALOGS_FILE = 'catalogs.yml';

/** Kinds of catalogs that dbt-snowflake knows. */
const SNOWFLAKE_TYPES = ['built_in', 'iceberg_rest', 'info_schema'];
/** Names that are taken there: by Snowflake's own catalog, and by tables that are none of Iceberg's. */
const SNOWFLAKE_NAMES = ['SNOWFLAKE', 'INFO_SCHEMA'];

const schema = openObject({
  catalogs: v.optional(
    v.array(
      object({
        name: text(),
        active_write_integration: v.nullish(text()),
        write_integrations: v.array(
          object({
            name: text(),
            catalog_type: text(),
            external_volume: v.nullish(text()),
            table_format: v.nullish(text()),
            catalog_name: v.nullish(text()),
            file_format: v.nullish(text()),
            adapter_properties: v.optional(map()),
          }),
          'expected a list of integrations',
        ),
      }),
      'expected a list of catalogs',
    ),
  ),
});

/**
 * The catalogs of a package, each with the integration that is written to, as dbt reads them; their names, in upper case,
 * are the keys. `type` is the target's: what only its adapter can tell is checked for Snowflake. Throws UpsqlError with
 * every problem of the file's shape, then with the first one of its meaning.
 */
export async function loadCatalogs(
  root: string,
  type: string,
  context: ConfigContext,
): Promise<ReadonlyMap<string, Catalog>> {
  const file = path.join(root, CATALOGS_FILE);
  const document = readYaml(readFileSync(file, 'utf8'), file);
  const wrong = (message: string, at: YamlPath, hint?: string): UpsqlError =>
    new UpsqlError(
      problem('invalid-catalogs', message, {
        place: document.locate(at),
        source: document.text,
        ...(hint === undefined ? {} : { hint }),
      }),
    );
  if (document.value === null) throw wrong(`${CATALOGS_FILE} is empty`, [], 'Fill it, or delete it.');
  const value = renderValue(document.value, await rendererFor(document.value, context), { document });
  const problems = check(schema, value, document, { what: CATALOGS_FILE });
  if (problems.length > 0) throw new UpsqlError(problems);
  const found = new Map<string, Catalog>();
  for (const [i, catalog] of listOf(value, 'catalogs').entries()) {
    const name = String(catalog.name);
    const at: YamlPath = ['catalogs', i];
    const integrations = listOf(catalog, 'write_integrations');
    const names = integrations.map((one) => String(one.name));
    const twice = names.findIndex((one, at) => names.indexOf(one) !== at);
    if (twice !== -1)
      throw wrong(`The catalog '${name}' has two write_integrations with the name '${names[twice]}'`, [
        ...at,
        'write_integrations',
        twice,
        'name',
      ]);
    const active = catalog.active_write_integration || (names.length === 1 ? names[0] : undefined);
    if (typeof active !== 'string')
      throw wrong(
        `The catalog '${name}' has ${names.length} write_integrations and does not say which one is used`,
        [...at, 'name'],
        names.length === 0 ? 'Add one.' : `Add active_write_integration: ${names[0]}, say.`,
      );
    const chosen = names.indexOf(active);
    if (chosen === -1)
      throw wrong(
        `The catalog '${name}' has no write_integration '${active}'`,
        [...at, 'active_write_integration'],
        didYouMean(active, names) ?? `It has ${names.join(', ')}.`,
      );
    if (found.has(name.toUpperCase())) throw wrong(`The catalog '${name}' is defined twice`, [...at, 'name']);
    const integration = integrations[chosen] ?? {};
    const inside: YamlPath = [...at, 'write_integrations', chosen];
    if (type === 'snowflake') {
      if (SNOWFLAKE_NAMES.includes(name.toUpperCase()))
        throw wrong(`'${name}' is a catalog that is always there`, [...at, 'name'], 'Choose another name.');
      checkForSnowflake(integration, inside, wrong);
    }
    const optional = (key: string) => (typeof integration[key] === 'string' ? integration[key] : null);
    found.set(name.toUpperCase(), {
      name,
      catalogType: String(integration.catalog_type).toUpperCase(),
      catalogName: optional('catalog_name') ?? active,
      externalVolume: optional('external_volume'),
      properties: isYamlMap(integration.adapter_properties) ? integration.adapter_properties : {},
    });
  }
  return found;
}

function checkForSnowflake(
  integration: YamlMap,
  at: YamlPath,
  wrong: (message: string, at: YamlPath, hint?: string) => UpsqlError,
): void {
  const type = String(integration.catalog_type).toLowerCase();
  if (!SNOWFLAKE_TYPES.includes(type))
    throw wrong(
      `Snowflake has no catalogs of type '${integration.catalog_type}'`,
      [...at, 'catalog_type'],
      didYouMean(type, SNOWFLAKE_TYPES) ?? `It has ${SNOWFLAKE_TYPES.join(', ')}.`,
    );
  const properties = isYamlMap(integration.adapter_properties) ? integration.adapter_properties : {};
  const policy = properties.storage_serialization_policy;
  if (type === 'built_in' && policy && !['COMPATIBLE', 'OPTIMIZED'].includes(String(policy).toUpperCase()))
    throw wrong(
      `storage_serialization_policy is '${policy}'`,
      [...at, 'adapter_properties', 'storage_serialization_policy'],
      'It is COMPATIBLE or OPTIMIZED.',
    );
}

function listOf(value: unknown, key: string): YamlMap[] {
  return isYamlMap(value) && Array.isArray(value[key]) ? (value[key] as YamlMap[]) : [];
}
