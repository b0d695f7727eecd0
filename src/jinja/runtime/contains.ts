import { Fault } from '../error.js';
import { Dict, DictView, PySet, Range, Tuple } from '../values/collections.js';
import { equals } from '../values/compare.js';
import { HostObject } from '../values/host.js';
import { iterableOf } from '../values/iterate.js';
import { typeName } from '../values/types.js';
import { Undefined } from '../values/undefined.js';

/** Python's `item in container`. */
export function contains(container: unknown, item: unknown): boolean {
  if (typeof container === 'string') {
    if (typeof item === 'string') return container.includes(item);
    throw new Fault('TypeError', `'in <string>' requires string as left operand, not ${typeName(item)}`);
  }
  if (container instanceof Dict) return container.has(item);
  if (container instanceof PySet) return container.has(item);
  if (container instanceof DictView && container.kind === 'keys') return container.dict.has(item);
  if (Array.isArray(container)) return container.some((other) => equals(other, item));
  if (container instanceof Tuple) return container.items.some((other) => equals(other, item));
  if (container instanceof Range) return new PySet(container.items()).has(item);
  if (container instanceof Undefined) return false;
  if (container instanceof HostObject) {
    const known = container.contains(item);
    if (known !== undefined) return known;
  }
  const items = iterableOf(container);
  if (items === undefined) throw new Fault('TypeError', `argument of type '${typeName(container)}' is not iterable`);
  for (const other of items) if (equals(other, item)) return true;
  return false;
}
