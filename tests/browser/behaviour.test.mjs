// What pages and the preview do in real browsers, Chromium and Firefox; the program is built before: `cargo build`.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { isDeepStrictEqual } from "node:util";
import puppeteer from "puppeteer-core";
import { firefoxPath, launchFirefox } from "./firefox.mjs";

const PROGRAM = process.env.LKREPORT ?? path.join(import.meta.dirname, "../../target/debug/lkreport");
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const LAUNCHES = {
  Chromium: () => puppeteer.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS }),
  Firefox: () => (firefoxPath() ? launchFirefox() : undefined),
};

const browsers = {};
const desks = [];

before(async () => {
  for (const [name, launch] of Object.entries(LAUNCHES)) browsers[name] = await launch();
});

after(async () => {
  for (const it of Object.values(browsers)) await it?.close();
  for (const it of desks) rmSync(it, { recursive: true, force: true });
});

/** A test in each browser; `work` gets one with its problems: what its pages say or what breaks in them. */
function inEach(name, work) {
  for (const engine of Object.keys(LAUNCHES)) {
    test(`${engine}: ${name}`, async (t) => {
      if (!browsers[engine]) return t.skip(`NOT CHECKED: there is no ${engine}; install it, or say where it is in $${engine.toUpperCase()}`);
      const problems = [];
      const open = async (url) => {
        const page = await browsers[engine].newPage();
        page.on("console", (it) => problems.push(it.text()));
        page.on("pageerror", (it) => problems.push(it.message));
        await page.goto(url);
        return page;
      };
      await work(open);
      assert.deepEqual(problems, []);
    });
  }
}

/** The address of a file of the site that was built at `root`. */
const fileOf = (root, file) => new URL(`report/${file}`, `${pathToFileURL(root).href}/`).href;

/** What stands in the label `name`. */
const labelled = (page, name) => page.waitForSelector(`::-p-xpath(//label[text()='${name}']/*)`);

/** Waits until a page says `text`, also when it reloads meanwhile. */
const says = (page, text) => page.waitForFunction((it) => document.body.innerText.replace(/\s+/g, " ").includes(it), {}, text);

/** Waits until `query` gives `expected`, as pages answer a little later. */
async function becomes(query, expected) {
  const until = performance.now() + 10_000;
  let seen = await query();
  while (!isDeepStrictEqual(seen, expected) && performance.now() < until) seen = await query();
  assert.deepEqual(seen, expected);
}

/** A folder with one run for each of `runs`: id, start, versions, and the outer XML of its cases. */
function desk(runs) {
  const root = mkdtempSync(path.join(os.tmpdir(), "lkreport-behaviour-"));
  desks.push(root);
  for (const [id, started, versions, cases] of runs) {
    const folder = path.join(root, "results", id);
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, "run.json"), JSON.stringify({ id, suite: "smoke", started, finished: started, versions }));
    writeFileSync(path.join(folder, "junit.xml"), `<testsuite name="s">${cases}</testsuite>`);
  }
  return root;
}

const tagged = (name, tag, inner = "") => `<testcase name="${name}" time="1"><properties><property name="tag" value="${tag}"/></properties>${inner}</testcase>`;

function build(root) {
  const { status, stderr } = spawnSync(PROGRAM, ["build", "--results", "results"], { cwd: root, encoding: "utf8" });
  assert.equal(status, 0, stderr);
}

