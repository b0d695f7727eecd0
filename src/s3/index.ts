export type {
  Bucket,
  BucketOptions,
  ObjectInfo,
  S3Credentials,
  UploadFile,
  UploadOptions,
  UploadProgress,
  UploadResult,
} from './bucket.js';
export { openBucket } from './open-bucket.js';
