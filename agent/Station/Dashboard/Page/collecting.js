'use strict';
// A camera or product that has no model yet: good parts are collected, and the first model is learned from them.
const LearningStages = {
  'choosing the reference': 'Choosing the reference of the alignment', reading: 'Reading the pictures', extracting: 'Computing their features',
  calibrating: 'Calibrating the threshold', writing: 'Writing the bank', signing: 'Signing the bank', opening: 'Opening the bank',
};

let asked = 0, refusal = '';
async function loadCollection() {
  const camera = cameraNow(), number = ++asked;
  const collection = camera?.collecting ? await ask(`api/collection?camera=${encodeURIComponent(camera.name)}${ofProduct()}`) : null;
  if (number === asked) page.collection = collection; // an older answer may come after a newer one
}

// The frame of a verdict among those that are kept; undefined for others.
const collectedAs = v => page.collection?.frames?.find(f => f.id === v.id);

let listed = '';
function showCollected() {
  const frames = (page.collection?.frames ?? []).map(f => `${f.id}${f.good}`).join();
  showCollection(); showLive();
  if (frames !== listed) showHistory(); // not at each step of learning
  listed = frames;
}

function showCollection() {
  const c = page.collection?.collecting ? page.collection : null;
  document.body.classList.toggle('no-model', !!c);
  $('collecting').hidden = !c;
  if (!c) return;
  const learning = c.learning, missing = Math.max(0, c.wanted - c.good);
  $('c-count').textContent = learning
    ? `${LearningStages[learning.stage] ?? learning.stage}: ${learning.done} of ${learning.total}.`
    : `${c.good} good part${c.good === 1 ? '' : 's'}${missing ? ` of ${c.wanted}` : ''}`;
  $('c-progress').value = learning ? learning.done / Math.max(1, learning.total) : Math.min(1, c.good / c.wanted);
  $('c-hint').textContent = learning ? `The first model is learned from ${learning.parts} good parts. The station goes on collecting meanwhile, and judges as soon as it is finished.`
    : !page.csrf ? 'Sign in to say which parts are good.'
    : missing ? 'Trigger the camera with one good part after the other, and call each good whose picture is as it should be.'
    : 'That is enough to learn. More good parts, of different lots and shifts, make a better model.';
  $('c-learn').hidden = !!learning;
  $('c-learn').disabled = !page.csrf || missing > 0;
  $('c-learn').textContent = `Learn from ${c.good} good part${c.good === 1 ? '' : 's'}`;
  $('c-failure').textContent = refusal || (c.failure && !learning ? `The model was not learned: ${c.failure}` : '');
  const good = c.frames.filter(f => f.good);
  put($('c-good'), `${page.csrf} ${!!learning} ${good.map(f => f.id)}`, () => good.map((f, i) => make('li', {},
    make('img', { src: `api/collection/${f.id}`, alt: `Good part ${good.length - i}${f.fault ? `, ${f.fault}` : ''}`, loading: 'lazy' }),
    ...(f.fault ? [make('span', { className: 'warn', textContent: f.fault })] : []),
    ...(page.csrf && !learning ? [make('button', { textContent: '×', ariaLabel: `Take out good part ${good.length - i}`, title: 'Take it out', onclick: e => collect({ not_good: [f.id] }, e.target) })] : []))));
}

// What can be done with the picture of a collected part: a frame is listed as soon as it is on disk.
function markOf(v) {
  const frame = collectedAs(v), learning = !!page.collection?.learning;
  if (!page.collection?.collecting || !frame) return { key: 'gone', buttons: () => [] };
  return {
    key: `${v.id} ${frame.good} ${learning}`,
    buttons: () => [frame.good
      ? make('button', { id: 'c-undo', textContent: 'It is among the good parts: take it out', disabled: learning, onclick: e => collect({ not_good: [v.id] }, e.target) })
      : make('button', { id: 'c-mark', className: 'primary', textContent: 'This is a good part', onclick: e => collect({ good: [v.id] }, e.target) })],
  };
}

async function collect(what, button) {
  button.disabled = true;
  refusal = '';
  try {
    await command('collect', { camera: page.camera, product: cameraNow().product, ...what });
    await loadCollection();
    showCollected();
  } catch (e) {
    button.disabled = false;
    refusal = e.message;
    showCollection();
  }
}

$('c-learn').addEventListener('click', () => {
  const { good, others } = page.collection;
  confirm('Learn the first model', `From ${good} good parts.${others ? ` ${others} other frames are not learned.` : ''} From the first frame after it on, ${page.camera} judges.`, 'Learn', [],
    () => command('collect', { camera: page.camera, product: cameraNow().product, learn: true }).then(loadCollection).then(showCollection));
});
