// Where the lines of a draft stand on the curve, and which fields say so. No page, only numbers.
const LEAST = 0.01;
const columns = { shares: "share", cumulative: "value_share", lines: "line" };
const rounded = (value, digits = 2) => Math.round(value * 10 ** digits) / 10 ** digits;

// The axes: the root of the share of customers, so that the few at the top can be seen beside
// the many, and the logarithm of money.
export const toX = (share) => Math.sqrt(Math.max(share, 0));
export const toY = (book, score) => (book.isLog ? Math.log10(Math.max(score, book.least)) : score);

export function bookOf(data) {
  const scores = data.points.map(([, score]) => score).filter((score) => score > 0);
  const most = Math.max(...scores, 1);
  const least = Math.max(Math.min(...scores, most), most / 1e5);
  const isLog = !data.isPoints && most / least > 20;
  const low = isLog ? Math.floor(Math.log10(least)) : 0;
  const high = data.isPoints ? 100 : isLog ? Math.ceil(Math.log10(most) * 2) / 2 : undefined;
  const curve = data.points.map(([share, score]) => [toX(share), toY({ isLog, least }, score)]);
  return { ...data, least, isLog, low, high, curve };
}

// Along a curve of rising x, the y at x.
function at(points, x) {
  const i = points.findIndex(([px]) => px >= x);
  if (i < 0) return points.at(-1)[1];
  if (i === 0) return points[0][1];
  const [[ax, ay], [bx, by]] = [points[i - 1], points[i]];
  return ay + ((by - ay) * (x - ax)) / (bx - ax || 1);
}
const scoreAt = (book, x) => (book.isLog ? 10 ** at(book.curve, x) : at(book.curve, x));
const made = (book) => book.points.map(([share, , part]) => [share, part]);
const shareMaking = (book, part) => at(made(book).map(([share, value]) => [value, share]), part);
const partMadeBy = (book, share) => at(made(book), share);
// Nobody is above a line that the best one does not reach.
const xOfScore = (book, score) => score > book.points[0][1] ? 0 : at(book.curve.map(([x, y]) => [-y, x]), -toY(book, score));

const inputs = (book, form) =>
  form && book.movable && form.elements.scheme.value === book.scheme
    ? [...form.querySelectorAll(`[name^="levels-"][name$="-${columns[book.scheme]}"]`)] : [];
const numbers = (fields) => fields.map((field) => (field.value === "" ? NaN : Number(field.value)));

// One edge below each level but the last; as the form says them, else as the server found them.
export function edgesOf(book, form) {
  const typed = numbers(inputs(book, form));
  const isWhole = typed.length > 0 && typed.every(Number.isFinite);
  if (!isWhole) return book.lines.map((line) => found(book, line));
  return book.scheme === "lines" ? typed.map((score, i) => ofScore(book, typed, score, i)) : ofShares(book, typed);
}

function found(book, line) {
  const x = toX((100 * Math.min(line.places, book.eligible)) / Math.max(book.eligible, 1));
  return { x, score: line.score ?? scoreAt(book, x), movable: false, isEmpty: x === 0 };
}

function ofScore(book, scores, score, i) {
  return { x: xOfScore(book, score), score, value: score, min: scores[i + 1] ?? 0, max: scores[i - 1] ?? book.points[0][1], movable: true };
}

function ofShares(book, shares) {
  let reached = 0;
  return shares.slice(0, -1).map((share, i) => {
    const min = rounded(reached + LEAST);
    reached = rounded(reached + share);
    const customers = book.scheme === "shares" ? reached : shareMaking(book, reached);
    const x = toX(Math.min(customers, 100));
    return { x, score: scoreAt(book, x), value: reached, min, max: rounded(reached + shares[i + 1] - LEAST), movable: true };
  });
}

// The fields that change when line `i` goes to a place of the chart, or so many steps on.
export function moved(book, form, i, to) {
  const fields = inputs(book, form);
  const edge = edgesOf(book, form)[i];
  if (!edge?.movable) return [];
  if (book.scheme === "lines") return [[fields[i], String(clamped(edge, scoreAsked(book, edge, to)))]];
  const value = clamped(edge, valueAsked(book, edge, to));
  const [own, next] = [Number(fields[i].value), Number(fields[i + 1].value)];
  const by = value - edge.value;
  return [[fields[i], String(rounded(own + by))], [fields[i + 1], String(rounded(next - by))]];
}

const clamped = ({ min, max }, value) => Math.min(Math.max(value, min), max);

function valueAsked(book, edge, { x, steps }) {
  if (steps) return rounded(edge.value + steps / 10);
  const share = Math.min(Math.max(x, 0), 10) ** 2;
  return rounded(book.scheme === "shares" ? share : partMadeBy(book, share), 1);
}

function scoreAsked(book, edge, { x, steps }) {
  const unit = book.isPoints ? 1 : 10 ** Math.max(Math.floor(Math.log10(Math.max(edge.score, 1))) - 2, 0);
  const score = steps ? edge.score + steps * unit : scoreAt(book, Math.min(Math.max(x, 0), 10));
  return rounded(Math.round(score / unit) * unit);
}

// The curve in pieces, one for each level that has anybody, in the colour of its grade.
export function segments(book, edges) {
  const cuts = [0, ...edges.map((edge) => edge.x), 10];
  const grades = [...book.lines.map((line) => line.grade), book.last.grade];
  return cuts.slice(0, -1).map((from, i) => {
    const to = cuts[i + 1];
    const inside = book.curve.filter(([x]) => x > from && x < to);
    const ends = [from, to].map((x) => [x, at(book.curve, x)]);
    return { grade: grades[i] ?? "maintain", data: to > from ? [ends[0], ...inside, ends[1]] : [] };
  }).filter(({ data }) => data.length);
}
