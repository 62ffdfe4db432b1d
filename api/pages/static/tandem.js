// What a page gains where scripts run: nothing typed is lost, nothing is sent twice, and the reader knows of being offline.
"use strict";

const reader = document.body.dataset.reader ?? "";
const KEPT_FOR = 7 * 24 * 3600 * 1000; // milliseconds
const SENT = "tandem:sent"; // what was sent last, until a page says that it was done
const nameOf = (form) => `tandem:${reader}:${form.dataset.keep}`;

function typed(form) {
  return [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !name.startsWith("_"));
}

function keep(form) {
  if (form.querySelector("[data-bring]")) return; // what stands in files stays no longer here than there
  localStorage.setItem(nameOf(form), JSON.stringify({ at: Date.now(), typed: typed(form) }));
}

async function restore(form) {
  const kept = JSON.parse(localStorage.getItem(nameOf(form)) ?? "null");
  if (!kept || Date.now() - kept.at > KEPT_FOR || form.querySelector(".refused")) return;
  // What only the server writes, as whom the form is about, is never taken from what was kept.
  const drawnOnly = (name) => {
    const fields = [...form.elements].filter((one) => one.name === name);
    return fields.length > 0 && fields.every((one) => one.type === "hidden" && !("typed" in one.dataset));
  };
  const missing = kept.typed.some(([name, value]) => {
    const now = form.elements[name];
    return value && !drawnOnly(name) && (!now || (now.type === "hidden" && now.value !== value));
  });
  if (missing && navigator.onLine) {
    // Rows were added since the page began: the server draws them, with what was typed.
    const body = new FormData();
    for (const [name, value] of new FormData(form)) if (name.startsWith("_") || drawnOnly(name)) body.append(name, value);
    for (const [name, value] of kept.typed) if (!drawnOnly(name)) body.append(name, value);
    body.set("_more", ".");
    const drawn = await redraw(form, body);
    if (drawn) offerAnew(drawn);
    return;
  }
  let changed = false;
  const values = new Map();
  for (const [name, value] of kept.typed) values.set(name, [...(values.get(name) ?? []), value]);
  for (const input of form.elements) {
    if (!input.name || input.type === "hidden" || input.type === "file" || input.name.startsWith("_")) continue;
    const given = values.get(input.name) ?? [];
    const before = input.type === "checkbox" || input.type === "radio" ? input.checked : input.value;
    if (input.type === "checkbox" || input.type === "radio") input.checked = given.includes(input.value);
    else if (given.length) input.value = given[0];
    changed ||= before !== (input.type === "checkbox" || input.type === "radio" ? input.checked : input.value);
    const folded = input.value && input.type !== "radio" && input.type !== "checkbox" && input.closest("details");
    if (folded && given.length) folded.open = true;
  }
  if (changed) offerAnew(form);
}

function offerAnew(form) {
  const note = document.createElement("p");
  const anew = document.createElement("button");
  note.className = "hint";
  note.textContent = "What you had typed is here again. ";
  Object.assign(anew, { type: "button", className: "quiet", textContent: "Start anew" });
  anew.addEventListener("click", () => {
    localStorage.removeItem(nameOf(form));
    location.reload();
  });
  note.append(anew);
  form.prepend(note);
}

async function redraw(form, body) {
  const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const drawn = page.querySelector(`form[data-keep="${CSS.escape(form.dataset.keep)}"]`);
  if (!drawn) return null;
  for (const [name, value] of typed(form)) {
    const input = drawn.elements[name]; // what was typed while the server drew is newer than what it was sent
    if (body.get(name) !== value && input?.matches?.("textarea, input:not([type=hidden])")) input.value = value;
  }
  form.replaceWith(drawn);
  for (const one of document.querySelectorAll("[data-anew]")) one.replaceChildren(...(page.getElementById(one.id)?.childNodes ?? []));
  window.htmx?.process(drawn);
  attend(drawn);
  keep(drawn);
  return drawn;
}

