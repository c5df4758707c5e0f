/* Puts the page together: the state, and what follows from a change of it. */

"use strict";

const byId = (id) => document.getElementById(id);

class Explorer {
  constructor(page) {
    this.page = page;
    this.vectors = new Vectors(new Int8Array(decode.bytes(page.rows).buffer), page.dimensions);
    this.completion = new Completion(page.words);
    this.clusters = decode.bytes(page.clusters);
    this.labels = new Labels(byId("labels"), page.words);
    this.chosen = []; // rows: the word, or those of an analogy or a comparison
    this.near = [];
    this.pairs = []; // of rows, with an arrow between them
    this.dark = matchMedia("(prefers-color-scheme: dark)");
    this.drawn = Explorer.hasWebGL();
    this.views = { 2: new PlaneView(byId("view-2"), decode.floats(page.plane)) };
    this.shown = 2;
    this.wire();
    this.describe();
    showWord(byId("word"), page, null, [], null);
  }

  static hasWebGL() {
    const canvas = document.createElement("canvas");
    return Boolean(canvas.getContext("webgl2") || canvas.getContext("webgl"));
  }

  get view() {
    return this.views[this.shown];
  }

  get theme() {
    return document.documentElement.dataset.theme ?? (this.dark.matches ? "dark" : "light");
  }

