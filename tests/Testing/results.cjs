// Drives history, statistics and review of a station, as a quality engineer and an operator would. Additional arguments: the token, and the address of a day with verdicts.
'use strict';
require('./browser.cjs')(async ({ url, rest: [token, from, to], seen, open, look, ...tools }) => {
  const sizes = [['desktop', 1440, 1000], ['phone', 390, 844]];
  const text = (on, id) => on.textContent(id);
  const pictures = (on, n) => on.waitForFunction(n => [...document.querySelectorAll('img')].filter(i => i.complete && i.naturalWidth > 0).length >= n, n);

  // --- history: filters, paging, a part, and its link
  for (const [name, width, height] of sizes) {
    const page = await open(width, height, `${url}history`);
    await page.waitForSelector('.part');
    await pictures(page, 4);
    await look(page, `history-${name}`);
    if (name !== 'desktop') continue;
    await page.click('#more');
    await page.waitForFunction(() => document.querySelectorAll('.part').length === 96);
    await page.selectOption('[name=verdict]', 'NG');
    await page.fill('[name=score_min]', '50');
    await page.click('text=Find');
    await page.waitForFunction(() => document.getElementById('found').textContent.includes('shown') && ![...document.querySelectorAll('.part .verdict')].some(v => !v.textContent.startsWith('NG')));
    seen.found = await text(page, '#found');
    seen.address = page.url();
    seen.csv = await page.getAttribute('#csv', 'href');
    await page.click('.part >> nth=0');
    await page.waitForSelector('#part[open]');
    seen.part = await text(page, '#p-title');
    await page.click('#p-link');
    seen.link = page.url();
    await pictures(page, 2);
    await look(page, 'history-part');
    const colleague = await open(width, height, seen.link);
    await colleague.waitForSelector('#part[open]');
    seen.colleague = await text(colleague, '#p-title');
    await colleague.close();
    await page.click('#p-close');
    await page.fill('[name=serial]', 'none such');
    await page.click('text=Find');
    await tools.has(page, '#found', 'No part matches.');
    await page.close();
  }

  // --- statistics
  for (const [name, width, height] of sizes) {
    const page = await open(width, height, `${url}statistics?from=${from}&to=${to}`);
    await page.waitForFunction(() => document.querySelectorAll('#tiles b').length === 5 && document.querySelectorAll('#charts circle').length > 20);
    seen.tiles = await page.locator('#tiles b').allTextContents();
    seen.claim = await text(page, '#claim');
    seen.told = await text(page, '#told');
    seen.signals = await page.locator('#signals li').allTextContents();
    seen.points = await page.locator('#charts circle.signal').count();
    seen.bars = await page.locator('#counts rect').count();
    await page.waitForFunction(() => document.querySelector('#heat-map img'));
    await look(page, `statistics-${name}`);
    if (name === 'desktop') {
      await page.emulateMedia({ colorScheme: 'dark' });
      await look(page, 'statistics-dark');
    }
    await page.close();
  }

  // --- review: fifty parts by keyboard alone, the sign-in included
  seen.labelled = [];
  for (const [name, width, height] of sizes) {
    const page = await open(width, height, `${url}review`);
    await page.waitForFunction(() => document.getElementById('what').textContent.includes('#'));
    const focus = async id => {
      for (let i = 0; i < 60; i++) {
        if (await page.evaluate(id => document.activeElement?.id === id, id)) return;
        await page.keyboard.press('Tab');
      }
      throw new Error(`Tab does not reach ${id}`);
    };
    await focus('sign-in');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#dialog[open]');
    await page.keyboard.type(token);
    await page.keyboard.press('Enter');
    await tools.has(page, '#sign-in', 'Sign out');
    await page.waitForFunction(() => !document.getElementById('good').disabled);
    await focus('by');
    await page.keyboard.type('Ada');
    await page.keyboard.press('Tab'); // to the note
    await page.keyboard.press('Enter'); // which leaves it
    for (let i = 0; i < 50; i++) {
      const part = await text(page, '#what');
      if (i === 3) {
        await page.keyboard.press('n');
        await page.keyboard.type('dust');
        await page.keyboard.press('Enter');
      }
      await page.keyboard.press(i % 10 === 9 ? 'u' : i % 2 ? 'b' : 'g');
      await page.waitForFunction(([part, n]) => document.getElementById('what').textContent !== part && document.getElementById('told').textContent.includes(`${n} labelled`), [part, i + 1]);
    }
    // The last one is taken up again and gets another label.
    const next = await text(page, '#what');
    await page.keyboard.press('z');
    await page.waitForFunction(next => document.getElementById('what').textContent !== next, next);
    await page.keyboard.press('g');
    await tools.has(page, '#told', '51 labelled');
    seen.labelled.push(await text(page, '#told'));
    await page.waitForFunction(() => document.getElementById('overkill').textContent.includes('interval') && document.querySelectorAll('#curve path').length > 1);
    seen.overkill = await text(page, '#overkill');
    seen.numbers = await text(page, '#numbers');
    seen.choice = await text(page, '#choice');
    await pictures(page, 2);
    await look(page, `review-${name}`);
    await page.close();
  }
});
