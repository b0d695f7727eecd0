import { setMaxListeners } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { problem, UpsqlError } from '../diagnostics/index.js';
import type { Bucket, BucketOptions, ObjectInfo, UploadFile, UploadOptions, UploadResult } from './bucket.js';
import { type Connection, connect } from './client.js';
import { s3Fault } from './fault.js';
import { limiter } from './parts.js';
import { uploadFile } from './upload-file.js';

const CONCURRENCY = 8;
const MOST_KEYS = 1000;
const DOWNLOAD_TRIES = 3;

/** A bucket to work with. Nothing is asked of it yet. Throws UpsqlError where region or proxy can't be told. */
export async function openBucket(options: BucketOptions): Promise<Bucket> {
  const about = { bucket: options.bucket, region: options.region, endpoint: options.endpoint };
  const connection = await connect(options).catch((error: unknown) => {
    throw s3Fault(error, { ...about, what: 'reach S3' });
  });
  const { bucket, region, endpoint, client } = connection;
  const doing = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw s3Fault(error, { bucket, region, endpoint, what });
    }
  };
  return {
    name: bucket,
    upload: (files, uploading = {}) => upload(connection, files, uploading, doing),
    list: (prefix) => doing(`list ${prefix}`, () => list(connection, prefix)),
    remove: (keys) => doing(`remove ${keys.length} objects`, () => remove(connection, keys)),
    download: (key, path) => doing(`download ${key}`, () => download(connection, key, path)),
    close: () => client.destroy(),
  };
}

type Doing = <T>(what: string, work: () => Promise<T>) => Promise<T>;

async function upload(
  connection: Connection,
  files: readonly UploadFile[],
  options: UploadOptions,
  doing: Doing,
): Promise<readonly UploadResult[]> {
  const { concurrency = CONCURRENCY, onProgress } = options;
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  // Every part under way listens.
  setMaxListeners(0, signal);
  const sizes = await Promise.all(
    files.map(({ path }) =>
      stat(path).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  const totalBytes = sizes.reduce((sum, size) => sum + size, 0);
  let bytes = 0;
  let filesDone = 0;
  const tell = (path: string): void => onProgress?.({ bytes, totalBytes, filesDone, totalFiles: files.length, path });
  const buffers: Buffer[] = [];
  const [partSlot, fileSlot] = [limiter(concurrency), limiter(concurrency)];
  const uploading = {
    connection,
    partSize: options.partSize,
    resumeDir: options.resumeDir,
    onlyChanged: options.onlyChanged ?? true,
    signal,
    withBuffer: <T>(size: number, work: (buffer: Buffer) => Promise<T>): Promise<T> =>
      partSlot(async () => {
        const kept = buffers.pop();
        const buffer = kept !== undefined && kept.length >= size ? kept : Buffer.allocUnsafeSlow(size);
        try {
          return await work(buffer);
        } finally {
          buffers.push(buffer);
        }
      }),
    moved: (path: string, more: number): void => {
      bytes += more;
      tell(path);
    },
  };
  const started = files.map((file) =>
    fileSlot(async () => {
      signal.throwIfAborted();
      const result = await doing(`upload ${file.path} to ${file.key}`, () => uploadFile(file, uploading));
      filesDone += 1;
      tell(file.path);
      return result;
    }).catch((error: unknown) => {
      stop.abort(error);
      throw error;
    }),
  );
  const ended = await Promise.allSettled(started);
  options.signal?.throwIfAborted();
  // The first cause, not what broke off because of it.
  if (stop.signal.aborted) throw stop.signal.reason;
  return ended.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}

async function list({ sdk, client, bucket }: Connection, prefix: string): Promise<readonly ObjectInfo[]> {
  const found: ObjectInfo[] = [];
  for await (const { Contents = [] } of sdk.paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix }))
    for (const { Key = '', Size = 0, ETag = '', LastModified = new Date(0) } of Contents)
      found.push({ key: Key, bytes: Size, etag: ETag.replaceAll('"', ''), modified: LastModified });
  return found;
}

async function remove({ sdk, client, bucket }: Connection, keys: readonly string[]): Promise<void> {
  for (let at = 0; at < keys.length; at += MOST_KEYS) {
    const Objects = keys.slice(at, at + MOST_KEYS).map((Key) => ({ Key }));
    const command = new sdk.DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } });
    const { Errors = [] } = await client.send(command);
    const [first] = Errors;
    if (first !== undefined)
      throw new UpsqlError(
        problem('s3-failed', `Can't remove ${first.Key} and ${Errors.length - 1} more from '${bucket}': ${first.Code}`),
        1,
      );
  }
}

async function download(
  { sdk, client, bucket }: Connection,
  key: string,
  path: string,
): Promise<{ bytes: number; etag: string }> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.part`;
  let written = 0;
  let etag: string | undefined;
  try {
    for (let attempt = 1; ; attempt++) {
      // After a cut it goes on, if the object is still the same.
      const rest = written === 0 ? {} : { Range: `bytes=${written}-`, IfMatch: etag };
      const { Body, ETag } = await client.send(new sdk.GetObjectCommand({ Bucket: bucket, Key: key, ...rest }));
      etag = ETag;
      if (!(Body instanceof Readable)) throw new Error('the answer has no body');
      try {
        await pipeline(Body, createWriteStream(temporary, { flags: written === 0 ? 'w' : 'a' }));
        break;
      } catch (error) {
        if (attempt === DOWNLOAD_TRIES) throw error;
        written = (await stat(temporary).catch(() => ({ size: 0 }))).size;
      }
    }
    const { size } = await stat(temporary);
    await rename(temporary, path);
    return { bytes: size, etag: (etag ?? '').replaceAll('"', '') };
  } finally {
    await rm(temporary, { force: true });
  }
}
