import { describe, expect, it } from 'vitest';
import type { Node } from '../../../src/parse/node.js';
import type { Project } from '../../../src/project/project.js';
import { interpreterOf, setupOf } from '../../../src/run/python/interpreter.js';

function project(credentials: object, env: Record<string, string> = {}): Project {
  return { root: '/p', env, target: { credentials } } as unknown as Project;
}

function node(config: object = {}): Node {
  return { name: 'm', config } as unknown as Node;
}

describe('the interpreter of a Python model', () => {
  it('is the one that is named nearest to the model', () => {
    const all = project({ python: 'profile/bin/python' }, { UPSQL_PYTHON: '/env/python' });
    expect(interpreterOf(all, node({ python: './own' })).command).toBe('/p/own');
    expect(interpreterOf(all, node()).command).toBe('/env/python');
    expect(interpreterOf(project({ python: 'profile/bin/python' }), node())).toEqual({
      command: '/p/profile/bin/python',
      from: "'python' of the profile",
    });
    expect(interpreterOf(project({ python: 'python3.12' }), node()).command).toBe('python3.12');
    expect(interpreterOf(project({}), node())).toEqual({
      command: process.platform === 'win32' ? 'python' : 'python3',
      from: 'the PATH',
    });
  });

  it('gets the config options, extensions, settings and module folders of the profile', () => {
    const credentials = {
      extensions: ['json', { name: 'h3', repo: 'community' }],
      settings: { threads: 2, TimeZone: 'UTC' },
      module_paths: ['lib', '/abs'],
      config_options: { memory_limit: '1GB', access_mode: 'read_only' },
    };
    expect(setupOf(project(credentials))).toEqual({
      config: { memory_limit: '1GB' },
      extensions: ['json', 'h3'],
      settings: { threads: '2', TimeZone: 'UTC' },
      modulePaths: ['/p/lib', '/abs'],
    });
    expect(setupOf(project({ settings: null }))).toEqual({
      config: {},
      extensions: [],
      settings: {},
      modulePaths: [],
    });
  });
});
