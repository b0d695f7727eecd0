/** package-lock.yml: the text that dbt would write, and the hash that tells whether it is still true. */
import { createHash } from 'node:crypto';
import type { PackageKind } from '../project/package-schemas.js';
import type { PackageSpec } from '../project/packages-file.js';
import type { YamlMap } from '../project/project.js';
import { type Env, SECRET_PREFIX } from '../project/render.js';
import { resolvePlain } from '../project/yaml-scalar.js';
import type { Pinned } from './pinned.js';
import type { Resolved } from './resolve.js';

/** The keys of each kind that count as null where they are absent. */
const OPTIONAL: Readonly<Record<PackageKind, readonly string[]>> = {
  hub: [],
  git: ['revision', 'warn-unpinned', 'subdirectory'],
  local: [],
  tarball: [],
  private: ['provider', 'revision', 'warn-unpinned', 'subdirectory'],
};

/** dbt's `sha1_hash` of what a project asks for: over each entry as sorted JSON, rendered and as written. */
export async function packagesHash(packages: readonly PackageSpec[]): Promise<string> {
  const { jsonDumps, toJinja } = await import('../jinja/index.js');
  const texts = packages.map(({ kind, rendered, unrendered }) => {
    const entry: YamlMap = { ...Object.fromEntries(OPTIONAL[kind].map((key) => [key, null])), ...rendered, unrendered };
    if (kind === 'hub') entry.install_prerelease ??= 'install_prerelease' in rendered ? null : false;
    if (entry.name === null) delete entry.name;
    return jsonDumps(toJinja(entry), { sortKeys: true });
  });
  return createHash('sha1').update(texts.sort(byCodePoint).join('\n'), 'utf8').digest('hex');
}

function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** The text of the lock file, and the addresses in it that had a secret's value, which stands there masked. */
export function lockFileText(
  resolved: readonly Resolved[],
  hash: string,
  env: Env,
): { readonly text: string; readonly scrubbed: readonly string[] } {
  const secrets = Object.entries(env)
    .flatMap(([name, value]) => (name.startsWith(SECRET_PREFIX) && value?.trim() ? [value] : []))
    .sort((a, b) => b.length - a.length);
  const scrubbed: string[] = [];
  const scrub = (address: string): string => {
    const hidden = secrets.reduce((text, secret) => text.replaceAll(secret, '*****'), address);
    if (hidden !== address) scrubbed.push(hidden);
    return hidden;
  };
  const items = resolved.map(({ pinned, description }) => {
    const entry = { ...entryOf(pinned, description.commit, scrub), name: description.projectName };
    const lines = Object.entries(entry)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => `${key}: ${scalar(value, key.length + 6)}\n`);
    return `  - ${lines.join('    ')}`;
  });
  const list = items.length === 0 ? 'packages: []\n' : `packages:\n${items.join('')}`;
  return { text: `${list}sha1_hash: ${scalar(hash, 11)}\n`, scrubbed };
}

function entryOf(pinned: Pinned, commit: string | undefined, scrub: (text: string) => string): Record<string, string> {
  switch (pinned.kind) {
    case 'hub':
      return { package: pinned.package, version: pinned.version };
    case 'git':
      return {
        git: scrub(pinned.unrendered),
        revision: commit ?? pinned.revision,
        ...(pinned.subdirectory === undefined || pinned.subdirectory === ''
          ? {}
          : { subdirectory: pinned.subdirectory }),
      };
    case 'local':
      return { local: pinned.local };
    case 'tarball':
      return { tarball: scrub(pinned.unrendered) };
  }
}

const WIDTH = 80;
const CONTINUED = '\n      ';

/** A text as PyYAML writes it, at a column of its line: plain where it can be, else quoted, long ones broken at blanks. */
function scalar(text: string, column: number): string {
  if (/[^\x20-\x7e]/.test(text)) return doubleQuoted(text);
  const plain =
    text !== '' &&
    text === text.trim() &&
    typeof resolvePlain(text) === 'string' &&
    text !== '=' &&
    text !== '<<' &&
    !/^(?:[#,[\]{}&*!|>'"%@`]|---|\.\.\.|[-?:](?: |$))/.test(text) &&
    !/: | #|:$/.test(text);
  return plain ? fold(text, column) : `'${fold(text.replaceAll("'", "''"), column + 1)}'`;
}

/** A single blank past the width becomes a line break. */
function fold(text: string, start: number): string {
  let column = start;
  return text.replace(/( +)|[^ ]+/g, (part, blanks: string | undefined, at: number) => {
    if (blanks === ' ' && column > WIDTH && at > 0 && at + 1 < text.length) {
      column = CONTINUED.length - 1;
      return CONTINUED;
    }
    column += part.length;
    return part;
  });
}

const ESCAPES: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\t': '\\t', '\r': '\\r' };

function doubleQuoted(text: string): string {
  const inner = [...text].map((letter) => {
    const code = letter.codePointAt(0) ?? 0;
    if (ESCAPES[letter] !== undefined) return ESCAPES[letter];
    if (code >= 0x20 && code <= 0x7e) return letter;
    const hex = code.toString(16).toUpperCase();
    if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
    return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
  });
  return `"${inner.join('')}"`;
}
