import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { escapeHtml } from '../html.js';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** The artifacts of a page that needs no files beside it, as their JSON text. */
export interface InlineArtifacts {
  readonly manifest: string;
  readonly catalog: string;
}

/**
 * The page that shows a project: one HTML text with its style and script in it. It reads manifest.json and catalog.json
 * beside it, unless they are put into it.
 */
export async function docsPage(title: string, artifacts?: InlineArtifacts): Promise<string> {
  const [style, script] = await Promise.all([pageStyle(), bundledScript()]);
  const data =
    artifacts === undefined
      ? ''
      : `<script type="application/json" id="artifacts">${inJson(`{"manifest": ${artifacts.manifest}, "catalog": ${artifacts.catalog}}`)}</script>\n`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style>
${style}</style>
</head>
<body>
<noscript>This page needs JavaScript.</noscript>
${data}<script>
${script}</script>
</body>
</html>
`;
}

/** In the order in which they lay over each other. */
const STYLES = ['base', 'side-bar', 'page', 'lineage', 'narrow'];

async function pageStyle(): Promise<string> {
  const { transform } = await import('esbuild');
  const texts = await Promise.all(STYLES.map((name) => readFile(here(`style/${name}.css`), 'utf8')));
  return (await transform(texts.join('\n'), { loader: 'css', minify: true })).code;
}

let bundle: Promise<string> | undefined;

/** The modules of client/ as one script. */
function bundledScript(): Promise<string> {
  bundle ??= import('esbuild').then(async ({ build }) => {
    const entryPoints = [here('client/main.js')];
    const made = await build({
      entryPoints,
      bundle: true,
      format: 'iife',
      minify: true,
      write: false,
      target: 'es2022',
    });
    return inScript(made.outputFiles[0]?.text ?? '');
  });
  return bundle;
}

/** JavaScript that ends no script element. */
const inScript = (text: string): string => text.replaceAll('</', '<\\/');

/** JSON for a script element. */
const inJson = (text: string): string => text.replaceAll('<', '\\u003c');
