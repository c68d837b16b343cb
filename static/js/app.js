// Keyboard, theme, rows. Hooks are data-attributes and roles, no library.
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const typing = (event) => event.target.closest("input, textarea, select, [role=slider]");

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

if (matchMedia("(max-width: 767px)").matches) $$("details.before").forEach((card) => { card.open = false; });

const rows = () => $$(".todo:not(.done)");
function move(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.hasAttribute("aria-current"));
  const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
  all.forEach((row) => row.removeAttribute("aria-current"));
  next.setAttribute("aria-current", "true");
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}
const inRow = (selector) => document.querySelector(`.todo[aria-current] ${selector}`)?.click();

const keys = {
  "/": () => document.querySelector("[data-search]")?.focus(),
  j: () => move(1),
  k: () => move(-1),
  v: () => inRow(".do"),
  s: () => inRow(".quiet button:first-child"),
  e: () => inRow(".quiet button:last-child"),
  "?": () => document.querySelector("dialog.help")?.showModal(),
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event) || !keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});
