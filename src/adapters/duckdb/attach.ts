import { resolve } from 'node:path';
import type { YamlMap, YamlValue } from '../../project/project.js';
import { quoteIdentifier, quoteLiteral } from './dialect.js';
import { asList, asMap, asText, invalid, isMapping, optionalText } from './fields.js';

/** A database beside the main one. */
export interface Attachment {
  readonly alias: string;
  /** `duckdb`, `sqlite`, `postgres` ... */
  readonly type: string;
  readonly sql: string;
}

/** A path that names a file (not memory, not a URL or a connection string), made absolute. */
export function resolveFile(path: string, root: string): string {
  return path === ':memory:' || path === '' || /^[A-Za-z][A-Za-z0-9+.-]+:/.test(path) ? path : resolve(root, path);
}

/**
 * The name that DuckDB gives a database by its path, which dbt-duckdb takes for `database`: the file's name up to the
 * first dot, `memory` for `:memory:`.
 */
export function databaseNameOf(path: string): string {
  if (path === ':memory:' || path === '') return 'memory';
  const withoutQuery = path.replace(/\?.*$/, '');
  const base = withoutQuery.split(/[/\\]/).at(-1) ?? '';
  const name = base.replace(/^[A-Za-z][A-Za-z0-9+.-]+:/, '').replace(/^\.+/, '');
  const stem = name.split('.')[0] ?? '';
  return stem === '' && /^(md|motherduck):/.test(path) ? 'my_db' : stem;
}

function option(key: string, value: YamlValue): string | undefined {
  const name = key.toUpperCase();
  if (!/^\w+$/.test(key)) throw invalid(`attach option '${key}' is no option name`);
  if (value === null || value === false) return undefined;
  if (value === true) return name;
  if (isMapping(value) || Array.isArray(value)) throw invalid(`attach option '${key}' must be a single value`);
  const quoted = typeof value === 'string' && /^\s*(['"]).*\1\s*$/s.test(value);
  return `${name} ${typeof value === 'string' && !quoted ? quoteLiteral(value) : value}`;
}

/** `attach:` of a profile, in order. */
export function readAttachments(value: YamlValue | undefined, root: string): Attachment[] {
  return asList(value, 'attach').map((item) => {
    const entry: YamlMap = asMap(item, 'an entry of attach');
    const options = asMap(entry.options ?? {}, 'attach.options');
    for (const key of ['type', 'secret', 'read_only']) {
      if (entry[key] && key in options) throw invalid(`attach gives '${key}' twice: beside 'path' and under 'options'`);
    }
    const { type: innerType, secret: innerSecret, read_only: innerReadOnly, ...others } = options;
    const type = optionalText(entry.type ?? innerType, 'attach.type');
    const secret = optionalText(entry.secret ?? innerSecret, 'attach.secret');
    const path = asText(entry.path, 'attach.path');
    const isFile = type === undefined || /^(duckdb|sqlite)$/i.test(type);
    const where = isFile ? resolveFile(path, root) : path;
    const list = [
      type && `TYPE ${type}`,
      secret && `SECRET ${secret}`,
      (entry.read_only || innerReadOnly) && 'READ_ONLY',
      ...Object.entries(others).map(([key, value]) => option(key, value)),
    ].filter((text) => typeof text === 'string' && text !== '');
    const alias = optionalText(entry.alias, 'attach.alias');
    const target = /^(md|motherduck):/.test(where) ? where.replace(/\?.*$/, '') : where;
    const as = alias === undefined ? '' : ` as ${quoteIdentifier(alias)}`;
    return {
      alias: alias ?? databaseNameOf(path),
      type: type?.toLowerCase() ?? 'duckdb',
      sql: `attach if not exists ${quoteLiteral(target)}${as}${list.length > 0 ? ` (${list.join(', ')})` : ''}`,
    };
  });
}