// Draws the form anew: with a row more, with what a draft has for a field, or with a rewrite in place of vague words.
// One change at a time: the next begins with what the one before it drew.
let drawing = Promise.resolve();
function change(form, button) {
  drawing = drawing.catch(() => {}).then(() => changed(document.querySelector(`form[data-keep="${CSS.escape(form.dataset.keep)}"]`) ?? form, button));
}

async function changed(form, button) {
  const known = new Set([...form.elements].map((input) => input.name));
  const body = new FormData(form);
  body.set(button.name, button.value);
  const drawn = await redraw(form, body);
  if (!drawn) return form.submit();
  const shown = [...drawn.elements].filter((one) => one.name && one.type !== "hidden");
  const about = (name) => name === button.value || name.startsWith(`${button.value}.`);
  const meant = drawn.querySelector("[autofocus]");
  if (meant) {
    document.querySelector("#said-beside:popover-open")?.hidePopover();
    return meant.focus();
  }
  shown.find(({ name }) => !known.has(name) || (button.name !== "_more" && about(name)))?.focus();
}

// Accepts every piece of a criterion that is not decided on; nobody else needs to be asked.
function acceptAll(form, pieces) {
  for (const piece of pieces) if (!piece.querySelector(":checked")) piece.querySelector("[value=accept]").checked = true;
  keep(form);
}

// How long the page is in sight goes into the record of the draft that is decided on here.
let seen = document.hidden ? null : performance.now();
let looked = 0; // milliseconds
const before = Number(document.querySelector("form[data-keep] [name=looked_seconds]")?.value) || 0;
document.addEventListener("visibilitychange", () => {
  if (seen !== null) looked += performance.now() - seen;
  seen = document.hidden ? null : performance.now();
});

function attend(form) {
  receive(form);
  form.addEventListener("formdata", ({ formData }) => {
    if (!form.elements.looked_seconds) return;
    const now = looked + (seen === null ? 0 : performance.now() - seen);
    formData.set("looked_seconds", String(before + Math.round(now / 1000)));
  });
  form.addEventListener("input", ({ target }) => {
    keep(form);
    if ("names" in target.dataset && target.value) target.closest("details").querySelector(".name").textContent = target.value;
  });
  form.addEventListener("submit", (event) => {
    const pieces = event.submitter?.name === "_take" ? event.submitter.closest("fieldset")?.querySelectorAll(".drafted") : null;
    if (pieces?.length) {
      event.preventDefault();
      acceptAll(form, pieces);
      return;
    }
    if (!navigator.onLine) {
      keep(form);
      event.preventDefault();
      online();
      return;
    }
    if (["_more", "_take", "_concrete", "_passage", "_away", "_back"].includes(event.submitter?.name)) {
      event.preventDefault();
      change(form, event.submitter);
      return;
    }
    if (event.submitter?.name === "_reword") return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
    sessionStorage.setItem(SENT, nameOf(form));
    for (const button of form.querySelectorAll(".send button")) button.setAttribute("aria-disabled", "true");
  });
}

// A page that says what was done says also that the words typed for it are not needed any more.
if (document.querySelector("[data-done]") && sessionStorage.getItem(SENT)) {
  localStorage.removeItem(sessionStorage.getItem(SENT));
  sessionStorage.removeItem(SENT);
}

// What was tapped counts when its seconds are over; until then its line says how many are left.
for (const held of document.querySelectorAll("[data-held]")) {
  const until = Date.now() + Number(held.dataset.held) * 1000;
  const counting = setInterval(() => {
    const left = Math.max(0, Math.ceil((until - Date.now()) / 1000));
    held.querySelector(".counts").textContent = left ? `It counts in ${left} second${left === 1 ? "" : "s"}.` : "It counts.";
    if (left) return;
    clearInterval(counting);
    held.querySelector("button").remove();
  }, 250);
}

for (const form of document.querySelectorAll("form[data-keep]")) {
  attend(form);
  restore(form);
}

// Files, and folders of them, go up one by one: each is read before the page is drawn anew with what was typed.
const WHOLE = 10 * 1024 * 1024; // bytes; of a larger file its beginning tells what it is
const AT_ONCE = 3;

