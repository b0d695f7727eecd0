// Installs the S3 server of the tests, versitygw, into .s3-tests, once for each version. It is a Go program: it takes Go and a minute or two.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const VERSION = 'v1.8.0';
const folder = fileURLToPath(new URL(`../../../.s3-tests/${VERSION}`, import.meta.url));
const program = `${folder}/versitygw`;
const GO = ['go', '/usr/local/go/bin/go', '/usr/lib/go/bin/go'];

/** The server's program; undefined when it is not installed. */
export function s3Program() {
  return existsSync(program) ? program : undefined;
}

/** Installs what is missing; gives the reason when that is not possible. */
export function installS3() {
  if (s3Program() !== undefined) return undefined;
  const go = GO.find((name) => spawnSync(name, ['version']).status === 0);
  if (go === undefined) return 'it needs Go 1.25 or newer';
  mkdirSync(folder, { recursive: true });
  const ran = spawnSync(go, ['install', '-ldflags=-s -w', `github.com/versity/versitygw/cmd/versitygw@${VERSION}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    env: { ...process.env, GOBIN: folder, GOFLAGS: '-mod=mod', CGO_ENABLED: '0' },
  });
  return ran.status === 0
    ? undefined
    : `go install failed: ${(ran.stderr || String(ran.error ?? '')).trim().slice(-300)}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const reason = installS3();
  if (reason !== undefined) {
    console.error(reason);
    process.exitCode = 1;
  }
}
