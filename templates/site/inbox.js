/* The inbox: choose among the open signals, and count what is overdue. Without it every signal is shown.
   What is chosen stands in the address, so that it can be kept: ?who=team-a&state=review&kind=deprecation&overdue=1 */
(function () {
  "use strict";
  var KEYS = ["who", "state", "kind"];
  document.addEventListener("DOMContentLoaded", function () {
    var sift = document.querySelector(".sift");
    if (!sift) { return; }
    var chosen = {};
    KEYS.concat("overdue").forEach(function (key) { chosen[key] = sift.querySelector("[name=" + key + "]"); });
    var rows = Array.prototype.slice.call(document.querySelectorAll("#inbox tbody tr"));
    var said = sift.querySelector("[data-sifted]"), late = document.querySelector("[data-overdue]");
    var asked = new URLSearchParams(location.search);

    function isLate(row) {
      var due = row.querySelector("[data-due]");
      return !!due && Date.parse(due.dataset.due) < window.chora.now();
    }
    function fits(row) {
      return KEYS.every(function (key) {
        var want = chosen[key].value;
        return !want || row.dataset[key].split("\n").indexOf(want) >= 0;
      }) && (!chosen.overdue.checked || isLate(row));
    }
    function show() {
      var shown = rows.filter(function (row) { row.hidden = !fits(row); return !row.hidden; }).length;
      var text = shown === rows.length ? "" : shown ? shown + " of " + rows.length + " shown" : "None of " + rows.length + " fits";
      if (said.textContent !== text) { said.textContent = text; }
      var count = rows.filter(isLate).length;
      late.hidden = !count;
      late.textContent = count ? "; " + count + (count === 1 ? " is overdue" : " are overdue") : "";
    }
    function keep() {
      var query = new URLSearchParams(location.search);
      KEYS.forEach(function (key) {
        if (chosen[key].value) { query.set(key, chosen[key].value); } else { query.delete(key); }
      });
      if (chosen.overdue.checked) { query.set("overdue", "1"); } else { query.delete("overdue"); }
      var words = query.toString();
      try { history.replaceState(null, "", location.pathname + (words ? "?" + words : "") + location.hash); } catch (e) { /* some browsers refuse on file: */ }
    }

    KEYS.forEach(function (key) {
      var want = asked.get(key), known = Array.prototype.some.call(chosen[key].options, function (o) { return o.value === want; });
      chosen[key].value = want && known ? want : "";
    });
    chosen.overdue.checked = asked.get("overdue") === "1";
    sift.addEventListener("change", function () { keep(); show(); });
    show();
    setInterval(show, 30000);
  });
})();
