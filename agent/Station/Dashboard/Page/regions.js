'use strict';
// The page of the regions: loads, shows and saves what the editor draws, for one camera and its active product.
const work = { camera: null, info: null, dirty: false };

async function run() {
  const names = page.station.cameras.map(c => c.name);
  const wanted = new URLSearchParams(location.search).get('camera');
  work.camera ??= names.includes(wanted) ? wanted : names[0];
  // Whoever signs in keeps what is drawn.
  if (work.info?.camera !== work.camera) await load();
}

async function load() {
  const info = work.info = await ask(`api/regions?${query({ camera: work.camera })}`);
  history.replaceState(null, '', `?${query({ camera: work.camera })}`);
  $('cameras').replaceChildren(...(page.station.cameras.length < 2 ? [] : page.station.cameras.map(c => make('button', { textContent: c.name, ariaPressed: c.name === work.camera, onclick: () => leave(() => { work.camera = c.name; attempt(load); }) }))));
  $('product').textContent = info.product ? ` and the product ${info.product}` : '';
  $('note').hidden = !info.bank_has_regions;
  work.dirty = false;
  fillPictures(info.pictures);
  await showPicture();
  const { naturalWidth, naturalHeight } = $('picture');
  show(info.width_px ?? info.regions?.width_px ?? (naturalWidth || 4), info.height_px ?? info.regions?.height_px ?? (naturalHeight || 3), structuredClone(info.regions?.regions ?? []));
}

function fillPictures(kinds) {
  const words = { good: 'the last good part', last: 'the last part', reference: "the bank's reference" };
  $('over').replaceChildren(...kinds.map(k => make('option', { value: k, textContent: words[k] })));
  $('over').disabled = kinds.length < 2;
}

async function showPicture() {
  const kind = $('over').value, image = $('picture');
  $('nothing').textContent = 'No part has been judged yet: the picture of the last good one will be here.';
  image.hidden = !kind;
  // Without a picture there is nothing to draw over.
  $('new').hidden = !kind;
  if (kind) svg.removeAttribute('data-off'); else svg.dataset.off = true;
  if (!kind) return;
  image.alt = $('over').selectedOptions[0].textContent;
  image.src = `api/regions/picture?${query({ camera: work.camera, product: work.info.product, of: kind })}&t=${Date.now()}`;
  await image.decode().catch(() => { image.hidden = true; $('nothing').textContent = 'The picture is no longer kept: load the page again.'; });
}

// --- the list and the fields -----------------------------------------------------------------------------------------

function showList() {
  const { shapes, selected } = editor, shape = shapes[selected];
  $('list').replaceChildren(...shapes.map((s, i) => make('button', { type: 'button', className: s.kind, ariaPressed: i === selected, onclick: () => select(i) }, make('i', {}), called(s, i))));
  $('fields').hidden = !shape;
  for (const own of document.querySelectorAll('.own')) own.hidden = shape?.kind !== 'named';
  if (shape && !$('fields').contains(document.activeElement)) {
    $('kind').value = shape.kind; $('name').value = shape.name ?? ''; $('threshold').value = shape.threshold ?? ''; $('area').value = shape.min_area_px ?? '';
  }
  $('threshold').placeholder = num(work.info?.threshold);
  $('area').placeholder = '1';
  showSource();
}

function showSource() {
  const { info } = work, can = page.csrf !== null;
  $('source').textContent = !info ? '' : info.misfit ? `Those that were drawn here are not used: ${info.misfit}. Draw them again.`
    : work.dirty ? 'Not saved yet.' : info.source === 'station' ? 'Drawn at this station.' : info.source === 'bank' ? "The bank's own." : 'None: the whole image is inspected.';
  $('save').disabled = !can || !work.dirty || editor.drawing !== null;
  $('reset').disabled = !can || !(info?.source === 'station' || info?.misfit);
  $('save').textContent = can ? 'Save' : 'Save (sign in first)';
  $('file').hidden = work.dirty || !info?.source;
  $('download').href = `api/regions/file?${query({ camera: work.camera, product: info?.product })}`;
}

function edit() {
  const shape = editor.shapes[editor.selected];
  if (!shape) return;
  shape.kind = $('kind').value;
  const own = shape.kind === 'named';
  put(shape, 'name', $('name').value.trim() || undefined);
  put(shape, 'threshold', own && $('threshold').value !== '' ? Number($('threshold').value) : undefined);
  put(shape, 'min_area_px', own && $('area').value !== '' ? Number($('area').value) : undefined);
  changed();

  function put(to, key, value) { if (value === undefined) delete to[key]; else to[key] = value; }
}

function tell(text, isBad = false) {
  $('told').className = isBad ? 'bad' : 'soft';
  $('told').textContent = text;
}

// --- saving ----------------------------------------------------------------------------------------------------------

async function send(regions) {
  const { camera, product } = work.info;
  await change('api/commands/regions', { camera, product, regions });
  const kept = editor.selected;
  await load();
  if (editor.shapes[kept]) select(kept);
}

async function save() {
  try {
    await send({ width_px: editor.width, height_px: editor.height, regions: editor.shapes });
    tell('Saved: the next part is judged by them.');
  } catch (e) { tell(`Not saved: ${e.message}.`, true); }
}

// Asks before something is lost.
function sure(title, text, yes, act) {
  $('d-title').textContent = title; $('d-text').textContent = text; $('d-yes').textContent = yes; $('d-error').textContent = ''; $('d-body').replaceChildren();
  $('d-form').onsubmit = async event => {
    event.preventDefault();
    try { await act(); $('dialog').close(); } catch (e) { $('d-error').textContent = e.message; }
  };
  $('dialog').showModal();
}

const leave = act => work.dirty ? sure('Not saved', 'What you have drawn is not saved.', 'Leave it', act) : act();

editor.changed = () => { work.dirty = true; tell(''); };
for (const id of ['kind', 'name', 'threshold', 'area']) $(id).addEventListener('input', edit);
$('fields').addEventListener('submit', event => event.preventDefault());
$('delete').addEventListener('click', () => remove(editor.selected));
$('save').addEventListener('click', save);
$('reset').addEventListener('click', () => sure("Back to the bank's own", 'The regions that were drawn here are forgotten.', 'Forget them', async () => { await send(null); tell("The bank's own regions hold again."); }));
$('over').addEventListener('change', () => attempt(showPicture));
document.addEventListener('shapes', showList);
document.addEventListener('session', showSource);
addEventListener('beforeunload', event => { if (work.dirty) event.preventDefault(); });
