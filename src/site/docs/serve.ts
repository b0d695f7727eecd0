import { spawn } from 'node:child_process';
import { createReadStream, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, resolve, sep } from 'node:path';
import { problem, UpsqlError } from '../../diagnostics/index.js';

export interface DocsServer {
  /** `http://127.0.0.1:8080/` */
  readonly address: string;
  close(): Promise<void>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.svg': 'image/svg+xml',
  '.webp': 'image/webp',
};

/**
 * Serves the page, and the artifacts and pictures of the target folder that it reads. Throws UpsqlError `cannot-serve`
 * when the port can't be had.
 */
export async function serveDocs(
  page: string,
  targetDir: string,
  { port, host }: { readonly port: number; readonly host: string },
): Promise<DocsServer> {
  const server = createServer((request, response) => answer(page, targetDir, request, response));
  await new Promise<void>((done, failed) => {
    server.once('error', (error: NodeJS.ErrnoException) => failed(cannotServe(error, host, port)));
    server.listen(port, host, done);
  });
  const { port: own } = server.address() as AddressInfo;
  return {
    address: `http://${host.includes(':') ? `[${host}]` : host}:${own}/`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

function answer(page: string, targetDir: string, request: IncomingMessage, response: ServerResponse): void {
  const head = { 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-cache' };
  const refuse = (status: number): void => {
    response
      .writeHead(status, { ...head, 'Content-Type': 'text/plain' })
      .end(status === 404 ? 'Not found\n' : 'Refused\n');
  };
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    refuse(405);
    return;
  }
  const path = pathOf(request.url ?? '/');
  if (path === '/' || path === '/index.html') {
    response
      .writeHead(200, { ...head, 'Content-Type': 'text/html; charset=utf-8' })
      .end(request.method === 'GET' ? page : '');
    return;
  }
  const base = resolve(targetDir);
  const file = path === undefined ? base : resolve(base, `.${path}`);
  const type = TYPES[extname(file).toLowerCase()];
  const size = type !== undefined && file.startsWith(base + sep) ? sizeOf(file) : undefined;
  if (size === undefined || type === undefined) {
    refuse(404);
    return;
  }
  response.writeHead(200, { ...head, 'Content-Type': type, 'Content-Length': size });
  if (request.method === 'HEAD') response.end();
  else
    createReadStream(file)
      .on('error', () => response.destroy())
      .pipe(response);
}

function pathOf(url: string): string | undefined {
  try {
    return decodeURIComponent(new URL(url, 'http://localhost').pathname);
  } catch {
    return undefined;
  }
}

function sizeOf(file: string): number | undefined {
  const found = statSync(file, { throwIfNoEntry: false });
  return found?.isFile() ? found.size : undefined;
}

function cannotServe(error: NodeJS.ErrnoException, host: string, port: number): UpsqlError {
  const isTaken = error.code === 'EADDRINUSE';
  const message = isTaken ? `Port ${port} of ${host} is in use` : `Can't listen on ${host}:${port}: ${error.message}`;
  const hint = isTaken ? 'Choose another one with --port, or let the system choose with --port 0.' : undefined;
  return new UpsqlError(problem('cannot-serve', message, hint === undefined ? {} : { hint }), 2, error);
}

/** Opens an address in the system's browser; where there is none nothing happens. */
export function openBrowser(address: string): void {
  const [program, ...args] =
    process.platform === 'darwin' ? ['open'] : process.platform === 'win32' ? ['cmd', '/c', 'start', ''] : ['xdg-open'];
  const child = spawn(program ?? '', [...args, address], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}
