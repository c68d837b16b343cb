// Lists: short addresses, filters folded on phones, rows to choose. All of it works without.
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

const form = document.querySelector("form[data-lean]");
const defaultSort = form?.elements.sort?.value;
const says = (name, value) => value !== "" && !(name === "sort" && value === defaultSort && !location.search.includes("sort="));

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (!form || detail.elt !== form) return;
  for (const [name, value] of [...detail.parameters.entries()]) {
    if (!says(name, value)) detail.parameters.delete(name);
  }
});
form?.addEventListener("formdata", ({ formData }) => {
  for (const [name, value] of [...formData.entries()]) if (!says(name, value)) formData.delete(name);
});

const fold = (root) => {
  if (matchMedia("(max-width: 767.98px)").matches) $$("details[data-fold]", root).forEach((each) => { each.open = false; });
};
fold(document);

// Choosing rows, for those who may act on many at once.
function count() {
  for (const place of $$("[data-chosen]")) {
    const boxes = $$(`input[name="${place.dataset.chosen}"]`);
    const chosen = boxes.filter((box) => box.checked).length;
    place.textContent = chosen ? place.dataset.some.replace("%n", chosen) : place.dataset.none;
    place.closest("form").classList.toggle("ready", chosen > 0);
    const all = document.querySelector(`[data-all="${place.dataset.chosen}"]`);
    if (all) { all.checked = chosen > 0 && chosen === boxes.length; all.indeterminate = chosen > 0 && chosen < boxes.length; }
  }
}
document.addEventListener("change", ({ target }) => {
  const name = target.dataset?.all;
  if (name) $$(`input[name="${name}"]`).forEach((box) => { box.checked = target.checked; });
  if (name || target.form?.querySelector("[data-chosen]")) count();
});
document.addEventListener("htmx:afterSwap", ({ detail }) => { count(); fold(detail.target); });
window.addEventListener("pageshow", count);
