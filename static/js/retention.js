// One small line for each retention figure: ends of months and the latest night. Each point opens
// the figures of its night.
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--vf-${name}`).trim();

function options({ labels, figures }, code) {
  const { values, said } = figures[code];
  const text = { color: token("ink-3"), fontSize: 11, fontFamily: token("font") };
  return {
    animation: false,
    textStyle: text,
    grid: { left: 4, right: 8, top: 6, bottom: 6 },
    // Rich text is drawn; the HTML kind would need inline styles, which the policy forbids.
    tooltip: {
      trigger: "axis", renderMode: "richText", confine: true, padding: [6, 10], backgroundColor: token("surface"), borderColor: token("line-2"),
      textStyle: { color: token("ink"), fontSize: 12 }, formatter: ([mark]) => `${labels[mark.dataIndex]}\n${said[mark.dataIndex]}`,
    },
    xAxis: { type: "category", boundaryGap: false, data: labels, show: false },
    yAxis: { type: "value", scale: true, show: false },
    series: [{
      type: "line", data: values, symbol: "circle", symbolSize: 4, showSymbol: values.length < 14, connectNulls: false,
      lineStyle: { color: token("chart-1"), width: 1.5 }, itemStyle: { color: token("chart-1") }, areaStyle: { color: token("chart-1"), opacity: 0.06 },
    }],
  };
}

const island = document.getElementById("retention-data");
const data = island && JSON.parse(island.textContent);
for (const box of document.querySelectorAll("[data-retention]")) {
  const chart = echarts.init(box, null, { renderer: "svg" });
  const draw = () => { chart.resize(); chart.setOption(options(data, box.dataset.retention), true); };
  draw();
  chart.getZr().on("click", ({ offsetX, offsetY }) => {
    if (!chart.containPixel("grid", [offsetX, offsetY])) return;
    const [index] = chart.convertFromPixel("grid", [offsetX, offsetY]);
    const href = data.hrefs[Math.round(index)];
    if (href) location.assign(href);
  });
  document.addEventListener("theme", draw);
  addEventListener("resize", draw);
}
