// The curve of the book: share of value by number of customers.
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--vf-${name}`).trim();

function options(points, vital, label) {
  const text = { color: token("ink-3"), fontSize: 11, fontFamily: token("font") };
  const last = points[points.length - 1][0];
  const share = points.find(([place]) => place === vital)[1] * 100;
  return {
    animation: false,
    textStyle: text,
    grid: { left: 44, right: 16, top: 16, bottom: 26 },
    tooltip: {
      trigger: "axis", confine: true, padding: [6, 10], backgroundColor: token("surface"), borderColor: token("line-2"),
      textStyle: { color: token("ink"), fontSize: 12 }, formatter: ([mark]) => `${mark.value[0]}: ${mark.value[1].toFixed(1)} %`,
    },
    xAxis: { type: "value", min: 0, max: last, axisLabel: { ...text, hideOverlap: true }, splitLine: { show: false }, axisLine: { show: true, lineStyle: { color: token("line-2") } } },
    yAxis: { type: "value", max: 100, interval: 20, axisLabel: { ...text, formatter: "{value} %" }, splitLine: { lineStyle: { color: token("chart-grid") } } },
    series: [{
      type: "line", symbol: "none", data: points.map(([place, part]) => [place, part * 100]),
      lineStyle: { color: token("secondary"), width: 2.5 }, areaStyle: { color: token("secondary"), opacity: 0.12 },
      markPoint: {
        symbol: "circle", symbolSize: 9, itemStyle: { color: token("ink") },
        label: { show: true, position: vital > last * 0.6 ? "left" : "right", distance: 8, formatter: label, color: token("ink"), fontSize: 12, fontWeight: 600 },
        data: [{ coord: [vital, share] }],
      },
    }],
  };
}

for (const box of document.querySelectorAll("[data-curve]")) {
  const points = JSON.parse(document.getElementById(box.dataset.curve).textContent);
  const draw = () => {
    const chart = echarts.getInstanceByDom(box) || echarts.init(box, null, { renderer: "svg" });
    chart.setOption(options(points, Number(box.dataset.vital), box.dataset.vitalLabel), true);
    chart.resize();
  };
  draw();
  document.addEventListener("theme", draw);
  addEventListener("resize", draw);
}
