import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import http, { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { download, getJson, type HttpOptions } from '../../../src/packages/http.js';
import { proxyFor } from '../../../src/packages/request.js';

const servers: net.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    (server as Server).closeAllConnections?.();
    server.close();
  }
});

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  return listen(http.createServer(answer));
}

async function listen(server: net.Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const options = (env: HttpOptions['env'] = {}, timeout = 5000): HttpOptions => ({ env, timeout, pause: 1 });

describe('a request', () => {
  it('unpacks what the server packed, and follows it where it leads', async () => {
    const host = await serve((request, response) => {
      if (request.url === '/old') response.writeHead(302, { location: '/new?x=1' }).end();
      else response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(JSON.stringify({ at: request.url })));
    });
    expect(await getJson(`http://${host}/old`, options())).toEqual({ at: '/new?x=1' });
  });

  it('gives credentials to their host only', async () => {
    const seen: (string | undefined)[] = [];
    const answer = (location?: string) => (request: IncomingMessage, response: ServerResponse) => {
      seen.push(request.headers.authorization);
      if (location === undefined) response.end('{}');
      else response.writeHead(301, { location }).end();
    };
    const other = await serve(answer());
    const host = await serve(answer(`http://${other}/`));
    await getJson(`http://me:p%40ss@${host}/`, options());
    expect(seen).toEqual([`Basic ${Buffer.from('me:p@ss').toString('base64')}`, undefined]);
  });

  it('says why it fails, without credentials', async () => {
    const round = await serve((_, response) => response.writeHead(302, { location: '/' }).end());
    await expect(getJson(`http://${round}/`, options())).rejects.toThrow('redirected without end');
    const away = await serve((_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end());
    await expect(getJson(`http://${away}/`, options())).rejects.toThrow('redirected to no http address');
    const silent = await serve(() => {});
    await expect(getJson(`http://${silent}/`, options({}, 60))).rejects.toThrow('no answer within 0.06 s');
    const short = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"a":');
      setTimeout(() => response.destroy(), 20);
    });
    await expect(getJson(`http://${short}/`, options())).rejects.toThrow('the connection broke');
    const file = join(mkdtempSync(join(tmpdir(), 'upsql-get-')), 'x');
    await expect(download(`http://${short}/`, file, options())).rejects.toThrow('the connection broke');
    await expect(getJson('http://me:hush@127.0.0.1:1/', options())).rejects.toThrow(
      /^(?!.*hush).*connection was refused/,
    );
    await expect(getJson('file:///etc/passwd', options())).rejects.toThrow('no http address');
  });

  it('goes through the proxy of the environment', async () => {
    const proxy = await serve((request, response) => {
      response.end(JSON.stringify([request.url, request.headers.host, request.headers['proxy-authorization']]));
    });
    const env = { HTTP_PROXY: `http://u:p@${proxy}`, NO_PROXY: 'inside.invalid' };
    expect(await getJson('http://hub.invalid/api?x=1', options(env))).toEqual([
      'http://hub.invalid/api?x=1',
      'hub.invalid',
      `Basic ${Buffer.from('u:p').toString('base64')}`,
    ]);
    await expect(getJson('http://inside.invalid/', options(env))).rejects.toThrow(/the name of the server/);
  });

  it('is told when the proxy refuses', async () => {
    const server = http.createServer();
    server.on('connect', (_, socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'));
    const proxy = await listen(server);
    await expect(getJson('https://hub.invalid/', options({ https_proxy: proxy }))).rejects.toThrow(
      `the proxy ${proxy} refuses the connection (HTTP 403)`,
    );
  });

  const noOpenssl = spawnSync('openssl', ['version']).status !== 0;
  it.skipIf(noOpenssl)('reaches https servers through a proxy, and checks their certificates', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'upsql-tls-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    execFileSync(
      'openssl',
      `req -x509 -newkey rsa:2048 -nodes -keyout ${key} -out ${cert} -days 2 -subj /CN=hub.invalid`.split(' '),
      { stdio: 'ignore' },
    );
    const tls = { key: readFileSync(key), cert: readFileSync(cert) };
    const target = await listen(https.createServer(tls, (_, response) => response.end('["secret"]')));
    const asked: (string | undefined)[] = [];
    const server = http.createServer();
    server.on('connect', (request, socket) => {
      asked.push(request.url);
      const [host, port] = target.split(':');
      const onward = net.connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        onward.pipe(socket).pipe(onward);
      });
      onward.on('error', () => socket.destroy());
      socket.on('error', () => onward.destroy());
    });
    const env = { HTTPS_PROXY: `http://${await listen(server)}` };
    await expect(getJson('https://hub.invalid/', options(env))).rejects.toThrow('self-signed certificate');
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    try {
      expect(await getJson('https://hub.invalid/', options(env))).toEqual(['secret']);
    } finally {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    }
    expect(asked).toEqual(['hub.invalid:443', 'hub.invalid:443']);
  });
});

describe('the proxy of an address', () => {
  const of = (url: string, env: Record<string, string>): string | undefined => proxyFor(new URL(url), env)?.host;

  it('is chosen by scheme, the small letters first', () => {
    expect(of('http://a/', {})).toBeUndefined();
    expect(of('http://a/', { http_proxy: 'http://small:1', HTTP_PROXY: 'http://large:1' })).toBe('small:1');
    expect(of('https://a/', { http_proxy: 'http://small:1' })).toBeUndefined();
    expect(of('https://a/', { ALL_PROXY: 'any:3128' })).toBe('any:3128');
    expect(() => of('https://a/', { ALL_PROXY: 'http://' })).toThrow('no address');
  });

  it('is left out for the hosts of NO_PROXY', () => {
    const env = { ALL_PROXY: 'any:1', NO_PROXY: 'example.com, .corp.net:8443 *.internal' };
    expect(of('https://example.com/', env)).toBeUndefined();
    expect(of('https://hub.example.com/', env)).toBeUndefined();
    expect(of('https://notexample.com/', env)).toBe('any:1');
    expect(of('https://x.corp.net:8443/', env)).toBeUndefined();
    expect(of('https://x.corp.net/', env)).toBe('any:1');
    expect(of('https://a.internal/', env)).toBeUndefined();
    expect(of('https://a/', { ALL_PROXY: 'any:1', NO_PROXY: '*' })).toBeUndefined();
  });
});
