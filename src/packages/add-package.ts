/** `--add-package`: a further entry in packages.yml. */
import { isMap, isSeq, parseDocument } from 'yaml';
import { problem, UpsqlError } from '../diagnostics/index.js';
import { isYamlMap } from '../project/yaml-map.js';

export interface NewPackage {
  readonly source: 'hub' | 'git' | 'local';
  readonly name: string;
  /** Version, list of versions with commas between, or revision. */
  readonly version: string | undefined;
}

/**
 * Reads `NAME@VERSION`. The `@` of a git address (`git@host:path`, `https://user@host/…`) starts no version.
 * Throws UpsqlError where the version is missing that hub and git packages need.
 */
export function parseNewPackage(text: string, source: NewPackage['source']): NewPackage {
  const at = text.lastIndexOf('@');
  const before = text.slice(0, at);
  const after = text.slice(at + 1);
  const inAddress = after.includes(':') || /^[a-z][a-z0-9+.-]*:\/\/[^/]*$/i.test(before);
  const split = at > 0 && !inAddress;
  const name = split ? before : text;
  const version = split && after !== '' ? after : undefined;
  if (version === undefined && source !== 'local')
    throw new UpsqlError(
      problem('usage', `--add-package needs a version for a ${source} package`, {
        hint:
          source === 'hub'
            ? `Such as --add-package ${name}@1.0.0, or ">=1.0.0,<2.0.0" for a range.`
            : `Such as --add-package ${name}@v1.0.0.`,
      }),
    );
  return { source, name, version };
}

/** The text of packages.yml with a new entry at the end, comments kept, and the entries it takes the place of. */
export function addPackage(
  text: string,
  added: NewPackage,
): { readonly text: string; readonly removed: readonly Readonly<Record<string, unknown>>[] } {
  const document = parseDocument(text, { version: '1.1', keepSourceTokens: true });
  if (!isMap(document.contents)) document.contents = document.createNode({}) as unknown as typeof document.contents;
  let list: unknown = document.get('packages', true);
  if (!isSeq(list)) {
    list = document.createNode([]);
    document.set('packages', list);
  }
  const removed: Record<string, unknown>[] = [];
  if (isSeq(list)) {
    list.flow = false;
    list.items = list.items.filter((item) => {
      const entry: unknown = isMap(item) ? item.toJSON() : undefined;
      if (!isYamlMap(entry) || !isSamePackage(entry, added.name)) return true;
      removed.push(entry);
      return false;
    });
    list.add(document.createNode(entryOf(added)));
  }
  return { text: document.toString({ lineWidth: 0 }), removed };
}

function entryOf({ source, name, version }: NewPackage): Record<string, string | string[]> {
  const value = version?.includes(',') ? version.split(',') : version;
  const key = source === 'hub' ? 'package' : source;
  const versionKey = source === 'git' ? 'revision' : 'version';
  return { [key]: name, ...(value === undefined || source === 'local' ? {} : { [versionKey]: value }) };
}

/**
 * As in dbt: an entry of any kind whose address has the name in it as whole words between `/` and `.`, with `_` and `-`
 * alike, and with or without what stands before the last `/`.
 */
function isSamePackage(entry: Readonly<Record<string, unknown>>, name: string): boolean {
  const address = ['package', 'git', 'local', 'tarball', 'private'].map((key) => entry[key]).find(Boolean);
  if (typeof address !== 'string') return false;
  const short = name.includes('/') ? [name, name.slice(name.lastIndexOf('/') + 1)] : [name];
  const spellings = new Set(short.flatMap((form) => [form, form.replaceAll('_', '-'), form.replaceAll('-', '_')]));
  return [...spellings].some((form) => {
    const at = address.indexOf(form);
    if (form === '' || at === -1) return false;
    const borders = [address.charAt(at - 1), address.charAt(at + form.length)];
    return borders.every((letter) => letter === '' || letter === '/' || letter === '.');
  });
}
