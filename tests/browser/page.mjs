// What only a browser can see of a page: accessibility, weight, what it asks for, what it says, how it fits.

import axe from "axe-core";
import path from "node:path";
import { pathToFileURL } from "node:url";

/** Bytes of a page with everything that it loads, uncompressed. */
const HEAVIEST = 150 * 1024;
const MOST_REQUESTS = 5;
const NARROWEST = 360;

/** A fragment and a query as a hostile link would carry them. */
const HOSTILE = "#q=%3Cimg%20src%3Dx%20onerror%3Dwindow.__canary%3D1%3E&sort=__proto__&from=%22%3E%3Cscript%3Ewindow.__canary%3D1%3C/script%3E";
const KEYS = ["/", "Escape", "?", "Escape", "j", "k"];

/** Opens a page, and gives what was asked for, what was said, and how heavy it was. */
async function open(browser, url, options, look) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const seen = { asked: [], said: [], weights: [], requests: 0 };
  context.on("request", (it) => seen.asked.push(it.url()));
  // A picture that an attempt left is as heavy as it is, and is loaded only where somebody comes to it.
  const is_of_page = (it) => !(it.resourceType() === "image" && it.url().includes("/evidence/"));
  context.on("request", (it) => is_of_page(it) && (seen.requests += 1));
  context.on("response", (it) => is_of_page(it.request()) && seen.weights.push(it.body().then((body) => body.length, () => 0)));
  page.on("console", (it) => seen.said.push(`${it.type()}: ${it.text()}`));
  page.on("pageerror", (it) => seen.said.push(`error: ${it.message}`));
  page.on("dialog", (it) => {
    seen.said.push(`dialog: ${it.message()}`);
    return it.dismiss();
  });
  try {
    await page.goto(url, { waitUntil: "load" });
    const findings = await look(page, seen);
    return [...findings, ...seen.said.map((it) => `says ${it}`)];
  } finally {
    await context.close();
  }
}

/** What axe-core finds, with its default rules, at the present colours. */
async function violations(page, scheme) {
  await page.evaluate(axe.source);
  const { violations: found } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return found.flatMap((it) => it.nodes.slice(0, 3).map((node) => `${scheme}: ${it.id}: ${it.help} (${node.target.join(" ")})`));
}

/** The policy that the page holds itself to. */
async function policyProblems(page) {
  const meta = page.locator('meta[http-equiv="Content-Security-Policy"]');
  if ((await meta.count()) === 0) return ["has no Content-Security-Policy"];
  const policy = await meta.first().getAttribute("content");
  const loose = policy.match(/'unsafe-[a-z-]+'|(?<=\s)(\*|https?:|data:text)\S*/g) ?? [];
  const closed = /default-src 'none'|default-src 'self'/.test(policy);
  return [...loose.map((it) => `its policy permits ${it}`), ...(closed ? [] : ["its policy leaves `default-src` open"])];
}

/** How many words the page says, but for those of controls, which scripts may add. */
const words = (page) =>
  page.evaluate(() => {
    const count = (it) => (it?.innerText ?? "").split(/\s+/).filter(Boolean).length;
    const main = document.querySelector("main");
    const controls = main?.querySelectorAll("button, dialog, label, output, select, summary") ?? [];
    return [...controls].reduce((sum, it) => sum - count(it), count(main));
  });

const canary = async (page) => ((await page.evaluate(() => window.__canary)) === undefined ? [] : ["a canary sang: foreign text was run"]);

/** What a page asked for beside itself and its own site. */
function foreign(seen, home) {
  return [...new Set(seen.asked)].filter((it) => !it.startsWith(home) && !it.startsWith("data:")).map((it) => `asks ${it}`);
}

/** All that is checked of one page; a finding is one line. */
export async function checkPage(browser, server, site, file) {
  const url = server.url + encodeURI(file);
  const home = `${pathToFileURL(site.root).href}/`;
  let spoken = 0;
  const light = await open(browser, url, { colorScheme: "light" }, async (page, seen) => {
    const bytes = (await Promise.all(seen.weights)).reduce((a, b) => a + b, 0);
    const found = [...foreign(seen, server.url), ...(await policyProblems(page))];
    if (bytes > HEAVIEST) found.push(`weighs ${Math.ceil(bytes / 1024)} KB of ${HEAVIEST / 1024}`);
    if (seen.requests > MOST_REQUESTS) found.push(`makes ${seen.requests} requests of ${MOST_REQUESTS}`);
    spoken = await words(page);
    return [...found, ...(await violations(page, "light"))];
  });
  const dark = await open(browser, url, { colorScheme: "dark" }, (page) => violations(page, "dark"));
  const phone = await open(browser, url, { viewport: { width: NARROWEST, height: 740 } }, async (page) => {
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    return width > NARROWEST ? [`scrolls sideways: ${width} px on a phone of ${NARROWEST}`] : [];
  });
  const scriptless = await open(browser, url, { javaScriptEnabled: false }, async (page) => {
    const left = await words(page);
    const titled = await page.locator("h1").first().isVisible();
    return [...(titled ? [] : ["has no visible <h1>"]), ...(left < spoken * 0.9 ? [`says ${left} words without JavaScript, ${spoken} with it`] : [])];
  });
  // Servers show it at any address, so it names its own from the root of the host.
  const hosted = file === "404.html";
  const folder = hosted ? [] : await open(browser, pathToFileURL(path.join(site.root, file)).href, {}, async (page, seen) => foreign(seen, home));
  // Without the policy, so that escaping alone must hold.
  const bare = await open(browser, url + HOSTILE, { bypassCSP: true }, async (page) => {
    for (const key of KEYS) await page.keyboard.press(key);
    // A key may have led to the search.
    return canary(page).catch(async () => {
      await page.waitForLoadState("load");
      return canary(page);
    });
  });
  const found = [...light, ...dark, ...phone, ...scriptless, ...folder.map((it) => `file://: ${it}`), ...bare];
  return [...new Set(found)].map((it) => `${file}: ${it}`);
}

/** Opens a page or drawing without its policy, and says only whether something foreign ran. */
export function checkInert(browser, server, file) {
  return open(browser, server.url + encodeURI(file), { bypassCSP: true }, async (page, seen) => {
    return [...(await canary(page)), ...foreign(seen, server.url)];
  }).then((found) => found.map((it) => `${file}: ${it}`));
}
