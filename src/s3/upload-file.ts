/** One file to one object: unchanged, in one piece, or in parts of which those that are there already are not sent again. */
import { type FileHandle, open } from 'node:fs/promises';
import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import { problem, UpsqlError } from '../diagnostics/index.js';
import type { UploadFile, UploadResult } from './bucket.js';
import type { Connection } from './client.js';
import { compositeChecksum, fileChecksum, fingerprint, partSizeFor, readFully, sha256 } from './parts.js';
import { forgetUnfinished, readUnfinished, writeUnfinished } from './resume.js';

export interface Uploading {
  readonly connection: Connection;
  readonly partSize: number | undefined;
  readonly resumeDir: string | undefined;
  readonly onlyChanged: boolean;
  readonly signal: AbortSignal;
  /** Runs work that needs a buffer of at least so many bytes; bounded over all files. */
  withBuffer<T>(bytes: number, work: (buffer: Buffer) => Promise<T>): Promise<T>;
  /** So many bytes more are there. */
  moved(path: string, bytes: number): void;
}

/** Metadata of the object: with it a composite checksum can be made again. */
const PART_SIZE = 'upsql-part-size';

/** Throws UpsqlError `file-changed` and `cannot-read`, and the SDK's errors. */
export async function uploadFile(file: UploadFile, uploading: Uploading): Promise<UploadResult> {
  const handle = await open(file.path, 'r').catch((error: NodeJS.ErrnoException) => {
    throw new UpsqlError(problem('cannot-read', `Can't read ${file.path}: ${error.code ?? error.message}`), 1, error);
  });
  try {
    const before = fingerprint(await handle.stat({ bigint: true }));
    const bytes = (await handle.stat()).size;
    const unchanged = async (): Promise<void> => {
      const now = await handle.stat({ bigint: true });
      // A file that was replaced by another under its name is a change too.
      if (fingerprint(now) !== before) throw changed(file);
    };
    const state = { file, handle, bytes, unchanged };
    if (uploading.onlyChanged) {
      const same = await compare(state, uploading);
      if (same !== undefined) return same;
    }
    return bytes <= partSizeFor(bytes, uploading.partSize)
      ? await putWhole(state, uploading)
      : await putParts(state, uploading);
  } finally {
    await handle.close();
  }
}

interface OpenFile {
  readonly file: UploadFile;
  readonly handle: FileHandle;
  readonly bytes: number;
  /** Throws when the file is no longer what it was when it was opened. */
  unchanged(): Promise<void>;
}

function changed({ path, key }: UploadFile): UpsqlError {
  return new UpsqlError(
    problem('file-changed', `${path} changed while it was uploaded; ${key} stays as it was`, {
      hint: 'Upload files that are complete: write to another name first, then rename. Run again to upload it.',
    }),
    1,
  );
}

/** The object's result when it has the file's content already. */
async function compare({ file, handle, bytes, unchanged }: OpenFile, to: Uploading): Promise<UploadResult | undefined> {
  const head = await headObject(to, file.key);
  const checksum = head?.ChecksumSHA256;
  if (head === undefined || checksum === undefined || head.ContentLength !== bytes) return undefined;
  const composite = checksum.includes('-');
  const partSize = Number(head.Metadata?.[PART_SIZE] ?? 0);
  if (composite && !(partSize > 0)) return undefined;
  if ((await fileChecksum(handle, bytes, partSize, composite)) !== checksum) return undefined;
  await unchanged();
  to.moved(file.path, bytes);
  return { ...file, status: 'unchanged', bytes, sent: 0, etag: unquoted(head.ETag), checksum };
}

/** Undefined when the object is not there or can't be looked at; then the upload itself will say what is wrong. */
async function headObject(
  { connection, signal }: Uploading,
  key: string,
): Promise<HeadObjectCommandOutput | undefined> {
  const { sdk, client, bucket } = connection;
  try {
    const command = new sdk.HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' });
    return await client.send(command, { abortSignal: signal });
  } catch (error) {
    const status = error instanceof sdk.S3ServiceException ? (error.$metadata.httpStatusCode ?? 0) : 0;
    // An answer without a body never says what is wrong.
    if (status >= 300 && status < 500 && status !== 429) return undefined;
    throw error;
  }
}

