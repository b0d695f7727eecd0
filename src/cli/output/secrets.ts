import type { YamlValue } from '../../project/project.js';
import type { Env } from '../io.js';

const SECRET_KEY = /pass|secret|token|private_?key|api_?key|access_?key|credential|pwd/i;
/** Keys of profiles.yml whose values are no secrets; every other value is hidden when the file is shown. */
const PLAIN_KEY =
  /^(type|target|targets|outputs|threads|schema|database|path|host|port|user|account|warehouse|role|extensions|settings|config)$/;
const MASK = '*****';

/** Knows the secret values of this run and takes them out of any text. */
export interface Secrets {
  add(values: Iterable<string>): void;
  hide(text: string): string;
}

/** Starts with what the environment calls secret (`DBT_ENV_SECRET_…`, `DBT_ENGINE_…SECRET…`). */
export function createSecrets(env: Env): Secrets {
  let known: string[] = [];
  const add = (values: Iterable<string>): void => {
    const all = new Set(known);
    // One or two characters would blot out ordinary text.
    for (const value of values) if (value.trim().length > 2) all.add(value);
    known = [...all].sort((a, b) => b.length - a.length);
  };
  add(
    Object.entries(env).flatMap(([name, value]) =>
      /^DBT_(ENGINE_)?ENV_(CUSTOM_ENV_)?SECRET/.test(name) && value ? [value] : [],
    ),
  );
  return {
    add,
    hide: (text) =>
      known.reduce((rest, secret) => (rest.includes(secret) ? rest.replaceAll(secret, MASK) : rest), text),
  };
}

/** The values under keys that sound secret, at any depth. */
export function secretValues(value: YamlValue, isSecret = false): string[] {
  if (value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item) => secretValues(item, isSecret));
  if (typeof value === 'object') {
    return Object.entries(value).flatMap(([key, item]) => secretValues(item, isSecret || SECRET_KEY.test(key)));
  }
  return isSecret && typeof value !== 'boolean' ? [String(value)] : [];
}

/** The text of a profiles.yml with its values hidden, line by line, so that a place in it can be shown. */
export function maskProfiles(text: string): string {
  return text
    .split('\n')
    .map((line) => {
      const pair = /^(\s*(?:-\s+)?)(["']?)([\w.-]+)\2(\s*:\s*)(.*)$/.exec(line);
      if (pair === null) return /^\s*(#.*)?$/.test(line) ? line : line.replace(/\S.*/, MASK);
      const [, indent = '', quote = '', key = '', colon = '', value = ''] = pair;
      const plain = value === '' || (PLAIN_KEY.test(key) && !/[{[]/.test(value));
      return plain ? line : `${indent}${quote}${key}${quote}${colon}${MASK}`;
    })
    .join('\n');
}

/** The secret values in a profiles.yml that could not be read as YAML. */
export function secretsInProfiles(text: string): string[] {
  const found: string[] = [];
  for (const match of text.matchAll(/["']?([\w.-]+)["']?\s*:\s*("[^"\n]*"|'[^'\n]*'|[^\s,}#][^,}\n]*)/g)) {
    const [, key = '', value = ''] = match;
    if (SECRET_KEY.test(key)) found.push(value.trim().replace(/^(["'])(.*)\1$/, '$2'));
  }
  return found;
}
