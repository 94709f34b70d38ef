/* What signatures and bundles say of themselves, judged by the reader's clock. It is told, never proved, on this page.
   Both files are there only once the site was signed and exported, so they are asked for by script. */
(function () {
  "use strict";
  var MIN = 60000, HEX = /^[0-9a-f]{64}$/;
  function some(sel) { return document.querySelector(sel); }
  function load(src, then) {
    var s = document.createElement("script");
    s.src = src;
    s.onload = s.onerror = then;
    document.head.append(s);
  }
  function time(text) { return typeof text === "string" ? Date.parse(text) : NaN; }
  function stamp(text) { return String(text).replace("T", " ").replace("Z", " UTC"); }
  function size(bytes) {
    return bytes >= 1e6 ? (bytes / 1e6).toFixed(1) + " MB" : bytes >= 1e3 ? (bytes / 1e3).toFixed(1) + " kB" : bytes + " B";
  }
  function short(hex) { return "sha256:" + String(hex).slice(0, 12) + "\u2026"; }
  function when(text) {
    var el = document.createElement("time");
    el.dateTime = text;
    el.title = stamp(text);
    el.textContent = window.chora.words(time(text));
    return el;
  }
  function fact(list, name, value, title) {
    var dt = document.createElement("dt"), dd = document.createElement("dd");
    dt.textContent = name;
    dd.append(value);
    if (title) { dd.title = title; }
    list.append(dt, dd);
  }
  function mono(text) {
    var el = document.createElement("span");
    el.className = "ver long";
    el.textContent = text;
    return el;
  }

  /* unsigned; "again" where the site was built after it was signed; else the age of the signature. */
  function standing(trust, run) {
    var at = trust ? time(trust.checked_at) : NaN, age = window.chora.now() - at;
    if (isNaN(at) || isNaN(time(trust.expires_at))) { return "unsigned"; }
    if (run && time(run.as_of) > at) { return "again"; }
    if (age < -5 * MIN) { return "clock"; }
    if (window.chora.now() >= time(trust.expires_at)) { return "expired"; }
    return age <= trust.ttl_seconds * 1000 ? "fresh" : age <= trust.alert_seconds * 1000 ? "late" : "stale";
  }
  function trusted(trust) {
    var word = standing(trust, window.choraRun), say = some("[data-trust-say]"), list = some("[data-trust]");
    var at = trust ? window.chora.words(time(trust.checked_at)) : "";
    say.dataset.state = word;
    say.textContent = {
      unsigned: "Not signed. Nothing here, or in a copy of it, shows who made it or that nobody changed it.",
      again: "Built again after it was signed " + at + ", and not signed again yet: the signature does not cover this build.",
      clock: "Signed in this computer\u2019s future: its clock is wrong, so the age is unknown.",
      expired: "Signed " + at + ", and past its signed end. Read it as history.",
      fresh: "Signed " + at + ": fresh.",
      late: "Signed " + at + ": past its TTL, the next signature is late.",
      stale: "Signed " + at + ": past its alert age, nothing here counts as a pass."
    }[word];
    list.hidden = word === "unsigned";
    list.replaceChildren();
    if (list.hidden) { return; }
    fact(list, "Signer", String(trust.signer));
    fact(list, "Profile", String(trust.profile));
    fact(list, "Sequence", String(trust.sequence));
    fact(list, "Signed", when(trust.checked_at));
    fact(list, "Valid until", when(trust.expires_at));
    fact(list, "Root", "version " + trust.root_version);
    fact(list, "Root file", mono(short(trust.root_sha256)), trust.root_sha256);
    fact(list, "Index", mono(short(trust.index_sha256)), trust.index_sha256);
  }

  /* Only what could be ours: a path of this form leads nowhere else. */
  function sound(b) {
    return b && b.path === "mirror/bundles/chora-mirror-" + b.sequence + ".tar.gz" && HEX.test(b.sha256) && b.bytes >= 0;
  }
  function link(path) {
    var a = document.createElement("a");
    a.href = path;
    a.textContent = path.split("/").pop();
    return a;
  }
  function exported(given) {
    var all = (given && Array.isArray(given.bundles) ? given.bundles : []).filter(sound), b = all[0];
    var base = some("[data-mirror]").dataset.base || (/^https?:$/.test(location.protocol) ? new URL(".", location.href).href : "");
    some("[data-bundle-none]").hidden = Boolean(b);
    some("[data-bundles]").hidden = !b;
    if (!b) { return; }
    var name = b.path.split("/").pop(), newest = some("[data-newest]"), hash = some("[data-newest-hash]");
    newest.replaceChildren(link(b.path), ", " + size(b.bytes) + ", " + b.files + " files, sequence " + b.sequence + ", signed by " + b.signer + " ", when(b.checked_at), ".");
    some("[data-newest-digest]").replaceChildren(link(b.path + ".sha256"));
    hash.hidden = false;
    hash.textContent = "sha256 " + b.sha256.replace(/(.{8})(?=.)/g, "$1 ");
    document.getElementById("k-d").textContent = base ? "curl -fLO " + base + b.path : "cp " + b.path + " .";
    document.getElementById("k-i").textContent = "chora mirror import " + name + " --root root.json --output catalog";
    document.getElementById("k-s").textContent = "sha256sum -c " + name + ".sha256";
    document.getElementById("k-x").textContent = "mkdir catalog && tar -xzf " + name + " -C catalog";
    some("[data-bundle-list]").replaceChildren.apply(some("[data-bundle-list]"), all.map(function (one) {
      var li = document.createElement("li");
      li.append(link(one.path), " ", size(one.bytes) + ", sequence " + one.sequence + ", ", when(one.checked_at), ", ", mono(short(one.sha256)));
      return li;
    }));
  }
  document.addEventListener("DOMContentLoaded", function () {
    load("mirror/trust.js", function () {
      var judge = function () { trusted(window.choraTrust || null); };
      judge();
      setInterval(judge, 30000);
      if (window.choraTrust) { load("mirror/bundles.js", function () { exported(window.choraBundles); }); } else { exported(null); }
    });
  });
})();