inEach("the matrix shows what one tag says of each cell, and its address keeps that", async (open) => {
  const cases = tagged("joins", "@rooms") + tagged("records", "@egress", "<failure message='no'/>");
  const old = tagged("joins", "@rooms") + tagged("records", "@egress");
  const root = desk([
    ["a", "2026-11-19T10:00:00Z", { livekit: "1.10.1", egress: "1.8.4" }, old],
    ["b", "2026-11-20T10:00:00Z", { livekit: "1.11.0", egress: "1.8.4" }, cases],
  ]);
  build(root);
  const page = await open(fileOf(root, "matrix/index.html"));
  const cells = () => page.$$eval("[data-slices] tbody td", (all) => all.map((it) => `${it.className} ${it.querySelector(".n")?.textContent}`));
  const day = async (value) => {
    const input = await labelled(page, "to");
    await input.evaluate((it, text) => Object.assign(it, { value: text }).dispatchEvent(new Event("change")), value);
  };
  assert.deepEqual(await cells(), ["fail 1 of 2", "pass 2 of 2"]);
  await (await page.$("summary ::-p-text(Filter by suite, tag or date)")).click();
  await (await labelled(page, "tag")).select("@rooms");
  await becomes(cells, ["pass 1 of 1", "pass 1 of 1"]);
  await day("2026-11-19");
  await becomes(cells, ["untested none", "pass 1 of 1"]);
  assert.match(page.url(), /#tag=%40rooms&to=2026-11-19$/);
  const other = await open(page.url());
  await other.waitForSelector("::-p-text(1 of 2 cells say something of this)");
  await (await labelled(page, "tag")).select("");
  await day("");
  await becomes(cells, ["fail 1 of 2", "pass 2 of 2"]);
});

inEach("rows are filtered, sorted and walked through by keys, and the address keeps that", async (open) => {
  const cases = ["b", "a", "c"].map((it, n) => `<testcase name="${it}" time="${n + 1}"><failure message="no"/></testcase>`).join("");
  const root = desk([["a", "2026-11-20T10:00:00Z", { livekit: "1.11.0" }, cases]]);
  build(root);
  const page = await open(fileOf(root, "cases/index.html"));
  const shown = (it) => it.$$eval("[data-tool=cases] tbody tr:not([hidden]) a", (all) => all.map((link) => link.textContent));
  await (await page.$("thead ::-p-text(Duration)")).click();
  await (await page.$("thead ::-p-text(Duration)")).click();
  await becomes(() => shown(page), ["c", "a", "b"]);
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "a");
  await page.keyboard.press("/");
  await page.keyboard.type("failed c");
  await becomes(() => shown(page), ["c"]);
  const other = await open(page.url());
  await becomes(() => shown(other), ["c"]);
  await page.keyboard.press("Escape");
  await becomes(() => shown(page), ["c", "a", "b"]);
  await page.keyboard.press("?");
  await page.waitForSelector("dialog[open]");
});

inEach("an id leads to where its scenario stands", async (open) => {
  const root = desk([["a", "2026-11-20T10:00:00Z", { livekit: "1.11.0" }, tagged("joins", "@rooms") + tagged("leaves", "@rooms", "<failure message='no'/>")]]);
  build(root);
  const list = await open(fileOf(root, "cases/in/smoke/1/index.html"));
  const id = await list.$eval("tr[id]", (it) => it.id);
  const page = await open(fileOf(root, `cases/index.html#${id}`));
  await becomes(() => page.url(), fileOf(root, `cases/in/smoke/1/index.html#${id}`));
});

inEach("the moments of a failure can be narrowed to one source", async (open) => {
  const failing = '<testcase name="joins" time="2" timestamp="2026-11-20T10:00:10Z"><failure message="no"/></testcase>';
  const root = desk([["a", "2026-11-20T10:00:00Z", { livekit: "1.11.0" }, failing]]);
  mkdirSync(path.join(root, "results/a/logs"));
  for (const it of ["livekit", "egress"]) writeFileSync(path.join(root, `results/a/logs/${it}.log`), `2026-11-20T10:00:11.000Z\tINFO\t${it}\tspoke\n`);
  build(root);
  const list = await open(fileOf(root, "cases/index.html"));
  const page = await open(await list.$eval("tbody a", (it) => it.href));
  const shown = () => page.$$eval(".moments tbody tr", (all) => all.filter((it) => it.checkVisibility()).length);
  assert.equal(await shown(), 2);
  await (await labelled(page, "source")).select("egress");
  await becomes(shown, 1);
  await page.reload();
  assert.equal(await shown(), 1);
});

