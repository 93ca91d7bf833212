'use strict';
const Queues = [['ng', 'NG parts'], ['doubtful', 'Doubtful OK parts'], ['sample', 'Sample of OK parts']];
const work = { queue: 'ng', parts: [], skipped: new Set(), done: [], choices: [], corrections: [], busy: false, count: 0 };

async function run() {
  work.queue = new URLSearchParams(location.search).get('queue') ?? work.queue;
  $('by').value = localStorage.getItem('mrfad-name') ?? '';
  await Promise.all([loadQueue(), loadRates(), loadCorrections()]);
}

async function loadQueue() {
  history.replaceState(null, '', `?queue=${work.queue}`);
  $('queues').replaceChildren(...Queues.map(([name, text]) => make('button', { textContent: text, ariaPressed: work.queue === name, onclick: () => { work.queue = name; work.skipped.clear(); attempt(loadQueue); } })));
  work.parts = (await ask(`api/review/queue?queue=${work.queue}`)).filter(p => !work.skipped.has(p.id));
  await showPart();
}

async function showPart() {
  const part = work.parts[0], can = part && page.csrf;
  for (const id of ['good', 'bad', 'unsure']) $(id).disabled = !can;
  $('verdict').textContent = part?.verdict ?? '–';
  $('verdict').className = `verdict big ${part?.verdict ?? ''}`;
  $('what').textContent = part ? `${part.camera} #${part.seq} · ${textOf(part.at)} · score ${num(part.score)} (threshold ${num(part.threshold)})${part.serial ? ` · ${part.serial}` : ''}` : work.queue === 'sample' ? 'Nothing waits in this queue. It holds OK parts of which a frame is kept: evidence.budget_mb and evidence.ok_one_in in the configuration.' : 'Nothing waits in this queue.';
  if (!part) { $('view').replaceChildren(); return; }
  const stored = await ask(`api/results/${part.id}`);
  if (work.parts[0] !== part) return;
  const view = picture(part.id, { regions: stored.verdict.regions, frame: stored.verdict.frame, lazy: false });
  view.classList.add('big-view');
  $('view').replaceChildren(view);
}

async function label(kind) {
  const part = work.parts[0];
  if (!part || work.busy) return;
  if (!page.csrf) { signIn(start); return; }
  if (!$('by').value.trim()) { $('told').textContent = 'Enter your name first.'; $('told').className = 'bad'; $('by').focus(); return; }
  localStorage.setItem('mrfad-name', $('by').value.trim());
  work.busy = true;
  try {
    await change('api/review/labels', { verdict: part.id, label: kind, by: $('by').value, note: $('note').value, queue: work.queue });
    work.done.push(part);
    work.count++;
    $('note').value = '';
    $('told').className = 'soft';
    $('told').textContent = `${part.camera} #${part.seq} is ${kind}. ${work.count} labelled.`;
    work.parts.shift();
    work.busy = false;
    if (work.parts.length < 3) await loadQueue(); else await showPart();
    await Promise.all([loadRates(), loadCorrections()]);
  } catch (e) { $('told').className = 'bad'; $('told').textContent = e.message; } finally { work.busy = false; }
}

function skip() {
  if (work.parts.length) work.skipped.add(work.parts.shift().id);
  attempt(work.parts.length < 3 ? loadQueue : showPart);
}

// The last labelled part again: a further label of it counts instead.
function again() {
  if (!work.done.length) return;
  work.parts.unshift(work.done.pop());
  attempt(showPart);
}

async function loadRates() {
  const from = new Date(Date.now() - 30 * 86400000).toISOString().slice(0, 16) + 'Z';
  const scope = query({ from: new URLSearchParams(location.search).get('from') ?? from });
  const [rates, choices] = await Promise.all([ask(`api/review/rates?${scope}`), ask(`api/review/thresholds?${scope}`)]);
  const rate = (e, r, what) => e.replaceChildren(r.value === null ? '–' : share(r.value, 2), make('small', { textContent: r.value === null ? `no label says anything of it yet: work through ${what === 'bad' ? 'the sample of OK parts' : 'the NG parts'}` : `95 % interval ${share(r.low, 2)} to ${share(r.high, 2)} of the ${what} parts` }));
  rate($('overkill'), rates.false_reject, 'good');
  rate($('escapes'), rates.miss, 'bad');
  $('numbers').replaceChildren(...facts({
    'NG parts': `${many(rates.ng)}; called good ${rates.ng_good}, bad ${rates.ng_bad}`, 'OK parts': `${many(rates.ok)}; of the sample called good ${rates.sample_good}, bad ${rates.sample_bad}`, 'known misses': rates.known_misses,
  }));
  work.choices = choices;
  $('pick').max = Math.max(0, choices.length - 1);
  $('pick').value = Math.max(0, choices.findIndex(t => t.is_current));
  showChoice();
}

