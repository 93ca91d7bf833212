'use strict';
// Charts as SVG. Each takes the element, whose size on the screen is its coordinate system.

function canvas(svg, left = 52, bottom = 24) {
  const box = svg.getBoundingClientRect(), width = box.width || 500, height = box.height || 220;
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  svg.replaceChildren();
  return { svg, left, right: width - 8, top: 10, bottom: height - bottom, add: (tag, attributes, ...children) => svg.append(draw(tag, attributes, ...children)) };
}

// Some round values between two.
function ticks(low, high, count = 4) {
  const step = 10 ** Math.floor(Math.log10((high - low) / count || 1)), nice = [1, 2, 5, 10].map(f => f * step).find(s => (high - low) / s <= count + 1) ?? step;
  return Array.from({ length: Math.floor(high / nice) - Math.ceil(low / nice) + 1 }, (_, i) => (Math.ceil(low / nice) + i) * nice);
}

function axis(c, low, high, text, scale = v => v, values = ticks(low, high)) {
  const y = v => c.bottom - (scale(v) - scale(low)) / (scale(high) - scale(low) || 1) * (c.bottom - c.top);
  for (const v of values) {
    c.add('line', { x1: c.left, x2: c.right, y1: y(v), y2: y(v), class: 'grid-line' });
    c.add('text', { x: c.left - 6, y: y(v) + 4, 'text-anchor': 'end' }, text(v));
  }
  return y;
}

function names(c, list, x, width) {
  const most = Math.max(1, Math.floor((c.right - c.left) / width)), step = Math.ceil(list.length / most);
  list.forEach((name, i) => { if (i % step === 0) c.add('text', { x: Math.max(x(i), c.left - 40 + width / 2), y: c.bottom + 17, 'text-anchor': 'middle' }, name); });
}

// Stacked bars: OK, NG, and what was not judged.
function drawCounts(svg, periods, nameOf) {
  const c = canvas(svg), width = (c.right - c.left) / Math.max(1, periods.length), x = i => c.left + (i + .5) * width;
  const y = axis(c, 0, Math.max(1, ...periods.map(p => p.parts)), v => many(v));
  periods.forEach((p, i) => {
    let sum = 0;
    for (const [kind, n] of [['ok', p.ok], ['ng', p.ng], ['odd', p.invalid + p.timeout]]) {
      if (n) c.add('rect', { x: x(i) - width * .42, width: width * .84, y: y(sum + n), height: Math.max(kind === 'ok' ? 0 : 2, y(sum) - y(sum + n)), class: kind });
      sum += n;
    }
  });
  names(c, periods.map(nameOf), x, 74);
}

function drawHistogram(svg, bins, threshold) {
  const c = canvas(svg);
  if (!bins.length) return;
  const low = Math.log(bins[0].from), high = Math.log(bins.at(-1).to), x = v => c.left + (Math.log(v) - low) / (high - low) * (c.right - c.left);
  const y = axis(c, 0, Math.max(...bins.map(b => b.count)), v => many(v));
  for (const b of bins) c.add('rect', { x: x(b.from), width: Math.max(1, x(b.to) - x(b.from) - .6), y: y(b.count), height: c.bottom - y(b.count), class: threshold && b.from >= threshold * .985 ? 'ng' : 'bar' });
  for (let i = 0; i <= 4; i++) { const v = Math.exp(low + (high - low) * i / 4); c.add('text', { x: x(v), y: c.bottom + 17, 'text-anchor': i === 0 ? 'start' : i === 4 ? 'end' : 'middle' }, num(v)); }
  if (threshold && threshold > bins[0].from && threshold < bins.at(-1).to) c.add('line', { x1: x(threshold), x2: x(threshold), y1: c.top, y2: c.bottom, class: 'limit' });
}

