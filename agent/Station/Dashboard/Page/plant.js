'use strict';
// All stations of a broker, as this station receives them: their retained messages, and the new ones.
const Most = 500, Scores = 100, Recent = 50, Silence = 12000;
const stations = new Map(), changed = new Set(), missed = { pictures: 0, events: 0 };

// --- events --------------------------------------------------------------------------------------------------------

function find(topic) {
  const levels = topic.split('/'), root = levels.slice(0, 3).join('/'), [name, kind] = levels.slice(3);
  if (!stations.has(root) && stations.size >= Most) return null;
  const s = stations.get(root) ?? { root, station: levels[2], cameras: new Map() };
  stations.set(root, s);
  if (!kind) return { root, s, kind: name };
  const camera = s.cameras.get(name) ?? { name, scores: [], ng: [], recent: new Map(), wanted: {}, fetching: {}, early: {} };
  s.cameras.set(name, camera);
  return { root, s, camera, kind };
}

function onMessage({ topic, payload }) {
  const at = find(topic);
  if (!at) return;
  if (at.kind === 'verdict') addVerdict(at.camera, payload);
  else if (payload) (at.camera ?? at.s)[at.kind] = payload;
  else forget(at);
  show(at.root);
}

// The retained messages of a station that no longer exists were cleared.
function forget({ root, s, camera, kind }) {
  delete (camera ?? s)[kind];
  if (!s.status && !s.state && !s.bank) drop(root);
}

function drop(root) {
  stations.get(root)?.cameras.forEach(camera => { dropPictures(camera); camera.gone = true; });
  stations.delete(root);
  show(root);
}

function addVerdict(camera, v) {
  if (camera.verdict && v.id <= camera.verdict.id) return; // a duplicate or an old verdict: ids grow with time
  camera.verdict = v;
  camera.recent.set(v.id, v);
  if (camera.recent.size > Recent) camera.recent.delete(camera.recent.keys().next().value);
  for (const [kind, { id, blob }] of Object.entries(camera.early)) if (id === v.id) { delete camera.early[kind]; addPicture(camera, kind, id, blob); }
  if (v.score == null) return;
  camera.scores = [...camera.scores, v.score].slice(-Scores);
  camera.ng = [...camera.ng, v.verdict === 'NG'].slice(-Scores);
}

// Pictures are fetched one at a time for each camera and kind, always the newest; those that come faster than they can be fetched are skipped.
async function onPicture({ topic, id, number }) {
  const { root, camera, kind } = find(topic) ?? {};
  if (!camera) return;
  if (camera.wanted[kind]) missed.pictures++;
  camera.wanted[kind] = { id: id ?? camera.verdict?.id, number };
  if (camera.fetching[kind]) return;
  camera.fetching[kind] = true;
  while (camera.wanted[kind] && !camera.gone && $('pictures').checked) {
    const { id, number } = camera.wanted[kind];
    delete camera.wanted[kind];
    const blob = await fetch(`api/plant/pictures/${number}`).then(answer => answer.ok ? answer.blob() : null, () => null);
    if (blob) addPicture(camera, kind, id, blob); else missed.pictures++;
    show(root);
  }
  delete camera.wanted[kind];
  camera.fetching[kind] = false;
}

// A picture names its verdict and may come before it. It stays until the picture of another part comes.
function addPicture(camera, kind, id, blob) {
  if (camera.gone) return;
  const v = camera.recent.get(id);
  if (!v) {
    if (id && (!camera.verdict || id > camera.verdict.id)) camera.early[kind] = { id, blob };
    return;
  }
  if (camera.pictured && v.id < camera.pictured.id) return;
  if (camera.pictured?.id !== v.id) dropPictures(camera);
  camera.pictured = v;
  if (camera[kind]) URL.revokeObjectURL(camera[kind]);
  camera[kind] = URL.createObjectURL(blob);
}

