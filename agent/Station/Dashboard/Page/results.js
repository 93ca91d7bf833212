'use strict';
// The functions that history, statistics and review share.
const page = { station: null, csrf: null, choices: null };

const textOf = at => new Date(at).toLocaleString(undefined, { dateStyle: 'short', timeStyle: 'medium', timeZone: page.choices?.time_zone });
const many = n => Number(n).toLocaleString('en-US');
const share = (v, digits = 2) => v === null || v === undefined || Number.isNaN(v) ? '–' : `${(100 * v).toFixed(digits)} %`;
const query = values => new URLSearchParams(Object.entries(values).filter(([, v]) => v !== '' && v !== null && v !== undefined)).toString();

async function change(path, body) {
  try {
    return await ask(path, { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Csrf-Token': page.csrf ?? '' }, body: JSON.stringify(body ?? {}) });
  } catch (e) {
    if (e.status === 401) { page.csrf = null; showSession(); }
    throw e;
  }
}

function showSession() {
  $('sign-in').textContent = page.csrf ? 'Sign out' : 'Sign in';
  $('sign-in').hidden = !page.csrf && !page.station?.can_sign_in;
  document.dispatchEvent(new Event('session'));
}

function signIn(then) {
  const token = make('input', { type: 'password', autocomplete: 'current-password', required: true, ariaLabel: 'Token' });
  $('d-title').textContent = 'Sign in'; $('d-text').textContent = "The station's token:"; $('d-yes').textContent = 'Sign in'; $('d-error').textContent = '';
  $('d-body').replaceChildren(token);
  $('d-form').onsubmit = async event => {
    event.preventDefault();
    try {
      page.csrf = (await ask('api/sign-in', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ token: token.value }) })).csrf;
      $('dialog').close();
      await then();
    } catch (e) { $('d-error').textContent = e.message; }
  };
  $('dialog').showModal();
}

// Shows an error, with what happens next.
function fail(error) {
  $('lost').textContent = `${error.message[0].toUpperCase()}${error.message.slice(1)}.`;
  $('lost').hidden = false;
}

// Runs work of the page; a closed station first asks for its token.
async function attempt(work) {
  try { await work(); $('lost').hidden = true; } catch (e) { if (e.status === 401) signIn(() => attempt(start)); else fail(e); }
}

async function start() {
  page.station = await ask('api/station');
  page.csrf = page.station.csrf;
  page.choices = await ask('api/results/choices');
  $('title').textContent = page.station.station;
  showSession();
  await run();
}

const fill = (select, values, all) => select.replaceChildren(make('option', { value: '', textContent: all }), ...values.map(v => make('option', { value: v, textContent: v })));

// A picture with its heatmap and regions; where none is kept, words that say so.
function picture(id, { regions = [], frame = null, lazy = true } = {}) {
  const view = make('span', { className: 'view' });
  const none = () => { view.replaceChildren(make('span', { className: 'none', textContent: 'no picture kept' })); };
  view.append(make('img', { src: `api/results/${id}/pictures/frame`, alt: '', loading: lazy ? 'lazy' : 'eager', onerror: none }));
  view.append(make('img', { src: `api/results/${id}/pictures/heatmap`, alt: '', loading: lazy ? 'lazy' : 'eager', className: 'heat', onerror: e => e.target.remove() }));
  if (frame) view.append(draw('svg', { viewBox: `0 0 ${frame.width_px} ${frame.height_px}`, 'aria-hidden': 'true' }, ...regions.map(r => draw('rect', { x: r.x_px, y: r.y_px, width: r.width_px, height: r.height_px }))));
  return view;
}

function spotsOf(part) {
  return (part.explanation ?? []).filter(e => e.nearest?.length).map(e =>
    make('li', { textContent: `at ${e.x_px}, ${e.y_px}: the nearest normal patch is in ${e.nearest[0].image}, ${num(e.nearest[0].distance)} away (${e.nearest[0].branch})` }));
}

$('sign-in').addEventListener('click', () => page.csrf ? change('api/sign-out').finally(() => { page.csrf = null; showSession(); }) : signIn(start));
$('d-no').addEventListener('click', () => $('dialog').close());
addEventListener('DOMContentLoaded', () => attempt(start));
