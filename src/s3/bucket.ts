/** What the rest of upsql sees of a bucket. */

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Whatever is left out comes by the usual AWS chain: environment, shared config and profile, role of the container or machine. */
export interface BucketOptions {
  readonly bucket: string;
  readonly region?: string;
  /** Of a server that speaks S3 but is not Amazon's: `https://minio.example.com`. */
  readonly endpoint?: string;
  /** `endpoint/bucket/key` instead of `bucket.endpoint/key`. */
  readonly forcePathStyle?: boolean;
  readonly credentials?: S3Credentials;
  /** Name of a profile of the shared config. */
  readonly profile?: string;
  /** Where HTTPS_PROXY and its like are read. Default: the process's. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface UploadFile {
  /** Of the local file. */
  readonly path: string;
  /** Name of the object, without a leading slash. */
  readonly key: string;
}

export interface UploadProgress {
  /** Bytes that are there by now, of all files together; those of unchanged files count. */
  readonly bytes: number;
  readonly totalBytes: number;
  readonly filesDone: number;
  readonly totalFiles: number;
  /** The file that moved last. */
  readonly path: string;
}

export interface UploadOptions {
  /** Parts under way at a time, over all files; memory is about `concurrency * partSize`. Default 8. */
  readonly concurrency?: number;
  /** Bytes, at least 5 MiB. Default 8 MiB; it grows where a file would have more than 10,000 parts. */
  readonly partSize?: number;
  readonly onProgress?: (progress: UploadProgress) => void;
  /** Keeps the ids of unfinished uploads, so that one that was killed goes on with the parts that are missing. */
  readonly resumeDir?: string;
  /** Leaves files alone whose object has the same size and SHA-256. Default true. */
  readonly onlyChanged?: boolean;
  readonly signal?: AbortSignal;
}

export interface UploadResult extends UploadFile {
  /** `resumed`: some of the parts were there from an upload that broke off. */
  readonly status: 'uploaded' | 'unchanged' | 'resumed';
  /** Size of the file. */
  readonly bytes: number;
  /** Bytes that went over the wire in this call. */
  readonly sent: number;
  readonly etag: string;
  /** SHA-256 as S3 has it: base64; of several parts the SHA-256 of theirs, with `-n` behind. */
  readonly checksum: string;
}

export interface ObjectInfo {
  readonly key: string;
  readonly bytes: number;
  readonly etag: string;
  readonly modified: Date;
}

/** Every method throws UpsqlError (`s3-...`), never with a secret or a signed address in it. */
export interface Bucket {
  readonly name: string;
  /**
   * Uploads files, several at a time; results are in the order given. An object is the old one or the whole new one. Throws
   * `file-changed` for a file that changes meanwhile; after a throw, files done before stay.
   */
  upload(files: readonly UploadFile[], options?: UploadOptions): Promise<readonly UploadResult[]>;
  /** Objects whose keys begin so, by key. */
  list(prefix: string): Promise<readonly ObjectInfo[]>;
  /** Keys that are not there are no fault. */
  remove(keys: readonly string[]): Promise<void>;
  /** Writes the object to a file, whole or not at all; gives its bytes and ETag. */
  download(key: string, path: string): Promise<{ readonly bytes: number; readonly etag: string }>;
  close(): void;
}
