// Colours of the theme, and axes and tooltip as the charts of a customer have them.
export const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--vf-${name}`).trim();

export function axes() {
  const text = { color: token("ink-3"), fontSize: 11, fontFamily: token("font") };
  return {
    text,
    time: { type: "time", containShape: false, axisTick: { show: false }, splitLine: { show: false }, axisLine: { lineStyle: { color: token("line-2") } } },
    value: { type: "value", splitNumber: 3, axisLine: { show: false }, axisTick: { show: false }, splitLine: { lineStyle: { color: token("chart-grid") } } },
    // Rich text is drawn; the HTML kind would need inline styles, which the policy forbids.
    tooltip: { renderMode: "richText", confine: true, padding: [6, 10], backgroundColor: token("surface"), borderColor: token("line-2"), textStyle: { color: token("ink"), fontSize: 12 } },
  };
}
