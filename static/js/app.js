// Keyboard, theme, rows. Hooks are data-attributes and roles, no library.
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const typing = (event) => event.target.closest("input:not([type=radio], [type=checkbox]), textarea, select, [role=slider], [contenteditable]");

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-theme-toggle]")) {
    const html = document.documentElement;
    html.dataset.bsTheme = html.dataset.bsTheme === "dark" ? "light" : "dark";
    try { localStorage.setItem("theme", html.dataset.bsTheme); } catch { /* private window */ }
    document.dispatchEvent(new Event("theme"));
  }
  const segment = event.target.closest(".segs button");
  if (segment) $$("button", segment.parentElement).forEach((b) => b.setAttribute("aria-pressed", b === segment));
});

// Signed out meanwhile: the sign-in page is a page, not a part of this one.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!event.detail.xhr.responseURL.includes("/accounts/login/")) return;
  event.preventDefault();
  location.reload();
});

const rows = () => $$("[data-row]").filter((row) => row.offsetParent);

const current = () => document.querySelector("[data-row][aria-current]");

function point(row, { focus = true } = {}) {
  $$("[data-row][aria-current]").forEach((other) => other.removeAttribute("aria-current"));
  row.setAttribute("aria-current", "true");
  if (focus) row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}
document.addEventListener("point-at", (event) => point(event.detail.row, event.detail));

function move(step) {
  const all = rows();
  const at = all.indexOf(current());
  if (all.length) point(all[Math.min(Math.max(at + step, 0), all.length - 1)]);
}

// In the row that is pointed at, else the one act of the page (a customer's "Visit").
function act(name, key) {
  const hook = `[data-act=${name}]`;
  (current()?.querySelector(hook) ?? document.querySelector(`[data-key-${key}]`))?.click();
}

const keys = {
  "/": () => document.querySelector("main [data-search], [data-search]")?.focus(),
  j: () => move(1),
  k: () => move(-1),
  v: () => act("visit", "v"),
  s: () => act("snooze", "s"),
  e: () => act("done", "e"),
  "?": () => document.querySelector("dialog.help")?.showModal(),
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event) || !keys[event.key]) return;
  if (document.querySelector("dialog[open]")) return;
  event.preventDefault();
  keys[event.key]();
});
