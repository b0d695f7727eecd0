import { Dict, DictView, NamedTuple, PyIterator, PySet, Range, Tuple } from './collections.js';
import { Float } from './float.js';
import { HostFunction, HostObject } from './host.js';
import { Undefined } from './undefined.js';

/** Python's name of a value's type, for messages. */
export function typeName(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return 'str';
    case 'number':
    case 'bigint':
      return 'int';
    case 'boolean':
      return 'bool';
    default:
  }
  if (value === null) return 'NoneType';
  if (value instanceof Float) return 'float';
  if (Array.isArray(value)) return 'list';
  if (value instanceof NamedTuple) return '_GroupTuple';
  if (value instanceof Tuple) return 'tuple';
  if (value instanceof Dict) return 'dict';
  if (value instanceof PySet) return 'set';
  if (value instanceof Undefined) return 'Undefined';
  if (value instanceof DictView) return `dict_${value.kind}`;
  if (value instanceof Range) return 'range';
  if (value instanceof PyIterator) return 'generator';
  if (value instanceof HostFunction) return 'function';
  if (value instanceof HostObject) return value.typeName;
  return 'object';
}
