'use strict';
const median = values => values.length ? [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] : null;
const Shown = 500, ScoresKept = 20000, Silence = 12000, Verdicts = ['OK', 'NG', 'INVALID', 'TIMEOUT', 'COLLECTING'];
const Stages = [['queue', '#8a94a6'], ['decode', '#5b8def'], ['features', '#1f9e89'], ['search', '#d9902f'], ['fuse', '#b0559a']];

const page = { station: null, csrf: null, camera: null, verdicts: [], scores: { at: [], score: [], ng: [] }, held: null, collection: null, filter: null, late: null, lost: null, refused: false };

// --- rendering ----------------------------------------------------------------------------------------------------

const cameraNow = () => page.station?.cameras.find(c => c.name === page.camera);
const bankNow = () => page.station?.banks.find(b => b.cameras.includes(page.camera) && b.product === cameraNow()?.product);
const ofProduct = () => cameraNow()?.product ? `&product=${encodeURIComponent(cameraNow().product)}` : '';
const mine = () => page.verdicts.filter(v => v.camera === page.camera);
const shown = () => page.held ?? mine()[0];

function showStation() {
  const s = page.station, camera = cameraNow();
  document.title = `${s.state} · ${s.station}`;
  $('title').textContent = s.station;
  $('subtitle').textContent = [s.topics, `mrfad ${s.version}`, s.reason].filter(Boolean).join(' · ');
  $('state').textContent = s.state;
  $('state').className = `pill ${stateKind(s.state)}`;
  $('broker').textContent = s.broker_connected ? 'broker connected' : 'broker away';
  $('broker').className = `pill ${s.broker_connected ? 'good' : 'bad'}`;
  $('sign-in').textContent = page.csrf ? 'Sign out' : 'Sign in';
  $('sign-in').hidden = !page.csrf && !s.can_sign_in;
  $('plant').hidden = !s.plant;
  put($('cameras'), page.camera, () => s.cameras.length < 2 ? [] : s.cameras.map(c => make('button', { textContent: c.name, ariaPressed: c.name === page.camera, onclick: () => choose(c.name) })));
  showProducts(s.products ?? [], camera);
  const scale = camera?.heatmap;
  $('low').textContent = scale ? `${num(scale.low)} as good parts` : '';
  $('mid').textContent = scale ? `${num((scale.low + scale.high) / 2)} threshold` : '';
  $('high').textContent = scale ? num(scale.high) : '';
  const bank = bankNow() ?? {};
  $('bank-facts').replaceChildren(...facts(camera?.bank
    ? { product: camera.product, 'judges now': version(camera.bank), cameras: ofCameras(bank), 'before it': bank.previous && version(bank.previous), sha256: `${camera.bank.sha256.slice(0, 16)}…`, encoder: camera.encoder, threshold: `${num(camera.threshold)}${camera.threshold === camera.own_threshold ? '' : ` (its own: ${num(camera.own_threshold)})`}` }
    : { 'judges now': camera?.collecting ? 'no model yet' : 'being loaded' }));
  showCollection();
  $('update').textContent = updateText(bank) ?? '';
  $('progress').hidden = !bank.update;
  $('progress').value = bank.update?.progress ?? 0;
  $('last').textContent = lastText(bank.last) ?? '';
  const previous = page.csrf && bank.previous;
  put($('bank-actions'), `${page.camera} ${bank.product} ${previous?.sha256}`, () => previous ? [make('button', { textContent: `Go back to version ${previous.version}…`, onclick: () => rollBack(bankNow()) })] : []);
  if (camera?.threshold != null && !$('threshold').value) { $('threshold').value = Number(camera.threshold.toPrecision(5)); showRate(); }
  $('set').disabled = $('own').disabled = !page.csrf;
  $('set').title = page.csrf ? '' : 'Sign in first';
}

// The active product of the camera; the list is not made anew while somebody chooses from it.
function showProducts(products, camera) {
  $('product-choice').hidden = products.length === 0;
  put($('product'), products.map(p => p.product).join(), () => products.map(p => make('option', { value: p.product, textContent: p.product })));
  if (document.activeElement !== $('product') && camera?.product) $('product').value = camera.product;
  $('product').disabled = !page.csrf;
  $('product').title = page.csrf ? '' : 'Sign in first';
  const active = products.find(p => p.product === camera?.product);
  $('product-note').textContent = active?.problem ? `Its model cannot be opened: ${active.problem}` : active?.collecting ? 'It has no model yet.' : active && !active.loaded ? 'Its model is being loaded.' : '';
}

