/** The version of dbt-core whose language upsql implements: `dbt_version` in Jinja, and what `require-dbt-version` is held against. */
export const DBT_VERSION = '1.11.16';

/**
 * Whether `version` satisfies every range of `ranges` (`>=1.6.0`, `<2.0.0`, `1.7.0`, each item possibly a comma-separated
 * list). Gives the first text that is no range as `invalid`.
 */
export function satisfies(
  version: string,
  ranges: readonly string[],
): { readonly ok: boolean; readonly invalid?: string } {
  const have = parseVersion(version);
  if (have === undefined) return { ok: false, invalid: version };
  for (const range of ranges.flatMap((item) => item.split(','))) {
    const match = /^\s*(>=|<=|>|<|=)?\s*v?(\S+)\s*$/.exec(range);
    const want = match?.[2] === undefined ? undefined : parseVersion(match[2]);
    if (match === null || want === undefined) return { ok: false, invalid: range.trim() };
    const order = compareVersions(have, want);
    const holds = { '>=': order >= 0, '<=': order <= 0, '>': order > 0, '<': order < 0, '=': order === 0 };
    if (!holds[(match[1] ?? '=') as keyof typeof holds]) return { ok: false };
  }
  return { ok: true };
}

interface Version {
  readonly numbers: readonly number[];
  readonly prerelease: string;
}

function parseVersion(text: string): Version | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)(?:-?((?:a|b|rc|alpha|beta)[0-9A-Za-z.-]*))?(?:\+\S*)?$/.exec(text);
  if (match === null) return undefined;
  return { numbers: match.slice(1, 4).map(Number), prerelease: match[4] ?? '' };
}

function compareVersions(a: Version, b: Version): number {
  for (const [i, n] of a.numbers.entries()) {
    const difference = n - (b.numbers[i] ?? 0);
    if (difference !== 0) return difference;
  }
  if (a.prerelease === b.prerelease) return 0;
  if (a.prerelease === '') return 1;
  if (b.prerelease === '') return -1;
  return a.prerelease.localeCompare(b.prerelease, 'en', { numeric: true });
}
