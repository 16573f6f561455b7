(function () {
  "use strict";
  var source = document.getElementById("runs");
  if (!source) { return; }
  var data = JSON.parse(source.textContent);
  var controls = Array.prototype.slice.call(document.querySelectorAll("[data-input]"));
  var first = controls.map(function (one) { return Number(one.value); });
  function put(id, text) {
    var place = document.getElementById(id);
    if (place && place.textContent !== text) { place.textContent = text; }
  }
  function nearest(wanted) {
    var best = null, least = Infinity;
    data.rows.forEach(function (row) {
      var far = 0;
      row[0].forEach(function (level, k) {
        var step = (level - wanted[k]) / Math.max(data.inputs[k].levels.length - 1, 1);
        far += step * step;
      });
      if (far < least) { least = far; best = row; }
    });
    return best;
  }
  function filled(template, parts) {
    return template.replace(/\{(\d)\}/g, function (whole, k) { return parts[Number(k)]; });
  }
  function named(levels) {
    return levels.map(function (level, k) {
      return data.inputs[k].label + ": " + data.inputs[k].levels[level];
    }).join("; ") + ".";
  }
  function move(id, names, value) {
    var one = document.getElementById(id);
    if (one) { names.forEach(function (name, k) { one.setAttribute(name, value[k]); }); }
  }
  function show() {
    var wanted = controls.map(function (one) { return Number(one.value); });
    var row = nearest(wanted);
    var same = row[0].every(function (level, k) { return level === wanted[k]; });
    put("answer", filled(data.templates[row[1]], row[2]));
    put("where", data.runs + named(row[0]));
    document.getElementById("answered").setAttribute("data-word", data.words[row[3]][0]);
    put("nearest", same ? data.exact : data.nearest + named(row[0]));
    row[4].forEach(function (figure, k) {
      put("measured-" + k, figure[0]);
      put("promised-" + k, figure[5]);
      put("word-" + k, data.words[figure[1]][1]);
      var word = document.getElementById("word-" + k);
      if (word) { word.setAttribute("data-word", data.words[figure[1]][0]); }
      move("reach-" + k, ["x1", "x2"], [figure[2], figure[4]]);
      move("dot-" + k, ["cx"], [figure[3]]);
    });
    controls.forEach(function (one, k) {
      var levels = data.inputs[k].levels, set = levels[wanted[k]], has = levels[row[0][k]];
      var said = set === has ? set : set + " (the nearest run has " + has + ")";
      if (one.type === "range") { one.setAttribute("aria-valuetext", said); put("at-" + k, said); }
      else { put("at-" + k, set === has ? "" : "the nearest run has " + has); }
    });
  }
  controls.forEach(function (one) { one.addEventListener("input", show); });
  document.getElementById("back").addEventListener("click", function () {
    controls.forEach(function (one, k) { one.value = first[k]; });
    show();
  });
  document.documentElement.classList.add("has-script");
})();
(function () {
  "use strict";
  var source = document.getElementById("map-data"), slide = document.getElementById("map-hour");
  if (!source || !slide) { return; }
  var links = JSON.parse(source.textContent);
  function show() {
    var hour = Number(slide.value), two = function (n) { return (n < 10 ? "0" : "") + n + ":00"; };
    var said = hour < 0 ? "the whole run" : two(hour) + " to " + two((hour + 1) % 24);
    slide.setAttribute("aria-valuetext", said);
    document.getElementById("map-at").textContent = said;
    links.forEach(function (link, k) {
      var line = document.getElementById("line-" + k);
      if (line) { line.setAttribute("class", "wire u" + link[hour + 1][0]); }
    });
    Array.prototype.forEach.call(document.querySelectorAll("[data-links]"), function (label) {
      var busiest = label.getAttribute("data-links").split(",").map(function (k) { return links[Number(k)][hour + 1]; })
        .reduce(function (a, b) { return b[1] > a[1] ? b : a; });
      label.textContent = busiest[2];
    });
  }
  slide.addEventListener("input", show);
  document.documentElement.classList.add("has-script");
})();
(function () {
  "use strict";
  var choice = document.getElementById("frontier-target");
  if (!choice) { return; }
  choice.addEventListener("change", function () {
    Array.prototype.forEach.call(document.querySelectorAll(".choice > div"), function (one, k) {
      one.className = String(k) === choice.value ? "shown" : "";
    });
  });
  document.documentElement.classList.add("has-script");
})();
