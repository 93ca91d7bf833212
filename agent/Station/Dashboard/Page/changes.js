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
function signIn() {
  const token = make('input', { type: 'password', autocomplete: 'current-password', required: true, ariaLabel: 'Token' });
  confirm('Sign in', "The station's token:", 'Sign in', [token], async () => {
    page.csrf = (await ask('api/sign-in', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ token: token.value }) })).csrf;
    await load();
  });
}

async function setThreshold(value) {
  await command('threshold', { camera: page.camera, product: cameraNow().product, threshold: value });
  $('threshold').value = '';
  page.station = await ask('api/station');
  showStation(); showTrend(); showRate();
}

function chooseProduct(product) {
  const before = cameraNow().product;
  confirm('Product', `From the next part on, ${page.camera} inspects ${product} instead of ${before}.`, 'Change it', [], async () => {
    await command('product', { product, camera: page.camera });
    page.station = await ask('api/station');
    $('threshold').value = '';
    await catchUp();
  }, () => { $('product').blur(); showStation(); });
}

function rollBack(bank) {
  confirm('Go back', `From the next part on, ${version(bank.previous)} judges again instead of ${version(bank.current)}${ofCameras(bank) ? `, on ${ofCameras(bank)}` : ''}. An update under way is given up.`, 'Go back', [], () => command('rollback', { camera: bank.cameras[0], product: bank.product }));
}

// --- teaching ------------------------------------------------------------------------------------------------------

const teach = v => correct(`#${v.seq} was good`, 'The station computes what learning this part would change. Nothing changes yet.', { verdict: v.id },
  () => $('bank').scrollIntoView({ block: 'center', behavior: 'smooth' }));

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
$('product').addEventListener('change', e => chooseProduct(e.target.value));
$('threshold').addEventListener('input', showRate);
$('own').addEventListener('click', () => confirm('Threshold', `Back to the bank's own threshold, ${num(cameraNow().own_threshold)}?`, 'Set it', [], () => setThreshold(null)));
$('what-if').addEventListener('submit', event => {
  event.preventDefault();
  const value = Number($('threshold').value);
  confirm('Threshold', `Parts of ${page.camera} are NG from ${num(value)} on (now ${num(cameraNow().threshold)}). ${$('rate').textContent}`, 'Set it', [], () => setThreshold(value));
});
addEventListener('resize', showTrend);
document.documentElement.style.setProperty('--heat', 0.7);
