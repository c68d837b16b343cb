// The gaps between orders in their order, the line that 9 of 10 stay under, and this silence.
import { axes, token } from "./axes.js";

function gapDots(data, line) {
  return {
    type: "scatter", symbolSize: 8,
    data: data.gaps.map((mark, place) => ({ value: [place + 1, mark.days], mark })),
    itemStyle: { color: token("chart-1"), opacity: 0.82 },
    markLine: data.line && {
      silent: true, symbol: "none", data: [{ yAxis: data.line }],
      lineStyle: { color: token("ink-3"), type: "dashed" },
      label: { formatter: line, position: "insideEndTop", color: token("ink-3"), fontSize: 11 },
    },
  };
}

function silenceDot(data, silence) {
  const mark = { days: data.silence, label: silence };
  return {
    type: "scatter", symbolSize: 12,
    data: [{ value: [data.gaps.length + 1, data.silence], mark }],
    itemStyle: { color: token("risk") },
    label: { show: true, formatter: data.days.replace("%(n)s", data.silence), position: "left", color: token("risk-ink"), fontSize: 11, fontWeight: 600 },
  };
}

function options(data, words) {
  const { text, value, tooltip } = axes();
  return {
    animation: false,
    textStyle: text,
    grid: { left: 40, right: 12, top: 12, bottom: 12 },
    xAxis: { type: "value", min: 0, max: data.gaps.length + Math.max(2, data.gaps.length / 8), axisLabel: { show: false }, axisTick: { show: false }, splitLine: { show: false }, axisLine: { lineStyle: { color: token("line-2") } } },
    yAxis: { ...value, min: 0, axisLabel: text },
    tooltip: { ...tooltip, formatter: ({ data: { mark } }) => `${mark.label}\n${data.days.replace("%(n)s", mark.days)}` },
    series: [gapDots(data, words.line), silenceDot(data, words.silence)],
  };
}

for (const box of document.querySelectorAll("[data-gaps]")) {
  const data = JSON.parse(document.getElementById(box.dataset.gaps).textContent);
  const chart = echarts.init(box);
  const draw = () => {
    chart.resize();
    chart.setOption(options(data, box.dataset), true);
  };
  draw();
  chart.on("click", ({ data: point }) => { if (point.mark?.href) location.assign(point.mark.href); });
  document.addEventListener("theme", draw);
  addEventListener("resize", draw);
}
