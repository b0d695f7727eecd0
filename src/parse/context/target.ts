/** `target`: the chosen connection without its secrets. */
import { type Dict, toJinja } from '../../jinja/index.js';
import { targetContext } from '../../project/index.js';
import type { ParsedProject } from '../state.js';

const CONTEXTS = new WeakMap<object, ReturnType<typeof targetContext>>();

export function targetValue({ project: { target } }: ParsedProject): Dict {
  let context = CONTEXTS.get(target);
  if (context === undefined) {
    context = targetContext(target);
    CONTEXTS.set(target, context);
  }
  return toJinja(context) as Dict;
}
