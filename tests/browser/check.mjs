// The quality floor of a built site: `node check.mjs SITE [--quick] [--inert] [--firefox]`.
//
// Exit code 0: it holds. 1: it does not, and each finding is a line. 2: it could not be checked.

import { existsSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { checkInFirefox, launchFirefox } from "./firefox.mjs";
import { checkInert, checkPage } from "./page.mjs";
import { serve } from "./serve.mjs";
import { examplesOf, pagesOf, readSite } from "./site.mjs";
import { deadLinks, invalid, parseSite } from "./text.mjs";

const USAGE = `usage: node check.mjs SITE [--quick] [--inert] [--firefox]

  SITE       the folder that \`lkreport build\` made
  --quick    only the overview, a matrix and a case; no Lighthouse
  --inert    only whether foreign text stays text: for sites built from hostile input
  --firefox  only how the pages do in Firefox, light and dark, served and as files

The browsers are $CHROMIUM, or /usr/bin/chromium, and $FIREFOX, or /usr/bin/firefox.`;

/** The pages that people arrive at. */
const ARRIVALS = ["overview", "matrix", "case"];
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const SHOWN = 40;

let failed = false;

/** Says how one check went; a check passes when it finds nothing. */
function report(name, began, what, findings) {
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${findings.length === 0 ? "ok  " : "FAIL"} ${name}: ${what}, ${seconds} s`);
  for (const it of findings.slice(0, SHOWN)) console.log(`     ${it}`);
  if (findings.length > SHOWN) console.log(`     and ${findings.length - SHOWN} more`);
  failed ||= findings.length > 0;
}

/** Does `work` for each item, two at a time, and gives all findings in the order of the items. */
async function forEach(items, work) {
  const results = new Array(items.length);
  let next = 0;
  const worker = async () => {
    for (let n = next++; n < items.length; n = next++) results[n] = await work(items[n]);
  };
  await Promise.all([worker(), worker()]);
  return results.flat();
}

function freePort() {
  return new Promise((done) => {
    const probe = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

async function checkText(site, examples) {
  let began = performance.now();
  const { parsed, findings } = await parseSite(site);
  report("inert", began, `${parsed.size} pages and drawings`, findings);

  began = performance.now();
  const links = deadLinks(site, parsed);
  report("links", began, `${site.files.size} files, ${links.outward} links outward, ${links.unreached.length} pages without a link to them`, links.findings);

  began = performance.now();
  report("valid HTML", began, `${examples.length} pages`, await invalid(site, examples));
}

async function checkKinds(browser, server, site, kinds) {
  for (const [kind, pages] of kinds) {
    const began = performance.now();
    report(kind, began, pages.join(" "), await forEach(pages, (it) => checkPage(browser, server, site, it)));
  }
}

async function checkSpeed(server, kinds, port) {
  const { score } = await import("./speed.mjs");
  for (const kind of ARRIVALS.filter((it) => kinds.has(it))) {
    const began = performance.now();
    const { said, findings } = await score(server.url + encodeURI(kinds.get(kind)[0]), port);
    report(`Lighthouse, ${kind}`, began, said, findings);
  }
}

async function checkAllInert(browser, server, site) {
  const began = performance.now();
  const files = [...pagesOf(site), ...[...site.files.keys()].filter((it) => it.endsWith(".svg"))];
  report("canaries", began, `${files.length} pages and drawings, opened without their policy`, await forEach(files, (it) => checkInert(browser, server, it)));
}

async function checkFirefox(server, site, kinds) {
  for (const scheme of ["light", "dark"]) {
    const browser = await launchFirefox(scheme);
    try {
      for (const [kind, pages] of kinds) {
        const began = performance.now();
        const findings = [];
        // One by one: it loses tabs that open while others close.
        for (const it of pages) findings.push(...(await checkInFirefox(browser, scheme, server, site, it)));
        report(`Firefox, ${scheme}, ${kind}`, began, pages.join(" "), findings);
      }
    } finally {
      await browser.close();
    }
  }
}

async function checkChromium(server, site, kinds, { quick, inert }) {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  if (!existsSync(executablePath)) throw new Error(`${executablePath}: no browser there; install Chromium, or say where it is in $CHROMIUM`);
  const port = await freePort();
  const browser = await chromium.launch({ executablePath, args: [...FLAGS, `--remote-debugging-port=${port}`] });
  try {
    await checkText(site, [...kinds.values()].flat());
    if (inert) await checkAllInert(browser, server, site);
    else await checkKinds(browser, server, site, kinds);
    if (!quick && !inert) await checkSpeed(server, kinds, port);
  } finally {
    await browser.close();
  }
}

async function main() {
  const options = Object.fromEntries(["quick", "inert", "firefox"].map((it) => [it, { type: "boolean" }]));
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  if (positionals.length !== 1) throw new Error(USAGE);
  const site = await readSite(positionals[0]);
  if (!site.files.has("index.html")) throw new Error(`${site.root}: holds no index.html, so it is no built site`);
  const kinds = examplesOf(site);
  const missing = ["overview", "matrix"].filter((it) => !kinds.has(it)).map((it) => `no page of the kind ${it}`);
  report("site", performance.now(), `${path.basename(site.root)}: ${pagesOf(site).length} pages of ${kinds.size} kinds`, missing);
  const wanted = new Map([...kinds].filter(([kind]) => !values.quick || ARRIVALS.includes(kind)));
  if (values.quick) for (const [kind, pages] of wanted) wanted.set(kind, pages.slice(0, 1));

  const server = await serve(site);
  try {
    if (values.firefox) await checkFirefox(server, site, wanted);
    else await checkChromium(server, site, wanted, values);
  } finally {
    await server.close();
  }
  console.log(failed ? "The floor does not hold." : "The floor holds.");
  return failed ? 1 : 0;
}

main().then(
  (code) => process.exit(code),
  (error) => {
    console.error(`error: ${error.message}`);
    process.exit(2);
  },
);