const path = points => points.map(([x, y], i) => `${i ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
const band = (upper, lower) => `${path(upper)}L${path(lower.reverse()).slice(1)}Z`;

function drawScoreTrend(svg, trend, nameOf) {
  const c = canvas(svg);
  if (!trend.length) return;
  const all = trend.flatMap(t => [t.p10, t.p90, t.threshold]), low = Math.min(...all) * .95, high = Math.max(...all) * 1.05;
  const x = i => c.left + (trend.length < 2 ? .5 : i / (trend.length - 1)) * (c.right - c.left - 20) + 10;
  const y = axis(c, low, high, num, Math.log, Array.from({ length: 5 }, (_, i) => low * (high / low) ** (i / 4)));
  c.add('path', { d: band(trend.map((t, i) => [x(i), y(t.p90)]), trend.map((t, i) => [x(i), y(t.p10)])), class: 'band' });
  c.add('path', { d: path(trend.map((t, i) => [x(i), y(t.p50)])), class: 'line' });
  c.add('path', { d: path(trend.map((t, i) => [x(i), y(t.threshold)])), class: 'limit', fill: 'none' });
  names(c, trend.map(nameOf), x, 74);
}

// A control chart: the points, the centre line and three standard deviations to either side; points that signal are red.
function drawControl(svg, points, { value, center, upper, lower, rule, text, scale = v => v }) {
  const c = canvas(svg);
  if (!points.length) return;
  const limits = points.filter(p => center(p) !== null), all = [...points.map(value), ...limits.flatMap(p => [upper(p), lower(p)])];
  const low = Math.min(...all), high = Math.max(...all, low + 1e-6);
  const x = i => c.left + (points.length < 2 ? .5 : i / (points.length - 1)) * (c.right - c.left - 12) + 6;
  const y = axis(c, low, high, text, scale);
  for (const [of, kind] of [[center, 'center'], [upper, 'limit'], [lower, 'limit']]) {
    const line = points.map((p, i) => center(p) === null ? null : [x(i), y(of(p))]).filter(Boolean);
    if (line.length > 1) c.add('path', { d: path(line), class: kind, fill: 'none' });
  }
  points.forEach((p, i) => c.add('circle', { cx: x(i), cy: y(value(p)), r: rule(p) ? 5 : points.length > 300 ? 1.6 : 2.6, class: rule(p) ? 'signal' : 'point' }));
  const isShort = Date.parse(points.at(-1).at) - Date.parse(points[0].at) < 86400000;
  names(c, points.map(p => new Date(p.at).toLocaleString(undefined, { ...(isShort ? {} : { dateStyle: 'short' }), timeStyle: 'short', timeZone: page.choices?.time_zone })), x, isShort ? 90 : 150);
}

// Both rates at each threshold with their intervals.
function drawRates(svg, choices, picked) {
  const c = canvas(svg);
  if (!choices.length) return;
  const x = t => c.left + Math.log(t / choices[0].threshold) / Math.log(choices.at(-1).threshold / choices[0].threshold) * (c.right - c.left), y = axis(c, 0, 1, v => `${Math.round(100 * v)} %`);
  for (const [name, kind] of [['false_reject', ''], ['miss', 'ng']]) {
    const known = choices.filter(t => t[name].value !== null);
    if (!known.length) continue;
    c.add('path', { d: band(known.map(t => [x(t.threshold), y(t[name].high)]), known.map(t => [x(t.threshold), y(t[name].low)])), class: `band ${kind}` });
    c.add('path', { d: path(known.map(t => [x(t.threshold), y(t[name].value)])), class: `line ${kind}` });
  }
  const now = choices.find(t => t.is_current);
  if (now) c.add('line', { x1: x(now.threshold), x2: x(now.threshold), y1: c.top, y2: c.bottom, class: 'limit' });
  if (picked) c.add('line', { x1: x(picked.threshold), x2: x(picked.threshold), y1: c.top, y2: c.bottom, class: 'center' });
  for (let i = 0; i <= 4; i++) { const t = choices[0].threshold * (choices.at(-1).threshold / choices[0].threshold) ** (i / 4); c.add('text', { x: x(t), y: c.bottom + 17, 'text-anchor': i === 0 ? 'start' : i === 4 ? 'end' : 'middle' }, num(t)); }
}
