'use strict';
// The functions that the page of the station and the page of all stations share.

// Rebuilds only elements that have changed, so that a button keeps its focus.
const put = (e, key, build) => { if (e.dataset.key !== key) { e.dataset.key = key; e.replaceChildren(...build()); } };
const num = v => v === null || v === undefined ? '–' : v >= 999.5 ? String(Math.round(v)) : Number(v).toPrecision(3);
const clock = t => new Date(t).toLocaleTimeString();
const percent = v => `${(100 * v).toFixed(v < 0.1 ? 1 : 0)} %`;
const facts = pairs => Object.entries(pairs).filter(([, v]) => v !== null && v !== undefined).flatMap(([k, v]) => [make('dt', { textContent: k }), make('dd', { textContent: v })]);
// What is wrong with the code that the camera reads; a required one that cannot be read is the verdict's own reason.
const codeText = v => v.code_mismatch ? `the code in the picture says ${v.code.text}` : v.code?.reason && v.fault?.kind !== 'code_unreadable' ? `no serial number: ${v.code.reason}` : null;
// The named regions of the part in which the defects lie.
const namedText = v => { const names = [...new Set((v.regions ?? []).map(r => r.name).filter(Boolean))]; return names.length ? `in ${names.join(', ')}` : null; };
// All that is to be said of a part in words.
const remarks = v => [v.reason, namedText(v), codeText(v), v.verdict === 'NG' && v.looks_like ? `it looks like ${v.looks_like}` : null].filter(Boolean).join('; ');
const ofCameras = bank => bank.cameras?.length > 1 ? bank.cameras.join(', ') : null;
const version = bank => `${bank.id} version ${bank.version}`;
const stateKind = state => ['Ready', 'Running'].includes(state) ? 'good' : state === 'Error' ? 'bad' : 'warn';

async function ask(path, options) {
  const answer = await fetch(path, options).catch(() => { throw new Error('the station does not answer'); });
  const body = await answer.json().catch(() => ({}));
  if (answer.ok) return body;
  throw Object.assign(new Error(body.error?.message ?? body.error ?? `the station answered ${answer.status}`), { status: answer.status });
}

// The scale is logarithmic, because a defect may score a hundred times as high as good parts and the range around the threshold matters most. The line is the threshold.
function drawTrend(svg, points, ng, threshold) {
  const box = svg.getBoundingClientRect(), width = box.width || 400, height = box.height || 140;
  const all = [...points, ...(threshold == null ? [] : [threshold])].filter(v => v > 0).map(Math.log), top = Math.max(...all), bottom = Math.min(...all);
  const y = v => height - 4 - (Math.log(Math.max(v, 1e-9)) - bottom) / (top - bottom || 1) * (height - 12), x = i => 4 + i / Math.max(1, points.length - 1) * (width - 8);
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  svg.replaceChildren(
    ...points.map((v, i) => draw('circle', { cx: x(i), cy: y(v), r: points.length > 200 ? 1.8 : 3, class: ng[i] ? 'ng' : '' })),
    ...(threshold == null || !points.length ? [] : [draw('line', { x1: 0, x2: width, y1: y(threshold), y2: y(threshold) }), draw('text', { x: 4, y: y(threshold) - 4 }, `threshold ${num(threshold)}`)]));
}

// Describes the progress of an update of a bank; null where there is none.
function updateText(bank) {
  if (bank.update) return `${version(bank.update.bank)} is on its way: ${bank.update.phase}, ${percent(bank.update.progress)}${bank.update.reason ? `, ${bank.update.reason}` : ''}`;
  if (bank.watched) return `Its first verdicts are watched: ${bank.watched.alarms} NG so far, ${bank.watched.left} to come. More than ${bank.watched.most_alarms} NG bring the one before back.`;
  return null;
}
const lastText = last => last && `${version(last.bank)} ${last.result.replace('_', ' ')}, ${new Date(last.at).toLocaleString()}: ${last.reason}`;
