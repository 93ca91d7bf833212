'use strict';
const $ = id => document.getElementById(id);
const make = (tag, props = {}, ...children) => { const e = Object.assign(document.createElement(tag), props); e.append(...children); return e; };
const draw = (tag, attributes = {}, ...children) => {
  const e = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) e.setAttribute(name, value);
  e.append(...children);
  return e;
};
const num = v => v === null || v === undefined ? '–' : Number(v).toPrecision(3);
const clock = t => new Date(t).toLocaleTimeString();
const median = values => values.length ? [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] : null;
const percent = v => `${(100 * v).toFixed(v < 0.1 ? 1 : 0)} %`;
const Shown = 500, Verdicts = ['OK', 'NG', 'INVALID', 'TIMEOUT'];
const Stages = [['queue', '#8a94a6'], ['decode', '#5b8def'], ['features', '#1f9e89'], ['search', '#d9902f'], ['fuse', '#b0559a']];

const page = { station: null, csrf: null, camera: null, verdicts: [], scores: { at: [], score: [], ng: [] }, held: null, filter: null };

async function ask(path, options) {
  const answer = await fetch(path, options);
  const body = await answer.json().catch(() => ({}));
  if (answer.ok) return body;
  throw Object.assign(new Error(body.error?.message ?? body.error ?? `the station answered ${answer.status}`), { status: answer.status });
}
const change = (path, body) => ask(path, { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Csrf-Token': page.csrf ?? '' }, body: JSON.stringify(body ?? {}) });
const command = (name, body) => change(`api/commands/${name}`, body);

// --- what is shown -------------------------------------------------------------------------------------------------

const cameraNow = () => page.station?.cameras.find(c => c.name === page.camera);
const mine = () => page.verdicts.filter(v => v.camera === page.camera);
const shown = () => page.held ?? mine()[0];

function showStation() {
  const s = page.station, camera = cameraNow();
  document.title = `${s.state} · ${s.station}`;
  $('title').textContent = s.station;
  $('subtitle').textContent = [s.topics, `mrfad ${s.version}`, s.reason].filter(Boolean).join(' · ');
  $('state').textContent = s.state;
  $('state').className = `pill ${['Ready', 'Running'].includes(s.state) ? 'good' : s.state === 'Error' ? 'bad' : 'warn'}`;
  $('broker').textContent = s.broker_connected ? 'broker connected' : 'broker away';
  $('broker').className = `pill ${s.broker_connected ? 'good' : 'bad'}`;
  $('sign-in').textContent = page.csrf ? 'Sign out' : 'Sign in';
  $('sign-in').hidden = !page.csrf && !s.can_sign_in;
  $('cameras').replaceChildren(...(s.cameras.length < 2 ? [] : s.cameras.map(c => make('button', { textContent: c.name, ariaPressed: c.name === page.camera, onclick: () => choose(c.name) }))));
  const scale = camera?.heatmap;
  $('low').textContent = scale ? `${num(scale.low)} as good parts` : '';
  $('mid').textContent = scale ? `${num((scale.low + scale.high) / 2)} threshold` : '';
  $('high').textContent = scale ? num(scale.high) : '';
  $('bank-facts').replaceChildren(...facts(camera?.bank
    ? { bank: `${camera.bank.id}, version ${camera.bank.version}`, sha256: `${camera.bank.sha256.slice(0, 16)}…`, encoder: camera.encoder, threshold: `${num(camera.threshold)}${camera.threshold === camera.own_threshold ? '' : ` (its own: ${num(camera.own_threshold)})`}` }
    : { bank: 'being loaded' }));
  if (camera?.threshold != null && !$('threshold').value) { $('threshold').value = Number(camera.threshold.toPrecision(5)); showRate(); }
  $('set').disabled = $('own').disabled = !page.csrf;
  $('set').title = page.csrf ? '' : 'Sign in first';
}

const facts = pairs => Object.entries(pairs).filter(([, v]) => v !== null && v !== undefined).flatMap(([k, v]) => [make('dt', { textContent: k }), make('dd', { textContent: v })]);

function showLive() {
  const v = shown();
  $('back').hidden = !page.held;
  $('verdict').textContent = v?.verdict ?? '–';
  $('verdict').className = `verdict big ${v?.verdict ?? ''}`;
  $('when').textContent = v ? `${page.held ? '' : 'now · '}#${v.seq} · ${clock(v.trigger.at)}${v.score == null ? '' : ` · score ${num(v.score)} (threshold ${num(v.threshold)}), p ${num(v.p_value)}`} · ${num(v.timings_ms.total)} ms` : 'no verdict yet';
  $('reason').textContent = v?.reason ?? '';
  picture($('frame'), v?.has_frame && `api/pictures/${v.id}/frame`, `Part ${v?.seq} of ${v?.camera}`);
  picture($('heatmap'), v?.has_heatmap && `api/pictures/${v.id}/heatmap`, '');
  $('nothing').textContent = v && !v.has_frame ? (v.verdict === 'OK' ? 'Of good parts, a picture is kept each second.' : 'There is no image.') : 'No image yet.';
  const boxes = $('boxes').checked && v?.frame ? v.regions : [];
  $('regions').setAttribute('viewBox', `0 0 ${v?.frame?.width_px ?? 1} ${v?.frame?.height_px ?? 1}`);
  $('regions').replaceChildren(...boxes.map(r => draw('rect', { x: r.x_px, y: r.y_px, width: r.width_px, height: r.height_px })));
  $('explanation').replaceChildren(...(v?.explanation ?? []).filter(e => e.image).map(e =>
    make('li', { textContent: `at ${e.x_px}, ${e.y_px}: the nearest normal patch is in ${e.image}, ${num(e.distance)} away (${e.branch})` })));
  $('actions').replaceChildren(...(page.csrf ? [make('button', { textContent: 'Trigger', onclick: () => command('trigger', { camera: page.camera }).catch(e => { $('reason').textContent = e.message; }) })] : []));
}

function picture(img, url, alt) {
  img.hidden = !url;
  img.alt = alt;
  if (url) img.src = url; else img.removeAttribute('src');
}

function showFigures() {
  const all = mine(), judged = page.scores.score.length, ng = page.scores.ng.filter(Boolean).length;
  const span = all.length > 1 ? (new Date(all[0].trigger.at) - new Date(all.at(-1).trigger.at)) / 60000 : 0;
  const odd = all.filter(v => v.verdict === 'INVALID' || v.verdict === 'TIMEOUT').length;
  const tile = (value, unit, text, kind = '') => make('div', { className: 'panel tile' }, make('b', { className: kind }, String(value), make('small', { textContent: ` ${unit}` })), make('span', { className: 'soft', textContent: text }));
  $('tiles').replaceChildren(
    tile(span > 0 ? num((all.length - 1) / span) : '–', '/min', `of the last ${all.length}`),
    tile(judged ? percent(ng / judged) : '–', '', `NG, ${ng} of ${judged} judged`, ng ? 'bad' : 'good'),
    tile(odd, '', `not judged, of the last ${all.length}`, odd ? 'warn' : 'good'),
    tile(num(median(all.map(v => v.timings_ms.total))), 'ms', 'trigger to verdict (median)'));
  const times = Stages.map(([stage, colour]) => [stage, colour, median(all.filter(v => v.score != null).map(v => v.timings_ms[stage])) ?? 0]);
  const sum = times.reduce((s, [, , ms]) => s + ms, 0) || 1;
  $('stages').replaceChildren(...times.map(([stage, colour, ms]) => { const i = make('i', { title: `${stage}: ${num(ms)} ms` }); i.style.cssText = `background:${colour};flex:${ms / sum}`; return i; }));
  $('stage-key').replaceChildren(...facts(Object.fromEntries(times.map(([stage, , ms]) => [stage, `${num(ms)} ms`]))));
  showTrend();
}

function showTrend() {
  const { score, ng } = page.scores, from = Math.max(0, score.length - Shown), points = score.slice(from), threshold = cameraNow()?.threshold;
  const box = $('trend').getBoundingClientRect(), width = box.width || 400, height = box.height || 140;
  // Logarithmic: a defect may score a hundred times what good parts do, and what matters lies around the threshold.
  const all = [...points, ...(threshold == null ? [] : [threshold])].filter(v => v > 0).map(Math.log), top = Math.max(...all), bottom = Math.min(...all);
  const y = v => height - 4 - (Math.log(Math.max(v, 1e-9)) - bottom) / (top - bottom || 1) * (height - 12), x = i => 4 + i / Math.max(1, points.length - 1) * (width - 8);
  $('trend').setAttribute('viewBox', `0 0 ${width} ${height}`);
  $('trend').replaceChildren(
    ...points.map((v, i) => draw('circle', { cx: x(i), cy: y(v), r: points.length > 200 ? 1.8 : 3, class: ng[from + i] ? 'ng' : '' })),
    ...(threshold == null || !points.length ? [] : [draw('line', { x1: 0, x2: width, y1: y(threshold), y2: y(threshold) }), draw('text', { x: 4, y: y(threshold) - 4 }, `threshold ${num(threshold)}`)]));
}

function showHistory() {
  const all = mine();
  $('filter').replaceChildren(...[null, ...Verdicts].map(kind => make('button', {
    textContent: `${kind ?? 'All'} ${kind ? all.filter(v => v.verdict === kind).length : all.length}`, ariaPressed: page.filter === kind, onclick: () => { page.filter = kind; showHistory(); } })));
  const list = all.filter(v => !page.filter || v.verdict === page.filter);
  $('grid').replaceChildren(...(list.length ? list.slice(0, 60).map(part) : [make('p', { className: 'none', textContent: 'None yet.' })]));
}

function part(v) {
  const view = make('span', { className: 'view' });
  if (!v.has_frame) view.append(make('span', { className: 'none', textContent: 'no picture kept' }));
  if (v.has_frame) view.append(make('img', { src: `api/pictures/${v.id}/frame`, loading: 'lazy', alt: '' }));
  if (v.has_frame && v.has_heatmap) view.append(make('img', { src: `api/pictures/${v.id}/heatmap`, loading: 'lazy', alt: '', className: 'heat' }));
  return make('button', { className: 'panel part', ariaCurrent: page.held?.id === v.id, onclick: () => { page.held = v; showLive(); showHistory(); scrollTo({ top: 0, behavior: 'smooth' }); } }, view,
    make('span', { className: 'text row' }, make('span', { textContent: `#${v.seq} ${clock(v.trigger.at)}` }), make('span', { className: `verdict ${v.verdict}`, textContent: v.score == null ? v.verdict : `${v.verdict} ${num(v.score)}` })));
}

async function showRate() {
  const threshold = Number($('threshold').value);
  if (!page.camera || !$('threshold').value || !Number.isFinite(threshold)) return;
  const rate = await ask(`api/rate?camera=${encodeURIComponent(page.camera)}&threshold=${threshold}`).catch(e => ({ error: e.message }));
  $('rate').textContent = rate.error ?? (rate.of === 0 ? 'No part has been judged yet.'
    : `${rate.above} of the last ${rate.of} parts would be NG: ${percent(rate.above / rate.of)} (95 % interval ${percent(rate.low)} to ${percent(rate.high)}).`);
}

// --- what comes ----------------------------------------------------------------------------------------------------

async function choose(camera) {
  page.camera = camera;
  page.held = null;
  $('threshold').value = '';
  const query = encodeURIComponent(camera);
  [page.verdicts, page.scores] = await Promise.all([ask(`api/verdicts?camera=${query}&limit=200`), ask(`api/scores?camera=${query}`)]);
  showStation(); showLive(); showFigures(); showHistory();
}

function add(v) {
  if (v.camera !== page.camera || page.verdicts.some(old => old.id === v.id)) return;
  page.verdicts = [v, ...page.verdicts].slice(0, 200);
  if (v.score != null) { page.scores.at.push(Date.parse(v.trigger.at)); page.scores.score.push(v.score); page.scores.ng.push(v.verdict === 'NG'); }
  if (!page.held) showLive();
  showFigures(); showHistory(); showRate();
}

async function load() {
  page.station = await ask('api/station');
  page.csrf = page.station.csrf;
  await choose(page.station.cameras.some(c => c.name === page.camera) ? page.camera : page.station.cameras[0].name);
}

function listen() {
  const events = new EventSource('api/events');
  events.addEventListener('open', () => { $('lost').hidden = true; load().catch(refused); });
  events.addEventListener('error', () => { $('lost').hidden = false; if (events.readyState === EventSource.CLOSED) setTimeout(listen, 2000); });
  events.addEventListener('verdict', e => add(JSON.parse(e.data)));
  events.addEventListener('station', e => { page.station = { ...page.station, ...JSON.parse(e.data) }; showStation(); });
}

function refused(error) {
  if (error.status === 401) signIn(); else { $('lost').textContent = error.message; $('lost').hidden = false; }
}

// --- what can be changed -------------------------------------------------------------------------------------------

function confirm(title, text, yes, body, act) {
  $('d-title').textContent = title; $('d-text').textContent = text; $('d-yes').textContent = yes; $('d-error').textContent = '';
  $('d-body').replaceChildren(...body);
  $('d-form').onsubmit = async event => {
    event.preventDefault();
    $('d-yes').disabled = true;
    try { await act(); $('dialog').close(); } catch (e) { $('d-error').textContent = e.message; } finally { $('d-yes').disabled = false; }
  };
  $('dialog').showModal();
}

function signIn() {
  const token = make('input', { type: 'password', autocomplete: 'current-password', required: true, ariaLabel: 'Token' });
  confirm('Sign in', "The station's token:", 'Sign in', [token], async () => {
    page.csrf = (await ask('api/sign-in', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ token: token.value }) })).csrf;
    await load();
  });
}