async function filesUnder(entry) {
  if (entry.isFile) return [await new Promise((found, failed) => entry.file(found, failed))];
  const reader = entry.createReader();
  const within = [];
  for (;;) { // a reader gives a hundred at a time
    const some = await new Promise((found, failed) => reader.readEntries(found, failed));
    if (!some.length) break;
    within.push(...some);
  }
  return (await Promise.all(within.map(filesUnder))).flat();
}

async function bring(form, files) {
  const shown = form.querySelector("[data-bring] .progress");
  const coming = [...files];
  const refused = [];
  let read = 0;
  const say = () => (shown.textContent = `${read} of ${files.length} read`);
  say();
  const upload = async () => {
    for (let file = coming.shift(); file; file = coming.shift()) {
      const body = new FormData();
      body.append("_quiet", "1");
      body.append("_size", String(file.size));
      body.append("files", file.size > WHOLE ? file.slice(0, 4096) : file, file.name);
      try {
        const answer = await fetch(form.action, { method: "POST", body });
        if (!answer.ok) refused.push(answer.status === 422 ? await answer.text() : `${file.name} was not taken. Bring it once more.`);
      } catch {
        refused.push(`${file.name} did not arrive. Bring it once more.`);
      }
      read += 1;
      say();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, upload));
  for (const input of form.querySelectorAll("[type=file]")) input.value = "";
  const body = new FormData(form);
  body.set("_more", ".");
  const drawn = await redraw(form, body);
  if (!drawn) return location.reload();
  drawn.querySelector("[data-bring] .progress").textContent = [`${read} of ${files.length} read.`, ...new Set(refused)].join(" ");
  drawn.querySelector("[data-bring]").focus();
}

function receive(form) {
  const zone = form.querySelector("[data-bring]");
  if (!zone) return;
  for (const input of zone.querySelectorAll("[type=file]")) {
    input.addEventListener("change", () => input.files.length && bring(form, [...input.files]));
  }
  for (const name of ["dragenter", "dragover"]) {
    zone.addEventListener(name, (event) => {
      event.preventDefault();
      zone.classList.add("over");
    });
  }
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", async (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const files = entries.length ? (await Promise.all(entries.map(filesUnder))).flat() : [...event.dataTransfer.files];
    if (files.length) bring(form, files);
  });
}

document.querySelector("#refused")?.focus();

// A link to something folded away opens it.
document.addEventListener("click", (event) => {
  const target = event.target.closest?.('a[href^="#"]')?.getAttribute("href");
  const meant = target?.length > 1 ? document.getElementById(target.slice(1)) : null;
  for (let one = meant; one; one = one.parentElement) if (one.tagName === "DETAILS") one.open = true;
});

document.querySelector("form.who")?.addEventListener("submit", () => {
  for (const key of Object.keys(localStorage)) if (key.startsWith("tandem:")) localStorage.removeItem(key);
});

// The board looks again by itself, where somebody sees it and reads nothing that it would close. Only the lines that
// changed are drawn anew: whoever is in another one, by eye, key or screen reader, stays there.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden || event.detail.elt.querySelector(":popover-open")) event.preventDefault();
});

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id !== "lines") return;
  const order = (board) => [...board.querySelectorAll("h2, .board tr[id]")].map((one) => one.id || one.textContent).join();
  const fresh = new DOMParser().parseFromString(detail.serverResponse, "text/html").getElementById(detail.target.id);
  if (!detail.shouldSwap || !fresh || order(fresh) !== order(detail.target)) return;
  detail.shouldSwap = false;
  const focused = document.activeElement?.id;
  for (const line of fresh.querySelectorAll(".board tr[id]")) {
    const shown = document.getElementById(line.id);
    if (!shown.isEqualNode(line)) shown.replaceWith(document.adoptNode(line));
  }
  detail.target.setAttribute("hx-headers", fresh.getAttribute("hx-headers"));
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
});

function online() {
  for (const notice of document.querySelectorAll(".offline")) notice.hidden = navigator.onLine;
}
window.addEventListener("online", online);
window.addEventListener("offline", online);
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
  }
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