  wire() {
    const { page } = this;
    const choose = (row) => this.select(row);
    complete(byId("search"), this.completion, choose);
    const joined = (pairs) => (rows) => this.select(rows[0], rows, pairs(rows));
    analogies(page, this.vectors, this.completion, choose,
      joined(([first, partner, second, answer]) => [[first, partner], [second, answer]]));
    comparisons(page, this.vectors, this.completion, choose, joined((rows) => [rows]));
    navigate(byId("map"), () => this.view, page.words.length, {
      choose,
      hover: (row, left, top) => this.hover(row, left, top),
      zoom: (factor) => this.zoom(factor),
    });
    byId("show-2").addEventListener("click", () => this.show(2));
    byId("show-3").addEventListener("click", () => this.show(3));
    byId("zoom-in").addEventListener("click", () => this.zoom(ZOOM));
    byId("zoom-out").addEventListener("click", () => this.zoom(1 / ZOOM));
    byId("zoom-all").addEventListener("click", () => this.view.reset());
    byId("colour").addEventListener("change", () => this.recolour());
    byId("theme").addEventListener("click", () => {
      document.documentElement.dataset.theme = this.theme === "dark" ? "light" : "dark";
      this.recolour();
    });
    this.dark.addEventListener("change", () => this.recolour());
    document.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.resize()).observe(byId("map"));
    byId("notice").hidden = this.drawn;
    ["show-2", "show-3", "zoom-in", "zoom-out", "zoom-all"].forEach((id) => {
      byId(id).disabled = !this.drawn;
    });
    byId("legend").addEventListener("toggle", () => this.label());
    byId("legend").open = !matchMedia("(max-width: 760px)").matches;
  }

  key(event) {
    const typing = event.target.matches?.("input, select, textarea");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      byId("search").focus();
      byId("search").select();
    } else if (event.key === "Escape") {
      if (typing) byId("map").focus();
      else this.select(null);
    }
  }

  describe() {
    const { page } = this;
    const all = page.vocabulary === page.words.length;
    byId("summary").textContent = [
      all ? `${number(page.words.length)} words`
        : `the ${number(page.words.length)} most frequent of ${number(page.vocabulary)} words`,
      `${number(page.dimensions)} dimensions`,
      page.method,
    ].join(" · ");
    byId("about").textContent = "Neighbours are computed in all dimensions, from vectors with "
      + "8 bits per number: cosines differ from exact ones by some thousandths. The map shows two "
      + `or three directions of them (${page.method}), so neighbours may lie far apart on it. `
      + "Nothing here comes from the network or goes there.";
  }

  /* Choose a word, or several with arrows between them; null: none. */
  select(row, rows = row === null ? [] : [row], pairs = []) {
    this.chosen = rows;
    this.pairs = pairs;
    const near = row === null ? [] : this.vectors.nearest([row], [], NEIGHBOURS);
    this.near = pairs.length ? [] : near.map(({ word }) => word);
    showWord(byId("word"), this.page, row, near, (word) => this.select(word));
    byId("status").textContent = row === null ? "No word is selected."
      : `${shown(this.page.words[row])}: most similar are ${near.slice(0, 3)
        .map(({ word }) => shown(this.page.words[word])).join(", ")}`;
    if (row !== null && !pairs.length) {
      const first = byId("compare-a");
      if (!first.value || !byId("compare-b").value) first.value = this.page.words[row];
    }
    if (!pairs.length) byId("word").closest("aside").scrollTop = 0;
    this.hover(null);
    this.draw();
    if (row !== null) this.view.reveal(row);
  }

  hover(row, left, top) {
    const tip = byId("tip");
    tip.hidden = row === null;
    byId("map").classList.toggle("over", row !== null);
    if (row === null) return;
    tip.replaceChildren(token(this.page.words[row]));
    const room = byId("map").clientWidth - tip.offsetWidth - 4;
    tip.style.transform = `translate(${Math.max(4, Math.min(left + 12, room))}px, ${
      Math.max(4, top - tip.offsetHeight - 8)}px)`;
  }

  /* Zoom; a word that is chosen stays where it is. */
  zoom(factor) {
    const place = this.chosen.length ? this.view.places()(this.chosen[0]) : null;
    this.view.zoom(factor, ...(place ?? []));
  }

  /* Colours and sizes of what is drawn. */
  look() {
    const colours = COLOURS[this.theme];
    const byCluster = byId("colour").value === "cluster";
    const count = this.page.words.length;
    return {
      values: byCluster ? this.clusters : this.frequencies(),
      scale: byCluster ? steps(colours.groups) : ramp(colours.ramp),
      range: byCluster ? [-0.5, colours.groups.length - 0.5] : [0, 1],
      size: Math.min(Math.max(Math.round(12 - 2.2 * Math.log10(count)), 2), 8),
      faded: this.chosen.length > 0,
      near: this.near,
      chosen: this.chosen,
      ink: colours.ink,
      pairs: this.pairs,
    };
  }

  /* From 0, the rarest word, to 1, the most frequent; by the logarithm of counts, or of ranks. */
  frequencies() {
    if (!this.relative) {
      const { counts, words } = this.page;
      const logs = words.map((_, row) => (counts ? Math.log(counts[row] + 1) : -Math.log(row + 1)));
      const [low, high] = [logs[logs.length - 1], logs[0]];
      this.relative = Float32Array.from(logs, (value) => (value - low) / (high - low || 1));
    }
    return this.relative;
  }

  async draw() {
    if (!this.drawn) return;
    const view = this.view;
    view.onchange = () => this.label();
    await view.draw(this.look());
  }

  label() {
    if (!this.view.look) return;
    const covers = document.querySelectorAll("#legend, .zoom");
    this.labels.draw(this.view.places(), this.chosen, this.near, [...covers]);
  }

  recolour() {
    byId("theme").textContent = this.theme === "dark" ? "Light" : "Dark";
    this.legend();
    return this.draw();
  }

  legend() {
    const colours = COLOURS[this.theme];
    const box = byId("legend-body");
    if (byId("colour").value === "cluster") {
      box.replaceChildren(element("ul", {}, ...this.page.names.map((rows, group) => {
        const dot = element("i", { "aria-hidden": "true" });
        dot.style.background = colours.groups[group];
        const text = rows.map((row) => shown(this.page.words[row])).join(", ");
        return element("li", {}, dot, token(text));
      })));
      return;
    }
    const bar = element("div", { class: "ramp", "aria-hidden": "true" });
    bar.style.background = `linear-gradient(to right, ${colours.ramp.join(", ")})`;
    const { counts } = this.page;
    const ends = counts ? [counts[counts.length - 1], counts[0]].map(number) : ["rare", "frequent"];
    box.replaceChildren(counts ? quiet("count, on a logarithmic scale") : quiet("by rank"), bar,
      element("div", { class: "ends" }, ...ends.map((end) => element("span", {}, end))));
  }

  async show(dimensions) {
    if (dimensions === this.shown) return;
    this.hover(null);
    byId("view-2").hidden = dimensions !== 2;
    byId("view-3").hidden = dimensions !== 3;
    byId("show-2").setAttribute("aria-pressed", String(dimensions === 2));
    byId("show-3").setAttribute("aria-pressed", String(dimensions === 3));
    if (dimensions === 3 && !this.views[3]) {
      this.views[3] = new SpaceView(byId("view-3"), decode.floats(this.page.space));
    }
    this.shown = dimensions;
    await this.draw();
  }

  resize() {
    if (this.view.look && byId("map").clientWidth) this.view.resized();
  }

  static async start() {
    Explorer.open = new Explorer(JSON.parse(byId("data").textContent));
    await Explorer.open.recolour();
    document.documentElement.dataset.ready = "true";
  }
}

Explorer.start();
