/* The ranker: rows of search/index.js in, ranked hits out. It touches no page, so it runs anywhere.
   chora's search: every word must match; an id counts more than a name, a name more than a summary; a word may have one
   wrong letter from four letters on, two from eight, but only where it is not spelled right anywhere. */
(function (scope) {
  "use strict";
  var ID = 0, SUMMARY = 2, OWNER = 3, LIFECYCLE = 5, CONSTELLATION = 8, SOURCE = 9, TOKENS = 10;
  /* Weight of each field a word can stand in. The first six after id are the fields of the index's token column. */
  var WEIGHTS = [100, 60, 40, 32, 32, 28, 12, 26, 22, 14];
  var F_ID = 0, F_OWNER = 7, F_GROUP = 8, F_SUMMARY = 9;
  var EXACT = 1, PREFIX = 0.72, INSIDE = 0.4, TYPO = 0.34;
  var SPLIT = /[^\p{L}\p{N}]+/u, HUMPS = /(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g;

  function fold(text) { return text.normalize("NFKD").replace(/\p{M}/gu, ""); }
  function words(text) {
    var out = [];
    fold(text).split(SPLIT).forEach(function (raw) {
      if (!raw) { return; }
      var parts = raw.replace(HUMPS, " ").split(" ");
      out.push(raw.toLowerCase());
      if (parts.length > 1) { parts.forEach(function (p) { out.push(p.toLowerCase()); }); }
    });
    return out;
  }

  /* Distance with swapped neighbours as one step, given up beyond `limit`. */
  function near(a, b, limit) {
    if (Math.abs(a.length - b.length) > limit) { return limit + 1; }
    var before = [], last = [], row = [], i, j;
    for (j = 0; j <= b.length; j += 1) { last[j] = j; }
    for (i = 1; i <= a.length; i += 1) {
      row = [i];
      var best = i;
      for (j = 1; j <= b.length; j += 1) {
        var same = a[i - 1] === b[j - 1];
        row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1));
        if (!same && i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) { row[j] = Math.min(row[j], before[j - 2] + 1); }
        if (row[j] < best) { best = row[j]; }
      }
      if (best > limit) { return limit + 1; }
      before = last; last = row;
    }
    return last[b.length];
  }
  function slack(word) { return word.length >= 8 ? 2 : word.length >= 4 ? 1 : 0; }

  /* Inverted index: word -> flat list of row number, field. */
  function prepare(rows) {
    var table = new Map(), ids = new Map();
    function add(word, row, field) {
      var list = table.get(word);
      if (!list) { list = []; table.set(word, list); }
      list.push(row, field);
    }
    rows.forEach(function (row, n) {
      ids.set(row[ID].toLowerCase(), n);
      words(row[ID]).forEach(function (w) { add(w, n, F_ID); });
      row[TOKENS].split("|").forEach(function (field, f) {
        if (field) { field.split(" ").forEach(function (w) { add(w, n, f + 1); }); }
      });
      words(row[OWNER]).forEach(function (w) { add(w, n, F_OWNER); });
      words(row[CONSTELLATION] + " " + row[SOURCE] + " " + row[LIFECYCLE]).forEach(function (w) { add(w, n, F_GROUP); });
      words(row[SUMMARY]).forEach(function (w) { add(w, n, F_SUMMARY); });
    });
    return { rows: rows, table: table, vocabulary: Array.from(table.keys()), ids: ids };
  }

  function matches(index, word, typos) {
    var found = [], exact = false, limit = slack(word);
    index.vocabulary.forEach(function (known) {
      if (known === word) { found.push([known, EXACT]); exact = true; return; }
      var at = known.indexOf(word);
      if (at === 0) { found.push([known, PREFIX + 0.2 * word.length / known.length]); exact = true; }
      else if (at > 0 && word.length >= 3) { found.push([known, INSIDE]); }
    });
    if (limit && (typos || !exact)) {
      index.vocabulary.forEach(function (known) {
        if (known.indexOf(word) >= 0) { return; }
        var steps = near(word, known, limit);
        if (steps <= limit) { found.push([known, TYPO / steps]); return; }
        /* A wrong letter in the beginning of a longer word. */
        if (known.length > word.length && near(word, known.slice(0, word.length), 1) <= 1) { found.push([known, TYPO / 3]); }
      });
    }
    return { found: found, exact: exact };
  }

  function pass(index, wanted, typos) {
    var scores = null, corrected = [];
    wanted.forEach(function (word) {
      var mine = new Map(), hit = matches(index, word, typos);
      hit.found.forEach(function (pair) {
        var list = index.table.get(pair[0]);
        for (var i = 0; i < list.length; i += 2) {
          var score = WEIGHTS[list[i + 1]] * pair[1];
          if (score > (mine.get(list[i]) || 0)) { mine.set(list[i], score); }
        }
      });
      if (!hit.exact && hit.found.length) {
        var best = hit.found.slice().sort(function (a, b) { return b[1] - a[1] || (a[0] < b[0] ? -1 : 1); })[0];
        if (best[1] <= TYPO) { corrected.push(best[0]); }
      }
      if (scores === null) { scores = mine; return; }
      scores.forEach(function (score, row) {
        if (mine.has(row)) { scores.set(row, score + mine.get(row)); } else { scores.delete(row); }
      });
    });
    return { scores: scores || new Map(), corrected: corrected };
  }

  /* Return {hits: [row numbers, best first], corrected: [words taken instead]} for `query`; null for an empty one. */
  function find(index, query) {
    var whole = query.trim().toLowerCase(), wanted = words(query).filter(function (w, i, a) { return a.indexOf(w) === i; });
    if (!wanted.length) { return null; }
    wanted = wanted.slice(0, 12);
    var result = pass(index, wanted, false);
    if (!result.scores.size) { result = pass(index, wanted, true); }
    result.scores.forEach(function (score, row) {
      var id = index.rows[row][ID].toLowerCase();
      var bonus = id === whole ? 10000 : id.indexOf(whole) === 0 ? 400 : id.indexOf(whole) > 0 ? 120 : 0;
      if (bonus) { result.scores.set(row, score + bonus); }
    });
    var hits = Array.from(result.scores.keys()).sort(function (a, b) {
      return result.scores.get(b) - result.scores.get(a) || index.rows[a][ID].length - index.rows[b][ID].length || a - b;
    });
    return { hits: hits, corrected: result.corrected };
  }

  /* Sections of the documentation that hold every word, best first. */
  function findDocs(docs, query, limit) {
    var wanted = words(query).slice(0, 12);
    if (!wanted.length) { return []; }
    return docs.map(function (d, n) {
      var title = words(d[0]), heading = words(d[1]), text = words(d[3]);
      var score = 0, ok = wanted.every(function (w) {
        function begins(t) { return t.indexOf(w) === 0; }
        var s = title.some(begins) ? 6 : heading.some(begins) ? 5 : text.some(begins) ? 1 : 0;
        score += s;
        return s > 0;
      });
      return [ok ? score : 0, n];
    }).filter(function (p) { return p[0]; }).sort(function (a, b) { return b[0] - a[0] || a[1] - b[1]; }).slice(0, limit).map(function (p) { return docs[p[1]]; });
  }

  scope.choraSearch = { prepare: prepare, find: find, findDocs: findDocs, words: words, near: near };
})(typeof window === "undefined" ? globalThis : window);
