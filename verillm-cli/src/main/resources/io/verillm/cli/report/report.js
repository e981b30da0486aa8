(function () {
  "use strict";
  var root = document.documentElement;
  var button = document.getElementById("theme");
  var system = matchMedia("(prefers-color-scheme: dark)");
  function isDark() { return root.dataset.theme ? root.dataset.theme === "dark" : system.matches; }
  function label() { button.textContent = isDark() ? "Light page" : "Dark page"; }
  button.hidden = false;
  button.addEventListener("click", function () {
    root.dataset.theme = isDark() ? "light" : "dark";
    try { localStorage.setItem("verillm-theme", root.dataset.theme); } catch (e) { /* not kept, no harm */ }
    label();
  });
  system.addEventListener("change", label);
  label();

  var font = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif";
  var text = { labelFont: font, titleFont: font, labelColor: "var(--ink-soft)", titleColor: "var(--ink-soft)" };
  var config = {
    background: "transparent",
    font: font,
    view: { stroke: "var(--line)", fill: "var(--plot)" },
    axis: Object.assign({
      domainColor: "var(--line)", gridColor: "var(--line)", tickColor: "var(--line)",
      labelFontSize: 11, titleFontSize: 11, titleFontWeight: "normal", titlePadding: 6, tickCount: 6
    }, text),
    axisBand: { grid: false },
    legend: Object.assign({
      orient: "top", direction: "horizontal", columns: 2, title: null, symbolOpacity: 1, labelFontSize: 12, labelLimit: 150
    }, text)
  };

  function tableOf(spec, details) {
    var rows = spec.data.values, shown = rows.slice(0, 500), columns = Object.keys(rows[0]);
    var box = document.createElement("div"), table = document.createElement("table");
    box.className = "scroll";
    box.tabIndex = 0;
    function row(parent, tag, cells) {
      var tr = parent.insertRow();
      cells.forEach(function (cell) {
        var td = document.createElement(tag);
        if (tag === "th") td.scope = "col";
        td.textContent = cell === undefined || cell === null ? "" : String(cell);
        tr.appendChild(td);
      });
    }
    row(table.createTHead(), "th", columns);
    var body = table.createTBody();
    shown.forEach(function (r) { row(body, "td", columns.map(function (c) { return r[c]; })); });
    box.appendChild(table);
    details.appendChild(box);
    if (shown.length < rows.length) {
      var note = document.createElement("p");
      note.textContent = "The first " + shown.length + " of " + rows.length + " rows.";
      details.appendChild(note);
    }
  }

  function draw(figure) {
    if (figure.dataset.drawn) return;
    figure.dataset.drawn = "1";
    var plot = figure.querySelector(".plot");
    var spec = JSON.parse(figure.querySelector("script.spec").textContent);
    // ast: expressions are interpreted, so the page needs no eval and its policy forbids it
    vegaEmbed(plot, spec, {
      mode: "vega-lite", renderer: "svg", actions: false, ast: true, defaultStyle: false, config: config,
      tooltip: { disableDefaultStyle: true }
    }).then(function () {
      figure.dataset.drawn = "done";
    }).catch(function (error) {
      figure.dataset.drawn = "failed";
      plot.textContent = plot.getAttribute("aria-label") + " (The chart could not be drawn: " + error.message + ")";
    });
    var data = figure.querySelector("details.data");
    if (spec.data && spec.data.values && spec.data.values.length) {
      data.hidden = false;
      data.addEventListener("toggle", function () { tableOf(spec, data); }, { once: true });
    }
  }
  function drawIn(box) {
    box.querySelectorAll("figure.chart").forEach(function (figure) {
      var closed = figure.closest("details:not([open])");
      if (!closed) draw(figure);
    });
  }
  drawIn(document);
  document.querySelectorAll("details.fold").forEach(function (fold) {
    fold.addEventListener("toggle", function () { if (fold.open) drawIn(fold); });
  });
  addEventListener("beforeprint", function () {
    document.querySelectorAll("details.fold, .tree details").forEach(function (d) { d.open = true; });
  });
})();
