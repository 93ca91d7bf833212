'use strict';
// Corrections of false rejects, on the page of the station and in the review. Each page has its own `change` and `defect`.
const command = (name, body) => change(`api/commands/${name}`, body);

// `closed` is called when the dialog is closed, whatever was chosen.
function confirm(title, text, yes, body, act, closed = () => {}) {
  $('d-title').textContent = title; $('d-text').textContent = text; $('d-yes').textContent = yes; $('d-error').textContent = '';
  $('d-body').replaceChildren(...body);
  $('d-yes').disabled = false;
  $('dialog').onclose = closed;
  $('d-form').onsubmit = async event => {
    event.preventDefault();
    $('d-yes').disabled = true;
    try { await act(); $('dialog').close(); } catch (e) { $('d-error').textContent = e.message; $('d-yes').disabled = false; }
  };
  $('dialog').showModal();
}

// The station first computes a preview of the correction and keeps it in quarantine; only a confirmation makes a new version of it.
async function correct(title, question, parts, then) {
  let correction = null, closed = false;
  const forget = id => command('teach', { discard: id }).catch(() => {}); // a newer one has replaced it
  confirm(title, question, 'Learn it', [make('progress', { ariaLabel: 'Computing' })], async () => {
    await command('teach', { confirm: correction.lesson, accept_misses: correction.would_miss.length > 0 });
    correction = null;
    then();
  }, () => { closed = true; if (correction) forget(correction.lesson); });
  $('d-yes').disabled = true;
  try {
    const { result } = await command('teach', parts);
    if (closed) { forget(result.lesson); return; }
    correction = result;
    $('d-text').textContent = 'Nothing has changed yet.';
    $('d-body').replaceChildren(...preview(correction));
    $('d-yes').disabled = correction.would_miss.length > 0;
    if (correction.would_miss.length > 0)
      $('d-body').append(acceptMisses());
  } catch (e) {
    if (closed) return;
    $('d-body').replaceChildren();
    $('d-text').textContent = 'It cannot be taught:';
    $('d-error').textContent = e.message;
  }
}

// A correction that would let known defects pass is learned only by a second, explicit consent.
function acceptMisses() {
  const box = make('input', { type: 'checkbox', id: 'd-accept' });
  box.addEventListener('change', () => { $('d-yes').disabled = !box.checked; });
  return make('label', { className: 'accept' }, box, ' Learn it although these defects would pass');
}

function preview(correction) {
  const missed = correction.would_miss.length, parts = correction.parts, left = correction.left_out, still = parts.filter(p => p.score_after >= p.threshold);
  const defects = correction.looked_at === 1 ? 'the one known defect' : `the ${correction.looked_at} known defects`;
  const score = p => `${num(p.score_before)} → ${num(p.score_after)}, ${p.score_after < p.threshold ? 'OK' : 'still NG'} at the threshold ${num(p.threshold)}`;
  return [
    make('dl', { className: 'facts correction' }, ...facts({
      ...(parts.length === 1 ? { 'this part': score(parts[0]) } : { 'these parts': `${parts.length - still.length} of ${parts.length} become OK${still.length ? `, ${still.length} stay NG: teach them once more when they are seen again` : ''}` }),
      'left out': left.length ? `${left.length} of ${parts.length + left.length}` : null,
      'other parts': 'their scores stay, or fall: none becomes NG',
      'new bank': `${version(correction.bank)}, ${correction.patches} patches more`,
    })),
    ...(left.length ? [make('details', {}, make('summary', { textContent: 'Why are parts left out?' }), make('ul', {}, ...left.map(p => make('li', { textContent: `${p.verdict.slice(-12)}: ${p.reason}` }))))] : []),
    make('p', {
      className: missed ? 'bad' : correction.looked_at ? 'good' : 'warn',
      textContent: missed ? `It would no longer find ${missed < correction.looked_at ? `${missed} of ` : ''}${defects}:`
        : correction.looked_at ? `It would still find ${defects}.`
        : 'There was no known defect to inspect, so it is unknown which defects this would miss. Put defective parts into updates.golden_folder, or label bad parts in the review.',
    }),
    make('ul', { className: 'missed' }, ...correction.would_miss.map(defect))];
}