// What can be done with those who are ticked says how many they are.
document.addEventListener("change", ({ target }) => {
  const words = document.querySelector("#bulk [data-ticked]");
  if (!words || target.getAttribute?.("form") !== "bulk") return;
  const ticked = document.querySelectorAll("[form=bulk][name=candidate]:checked").length;
  words.textContent = ticked ? `With the ${ticked} you ticked` : "With those you tick";
});

// What a link is read aloud as: without the initials beside a name.
function called(link) {
  const words = link.cloneNode(true);
  for (const unread of words.querySelectorAll("[aria-hidden]")) unread.remove();
  return words.textContent.trim();
}

// The pipeline: a card that is dragged to a column, or moved there by its key, opens the form of what it takes.
function moved(candidate, form) {
  location.href = form.replace("{}", candidate);
}

// A rubric: a passage goes to the criterion that is open and has none, or to the one it is dragged onto.
document.addEventListener("toggle", ({ target }) => {
  const goes = document.getElementById("goes-to-what");
  if (!goes || !target.matches?.("[data-takes]")) return;
  if (target.open) goes.value = "free" in target.dataset ? target.dataset.takes : "";
  else if (goes.value === target.dataset.takes) goes.value = "";
}, true);

let passage = null;
document.addEventListener("dragstart", (event) => {
  passage = event.target.closest?.("[data-passage]") ?? null;
  if (passage) event.dataTransfer.effectAllowed = "link";
});
document.addEventListener("dragover", (event) => {
  const over = passage && event.target.closest?.("[data-takes], .parts");
  for (const one of document.querySelectorAll(".parts.over, .part.over")) if (one !== over) one.classList.remove("over");
  if (!over) return;
  event.preventDefault();
  over.classList.add("over");
});
document.addEventListener("drop", (event) => {
  const over = passage && event.target.closest?.("[data-takes], .parts");
  if (!over) return;
  event.preventDefault();
  over.classList.remove("over");
  document.getElementById("goes-to-what").value = over.dataset.takes ?? "";
  const button = passage.querySelector("button");
  button.form.requestSubmit(button);
});
document.addEventListener("dragend", () => (passage = null));

let dragged = null;
for (const column of document.querySelectorAll(".column")) {
  column.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("[data-candidate]");
    dragged?.classList.add("dragged");
    event.dataTransfer.effectAllowed = "move";
  });
  column.addEventListener("dragend", () => {
    dragged?.classList.remove("dragged");
    dragged = null;
  });
  column.addEventListener("dragover", (event) => {
    if (!dragged || !column.dataset.form || column.contains(dragged)) return;
    event.preventDefault();
    column.classList.add("over");
  });
  column.addEventListener("dragleave", (event) => {
    if (!column.contains(event.relatedTarget)) column.classList.remove("over");
  });
  column.addEventListener("drop", (event) => {
    event.preventDefault();
    column.classList.remove("over");
    if (dragged) moved(dragged.dataset.candidate, column.dataset.form);
  });
}

