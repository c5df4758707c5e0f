/* Moving about on the map with mouse, touch and keys; which word is pointed at or clicked. */

"use strict";

const STEP = 60; // pixels, for a key
const ZOOM = 1.4; // for a key or a button
const STILL = 6; // a pointer that moves less than so many pixels clicks

/* The word nearest to a place on the screen, or null where none is within `reach` pixels. */
function wordAt(left, top, place, count, reach) {
  let nearest = null;
  let least = reach * reach;
  for (let row = 0; row < count; row += 1) {
    const point = place(row);
    if (!point) continue;
    const distance = (point[0] - left) ** 2 + (point[1] - top) ** 2;
    if (distance < least) {
      least = distance;
      nearest = row;
    }
  }
  return nearest;
}

/* view(): the view that is shown. hover(row, left, top): the word that is pointed at, or null;
   choose(row): it was clicked; zoom(factor): by keys. */
function navigate(map, view, count, { hover, choose, zoom }) {
  const pointers = new Map();
  let start = null;
  const inside = (event) => {
    const box = map.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const reach = (event) => (event.pointerType === "touch" ? 24 : 12);
  const span = () => {
    const [one, other] = [...pointers.values()];
    return {
      left: (one[0] + other[0]) / 2,
      top: (one[1] + other[1]) / 2,
      length: Math.max(Math.hypot(one[0] - other[0], one[1] - other[1]), 1),
    };
  };

  map.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    pointers.set(event.pointerId, inside(event));
    start = pointers.size === 1 ? inside(event) : null;
    map.setPointerCapture(event.pointerId);
  }, true);
  map.addEventListener("pointermove", (event) => {
    const now = inside(event);
    const before = pointers.get(event.pointerId);
    if (!before) {
      if (event.pointerType !== "touch") {
        hover(wordAt(...now, view().places(), count, reach(event)), ...now);
      }
      return;
    }
    hover(null);
    const old = pointers.size === 2 ? span() : null;
    pointers.set(event.pointerId, now);
    if (start && Math.hypot(now[0] - start[0], now[1] - start[1]) > STILL) start = null;
    if (old) {
      const wide = span();
      view().move(old.left - wide.left, wide.top - old.top);
      view().zoom(wide.length / old.length, wide.left, wide.top);
    } else {
      view().move(before[0] - now[0], now[1] - before[1]);
    }
  }, true);
  const released = (event) => {
    const last = pointers.get(event.pointerId);
    pointers.delete(event.pointerId);
    if (last && start && event.type === "pointerup") {
      const row = wordAt(...last, view().places(), count, reach(event));
      if (row !== null) choose(row);
    }
    start = null;
  };
  map.addEventListener("pointerup", released, true);
  map.addEventListener("pointercancel", released, true);
  map.addEventListener("pointerleave", () => hover(null));
  map.addEventListener("wheel", (event) => {
    hover(null);
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 30 : 1;
    view().zoom(Math.exp((-event.deltaY * lines) / 500), ...inside(event));
  }, { passive: false });
  map.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const actions = {
      ArrowLeft: () => view().move(-STEP, 0),
      ArrowRight: () => view().move(STEP, 0),
      ArrowUp: () => view().move(0, STEP),
      ArrowDown: () => view().move(0, -STEP),
      "+": () => zoom(ZOOM),
      "=": () => zoom(ZOOM),
      "-": () => zoom(1 / ZOOM),
      0: () => view().reset(),
    };
    if (!actions[event.key]) return;
    event.preventDefault();
    actions[event.key]();
  });
}
