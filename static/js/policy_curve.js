// The curve of the book with its lines, which move by pointer and by arrow keys.
import { bookOf, edgesOf, moved, segments, toY } from "./policy_lines.js";

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--vf-${name}`).trim();
const box = document.querySelector("[data-policy-curve]");
const canvas = box?.querySelector("[data-canvas]");
const form = document.getElementById("draft");
const compact = new Intl.NumberFormat(document.documentElement.lang, { notation: "compact", maximumSignificantDigits: 3 });
const plain = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2 });
const LABEL_WIDTH = 48;
const GRID = { left: 52, right: 14, top: 34, bottom: 26 };
let book = null;
let handles = [];

function options() {
  const text = { color: token("ink-3"), fontSize: 11, fontFamily: token("font") };
  const score = (y) => compact.format(book.isLog ? 10 ** y : y);
  return {
    animation: false,
    textStyle: text,
    grid: GRID,
    tooltip: {
      trigger: "axis", confine: true, padding: [6, 10], backgroundColor: token("surface"), borderColor: token("line-2"),
      textStyle: { color: token("ink"), fontSize: 12 },
      formatter: ([mark]) => `${box.dataset.top.replace("%n", plain.format(mark.value[0] ** 2))}: ${score(mark.value[1])}`,
    },
    xAxis: {
      type: "value", min: 0, max: 10, interval: 1, splitLine: { show: false },
      axisLabel: { ...text, hideOverlap: true, formatter: (x) => `${x * x} %` }, axisLine: { show: true, lineStyle: { color: token("line-2") } },
    },
    yAxis: {
      type: "value", min: book.low, max: book.high, interval: book.isLog ? 1 : undefined,
      axisLabel: { ...text, formatter: score }, splitLine: { lineStyle: { color: token("chart-grid") } },
    },
    series: segments(book, edgesOf(book, form)).map(({ grade, data }) => ({
      type: "line", symbol: "none", data,
      lineStyle: { color: token(grade), width: 2.5 }, areaStyle: { color: token(grade), opacity: 0.18, origin: "start" },
    })),
  };
}

const chart = () => echarts.getInstanceByDom(canvas) || echarts.init(canvas, null, { renderer: "svg" });

function draw() {
  if (!book) return;
  chart().setOption(options(), { notMerge: true });
  chart().resize();
  place();
}

function place() {
  const edges = edgesOf(book, form);
  if (handles.length !== edges.length) rebuild(edges.length);
  let label = -Infinity;
  edges.forEach((edge, i) => {
    const [left, top] = chart().convertToPixel({ gridIndex: 0 }, [edge.x, toY(book, edge.score)]);
    const handle = handles[i];
    handle.hidden = Boolean(edge.isEmpty);
    handle.style.left = `${Math.round(left)}px`;
    handle.classList.toggle("crowded", left - label < LABEL_WIDTH);
    if (left - label >= LABEL_WIDTH) label = left;
    handle.querySelector("i").style.top = `${Math.min(Math.max(top, GRID.top), canvas.clientHeight - GRID.bottom)}px`;
    handle.querySelector("b").textContent = compact.format(edge.score);
    if (!edge.movable) return;
    handle.setAttribute("aria-valuemin", edge.min);
    handle.setAttribute("aria-valuemax", edge.max);
    handle.setAttribute("aria-valuenow", edge.value);
    const share = box.dataset.top.replace("%n", plain.format(edge.x ** 2));
    handle.setAttribute("aria-valuetext", `${share}, ${plain.format(edge.score)}`);
  });
}

function rebuild(count) {
  handles.forEach((handle) => handle.remove());
  handles = Array.from({ length: count }, (_, i) => {
    const handle = document.createElement("div");
    handle.className = "cut-line";
    handle.dataset.cut = i;
    handle.append(document.createElement("b"), document.createElement("i"));
    if (form && book.movable) {
      handle.tabIndex = 0;
      handle.setAttribute("role", "slider");
      handle.setAttribute("aria-label", box.dataset.line.replace("%n", book.lines[i]?.name ?? ""));
    } else handle.setAttribute("aria-hidden", "true");
    box.append(handle);
    return handle;
  });
}

// A line that has moved says so in its fields; the figures follow as if they had been typed.
function say(changes) {
  for (const [input, value] of changes) input.value = value;
  changes[0]?.[0].dispatchEvent(new Event("input", { bubbles: true }));
}

function drag(event) {
  const handle = event.target.closest(".cut-line[role=slider]");
  if (!handle) return;
  event.preventDefault();
  handle.focus();
  handle.setPointerCapture(event.pointerId);
  const move = (step) => {
    const { left, top } = box.getBoundingClientRect();
    const [x, y] = chart().convertFromPixel({ gridIndex: 0 }, [step.clientX - left, step.clientY - top]);
    say(moved(book, form, Number(handle.dataset.cut), { x, y }));
  };
  handle.addEventListener("pointermove", move);
  handle.addEventListener("lostpointercapture", () => handle.removeEventListener("pointermove", move), { once: true });
}

const STEPS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 };
function press(event) {
  const handle = event.target.closest(".cut-line[role=slider]");
  const steps = STEPS[event.key];
  if (!handle || !steps) return;
  event.preventDefault();
  say(moved(book, form, Number(handle.dataset.cut), { steps }));
}

function read() {
  const island = document.getElementById("curve-data");
  if (!island || !box) return;
  book = bookOf(JSON.parse(island.textContent));
  rebuild(0);
  if (book.points.length) draw();
}

if (box) {
  box.addEventListener("pointerdown", drag);
  box.addEventListener("keydown", press);
  form?.addEventListener("input", draw);
  document.addEventListener("theme", draw);
  addEventListener("resize", draw);
  document.addEventListener("htmx:afterSwap", (event) => { if (event.target.id === "preview") keepFocus(read); });
}

function keepFocus(act) {
  const cut = document.activeElement?.closest(".cut-line")?.dataset.cut;
  act();
  if (cut !== undefined) handles[cut]?.focus();
}
