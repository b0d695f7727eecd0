import { Float } from '../jinja/values/float.js';
import { HostObject } from '../jinja/values/host.js';
import type { YamlDate, YamlMap, YamlValue } from './project.js';

/** Whether a value is a map (and no list, text or number). */
export function isYamlMap(value: unknown): value is YamlMap {
  return (
    value !== null &&
    typeof value === 'object' &&
    !Array.isArray(value) &&
    !(value instanceof Float) &&
    !(value instanceof HostObject)
  );
}

export function isYamlDate(value: YamlValue): value is YamlDate {
  return value instanceof HostObject;
}

/** A value with ISO text in the place of its dates; the same one where it has none. */
export function withIsoDates(value: YamlValue): YamlValue {
  if (typeof value !== 'object' || value === null) return value;
  if (isYamlDate(value)) return value.toJSON();
  if (Array.isArray(value)) {
    const items = value.map(withIsoDates);
    return items.some((item, i) => item !== value[i]) ? items : value;
  }
  if (!isYamlMap(value)) return value;
  let out: YamlMap | undefined;
  for (const [key, item] of Object.entries(value)) {
    const iso = withIsoDates(item);
    if (iso === item) continue;
    out ??= { ...value };
    setKey(out, key, iso);
  }
  return out ?? value;
}

/** Sets a key of a plain object, `__proto__` included. */
export function setKey(map: YamlMap, key: string, value: YamlValue): void {
  if (key === '__proto__')
    Object.defineProperty(map, key, { value, enumerable: true, writable: true, configurable: true });
  else map[key] = value;
}
