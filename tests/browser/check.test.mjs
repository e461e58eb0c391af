// The checks, checked: a small good site passes, and each thing that is wrong in a bad one is found.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { firefoxPath } from "./firefox.mjs";
import { kindOf } from "./site.mjs";

const POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'";
const CASE = "cases/join-0123456789abc/index.html";

function page(root, title, main) {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="What ${title} says of the tests.">
<title>${title}</title>
<link rel="stylesheet" href="${root}site.css">
<link rel="icon" href="${root}icon.svg">
<main>
<h1 id="top">${title}</h1>
<p>All 212 scenarios pass on 1.8.4, and nothing changed since the run before.
<ul><li><a href="${root}matrix/index.html#top">Which versions work together</a><li><a href="${root}index.html">Overview</a>
<li><a href="${root}${CASE}">A case that failed</a></ul>
${main}
</main>
<script src="${root}site.js"></script>
</html>
`;
}

const GOOD = {
  "index.html": page("", "Overview", ""),
  "matrix/index.html": page("../", "Matrix", "<table><caption>Versions</caption><tr><th scope=col>livekit<tr><td>1.8.4</table>"),
  [CASE]: page("../../", "Join", "<pre tabindex=0>{{ 7 }} &lt;script&gt;window.__canary = 1&lt;/script&gt;</pre>"),
  "site.css": "a{display:inline-block;padding:8px;color:#04c}@media(prefers-color-scheme:dark){body{background:#111;color:#eee}a{color:#9cf}}",
  "site.js": "document.documentElement.dataset.ready = '1';",
  "icon.svg": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><title>lkreport</title><path d="M0 0h8v8H0z"/></svg>',
};

function check(files, ...args) {
  const root = mkdtempSync(path.join(os.tmpdir(), "lkreport-browser-"));
  try {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
      writeFileSync(path.join(root, file), text);
    }
    const script = path.join(import.meta.dirname, "check.mjs");
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, root, ...args], { encoding: "utf8" });
    return { status, said: stdout + stderr };
  } finally {
    rmSync(root, { recursive: true });
  }
}

test("kinds follow the addresses", () => {
  const kinds = ["index.html", "404.html", "matrix/index.html", CASE, "cases/smoke/2/index.html", "runs/gh-1/index.html", "features/a/b/c/index.html", "logs/r/livekit/index.html"].map(kindOf);
  assert.deepEqual(kinds, ["overview", "404.html", "matrix", "case", "cases/*/*", "runs/*", "features/*", "logs/*/*"]);
});

test("a good site passes", () => {
  const { status, said } = check(GOOD, "--quick");
  assert.equal(status, 0, said);
});

/** Faults: what is added to the overview, and what must be said of it. */
const FAULTS = {
  "a dead link": ['<a href="nowhere.html">x</a>', /links.*\n.*nowhere\.html.*does not exist/],
  "a dead place": ['<a href="matrix/index.html#gone">x</a>', /has no such place/],
  "a link that leaves the sub-path": ['<a href="/index.html">x</a>', /leaves the sub-path/],
  "a link to a folder": ['<a href="matrix/">x</a>', /names a folder/],
  "a handler": ['<p onclick="f()">x</p>', /<p onclick> acts by itself/],
  "an active address": ['<a href=" javascript:f()">x</a>', /acts by itself/],
  "an inline script": ["<script>window.__canary = 1</script>", /a canary sang/],
  "an inline style": ['<p style="color:red">x</p>', /<p style> acts by itself/],
  "an evaluated template": ["<p>7000021</p>", /was evaluated/],
  "a picture from elsewhere": ['<img alt="" src="http://127.0.0.1:9/x.png">', /asks http:\/\/127\.0\.0\.1:9/],
  "a picture without words": ['<img src="icon.svg">', /image-alt/],
  "invalid HTML": ["<p><div></p></div>", /valid HTML/],
  "width": ['<svg width="900" height="9" role="img" aria-label="x"></svg>', /scrolls sideways/],
  "weight": [`<p>${"heavy ".repeat(40_000)}</p>`, /weighs \d+ KB/],
};

test("every fault of a bad page is found", () => {
  const faults = Object.values(FAULTS).map(([added]) => added).join("\n");
  const { status, said } = check({ ...GOOD, "index.html": page("", "Overview", faults) }, "--quick");
  assert.equal(status, 1, said);
  for (const [fault, [, expected]] of Object.entries(FAULTS)) assert.match(said, expected, fault);
});

test("what Firefox sees of a bad page is found, and a good site passes there", (t) => {
  if (!firefoxPath()) return t.skip("NOT CHECKED: there is no Firefox; install it, or say where it is in $FIREFOX");
  const good = check(GOOD, "--firefox");
  assert.equal(good.status, 0, good.said);
  const seen = ["an inline script", "a picture from elsewhere", "a picture without words", "width"].map((it) => FAULTS[it][0]);
  const { status, said } = check({ ...GOOD, "index.html": page("", "Overview", seen.join("\n")), "site.js": "throw new Error('broken');" }, "--firefox");
  assert.equal(status, 1, said);
  for (const expected of [/light: says error: .*inline/i, /says error: .*broken/, /blocked the loading .* http:\/\/127\.0\.0\.1:9/, /dark: image-alt/, /scrolls sideways/, /file:\/\/: says error/]) assert.match(said, expected);
});

test("a loose policy, a message, and words that need JavaScript are found", () => {
  const index = GOOD["index.html"].replace("script-src 'self'", "script-src 'self' 'unsafe-inline'");
  const script = "console.log('hello'); document.querySelector('main').append(' more words'.repeat(30));";
  const { said } = check({ ...GOOD, "index.html": index, "site.js": script }, "--quick");
  for (const expected of [/permits 'unsafe-inline'/, /says log: hello/, /words without JavaScript/]) assert.match(said, expected);
});

test("a script that a drawing or a page smuggles in is found", () => {
  const icon = '<svg xmlns="http://www.w3.org/2000/svg"><script>window.__canary = 1</script></svg>';
  const { status, said } = check({ ...GOOD, "icon.svg": icon }, "--inert");
  assert.match(said, /icon\.svg: inline <script>/);
  assert.match(said, /icon\.svg: a canary sang/);
  assert.equal(status, 1);
});

test("a folder that is no site cannot be checked", () => {
  assert.equal(check({ "a.txt": "" }).status, 2);
  assert.equal(check({}, "--what").status, 2);
});
