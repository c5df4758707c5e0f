/* The two drawings of the map, in the plane and in space: what they show, and where words are on
   the screen.

   Both are scenes of Plotly's; the plane is seen from straight above. (Plotly's plane charts of
   many points compile code while they run, which the page's policy forbids.) Plotly draws points
   and lines alone. Names of words are elements of the page (labels.js), as Plotly would take
   markup in them for markup. The camera is moved from here (navigation.js): Plotly's own means
   would tilt the plane, and know no pinching on touch screens. */

"use strict";

const EDGE = 1.02; // points lie between -1 and 1
const UNIT = 1 / (2 * EDGE); // of a point's coordinates, in those of a camera: sides have length 1
const SLOPE = Math.tan(Math.PI / 8); // of the upper edge of what Plotly's cameras see

/* Coordinates of some words; null: a gap. */
function picked(axes, rows) {
  return axes.map((axis) => rows.map((row) => (row === null ? null : axis[row])));
}

/* What is drawn: all words, arrows between pairs, and the chosen words and their neighbours.

   look: { values, scale, range, size, faded, near, chosen, ink, pairs } */
function tracesOf([x, y, z], look) {
  const trace = (axes, more) => (
    { type: "scatter3d", hoverinfo: "skip", x: axes[0], y: axes[1], z: axes[2], ...more });
  const colours = { colorscale: look.scale, cmin: look.range[0], cmax: look.range[1] };
  const marked = look.near.concat(look.chosen);
  const joined = look.pairs.flatMap(([from, to]) => [from, to, null]);
  return [
    trace([x, y, z], {
      mode: "markers",
      marker: {
        ...colours, color: look.values, size: look.size, opacity: look.faded ? 0.2 : 0.65,
        line: { width: 0 },
      },
    }),
    trace(picked([x, y, z], joined), {
      mode: "lines", line: { color: look.ink, width: 3 }, connectgaps: false,
    }),
    trace(picked([x, y, z], marked), {
      mode: "markers",
      marker: {
        ...colours,
        color: marked.map((row) => look.values[row]),
        size: marked.map((_, place) => look.size + (place < look.near.length ? 3 : 7)),
        opacity: 1,
        line: { width: 1, color: look.ink },
      },
    }),
  ];
}

/* The product of two 4 x 4 matrices, column by column as WebGL has them. */
function multiplied(left, right) {
  const product = new Float64Array(16);
  for (let column = 0; column < 4; column += 1) {
    for (let line = 0; line < 4; line += 1) {
      for (let k = 0; k < 4; k += 1) {
        product[4 * column + line] += left[4 * k + line] * right[4 * column + k];
      }
    }
  }
  return product;
}

class View {
  /* axes: three arrays with a number for each word. */
  constructor(element, axes) {
    this.element = element;
    this.axes = axes;
    this.onchange = () => {};
    this.camera = this.home();
  }

  async draw(look) {
    this.look = look;
    const axis = () => ({ visible: false, showspikes: false, range: [-EDGE, EDGE] });
    await Plotly.react(this.element, tracesOf(this.axes, look), {
      margin: { l: 0, r: 0, t: 0, b: 0 },
      paper_bgcolor: "rgba(0,0,0,0)",
      showlegend: false,
      hovermode: false,
      width: this.element.clientWidth,
      height: this.element.clientHeight,
      scene: {
        xaxis: axis(),
        yaxis: axis(),
        zaxis: axis(),
        aspectmode: "cube",
        camera: this.camera,
        dragmode: false,
        hovermode: false,
        bgcolor: "rgba(0,0,0,0)",
      },
    }, { displayModeBar: false, responsive: false, scrollZoom: false });
    this.moved();
  }

  resized() {
    return this.draw(this.look);
  }

  reset() {
    this.setCamera(this.home());
  }

  /* Look from another place, from the next frame on. */
  setCamera(camera) {
    this.camera = camera;
    if (this.waiting || !this.look) return;
    this.waiting = true;
    requestAnimationFrame(async () => {
      this.waiting = false;
      await Plotly.relayout(this.element, { "scene.camera": this.camera });
      this.moved();
    });
  }

  /* What is seen has changed; Plotly may draw a frame or two later. */
  moved(frames = 3) {
    this.onchange();
    if (frames > 0) requestAnimationFrame(() => this.moved(frames - 1));
  }

