/* The vectors: rows of 8-bit integers, and everything that is computed from them.

   A row is a vector at length 1, divided by a scale and rounded. The scale cancels in a cosine, so
   it is not stored: `inverse` has 1 / (length of the integer row), 0 for a row of zeros. */

"use strict";

const decode = {
  bytes(text) {
    const raw = atob(text);
    const bytes = new Uint8Array(raw.length);
    for (let place = 0; place < raw.length; place += 1) bytes[place] = raw.charCodeAt(place);
    return bytes;
  },

  /* Little-endian float32, on any machine. */
  floats(text) {
    const view = new DataView(decode.bytes(text).buffer);
    const floats = new Float32Array(view.byteLength / 4);
    for (let place = 0; place < floats.length; place += 1) {
      floats[place] = view.getFloat32(4 * place, true);
    }
    return floats;
  },
};

class Vectors {
  constructor(rows, dimensions) {
    this.rows = rows;
    this.dimensions = dimensions;
    this.count = rows.length / dimensions;
    this.inverse = new Float32Array(this.count);
    for (let word = 0; word < this.count; word += 1) {
      let sum = 0;
      for (let place = word * dimensions; place < (word + 1) * dimensions; place += 1) {
        sum += rows[place] * rows[place];
      }
      this.inverse[word] = sum ? 1 / Math.sqrt(sum) : 0;
    }
  }

  /* The cosine of two words. */
  similarity(one, other) {
    return this.dotted(this.unit(one), other);
  }

  unit(word) {
    const start = word * this.dimensions;
    const row = this.rows.subarray(start, start + this.dimensions);
    return Float32Array.from(row, (value) => value * this.inverse[word]);
  }

  dotted(query, word) {
    const { rows, dimensions } = this;
    let sum = 0;
    for (let d = 0, place = word * dimensions; d < dimensions; d += 1, place += 1) {
      sum += query[d] * rows[place];
    }
    return sum * this.inverse[word];
  }

  /* The `count` words most similar to the sum of some words and minus others, best first; those of
     the question are left out. Ties go to the more frequent word. */
  nearest(positive, negative, count) {
    const query = new Float32Array(this.dimensions);
    for (const [words, sign] of [[positive, 1], [negative, -1]]) {
      for (const word of words) {
        this.unit(word).forEach((value, d) => { query[d] += sign * value; });
      }
    }
    const length = Math.hypot(...query);
    if (!length) return [];
    query.forEach((value, d) => { query[d] = value / length; });
    const asked = new Set([...positive, ...negative]);
    const best = [];
    for (let word = 0; word < this.count; word += 1) {
      const similarity = this.dotted(query, word);
      if (best.length === count && similarity <= best[count - 1].similarity) continue;
      if (asked.has(word)) continue;
      let place = best.length;
      while (place > 0 && best[place - 1].similarity < similarity) place -= 1;
      best.splice(place, 0, { word, similarity });
      if (best.length > count) best.pop();
    }
    return best;
  }

  /* How many words are nearer to `one` than `other` is, plus one. */
  rank(one, other) {
    const query = this.unit(one);
    const similarity = this.dotted(query, other);
    let rank = 1;
    for (let word = 0; word < this.count; word += 1) {
      if (word !== one && word !== other && this.dotted(query, word) > similarity) rank += 1;
    }
    return rank;
  }
}
