/* One classic script for every page: theme, honest age, copy, keys. Everything can be read without it.
   It reads window.choraRun (run.js), which says when the index was built and which sources answered. */
(function () {
  "use strict";
  var root = document.documentElement;
  var here = document.currentScript.getAttribute("src").replace(/chora\.js.*$/, "");
  root.classList.add("js");

  function recall(key) { try { return localStorage.getItem(key); } catch (e) { return null; } }
  function keep(key, value) { try { localStorage.setItem(key, value); } catch (e) { /* private window, file: */ } }
  function all(sel, from) { return Array.prototype.slice.call((from || document).querySelectorAll(sel)); }
  function has(map, key) { return Object.prototype.hasOwnProperty.call(map, key); }

  /* Theme: runs before the first paint, so that nothing flashes. The documentation's theme follows. */
  var dark = matchMedia("(prefers-color-scheme: dark)");
  function isDark() { return root.dataset.theme ? root.dataset.theme === "dark" : dark.matches; }
  function paint() {
    root.dataset.mdColorScheme = isDark() ? "slate" : "default";
    if (document.body && document.body.hasAttribute("data-md-color-scheme")) {
      document.body.setAttribute("data-md-color-scheme", root.dataset.mdColorScheme);
    }
  }
  var theme = recall("chora-theme");
  if (theme === "light" || theme === "dark") { root.dataset.theme = theme; }
  paint();

  /* Clock. ?now=2026-11-23T12:00:00Z shows what this page says at that time. */
  var asked = Date.parse(new URLSearchParams(location.search).get("now") || "");
  var now = isNaN(asked) ? Date.now() : asked;
  var SEC = 1000, MIN = 60 * SEC, H = 60 * MIN, D = 24 * H;
  function some(n, word, plural) { return n + " " + (n === 1 ? word : plural || word + "s"); }
  /* What is over is rounded; what is left is rounded down, so that "5 days" are five whole days. */
  function span(ms, whole) {
    if (ms < 90 * MIN) { return some(Math.max(1, Math.round(ms / MIN)), "minute"); }
    if (ms < 36 * H) { return some((whole || Math.round)(ms / H), "hour"); }
    return some((whole || Math.round)(ms / D), "day");
  }
  function words(t) {
    var d = t - now;
    return Math.abs(d) < MIN ? "now" : d < 0 ? span(-d) + " ago" : "in " + span(d, Math.floor);
  }

  /* What the run record says of a source, judged now: fresh, late, stale or unread; unknown without a record. */
  var run = null;
  function freshness(name) {
    if (!run || !has(run.sources, name)) { return "unknown"; }
    var s = run.sources[name];
    if (s.outcome === "unread") { return "unread"; }
    if (s.outcome !== "kept") { return "fresh"; }
    var age = now - Date.parse(s.last_ok_at);
    return age > (s.alert || run.alert) * SEC ? "stale" : "late";
  }
  function lastGood(name) { return run && has(run.sources, name) ? Date.parse(run.sources[name].last_ok_at) : NaN; }
  function state() {
    if (!run || isNaN(Date.parse(run.as_of))) { return "unknown"; }
    var age = now - Date.parse(run.as_of);
    return age < -5 * MIN ? "clock" : age <= run.ttl * SEC ? "fresh" : age <= run.alert * SEC ? "late" : age <= 7 * D ? "stale" : "frozen";
  }

  function ages() {
    all("time[data-age], time[data-until]").forEach(function (el) {
      var t = Date.parse(el.dateTime);
      if (isNaN(t)) { return; }
      if (!el.title) { el.title = el.dateTime.replace("T", " ").replace("Z", " UTC"); }
      el.textContent = words(t);
    });
    all("[data-due]").forEach(function (el) {
      var due = Date.parse(el.dataset.due), late = due < now;
      /* Near is a fifth of its time, or less: as resolve/sla.py says. */
      var soon = !late && due - now <= 0.2 * (due - Date.parse(el.dataset.start || ""));
      el.classList.toggle("is-late", late);
      if (late) { all("time", el).forEach(function (at) { at.textContent = "overdue by " + span(now - due); }); }
      all("[data-soon]", el).forEach(function (word) { word.hidden = !soon; });
    });
    all("[data-waiver]").forEach(function (el) {
      var status = el.firstElementChild, word = el.querySelector("[data-waiver-word]");
      var begins = Date.parse(el.dataset.begins), ends = Date.parse(el.dataset.ends), counts = status.classList.contains("s-waived");
      var text = ends < now ? (counts ? "ended since this was built" : "ended") :
        begins > now ? "not begun" : counts && ends - now <= 7 * D ? "ends soon" : "";
      word.hidden = !text;
      if (word.textContent !== text) { word.textContent = text; }
      el.classList.toggle("is-late", counts && ends < now);
    });
    all("progress[data-from]").forEach(function (el) {
      var from = Date.parse(el.dataset.from), to = Date.parse(el.dataset.to);
      if (!(to > from)) { el.hidden = true; return; }
      el.max = Math.max(1, Math.round((to - from) / D));
      el.value = Math.min(el.max, Math.max(0, (now - from) / D));
      el.setAttribute("aria-label", el.dataset.word + ": day " + Math.max(0, Math.ceil((now - from) / D)) + " of " + el.max);
    });
  }

  function strip() {
    var el = document.querySelector("[data-strip]");
    if (!el) { return; }
    var s = state(), age = run ? now - Date.parse(run.as_of) : 0, say = el.querySelector("[data-say]");
    el.dataset.state = root.dataset.age = s;
    var text = {
      unknown: "Age unknown: the run record (run.js) is missing or unreadable, so nothing here counts as a pass",
      fresh: "Index built " + span(age) + " ago",
      late: "Index built " + span(age) + " ago: past its " + (run ? Math.round(run.ttl / 60) : 0) + " minutes, the next build is late",
      stale: "Stale: index built " + span(age) + " ago. Breaks are still shown; nothing here counts as a pass",
      frozen: "Frozen copy: built " + span(age) + " ago. Read it as history",
      clock: "Built in this computer\u2019s future: its clock is wrong, so age is unknown"
    }[s];
    if (say.textContent !== text) { say.textContent = text; }
    all("[data-as-of]").forEach(function (at) {
      if (run) { at.textContent = run.as_of.replace("T", " ").replace("Z", " UTC"); }
    });
    all("[data-trace]").forEach(function (t) {
      if (run && run.trace) { t.hidden = false; t.lastElementChild.textContent = run.trace.slice(0, 8) + "\u2026" + run.trace.slice(-5); t.lastElementChild.title = run.trace; }
    });
    all("[data-sources]").forEach(function (link) {
      if (!run) { return; }
      var names = Object.keys(run.sources), read = names.filter(function (n) { return freshness(n) === "fresh"; }).length;
      link.textContent = names.length ? read + " of " + some(names.length, "source") + " read" : "no source registered";
    });
    all("[data-read]").forEach(function (el) { if (run) { el.textContent = words(Date.parse(run.as_of)); el.title = run.as_of; } });
  }

  /* Sources that did not answer: words, figures and verdicts that rest on them. */
  function staleMark() { return document.getElementById("stale-mark").content.firstElementChild.cloneNode(true); }
  function sources() {
    all("[data-kept]").forEach(function (el) {
      var f = freshness(el.dataset.kept), word = el.querySelector("[data-kept-word]");
      if (f !== "stale" && f !== "late") { return; }
      el.classList.toggle("is-age", f === "stale");
      if (word && el.tagName === "LI") { word.textContent = f === "stale" ? "is stale" : "is late"; }
      var mark = el.querySelector(":scope > .i");
      if (mark && f === "stale" && !mark.classList.contains("t-age")) {
        var fresh = staleMark();
        fresh.classList.add("t-age");
        mark.replaceWith(fresh);
      }
    });
    all("[data-kept-figure]").forEach(function (el) {
      if (!run) { return; }
      var counts = { stale: 0, late: 0 };
      Object.keys(run.sources).forEach(function (n) { var f = freshness(n); if (has(counts, f)) { counts[f] += 1; } });
      if (!counts.stale && !counts.late) { return; }
      el.textContent = "";
      var n = counts.stale || counts.late, b = document.createElement("b");
      b.textContent = String(n);
      b.className = counts.stale ? "n-age" : "";
      el.append(b, (n === 1 ? " source is " : " sources are ") + (counts.stale ? "stale" : "late"));
      if (counts.stale && counts.late) { el.append(", " + counts.late + (counts.late === 1 ? " is late" : " are late")); }
    });
    all(".status[data-of], .status[data-to]").forEach(ageStatus);
    ageGraph();
    all("[data-age-of]").forEach(function (el) {
      var f = freshness(el.dataset.ageOf);
      el.textContent = { fresh: "answered", late: "late", stale: "stale", unread: "never read", unknown: "not known" }[f];
      if (f === "stale") { el.className = "status s-stale"; el.textContent = ""; el.append(staleMark(), "stale"); }
    });
  }
  function rests(el) { return [el.dataset.of, el.dataset.to].some(function (n) { return n && freshness(n) === "stale"; }); }
  function ageGraph() {
    all(".graph g[data-of], .graph g[data-to]").forEach(function (g) {
      if (!rests(g) || !g.classList.contains("g-compatible")) { return; }
      g.setAttribute("class", "g-stale");
      g.replaceChildren.apply(g, [g.firstElementChild].concat(Array.prototype.slice.call(staleMark().childNodes)));
    });
    all(".graph text[data-of], .graph text[data-to]").forEach(function (t) {
      if (rests(t)) { t.textContent = t.textContent.replace(" compatible:", " stale:"); }
    });
  }
  /* A would-be pass that rests on a stale source is stale; a break stays a break. */
  function ageStatus(el) {
    if (!rests(el) || !(el.classList.contains("s-compatible") || el.classList.contains("s-deprecated"))) { return; }
    var was = el.textContent.trim();
    el.className = "status s-stale";
    el.textContent = "";
    el.append(staleMark(), "stale");
    el.title = "It was " + was + " when it was last read";
    var cell = el.closest("td[class^=c-]");
    if (cell) { cell.className = "c-stale"; }
  }
  function shares() {
    all("[data-share]").forEach(function (el) {
      if (!run) { return; }
      var names = Object.keys(run.sources), within = names.filter(function (n) {
        var s = run.sources[n], at = s.outcome === "kept" ? Date.parse(s.last_ok_at) : Date.parse(run.as_of);
        return s.outcome !== "unread" && now - at <= (s.ttl || run.ttl) * SEC;
      }).length;
      if (!names.length) { return; }
      var percent = Math.floor(1000 * within / names.length) / 10;
      el.textContent = percent + " %: " + within + " of " + some(names.length, "source");
      var mark = document.querySelector("[data-share-verdict]");
      if (mark) { mark.classList.toggle("is-late", percent < 95); mark.textContent = percent >= 95 ? "met" : percent < 90 ? "below the alert of 90 %" : "below target"; }
    });
  }

  function copies() {
    all("button[data-copy]").forEach(function (b) {
      var was = b.textContent;
      b.addEventListener("click", function () {
        var at = document.getElementById(b.dataset.copy), text = at.textContent.trim();
        function said(ok) { b.textContent = ok ? "Copied" : "Press Ctrl+C"; setTimeout(function () { b.textContent = was; }, 1600); }
        function byHand() {
          var r = document.createRange(), s = getSelection();
          r.selectNodeContents(at); s.removeAllRanges(); s.addRange(r); said(false);
        }
        if (navigator.clipboard) { navigator.clipboard.writeText(text).then(function () { said(true); }, byHand); } else { byHand(); }
      });
    });
  }

  function keys() {
    var dialog = document.getElementById("keys"), sw = document.getElementById("keys-on");
    if (sw) {
      sw.checked = recall("chora-keys") !== "off";
      sw.addEventListener("change", function () { keep("chora-keys", sw.checked ? "on" : "off"); });
    }
    all("[data-open-keys]").forEach(function (b) { b.addEventListener("click", function () { dialog.showModal(); }); });
    function search() {
      var box = document.getElementById("q");
      if (box) { box.focus(); box.select(); } else { location.assign(here + "index.html#q"); }
    }
    all(".jump").forEach(function (a) {
      a.addEventListener("click", function (e) { if (document.getElementById("q")) { e.preventDefault(); search(); } });
    });
    document.addEventListener("keydown", function (e) {
      var at = e.target, typing = /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName) || at.isContentEditable, box = document.getElementById("q");
      if (e.key === "Escape" && at === box && box.value) { box.value = ""; box.dispatchEvent(new Event("input")); e.preventDefault(); return; }
      if ((typing && at.type !== "checkbox") || e.ctrlKey || e.metaKey || e.altKey || recall("chora-keys") === "off" || (dialog && dialog.open)) { return; }
      if (e.key === "/") { e.preventDefault(); search(); }
      if (e.key === "?" && dialog) { e.preventDefault(); dialog.showModal(); }
    });
    if (location.hash === "#q" && document.getElementById("q")) { document.getElementById("q").focus(); }
  }

  function light() {
    var b = document.getElementById("theme");
    if (!b) { return; }
    function label() { var to = isDark() ? "light" : "dark"; b.setAttribute("aria-label", "Use " + to + " colours"); b.title = "Use " + to + " colours"; }
    label();
    b.addEventListener("click", function () { root.dataset.theme = isDark() ? "light" : "dark"; keep("chora-theme", root.dataset.theme); paint(); label(); });
    dark.addEventListener("change", function () { paint(); label(); });
  }

  function judge() { ages(); strip(); sources(); shares(); }
  window.chora = { freshness: freshness, lastGood: lastGood, span: span, words: words, some: some, ageStatus: ageStatus, now: function () { return now; } };

  document.addEventListener("DOMContentLoaded", function () {
    var given = window.choraRun;
    run = given && typeof given === "object" && given.sources ? given : null;
    paint(); light(); judge(); copies(); keys();
    setInterval(function () {
      if (isNaN(asked)) { now = Date.now(); judge(); }
    }, 30000);
    addEventListener("beforeprint", function () { all("main details").forEach(function (d) { d.open = true; }); });
  });
})();
