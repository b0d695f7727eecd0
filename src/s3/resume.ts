/** Which multipart uploads are under way, by object, so that one that was killed can go on. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { writeAtomic } from '../artifacts/write-atomic.js';
import { sha256 } from './parts.js';

const schema = v.object({ bucket: v.string(), key: v.string(), uploadId: v.string(), partSize: v.number() });

export type Unfinished = v.InferOutput<typeof schema>;

function fileOf(dir: string, bucket: string, key: string): string {
  return join(
    dir,
    `${sha256(Buffer.from(`${bucket}\0${key}`))
      .toString('hex')
      .slice(0, 32)}.json`,
  );
}

/** Undefined when there is none, or none that can be read. */
export async function readUnfinished(dir: string, bucket: string, key: string): Promise<Unfinished | undefined> {
  try {
    const found = v.safeParse(schema, JSON.parse(await readFile(fileOf(dir, bucket, key), 'utf8')));
    return found.success && found.output.bucket === bucket && found.output.key === key ? found.output : undefined;
  } catch {
    return undefined;
  }
}

export function writeUnfinished(dir: string, upload: Unfinished): Promise<void> {
  return writeAtomic(fileOf(dir, upload.bucket, upload.key), [JSON.stringify(upload)]);
}

export async function forgetUnfinished(dir: string, bucket: string, key: string): Promise<void> {
  await rm(fileOf(dir, bucket, key), { force: true });
}
