// When a customer orders, and how much a month; its table twin stands below the chart.
import { axes, token } from "./axes.js";

const language = document.documentElement.lang;
const short = new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 });
const monthName = new Intl.DateTimeFormat(language, { month: "short" });
const DAY = 864e5;
const money = (symbol, amount) => (amount < 0 ? "−" : "") + symbol + short.format(Math.abs(amount)).replace("K", "k");

const onAxis = (time) => {
  const day = new Date(time);
  return day.getMonth() ? monthName.format(day) : String(day.getFullYear());
};

function silence(data, words, labelled) {
  if (!data.last || data.last === data.until) return undefined;
  return {
    silent: true,
    itemStyle: { color: token("risk"), opacity: labelled ? 0.12 : 0.06 },
    label: { show: labelled, color: token("risk-ink"), fontSize: 11, fontWeight: 600, position: "insideTopRight", offset: [5, -22] },
    data: [[{ xAxis: data.last, name: words }, { xAxis: data.until }]],
  };
}

function dots(data, words, scale) {
  const largest = Math.max(...data.days.map((mark) => mark.amount));
  const line = [{ coord: [data.days[0].on, 0] }, { coord: [data.last, 0] }];
  return {
    type: "scatter", xAxisIndex: 0, yAxisIndex: 0,
    data: data.days.map((mark) => ({ value: [mark.on, 0], mark })),
    symbolSize: (_, point) => (5 + 11 * Math.sqrt(point.data.mark.amount / largest)) * scale,
    itemStyle: { color: token("chart-1"), opacity: 0.82 },
    markArea: silence(data, words, true),
    markLine: { silent: true, symbol: "none", label: { show: false }, lineStyle: { color: token("line-2"), type: "solid" }, data: [line] },
  };
}

function missing(data, scale) {
  return {
    type: "scatter", xAxisIndex: 0, yAxisIndex: 0, silent: true, symbol: "circle", symbolSize: 10 * Math.max(scale, 0.7),
    data: data.missing.map((day) => [day, 0]),
    itemStyle: { color: "transparent", borderColor: token("risk-ink"), borderWidth: 1.5, borderType: "dashed" },
  };
}

function bars(data, words, width) {
  return {
    type: "bar", xAxisIndex: 1, yAxisIndex: 1, barWidth: Math.max(4, Math.min(20, width / 40)),
    data: data.months.map((mark) => ({ value: [mark.on, mark.amount], mark })),
    itemStyle: { color: token("chart-2"), borderRadius: [3, 3, 0, 0] },
    markArea: silence(data, words, false),
  };
}

function options(data, words, width) {
  const { text, time, value, tooltip } = axes();
  const scale = Math.min(1, width / 640);
  const end = Date.parse(data.until) + 12 * DAY;
  const span = { ...time, min: data.since, max: end };
  return {
    animation: false,
    textStyle: text,
    grid: [{ left: 52, right: 8, top: 26, height: 56 }, { left: 52, right: 8, top: 104, bottom: 22 }],
    xAxis: [
      { ...span, gridIndex: 0, axisLabel: { show: false }, axisLine: { show: false } },
      { ...span, gridIndex: 1, axisLabel: { ...text, formatter: onAxis, hideOverlap: true } },
    ],
    yAxis: [
      { type: "value", gridIndex: 0, min: -1, max: 1, show: false },
      { ...value, gridIndex: 1, axisLabel: { ...text, formatter: (amount) => money(data.symbol, amount) } },
    ],
    tooltip: { ...tooltip, formatter: ({ data: { mark } }) => `${mark.label}\n${mark.money}` },
    series: [dots(data, words, scale), missing(data, scale), bars(data, words, width)],
  };
}

for (const box of document.querySelectorAll("[data-rhythm]")) {
  const data = JSON.parse(document.getElementById(box.dataset.rhythm).textContent);
  const chart = echarts.init(box);
  const draw = () => {
    chart.resize();
    chart.setOption(options(data, box.dataset.silent, chart.getWidth()), true);
  };
  draw();
  chart.on("click", ({ data: point }) => { if (point.mark) location.assign(point.mark.href); });
  document.addEventListener("theme", draw);
  addEventListener("resize", draw);
}

document.addEventListener("keydown", (event) => {
  const busy = event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select") || document.querySelector("dialog[open]");
  if (event.key === "v" && !busy) document.querySelector("[data-visit]")?.click();
});
