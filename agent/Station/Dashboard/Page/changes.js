'use strict';
// The changes that a user with the token can make.
async function change(path, body) {
  try {
    return await ask(path, { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Csrf-Token': page.csrf ?? '' }, body: JSON.stringify(body ?? {}) });
  } catch (e) {
    if (e.status === 401) { page.csrf = null; showStation(); showLive(); } // the session is over, or the station was restarted
    throw e;
  }
}
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

function rollBack(bank) {
  confirm('Go back', `From the next part on, ${version(bank.previous)} judges again instead of ${version(bank.current)}${ofCameras(bank) ? `, on ${ofCameras(bank)}` : ''}. An update under way is given up.`, 'Go back', [], () => command('rollback', { camera: bank.cameras[0] }));
}

// --- teaching ------------------------------------------------------------------------------------------------------

// The station first computes a preview of the correction and keeps it in quarantine; only a confirmation makes a new version of it.
async function teach(v) {
  let correction = null, closed = false;
  const forget = id => command('teach', { discard: id }).catch(() => {}); // a newer one has replaced it
  confirm(`#${v.seq} was good`, 'The station computes what learning this part would change. Nothing changes yet.', 'Learn it', [make('progress', { ariaLabel: 'Computing' })], async () => {
    await command('teach', { confirm: correction.lesson, accept_misses: correction.would_miss.length > 0 });
    correction = null;
    $('bank').scrollIntoView({ block: 'center', behavior: 'smooth' });
  }, () => { closed = true; if (correction) forget(correction.lesson); });
  $('d-yes').disabled = true;
  try {
    const { result } = await command('teach', { verdict: v.id });
    if (closed) { forget(result.lesson); return; }
    correction = result;
    $('d-text').textContent = 'Nothing has changed yet.';
    $('d-body').replaceChildren(...preview(v, correction));
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

function preview(v, correction) {
  const threshold = v.threshold ?? correction.threshold, missed = correction.would_miss.length;
  const defects = correction.looked_at === 1 ? 'the one known defect' : `the ${correction.looked_at} known defects`;
  return [
    make('dl', { className: 'facts correction' }, ...facts({
      'this part': `${num(correction.score_before)} → ${num(correction.score_after)}, ${correction.score_after < threshold ? 'OK' : 'still NG'} at the threshold ${num(threshold)}`,
      'other parts': 'their scores stay, or fall: none becomes NG',
      'new bank': `${version(correction.bank)}, ${correction.patches} patches more`,
    })),
    make('p', {
      className: missed ? 'bad' : correction.looked_at ? 'good' : 'warn',
      textContent: missed ? `It would no longer find ${missed < correction.looked_at ? `${missed} of ` : ''}${defects}:`
        : correction.looked_at ? `It would still find ${defects}.`
        : 'There was no known defect to inspect, so it is unknown which defects this would miss. Put defective parts into updates.golden_folder.',
    }),
    make('ul', { className: 'missed' }, ...correction.would_miss.map(defect))];
}

// "verdict ID" is a recent NG part, likely with a picture; everything else is the file of a reference part.
function defect(name) {
  const v = page.verdicts.find(known => name === `verdict ${known.id}`);
  return make('li', {}, ...(v?.has_frame ? [make('img', { src: `api/pictures/${v.id}/frame`, alt: '' })] : []), v ? `#${v.seq}, ${clock(v.trigger.at)}` : name);
}

// ---------------------------------------------------------------------------------------------------------------------

$('sign-in').addEventListener('click', () => page.csrf ? change('api/sign-out').finally(() => { page.csrf = null; load().catch(lose); }) : signIn());
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
