// Copies the files that tsc leaves behind (SQL macros, page templates) next to the compiled code.
import { chmodSync, cpSync, existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const KEPT = /\.(sql|css|html|js|json)$/;

function copy(from, to) {
  for (const name of readdirSync(from)) {
    const source = join(from, name);
    const target = join(to, name);
    if (statSync(source).isDirectory()) copy(source, target);
    else if (KEPT.test(name)) cpSync(source, target);
  }
}

copy('src', 'dist');
if (existsSync('dist/cli/bin.cjs')) chmodSync('dist/cli/bin.cjs', 0o755);
