// Goes from a station without a model to verdicts, on its page: good parts are collected and learned, a region is drawn, a second product is chosen, collected and learned.
// Additional arguments: the token, the number of good parts.
'use strict';
require('./browser.cjs')(async ({ rest: [token, wanted], url, seen, open, please, look, signIn, has }) => {
  const page = await open(1440, 1000);
  const text = id => page.textContent(id);
  const learned = () => page.waitForFunction(() => !document.body.classList.contains('no-model') && document.querySelector('#collecting').hidden);
  const count = n => page.waitForFunction(n => document.querySelector('#c-count').textContent.startsWith(`${n} good part`), n);
  let sent = 0;
  // A part comes, and its picture is listed as one that can be called good.
  const send = async what => { await please(what); sent += 1; await has(page, '#when', `#${sent} `); };
  const mark = async n => { await page.click('#c-mark'); await count(n); };

  await has(page, '#c-count', `0 good parts of ${wanted}`);
  seen.signedOut = [await text('#c-hint'), await page.isDisabled('#c-learn')];
  await look(page, 'collecting-none');
  await signIn(page, token);
  await has(page, '#sign-in', 'Sign out');

  for (let n = 1; n <= 4; n++) { await send('good'); await mark(n); }
  // The operator errs, and takes it back; then a part comes while the lamp is off.
  await page.click('#c-undo');
  await count(3);
  await mark(4);
  await page.click('#c-good button >> nth=0');
  await count(3);
  for (let n = 4; n <= 8; n++) { await send('good'); await mark(n); }
  await send('dark');
  await page.waitForSelector('#c-mark');
  seen.dark = [await text('#verdict'), await text('#reason')];
  seen.early = await page.isDisabled('#c-learn');
  await look(page, 'collecting');
  for (let n = 9; n <= wanted; n++) { await send('good'); await mark(n); }
  seen.shown = await page.locator('#c-good img').count();
  await page.waitForFunction(() => [...document.querySelectorAll('#c-good img')].slice(0, 8).every(i => i.naturalWidth > 0));
  await look(page, 'collecting-enough');
  await page.setViewportSize({ width: 390, height: 844 });
  await look(page, 'collecting-phone');
  await page.setViewportSize({ width: 1440, height: 1000 });

  await page.click('#c-learn');
  seen.question = await text('#d-text');
  await page.click('#d-yes');
  await learned();
  await has(page, '#bank-facts', 'light version 1');
  await send('good');
  seen.first = await text('#verdict');
  await send('bad');
  await page.waitForFunction(() => document.querySelector('#verdict').textContent === 'NG');
  await look(page, 'collecting-judges');

  // A region over the defect is ignored.
  await page.click('text=Regions');
  await page.waitForFunction(() => !document.querySelector('#picture').hidden && document.querySelector('#picture').complete && editor.width === 96);
  await page.click('#new');
  const box = await page.locator('#shapes').boundingBox();
  for (const [i, [x, y]] of [[16, 8], [64, 8], [64, 56], [16, 56]].entries())
    await page.mouse[i === 3 ? 'dblclick' : 'click'](box.x + x / 96 * box.width, box.y + y / 64 * box.height);
  await page.click('#save');
  await has(page, '#told', 'Saved');
  await page.click('text=Live');
  await has(page, '#bank-facts', 'light version 1');
  await send('bad');
  seen.ignored = await text('#verdict');

  // The second product has no model yet.
  await page.selectOption('#product', 'dark');
  await page.click('#d-yes');
  await has(page, '#c-count', `0 good parts of ${wanted}`);
  seen.note = await text('#product-note');
  for (let n = 1; n <= wanted; n++) { await send('good dark'); await mark(n); }
  await look(page, 'collecting-second');
  await page.click('#c-learn');
  await page.click('#d-yes');
  await learned();
  await has(page, '#bank-facts', 'dark version 1');
  await send('good dark');
  seen.second = await text('#verdict');

  // Somebody switches by MQTT, and back; the page follows.
  await please('product light');
  await has(page, '#bank-facts', 'light version 1');
  await send('good');
  seen.switched = await text('#verdict');
  await please('product dark');
  await has(page, '#bank-facts', 'dark version 1');
  await send('bad dark');
  await page.waitForFunction(() => document.querySelector('#heatmap').naturalWidth > 0);
  seen.found = [await text('#verdict'), await page.locator('#regions rect').count() > 0];
  await look(page, 'collecting-found');
});
