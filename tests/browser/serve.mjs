// A static server on loopback, as a host of pages would serve a project: under a sub-path, compressed.

import { createReadStream } from "node:fs";
import http from "node:http";
import path from "node:path";
import { createGzip } from "node:zlib";


const TYPES = {
  css: "text/css",
  html: "text/html",
  js: "text/javascript",
  json: "application/json",
  md: "text/markdown",
  mp4: "video/mp4",
  ndjson: "application/x-ndjson",
  png: "image/png",
  svg: "image/svg+xml",
  txt: "text/plain",
  webm: "video/webm",
  xml: "application/xml",
};
const TEXT = /css|html|js|json|md|svg|txt|xml/;

/** The file of the site that an address stands for, or nothing. */
export function fileAt(site, address) {
  const asked = decodeURIComponent(address.split(/[?#]/)[0]);
  if (!asked.startsWith(site.subPath)) return undefined;
  const file = asked.slice(site.subPath.length);
  const found = file === "" || file.endsWith("/") ? `${file}index.html` : file;
  return site.files.has(found) ? found : undefined;
}

/** Serves the site until `close` is called; `url` ends with the sub-path. */
export async function serve(site) {
  const server = http.createServer((request, response) => {
    // Chromium asks the host for it when a drawing is opened by itself; no site of a project owns it.
    if (request.url === "/favicon.ico") return response.writeHead(204).end();
    const file = fileAt(site, request.url);
    if (!file) return response.writeHead(404, { "content-type": "text/plain" }).end("not found\n");
    const ending = path.extname(file).slice(1);
    const type = TYPES[ending] ?? "application/octet-stream";
    const head = { "content-type": TEXT.test(ending) ? `${type}; charset=utf-8` : type };
    const body = createReadStream(path.join(site.root, file));
    if (!TEXT.test(ending)) return body.pipe(response.writeHead(200, head));
    response.writeHead(200, { ...head, "content-encoding": "gzip", "cache-control": "max-age=600" });
    return body.pipe(createGzip()).pipe(response);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const close = () => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  };
  return { url: `http://127.0.0.1:${server.address().port}${site.subPath}`, close };
}
