/* Finding words: completion in an input with a list below it (a combobox of WAI-ARIA). */

"use strict";

class Completion {
  constructor(words) {
    this.words = words;
    this.folded = words.map((word) => word.toLowerCase());
    this.rows = new Map();
    words.forEach((word, row) => { if (!this.rows.has(word)) this.rows.set(word, row); });
  }

  /* The row of a word as it is typed, or in other letters, large or small; undefined: none. */
  row(text) {
    if (!text) return undefined; // an empty field asks for nothing, though "" may be a word
    const exact = this.rows.get(text) ?? this.rows.get(text.trim());
    if (exact !== undefined) return exact;
    const folded = this.folded.indexOf(text.trim().toLowerCase());
    return folded < 0 ? undefined : folded;
  }

  /* At most `count` rows: the word itself, words that begin so, words that contain it; the more
     frequent first. */
  matches(text, count) {
    const folded = text.trim().toLowerCase();
    if (!folded) return [];
    const same = [];
    const begin = [];
    const contain = [];
    for (let row = 0; row < this.folded.length; row += 1) {
      const place = this.folded[row].indexOf(folded);
      if (place < 0) continue;
      if (this.folded[row] === folded) same.push(row);
      else if (place === 0) begin.push(row);
      else if (contain.length < count) contain.push(row);
      if (begin.length >= count && same.length) break;
    }
    return [...same, ...begin, ...contain].slice(0, count);
  }
}

const SUGGESTIONS = 8;

/* A list of suggestions below an input; `choose` is called with the row of the chosen word. */
function complete(input, completion, choose) {
  const list = document.createElement("ul");
  list.id = `${input.id}-list`;
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Words");
  input.after(list);
  const attributes = {
    role: "combobox",
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    "aria-autocomplete": "list",
    "aria-controls": list.id,
    "aria-expanded": "false",
  };
  Object.entries(attributes).forEach(([name, value]) => input.setAttribute(name, value));
  let found = [];
  let active = -1;

  const close = () => {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (place) => {
    active = place;
    [...list.children].forEach((item, number) => {
      item.setAttribute("aria-selected", String(number === active));
    });
    if (active < 0) return;
    input.setAttribute("aria-activedescendant", list.children[active].id);
    list.children[active].scrollIntoView({ block: "nearest" });
  };
  const take = (row) => {
    input.value = completion.words[row];
    input.removeAttribute("aria-invalid");
    close();
    choose(row);
  };
  const open = () => {
    found = completion.matches(input.value, SUGGESTIONS);
    list.replaceChildren(...found.map((row, place) => {
      const item = document.createElement("li");
      item.id = `${list.id}-${place}`;
      item.setAttribute("role", "option");
      item.append(token(completion.words[row]));
      item.addEventListener("pointerdown", (event) => event.preventDefault());
      item.addEventListener("click", () => take(row));
      return item;
    }));
    if (!input.value.trim()) {
      close();
      return;
    }
    if (!found.length) {
      const none = document.createElement("li");
      none.className = "none";
      none.textContent = "no such word on this map";
      list.append(none);
    }
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    mark(-1);
  };

  input.addEventListener("input", () => {
    input.removeAttribute("aria-invalid");
    open();
  });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (list.hidden) open();
      if (found.length && !list.hidden) {
        const first = step > 0 ? 0 : found.length - 1;
        mark(active < 0 ? first : (active + step + found.length) % found.length);
      }
    } else if (event.key === "Escape" && !list.hidden) {
      event.stopPropagation();
      close();
    } else if (event.key === "Enter") {
      const row = active >= 0 ? found[active] : completion.row(input.value) ?? found[0];
      if (row === undefined) {
        if (input.value.trim()) input.setAttribute("aria-invalid", "true");
        return;
      }
      // In a form, the first Enter takes a suggestion, the next one sends the form.
      if (active >= 0 || !input.form) event.preventDefault();
      take(row);
    }
  });
}

/* An element that shows a word as it is: never as markup, and not as nothing. */
function token(word) {
  const element = document.createElement("span");
  element.className = "token";
  element.dir = "auto";
  element.textContent = shown(word);
  return element;
}

/* A word with what cannot be seen in it written out. */
function shown(word) {
  const visible = word.replace(/[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return visible.trim() ? visible : JSON.stringify(word);
}
