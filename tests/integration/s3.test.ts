import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { UpsqlError } from '../../src/diagnostics/index.js';
import { type Bucket, type BucketOptions, openBucket, type UploadProgress } from '../../src/s3/index.js';
import { noS3, type S3Server, startS3 } from '../stand-ins/s3/s3.js';

const MIB = 1 << 20;

describe.skipIf(noS3 !== undefined)(noS3 === undefined ? 'S3' : `S3 [skipped: ${noS3}]`, () => {
  let s3: S3Server;
  let bucket: Bucket;
  let folder: string;
  let path: (name: string) => string;
  let counter = 0;
  const open = (more: Partial<BucketOptions> = {}): Promise<Bucket> =>
    openBucket({
      bucket: bucket?.name ?? 'none',
      endpoint: s3.endpoint,
      region: s3.region,
      credentials: s3.credentials,
      env: {},
      ...more,
    });
  const diagnostic = async (work: Promise<unknown>) => {
    const error = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof UpsqlError)) throw new Error(`no UpsqlError: ${String(error)}`);
    const [first] = error.diagnostics;
    const text = JSON.stringify([error.diagnostics, error.message, error.stack, String(error.cause ?? '')]);
    for (const { secretAccessKey } of [s3.credentials, s3.stranger]) expect(text).not.toContain(secretAccessKey);
    expect(text).not.toMatch(/X-Amz-|Signature=|Credential=/);
    return first;
  };

  beforeAll(async () => {
    s3 = await startS3();
  });
  afterAll(() => s3?.stop());
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'upsql-s3-test-'));
    path = (name) => join(folder, name);
    counter += 1;
    bucket = await open({ bucket: await s3.bucket(`test-bucket-${counter}`) });
    s3.faults.log();
  });
  afterEach(() => {
    bucket.close();
    s3.faults.clear();
    rmSync(folder, { recursive: true, force: true });
  });

  const write = (name: string, bytes: number): Buffer => {
    const data = randomBytes(bytes);
    writeFileSync(path(name), data);
    return data;
  };

  it('uploads small and large files, tells how far it is, and gives them back byte for byte', async () => {
    const files = [
      { path: path('small.csv'), key: 'in/small ü+&.csv' },
      { path: path('large.bin'), key: 'in/large.bin' },
      { path: path('empty'), key: 'in/empty' },
    ];
    const [small, large] = [write('small.csv', 1000), write('large.bin', 12 * MIB + 7)];
    write('empty', 0);
    const seen: UploadProgress[] = [];
    const results = await bucket.upload(files, { partSize: 5 * MIB, onProgress: (one) => seen.push(one) });
    expect(results.map(({ status, bytes, sent }) => [status, bytes, sent])).toEqual([
      ['uploaded', 1000, 1000],
      ['uploaded', 12 * MIB + 7, 12 * MIB + 7],
      ['uploaded', 0, 0],
    ]);
    expect(results[1]?.checksum).toMatch(/-3$/);
    expect(seen.at(-1)).toMatchObject({
      bytes: 12 * MIB + 1007,
      totalBytes: 12 * MIB + 1007,
      filesDone: 3,
      totalFiles: 3,
    });
    expect((await bucket.list('in/')).map(({ key, bytes }) => [key, bytes])).toEqual([
      ['in/empty', 0],
      ['in/large.bin', 12 * MIB + 7],
      ['in/small ü+&.csv', 1000],
    ]);
    await bucket.download('in/large.bin', path('back/large'));
    await bucket.download('in/small ü+&.csv', path('back/small'));
    expect(readFileSync(path('back/large')).equals(large)).toBe(true);
    expect(readFileSync(path('back/small')).equals(small)).toBe(true);
    await bucket.remove(['in/empty', 'in/large.bin', 'in/never there']);
    expect((await bucket.list('')).map(({ key }) => key)).toEqual(['in/small ü+&.csv']);
  });

  it('sends only what changed, also where size and time stayed', async () => {
    const files = ['a', 'b'].map((name) => ({ path: path(name), key: name }));
    write('a', 1000);
    const large = write('b', 6 * MIB);
    await bucket.upload(files, { partSize: 5 * MIB });
    // Another size of parts asked for: the object tells its own.
    const again = await bucket.upload(files, { partSize: 6 * MIB });
    expect(again.map(({ status, sent }) => [status, sent])).toEqual([
      ['unchanged', 0],
      ['unchanged', 0],
    ]);
    large[3 * MIB] = (large[3 * MIB] ?? 0) ^ 1;
    writeFileSync(path('b'), large);
    utimesSync(path('b'), 0, 0);
    const third = await bucket.upload(files, { partSize: 5 * MIB });
    expect(third.map(({ status }) => status)).toEqual(['unchanged', 'uploaded']);
    const forced = await bucket.upload(files, { onlyChanged: false });
    expect(forced.map(({ status }) => status)).toEqual(['uploaded', 'uploaded']);
  });

  it.each([
    ['a server that fails', { do: 503, code: 'InternalError' } as const],
    ['a server that asks to slow down', { do: 503, code: 'SlowDown' } as const],
    ['too many requests', { do: 429, code: 'TooManyRequests' } as const],
    ['a connection cut in the middle of a part', { do: 'cut', afterBytes: 2 * MIB } as const],
    ['an answer that was lost', { do: 'cut', after: true } as const],
  ])('gets over %s', async (_, fault) => {
    const data = write('large', 11 * MIB);
    s3.faults.add({ ...fault, method: 'PUT', match: 'partNumber=2', times: 2 });
    const [result] = await bucket.upload([{ path: path('large'), key: 'large' }], { partSize: 5 * MIB });
    expect(result?.status).toBe('uploaded');
    await bucket.download('large', path('back'));
    expect(readFileSync(path('back')).equals(data)).toBe(true);
  });

  it('has the object when only the answer to its completion was lost', async () => {
    write('large', 11 * MIB);
    s3.faults.add({ do: 'cut', after: true, method: 'POST', match: 'uploadId=' });
    const [result] = await bucket.upload([{ path: path('large'), key: 'large' }], { partSize: 5 * MIB });
    expect(result?.status).toBe('uploaded');
    expect((await bucket.list('large'))[0]?.etag).toBe(result?.etag);
  });

  it('tells of a server that stays down, and goes on later with the parts that are missing', async () => {
    const data = write('large', 16 * MIB);
    const files = [{ path: path('large'), key: 'large' }];
    const options = { partSize: 5 * MIB, resumeDir: path('resume'), concurrency: 1 };
    s3.faults.add({ do: 503, method: 'PUT', match: 'partNumber=3', times: 100 });
    expect((await diagnostic(bucket.upload(files, options)))?.code).toBe('s3-server');
    expect(await bucket.list('')).toEqual([]);
    s3.faults.clear();
    const [result] = await bucket.upload(files, options);
    expect(result).toMatchObject({ status: 'resumed', bytes: 16 * MIB, sent: 6 * MIB });
    await bucket.download('large', path('back'));
    expect(readFileSync(path('back')).equals(data)).toBe(true);
    expect(readdirSync(path('resume'))).toEqual([]);
  });

  it('a resumed upload has the file as it is now, not as it was', async () => {
    const data = write('large', 16 * MIB);
    const files = [{ path: path('large'), key: 'large' }];
    const options = { partSize: 5 * MIB, resumeDir: path('resume'), concurrency: 1 };
    s3.faults.add({ do: 503, method: 'PUT', match: 'partNumber=3', times: 100 });
    await diagnostic(bucket.upload(files, options));
    s3.faults.clear();
    data[0] = (data[0] ?? 0) ^ 1;
    const shorter = data.subarray(0, 12 * MIB);
    writeFileSync(path('large'), shorter);
    const [result] = await bucket.upload(files, options);
    expect(result).toMatchObject({ status: 'resumed', sent: 7 * MIB });
    await bucket.download('large', path('back'));
    expect(readFileSync(path('back')).equals(shorter)).toBe(true);
  });

  it('goes on after kill -9', async () => {
    const data = write('large', 40 * MIB);
    const script = path('upload.mjs');
    const sources = join(import.meta.dirname, '../../src/s3/index.ts');
    await build({
      stdin: {
        contents: `import { openBucket } from ${JSON.stringify(sources)};
          const [bucket, path, resumeDir] = process.argv.slice(2);
          const to = await openBucket({ bucket });
          const [result] = await to.upload([{ path, key: 'large' }], { partSize: ${5 * MIB}, resumeDir, concurrency: 2,
            onProgress: ({ bytes }) => console.log(bytes) });
          console.log(JSON.stringify(result));`,
        resolveDir: import.meta.dirname,
      },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: script,
      logLevel: 'error',
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    });
    const run = (): ChildProcess =>
      spawn(process.execPath, [script, bucket.name, path('large'), path('resume')], {
        env: { PATH: process.env.PATH, ...s3.env },
      });
    // Longer than the kill can take to come.
    s3.faults.add({ do: 'slow', method: 'PUT', match: 'partNumber=5', delayMs: 60_000, times: 9 });
    const first = run();
    await new Promise<void>((resolve) => {
      first.stdout?.on('data', (data) => {
        if (Number(String(data).trim().split('\n').at(-1)) >= 20 * MIB) first.kill('SIGKILL');
      });
      first.once('exit', () => resolve());
    });
    expect(await bucket.list('')).toEqual([]);
    s3.faults.clear();
    const second = run();
    let out = '';
    second.stdout?.on('data', (data) => {
      out += String(data);
    });
    second.stderr?.on('data', (data) => {
      out += String(data);
    });
    await new Promise((resolve) => second.once('close', resolve));
    const result: unknown = JSON.parse(out.trim().split('\n').at(-1) ?? '');
    expect(result).toMatchObject({ status: 'resumed', bytes: 40 * MIB });
    expect((result as { sent: number }).sent).toBeLessThanOrEqual(20 * MIB);
    await bucket.download('large', path('back'));
    expect(readFileSync(path('back')).equals(data)).toBe(true);
    expect(out).not.toContain('Warning');
  });

  it('notices a file that changes during its upload; the object stays as it was', async () => {
    write('large', 11 * MIB);
    const files = [{ path: path('large'), key: 'large' }];
    const [before] = await bucket.upload(files, { partSize: 5 * MIB });
    write('large', 16 * MIB);
    const upload = bucket.upload(files, {
      partSize: 5 * MIB,
      concurrency: 1,
      resumeDir: path('resume'),
      onProgress: ({ bytes }) => {
        if (bytes <= 5 * MIB) appendFileSync(path('large'), 'more');
      },
    });
    const found = await diagnostic(upload);
    expect(found?.code).toBe('file-changed');
    expect(found?.message).toContain(path('large'));
    expect((await bucket.list(''))[0]?.etag).toBe(before?.etag);
    expect(readdirSync(path('resume'))).toEqual([]);
  });

  describe('says what is wrong', () => {
    const upload = async (more: Partial<BucketOptions>) => {
      write('small', 10);
      const other = await open(more);
      return diagnostic(other.upload([{ path: path('small'), key: 'k' }])).finally(() => other.close());
    };

    it.each([
      ['a bucket that is not there', () => ({ bucket: 'never-made' }), 's3-missing-bucket', /no such bucket/],
      ['a bucket that is denied', () => ({ credentials: s3.stranger }), 's3-denied', /access is denied/],
      [
        'a wrong secret',
        () => ({ credentials: { ...s3.credentials, secretAccessKey: 'wrong-and-secret' } }),
        's3-credentials',
        /secret access key is not/,
      ],
      [
        'an unknown key',
        () => ({ credentials: { ...s3.credentials, accessKeyId: 'AKIDNOBODY' } }),
        's3-credentials',
        /does not know/,
      ],
      ['another region', () => ({ region: 'eu-west-1' }), 's3-wrong-region', /is in region us-east-1, not eu-west-1/],
      [
        'a server that is not there',
        () => ({ endpoint: 'http://127.0.0.1:9' }),
        's3-network',
        /127\.0\.0\.1:9 can't be/,
      ],
    ] as const)('%s', async (_, more, code, message) => {
      const found = await upload(more());
      expect([found?.code, found?.message]).toEqual([code, expect.stringMatching(message)]);
      expect(found?.hint).toBeTruthy();
      expect(JSON.stringify(found)).not.toContain('wrong-and-secret');
    });

    it('a clock that is off', async () => {
      s3.faults.add({ do: 403, code: 'RequestTimeTooSkewed', method: 'PUT', times: 100 });
      expect((await upload({}))?.code).toBe('s3-clock-skew');
    });

    it('no credentials at all', async () => {
      write('small', 10);
      const kept = { ...process.env };
      for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
      Object.assign(process.env, { AWS_EC2_METADATA_DISABLED: 'true', HOME: folder });
      try {
        const other = await openBucket({ bucket: bucket.name, endpoint: s3.endpoint, region: s3.region });
        const found = await diagnostic(other.upload([{ path: path('small'), key: 'k' }]));
        expect([found?.code, found?.message]).toEqual(['s3-credentials', expect.stringContaining('no credentials')]);
      } finally {
        process.env = kept;
      }
    });

    it('a file that is not there', async () => {
      expect((await diagnostic(bucket.upload([{ path: path('none'), key: 'k' }])))?.code).toBe('cannot-read');
    });
  });

  it('goes through the proxy of the environment, but not past NO_PROXY', async () => {
    write('small', 10);
    const asked: string[] = [];
    const proxy = createServer((socket) =>
      socket.once('data', (data) => {
        asked.push(String(data).split('\r\n')[0] ?? '');
        socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      }),
    );
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const address = proxy.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    try {
      const env = { HTTP_PROXY: `http://user:hidden-word@127.0.0.1:${port}` };
      const through = await open({ env });
      const found = await diagnostic(through.upload([{ path: path('small'), key: 'k' }]));
      expect(asked[0]).toBe(`CONNECT ${new URL(s3.endpoint).host} HTTP/1.1`);
      expect(JSON.stringify(found)).not.toContain('hidden-word');
      const past = await open({ env: { ...env, NO_PROXY: '127.0.0.1' } });
      expect((await past.upload([{ path: path('small'), key: 'k' }]))[0]?.status).toBe('uploaded');
    } finally {
      proxy.close();
    }
  });
});