inEach("the timeline of a failure is zoomed and moved by keys and by fingers", async (open) => {
  const failing = '<testcase name="joins" time="2" timestamp="2026-11-20T10:00:10Z"><failure message="no"/></testcase>';
  const root = desk([["a", "2026-11-20T10:00:00Z", { livekit: "1.11.0" }, failing]]);
  mkdirSync(path.join(root, "results/a/logs"));
  writeFileSync(path.join(root, "results/a/logs/livekit.log"), "2026-11-20T10:00:11.000Z\tINFO\tlivekit\tspoke\n");
  build(root);
  const list = await open(fileOf(root, "cases/index.html"));
  const page = await open(await list.$eval("tbody a", (it) => it.href));
  const shown = () => page.$eval(".times svg", (it) => it.getAttribute("viewBox").split(" ").filter((_, n) => n % 2 === 0).map(Math.round));
  assert.deepEqual(await shown(), [0, 6000]);
  await page.focus(".times");
  await page.keyboard.press("+");
  assert.deepEqual(await shown(), [1500, 3000]);
  await page.keyboard.press("ArrowRight");
  assert.deepEqual(await shown(), [3000, 3000]);
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("-");
  assert.deepEqual(await shown(), [0, 6000]);
  await page.keyboard.press("+");
  await page.keyboard.press("0");
  assert.deepEqual(await shown(), [0, 6000]);
  // Both browsers know pointers, and only one of them lets a driver use two fingers.
  const touch = (steps) => page.$eval(".times svg", (lane, steps) => {
    const box = lane.getBoundingClientRect();
    for (const [type, pointerId, share] of steps) {
      lane.dispatchEvent(new PointerEvent(type, { pointerId, pointerType: "touch", bubbles: true, clientX: box.left + share * box.width, clientY: box.top + 5 }));
    }
  }, steps);
  await touch([["pointerdown", 1, .4], ["pointerdown", 2, .6], ["pointermove", 1, .3], ["pointermove", 2, .7]]);
  const [from, wide] = await shown();
  assert.ok(wide > 2900 && wide < 3100 && from > 1300 && from < 1700, `${from} ${wide}`);
  await touch([["pointerup", 2, .7], ["pointermove", 1, .2], ["pointerup", 1, .2], ["pointermove", 1, .9]]);
  const [later, same] = await shown();
  assert.equal(same, wide);
  assert.ok(Math.abs(later - from - .1 * wide) < 10, `${from} ${later}`);
});

inEach("the preview shows a changed result without being asked, and Ctrl-C ends it", async (open) => {
  const root = desk([["a", "2026-11-20T10:00:00Z", { livekit: "1.11.0" }, tagged("joins", "@rooms")]]);
  const program = spawn(PROGRAM, ["serve", "--results", "results", "--port", "0"], { cwd: root });
  const ended = new Promise((done) => program.on("exit", (code, signal) => done({ code, signal })));
  try {
    const url = await new Promise((done, fail) => {
      let said = "";
      program.stderr.on("data", (it) => {
        said += it;
        const found = /http:\/\/[^ ]+\//.exec(said);
        if (found) done(found[0]);
      });
      program.on("exit", () => fail(new Error(said)));
    });
    const page = await open(url);
    await says(page, "1 of 1 passed");
    const folder = path.join(root, "results/b");
    mkdirSync(folder);
    writeFileSync(path.join(folder, "run.json"), JSON.stringify({ id: "b", suite: "smoke", started: "2026-11-21T10:00:00Z", finished: "2026-11-21T10:00:00Z", versions: { livekit: "1.11.0" } }));
    writeFileSync(path.join(folder, "junit.xml"), `<testsuite name="s">${tagged("joins", "@rooms", "<failure message='no'/>")}</testsuite>`);
    await says(page, "0 of 1 passed");
    await page.close();
    program.kill("SIGINT");
    const { code, signal } = await ended;
    assert.ok(code === 130 || signal === "SIGINT", `${code} ${signal}`);
  } finally {
    program.kill("SIGKILL");
  }
});
