// A built site as a folder of files: its pages, and the kinds that they are of.
//
// It knows the addresses of the design and nothing of how pages are made.

import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";

/** The 13 letters that end the address of a case. */
const CASE = /-[0-9a-hjkmnp-tv-z]{13}$/;

/** The kind of page at an address, such as `case`, `matrix`, or `runs/*`. */
export function kindOf(file) {
  const parts = file.replace(/(^|\/)index\.html$/, "").split("/").filter(Boolean);
  if (parts.length === 0) return "overview";
  if (parts.length === 2 && parts[0] === "cases" && CASE.test(parts[1])) return "case";
  if (parts[0] === "features" && parts.length > 1) return "features/*";
  return [parts[0], ...parts.slice(1).map(() => "*")].join("/");
}

/** All files of a site by path from its root, sorted, with their sizes in bytes. */
export async function readSite(root) {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = new Map();
  for (const entry of entries.filter((it) => it.isFile())) {
    const full = path.join(entry.parentPath ?? entry.path, entry.name);
    files.set(path.relative(root, full).split(path.sep).join("/"), (await stat(full)).size);
  }
  const sorted = new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
  return { root: path.resolve(root), files: sorted, subPath: await subPathOf(root, sorted) };
}

/** The sub-path that a site is served under: that of its own address, as `404.html` is made for it. */
async function subPathOf(root, files) {
  const overview = files.has("index.html") ? await readFile(path.join(root, "index.html"), "utf8") : "";
  const address = /<link rel=canonical href="([^"]+)"/.exec(overview)?.[1];
  return address ? new URL(address).pathname : "/some/project/";
}

/** The HTML pages of a site. */
export function pagesOf(site) {
  return [...site.files.keys()].filter((it) => it.endsWith(".html"));
}

/** The largest and the smallest page of each kind: full tables, and empty states. */
export function examplesOf(site) {
  const kinds = new Map();
  for (const page of pagesOf(site)) {
    const kind = kindOf(page);
    kinds.set(kind, [...(kinds.get(kind) ?? []), page]);
  }
  const bySize = (a, b) => site.files.get(b) - site.files.get(a) || (a < b ? -1 : 1);
  for (const [kind, pages] of kinds) {
    pages.sort(bySize);
    kinds.set(kind, [...new Set([pages[0], pages.at(-1)])]);
  }
  return kinds;
}

/** The text of a file of the site. */
export function read(site, file) {
  return readFile(path.join(site.root, file), "utf8");
}
