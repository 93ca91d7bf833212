'use strict';
// Shows the newest picture, the counts and what was flagged; asked for twice a second, as the page is on the same machine.
const pause = 500;
let shown = 0, listed = '';

function show(status) {
  $('where').textContent = `${status.camera} → ${status.folder}${status.before ? `, where ${status.before} were before` : ''}`;
  $('hint').textContent = status.hint;
  $('take').hidden = !status.can_take;
  $('taken').replaceChildren(String(status.taken), ...(status.wanted ? [make('small', { textContent: ` of ${status.wanted}` })] : []));
  $('flagged').textContent = status.flagged_count;
  $('flagged').className = status.flagged_count ? 'warn' : '';
  $('same').textContent = status.duplicates;
  $('flagged-folder').textContent = status.flagged_folder;
  say(status.problem);
  if (status.newest && status.newest.number !== shown) {
    shown = status.newest.number;
    $('frame').src = `newest.png?${shown}`;
    $('frame').hidden = false;
    $('text').textContent = status.newest.text;
    $('text').className = status.newest.is_good ? '' : 'warn';
  }
  const names = status.flagged.map(picture => picture.name).join();
  if (names !== listed) {
    listed = names;
    $('grid').replaceChildren(...status.flagged.map(card));
  }
}

function card(picture) {
  const address = `flagged/${encodeURIComponent(picture.name)}`;
  return make('a', { className: 'part panel', href: address, target: '_blank' },
    make('div', { className: 'view' }, make('img', { src: address, alt: picture.name, loading: 'lazy' })),
    make('div', { className: 'text' }, make('div', { className: 'warn', textContent: picture.reason }), make('div', { className: 'soft', textContent: picture.name })));
}

function say(problem) {
  $('lost').textContent = problem ?? '';
  $('lost').hidden = !problem;
}

async function follow() {
  for (;;) {
    try {
      show(await (await fetch('api/collect')).json());
    } catch {
      say('The collection has ended, or does not answer.');
    }
    await new Promise(done => setTimeout(done, pause));
  }
}

$('take').addEventListener('click', async () => {
  $('take').disabled = true;
  const answer = await fetch('inspect', { method: 'POST' }).catch(() => null);
  if (answer && !answer.ok) say((await answer.json()).error);
  $('take').disabled = false;
});
follow();