function showLive() {
  const v = shown();
  $('back').hidden = !page.held;
  $('verdict').textContent = v?.verdict ?? '–';
  $('verdict').className = `verdict big ${v?.verdict ?? ''}`;
  $('when').textContent = v ? `${page.held ? '' : 'now · '}#${v.seq}${v.product ? ` · ${v.product}` : ''}${v.serial ? ` · ${v.serial}` : ''} · ${clock(v.trigger.at)}${v.score == null ? '' : ` · score ${num(v.score)} (threshold ${num(v.threshold)}), p ${num(v.p_value)}`} · ${num(v.timings_ms.total)} ms` : 'no verdict yet';
  $('reason').textContent = v ? remarks(v) : '';
  $('reason').className = v && collectedAs(v)?.fault ? 'warn' : 'soft';
  // One picture a second is kept of good parts; where they come faster, the last picture stays.
  const seen = v?.has_frame || page.held ? v : mine().find(p => p.has_frame && p.verdict === v?.verdict);
  if (seen && seen !== v) $('when').textContent += ` · picture of #${seen.seq}`;
  picture($('frame'), seen?.has_frame && `api/pictures/${seen.id}/frame`, `Part ${seen?.seq} of ${seen?.camera}`);
  picture($('heatmap'), seen?.has_heatmap && `api/pictures/${seen.id}/heatmap`, '');
  $('nothing').textContent = v ? 'No picture of it is kept.' : 'No image yet.';
  const boxes = $('boxes').checked && v?.has_frame ? v.regions : [];
  $('regions').setAttribute('viewBox', `0 0 ${v?.frame?.width_px ?? 1} ${v?.frame?.height_px ?? 1}`);
  $('regions').replaceChildren(...boxes.map(r => draw('rect', { x: r.x_px, y: r.y_px, width: r.width_px, height: r.height_px })));
  $('explanation').replaceChildren(...(v?.explanation ?? []).filter(e => e.image).map(e =>
    make('li', { textContent: `at ${e.x_px}, ${e.y_px}: the nearest normal patch is in ${e.image}, ${num(e.distance)} away (${e.branch})` })));
  const wrong = v?.verdict === 'NG' ? v : null;
  const mark = v?.verdict === 'COLLECTING' ? markOf(v) : null;
  put($('actions'), `${page.csrf} ${page.camera} ${wrong?.id} ${mark?.key}`, () => !page.csrf ? [] : [
    ...(mark ? mark.buttons() : []),
    make('button', { textContent: 'Trigger', onclick: () => command('trigger', { camera: page.camera }).catch(e => { $('reason').textContent = e.message; }) }),
    ...(wrong ? [make('button', { textContent: `#${wrong.seq} was good…`, onclick: () => teach(wrong) })] : [])]);
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
  const timed = all.filter(v => v.score != null);
  const times = timed.length ? Stages.map(([stage, colour]) => [stage, colour, median(timed.map(v => v.timings_ms[stage])) ?? 0]) : [];
  const sum = times.reduce((s, [, , ms]) => s + ms, 0) || 1;
  $('stages').replaceChildren(...times.map(([stage, colour, ms]) => { const i = make('i', { title: `${stage}: ${num(ms)} ms` }); i.style.cssText = `background:${colour};flex:${ms / sum}`; return i; }));
  $('stage-key').replaceChildren(...facts(Object.fromEntries(times.map(([stage, , ms]) => [stage, `${num(ms)} ms`]))));
  showTrend();
}

function showTrend() {
  const { score, ng } = page.scores;
  drawTrend($('trend'), score.slice(-Shown), ng.slice(-Shown), cameraNow()?.threshold);
}

