// What pages and the preview do in a real browser; the program is built before: `cargo build`.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const PROGRAM = process.env.LKREPORT ?? path.join(import.meta.dirname, "../../target/debug/lkreport");
const BROWSER = process.env.CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

let browser;
const desks = [];

before(async () => {
  browser = await chromium.launch({ executablePath: BROWSER, args: FLAGS });
});

after(async () => {
  await browser?.close();
  for (const it of desks) rmSync(it, { recursive: true, force: true });
});

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

test("the matrix shows what one tag says of each cell, and its address keeps that", async () => {
  const cases = tagged("joins", "@rooms") + tagged("records", "@egress", "<failure message='no'/>");
  const old = tagged("joins", "@rooms") + tagged("records", "@egress");
  const root = desk([
    ["a", "2026-11-19T10:00:00Z", { livekit: "1.10.1", egress: "1.8.4" }, old],
    ["b", "2026-11-20T10:00:00Z", { livekit: "1.11.0", egress: "1.8.4" }, cases],
  ]);
  build(root);
  const page = await browser.newPage();
  const problems = [];
  page.on("console", (it) => problems.push(it.text()));
  page.on("pageerror", (it) => problems.push(it.message));
  const url = pathToFileURL(path.join(root, "report/matrix/index.html")).href;
  await page.goto(url);
  const cells = () => page.locator("[data-slices] tbody td").evaluateAll((all) => all.map((it) => `${it.className} ${it.querySelector(".n")?.textContent}`));
  assert.deepEqual(await cells(), ["fail 1 of 2", "pass 2 of 2"]);
  await page.getByText("Filter by suite, tag or date").click();
  await page.getByLabel("tag").selectOption("@rooms");
  assert.deepEqual(await cells(), ["pass 1 of 1", "pass 1 of 1"]);
  await page.getByLabel("to").fill("2026-11-19");
  await page.getByLabel("to").blur();
  assert.deepEqual(await cells(), ["untested none", "pass 1 of 1"]);
  const kept = page.url();
  assert.match(kept, /#tag=%40rooms&to=2026-11-19$/);
  const other = await browser.newPage();
  await other.goto(kept);
  await other.getByLabel("tag").waitFor();
  assert.equal(await other.getByText("1 of 2 cells say something of this").count(), 1);
  await page.getByLabel("tag").selectOption("");
  await page.getByLabel("to").fill("");
  await page.getByLabel("to").blur();
  assert.deepEqual(await cells(), ["fail 1 of 2", "pass 2 of 2"]);
  assert.deepEqual(problems, []);
});

test("the moments of a failure can be narrowed to one source", async () => {
  const failing = '<testcase name="joins" time="2" timestamp="2026-11-20T10:00:10Z"><failure message="no"/></testcase>';
  const root = desk([["a", "2026-11-20T10:00:00Z", { livekit: "1.11.0" }, failing]]);
  mkdirSync(path.join(root, "results/a/logs"));
  for (const it of ["livekit", "egress"]) writeFileSync(path.join(root, `results/a/logs/${it}.log`), `2026-11-20T10:00:11.000Z\tINFO\t${it}\tspoke\n`);
  build(root);
  const page = await browser.newPage();
  await page.goto(pathToFileURL(path.join(root, "report/cases/index.html")).href);
  await page.getByRole("link", { name: "joins" }).click();
  const shown = () => page.locator(".moments tbody tr:visible").count();
  assert.equal(await shown(), 2);
  await page.getByLabel("source").and(page.locator("select")).selectOption("egress");
  assert.equal(await shown(), 1);
  await page.reload();
  assert.equal(await shown(), 1);
});

test("the preview shows a changed result without being asked, and Ctrl-C ends it", async () => {
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
    const page = await browser.newPage();
    const problems = [];
    page.on("console", (it) => problems.push(it.text()));
    page.on("pageerror", (it) => problems.push(it.message));
    await page.goto(url);
    await page.getByText("passes all 1").waitFor();
    const folder = path.join(root, "results/b");
    mkdirSync(folder);
    writeFileSync(path.join(folder, "run.json"), JSON.stringify({ id: "b", suite: "smoke", started: "2026-11-21T10:00:00Z", finished: "2026-11-21T10:00:00Z", versions: { livekit: "1.11.0" } }));
    writeFileSync(path.join(folder, "junit.xml"), `<testsuite name="s">${tagged("joins", "@rooms", "<failure message='no'/>")}</testsuite>`);
    await page.getByText("passes 0 of 1").waitFor();
    assert.deepEqual(problems, []);
    program.kill("SIGINT");
    const { code, signal } = await ended;
    assert.ok(code === 130 || signal === "SIGINT", `${code} ${signal}`);
  } finally {
    program.kill("SIGKILL");
  }
});
