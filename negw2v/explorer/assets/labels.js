/* Names of words beside their points: as many as there is room for, the important ones first. */

"use strict";

const MOST_LABELS = 70;
const LABEL_HEIGHT = 15;

class Labels {
  constructor(element, words) {
    this.element = element;
    this.words = words;
    this.spans = [];
    this.widths = new Map();
    this.pen = document.createElement("canvas").getContext("2d");
  }

  width(row, chosen) {
    const key = chosen ? -row - 1 : row;
    if (!this.widths.has(key)) {
      const family = getComputedStyle(this.element).fontFamily;
      this.pen.font = chosen ? `700 14px ${family}` : `600 12px ${family}`;
      const width = this.pen.measureText(shown(this.words[row])).width;
      this.widths.set(key, Math.min(width, 180) + 4);
    }
    return this.widths.get(key);
  }

  /* `place` gives [left, top] of a word or null; `chosen` and `near` come before all others;
     `covers` are elements that lie on the map. */
  draw(place, chosen, near, covers) {
    const { clientWidth, clientHeight } = this.element;
    const most = Math.max(8, Math.min(MOST_LABELS, (clientWidth * clientHeight) / 9000));
    // the points of words that were asked for stay free
    const taken = [...chosen, ...near].map((row) => [place(row), row]).filter(([point]) => point)
      .map(([[x, y], row]) => [x, y, chosen.includes(row) ? 8 : 4])
      .map(([x, y, reach]) => [x - reach, y - reach, x + reach, y + reach]);
    const { left, top } = this.element.getBoundingClientRect();
    covers.map((cover) => cover.getBoundingClientRect()).forEach((box) => {
      taken.push([box.left - left, box.top - top, box.right - left, box.bottom - top]);
    });
    const placed = new Set();
    const put = (row, kind) => {
      const point = placed.has(row) ? null : place(row);
      if (!point || point[0] < 0 || point[1] < 0) return;
      if (point[0] > clientWidth || point[1] > clientHeight) return;
      const wanted = this.boxesAt(point, row, kind);
      const free = wanted.find((box) => box[0] >= 0 && box[2] <= clientWidth
        && !taken.some((other) => box[0] < other[2] && other[0] < box[2]
          && box[1] < other[3] && other[1] < box[3]));
      if (!free && kind !== "chosen") return;
      const box = free ?? wanted[0];
      taken.push(box);
      this.show(placed.size, row, kind, box);
      placed.add(row);
    };
    chosen.forEach((row) => put(row, "chosen"));
    near.forEach((row) => put(row, "near"));
    const others = chosen.length ? "faint" : "";
    for (let row = 0; row < this.words.length && placed.size < most; row += 1) put(row, others);
    this.spans.slice(placed.size).forEach((span) => { span.hidden = true; });
  }

  /* Where a label may stand, the best place first: [left, top, right, bottom]. Words that were
     asked for may also stand on other sides of their points. */
  boxesAt([x, y], row, kind) {
    const width = this.width(row, kind === "chosen");
    const box = (left, top) => [left, top, left + width, top + LABEL_HEIGHT];
    const around = (gap) => [
      box(x + gap, y - LABEL_HEIGHT / 2),
      box(x - gap - width, y - LABEL_HEIGHT / 2),
      box(x - width / 2, y - gap - LABEL_HEIGHT),
      box(x - width / 2, y + gap),
      box(x + gap / 2, y - gap - LABEL_HEIGHT),
      box(x + gap / 2, y + gap),
    ];
    if (kind === "chosen") return [...around(9), ...around(20)];
    return kind === "near" ? around(5) : around(5).slice(0, 1);
  }

  show(number, row, kind, box) {
    if (!this.spans[number]) {
      const span = document.createElement("span");
      span.dir = "auto";
      this.element.append(span);
      this.spans[number] = span;
    }
    const span = this.spans[number];
    span.hidden = false;
    span.className = kind;
    span.textContent = shown(this.words[row]);
    span.style.transform = `translate(${box[0].toFixed(1)}px, ${box[1].toFixed(1)}px)`;
  }
}