const mover = document.getElementById("move");
document.addEventListener("keydown", (event) => {
  const card = event.target.closest?.("[data-candidate]");
  if (!mover || !card || event.key !== "m" || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  mover.querySelector("[data-who]").textContent = called(card.querySelector("a"));
  for (const link of mover.querySelectorAll("[data-form]")) link.href = link.dataset.form.replace("{}", card.dataset.candidate);
  mover.showModal();
});

// A candidate's page over the pipeline, with their résumé's pages beside it; the link itself where that does not work.
const drawer = document.getElementById("drawer");

async function mainOf(href) {
  const answer = await fetch(href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("main");
}

async function drawOut(link) {
  const found = await mainOf(link.href);
  if (!found) return (location.href = link.href);
  const drawn = drawer.querySelector(".drawn");
  for (const within of found.querySelectorAll("[id]")) within.id = `drawn-${within.id}`;
  for (const button of found.querySelectorAll("[popovertarget]")) button.setAttribute("popovertarget", `drawn-${button.getAttribute("popovertarget")}`);
  for (const section of found.querySelectorAll("[aria-labelledby]")) section.setAttribute("aria-labelledby", `drawn-${section.getAttribute("aria-labelledby")}`);
  const page = document.createElement("div");
  page.append(...found.children);
  drawn.replaceChildren(page);
  drawer.querySelector("[data-whole]").href = link.href;
  drawer.setAttribute("aria-label", called(link));
  if (!drawer.open) drawer.showModal();
  const resume = page.querySelector("a[data-resume]");
  const paper = resume && (await mainOf(resume.href));
  if (!paper || !drawer.open || !page.isConnected) return;
  const beside = document.createElement("div");
  Object.assign(beside, { className: "paper-side", tabIndex: 0, role: "region", ariaLabel: "The résumé" });
  beside.append(...(paper.querySelector(".sheets") ? [paper.querySelector(".sheets")] : paper.querySelectorAll(".turn, .source")));
  for (const within of beside.querySelectorAll("[id]")) within.removeAttribute("id");
  for (const sheet of beside.querySelectorAll("details")) sheet.open = true;
  if (beside.children.length) drawn.append(beside);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-drawer]");
  if (event.target.closest?.("[data-close]")) return drawer?.close();
  if (!link || !drawer || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (matchMedia("(max-width: 47.99rem)").matches) return;
  event.preventDefault();
  drawOut(link);
});

// Search: hits while one types. The first is chosen until another is, with the arrow keys, or more is typed.
const seeker = document.querySelector("[data-search]");
const found = document.getElementById("found");

function choose(step) {
  const hits = [...found.querySelectorAll("[role=option]")];
  const at = hits.findIndex((one) => one.getAttribute("aria-selected") === "true");
  const next = hits[(at + step + hits.length) % hits.length];
  for (const one of hits) one.setAttribute("aria-selected", String(one === next));
  if (next) seeker.setAttribute("aria-activedescendant", next.id);
  next?.scrollIntoView({ block: "nearest" });
}

function unfold(open) {
  found.hidden = !open;
  seeker.setAttribute("aria-expanded", String(open));
  if (!open) seeker.removeAttribute("aria-activedescendant");
}

seeker?.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    choose(event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Escape") {
    unfold(false);
    seeker.blur();
  } else if (event.key === "Enter" && !found.hidden) {
    const hit = found.querySelector("[aria-selected=true]");
    if (!hit) return;
    event.preventDefault();
    location.href = hit.dataset.href;
  }
});
seeker?.addEventListener("input", () => {
  for (const one of found.querySelectorAll("[aria-selected=true]")) one.setAttribute("aria-selected", "false");
  seeker.removeAttribute("aria-activedescendant");
  if (!seeker.value.trim()) unfold(false);
});
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target !== found) return;
  unfold(Boolean(seeker.value.trim()));
  if (!found.hidden && found.firstElementChild?.dataset.q === seeker.value.trim().replace(/\s+/g, " ")) choose(1);
});
found?.addEventListener("click", (event) => {
  const hit = event.target.closest("[role=option]");
  if (hit) location.href = hit.dataset.href;
});
document.addEventListener("click", (event) => found && !event.target.closest?.(".search") && unfold(false));

// A key for every frequent act, where nobody is typing.
let going = 0; // when g was pressed, in milliseconds
document.addEventListener("keydown", (event) => {
  if (!seeker) return;
  if (event.key === "k" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    return seeker.focus();
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  if (document.querySelector("dialog[open]") && event.key !== "?") return;
  const went = Date.now() - going < 1500;
  going = 0;
  if (went) {
    const room = event.key === "n" ? document.querySelector(".bell") : document.querySelector(`.rail [data-key="${CSS.escape(event.key)}"]`);
    if (room) location.href = room.href;
    return;
  }
  if (event.key === "g") going = Date.now();
  else if (event.key === "/") {
    event.preventDefault();
    seeker.focus();
  } else if (event.key === "?") document.getElementById("keys").showModal();
  else if (event.key === "e") document.querySelector("main .yours .button.main, main .entries h2 a")?.click();
  else if (event.key === "j" || event.key === "k") {
    const links = [...document.querySelectorAll("main .pcard > a, main .entries h2 a, main tbody th a")];
    const at = links.indexOf(document.activeElement);
    links[event.key === "j" ? Math.min(at + 1, links.length - 1) : Math.max(at - 1, 0)]?.focus();
  }
});