// The NG parts that were called good, for each detector: one lesson teaches them all.
async function loadCorrections() {
  work.corrections = await ask('api/review/corrections');
  showCorrections();
}

function showCorrections() {
  const of = c => work.corrections.length > 1 ? ` of ${c.cameras.join(', ')}` : '', parts = n => n === 1 ? '1 part' : `${many(n)} parts`;
  $('corrections').replaceChildren(...(work.corrections ?? []).filter(c => c.verdicts.length + c.without_frame + c.learned > 0).flatMap(c => [
    ...(c.verdicts.length ? [make('button', { textContent: `Teach the good ones${of(c)}: ${parts(c.verdicts.length)}…`, disabled: !page.csrf, onclick: () => teachGood(c) })] : []),
    make('p', { className: 'soft', textContent: [
      c.verdicts.length ? 'NG parts that you called good become normal, as one new version of the bank; first you see what that changes.' : '',
      c.more ? `${parts(c.more)} more when these are learned.` : '', c.without_frame ? `Of ${parts(c.without_frame)}${of(c)} no frame is kept.` : '', c.learned ? `${parts(c.learned)}${of(c)} learned.` : '',
    ].filter(s => s).join(' ') })]));
}

function teachGood(c) {
  correct(c.verdicts.length === 1 ? 'Teach this good part' : `Teach ${c.verdicts.length} good parts`, 'The station computes what learning them would change; a part takes some seconds. Nothing changes yet.', { verdicts: c.verdicts }, () => {
    $('told').className = 'soft';
    $('told').textContent = 'The station tries the new version and then judges by it; how far it is shows the page Live.';
    attempt(loadCorrections);
  });
}

// The picture of a known defect, or the name of a reference part's file.
function defect(name) {
  const id = name.startsWith('verdict ') ? name.slice(8) : null;
  return make('li', {}, ...(id ? [make('img', { src: `api/results/${id}/pictures/frame`, alt: '', onerror: e => e.target.remove() })] : []), id ? `part ${id.slice(-12)}` : name);
}

function showChoice() {
  const choice = work.choices[$('pick').value], words = r => r.value === null ? 'unknown' : `${share(r.value, 1)} (${share(r.low, 1)} to ${share(r.high, 1)})`;
  drawRates($('curve'), work.choices, choice);
  $('pick').disabled = !choice;
  $('choice').textContent = choice ? `At ${num(choice.threshold)}: good parts rejected ${words(choice.false_reject)}, bad parts missed ${words(choice.miss)}.` : 'No part has a label yet.';
}

addEventListener('keydown', event => {
  if (event.target.id === 'note' && event.key === 'Enter') { event.target.blur(); return; }
  if (event.target.matches('input:not([type=range])') || event.ctrlKey || event.altKey || event.metaKey || document.querySelector('dialog[open]')) return;
  const act = { g: () => label('good'), b: () => label('bad'), u: () => label('unsure'), s: skip, z: again, n: () => $('note').focus(), h: () => document.documentElement.style.setProperty('--heat', getComputedStyle(document.documentElement).getPropertyValue('--heat') === '0' ? 0.6 : 0) }[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  act();
});
for (const kind of ['good', 'bad', 'unsure']) $(kind).addEventListener('click', () => label(kind));
$('pick').addEventListener('input', showChoice);
document.addEventListener('session', () => { showCorrections(); for (const id of ['good', 'bad', 'unsure']) $(id).disabled = !work.parts[0] || !page.csrf; });
addEventListener('resize', showChoice);
document.documentElement.style.setProperty('--heat', 0.6);
