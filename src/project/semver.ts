/**
 * Versions and version ranges as dbt reads them, for packages and `require-dbt-version`. An own parser, because the
 * `semver` of npm is another language: dbt knows no `^`, `~`, `||` or `x`, wants all three numbers, takes a prerelease
 * without its dash (`1.0.0rc1`), lets a range reach prereleases, and keeps them out of `<2.0.0` only.
 */

export type Matcher = '=' | '>' | '>=' | '<' | '<=';

/** One bound: `>=1.2.0`; a bare `1.2.0` has the matcher `=`. */
export interface Version {
  readonly matcher: Matcher;
  readonly numbers: readonly [bigint, bigint, bigint];
  readonly prerelease: string | undefined;
  readonly build: string | undefined;
}

/** What satisfies all of some bounds; an absent end is open. */
export interface VersionRange {
  readonly start: Version | undefined;
  readonly end: Version | undefined;
}

const NUMBER = '(0|[1-9][0-9]*)';
const TAG = '(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)';
const BUILD = '[0-9A-Za-z-]*';
const VERSION = new RegExp(
  `^(>=|>|<=|<|=)?${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-?(${TAG}(?:\\.${TAG})*))?(?:\\+(${BUILD}(?:\\.${BUILD})*))?$`,
);

/** Undefined for a text that is no version. */
export function parseVersion(text: string): Version | undefined {
  const match = VERSION.exec(text);
  if (match === null) return undefined;
  const [, matcher = '=', major = '', minor = '', patch = '', prerelease, build] = match;
  return {
    matcher: matcher as Matcher,
    numbers: [BigInt(major), BigInt(minor), BigInt(patch)],
    prerelease: prerelease === '' ? undefined : prerelease,
    build: build === '' ? undefined : build,
  };
}

/** `>=1.2.0-rc1`; without its matcher, `1.2.0-rc1`. */
export function versionText(version: Version, { matcher = true } = {}): string {
  const tag = version.prerelease === undefined ? '' : `-${version.prerelease}`;
  const build = version.build === undefined ? '' : `+${version.build}`;
  return `${matcher ? version.matcher : ''}${version.numbers.join('.')}${tag}${build}`;
}

/** `>=1.0.0, <2.0.0`, `=1.0.0` or `any version`. */
export function rangeText(range: VersionRange): string {
  const ends = [range.start, range.end].filter((end) => end !== undefined).map((end) => versionText(end));
  return ends.length === 0 ? 'any version' : [...new Set(ends)].join(', ');
}

/**
 * The order of two bounds: below zero when `a` comes first. Equal numbers are told apart by prerelease and then by what
 * the matchers include. It is no total order: `<2.0.0` comes before `2.0.0-rc1`, so that no range up to 2.0.0 reaches it.
 */
export function compareVersions(a: Version, b: Version): number {
  for (const index of [0, 1, 2] as const) {
    if (a.numbers[index] !== b.numbers[index]) return a.numbers[index] > b.numbers[index] ? 1 : -1;
  }
  if (a.prerelease !== b.prerelease) {
    if (a.prerelease === undefined) return a.matcher === '<' ? -1 : 1;
    if (b.prerelease === undefined) return -1;
    const order = comparePrereleases(a.prerelease, b.prerelease);
    if (order !== 0) return order;
  }
  const rank = (first: Matcher, second: Matcher): boolean => a.matcher === first && b.matcher === second;
  if (rank('>=', '<=') || rank('<=', '>=')) return 0;
  if (rank('<', '<=') || rank('>=', '>') || (isUpper(a) && isLower(b))) return -1;
  if (rank('<=', '<') || rank('>', '>=') || (isLower(a) && isUpper(b))) return 1;
  return 0;
}

function comparePrereleases(a: string, b: string): number {
  const left = a.split('.');
  const right = b.split('.');
  for (const [index, part] of left.entries()) {
    const other = right[index];
    if (other === undefined) break;
    const order = compareTags(part, other);
    if (order !== 0) return order;
  }
  return Math.sign(a.length - b.length);
}

