/** Files that are in a bucket already. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { problem, UpsqlError } from '../diagnostics/index.js';
import { globMatch, hasWildcard } from '../graph/fnmatch.js';
import type { Bucket } from '../s3/index.js';
import type { LocalFile } from './local-files.js';

/** What `s3://bucket/...` addresses name. */
export interface BucketGlobs {
  readonly bucket: string;
  /** The folder that all of them are below; ends with a slash, or is empty. */
  readonly base: string;
  /** Below `base`. */
  readonly patterns: readonly string[];
}

const ADDRESS = /^s3:\/\/([^/]+)\/(.+)$/;

/** Undefined when no file is in a bucket; a text that says what is wrong. */
export function bucketGlobs(files: readonly string[]): BucketGlobs | string | undefined {
  if (!files.some((one) => /^s3:/i.test(one))) return undefined;
  const found = files.map((one) => ADDRESS.exec(one));
  const [bucket, ...others] = new Set(found.map((one) => one?.[1]));
  if (found.includes(null)) return 'names files of a bucket as well as others; an address is s3://bucket/folder/*.csv';
  if (bucket === undefined || others.length > 0) return 'names files of several buckets';
  const patterns = found.map((one) => one?.[2] ?? '');
  const folders = patterns.map((pattern) => {
    const parts = pattern.split('/');
    const first = parts.findIndex(hasWildcard);
    return parts.slice(0, first === -1 ? -1 : first);
  });
  const [one = []] = folders;
  const differs = one.findIndex((part, i) => folders.some((folder) => folder[i] !== part));
  const base = (differs === -1 ? one : one.slice(0, differs)).map((part) => `${part}/`).join('');
  return { bucket, base, patterns: patterns.map((pattern) => pattern.slice(base.length)) };
}

/** The part of a pattern before its first wildcard. */
function literal(pattern: string): string {
  const at = pattern.search(/[*?[\]]/);
  return at === -1 ? pattern : pattern.slice(0, at);
}

/**
 * Objects that match, by name, without having read them: they are known by their ETag. `fetch` brings one to a file of its
 * own in a temporary folder; `close` takes the folder away. Throws UpsqlError of S3.
 */
export async function findBucketFiles(
  { base, patterns }: BucketGlobs,
  bucket: Bucket,
): Promise<{ readonly files: readonly LocalFile[]; close(): Promise<void> }> {
  const found = new Map<string, LocalFile>();
  let folder: Promise<string> | undefined;
  for (const pattern of patterns)
    for (const { key: whole, bytes, etag } of await bucket.list(base + literal(pattern))) {
      const key = whole.slice(base.length);
      if (whole.endsWith('/') || !(hasWildcard(pattern) ? globMatch(key, pattern) : key === pattern)) continue;
      const name = `s3://${bucket.name}/${whole}`;
      const number = found.size;
      let path = '';
      found.set(whole, {
        name,
        key,
        bytes,
        hash: `etag:${etag}`,
        get path() {
          return path;
        },
        async fetch() {
          folder ??= mkdtemp(join(tmpdir(), 'upsql-ingest-'));
          path = join(await folder, `${number}-${key.split('/').at(-1)}`);
          const got = await bucket.download(whole, path);
          if (got.etag === etag) return;
          const hint = 'Write under another name, or run again to load it.';
          throw new UpsqlError(problem('file-changed', `${name} changed while it was loaded`, { hint }), 1);
        },
        release: () => rm(path, { force: true }),
        unchanged: async () => {},
      });
    }
  return {
    files: [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    async close() {
      if (folder !== undefined) await rm(await folder, { recursive: true, force: true });
    },
  };
}
