// Writes schemas/*.json, the JSON Schemas of dbt_project.yml, properties YAML, selectors.yml, packages.yml, dependencies.yml and profiles.yml for editors.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const bundle = new URL('../node_modules/.cache-json-schemas.mjs', import.meta.url);
await build({
  entryPoints: [new URL('./json-schemas.ts', import.meta.url).pathname],
  outfile: bundle.pathname,
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  logLevel: 'error',
});
try {
  const { jsonSchemas } = await import(bundle.href);
  const folder = new URL('../schemas/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  for (const [name, schema] of Object.entries(jsonSchemas()))
    writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify(schema, null, 2)}\n`);
} finally {
  rmSync(bundle, { force: true });
}
