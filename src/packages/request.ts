/**
 * GET over http and https with redirects, credentials in the address, and the proxy that HTTP_PROXY, HTTPS_PROXY, ALL_PROXY
 * and NO_PROXY name, as dbt's own client does. Node 20's `fetch` knows no proxies and refuses some ports.
 */
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import tls from 'node:tls';
import zlib from 'node:zlib';
import type { Env } from '../project/render.js';

const MOST_REDIRECTS = 10;

export interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly body: Readable;
}

/** Asks for `url`. Throws the system's errors, and Error where redirects never end or lead away from http. */
export async function get(url: URL, env: Env, signal: AbortSignal): Promise<Answer> {
  let at = url;
  let authorization = basic(url);
  for (let redirects = 0; ; redirects++) {
    const response = await ask(at, env, authorization, signal);
    const { statusCode: status = 0, statusMessage: statusText = '', headers } = response;
    if (![301, 302, 303, 307, 308].includes(status) || headers.location === undefined)
      return { status, statusText, body: decoded(response) };
    response.resume();
    if (redirects === MOST_REDIRECTS) throw new Error('it is redirected without end');
    const next = new URL(headers.location, at);
    if (next.protocol !== 'https:' && next.protocol !== 'http:') throw new Error('it is redirected to no http address');
    if (next.host !== at.host || next.protocol !== at.protocol) authorization = basic(next);
    at = next;
  }
}

function ask(url: URL, env: Env, authorization: string | undefined, signal: AbortSignal): Promise<IncomingMessage> {
  const proxy = proxyFor(url, env);
  const headers = {
    host: url.host,
    'user-agent': 'upsql',
    'accept-encoding': 'gzip',
    ...(authorization === undefined ? {} : { authorization }),
  };
  if (proxy === undefined) return send(url, { headers, signal, path: url.pathname + url.search });
  const toProxy = basic(proxy);
  const proxyHeaders: Record<string, string> = toProxy === undefined ? {} : { 'proxy-authorization': toProxy };
  if (url.protocol === 'http:') {
    const path = `http://${url.host}${url.pathname}${url.search}`;
    return send(proxy, { headers: { ...headers, ...proxyHeaders }, signal, path });
  }
  return tunnel(url, proxy, proxyHeaders, signal).then((socket) =>
    send(url, { headers, signal, path: url.pathname + url.search, createConnection: () => socket }),
  );
}

function send(to: URL, options: https.RequestOptions): Promise<IncomingMessage> {
  const { request } = to.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    // A connection that is given goes past every agent.
    const agent = options.createConnection === undefined ? { agent: false } : {};
    request({ ...place(to), ...agent, ...options }, resolve)
      .on('error', reject)
      .end();
  });
}

/** A connection to an https server through a proxy. */
function tunnel(url: URL, proxy: URL, headers: Record<string, string>, signal: AbortSignal): Promise<tls.TLSSocket> {
  const { request } = proxy.protocol === 'https:' ? https : http;
  const target = `${url.hostname}:${url.port || 443}`;
  return new Promise((resolve, reject) => {
    request({
      ...place(proxy),
      method: 'CONNECT',
      path: target,
      headers: { host: target, ...headers },
      agent: false,
      signal,
    })
      .on('connect', ({ statusCode }, socket) => {
        if (statusCode === 200) {
          const secure = tls.connect({ socket, servername: url.hostname }, () => resolve(secure));
          secure.once('error', reject);
          return;
        }
        socket.destroy();
        reject(new Error(`the proxy ${proxy.host} refuses the connection (HTTP ${statusCode})`));
      })
      .on('error', reject)
      .end();
  });
}

function place(url: URL): { readonly host: string; readonly port: string | number } {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { host, port: url.port || (url.protocol === 'https:' ? 443 : 80) };
}

function decoded(response: IncomingMessage): Readable {
  if (response.headers['content-encoding'] !== 'gzip') return response;
  const unzip = zlib.createGunzip();
  response.on('error', (error) => unzip.destroy(error));
  // A server that goes away leaves no error of its own.
  response.on('aborted', () => unzip.destroy(Object.assign(new Error('aborted'), { code: 'ECONNRESET' })));
  return response.pipe(unzip);
}

function basic({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  const plain = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(plain).toString('base64')}`;
}

/** The proxy for an address, lower case variables first. Throws Error for one that is no address. */
export function proxyFor(url: URL, env: Env): URL | undefined {
  const read = (name: string): string => env[name.toLowerCase()] ?? env[name.toUpperCase()] ?? '';
  const given = read(`${url.protocol.slice(0, -1)}_proxy`) || read('all_proxy');
  if (given === '' || exempt(url, read('no_proxy'))) return undefined;
  try {
    return new URL(given.includes('://') ? given : `http://${given}`);
  } catch {
    throw new Error('the proxy of the environment is no address');
  }
}

/** Whether NO_PROXY has the host, or a domain above it, perhaps with its port. */
function exempt(url: URL, list: string): boolean {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      const [, domain = '', only] = /^\*?\.?(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
      if (only !== undefined && only !== port) return false;
      return url.hostname === domain || url.hostname.endsWith(`.${domain}`);
    });
}