  /* A function that gives [left, top] of a word in pixels, or null where it is behind the eye.

     Plotly tells the camera, but not what it makes of it: its matrices are no public interface.
     Without them there are no labels. */
  places() {
    const scene = this.element._fullLayout?.scene?._scene;
    const parameters = scene?.glplot?.cameraParams;
    if (!parameters?.projection) return () => null;
    const matrix = [parameters.view, parameters.model].reduce(multiplied, parameters.projection);
    const scaled = this.axes.map((axis, number) => [axis, scene.dataScale[number]]);
    const { clientWidth, clientHeight } = this.element;
    const point = [0, 0, 0];
    const line = (number) => matrix[number] * point[0] + matrix[4 + number] * point[1]
      + matrix[8 + number] * point[2] + matrix[12 + number];
    return (row) => {
      scaled.forEach(([axis, scale], number) => { point[number] = axis[row] * scale; });
      const depth = line(3);
      if (depth <= 0) return null;
      return [
        (clientWidth / 2) * (1 + line(0) / depth), (clientHeight / 2) * (1 - line(1) / depth)];
    };
  }
}

class PlaneView extends View {
  constructor(element, points) {
    const count = points.length / 2;
    super(element, [
      Float32Array.from({ length: count }, (_, row) => points[2 * row]),
      Float32Array.from({ length: count }, (_, row) => points[2 * row + 1]),
      new Float32Array(count),
    ]);
  }

  static above(x, y, z) {
    return { eye: { x, y, z }, center: { x, y, z: 0 }, up: { x: 0, y: 1, z: 0 } };
  }

  home() {
    const { clientWidth, clientHeight } = this.element;
    const [width, height] = this.axes.slice(0, 2).map((axis) => axis.reduce(
      (largest, value) => Math.max(largest, Math.abs(value)), 1e-3) * UNIT);
    return PlaneView.above(
      0, 0, (1.08 * Math.max(height, (width * clientHeight) / clientWidth)) / SLOPE);
  }

  /* Pixels that a camera's unit takes on the screen. */
  pixels(height = this.camera.eye.z) {
    return this.element.clientHeight / (2 * SLOPE * height);
  }

  move(right, up) {
    const { x, y, z } = this.camera.eye;
    this.setCamera(PlaneView.above(x + right / this.pixels(), y + up / this.pixels(), z));
  }

  /* Zoom so that what is at a place of the element, in pixels, stays there. */
  zoom(factor, left = this.element.clientWidth / 2, top = this.element.clientHeight / 2) {
    const { x, y, z } = this.camera.eye;
    const height = Math.min(Math.max(z / factor, 0.02), 8);
    const change = 1 / this.pixels() - 1 / this.pixels(height);
    this.setCamera(PlaneView.above(
      x + (left - this.element.clientWidth / 2) * change,
      y - (top - this.element.clientHeight / 2) * change,
      height,
    ));
  }

  /* Bring a word into sight. */
  reveal(row) {
    const { x, y, z } = this.camera.eye;
    const [wide, high] = [this.element.clientWidth, this.element.clientHeight]
      .map((side) => (0.42 * side) / this.pixels());
    const [across, up] = [this.axes[0][row] * UNIT, this.axes[1][row] * UNIT];
    if (Math.abs(across - x) < wide && Math.abs(up - y) < high) return;
    this.setCamera(PlaneView.above(across, up, z));
  }
}

class SpaceView extends View {
  constructor(element, points) {
    super(element, [0, 1, 2].map((axis) => Float32Array.from(
      { length: points.length / 3 }, (_, row) => points[3 * row + axis])));
  }

  home() {
    return SpaceView.around({ x: 0, y: 0, z: 0 }, 1.35, Math.PI / 4, 0.46);
  }

  /* Look at a centre from a distance; angles: around the axis that points up, and above it. */
  static around(center, distance, turn, rise) {
    const flat = distance * Math.cos(rise);
    const eye = {
      x: center.x + flat * Math.cos(turn),
      y: center.y + flat * Math.sin(turn),
      z: center.z + distance * Math.sin(rise),
    };
    return { eye, center, up: { x: 0, y: 0, z: 1 } };
  }

  /* The camera, as around() takes it. */
  seen() {
    const { eye, center } = this.camera;
    const [x, y, z] = ["x", "y", "z"].map((axis) => eye[axis] - center[axis]);
    const distance = Math.hypot(x, y, z);
    return [center, distance, Math.atan2(y, x), Math.asin(z / distance)];
  }

  /* Turn; in pixels, as a finger would. */
  move(right, up) {
    const [center, distance, turn, rise] = this.seen();
    this.setCamera(SpaceView.around(
      center, distance, turn + right / 300, Math.min(Math.max(rise + up / 300, -1.5), 1.5)));
  }

  zoom(factor) {
    const [center, distance, turn, rise] = this.seen();
    this.setCamera(SpaceView.around(
      center, Math.min(Math.max(distance / factor, 0.03), 8), turn, rise));
  }

  /* Turn around a word from now on. */
  reveal(row) {
    const [x, y, z] = this.axes.map((axis) => axis[row] * UNIT);
    const [, distance, turn, rise] = this.seen();
    this.setCamera(SpaceView.around({ x, y, z }, distance, turn, rise));
  }
}
