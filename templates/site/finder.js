/* The list of capabilities: search, filters, all of it in the address. Rows come from search/index.js. */
(function () {
  "use strict";
  var ID = 0, VERSION = 1, SUMMARY = 2, OWNER = 3, VERDICT = 4, LIFECYCLE = 5, STABILITY = 6, TIER = 7, CONSTELLATION = 8, SOURCE = 9, NOTE = 11, RELEASED = 12, FILE = 13;
  var COLUMN = { owner: OWNER, lifecycle: LIFECYCLE, stability: STABILITY, tier: TIER, constellation: CONSTELLATION };
  var STEP = 100;
  function all(sel, from) { return Array.prototype.slice.call((from || document).querySelectorAll(sel)); }
  function byId(id) { return document.getElementById(id); }

  function start() {
    var list = byId("rows"), box = byId("q"), out = byId("count"), chips = byId("chips"), empty = byId("empty"), more = byId("more");
    var data = window.choraIndex;
    if (!Array.isArray(data)) { out.textContent = "The search index (search/index.js) could not be loaded. The list is complete up to its end."; return; }
    var chora = window.chora, boxes = all(".facets input[type=checkbox]");
    var names = ["verdict", "owner", "freshness", "lifecycle", "stability", "tier", "constellation"];
    var made = all(":scope > li", list), index = null, shown = STEP, paged = data.length > made.length, free = {}, asked = false;

    function fresh(row) {
      var f = chora.freshness(row[SOURCE]);
      return f === "stale" ? "stale" : f === "late" ? "kept" : f === "unknown" ? "unknown" : "fresh";
    }
    function verdict(row) {
      return fresh(row) === "stale" && (row[VERDICT] === "compatible" || row[VERDICT] === "deprecated") ? "stale" : row[VERDICT];
    }
    function value(row, name) { return name === "verdict" ? verdict(row) : name === "freshness" ? fresh(row) : row[COLUMN[name]]; }

    /* A row that is not in the page is made from the index, in the markup of those that are. */
    function age(at, iso) {
      if (!iso) { return; }
      var t = document.createElement("time");
      t.dateTime = iso; t.dataset.age = ""; t.title = iso.replace("T", " ").replace("Z", " UTC"); t.textContent = chora.words(Date.parse(iso));
      at.append(t);
    }
    function soften(at, text) {
      text.split(/(?<=[./])/).forEach(function (part, n) {
        if (n) { at.append(document.createElement("wbr")); }
        for (var i = 0; i < part.length; i += 24) {
          if (i) { at.append(document.createElement("wbr")); }
          at.append(part.slice(i, i + 24));
        }
      });
    }
    function build(row) {
      var li = byId("row").content.firstElementChild.cloneNode(true), q = li.querySelector.bind(li);
      var facts = [row[STABILITY], row[TIER]].filter(Boolean).join(" \u00b7 ").slice(0, 80);
      q(".what .id").href = "capabilities/" + encodeURIComponent(row[FILE] || row[ID]) + ".html";
      soften(q(".what .id"), row[ID]);
      soften(q(".what .ver"), row[VERSION]);
      soften(q(".say"), row[SUMMARY]);
      var mark = byId("marks").content.querySelector(".s-" + row[VERDICT]).cloneNode(true);
      mark.dataset.of = row[SOURCE];
      q(".verdict").append(mark);
      chora.ageStatus(mark);
      if (row[NOTE]) { var note = document.createElement("span"); note.className = "quiet"; soften(note, row[NOTE]); q(".verdict").append(note); }
      var owner = q(".col-2 a"), files = window.choraOwnerFiles || {};
      var file = Object.prototype.hasOwnProperty.call(files, row[OWNER]) ? files[row[OWNER]] : row[OWNER];
      if (file) { owner.href = "owners/" + encodeURIComponent(file) + ".html"; soften(owner, row[OWNER]); }
      else { owner.replaceWith(row[OWNER] || "no owner"); }
      q(".m").append(facts ? "\u00b7 " + facts + " " : "", row[RELEASED] ? "\u00b7 " : "");
      age(q(".m"), row[RELEASED]);
      soften(q(".col-3"), facts);
      age(q(".col-4"), row[RELEASED]);
      return li;
    }
    function element(n) { if (!made[n]) { made[n] = build(data[n]); } return made[n]; }
    made.forEach(function (li, n) {
      var mark = li.querySelector(".status:not([data-of])");
      if (mark && data[n]) { mark.dataset.of = data[n][SOURCE]; chora.ageStatus(mark); }
    });

    /* The address holds every choice; a value that no box offers is kept and filters all the same. */
    function read() {
      var p = new URLSearchParams(location.search);
      box.value = (p.get("q") || box.value).slice(0, 200);
      free = {};
      names.forEach(function (name) {
        var want = p.getAll(name), own = boxes.filter(function (b) { return b.name === name; });
        own.forEach(function (b) { b.checked = want.indexOf(b.value) >= 0; });
        free[name] = want.filter(function (v) { return !own.some(function (b) { return b.value === v; }); });
      });
    }
    function picked(name) {
      return boxes.filter(function (b) { return b.name === name && b.checked; }).map(function (b) { return b.value; }).concat(free[name] || []);
    }
    function write() {
      var p = new URLSearchParams(), old = new URLSearchParams(location.search).get("now");
      if (box.value.trim()) { p.set("q", box.value.trim()); }
      names.forEach(function (name) { picked(name).forEach(function (v) { p.append(name, v); }); });
      if (old) { p.set("now", old); }
      var s = p.toString();
      try { history.replaceState(null, "", location.pathname + (s ? "?" + s : "") + location.hash); } catch (e) { /* some browsers refuse on file: */ }
    }
    function chip(text, undo) {
      var b = document.createElement("button");
      b.type = "button"; b.className = "chip"; b.textContent = text + " \u00d7";
      b.setAttribute("aria-label", "Remove filter: " + text);
      b.addEventListener("click", function () { undo(); apply(); box.focus(); });
      chips.appendChild(b);
    }
    function clear(words) {
      if (words) { box.value = ""; }
      boxes.forEach(function (b) { b.checked = false; });
      free = {};
    }

    var hits = [];
    function apply() {
      shown = STEP;
      if (!index && box.value.trim()) { index = window.choraSearch.prepare(data); }
      var found = index ? window.choraSearch.find(index, box.value) : null;
      var base = found ? found.hits : data.map(function (_, n) { return n; });
      var wants = names.map(function (name) { var w = picked(name); return w.length ? w : null; });
      var counts = names.map(function () { return new Map(); });
      hits = base.filter(function (n) {
        var misses = 0, at = -1;
        var values = names.map(function (name) { return value(data[n], name); });
        wants.forEach(function (want, g) { if (want && want.indexOf(values[g]) < 0) { misses += 1; at = g; } });
        values.forEach(function (v, g) { if (!misses || (misses === 1 && at === g)) { counts[g].set(v, (counts[g].get(v) || 0) + 1); } });
        return !misses;
      });
      boxes.forEach(function (b) {
        var c = counts[names.indexOf(b.name)].get(b.value) || 0;
        b.closest(".opt").querySelector(".n span").textContent = String(c);
        b.disabled = c === 0 && !b.checked;
      });
      chips.textContent = "";
      var active = 0;
      boxes.forEach(function (b) { if (b.checked) { active += 1; chip(b.dataset.said, function () { b.checked = false; }); } });
      names.forEach(function (name) {
        (free[name] || []).forEach(function (v) { active += 1; chip(name + ": " + (v || "not said"), function () { free[name] = free[name].filter(function (x) { return x !== v; }); }); });
      });
      byId("facet-n").textContent = active ? active + " on" : "none on";
      out.textContent = hits.length === data.length ? chora.some(data.length, "capability", "capabilities") : hits.length + " of " + chora.some(data.length, "capability", "capabilities");
      if (found && found.corrected.length && hits.length) { out.textContent += ", for \u201c" + found.corrected.join(" ") + "\u201d"; }
      byId("sort").textContent = found ? "Best match first" : "Most urgent first, then by id";
      empty.hidden = hits.length > 0;
      if (!hits.length) {
        byId("empty-q").textContent = box.value.trim() || "these filters";
        var loosen = byId("empty-loosen");
        loosen.hidden = !(active && base.length);
        loosen.textContent = "Drop the filters: " + chora.some(base.length, "match", "matches");
      }
      docs();
      draw();
      write();
    }
    function draw() {
      var upTo = paged ? Math.min(shown, hits.length) : hits.length;
      list.replaceChildren.apply(list, hits.slice(0, upTo).map(element));
      more.hidden = upTo >= hits.length;
      more.textContent = "Show " + Math.min(STEP, hits.length - upTo) + " more of " + (hits.length - upTo);
    }
    function docs() {
      var at = byId("docs-hits");
      if (!at) { return; }
      if (box.value.trim() && !asked) { asked = true; load("search/docs.js", docs); return; }
      var found = box.value.trim() && Array.isArray(window.choraDocs) ? window.choraSearch.findDocs(window.choraDocs, box.value, 6) : [];
      at.hidden = !found.length;
      at.querySelector("ol").replaceChildren.apply(at.querySelector("ol"), found.map(function (d) {
        var li = document.createElement("li"), a = document.createElement("a"), p = document.createElement("p"), why = document.createElement("p");
        a.href = d[2]; a.textContent = d[1] || d[0]; p.append(a);
        why.className = "why"; why.textContent = (d[1] ? d[0] + ": " : "") + d[3].slice(0, 140);
        li.append(p, why);
        return li;
      }));
    }

    /* The present view as a table; a leading =, +, - or @ would be run by a spreadsheet. */
    function csv() {
      function cell(text) { return '"' + (/^[=+\-@\t\r]/.test(text) ? "'" + text : text).replace(/"/g, '""') + '"'; }
      var lines = [["id", "version", "verdict", "owner", "lifecycle", "stability", "tier", "constellation", "source", "released", "summary"]];
      hits.forEach(function (n) {
        var r = data[n];
        lines.push([r[ID], r[VERSION], verdict(r), r[OWNER], r[LIFECYCLE], r[STABILITY], r[TIER], r[CONSTELLATION], r[SOURCE], r[RELEASED], r[SUMMARY]]);
      });
      var a = document.createElement("a");
      a.href = URL.createObjectURL(new Blob([lines.map(function (l) { return l.map(cell).join(","); }).join("\r\n") + "\r\n"], { type: "text/csv" }));
      a.download = "capabilities.csv";
      a.click();
      setTimeout(function () { URL.revokeObjectURL(a.href); }, 1000);
    }

    box.addEventListener("input", apply);
    document.querySelector(".facets").addEventListener("change", apply);
    byId("empty-clear").addEventListener("click", function () { clear(true); apply(); box.focus(); });
    byId("empty-loosen").addEventListener("click", function () { clear(false); apply(); box.focus(); });
    byId("csv").addEventListener("click", csv);
    more.addEventListener("click", function () { var from = shown; shown += STEP; draw(); var next = list.children[from]; if (next) { next.querySelector("a").focus(); } });
    addEventListener("popstate", function () { box.value = ""; read(); apply(); });
    if (matchMedia("(width > 48rem)").matches) { document.querySelector(".facets").open = true; }
    read(); apply();
  }
  /* The index is fetched after the page stands, so that a large catalog shows its first line at once. */
  function load(src, then) {
    var script = document.createElement("script");
    script.src = src;
    script.addEventListener("load", then);
    script.addEventListener("error", then);
    document.head.append(script);
  }
  document.addEventListener("DOMContentLoaded", function () { load("search/index.js", start); });
})();
