// Draws regions on a station's page with a mouse, a finger and a keyboard. One additional argument: the token. Parts are 96 x 64 px, with their defect at 30..50, 20..40.
'use strict';
require('./browser.cjs')(async ({ rest: [token], url, seen, open, please, look, signIn, has }) => {
  const address = `${url}regions`;
  // The place on the screen of a place in the picture.
  const at = async (page, x, y) => {
    const box = await page.locator('#shapes').boundingBox();
    return [box.x + x / 96 * box.width, box.y + y / 64 * box.height];
  };
  const shapes = page => page.evaluate(() => structuredClone(editor.shapes));
  const ready = page => page.waitForFunction(() => !document.querySelector('#picture').hidden && document.querySelector('#picture').complete && editor.width === 96);
  const saved = page => has(page, '#told', 'Saved');

  // --- mouse ---
  let page = await open(1440, 1000, address);
  await ready(page);
  seen.signedOut = await page.textContent('#save');
  await page.click('#sign-in');
  await signIn(page, token);
  await has(page, '#sign-in', 'Sign out');
  seen.none = await page.textContent('#source');
  const click = async (x, y, twice = false) => { const [left, top] = await at(page, x, y); await (twice ? page.mouse.dblclick(left, top) : page.mouse.click(left, top)); };
  await page.click('#new');
  await click(12, 6); await click(68, 6); await click(68, 58); await click(5, 30);
  await page.click('#back'); // the last one was wrong
  await click(12, 58, true);
  seen.mouse = await shapes(page);
  await page.click('#save');
  await saved(page);
  await please('bad');
  await look(page, 'regions-mouse');

  // Named, with limits of its own; a corner and then the region are moved.
  await page.locator('#list button').first().click();
  await page.selectOption('#kind', 'named');
  await page.fill('#name', 'label');
  await page.fill('#threshold', '0.001');
  await page.fill('#area', '5');
  const drag = async (from, to) => { await page.mouse.move(...await at(page, ...from)); await page.mouse.down(); await page.mouse.move(...await at(page, ...to), { steps: 4 }); await page.mouse.up(); };
  await drag([68, 58], [78, 60]);
  await drag([40, 30], [38, 30]);
  seen.dragged = await shapes(page);
  await page.click('#save');
  await saved(page);
  await please('named');
  await look(page, 'regions-named');

  // A border that crosses itself is said in words, and nothing has changed.
  await drag([10, 6], [90, 20]);
  await page.click('#save');
  await has(page, '#told', 'Not saved');
  seen.crossed = await page.textContent('#told');
  seen.leaves = await page.evaluate(() => { const event = new Event('beforeunload', { cancelable: true }); dispatchEvent(event); return event.defaultPrevented; });
  await page.close();

  // --- touch, on a phone ---
  page = await open(375, 700, address);
  await ready(page);
  await has(page, '#source', 'Drawn at this station');
  seen.restored = await shapes(page);
  await page.locator('#shapes').scrollIntoViewIfNeeded();
  const tap = async (x, y) => page.touchscreen.tap(...await at(page, x, y));
  await page.tap('#new');
  await tap(72, 40); await tap(92, 40); await tap(92, 60); await tap(72, 60);
  await tap(73, 41); // the first one again
  seen.touch = (await shapes(page)).at(-1);
  const finger = await page.context().newCDPSession(page), touch = (type, place) => finger.send('Input.dispatchTouchEvent', { type, touchPoints: place ? [{ x: place[0], y: place[1] }] : [] });
  await touch('touchStart', await at(page, 92, 60));
  await touch('touchMove', await at(page, 88, 58));
  await touch('touchMove', await at(page, 84, 56));
  await touch('touchEnd');
  seen.touched = (await shapes(page)).at(-1);
  await has(page, '#save', 'sign in first');
  await page.tap('#sign-in'); // what is drawn stays
  await signIn(page, token);
  await has(page, '#sign-in', 'Sign out');
  await page.tap('#save');
  await saved(page);
  await look(page, 'regions-phone');
  await page.close();

  // --- keyboard alone ---
  page = await open(1440, 1000, address);
  await ready(page);
  await page.click('#sign-in');
  await signIn(page, token);
  await has(page, '#sign-in', 'Sign out');
  const keys = async (...names) => { for (const name of names) await page.keyboard.press(name); };
  const tabTo = async what => { for (let i = 0; i < 60; i++) { if (await page.evaluate(what => document.activeElement?.matches(what), what)) return; await page.keyboard.press('Tab'); } throw new Error(`Tab does not reach ${what}`); };
  const times = (n, key) => Array(n).fill(key);
  await page.evaluate(() => document.activeElement.blur());
  await tabTo('#new');
  await keys('Enter'); // the drawing has the focus, its cursor is in the middle: 48, 32
  await keys(...times(40, 'ArrowLeft'), ...times(26, 'ArrowUp'), 'Space');
  await keys(...times(10, 'ArrowRight'), 'Space', ...times(8, 'ArrowDown'), 'Space');
  await keys(...times(5, 'ArrowDown'), 'Space', 'Escape'); // taken back
  await look(page, 'regions-keys');
  await keys('Enter');
  seen.keyboard = (await shapes(page)).at(-1);
  await tabTo('circle[data-key="corner-1"]');
  await keys('Shift+ArrowRight', 'Shift+ArrowRight', 'Delete');
  seen.least = await page.textContent('#step');
  seen.keyed = (await shapes(page)).at(-1);
  await tabTo('#name');
  await page.keyboard.type('corner');
  await tabTo('#save');
  await keys('Enter');
  await saved(page);
  seen.list = await page.$$eval('#list button', buttons => buttons.map(b => b.textContent));
  await page.evaluate(() => document.activeElement.blur());
  await tabTo('polygon[data-key="shape-0"]');
  await keys('Delete');
  await tabTo('#reset');
  await keys('Enter');
  await has(page, '#d-text', 'forgotten');
  await look(page, 'regions-reset');
  await page.click('#d-yes');
  await has(page, '#told', "The bank's own regions hold again");
  seen.reset = [await page.textContent('#source'), (await shapes(page)).length];
  await please('bank');
});
