// The part of the floor that another engine may see differently: every kind of page in Firefox.

import axe from "axe-core";
import { existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";

const NARROWEST = 360;
/** Values of the preference that stands for what the system prefers. */
const SCHEMES = { dark: 0, light: 1 };

/** Where Firefox is: `$FIREFOX`, or where systems put it. */
export const firefoxPath = () => [process.env.FIREFOX, "/usr/bin/firefox", "/usr/bin/firefox-esr"].find((it) => it && existsSync(it));

/** Starts Firefox, which prefers `scheme` until it is closed. */
export function launchFirefox(scheme = "light") {
  const executablePath = firefoxPath();
  if (!executablePath) throw new Error("no Firefox there; install it, or say where it is in $FIREFOX");
  const extraPrefsFirefox = { "layout.css.prefers-color-scheme.content-override": SCHEMES[scheme] };
  return puppeteer.launch({ browser: "firefox", executablePath, extraPrefsFirefox });
}

/** Opens a page at a width, and gives what it says, what it asks for beside its own site, and what `look` finds. */
async function open(browser, url, home, width, look) {
  const page = await browser.newPage();
  const found = [];
  page.on("console", (it) => found.push(`says ${it.type()}: ${it.text()}`));
  page.on("pageerror", (it) => found.push(`says error: ${it.message}`));
  page.on("request", (it) => it.url().startsWith(home) || it.url().startsWith("data:") || found.push(`asks ${it.url()}`));
  try {
    await page.setViewport({ width, height: 740 });
    await page.goto(url, { waitUntil: "load" });
    return [...found, ...(await look(page))];
  } finally {
    await page.close();
  }
}

/** What axe-core finds; its contrasts need the colours that this engine paints. */
async function violations(page) {
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => (await window.axe.run(document, { resultTypes: ["violations"] })).violations.map((it) => [it.id, it.help, it.nodes.slice(0, 3).map((node) => node.target.join(" "))]));
  return found.flatMap(([id, help, targets]) => targets.map((it) => `${id}: ${help} (${it})`));
}

/** What does not fit on a phone, where bars of scrolling take their share of the width. */
async function fits(page) {
  const [needs, has] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  return needs > has ? [`scrolls sideways: ${needs} px of ${has}`] : [];
}

/** All that is checked of one page in a Firefox that prefers `scheme`; a finding is one line. */
export async function checkInFirefox(browser, scheme, server, site, file) {
  const url = server.url + encodeURI(file);
  const wide = await open(browser, url, server.url, 1280, violations);
  const phone = await open(browser, url, server.url, NARROWEST, fits);
  // Servers show it at any address, so it names its own from the root of the host.
  const home = `${pathToFileURL(site.root).href}/`;
  const folder = file === "404.html" ? [] : await open(browser, pathToFileURL(path.join(site.root, file)).href, home, 1280, async () => []);
  const found = [...wide, ...phone, ...folder.map((it) => `file://: ${it}`)];
  return [...new Set(found)].map((it) => `${file}: ${scheme}: ${it}`);
}
