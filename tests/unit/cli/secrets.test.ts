import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { OutputFlags } from '../../../src/cli/flags.js';
import { openOutput } from '../../../src/cli/output/index.js';
import { maskProfiles, secretValues } from '../../../src/cli/output/secrets.js';
import { problem } from '../../../src/diagnostics/index.js';
import type { Project } from '../../../src/project/project.js';
import { fakeStream, sampleNode } from './samples.js';

const flags: OutputFlags = {
  format: 'text',
  level: 'debug',
  debug: true,
  colors: false,
  printerWidth: undefined,
  logPath: undefined,
  command: 'build',
};
const root = mkdtempSync(join(tmpdir(), 'upsql-secrets-'));

function project(credentials: Project['target']['credentials']): Project {
  return { root, config: { logPath: 'logs' }, target: { name: 'dev', credentials } } as unknown as Project;
}

describe('secrets', () => {
  for (const format of ['text', 'json'] as const) {
    it(`credentials never reach ${format} output, whatever carries them`, () => {
      const stdout = fakeStream();
      const io = { stdout, stderr: fakeStream(), env: { DBT_ENV_SECRET_KEY: 'env-s3cret' }, cwd: root };
      const output = openOutput({ ...flags, format }, io);
      output.project(
        project({ user: 'ada', password: 'hunter2!', nested: { secrets: [{ type: 's3', key_id: 'AKIA99' }] } }),
      );
      output.diagnostics([problem('login', "can't log in with hunter2!", { hint: 'try env-s3cret' })]);
      output.log('info', 'connecting as ada:hunter2!');
      output.result('AKIA99');
      output.event({ kind: 'node-log', node: sampleNode('a'), message: 'password=hunter2!', level: 'debug' });
      output.close();
      const log = readFileSync(join(root, 'logs/upsql.log'), 'utf8');
      expect(log).toContain('password=*****');
      expect(stdout.text).toContain('*****');
      expect(stdout.text).toContain('connecting as ada:');
      for (const secret of ['hunter2!', 'env-s3cret', 'AKIA99']) {
        expect(stdout.text).not.toContain(secret);
        expect(log).not.toContain(secret);
      }
    });
  }

  it('a place in profiles.yml shows keys, but no values that may be secret', () => {
    const file = join(root, 'profiles.yml');
    const text = 'shop:\n  outputs:\n    dev:\n      type: snowflake\n      password: "hunter2!\n      thread: 4\n';
    writeFileSync(file, text);
    const stdout = fakeStream();
    const output = openOutput(flags, { stdout, stderr: fakeStream(), env: {}, cwd: root });
    output.diagnostics([
      problem('yaml-error', 'Missing closing quote: "hunter2!', { place: { file, line: 5, column: 17 } }),
    ]);
    expect(stdout.text).toContain('> 5 |       password: *****');
    expect(stdout.text).toContain('  4 |       type: snowflake');
    expect(stdout.text).not.toContain('hunter2');
  });

  it('hides block texts and flow maps in profiles.yml', () => {
    const masked = maskProfiles('dev: {type: duckdb, token: abc}\nprivate_key: |\n  -----BEGIN\n  MIIE\npath: a.db');
    expect(masked).toBe('dev: *****\nprivate_key: *****\n  *****\n  *****\npath: a.db');
  });

  it('knows secrets by their keys, at any depth', () => {
    const found = secretValues({ user: 'ada', token: 't0k3n', more: [{ private_key_passphrase: 'open' }], port: 1 });
    expect(found).toEqual(['t0k3n', 'open']);
  });
});
