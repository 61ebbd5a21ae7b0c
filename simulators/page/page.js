"use strict";

/* What the pages of all simulators share. It comes after words.js and before the page's own script, which has load(),
   setting the state, and show(force), and then calls start(). */

let language = localStorage.getItem("language") || (navigator.language.startsWith("zh") ? "zh" : "en");
let state = null;
let busy = false;

const by = (id) => document.getElementById(id);
const word = (name, ...values) => {
  const found = WORDS[language][name];
  return typeof found === "function" ? found(...values) : found;
};
const digits = (value) => value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const yuan = (cents) => `¥${digits(cents / 100)}`;

/* Build an element; text is never parsed as HTML. */
function make(tag, options = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(options)) {
    if (name === "on") {
      for (const [event, handler] of Object.entries(value)) element.addEventListener(event, handler);
    } else if (value !== null && value !== false) {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...children.filter((child) => child !== null && child !== ""));
  return element;
}

const button = (label, action, options = {}) => make("button", { type: "button", on: { click: action }, ...options }, label);
const row = (label, value, kind = "") => make("div", { class: `row ${kind}` }, make("dt", {}, label), make("dd", {}, value));

/* Put new children into the elements of these ids; the button that had the focus keeps it. */
function fill(parts) {
  const focus = document.activeElement && document.activeElement.textContent;
  for (const [id, children] of Object.entries(parts)) by(id).replaceChildren(...children);
  if (focus) [...document.querySelectorAll("main button")].find((each) => each.textContent === focus)?.focus();
}

async function ask(path, body) {
  const answer = await fetch(path, body && {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const content = await answer.json();
  if (!answer.ok) throw new Error(content.error);
  return content;
}

/* Carry out one action; a second click while it runs does nothing. */
async function act(name, body, tell) {
  if (busy) return;
  busy = true;
  document.body.classList.add("busy");
  try {
    const result = await ask(`/api/${name}`, body);
    notify(tell ? tell(result) : "");
  } catch (error) {
    notify(error.message, true);
  } finally {
    busy = false;
    document.body.classList.remove("busy");
    await refresh();
  }
}

let noticeTimer = 0;
function notify(text, bad = false) {
  const notice = by("notice");
  notice.textContent = text;
  notice.hidden = !text;
  notice.className = bad ? "bad" : "";
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => { notice.hidden = true; }, 6000);
}

async function refresh() {
  const link = by("link");
  try {
    await load();
    link.textContent = word("online");
    link.className = "badge good";
    show();
  } catch {
    link.textContent = word("offline");
    link.className = "badge bad";
  }
}

function speak(chosen) {
  language = chosen;
  localStorage.setItem("language", chosen);
  document.documentElement.lang = chosen === "zh" ? "zh-CN" : "en";
  document.title = word("title");
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = word(element.dataset.word);
  for (const element of document.querySelectorAll("[data-language]")) {
    element.setAttribute("aria-pressed", String(element.dataset.language === chosen));
  }
  show(true);
  refresh();
}

/* Show the page in its language, and what becomes of it. */
function start(pollMs) {
  for (const element of document.querySelectorAll("[data-language]")) {
    element.addEventListener("click", () => speak(element.dataset.language));
  }
  speak(language);
  setInterval(() => { if (!busy) refresh(); }, pollMs);
}
