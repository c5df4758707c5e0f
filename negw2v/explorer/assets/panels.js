/* The panels beside the map: neighbours of a word, analogies, two words compared. */

"use strict";

const NEIGHBOURS = 12;
const ANSWERS = 5;
const SHARED_AMONG = 50;

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  made.append(...children);
  return made;
}

function number(value) {
  return value.toLocaleString("en");
}

/* A list of words with their similarities; arrow keys go from one to the next. */
function wordList(found, words, choose, label) {
  const list = element("ol", { class: "words", "aria-label": label });
  found.forEach(({ word, similarity }) => {
    const button = element("button", { type: "button" }, token(words[word]),
      element("span", { class: "number" }, similarity.toFixed(3)));
    button.style.setProperty("--share", `${Math.max(0, 100 * similarity).toFixed(1)}%`);
    button.addEventListener("click", () => choose(word));
    list.append(element("li", {}, button));
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const buttons = [...list.querySelectorAll("button")];
    buttons[buttons.indexOf(document.activeElement) + step]?.focus();
  });
  return list;
}

function chips(rows, words, choose) {
  const box = element("div", { class: "chips" });
  rows.forEach((word) => {
    const button = element("button", { type: "button" }, token(words[word]));
    button.addEventListener("click", () => choose(word));
    box.append(button);
  });
  return box;
}

function quiet(text) {
  return element("p", { class: "quiet" }, text);
}

/* What is known about a word, and its neighbours; null: what one can do here. */
function showWord(box, page, row, near, choose) {
  if (row === null) {
    box.replaceChildren(quiet(
      "Click a point on the map, or search for a word, to see the words most similar to it."));
    return;
  }
  const facts = [`number ${number(row + 1)} of ${number(page.words.length)} by frequency`];
  if (page.counts) facts.push(`count ${number(page.counts[row])}`);
  const name = element("p", { class: "name" }, token(page.words[row]));
  box.replaceChildren(name, quiet(facts.join(" · ")), near.length
    ? wordList(near, page.words, choose, "Most similar words")
    : quiet("The vector of this word is zero: nothing is similar to it."));
}

/* The rows that a form's inputs name; null, with a message, where one is not there. */
function asked(inputs, completion, result) {
  const rows = inputs.map((input) => completion.row(input.value));
  inputs.forEach((input, place) => {
    if (rows[place] === undefined) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  });
  const wrong = inputs.find((_, place) => rows[place] === undefined);
  if (!wrong) return rows;
  const message = element("p", { class: "wrong", role: "alert" });
  if (wrong.value.trim()) message.append(token(wrong.value), " is not on this map.");
  else message.append("Enter a word in each field.");
  result.replaceChildren(message);
  wrong.focus();
  return null;
}

/* Wire the form of analogies; `drawn` gets [first, partner, second, best answer]. */
function analogies(page, vectors, completion, choose, drawn) {
  const inputs = ["a", "b", "c"].map((name) => document.getElementById(`analogy-${name}`));
  const result = document.getElementById("analogy-result");
  inputs.forEach((input) => complete(input, completion, () => {}));
  document.getElementById("analogy").addEventListener("submit", (event) => {
    event.preventDefault();
    const rows = asked(inputs, completion, result);
    if (!rows) return;
    const [first, partner, second] = rows;
    const found = vectors.nearest([partner, second], [first], ANSWERS);
    result.replaceChildren(found.length
      ? wordList(found, page.words, choose, "Answers")
      : quiet("These words have no answer: their vectors cancel, or no other word is left."));
    if (found.length) drawn([first, partner, second, found[0].word]);
  });
}

/* Wire the form that compares two words. */
function comparisons(page, vectors, completion, choose, drawn) {
  const inputs = ["a", "b"].map((name) => document.getElementById(`compare-${name}`));
  const result = document.getElementById("compare-result");
  inputs.forEach((input) => complete(input, completion, () => {}));
  document.getElementById("compare").addEventListener("submit", (event) => {
    event.preventDefault();
    const rows = asked(inputs, completion, result);
    if (!rows) return;
    const [one, other] = rows;
    const [ones, others] = rows.map(
      (row) => vectors.nearest([row], [], SHARED_AMONG).map(({ word }) => word));
    const shared = ones.filter((word) => others.includes(word)).slice(0, NEIGHBOURS);
    const ranks = element("p", { class: "quiet" });
    if (one !== other) {
      ranks.append(token(page.words[other]), ` is neighbour ${number(vectors.rank(one, other))} of `,
        token(page.words[one]), `, which is neighbour ${number(vectors.rank(other, one))} of it.`);
    }
    result.replaceChildren(
      element("p", {}, "cosine similarity ",
        element("span", { class: "cosine" }, vectors.similarity(one, other).toFixed(3))),
      ranks,
      quiet(shared.length
        ? `Both have these among their ${SHARED_AMONG} nearest:`
        : `They share none of their ${SHARED_AMONG} nearest words.`),
      chips(shared, page.words, choose),
    );
    drawn(rows);
  });
}
