// What was said against what came true: ten groups of customers, and the diagonal.
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--vf-${name}`).trim();
const whole = (share) => `${Math.round(share * 100)} %`;

function options({ points, said, chance, share }) {
  const text = { color: token("ink-3"), fontSize: 11, fontFamily: token("font") };
  const axis = (name) => ({
    type: "value", min: 0, max: 1, name, nameLocation: "middle", nameTextStyle: text, axisLabel: { ...text, formatter: whole },
    splitLine: { lineStyle: { color: token("chart-grid") } },
  });
  return {
    animation: false,
    textStyle: text,
    grid: { left: 56, right: 16, top: 12, bottom: 44 },
    // Rich text is drawn; the HTML kind would need inline styles, which the policy forbids.
    tooltip: {
      trigger: "item", renderMode: "richText", confine: true, padding: [6, 10], backgroundColor: token("surface"), borderColor: token("line-2"),
      textStyle: { color: token("ink"), fontSize: 12 }, formatter: ({ dataIndex }) => said[dataIndex],
    },
    xAxis: { ...axis(chance), nameGap: 28 },
    yAxis: { ...axis(share), nameGap: 40 },
    series: [
      { type: "line", silent: true, symbol: "none", data: [[0, 0], [1, 1]], lineStyle: { color: token("line-2"), type: "dashed", width: 1 }, tooltip: { show: false } },
      { type: "line", symbol: "circle", symbolSize: 8, data: points, lineStyle: { color: token("chart-1"), width: 1.5 }, itemStyle: { color: token("chart-1") } },
    ],
  };
}

const data = JSON.parse(document.getElementById("calibration-data").textContent);
for (const box of document.querySelectorAll("[data-calibration]")) {
  const chart = echarts.init(box, null, { renderer: "svg" });
  const draw = () => { chart.resize(); chart.setOption(options(data), true); };
  draw();
  document.addEventListener("theme", draw);
  addEventListener("resize", draw);
}