/** Numbers come before words. */
function compareTags(a: string, b: string): number {
  const numbers = [/^[0-9]+$/.test(a), /^[0-9]+$/.test(b)];
  if (numbers[0] && numbers[1]) return BigInt(a) === BigInt(b) ? 0 : BigInt(a) > BigInt(b) ? 1 : -1;
  if (numbers[0]) return -1;
  if (numbers[1]) return 1;
  return a === b ? 0 : a > b ? 1 : -1;
}

const isLower = ({ matcher }: Version): boolean => matcher === '>' || matcher === '>=';
const isUpper = ({ matcher }: Version): boolean => matcher === '<' || matcher === '<=';
const isExact = (version: Version): boolean => version.matcher === '=';

function toRange(version: Version): VersionRange {
  if (isExact(version)) return { start: version, end: version };
  return isLower(version) ? { start: version, end: undefined } : { start: undefined, end: version };
}

/** The range that satisfies all bounds, or undefined where none can. */
export function intersect(bounds: readonly Version[]): VersionRange | undefined {
  const last = bounds.at(-1);
  if (last === undefined) return { start: undefined, end: undefined };
  let range: VersionRange | undefined = toRange(last);
  for (const bound of bounds.slice(0, -1)) {
    range = combine(range, toRange(bound));
    if (range === undefined) return undefined;
  }
  return range;
}

function combine(a: VersionRange, b: VersionRange): VersionRange | undefined {
  if (a.start !== undefined && b.start !== undefined && isExact(a.start) && isExact(b.start)) {
    return compareVersions(a.start, b.start) === 0 ? { start: a.start, end: a.start } : undefined;
  }
  const start = tighter(a.start, b.start, 1);
  const end = tighter(a.end, b.end, -1);
  if (start === null || end === null) return undefined;
  return start !== undefined && end !== undefined && compareVersions(start, end) > 0 ? undefined : { start, end };
}

/** The narrower of two lower (`side` 1) or upper (-1) bounds; null where an exact version lies beyond the other. */
function tighter(a: Version | undefined, b: Version | undefined, side: 1 | -1): Version | undefined | null {
  if (a === undefined || b === undefined) return a ?? b;
  if (!isExact(a) && !isExact(b)) return compareVersions(a, b) * side < 0 ? b : a;
  const [bound, exact] = isExact(a) ? [b, a] : [a, b];
  const order = compareVersions(bound, exact) * side;
  return order < 0 || (order === 0 && bound.matcher === (side === 1 ? '>=' : '<=')) ? exact : null;
}

/** Whether some version satisfies all bounds. */
export function compatible(...bounds: readonly (Version | undefined)[]): boolean {
  return intersect(bounds.filter((bound) => bound !== undefined)) !== undefined;
}

/**
 * The versions in ascending order, without prereleases unless they are wanted. Two spellings of one version (`1.0.0rc1`,
 * `1.0.0-rc1`) both become the later one, as in dbt. Throws UnreadableVersion.
 */
export function installable(versions: readonly string[], prereleases: boolean): string[] {
  const spelling = new Map<string, string>();
  return versions
    .map((text) => {
      const version = readVersion(text);
      if (prereleases || version.prerelease === undefined) spelling.set(versionText(version), text);
      return version;
    })
    .filter((version) => prereleases || version.prerelease === undefined)
    .sort(compareVersions)
    .map((version) => spelling.get(versionText(version)) ?? versionText(version));
}

/** The highest of `versions` in `range`. Throws UnreadableVersion. */
export function highest(versions: readonly string[], range: VersionRange): string | undefined {
  let best: { readonly text: string; readonly version: Version } | undefined;
  for (const text of versions) {
    const version = readVersion(text);
    if (!compatible(version, range.start, range.end)) continue;
    if (best === undefined || compareVersions(best.version, version) < 0) best = { text, version };
  }
  return best?.text;
}

/** Thrown for a text that should be a version. */
export class UnreadableVersion extends Error {
  readonly text: string;

  constructor(text: string) {
    super(`'${text}' is no version`);
    this.name = 'UnreadableVersion';
    this.text = text;
  }
}

/** @throws UnreadableVersion */
export function readVersion(text: string): Version {
  const version = parseVersion(text);
  if (version === undefined) throw new UnreadableVersion(text);
  return version;
}
