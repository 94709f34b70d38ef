/* What the run record has measured, in place of what the page alone can say. Every figure names what it was counted of. */
(function () {
  "use strict";
  var MARKS = { met: 0, below: 1, alert: 2, "not-evaluated": 3 };
  function percent(part, whole) { return Math.floor(1000 * part / whole) / 10 + " %"; }
  function measured(m) {
    if (m.unit === "share") { return percent(m.part, m.whole); }
    if (m.unit === "count") { return String(m.part); }
    if (m.unit === "seconds") { return Math.round(10 * m.part / m.whole) / 10 + " s"; }
    return "not collected yet";
  }
  function basis(m) {
    if (m.note) { return m.note; }
    var of = m.n ? "of " + m.n + " " + (m.counted || "runs") : "";
    return [of, m.period ? m.period.replace(/T[0-9:]+Z/g, "").replace("/", " to ") : ""].filter(Boolean).join(", ");
  }
  function cell(row, kind, key, text, quiet) {
    var td = document.createElement(kind);
    if (kind === "th") { td.scope = "row"; } else if (key) { td.dataset.k = key; }
    td.append(text);
    if (quiet) { var q = document.createElement("span"); q.className = "quiet"; q.textContent = quiet; td.append(" ", q); }
    row.append(td);
    return td;
  }
  document.addEventListener("DOMContentLoaded", function () {
    var run = window.choraRun, table = document.getElementById("metrics");
    if (!run || !Array.isArray(run.metrics) || !run.metrics.length) { return; }
    var marks = document.getElementById("marks").content.children;
    /* The first row is judged now, by the reader's clock; the others as the last run left them. */
    var body = table.tBodies[0], now = body.rows[0];
    body.replaceChildren.apply(body, [now].concat(run.metrics.map(function (m) {
      var row = document.createElement("tr");
      cell(row, "th", "", m.title);
      cell(row, "td", "target", m.target || "none set");
      cell(row, "td", "measured", measured(m), basis(m));
      cell(row, "td", "", m.standing in MARKS ? marks[MARKS[m.standing]].cloneNode(true) : "no target");
      return row;
    })));
  });
})();
