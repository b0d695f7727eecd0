import type { YamlValue } from '../../project/project.js';
import { quoteLiteral } from './dialect.js';
import { asList, asMap, asText, invalid, isMapping } from './fields.js';

const BARE = new Set(['type', 'provider']);

function parameter(key: string, value: YamlValue): string {
  if (!/^\w+$/.test(key)) throw invalid(`secrets: '${key}' is no parameter name`);
  if (Array.isArray(value)) return `${key} [${value.map((v) => quoteLiteral(asText(v, `secrets.${key}`))).join(', ')}]`;
  if (isMapping(value)) {
    const entries = Object.entries(value).map(([k, v]) => `${quoteLiteral(k)}: ${quoteLiteral(asText(v, k))}`);
    return `${key} map {${entries.join(', ')}}`;
  }
  const text = asText(value, `secrets.${key}`);
  return `${key} ${BARE.has(key) && /^\w+$/.test(text) ? text : quoteLiteral(text)}`;
}

/** `create secret` statements of a profile's `secrets:`. Never print them. */
export function secretStatements(value: YamlValue | undefined): string[] {
  return asList(value, 'secrets').map((item, i) => {
    const { name, persistent, ...parameters } = asMap(item, 'an entry of secrets');
    asText(parameters.type, 'secrets.type');
    const scopes = Array.isArray(parameters.scope) ? parameters.scope : [parameters.scope];
    delete parameters.scope;
    const list = Object.entries(parameters)
      .filter(([, v]) => v !== null)
      .map(([k, v]) => parameter(k, v));
    for (const scope of scopes) if (scope !== undefined && scope !== null) list.push(parameter('scope', scope));
    const called = name === undefined || name === null ? `__upsql_secret_${i + 1}` : asText(name, 'secrets.name');
    return `create or replace ${persistent === true ? 'persistent ' : ''}secret ${called} (${list.join(', ')})`;
  });
}

/** Every text in a profile's secret fields, so that it can be taken out of messages. */
export function secretTexts(value: YamlValue | undefined): string[] {
  if (typeof value === 'string') return value.length > 3 ? [value] : [];
  if (Array.isArray(value)) return value.flatMap(secretTexts);
  return isMapping(value) ? Object.values(value).flatMap(secretTexts) : [];
}
