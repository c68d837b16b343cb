// The form of a draft: shows the column of the chosen scheme, adds up shares and weights.
const form = document.getElementById("draft");
const fields = { share: '[name$="-share"]', value_share: '[name$="-value_share"]', weight: '[name^="weight_"]' };

function add(name) {
  const typed = [...form.querySelectorAll(fields[name])].map((input) => input.value).filter(Boolean);
  const total = Math.round(typed.reduce((sum, value) => sum + Number(value), 0) * 100) / 100;
  for (const place of form.querySelectorAll(`[data-sum="${name}"]`)) {
    place.textContent = typed.length ? `${total.toLocaleString(document.documentElement.lang)} %` : "";
    place.classList.toggle("risk", typed.length > 0 && total !== 100);
    place.classList.toggle("good", total === 100);
  }
}

function follow() {
  form.dataset.scheme = form.elements.scheme.value;
  form.dataset.basis = form.elements.basis.value;
  Object.keys(fields).forEach(add);
}

form.addEventListener("input", follow);
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id !== "levels") return;
  follow();
  form.dispatchEvent(new Event("preview"));
});
window.addEventListener("pageshow", follow);
follow();
