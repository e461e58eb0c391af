// The search: words into a few scripts of the index, and their hits into a list.
//
// Everything that is shown comes as text from scripts of this site and is put into pages as text.
"use strict";
(() => {
  const { $, el, seek, ROOT } = window.lkSite;
  const place = $("[data-search]");
  if (!place) return;
  const [SHARDS, SHOWN, WORDS, TITLE, WORD] = [8, 40, 4, 24, 32];
  const said = el("output");
  const list = el("ol", { className: "hits" });
  const more = el("button", { type: "button", textContent: "Show more", hidden: true });
  const box = el("input", { type: "search", placeholder: "Words, the beginning of a name, or an id", autocomplete: "off" });
  box.setAttribute("aria-label", "Search");
  const kind = el("select", {}, el("option", { value: "", textContent: "everything" }), ...place.dataset.search.split(",").map((it) => el("option", { value: it, textContent: it })));
  kind.setAttribute("aria-label", "Kind");
  place.replaceChildren(box, kind, said);
  place.after(list, more);

  // --- scripts of the index; each is loaded once, and calls what waits for it
  const waiting = new Map();
  const loaded = new Map();
  const load = (name) => {
    if (!loaded.has(name)) {
      loaded.set(name, new Promise((resolve) => {
        waiting.set(name, resolve);
        const script = el("script", { src: new URL(`search/${name}.js`, ROOT).href });
        script.onerror = () => resolve(null);
        document.head.append(script);
      }));
    }
    return loaded.get(name);
  };
  window.lkIndex = (head) => waiting.get("index")(head);
  window.lkWords = (n, text) => waiting.get(`words/${n}`)(text.split("\n").map((line) => line.split(" ")));
  window.lkHits = (n, hits) => waiting.get(`hits/${n}`)(hits);
  // Fields are kind, class, word, context, page, title and anchor; those at the beginning that are missing are as in the entry before.
  window.lkEntries = (n, entries) => {
    let before = [];
    waiting.get(`entries/${n}`)(entries.map((it) => {
      before = [...before.slice(0, 7 - it.length), ...it];
      const [what, mark, outcome, context, page, title, anchor] = before;
      return [what, mark, outcome, title, context, page + anchor];
    }));
  };

  // --- words
  const split = (text) => text.split(/[^\p{Alphabetic}\p{N}]+/u).filter(Boolean).map((it) => [...it.toLowerCase()].slice(0, WORD).join(""));
  const beginning = (text) => [..."^" + split(text).join(" ")].slice(0, TITLE + 1).join("").trimEnd().replaceAll(" ", "_");

  const decode = (hits, n) => {
    if (!hits.startsWith("!")) {
      let before = 0;
      return hits.split(".").map((it) => (before += parseInt(it, 36)));
    }
    const bytes = atob(hits.slice(1));
    const found = [];
    for (let at = 0; at < n; at++) if (bytes.charCodeAt(at >> 3) & (1 << (at & 7))) found.push(at);
    return found;
  };

  // The last of a sorted list that does not come behind this.
  const upto = (all, it) => {
    let [low, high] = [0, all.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (all[middle] <= it) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  // Which block a word stands in, if it stands anywhere, and which script of entries one does.
  const block = (head, word) => upto(head.blocks, word);
  const shardOf = (head, n) => head.starts[upto(head.starts, n)];
  const hitsOf = async (head, lines) => {
    const all = new Set();
    for (const [, hits] of lines) {
      const [script, at] = hits.slice(1).split(".");
      const text = hits.startsWith("@") ? (await load(`hits/${script}`))?.[at] : hits;
      if (text) decode(text, head.n).forEach((it) => all.add(it));
    }
    return all;
  };
  // The entries with a word that begins like this; what is short has to be the whole word.
  const find = async (head, word, whole) => {
    const first = block(head, word);
    let lines = (await load(`words/${first}`)) ?? [];
    if (whole) return hitsOf(head, lines.filter(([it]) => it === word));
    const common = block(head, word + "*");
    if (common !== first) lines = lines.concat((await load(`words/${common}`)) ?? []);
    const united = lines.filter(([it]) => it === word + "*");
    if (united.length) return hitsOf(head, united);
    for (let at = common + 1; at < head.blocks.length && head.blocks[at].startsWith(word); at++) {
      lines = lines.concat((await load(`words/${at}`)) ?? []);
    }
    return hitsOf(head, lines.filter(([it]) => it.startsWith(word)));
  };

  // --- the answer
  let asked = 0;
  let rest = [];
  const row = ([what, mark, outcome, title, context, href]) => {
    const head = el("p", {}, el("small", { textContent: what + " " }), el("a", { href: new URL(href, ROOT).href, textContent: title }));
    if (mark) head.append(" ", el("span", { className: mark, textContent: outcome }));
    return el("li", {}, head, el("small", { textContent: context }));
  };
  // The name itself, then names that begin so, then names with the short words that were not looked
  // up; all else stays in its order, what fails first.
  const better = (query) => ([, , , title]) => {
    const low = title.toLowerCase();
    if (low === query.toLowerCase()) return 3;
    if (low.startsWith(query.toLowerCase())) return 2;
    const own = split(title);
    const short = split(query).filter((it) => it.length < 3);
    return short.length && short.every((it) => own.some((one) => one.startsWith(it))) ? 1 : 0;
  };
  const next = async (head, query, mine) => {
    const shards = new Set();
    const shown = [];
    while (rest.length && shown.length < SHOWN) {
      const shard = shardOf(head, rest[0]);
      if (!shards.has(shard) && shards.size === SHARDS) break;
      shards.add(shard);
      shown.push(rest.shift());
    }
    const entries = [];
    for (const it of shown) entries.push((await load(`entries/${shardOf(head, it)}`))?.[it - shardOf(head, it)]);
    if (mine !== asked) return;
    const score = better(query);
    const found = entries.filter(Boolean).map((it, n) => ({ it, n, score: score(it) }));
    found.sort((a, b) => b.score - a.score || a.n - b.n);
    list.append(...found.map((one) => row(one.it)));
    more.hidden = rest.length === 0;
    more.onclick = () => next(head, query, mine);
  };
  const search = async () => {
    const mine = ++asked;
    const query = box.value.trim();
    const text = new URLSearchParams([["q", query], ["kind", kind.value]].filter(([, it]) => it)).toString();
    history.replaceState(null, "", text ? "#" + text : location.pathname);
    const all = [...new Set(split(query))];
    const long = all.filter((it) => it.length > 2);
    const words = (long.length ? long : all).sort((a, b) => b.length - a.length).slice(0, WORDS);
    if (!words.length) return list.replaceChildren(), (said.textContent = ""), (more.hidden = true);
    const head = await load("index");
    if (!head) return (said.textContent = "The index of this site could not be loaded.");
    if (!head.n) return (said.textContent = "There is nothing to be found yet.");
    const sets = [];
    for (const word of words) sets.push(await find(head, word, word.length < 3));
    const title = await find(head, beginning(query), beginning(query).length < 4);
    const only = kind.value ? await find(head, "=" + kind.value, true) : null;
    if (mine !== asked) return;
    const is = (it) => !only || only.has(it);
    const named = [...title].filter(is);
    const others = [...sets[0]].filter((it) => is(it) && !title.has(it) && sets.every((set) => set.has(it)));
    const order = (a, b) => a - b;
    rest = [...named.sort(order), ...others.sort(order)];
    said.textContent = rest.length === 1 ? "1 hit" : `${rest.length.toLocaleString("en")} hits`;
    list.replaceChildren();
    if (/^[0-9a-f][0-9a-hjkmnp-tv-z]{12}$/.test(query)) {
      seek(query, (url) => url && mine === asked && list.prepend(el("li", {}, el("p", {}, el("small", { textContent: "id " }), el("a", { href: url, textContent: `Open the scenario ${query}` })))));
    }
    await next(head, query, mine);
  };

  // --- keyboard: arrows go through the hits, Enter opens the first
  let timer;
  box.oninput = () => {
    clearTimeout(timer);
    timer = setTimeout(search, 150);
  };
  kind.onchange = search;
  box.onkeydown = (event) => {
    if (event.key === "Enter") $("a", list)?.click();
  };
  document.addEventListener("keydown", (event) => {
    const links = [...list.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (event.key === "/" && document.activeElement !== box) box.focus();
    else if (by && (at >= 0 || document.activeElement === box)) (at + by < 0 ? box : links[Math.min(at + by, links.length - 1)])?.focus();
    else return;
    event.preventDefault();
  });
  const kept = new URLSearchParams(location.hash.slice(1));
  box.value = kept.get("q") ?? "";
  kind.value = kept.get("kind") ?? "";
  box.focus();
  search();
})();
