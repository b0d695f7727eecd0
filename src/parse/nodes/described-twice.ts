/** Entries of properties YAML for what another entry has described already: dbt refuses both. */
import { problem } from '../../diagnostics/index.js';
import type { PropertyEntry } from '../../project/index.js';
import type { ParsedProject } from '../state.js';

/** An error at the second entry; `what` is `model 'orders'`, `first` the path of the file with the first one. */
export function reportTwice(parsed: ParsedProject, entry: PropertyEntry, what: string, first: string): void {
  const where = first === entry.originalFilePath ? first : `${first} and in ${entry.originalFilePath}`;
  parsed.diagnostics.push(
    problem('duplicate-properties', `There are two entries for ${what}: in ${where}.`, {
      place: entry.place,
      source: entry.document.text,
      hint: 'Put what they say into one of them and remove the other.',
    }),
  );
}

/** Whether an entry was laid over a node before; if so, this is reported. */
export function describedBefore(
  parsed: ParsedProject,
  entry: PropertyEntry,
  what: string,
  node: { readonly patch_path: string | null },
): boolean {
  if (node.patch_path === null) return false;
  reportTwice(parsed, entry, what, node.patch_path.replace(/^[^:]*:\/\//, ''));
  return true;
}
