/** A Python model as a stored procedure, which Snowflake runs with Snowpark. */
import { problem, UpsqlError } from '../../diagnostics/index.js';
import type { PythonJob, PythonProcedure } from '../adapter.js';
import { quoteLiteral } from './dialect.js';

/** The Python that runs a model which asks for no version, as with dbt-snowflake. */
const PYTHON_VERSION = '3.10';
const SNOWPARK = 'snowflake-snowpark-python';

function fail(model: PythonJob, what: string, hint: string): UpsqlError {
  return new UpsqlError(problem('invalid-model-config', `Python model '${model.name}': ${what}`, { hint }), 1);
}

/** A config that is a list of texts; a single text is one of them. */
function texts(model: PythonJob, key: string): string[] {
  const given = model.config[key] ?? [];
  const list: readonly unknown[] = typeof given === 'string' ? [given] : Array.isArray(given) ? given : [undefined];
  return list.map((item) => {
    if (typeof item === 'string' && item !== '') return item;
    throw fail(model, `the config '${key}' has to be a list of texts`, `Write ${key}: ['...'].`);
  });
}

function secrets(model: PythonJob): (readonly [string, string])[] {
  const given = model.config.secrets ?? {};
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw fail(
      model,
      "the config 'secrets' has to be a map",
      "Write secrets: {'name in Python': 'database.schema.secret'}.",
    );
  return Object.entries(given).map(([name, secret]) => [name, String(secret)]);
}

const listed = (items: readonly string[]): string => `(${items.join(', ')})`;

function packagesOf(model: PythonJob): string[] {
  const packages = texts(model, 'packages');
  const names = packages.map((name) => name.split(/[=<>!~[ ]/, 1)[0]);
  return names.includes(SNOWPARK) ? packages : [...packages, SNOWPARK];
}

/**
 * An anonymous procedure that lives for one call; with `use_anonymous_sproc: false` one of the model's schema, which is
 * dropped when it has run. Configs: packages, python_version, imports, external_access_integrations, secrets.
 * Throws UpsqlError (`invalid-model-config`) for configs of another shape, and for code with the marks of its own quotes.
 */
export function pythonProcedure(model: PythonJob, code: string): PythonProcedure {
  if (code.includes('$$'))
    throw fail(
      model,
      "its code holds '$$', which ends the code of a procedure",
      "Write the text in two parts: '$' + '$'. (The code below the model's own text has its relations' names.)",
    );
  const { config } = model;
  const integrations = texts(model, 'external_access_integrations');
  const imports = texts(model, 'imports');
  const secret = secrets(model);
  const clauses = [
    'returns string',
    'language python',
    `runtime_version = ${quoteLiteral(String(config.python_version ?? PYTHON_VERSION))}`,
    `packages = ${listed(packagesOf(model).map(quoteLiteral))}`,
    ...(imports.length === 0 ? [] : [`imports = ${listed(imports.map(quoteLiteral))}`]),
    ...(integrations.length === 0 ? [] : [`external_access_integrations = ${listed(integrations)}`]),
    ...(secret.length === 0
      ? []
      : [`secrets = ${listed(secret.map(([name, of]) => `${quoteLiteral(name)} = ${of}`))}`]),
    "handler = 'main'",
    'execute as caller',
    // Behind the mark at once, so that the interpreter counts the lines as the model's file does.
    `as\n$$${code.trimEnd()}\n$$`,
  ].join('\n');
  const name = `${model.alias}__dbt_sp`;
  if (config.use_anonymous_sproc !== false)
    return { statement: `with ${name} as procedure ()\n${clauses}\ncall ${name}()` };
  const place = [model.database, model.schema, name].filter((part) => part !== null).join('.');
  return {
    statement: `create or replace procedure ${place} ()\n${clauses};\ncall ${place}()`,
    drop: `drop procedure if exists ${place}()`,
  };
}
