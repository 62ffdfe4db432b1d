// What a page gains where scripts run: nothing typed is lost, nothing is sent twice, and the reader knows of being offline.
"use strict";

const reader = document.body.dataset.reader ?? "";
const KEPT_FOR = 7 * 24 * 3600 * 1000; // milliseconds
const nameOf = (form) => `tandem:${reader}:${form.dataset.keep}`;

function typed(form) {
  return [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !name.startsWith("_"));
}

function restore(form) {
  const kept = JSON.parse(localStorage.getItem(nameOf(form)) ?? "null");
  if (!kept || Date.now() - kept.at > KEPT_FOR || form.querySelector(".refused")) return;
  const values = Map.groupBy ? Map.groupBy(kept.typed, ([name]) => name) : grouped(kept.typed);
  for (const input of form.elements) {
    if (!input.name || input.type === "hidden" || input.type === "file" || input.name.startsWith("_")) continue;
    const given = (values.get(input.name) ?? []).map(([, value]) => value);
    if (input.type === "checkbox" || input.type === "radio") input.checked = given.includes(input.value);
    else if (given.length) input.value = given[0];
  }
}

function grouped(pairs) {
  const groups = new Map();
  for (const pair of pairs) groups.set(pair[0], [...(groups.get(pair[0]) ?? []), pair]);
  return groups;
}

for (const form of document.querySelectorAll("form[data-keep]")) {
  restore(form);
  const keep = () => localStorage.setItem(nameOf(form), JSON.stringify({ at: Date.now(), typed: typed(form) }));
  form.addEventListener("input", keep);
  form.addEventListener("submit", (event) => {
    if (!navigator.onLine) {
      keep();
      event.preventDefault();
      online();
      return;
    }
    if (form.dataset.sent && !event.submitter?.name) event.preventDefault();
    form.dataset.sent = "yes";
  });
}

// A page that says what was done says also whose typed words are not needed any more.
for (const done of document.querySelectorAll("[data-done]")) localStorage.removeItem(`tandem:${reader}:${done.dataset.done}`);

document.querySelector("form.who")?.addEventListener("submit", () => {
  for (const key of Object.keys(localStorage)) if (key.startsWith("tandem:")) localStorage.removeItem(key);
});

function online() {
  for (const notice of document.querySelectorAll(".offline")) notice.hidden = navigator.onLine;
}
window.addEventListener("online", online);
window.addEventListener("offline", online);
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  online();
});

for (const timer of document.querySelectorAll(".timer")) {
  const ends = Date.parse(timer.dataset.ends), begins = ends - timer.dataset.minutes * 60000;
  const tell = () => {
    const left = Math.ceil((ends - Date.now()) / 60000);
    if (Date.now() >= begins) timer.textContent = left > 0 ? `${left} min left: a decision, or a time for it` : "Time: decide, or say when";
  };
  tell();
  setInterval(tell, 10000);
}
