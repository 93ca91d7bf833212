'use strict';
const shown = { data: null, loading: 0, timer: 0 };
const Ranges = [['Today', 0, 0], ['Yesterday', 1, 1], ['7 days', 6, 0], ['30 days', 29, 0]];

// The local day of the plant, so many days ago.
const dayAgo = days => new Date(Date.now() - days * 86400000).toLocaleDateString('sv-SE', { timeZone: page.choices.time_zone });
const dayAfter = day => new Date(Date.parse(`${day}T12:00Z`) + 86400000).toISOString().slice(0, 10);
const nameOf = p => p.name.includes('T') ? p.name.slice(11) : p.name.includes('/') ? p.name.slice(5).replace('/', ' ') : p.name.slice(5);

async function run() {
  const form = $('scope');
  fill(form.camera, page.choices.cameras, 'all'); fill(form.product, page.choices.products, 'all');
  for (const [key, value] of new URLSearchParams(location.search)) if (form.elements[key]) form.elements[key].value = value;
  if (!form.from.value) { form.from.value = dayAgo(0); form.to.value = dayAgo(0); }
  await load();
}

function showRanges() {
  const { from, to } = $('scope');
  $('ranges').replaceChildren(...Ranges.map(([name, first, last]) => make('button', {
    textContent: name, ariaPressed: from.value === dayAgo(first) && to.value === dayAgo(last),
    onclick: () => { from.value = dayAgo(first); to.value = dayAgo(last); $('scope').period.value = first === 29 ? 'day' : first === 6 ? 'shift' : 'hour'; attempt(load); } })));
}

async function load() {
  const values = Object.fromEntries(new FormData($('scope'))), { period, above_ms, ...places } = values, loading = ++shown.loading;
  history.replaceState(null, '', `?${query(values)}`);
  showRanges();
  const scope = { ...places, to: places.to && dayAfter(places.to) }, get = (what, more = {}) => ask(`api/statistics/${what}?${query({ ...scope, ...more })}`);
  const [counts, causes, regions, scores, stages, charts, good] = await Promise.all([
    get('counts', { period }), get('causes'), get('regions'), get('scores', { period }), get('stages', { above_ms }), get('charts'),
    ask(`api/results?${query({ ...scope, verdict: 'OK', limit: 40 })}`),
  ]);
  if (loading !== shown.loading) return;
  shown.data = { counts, causes, regions, scores, stages, charts, good: good.verdicts };
  show();
  showHeat();
}

const row = (cells, tag = 'td') => make('tr', {}, ...cells.map(text => make(tag, { textContent: text })));

function show() {
  const { counts, causes, scores, stages, charts } = shown.data, sum = key => counts.reduce((s, p) => s + p[key], 0);
  const tile = (value, text, kind = '') => make('div', { className: 'panel tile' }, make('b', { className: kind, textContent: value }), make('span', { className: 'soft', textContent: text }));
  const judged = sum('ok') + sum('ng');
  $('tiles').replaceChildren(
    tile(many(sum('parts')), 'parts'), tile(judged ? share(sum('ok') / judged) : '–', 'yield'), tile(many(sum('ng')), judged ? `NG, ${share(sum('ng') / judged)}` : 'NG', sum('ng') ? 'bad' : ''),
    tile(many(sum('invalid')), 'INVALID', sum('invalid') ? 'warn' : ''), tile(many(sum('timeout')), 'TIMEOUT', sum('timeout') ? 'warn' : ''));
  drawCounts($('counts'), counts, nameOf);
  $('periods').replaceChildren(row(['', 'parts', 'yield', 'NG', 'INVALID', 'TIMEOUT'], 'th'), ...counts.slice(-24).reverse().map(p => row([p.name.replace('T', ' '), many(p.parts), share(p.yield), many(p.ng), many(p.invalid), many(p.timeout)])));
  $('causes').replaceChildren(row(['', 'cause', 'parts'], 'th'), ...causes.map(c => row([c.verdict, c.cause, many(c.count)])), ...(causes.length ? [] : [row(['none', '', ''])]));
  $('claim').textContent = stages.claim;
  $('stages').replaceChildren(row(['stage', 'p50 ms', 'p99 ms', 'maximum ms', 'parts'], 'th'), ...stages.stages.map(s => row([s.stage, num(s.p50_ms), num(s.p99_ms), num(s.max_ms), many(s.count)])));
  drawHistogram($('scores'), scores.bins, scores.trend.at(-1)?.threshold);
  drawScoreTrend($('trend'), scores.trend, nameOf);
  showCharts(charts);
}

