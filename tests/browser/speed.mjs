// Lighthouse: how the pages that people arrive at do on a slow phone.

import lighthouse from "lighthouse";

const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"];
const LEAST = 0.95;

/** The scores of a page, and findings for those below the least, with the audits that cost most. */
export async function score(url, port) {
  const { lhr } = await lighthouse(url, { port, logLevel: "silent", onlyCategories: CATEGORIES });
  const scores = CATEGORIES.map((it) => [it, lhr.categories[it].score ?? 0]);
  const low = scores.filter(([, value]) => value < LEAST);
  const findings = low.map(([name, value]) => `${name} ${Math.round(value * 100)}: ${costly(lhr, name).join("; ")}`);
  if (lhr.runtimeError) findings.push(`could not be measured: ${lhr.runtimeError.message}`);
  return { said: scores.map(([name, value]) => `${name} ${Math.round(value * 100)}`).join(", "), findings };
}

/** The audits of a category that did not pass, the heaviest first. */
function costly(lhr, category) {
  const refs = lhr.categories[category].auditRefs.filter((it) => it.weight > 0 && (lhr.audits[it.id].score ?? 1) < 0.9);
  return refs.sort((a, b) => b.weight - a.weight).slice(0, 5).map((it) => lhr.audits[it.id].title);
}
