// What can be seen in the text of the files, without a browser: links, ids, inertness, validity.

import { createRequire } from "node:module";
import { Parser } from "htmlparser2";
import { pagesOf, read } from "./site.mjs";
import { fileAt } from "./serve.mjs";

const { HtmlValidate } = createRequire(import.meta.url)("html-validate");

const LINKS = { a: ["href"], audio: ["src"], image: ["href"], img: ["src"], link: ["href"], script: ["src"], source: ["src"], track: ["src"], use: ["href"], video: ["src", "poster"] };
const FORBIDDEN = ["applet", "base", "embed", "foreignobject", "form", "frame", "iframe", "object"];
const ACTIVE_URL = /^[\s\0-\x1f]*(javascript|vbscript|data:text\/html)/i;
const DATA_SCRIPT = /json$/;

/** A product that only an evaluated template would write. */
const EVALUATED = "7000021";

/** The links, the ids, and whatever of a file could act by itself. */
export function parse(text, isXml) {
  const found = { links: [], ids: new Set(), active: [] };
  const onopentag = (name, attributes) => {
    const tag = name.toLowerCase();
    if (FORBIDDEN.includes(tag)) found.active.push(`<${tag}>`);
    if (tag === "script" && !attributes.src && !DATA_SCRIPT.test(attributes.type ?? "")) found.active.push("inline <script>");
    if (tag === "style") found.active.push("inline <style>");
    if (tag === "meta" && /^refresh$/i.test(attributes["http-equiv"] ?? "")) found.active.push("<meta refresh>");
    for (const [key, value] of Object.entries(attributes)) {
      const attribute = key.toLowerCase();
      if (/^on[a-z]/.test(attribute)) found.active.push(`<${tag} ${attribute}>`);
      if (attribute === "style") found.active.push(`<${tag} style>`);
      if (/^(href|src|action|formaction|poster|xlink:href|data)$/.test(attribute) && ACTIVE_URL.test(value)) found.active.push(`<${tag} ${attribute}="${value.slice(0, 40)}">`);
      if (attribute === "id") found.ids.add(value);
    }
    for (const attribute of LINKS[tag] ?? []) {
      const value = attributes[attribute] ?? attributes[`xlink:${attribute}`];
      if (value !== undefined) found.links.push(value);
    }
  };
  const parser = new Parser({ onopentag }, { xmlMode: isXml, recognizeSelfClosing: true, decodeEntities: true });
  parser.write(text);
  parser.end();
  return found;
}

/** Every page and drawing of the site, parsed. */
export async function parseSite(site) {
  const parsed = new Map();
  const findings = [];
  for (const file of [...site.files.keys()].filter((it) => /\.(html|svg)$/.test(it))) {
    const text = await read(site, file);
    const found = parse(text, file.endsWith(".svg"));
    findings.push(...found.active.map((it) => `${file}: ${it} acts by itself`));
    if (text.includes(EVALUATED)) findings.push(`${file}: foreign template syntax was evaluated`);
    parsed.set(file, found);
  }
  return { parsed, findings };
}

/** Links that lead nowhere, opened from a folder or served under a sub-path. */
export function deadLinks(site, parsed) {
  const findings = [];
  const reached = new Set(["index.html", "404.html"]);
  let outward = 0;
  for (const [file, { links }] of parsed) {
    for (const link of links) {
      if (/^(https?|mailto):/i.test(link)) outward += 1;
      else if (!/^data:/i.test(link)) {
        const problem = resolve(site, parsed, file, link, reached);
        if (problem) findings.push(`${file}: \`${link.slice(0, 120)}\` ${problem}`);
      }
    }
  }
  const unreached = pagesOf(site).filter((it) => !reached.has(it));
  return { findings, outward, unreached };
}

/** What is wrong with one link, if anything. */
function resolve(site, parsed, file, link, reached) {
  const base = new URL(site.subPath + file.split("/").map(encodeURIComponent).join("/"), "http://127.0.0.1");
  let url;
  try {
    url = new URL(link, base);
  } catch {
    return "is no address";
  }
  if (url.host !== base.host || !/^http:$/.test(url.protocol)) return "leads elsewhere without saying so";
  if (url.pathname.endsWith("/")) return "names a folder, which `file://` does not open";
  let target;
  try {
    target = fileAt(site, url.pathname);
  } catch {
    return "is wrongly escaped";
  }
  if (!target) return url.pathname.startsWith(site.subPath) ? "does not exist" : "leaves the sub-path";
  reached.add(target);
  const id = decodeURIComponent(url.hash.slice(1));
  // `#a=b` is the state of a filter, which names no place on the page.
  const isPlace = id !== "" && !id.includes("=") && parsed.has(target);
  return isPlace && !parsed.get(target).ids.has(id) ? "has no such place on its page" : undefined;
}

/** What the HTML standard forbids in these pages. */
export async function invalid(site, pages) {
  const validator = new HtmlValidate({ root: true, extends: ["html-validate:standard"] });
  const findings = [];
  for (const page of pages) {
    const report = await validator.validateString(await read(site, page), page);
    for (const it of report.results.flatMap((result) => result.messages)) {
      findings.push(`${page}:${it.line}:${it.column}: ${it.message} (${it.ruleId})`);
    }
  }
  return findings;
}