function showCharts(charts) {
  const signals = charts.flatMap(c => c.signals).sort((a, b) => a.at < b.at ? 1 : -1);
  $('told').textContent = signals.length ? `${signals.length} signal${signals.length > 1 ? 's' : ''}, the last one ${textOf(signals[0].at)}` : charts.some(c => c.points.some(p => p.share_center !== null)) ? 'No signal: the line is as it was.' : 'Not enough parts yet for limits.';
  $('told').className = `told ${signals.length ? 'bad' : 'good'}`;
  $('signals').replaceChildren(...signals.slice(0, 6).map(s => make('li', { textContent: `${textOf(s.at)} ${s.text}` })));
  $('charts').replaceChildren(...charts.filter(c => c.points.length).flatMap(c => {
    const name = [c.camera, c.product].filter(Boolean).join(', ');
    return [['share', `NG share, ${name}`], ['median', `Median score, ${name}`]].flatMap(([kind, title]) => [
      make('p', { className: 'soft', textContent: title }), Object.assign(draw('svg', { class: 'chart', role: 'img', 'aria-label': title }), { chart: [kind, c.points] })]);
  }));
  for (const svg of $('charts').querySelectorAll('svg')) drawOne(svg, ...svg.chart);
}

function drawOne(svg, kind, points) {
  const sigma = p => Math.sqrt(p.share_center * (1 - p.share_center) / p.parts);
  drawControl(svg, points, kind === 'share'
    ? { value: p => p.ng / p.parts, center: p => p.share_center, upper: p => p.share_center + 3 * sigma(p), lower: p => Math.max(0, p.share_center - 3 * sigma(p)), rule: p => p.share_rule, text: v => share(v, 0) }
    : { value: p => p.median, center: p => p.median_center, upper: p => p.median_center * p.median_sigma ** 3, lower: p => p.median_center / p.median_sigma ** 3, rule: p => p.median_rule, text: num });
}

// The accumulated regions as a heat picture over the last good part of which a picture is kept.
function showHeat() {
  const { regions, good } = shown.data, box = $('heat-map'), hottest = Math.max(...regions.cells, 1), side = regions.side;
  const heat = make('canvas', { width: side, height: side, role: 'img', ariaLabel: 'Accumulated NG regions' }), context = heat.getContext('2d'), image = context.createImageData(side, side);
  regions.cells.forEach((n, i) => image.data.set(n ? [255, Math.round(210 * (1 - n / hottest)), 0, 70 + Math.round(170 * n / hottest)] : [0, 0, 0, 0], 4 * i));
  context.putImageData(image, 0, 0);
  box.replaceChildren(heat);
  box.classList.add('alone');
  const next = [...good], attemptOne = () => {
    const part = next.shift();
    if (!part || !box.contains(heat)) return;
    const img = make('img', { alt: `Good part #${part.seq} of ${part.camera}`, src: `api/results/${part.id}/pictures/frame` });
    img.onload = () => { if (box.contains(heat)) { box.prepend(img); box.classList.remove('alone'); } };
    img.onerror = attemptOne;
  };
  attemptOne();
}

$('scope').addEventListener('change', () => attempt(load));
$('scope').addEventListener('submit', event => event.preventDefault());
addEventListener('resize', () => { if (shown.data) show(); });
// A wall display shows what is new without a touch.
setInterval(() => { if (page.station && !document.hidden) attempt(load); }, 30000);
