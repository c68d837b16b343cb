// Customers and value by grade over twelve months; each point opens the book of that night.
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--vf-${name}`).trim();
const short = new Intl.NumberFormat(document.documentElement.lang, { notation: "compact", maximumFractionDigits: 1 });

function told(data, of, index) {
  const point = data.points[index];
  const lines = data.grades.map(({ label }, place) => `${label}: ${of === "value" ? point.money[place] : point.customers[place]}`);
  return [point.label, ...lines].join("\n");
}

function options(data, of) {
  const text = { color: token("ink-3"), fontSize: 11, fontFamily: token("font") };
  return {
    animation: false,
    textStyle: text,
    grid: { left: 48, right: 16, top: 12, bottom: 24 },
    // Rich text is drawn; the HTML kind would need inline styles, which the policy forbids.
    tooltip: {
      trigger: "axis", renderMode: "richText", confine: true, padding: [6, 10], backgroundColor: token("surface"), borderColor: token("line-2"),
      textStyle: { color: token("ink"), fontSize: 12 }, formatter: ([mark]) => told(data, of, mark.dataIndex),
    },
    xAxis: { type: "category", boundaryGap: false, data: data.points.map(({ label }) => label), axisLabel: { ...text, hideOverlap: true }, axisTick: { show: false }, axisLine: { lineStyle: { color: token("line-2") } } },
    yAxis: { type: "value", splitNumber: 4, axisLabel: { ...text, formatter: (n) => short.format(n) }, splitLine: { lineStyle: { color: token("chart-grid") } } },
    // Best grade at the bottom: its height is read without adding.
    series: data.grades.map(({ code, label }, place) => ({
      type: "line", name: label, stack: "book", symbol: "circle", symbolSize: 6, showSymbol: true,
      data: data.points.map((point) => Math.max(point[of][place], 0)),
      lineStyle: { color: token(code), width: 1.5 }, itemStyle: { color: token(code) }, areaStyle: { color: token(code), opacity: 0.22 },
    })),
  };
}

for (const box of document.querySelectorAll("[data-trend]")) {
  const data = JSON.parse(document.getElementById(box.dataset.trend).textContent);
  const chart = echarts.init(box);
  const draw = () => { chart.resize(); chart.setOption(options(data, box.dataset.of), true); };
  draw();
  chart.getZr().on("click", ({ offsetX, offsetY }) => {
    if (!chart.containPixel("grid", [offsetX, offsetY])) return;
    const [index] = chart.convertFromPixel("grid", [offsetX, offsetY]);
    const point = data.points[Math.round(index)];
    if (point) location.assign(point.href);
  });
  document.addEventListener("theme", draw);
  addEventListener("resize", draw);
}
