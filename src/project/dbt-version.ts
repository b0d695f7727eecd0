import { compatible, parseVersion, type Version } from './semver.js';

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
  const bounds: Version[] = [];
  for (const text of [version, ...ranges.flatMap((item) => item.split(','))]) {
    const bound = parseVersion(text.replaceAll(/\s/g, ''));
    if (bound === undefined) return { ok: false, invalid: text.trim() };
    bounds.push(bound);
  }
  return { ok: compatible(...bounds) };
}