function putWhole({ file, handle, bytes, unchanged }: OpenFile, to: Uploading): Promise<UploadResult> {
  const { sdk, client, bucket } = to.connection;
  return to.withBuffer(bytes, async (buffer) => {
    to.signal.throwIfAborted();
    const data = await readFully(handle, buffer.subarray(0, bytes), 0);
    const hash = sha256(data);
    await unchanged();
    const checksum = hash.toString('base64');
    const command = new sdk.PutObjectCommand({ Bucket: bucket, Key: file.key, Body: data, ChecksumSHA256: checksum });
    signedBy(command, hash);
    const { ETag } = await client.send(command, { abortSignal: to.signal });
    to.moved(file.path, bytes);
    return { ...file, status: 'uploaded', bytes, sent: bytes, etag: unquoted(ETag), checksum };
  });
}

interface Part {
  readonly etag: string;
  readonly checksum: string;
}

async function putParts(open: OpenFile, to: Uploading): Promise<UploadResult> {
  const { file, bytes, unchanged } = open;
  const { sdk, client, bucket } = to.connection;
  const { uploadId, partSize, there } = await beginParts(open, to);
  const abandon = async (): Promise<void> => {
    const command = new sdk.AbortMultipartUploadCommand({ Bucket: bucket, Key: file.key, UploadId: uploadId });
    await client.send(command).catch(() => undefined);
    if (to.resumeDir !== undefined) await forgetUnfinished(to.resumeDir, bucket, file.key);
  };
  const hashes: Buffer[] = [];
  const parts: Part[] = [];
  let sent = 0;
  const put = async (number: number, buffer: Buffer): Promise<void> => {
    to.signal.throwIfAborted();
    const from = (number - 1) * partSize;
    const length = Math.min(partSize, bytes - from);
    const data = await readFully(open.handle, buffer.subarray(0, length), from);
    if (data.length < length) throw changed(file);
    const hash = sha256(data);
    const checksum = hash.toString('base64');
    hashes[number - 1] = hash;
    const known = there.get(number);
    if (known?.checksum === checksum) {
      parts[number - 1] = known;
    } else {
      const command = new sdk.UploadPartCommand({
        Bucket: bucket,
        Key: file.key,
        UploadId: uploadId,
        PartNumber: number,
        Body: data,
        ChecksumSHA256: checksum,
      });
      signedBy(command, hash);
      const { ETag = '' } = await client.send(command, { abortSignal: to.signal });
      parts[number - 1] = { etag: ETag, checksum };
      sent += length;
    }
    to.moved(file.path, length);
  };
  try {
    const count = Math.ceil(bytes / partSize);
    let failed = false;
    const all = Array.from({ length: count }, (_, i) =>
      to.withBuffer(partSize, async (buffer) => {
        if (failed) return;
        await put(i + 1, buffer).catch((error: unknown) => {
          failed = true;
          throw error;
        });
      }),
    );
    // All have to be at rest before the buffers serve others and the file is closed.
    const ended = await Promise.allSettled(all);
    const broken = ended.find((one) => one.status === 'rejected');
    if (broken !== undefined) throw broken.reason;
    await unchanged();
  } catch (error) {
    const worthless = error instanceof UpsqlError || to.resumeDir === undefined;
    if (worthless) await abandon();
    throw error;
  }
  const checksum = compositeChecksum(hashes);
  const etag = await completeParts(file, uploadId, parts, checksum, to);
  if (to.resumeDir !== undefined) await forgetUnfinished(to.resumeDir, bucket, file.key);
  const status = sent < bytes && there.size > 0 ? 'resumed' : 'uploaded';
  return { ...file, status, bytes, sent, etag: unquoted(etag), checksum };
}