function dropPictures(camera) {
  for (const kind of ['heatmap', 'frame']) {
    if (camera[kind]) URL.revokeObjectURL(camera[kind]);
    delete camera[kind];
  }
}

// --- rendering ----------------------------------------------------------------------------------------------------

function show(root) {
  if (!changed.size) requestAnimationFrame(showChanged);
  changed.add(root);
}

function showChanged() {
  const roots = [...changed];
  changed.clear();
  // A malformed message must not stop the display of the other stations.
  for (const root of roots) try { showStation(root); } catch (e) { console.warn(`${root}: ${e.message}`); }
  const all = [...stations.values()], online = all.filter(s => s.status?.status === 'online'), cameras = all.flatMap(s => [...s.cameras.values()]);
  const tile = (value, text, kind) => make('div', { className: 'panel tile' }, make('b', { className: kind, textContent: value }), make('span', { className: 'soft', textContent: text }));
  const judging = online.filter(s => stateKind(s.state?.state) === 'good').length, ng = cameras.filter(c => c.verdict?.verdict === 'NG').length;
  put($('tiles'), [all.length, online.length, judging, ng].join(), () => [
    tile(`${online.length} of ${all.length}`, 'stations online', online.length === all.length ? 'good' : 'bad'),
    tile(judging, 'ready or running', judging === all.length ? 'good' : 'warn'),
    tile(ng, 'cameras whose last part is NG', ng ? 'bad' : 'good')]);
}

function showStation(root) {
  const s = stations.get(root), old = document.getElementById(`s ${root}`);
  if (!s) { old?.remove(); return; }
  const online = s.status?.status === 'online', reason = online ? s.state?.reason : s.status?.reason;
  const card = make('article', { id: `s ${root}`, className: 'panel station', ariaLabel: s.station },
    make('div', { className: 'row' }, make('h2', { textContent: s.station }), make('span', { className: 'pills' },
      make('span', { className: `pill ${online ? 'good' : 'bad'}`, textContent: s.status?.status ?? 'unknown' }),
      ...(online && s.state ? [make('span', { className: `pill ${stateKind(s.state.state)}`, textContent: s.state.state })] : []))),
    make('p', { className: 'soft', textContent: [root, s.status?.version && `mrfad ${s.status.version}`].filter(Boolean).join(' · ') }),
    make('p', { className: online ? 'warn' : 'bad', textContent: reason ?? '' }),
    ...[...s.cameras.values()].sort((a, b) => a.name < b.name ? -1 : 1).map(showCamera),
    ...showBank(s.bank));
  if (old) { old.replaceWith(card); } else {
    const after = [...$('stations').children].find(other => other.id > card.id);
    $('stations').insertBefore(card, after ?? null);
  }
  for (const c of s.cameras.values()) drawTrend(card.querySelector(`[data-camera="${CSS.escape(c.name)}"]`), c.scores, c.ng, c.verdict?.threshold);
}

function showCamera(c) {
  const v = c.verdict, trend = draw('svg', { class: 'trend', role: 'img', 'aria-label': `Scores of ${c.name}`, 'data-camera': c.name });
  const p = c.pictured, old = p?.id !== v?.id;
  const pictures = ['frame', 'heatmap'].filter(kind => c[kind]).map(kind => make('img', { src: c[kind], className: kind === 'heatmap' && c.frame ? 'heat' : '', alt: kind === 'heatmap' ? `Heatmap of #${p.seq}` : '' }));
  return make('div', { className: 'camera' },
    make('div', { className: 'row' }, make('span', { textContent: c.name }), make('span', { className: `verdict ${v?.verdict ?? ''}`, textContent: v?.verdict ?? '–' })),
    make('p', { className: 'soft', textContent: v ? `#${v.seq}${v.serial ? ` · ${v.serial}` : ''} · ${clock(v.trigger.at)}${v.score == null ? '' : ` · score ${num(v.score)} (threshold ${num(v.threshold)})`}${v.historical ? ' · sent late' : ''}` : '' }),
    ...(v?.reason ? [make('p', { className: 'soft', textContent: v.reason })] : []),
    ...(pictures.length ? [make('div', { className: `view ${old ? 'old' : ''}` }, ...pictures, ...(old ? [make('span', { textContent: `of #${p.seq}, ${p.verdict}` })] : []))] : []),
    trend, ...showBank(c.bank));
}