async function setThreshold(value) {
  await command('threshold', { camera: page.camera, threshold: value });
  $('threshold').value = '';
  page.station = await ask('api/station');
  showStation(); showTrend(); showRate();
}

$('theme').addEventListener('click', () => {
  const dark = document.documentElement.dataset.theme ? document.documentElement.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset.theme = dark ? 'light' : 'dark';
});
$('sign-in').addEventListener('click', () => page.csrf ? change('api/sign-out').finally(() => { page.csrf = null; load().catch(refused); }) : signIn());
$('d-no').addEventListener('click', () => $('dialog').close());
$('back').addEventListener('click', () => { page.held = null; showLive(); showHistory(); });
$('heat').addEventListener('input', e => document.documentElement.style.setProperty('--heat', e.target.value / 100));
$('boxes').addEventListener('change', showLive);
$('threshold').addEventListener('input', showRate);
$('own').addEventListener('click', () => confirm('Threshold', `Back to the bank's own threshold, ${num(cameraNow().own_threshold)}?`, 'Set it', [], () => setThreshold(null)));
$('what-if').addEventListener('submit', event => {
  event.preventDefault();
  const value = Number($('threshold').value);
  confirm('Threshold', `Parts of ${page.camera} are NG from ${num(value)} on (now ${num(cameraNow().threshold)}). ${$('rate').textContent}`, 'Set it', [], () => setThreshold(value));
});
addEventListener('resize', showTrend);
document.documentElement.style.setProperty('--heat', 0.7);
listen();