interface Begun {
  readonly uploadId: string;
  readonly partSize: number;
  /** Parts that an earlier try has brought there. */
  readonly there: ReadonlyMap<number, Part>;
}

/** Goes on with an upload that broke off, or begins one. */
async function beginParts({ file, bytes }: OpenFile, to: Uploading): Promise<Begun> {
  const { sdk, client, bucket } = to.connection;
  const at = { Bucket: bucket, Key: file.key };
  const earlier = to.resumeDir === undefined ? undefined : await readUnfinished(to.resumeDir, bucket, file.key);
  // With the same size of parts only: another one would not go into one upload.
  if (earlier !== undefined && bytes > earlier.partSize && bytes <= earlier.partSize * 10_000) {
    try {
      const there = new Map<number, Part>();
      // The SDK's paginator does not look at IsTruncated and so never ends with some servers.
      for (let marker: string | undefined; ; ) {
        const page = await client.send(
          new sdk.ListPartsCommand({ ...at, UploadId: earlier.uploadId, PartNumberMarker: marker }),
          { abortSignal: to.signal },
        );
        for (const { PartNumber = 0, ETag = '', ChecksumSHA256 = '' } of page.Parts ?? [])
          there.set(PartNumber, { etag: ETag, checksum: ChecksumSHA256 });
        marker = page.NextPartNumberMarker;
        if (page.IsTruncated !== true || marker === undefined) break;
      }
      return { ...earlier, there };
    } catch (error) {
      if (!(error instanceof sdk.S3ServiceException) || error.name !== 'NoSuchUpload') throw error;
    }
  }
  const partSize = partSizeFor(bytes, to.partSize);
  const { UploadId: uploadId = '' } = await client.send(
    new sdk.CreateMultipartUploadCommand({
      ...at,
      ChecksumAlgorithm: 'SHA256',
      Metadata: { [PART_SIZE]: String(partSize) },
    }),
    { abortSignal: to.signal },
  );
  if (to.resumeDir !== undefined) await writeUnfinished(to.resumeDir, { bucket, key: file.key, uploadId, partSize });
  return { uploadId, partSize, there: new Map() };
}

/** Makes the object of its parts; gives its ETag. */
async function completeParts(
  file: UploadFile,
  uploadId: string,
  parts: readonly Part[],
  checksum: string,
  to: Uploading,
): Promise<string | undefined> {
  const { sdk, client, bucket } = to.connection;
  const Parts = parts.map((part, i) => ({ PartNumber: i + 1, ETag: part.etag, ChecksumSHA256: part.checksum }));
  const at = { Bucket: bucket, Key: file.key };
  try {
    const command = new sdk.CompleteMultipartUploadCommand({ ...at, UploadId: uploadId, MultipartUpload: { Parts } });
    return (await client.send(command, { abortSignal: to.signal })).ETag;
  } catch (error) {
    if (!(error instanceof sdk.S3ServiceException) || error.name !== 'NoSuchUpload') throw error;
    // The answer to a first try may have been lost after it had its effect.
    const head = await headObject(to, file.key);
    if (head?.ChecksumSHA256 !== checksum) throw error;
    return head.ETag;
  }
}

/** The signature covers the hash of the body, which is known: the SDK need not compute it again. */
function signedBy(
  {
    middlewareStack,
  }: InstanceType<Connection['sdk']['PutObjectCommand']> | InstanceType<Connection['sdk']['UploadPartCommand']>,
  hash: Buffer,
): void {
  const add = middlewareStack.add.bind(middlewareStack) as unknown as (
    middleware: (next: (args: BuildArgs) => unknown) => (args: BuildArgs) => unknown,
    options: { step: 'build' },
  ) => void;
  add(
    (next) => (args) => {
      args.request.headers['x-amz-content-sha256'] = hash.toString('hex');
      return next(args);
    },
    { step: 'build' },
  );
}

interface BuildArgs {
  readonly request: { readonly headers: Record<string, string> };
}

function unquoted(etag: string | undefined): string {
  return (etag ?? '').replace(/^"|"$/g, '');
}
