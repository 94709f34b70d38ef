/* Any two versions of a capability, held against each other: what their manifests say differently.
   The contracts are loaded when somebody asks. All text of a source is set as text. What a difference means is not said
   here: the rules of `chora compat diff` say it. */
(function () {
  "use strict";
  var KINDS = ["output", "input", "dependency"];
  var box, old, now, said, command, given = null, loading = false, wanted = null;

  function el(name, text, cls) {
    var made = document.createElement(name);
    if (text) { made.textContent = text; }
    if (cls) { made.className = cls; }
    return made;
  }
  function some(n, word) { return n + " " + word + (n === 1 ? "" : "s"); }

  /* #diff=1.2.0..2.0.0, so that what is shown can be shared. */
  function asked() {
    var hit = /^#diff=([^.][^/]*?)\.\.([^/]+)$/.exec(location.hash);
    try { return hit ? [decodeURIComponent(hit[1]), decodeURIComponent(hit[2])] : null; } catch (e) { return null; }
  }
  function keep() {
    var hash = "#diff=" + encodeURIComponent(old.value) + ".." + encodeURIComponent(now.value);
    try { history.replaceState(null, "", location.pathname + location.search + hash); } catch (e) { /* some browsers refuse on file: */ }
  }

  function load() {
    if (given || loading) { return; }
    loading = true;
    var script = el("script");
    script.src = box.dataset.src;
    script.onload = begin;
    script.onerror = function () { loading = false; tell("The contracts of its versions are not in this copy. The command below compares them."); };
    document.head.append(script);
  }
  function begin() {
    loading = false;
    var data = window.choraContracts;
    if (!data || !Array.isArray(data.versions) || data.versions.length < 2) { return tell("There are no two versions to compare."); }
    given = data;
    [old, now].forEach(function (select) {
      select.replaceChildren.apply(select, data.versions.map(function (row) {
        var option = el("option", row[0]);
        option.value = row[0];
        return option;
      }));
    });
    old.selectedIndex = 1;
    now.selectedIndex = 0;
    show();
  }
  function choose(select, version) {
    var at = given.versions.findIndex(function (row) { return row[0] === version; });
    if (at >= 0) { select.selectedIndex = at; }
    return at >= 0;
  }
  function show() {
    if (wanted) {
      var lost = [[old, wanted[0]], [now, wanted[1]]].filter(function (pair) { return !choose(pair[0], pair[1]); });
      wanted = null;
      if (lost.length) {
        var older = given.total > given.versions.length ? " among its " + given.versions.length + " newest of " + given.total : "";
        return tell("There is no version " + lost.map(function (pair) { return pair[1].slice(0, 60); }).join(" and no version ") + " here" + older + ". Choose two of the lists.");
      }
    }
    compare();
  }

  function contract(version) {
    var row = given.versions.find(function (one) { return one[0] === version; });
    return row && given.contracts[row[1]] || null;
  }
  function compare() {
    var before = contract(old.value), after = contract(now.value);
    command.textContent = command.dataset.pattern.replace("{old}", old.value).replace("{new}", now.value);
    var unread = [old, now].filter(function (select) { return !contract(select.value); });
    if (unread.length) {
      return tell("Not evaluated: the manifest of " + unread[0].value + " does not parse, so what differs is not known.");
    }
    if (old.value === now.value) { return tell("These are one version. Choose two."); }
    var rows = [], same = 0;
    KINDS.forEach(function (kind) {
      var was = byName(before[kind]), is = byName(after[kind]), names = new Set();
      was.forEach(function (_, name) { names.add(name); });
      is.forEach(function (_, name) { names.add(name); });
      Array.from(names).sort().forEach(function (name) {
        var a = was.get(name), b = is.get(name);
        if (a && b && a[1] === b[1] && a[2] === b[2]) { same += 1; return; }
        rows.push({ kind: kind, name: name, a: a, b: b });
      });
    });
    var cut = before.cut || after.cut ? " Not all of it is here: one of them has more than the page holds." : "";
    var rest = " Behaviors, life cycle and the inside of schemas are not looked at here.";
    if (!rows.length) { return tell("No input, output or dependency differs (" + same + " in both)." + cut + rest); }
    tell(some(rows.length, "difference") + " in inputs, outputs and dependencies; " + same + " the same." + cut + rest, table(rows));
  }
  function byName(items) { return new Map(items.map(function (item) { return [item[0], item]; })); }

  function table(rows) {
    var made = el("table", "", "cards"), head = el("tr"), body = el("tbody"), top = el("thead");
    made.append(el("caption", "What differs between " + old.value + " and " + now.value, "vh"));
    ["Name", "What it is", "In " + old.value, "In " + now.value].forEach(function (word) {
      var th = el("th", word);
      th.scope = "col";
      head.append(th);
    });
    top.append(head);
    rows.forEach(function (row) {
      /* No colour: red and green are for what somebody judged. */
      var tr = el("tr"), th = el("th"), name = el("code", row.name);
      var mark = row.b ? row.a ? null : el("ins") : el("del");
      th.scope = "row";
      if (mark) { mark.append(name); th.append(mark); } else { th.append(name); }
      tr.append(th, el("td", row.kind), side(row.a, old.value, row.kind), side(row.b, now.value, row.kind));
      body.append(tr);
    });
    made.append(top, body);
    return made;
  }
  function side(item, version, kind) {
    var td = el("td");
    td.dataset.k = version;
    if (!item) { td.append(el("span", "absent", "src")); return td; }
    td.append(item[1] ? el("code", item[1]) : el("span", kind === "dependency" ? "any version" : "type not said", "src"));
    if (item[2]) { td.append(" ", el("span", item[2], "quiet")); }
    return td;
  }
  function tell(words, more) {
    said.firstElementChild.textContent = words;
    said.lastElementChild.replaceChildren();
    if (more) { said.lastElementChild.append(more); }
  }

  function follow() {
    var pair = asked();
    if (!pair) { return; }
    wanted = pair;
    box.open = true;
    if (given) { show(); } else { load(); }
    box.scrollIntoView();
  }

  document.addEventListener("DOMContentLoaded", function () {
    box = document.getElementById("compare");
    if (!box) { return; }
    old = document.getElementById("compare-old");
    now = document.getElementById("compare-new");
    said = document.getElementById("compare-said");
    command = document.getElementById("compare-command");
    command.dataset.pattern = box.dataset.pattern;
    box.addEventListener("toggle", function () { if (box.open) { load(); } });
    [old, now].forEach(function (select) { select.addEventListener("change", function () { keep(); compare(); }); });
    addEventListener("hashchange", follow);
    follow();
  });
})();
