/* Colours of points, for each theme: groups of words, and a ramp from rare to frequent.

   Each has a contrast of 3 : 1 or more with the ground of its theme. */

"use strict";

const COLOURS = {
  light: {
    ink: "#1b1f26",
    groups: ["#2f6fde", "#c2410c", "#15803d", "#a21caf", "#8a6100",
      "#0e7490", "#be123c", "#4d7c0f", "#6d28d9", "#57534e"],
    ramp: ["#3f8fc4", "#2563a8", "#5b2c83", "#8c1d5e", "#3d0a1f"],
  },
  dark: {
    ink: "#f4f5f7",
    groups: ["#7aa2f7", "#fb923c", "#4ade80", "#e879f9", "#facc15",
      "#22d3ee", "#fb7185", "#a3e635", "#a78bfa", "#d6d3d1"],
    ramp: ["#5f7fd0", "#3fa7c9", "#4fd0a5", "#c5e36b", "#fff3b0"],
  },
};

/* A scale of Plotly's that changes evenly from the first colour to the last. */
function ramp(colours) {
  return colours.map((colour, place) => [place / (colours.length - 1), colour]);
}

/* A scale of Plotly's with one colour for each whole number below their count. */
function steps(colours) {
  return colours.flatMap((colour, place) => [
    [place / colours.length, colour], [(place + 1) / colours.length, colour]]);
}
