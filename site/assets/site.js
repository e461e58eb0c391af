// What pages can do beyond being read: filter, sort, pick columns, keyboard, copy.
//
// Everything is kept in the fragment of the address, so that a link shows the same. The fragment is
// foreign text: it is compared and put into inputs, never into markup.
"use strict";
(() => {
  const $ = (query, of = document) => of.querySelector(query);
  const $$ = (query, of = document) => [...of.querySelectorAll(query)];
  const el = (name, props = {}, ...inner) => {
    const it = Object.assign(document.createElement(name), props);
    it.append(...inner);
    return it;
  };
  const ROOT = new URL("../", document.currentScript.src);
  const MARKS = ["fail", "known", "flaky", "degraded", "pass", "skipped", "unsupported", "aged", "untested"];

  // --- state in the fragment; a fragment without "=" is the anchor of a row or line and left alone
  const isState = () => location.hash.includes("=");
  const state = new URLSearchParams(isState() ? location.hash.slice(1) : "");
  const keep = (key, value) => {
    if (value) state.set(key, value);
    else state.delete(key);
    const text = state.toString();
    history.replaceState(null, "", text ? "#" + text : location.pathname + location.search);
  };

  // --- tables
  const tables = $$("table[data-tool]").map((table) => {
    const heads = $$("thead th", table);
    const rows = $$("tbody tr", table).filter((row) => !$("[scope=rowgroup]", row));
    return { table, heads, rows, text: rows.map((row) => row.textContent.toLowerCase()) };
  });
  const markOf = (row) => MARKS.find((mark) => $("td", row)?.classList.contains(mark));
  const column = (it, name) => it.heads.findIndex((head) => head.dataset.name === name);
  const cell = (row, at) => row.cells[at]?.textContent.trim() ?? "";
  const dated = (row, it) => /\d{4}-\d\d-\d\d/.exec(cell(row, column(it, "started")))?.[0] ?? "";
  const PICKS = ["suite", "versions", "branch", "source"];

  const matches = (it, at) => {
    const row = it.rows[at];
    const words = (state.get("q") ?? "").toLowerCase().split(/\s+/).filter(Boolean);
    const marks = (state.get("outcome") ?? "").split(",").filter((mark) => MARKS.includes(mark));
    const [from, to] = [state.get("from") ?? "", state.get("to") ?? ""];
    return words.every((word) => it.text[at].includes(word))
      && (!marks.length || marks.includes(markOf(row)))
      && PICKS.every((name) => !state.get(name) || column(it, name) < 0 || cell(row, column(it, name)) === state.get(name))
      && (!from || column(it, "started") < 0 || dated(row, it) >= from)
      && (!to || column(it, "started") < 0 || dated(row, it) <= to);
  };

  const show = () => {
    for (const it of tables) {
      let shown = 0;
      it.rows.forEach((row, at) => {
        row.hidden = !matches(it, at);
        shown += !row.hidden;
      });
      for (const body of it.table.tBodies) {
        const inner = [...body.rows].filter((row) => !$("[scope=rowgroup]", row));
        for (const head of $$("[scope=rowgroup]", body)) {
          head.parentNode.hidden = !inner.some((row) => !row.hidden);
        }
      }
      if (it.said) it.said.textContent = shown === it.rows.length ? "" : `${shown} of ${it.rows.length} shown`;
      if (it.none) it.none.hidden = shown > 0;
    }
    fade();
  };

  // --- points of charts stand for the runs of the table below them
  const fade = () => {
    const runs = tables.find((it) => it.table.dataset.tool === "runs");
    if (!runs) return;
    const hidden = new Set(runs.rows.filter((row) => row.hidden).map((row) => $("a", row)?.href));
    for (const point of $$(".chart a")) point.classList.toggle("off", hidden.has(point.href.baseVal && new URL(point.href.baseVal, document.baseURI).href));
  };

  // --- sorting; the value is a number where the cell or its data-v is one, or the cell says milliseconds
  const value = (row, at) => {
    const it = row.cells[at];
    const text = it?.dataset.v ?? it?.textContent.trim().replace(/^(\d+)\sms$/, "$1") ?? "";
    const mark = at === 0 ? MARKS.indexOf(markOf(row)) : -1;
    if (mark >= 0) return mark;
    return text !== "" && !isNaN(text) ? Number(text) : text.toLowerCase();
  };
  const compare = (a, b) => {
    if (a === "" || b === "") return (a === "") - (b === "");
    if (typeof a === "number" && typeof b === "number") return a - b;
    return String(a).localeCompare(String(b), "en", { numeric: true });
  };
  const sort = (it, at, falling) => {
    const body = it.table.tBodies[0];
    const keyed = it.rows.map((row, n) => ({ row, n, key: value(row, at) }));
    keyed.sort((a, b) => (falling ? compare(b.key, a.key) : compare(a.key, b.key)) || a.n - b.n);
    for (const head of $$("[scope=rowgroup]", it.table)) head.parentNode.remove();
    body.append(...keyed.map((one) => one.row));
    it.heads.forEach((head, n) => {
      if (n === at) head.setAttribute("aria-sort", falling ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
  };
  const sortAsKept = () => {
    const [, sign, name] = /^(-?)(\w+)$/.exec(state.get("sort") ?? "") ?? [];
    if (!name) return;
    for (const it of tables) if (column(it, name) >= 0) sort(it, column(it, name), sign === "-");
  };

  // --- columns
  const columns = () => {
    const off = (state.get("hide") ?? "").split(",");
    for (const it of tables) {
      it.heads.forEach((head, at) => {
        const hidden = off.includes(head.dataset.name);
        head.hidden = hidden;
        for (const row of it.rows) if (row.cells[at]) row.cells[at].hidden = hidden;
      });
    }
  };

  const picker = (it) => {
    const boxes = it.heads.slice(1).map((head) => {
      const name = head.dataset.name;
      const box = el("input", { type: "checkbox", checked: !(state.get("hide") ?? "").split(",").includes(name) });
      box.onchange = () => {
        const off = new Set((state.get("hide") ?? "").split(",").filter(Boolean));
        off[box.checked ? "delete" : "add"](name);
        keep("hide", [...off].join(","));
        columns();
      };
      return el("label", {}, box, head.textContent);
    });
    return el("details", {}, el("summary", { textContent: "Columns" }), el("div", {}, ...boxes));
  };

  const choice = (it, name) => {
    const at = column(it, name);
    const values = at < 0 ? [] : [...new Set(it.rows.map((row) => cell(row, at)))].filter(Boolean);
    if (values.length < 2) return "";
    values.sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
    const select = el("select", {}, el("option", { value: "", textContent: "all" }), ...values.map((text) => el("option", { value: text, textContent: text })));
    select.value = values.includes(state.get(name)) ? state.get(name) : "";
    select.onchange = () => (keep(name, select.value), show());
    return el("label", {}, name, select);
  };

  const day = (it, name) => {
    if (column(it, "started") < 0 || new Set(it.rows.map((row) => dated(row, it))).size < 2) return "";
    const input = el("input", { type: "date", value: state.get(name) ?? "" });
    input.onchange = () => (keep(name, input.value), show());
    return el("label", {}, name, input);
  };

  tables.forEach((it, n) => {
    for (const head of it.heads) {
      const name = head.textContent.trim();
      head.dataset.name = name.toLowerCase();
      const button = el("button", { type: "button", textContent: name });
      button.onclick = () => {
        const falling = head.getAttribute("aria-sort") === "ascending";
        sort(it, it.heads.indexOf(head), falling);
        keep("sort", (falling ? "-" : "") + head.dataset.name);
      };
      head.replaceChildren(button);
    }
    if (it.rows.length < 2) return;
    const box = el("input", { type: "search", placeholder: "Filter  ( / )", value: state.get("q") ?? "" });
    box.setAttribute("aria-label", "Filter the rows");
    box.oninput = () => {
      keep("q", box.value);
      show();
      look(box.value.trim(), false);
    };
    it.said = el("output");
    it.none = el("p", { hidden: true, textContent: "Nothing matches. Esc clears the filter." });
    const more = ["runs", "moments"].includes(it.table.dataset.tool) ? [...PICKS.map((name) => choice(it, name)), day(it, "from"), day(it, "to")] : [];
    const tool = el("div", { className: "tool" }, box, ...more, picker(it), it.said);
    const place = it.table.closest(".scroll") ?? it.table;
    place.before(tool);
    place.after(it.none);
    if (n === 0) it.box = box;
  });

  // --- where an id stands: in the fragment, in the filter, or in the address of a page that is gone
  const place = $("[data-where]");
  const where = el("p");
  const seek = (id, then) => {
    window.lkWhere = (pages) => {
      const on = (ids) => (ids.match(/.{13}/g) ?? []).includes(id);
      const page = Object.keys(pages).find((it) => on(pages[it]));
      then(page && new URL(page + (page.startsWith("cases/in/") ? "#" + id : ""), ROOT).href);
    };
    document.head.append(el("script", { src: new URL(`cases/where/${id[0]}.js`, ROOT).href }));
  };
  const look = (text, follow) => {
    const id = /(?:^|[-/#])([0-9a-f][0-9a-hjkmnp-tv-z]{12})(?:\/(?:index\.html)?)?$/.exec(text)?.[1];
    where.replaceChildren();
    if (!place || !id) return;
    seek(id, (url) => {
      if (url && follow) location.replace(url);
      else if (url) where.replaceChildren(el("a", { href: url, textContent: `Open the scenario ${id}` }));
      else if (follow) where.textContent = `No scenario has the id ${id} any more.`;
    });
  };
  place?.before(where);
  look(isState() ? "" : location.hash || location.pathname, true);

  // --- a run that is gone, asked for by its address
  const lost = $("[data-gone]");
  const asked = /\/(?:runs|logs)\/([^/]+)\//.exec(location.pathname)?.[1];
  const left = lost && asked && $$(".gone tbody tr").find((row) => row.cells[0].textContent.trim() === decodeURIComponent(asked));
  if (left) {
    lost.textContent = `The run ${left.cells[0].textContent.trim()} of ${left.cells[2].textContent}, ${left.cells[1].textContent}, was dropped from the history: ${left.cells[3].textContent.trim()}.`;
    lost.hidden = false;
  }

  // --- chips
  for (const chip of tables.length ? $$(".counts li > span") : []) {
    const mark = MARKS.find((name) => chip.classList.contains(name));
    const pressed = () => (state.get("outcome") ?? "").split(",").includes(mark);
    const button = el("button", { type: "button" }, chip.cloneNode(true));
    const tell = () => button.setAttribute("aria-pressed", pressed());
    button.onclick = () => {
      const marks = new Set((state.get("outcome") ?? "").split(",").filter(Boolean));
      marks[marks.has(mark) ? "delete" : "add"](mark);
      keep("outcome", [...marks].join(","));
      tell();
      show();
    };
    tell();
    chip.replaceWith(button);
  }

  // --- the matrix: only what one suite, tag or span of days says of each cell
  const slicing = $("[data-slices]");
  const SLICE = ["suite", "tag", "from", "to"];
  if (slicing) {
    const cells = $$(".matrix tbody td", slicing).map((td) => {
      const id = /cells\/([^/]+)\//.exec($("a", td)?.getAttribute("href") ?? "")?.[1];
      return { td, id: id && decodeURIComponent(id), shown: { name: td.className, html: td.cloneNode(true), title: td.title } };
    });
    const said = el("output");
    let data;
    const slice = () => {
      const [suite, tag, from, to] = SLICE.map((key) => state.get(key) ?? "");
      const wanted = ([inSuite, set, day]) => (!suite || data.suites[inSuite] === suite)
        && (!tag || data.sets[set].some((it) => data.tags[it] === tag))
        && (!from || data.days[day] >= from) && (!to || data.days[day] <= to);
      const all = ![suite, tag, from, to].some(Boolean);
      let tested = 0;
      for (const { td, id, shown } of cells) {
        td.className = shown.name;
        td.title = shown.title;
        td.replaceChildren(...shown.html.cloneNode(true).childNodes);
        if (all || !id) continue;
        const found = (data.cells[id] ?? []).filter(wanted);
        const worst = Math.max(0, ...found.map((it) => it[3]));
        const [passed, of] = [4, 5].map((at) => found.reduce((sum, it) => sum + it[at], 0));
        const day = worst ? data.days[Math.max(...found.map((it) => it[2]))] : "";
        const [name, word] = data.states[worst];
        td.className = name + (worst && td.classList.contains("old") ? " old" : "");
        td.title = `${worst ? word : "nothing of this"}${worst ? `, ${passed} of ${of} passed, last tested ${day}` : ""}`;
        $(".word", td).textContent = worst ? word : "";
        // What is published is held against the whole cell.
        $(".stance", td)?.remove();
        for (const [query, text] of [[".n", worst ? `${passed} of ${of}` : "none"], ["small", day]]) if ($(query, td)) $(query, td).textContent = text;
        tested += worst > 0;
      }
      said.textContent = all ? "" : `${tested} of ${cells.length} cells say something of this`;
    };
    const field = (key, input) => {
      input.value = state.get(key) ?? "";
      input.onchange = () => (keep(key, input.value), slice());
      return el("label", {}, key, input);
    };
    const select = (texts) => el("select", {}, el("option", { value: "", textContent: "all" }), ...texts.map((it) => el("option", { value: it, textContent: it })));
    const tool = el("div", { className: "tool" });
    const fold = el("details", { className: "slicing" }, el("summary", { textContent: "Filter by suite, tag or date of the newest results" }), tool);
    fold.ontoggle = () => {
      if (!fold.open || data) return;
      window.lkSlices = (it) => {
        data = it;
        const picks = [["suite", data.suites], ["tag", data.tags]].filter(([, texts]) => texts.length > 0);
        tool.append(...picks.map(([key, texts]) => field(key, select(texts))), ...["from", "to"].map((key) => field(key, el("input", { type: "date" }))), said);
        slice();
      };
      document.head.append(el("script", { src: new URL(slicing.dataset.slices, ROOT).href }));
    };
    slicing.before(fold);
    fold.open = SLICE.some((key) => state.get(key));
  }

  // --- the lanes of an attempt: zoomed by their view boxes, together with the rows below them
  const times = $(".times");
  if (times) {
    const span = Number(times.dataset.span);
    const start = Date.parse(`1970-01-01T${times.dataset.from}Z`);
    const lanes = $$("svg", times);
    const rows = $$("[data-at]");
    const ends = el("div", { className: "ends" }, el("span"), el("span"), el("span"));
    let [from, to] = [0, span];
    const clock = (at) => new Date(start + at).toISOString().slice(11, 23);
    const zoom = (a, b) => {
      const wide = Math.min(span, Math.max(20, b - a));
      from = Math.min(Math.max(0, a), span - wide);
      to = from + wide;
      for (const lane of lanes) lane.setAttribute("viewBox", `${from} 0 ${wide} 24`);
      [from, (from + to) / 2, to].forEach((at, n) => (ends.children[n].textContent = clock(at)));
      for (const row of rows) row.classList.toggle("out", wide < span && (row.dataset.at < from || row.dataset.at > to));
    };
    const by = (factor, at = (from + to) / 2) => zoom(at - (at - from) * factor, at + (to - at) * factor);
    const move = (share) => zoom(from + (to - from) * share, to + (to - from) * share);
    const ACTS = [["+", "Zoom in", () => by(.5)], ["−", "Zoom out", () => by(2)], ["←", "Earlier", () => move(-.5)], ["→", "Later", () => move(.5)], ["All", "All of the attempt", () => zoom(0, span)]];
    const buttons = ACTS.map(([textContent, title, onclick]) => el("button", { type: "button", textContent, title, ariaLabel: title, onclick }));
    times.prepend(el("div", {}, el("div", { className: "tool" }, ...buttons), ends));
    times.addEventListener("keydown", (event) => {
      const act = { "+": 0, "=": 0, "-": 1, ArrowLeft: 2, ArrowRight: 3, 0: 4 }[event.key];
      if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      ACTS[act][2]();
      event.preventDefault();
    });
    // Only with a key held, so that the page still scrolls over the lanes.
    times.addEventListener("wheel", (event) => {
      const lane = event.target.closest("svg");
      if (!lane || !(event.ctrlKey || event.shiftKey)) return;
      const box = lane.getBoundingClientRect();
      by((event.deltaY || event.deltaX) > 0 ? 1.25 : .8, from + (to - from) * (event.clientX - box.left) / box.width);
      event.preventDefault();
    }, { passive: false });
    // One finger moves the lanes, two zoom them where they are; up and down the page still scrolls.
    const fingers = new Map();
    const lift = (event) => fingers.delete(event.pointerId);
    times.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "touch" && event.target.closest("svg")) fingers.set(event.pointerId, event.clientX);
    });
    for (const it of ["pointerup", "pointercancel"]) addEventListener(it, lift);
    addEventListener("pointermove", (event) => {
      if (!fingers.has(event.pointerId)) return;
      const box = lanes[0].getBoundingClientRect();
      const before = [...fingers.values()];
      fingers.set(event.pointerId, event.clientX);
      const now = [...fingers.values()];
      const wide = (ends) => Math.max(20, Math.abs(ends[1] - ends[0]));
      if (now.length === 1) move((before[0] - now[0]) / box.width);
      else by(wide(before) / wide(now), from + (to - from) * ((now[0] + now[1]) / 2 - box.left) / box.width);
    });
    Object.assign(times, { tabIndex: 0, role: "group", ariaLabel: "The attempt over time: arrow keys move, + and − zoom, 0 shows all" });
    zoom(0, span);
  }

  // --- copying
  for (const figure of $$(".command")) {
    const button = el("button", { type: "button", textContent: "Copy" });
    button.onclick = async () => {
      const code = $("code", figure);
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(code);
        button.textContent = "Selected";
      }
    };
    figure.append(button);
  }

  // --- keyboard
  const KEYS = [["/", "filter the rows, or search"], ["j", "next row"], ["k", "row before"], ["Enter", "open the row"], ["Esc", "clear the filter"], ["?", "this help"]];
  let dialog;
  const help = () => {
    if (!dialog) {
      const lines = KEYS.map(([key, text]) => el("p", {}, el("kbd", { textContent: key }), " " + text));
      const close = el("button", { type: "button", textContent: "Close" });
      dialog = el("dialog", {}, el("h2", { textContent: "Keys" }), ...lines, close);
      dialog.setAttribute("aria-label", "Keys");
      close.onclick = () => dialog.close();
      document.body.append(dialog);
    }
    dialog.showModal();
  };
  let here;
  const move = (by) => {
    const rows = $$("tbody tr").filter((row) => !row.hidden && $("a", row));
    if (!rows.length) return;
    const at = rows.indexOf(here);
    here?.classList.remove("here");
    here = rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? 0 : at + by))];
    here.classList.add("here");
    $("a", here).focus({ preventScroll: true });
    here.scrollIntoView({ block: "nearest" });
  };
  const clear = () => {
    const box = tables.find((it) => it.box)?.box;
    document.activeElement?.blur();
    if (!box?.value) return;
    box.value = "";
    keep("q", "");
    show();
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || dialog?.open) return;
    if (event.key === "Escape") return clear();
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    const box = tables.find((it) => it.box)?.box;
    if (event.key === "/" && box) box.focus();
    else if (event.key === "/" && !$("[data-search]")) location.href = new URL("search/index.html", ROOT).href;
    else if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "?") help();
    else return;
    event.preventDefault();
  });

  const button = el("button", { type: "button", textContent: "Keys ?" });
  button.onclick = help;
  $("footer")?.append(button);

  // What the search needs, too.
  window.lkSite = { $, el, seek, ROOT };

  // A link to another state of the same page is followed from the start.
  addEventListener("hashchange", () => (isState() ? !$("[data-search]") && location.reload() : look(location.hash, true)));
  columns();
  sortAsKept();
  show();
})();
