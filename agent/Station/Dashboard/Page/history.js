'use strict';
const Limit = 48;
const list = { filter: {}, next: null, shown: 0, part: null, loading: 0 };

const filterNow = () => Object.fromEntries([...new FormData($('filter'))].filter(([, v]) => v !== ''));

async function run() {
  const { cameras, products, causes, bank_versions, shifts } = page.choices, form = $('filter');
  fill(form.shift, shifts, 'all'); fill(form.camera, cameras, 'all'); fill(form.product, products, 'all'); fill(form.cause, causes, 'all'); fill(form.bank, bank_versions, 'all');
  fill(form.verdict, ['OK', 'NG', 'INVALID', 'TIMEOUT', 'COLLECTING'], 'all'); fill(form.label, ['good', 'bad', 'unsure'], 'all');
  const { part, ...filter } = Object.fromEntries(new URLSearchParams(location.search));
  for (const [key, value] of Object.entries(filter)) {
    const field = form.elements[key];
    if (!field) continue;
    // A shift of one day is no choice of the list, but a link may name it.
    if (field.tagName === 'SELECT' && ![...field.options].some(o => o.value === value)) field.append(make('option', { value, textContent: value }));
    field.value = value;
  }
  if (part) attempt(() => show(part));
  await find();
}

async function find() {
  list.filter = filterNow();
  const address = query(list.filter);
  history.replaceState(null, '', address ? `?${address}` : location.pathname);
  for (const format of ['csv', 'jsonl', 'parquet']) $(format).href = `api/results/export?${query({ ...list.filter, format })}`;
  const { from, to, shift, camera, ...others } = list.filter;
  $('report').hidden = !(shift?.includes('/') || (from && to && !shift)) || Object.keys(others).length > 0;
  $('report').href = `api/results/report?${address}`;
  Object.assign(list, { next: null, shown: 0 });
  $('grid').replaceChildren();
  await more();
}

// One answer does a limited amount of work; where it was not enough for a page, the search goes on from there.
async function more() {
  const loading = ++list.loading, until = list.shown + Limit;
  $('more').hidden = true;
  do {
    const answer = await ask(`api/results?${query({ ...list.filter, limit: until - list.shown, before: list.next })}`);
    if (loading !== list.loading) return;
    list.next = answer.next;
    list.shown += answer.verdicts.length;
    $('grid').append(...answer.verdicts.map(card));
    $('found').textContent = answer.next ? `${many(list.shown)} shown, back to ${textOf(answer.searched_to)}` : list.shown ? `${many(list.shown)} shown: these are all` : 'No part matches.';
  } while (list.next && list.shown < until);
  $('more').hidden = !list.next;
}

function card(v) {
  return make('button', { className: 'panel part', onclick: () => attempt(() => show(v.id)) }, picture(v.id),
    make('span', { className: 'text row' }, make('span', { textContent: `${v.camera} #${v.seq}` }), make('span', { className: `verdict ${v.verdict}`, textContent: v.score == null ? v.verdict : `${v.verdict} ${num(v.score)}` }),
      make('span', { className: 'soft', textContent: [textOf(v.at), v.serial, v.part].filter(Boolean).join(' · ') }), ...(v.label ? [make('span', { className: `label ${v.label}`, textContent: v.label })] : [])));
}

async function show(id) {
  const part = list.part = await ask(`api/results/${id}`), v = part.verdict;
  $('p-title').replaceChildren(`${v.camera} #${v.seq} `, make('span', { className: `verdict ${v.verdict}`, textContent: v.verdict }));
  $('p-view').replaceChildren(picture(id, { regions: v.regions, frame: v.frame, lazy: false }));
  $('p-facts').replaceChildren(...facts({
    time: textOf(v.trigger.at), score: v.score == null ? null : `${num(v.score)} (threshold ${num(v.threshold)}, p ${num(v.p_value)})`, cause: v.fault?.kind, bank: v.bank && version(v.bank),
    'trigger id': v.trigger.id, 'serial number': v.serial, part: v.part && (v.part_late ? `${v.part} (late)` : v.part), 'came with it': v.meta && Object.entries(v.meta).map(([name, value]) => `${name}: ${value}`).join(' · '), total: `${num(v.timings_ms.total)} ms`, id,
  }));
  $('p-reason').textContent = remarks(v);
  $('p-spots').replaceChildren(...spotsOf(part));
  showLabels();
  if (!$('part').open) $('part').showModal();
}

function showLabels() {
  $('p-labels').replaceChildren(...(list.part?.labels.length ? list.part.labels : [null]).map(l => l
    ? make('li', {}, make('span', { className: `label ${l.label}`, textContent: l.label }), ` by ${l.by}, ${textOf(l.at)}${l.note ? `: ${l.note}` : ''}`)
    : make('li', { textContent: 'none' })));
  $('p-label').hidden = !page.csrf;
  $('p-by').value ||= localStorage.getItem('mrfad-name') ?? '';
  $('p-error').textContent = '';
}

$('p-label').addEventListener('submit', async event => {
  event.preventDefault();
  localStorage.setItem('mrfad-name', $('p-by').value);
  try {
    await change('api/review/labels', { verdict: list.part.verdict.id, label: event.submitter.value, by: $('p-by').value, note: $('p-note').value, queue: 'history' });
    $('p-note').value = '';
    await show(list.part.verdict.id);
  } catch (e) { $('p-error').textContent = e.message; }
});
$('p-link').addEventListener('click', async () => {
  const link = new URL(`history?part=${list.part.verdict.id}`, location.href).href;
  // Without TLS browsers keep the clipboard from pages; the address bar has the link as well.
  history.replaceState(null, '', link);
  await navigator.clipboard?.writeText(link).catch(() => {});
  $('p-link').textContent = navigator.clipboard ? 'Link copied' : 'Link in the address bar';
});
$('part').addEventListener('close', () => { $('p-link').textContent = 'Copy link'; history.replaceState(null, '', query(list.filter) ? `?${query(list.filter)}` : location.pathname); });
$('p-close').addEventListener('click', () => $('part').close());
$('filter').addEventListener('submit', event => { event.preventDefault(); attempt(find); });
$('clear').addEventListener('click', () => { $('filter').reset(); attempt(find); });
$('more').addEventListener('click', () => attempt(more));
document.addEventListener('session', () => { if (list.part) showLabels(); });
document.documentElement.style.setProperty('--heat', 0.6);
