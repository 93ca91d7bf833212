'use strict';
// All stations of a broker, straight from it (MQTT over WebSockets): what they retain, and what they say from now on.
const Root = 'mrfad/v1/+/+/+', Facts = ['status', 'state', 'bank'].map(topic => `${Root}/${topic}`).concat(`${Root}/+/verdict`, `${Root}/+/bank`), Pictures = [`${Root}/+/heatmap`, `${Root}/+/frame`];
const Most = 500, Scores = 100;
const stations = new Map(), changed = new Set();
let client, lost = null;

// --- what comes ----------------------------------------------------------------------------------------------------

function hear(topic, payload, packet) {
  const [site, line, station, ...rest] = topic.split('/').slice(2), root = `${site}/${line}/${station}`;
  if (!payload.length) { forget(root, rest); return; }
  if (!stations.has(root) && stations.size >= Most) return;
  const s = stations.get(root) ?? { root, station, cameras: new Map() };
  const json = () => JSON.parse(new TextDecoder().decode(payload));
  if (rest.length === 1) s[rest[0]] = json();
  else {
    const [name, kind] = rest, camera = s.cameras.get(name) ?? { name, scores: [], ng: [] };
    s.cameras.set(name, camera);
    if (kind === 'verdict') addVerdict(camera, json()); else if (kind === 'bank') camera.bank = json(); else addPicture(camera, kind, payload, packet.properties ?? {});
  }
  stations.set(root, s);
  show(root);
}

// Somebody has cleared what a station that is no more had retained.
function forget(root, [what, ofCamera]) {
  const s = stations.get(root);
  if (!s) return;
  if (ofCamera) delete s.cameras.get(what)?.[ofCamera]; else delete s[what];
  if (!s.status && !s.state && !s.bank) {
    stations.delete(root);
    s.cameras.forEach(dropPictures);
  }
  show(root);
}

function addVerdict(camera, v) {
  if (camera.verdict && v.id <= camera.verdict.id) return; // sent again, or an old one: ids grow with time
  camera.verdict = v;
  if (v.score == null) return;
  camera.scores = [...camera.scores, v.score].slice(-Scores);
  camera.ng = [...camera.ng, v.verdict === 'NG'].slice(-Scores);
}

// A picture follows its verdict, and names it. It stays until that of another part comes.
function addPicture(camera, kind, payload, { contentType, userProperties }) {
  const v = camera.verdict;
  if (!v || (userProperties?.id ?? v.id) !== v.id) return;
  if (camera.pictured !== v) dropPictures(camera);
  camera.pictured = v;
  if (camera[kind]) URL.revokeObjectURL(camera[kind]);
  camera[kind] = URL.createObjectURL(new Blob([payload], { type: contentType }));
}

function dropPictures(camera) {
  for (const kind of ['heatmap', 'frame']) {
    if (camera[kind]) URL.revokeObjectURL(camera[kind]);
    delete camera[kind];
  }
}

// --- what is shown -------------------------------------------------------------------------------------------------

function show(root) {
  if (!changed.size) requestAnimationFrame(showChanged);
  changed.add(root);
}

function showChanged() {
  for (const root of changed) showStation(root);
  changed.clear();
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
  const p = c.pictured, old = p !== v;
  const pictures = ['frame', 'heatmap'].filter(kind => c[kind]).map(kind => make('img', { src: c[kind], className: kind === 'heatmap' && c.frame ? 'heat' : '', alt: kind === 'heatmap' ? `Heatmap of #${p.seq}` : '' }));
  return make('div', { className: 'camera' },
    make('div', { className: 'row' }, make('span', { textContent: c.name }), make('span', { className: `verdict ${v?.verdict ?? ''}`, textContent: v?.verdict ?? '–' })),
    make('p', { className: 'soft', textContent: v ? `#${v.seq} · ${clock(v.trigger.at)}${v.score == null ? '' : ` · score ${num(v.score)} (threshold ${num(v.threshold)})`}${v.historical ? ' · sent late' : ''}` : '' }),
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

// --- the line to the broker ----------------------------------------------------------------------------------------

function connect(address, login = {}) {
  client?.end(true);
  let refused = false;
  client = mqtt.connect(address, { ...login, protocolVersion: 5, clientId: `mrfad-plant-${Math.random().toString(16).slice(2)}`, reconnectPeriod: 2000, connectTimeout: 5000, keepalive: 10, timerVariant: 'native' });
  client.on('connect', () => { say(true); client.subscribe(Facts, { qos: 1 }); followPictures(); });
  client.on('close', () => refused || say(false, address));
  client.on('error', error => { if ([4, 5, 134, 135].includes(error.code)) { refused = true; askName(address, login.username); } });
  client.on('message', (topic, payload, packet) => { try { hear(topic, payload, packet); } catch (e) { console.warn(`${topic}: ${e.message}`); } });
}

const followPictures = () => $('pictures').checked ? client.subscribe(Pictures, { qos: 0 }) : client.unsubscribe(Pictures);

function say(connected, address) {
  lost = connected ? null : lost ?? new Date();
  $('broker').textContent = connected ? 'broker connected' : 'broker away';
  $('broker').className = `pill ${connected ? 'good' : 'bad'}`;
  $('lost').hidden = connected;
  if (!connected) $('lost').textContent = `The broker ${address} does not answer since ${clock(lost)}. What you see is old; trying again…`;
}

function askName(address, refused) {
  client.end(true);
  $('lost').hidden = true;
  $('broker').textContent = '';
  $('d-error').textContent = refused ? `Not as ${refused}, or not with this password.` : '';
  $('d-form').onsubmit = () => connect(address, { username: $('name').value, password: $('password').value });
  if (!$('dialog').open) $('dialog').showModal();
}

$('pictures').addEventListener('change', () => client && followPictures());
document.documentElement.style.setProperty('--heat', 0.7);
ask('api/station').then(station => {
  $('subtitle').textContent = `All stations at ${station.broker}`;
  connect(station.broker);
}, error => { $('lost').textContent = error.status === 401 ? "Sign in on this station's page first." : error.message; $('lost').hidden = false; });