function showBank(bank) {
  if (!bank?.current) return [];
  const update = updateText(bank), last = lastText(bank.last);
  return [
    make('dl', { className: 'facts' }, ...facts({ 'judges now': version(bank.current), cameras: ofCameras(bank), 'before it': bank.previous && version(bank.previous) })),
    ...(update ? [make('p', { textContent: update }), make('progress', { max: 1, value: bank.update.progress, ariaLabel: 'Update' })] : []),
    ...(last ? [make('p', { className: 'soft', textContent: last })] : [])];
}

// --- connections to the station and from it to the broker ----------------------------------------------------------

let events, lastEventAt, refused = false, lost = null;

function listen() {
  events?.close();
  events = new EventSource(`api/plant/events?pictures=${$('pictures').checked}`);
  lastEventAt = Date.now();
  const on = (name, take) => events.addEventListener(name, e => { lastEventAt = Date.now(); try { take(JSON.parse(e.data)); } catch (error) { console.warn(`${name}: ${error.message}`); } });
  on('fact', onMessage);
  on('picture', onPicture);
  on('link', showLink);
  on('lost', catchUp);
  events.onerror = () => { if (events.readyState === EventSource.CLOSED) askWhy(); else showLost('The station does not answer'); };
}

// An EventSource does not give the reason of a refusal, therefore it is fetched.
async function askWhy() {
  const answer = await fetch('api/plant/events').catch(() => null);
  if (answer?.ok) { answer.body.cancel(); return; }
  refused = answer?.status === 401;
  const why = (await answer?.json().catch(() => null))?.error;
  showLost(refused ? "Sign in on this station's page first" : why ? why[0].toUpperCase() + why.slice(1) : 'The station does not answer');
  $('broker').textContent = '';
}

// This page was too slow and lost events; a snapshot follows.
function catchUp({ events, stations: there }) {
  missed.events += events;
  for (const root of [...stations.keys()]) if (!there.includes(root)) drop(root);
}

function showLink({ connected, reason, ignored, ignored_last }) {
  $('broker').textContent = connected ? 'broker connected' : connected === false ? 'broker away' : 'connecting…';
  $('broker').className = `pill ${connected ? 'good' : connected === false ? 'bad' : 'warn'}`;
  showLost(connected === false ? `No connection to the ${reason}` : null);
  const count = (n, what) => `${n} ${what}${n === 1 ? '' : 's'}`;
  $('missed').textContent = [
    missed.events && `${count(missed.events, 'message')} lost: this page was too slow.`,
    missed.pictures && `${count(missed.pictures, 'picture')} left out: this page could not fetch them as fast as they came.`,
    ignored && `${count(ignored, 'message')} not shown, the last on ${ignored_last}.`].filter(Boolean).join(' ');
}

function showLost(what) {
  $('lost').hidden = !what;
  lost = what ? lost ?? new Date() : null;
  if (what) $('lost').textContent = refused ? `${what}.` : `${what} (since ${clock(lost)}). What you see is old; trying again…`;
}

// A lost connection may raise no error; the station sends a keep-alive every few seconds, whose absence shows the loss.
function watch() {
  if (refused) return;
  const silent = Date.now() - lastEventAt > Silence;
  if (silent) showLost('The station does not answer');
  if (silent || events.readyState === EventSource.CLOSED) listen();
}

$('pictures').addEventListener('change', listen);
document.documentElement.style.setProperty('--heat', 0.7);
ask('api/station').then(station => { $('subtitle').textContent = `All stations at the broker, as ${station.station} receives them`; }, () => {}); // the events report errors
listen();
setInterval(watch, 2000);
