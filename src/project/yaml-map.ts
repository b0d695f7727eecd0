import { Float } from '../jinja/values/float.js';
import type { YamlMap, YamlValue } from './project.js';

/** Whether a value is a map (and no list, text or number). */
export function isYamlMap(value: unknown): value is YamlMap {
  return value !== null && typeof value === 'object' && !Array.isArray(value) && !(value instanceof Float);
}

/** Sets a key of a plain object, `__proto__` included. */
export function setKey(map: YamlMap, key: string, value: YamlValue): void {
  if (key === '__proto__')
    Object.defineProperty(map, key, { value, enumerable: true, writable: true, configurable: true });
  else map[key] = value;
}
