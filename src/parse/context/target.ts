/** `target`: the chosen connection without its secrets. */
import { type Dict, toJinja } from '../../jinja/index.js';
import { targetContext } from '../../project/index.js';
import type { ParsedProject } from '../state.js';

export function targetValue(parsed: ParsedProject): Dict {
  return toJinja(targetContext(parsed.project.target)) as Dict;
}