function showHistory() {
  const all = mine();
  $('filter').replaceChildren(...[null, ...Verdicts.filter(kind => kind !== 'COLLECTING' || all.some(v => v.verdict === kind))].map(kind => make('button', {
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
    make('span', { className: 'text row' }, make('span', { textContent: `#${v.seq} ${clock(v.trigger.at)}` }), make('span', { className: `verdict ${v.verdict}`, textContent: v.score != null ? `${v.verdict} ${num(v.score)}` : collectedAs(v)?.good ? 'good part' : [v.verdict, collectedAs(v)?.fault].filter(Boolean).join(', ') })));
}

async function showRate() {
  const threshold = Number($('threshold').value);
  if (!page.camera || !$('threshold').value || !Number.isFinite(threshold)) return;
  const rate = await ask(`api/rate?camera=${encodeURIComponent(page.camera)}&threshold=${threshold}${ofProduct()}`).catch(e => ({ error: e.message }));
  $('rate').textContent = rate.error ?? (rate.of === 0 ? 'No part has been judged yet.'
    : `${rate.above} of the last ${rate.of} parts would be NG: ${percent(rate.above / rate.of)} (95 % interval ${percent(rate.low)} to ${percent(rate.high)}).`);
}

// --- events --------------------------------------------------------------------------------------------------------

async function choose(camera) {
  page.camera = camera;
  page.held = null;
  $('threshold').value = '';
  await catchUp();
}

// Fetches the station's list, which includes verdicts that were missed meanwhile; the selected verdict stays. Verdicts that come during the request are added after it.
async function catchUp() {
  const query = encodeURIComponent(page.camera), late = page.late = [];
  const [verdicts, scores] = await Promise.all([ask(`api/verdicts?camera=${query}&limit=200`), ask(`api/scores?camera=${query}${ofProduct()}`), loadCollection()]);
  if (page.late !== late) return; // a newer request has replaced this one
  Object.assign(page, { verdicts, scores, late: null });
  showStation(); showLive(); showFigures(); showHistory(); showRate();
  late.forEach(add);
}

function add(v) {
  if (page.late) { page.late.push(v); return; }
  if (v.camera !== page.camera || page.verdicts.some(old => old.id === v.id)) return;
  page.verdicts = [v, ...page.verdicts].slice(0, 200);
  if (v.score != null && v.product === cameraNow()?.product) { page.scores.at.push(Date.parse(v.trigger.at)); page.scores.score.push(v.score); page.scores.ng.push(v.verdict === 'NG'); }
  for (const list of Object.values(page.scores)) if (list.length > ScoresKept) list.shift();
  due ||= setTimeout(showVerdicts, 100);
}

// A line may give fifty verdicts a second, faster than anybody can read, so that redraws are limited.
let due = 0;
function showVerdicts() {
  due = 0;
  if (!page.held) showLive();
  showFigures(); showHistory(); showRate();
}

async function load() {
  page.station = await ask('api/station');
  page.csrf = page.station.csrf;
  if (page.station.cameras.some(c => c.name === page.camera)) await catchUp(); else await choose(page.station.cameras[0].name);
  Object.assign(page, { lost: null, refused: false });
  $('lost').hidden = true;
}

// --- connection to the station ---------------------------------------------------------------------------------------

let events, lastEventAt;

function listen() {
  events?.close();
  events = new EventSource('api/events');
  lastEventAt = Date.now();
  events.onopen = () => load().catch(lose);
  events.onerror = () => { events.close(); load().catch(lose); };
  events.addEventListener('verdict', e => { lastEventAt = Date.now(); add(JSON.parse(e.data)); });
  events.addEventListener('collection', () => { lastEventAt = Date.now(); if (page.station) loadCollection().then(showCollected).catch(lose); });
  events.addEventListener('station', e => {
    lastEventAt = Date.now();
    if (!page.station) return;
    const before = cameraNow()?.product, wasCollecting = cameraNow()?.collecting;
    page.station = { ...page.station, ...JSON.parse(e.data) };
    showStation();
    if (cameraNow()?.product !== before || cameraNow()?.collecting !== wasCollecting) { $('threshold').value = ''; catchUp().catch(lose); } // the scores of another product
  });
}

function lose(error) {
  if (error.status === 401) {
    if (!page.refused && !$('dialog').open) signIn();
    page.refused = true;
    events.close();
    return;
  }
  page.lost ??= new Date();
  $('lost').textContent = `${error.message[0].toUpperCase()}${error.message.slice(1)} since ${clock(page.lost)}. What you see is old; trying again…`;
  $('lost').hidden = false;
  $('state').textContent = 'no answer';
  $('state').className = 'pill bad';
  $('broker').textContent = '';
}

// A lost connection may raise no error; the station sends a keep-alive every few seconds, whose absence shows the loss.
function watch() {
  if (page.refused) return;
  const silent = Date.now() - lastEventAt > Silence;
  if (silent) lose(new Error('the station does not answer'));
  if (silent || events.readyState === EventSource.CLOSED) listen();
  else if (page.lost) load().catch(lose);
}

addEventListener('DOMContentLoaded', () => { listen(); setInterval(watch, 2000); });
