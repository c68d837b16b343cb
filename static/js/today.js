// Rows that open, close and step back; what is typed is kept on this device until it is saved.
const DAY = 24 * 3600 * 1000;
const KEEP = 14 * DAY;
const NAME = "draft ";
const TEXTS = "textarea, input[type=text], input[name=competitor], input[name=promise]";
const pointAt = (row, how = {}) => document.dispatchEvent(new CustomEvent("point-at", { detail: { row, ...how } }));
const phone = matchMedia("(max-width: 767px)");
const exact = matchMedia("(pointer: fine)");

const store = {
  get(key) { try { return JSON.parse(localStorage.getItem(NAME + key)); } catch { return null; } },
  set(key, value) { try { localStorage.setItem(NAME + key, JSON.stringify(value)); return true; } catch { return false; } },
  drop(key) { try { localStorage.removeItem(NAME + key); } catch { /* private window */ } },
  tidy() {
    try {
      for (const key of Object.keys(localStorage)) {
        if (!key.startsWith(NAME)) continue;
        const draft = this.get(key.slice(NAME.length));
        if (!draft || Date.now() - draft.at > KEEP) localStorage.removeItem(key);
      }
    } catch { /* private window */ }
  },
};

const texts = (form) => [...form.querySelectorAll(TEXTS)].filter((field) => field.name);

function say(form, at) {
  const place = form.querySelector("[data-kept]");
  const time = new Date(at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hour12: false });
  if (place) place.textContent = `${place.dataset.words} ${time}`;
}

function keep(form) {
  const written = Object.fromEntries(texts(form).map((field) => [field.name, field.value]));
  const key = form.dataset.draft;
  if (!Object.values(written).some(Boolean)) return store.drop(key);
  const at = Date.now();
  if (store.set(key, { at, written })) say(form, at);
}

function restore(form) {
  const draft = store.get(form.dataset.draft);
  if (!draft) return;
  let filled = false;
  for (const field of texts(form)) {
    if (field.value || !draft.written[field.name]) continue;
    field.value = draft.written[field.name];
    if (field.closest("details")) field.closest("details").open = true;
    filled = true;
  }
  if (filled) say(form, draft.at);
}

// A form that has come into the page, with the page or by htmx.
function begin(form) {
  if (form.dataset.begun) return;
  form.dataset.begun = "yes";
  restore(form);
  const card = form.parentElement.querySelector("details.before");
  if (card && phone.matches) card.open = false;
  if (exact.matches) form.querySelector("textarea")?.focus({ preventScroll: true });
}

const beginAll = () => document.querySelectorAll("form[data-draft]").forEach(begin);

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-draft]");
  if (form && event.target.matches(TEXTS)) keep(form);
});

// Nobody reached: try again soon, unless a day was chosen.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-draft]");
  if (!form) return;
  if (event.target.name === "next") form.dataset.chose = "yes";
  if (event.target.name !== "outcome" || form.dataset.chose) return;
  const code = event.target.value === "missed" ? "3d" : "cadence";
  const chip = form.querySelector(`[data-code="${code}"]`);
  if (chip) chip.checked = true;
});

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("form[data-draft]");
  if (form && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
  }
  const cancel = event.target.closest?.(".todo.open")?.querySelector("[data-cancel]");
  if (cancel && event.key === "Escape") cancel.click();
});

// The row that is being swapped keeps the focus; after "Save and next" the next one gets it.
let swapped = null;
let following = null;
document.addEventListener("htmx:beforeSwap", (event) => {
  const row = event.detail.target?.closest?.(".todo");
  if (!row) return;
  swapped = row.id;
  const all = [...document.querySelectorAll("[data-row]")].filter((other) => other.offsetParent);
  following = all[all.indexOf(row) + 1] ?? null;
});

document.addEventListener("htmx:load", (event) => {
  beginAll();
  const row = event.target;
  if (!row.matches?.("[data-row]") || row.id !== swapped?.replace(/-done$/, "")) return;
  pointAt(row, { focus: !row.contains(document.activeElement) });
});

// Other rows of the page that the same visit has moved, closed or given back.
document.addEventListener("rows-changed", (event) => {
  const { gone = [], closed = [], reopened = [] } = event.detail;
  for (const id of gone) document.getElementById(id)?.remove();
  for (const id of closed) stepBack(document.getElementById(id), true);
  for (const id of reopened) stepBack(document.getElementById(id), false);
});

function stepBack(row, away) {
  row?.classList.toggle("done", away);
  row?.classList.toggle("gone", away);
  row?.toggleAttribute("data-row", !away);
}

document.addEventListener("row-done", (event) => {
  const user = document.querySelector("[data-user]")?.dataset.user ?? "";
  store.drop(`${user} ${event.detail.row}`);
  swapped = null;
  if (following?.isConnected && following.hasAttribute("data-row")) pointAt(following);
});

// The line is down or the server cannot: the form stays as it is.
for (const failed of ["htmx:sendError", "htmx:responseError"]) {
  document.addEventListener(failed, (event) => {
    const words = document.querySelector("[data-failed]")?.dataset.failed;
    const place = document.getElementById("messages");
    if (!words || !place) return;
    const note = document.createElement("p");
    note.className = "note note-error";
    note.textContent = words;
    place.replaceChildren(note);
    event.target.closest?.("form[data-draft]") && keep(event.target.closest("form[data-draft]"));
    place.scrollIntoView({ block: "nearest" });
  });
}

store.tidy();
beginAll();
