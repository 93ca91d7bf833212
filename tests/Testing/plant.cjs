// Drives the page of all stations. Two arguments more: a name and a password that the broker knows.
'use strict';
require('./browser.cjs')(async ({ rest: [name, password], seen, open, please, look }) => {
  const page = await open(1440, 1000);
  await page.waitForSelector('#dialog:visible');
  await page.fill('#name', 'nobody');
  await page.click('text=Connect');
  await page.waitForSelector('#dialog', { state: 'hidden' });
  await page.waitForSelector('#dialog:visible');
  await look(page, 'plant-name');
  await page.fill('#name', name);
  await page.fill('#password', password);
  await page.click('text=Connect');

  const card = station => page.locator(`.station[aria-label="${station}"]`);
  await page.waitForFunction(() => document.querySelectorAll('.station').length === 3 && document.body.textContent.includes('Ready'));
  seen.order = await page.locator('.station h2').allTextContents();
  seen.absent = await card('s0').textContent();
  seen.updating = await card('s9').textContent();
  await please('trigger');
  await page.waitForFunction(() => [...document.querySelectorAll('.station img')].some(i => i.alt.startsWith('Heatmap') && i.naturalWidth > 0));
  seen.judged = await card('s1').textContent();
  seen.dots = await card('s1').locator('circle').count();
  seen.tiles = await page.textContent('#tiles');
  await look(page, 'plant');
  await page.setViewportSize({ width: 390, height: 844 });
  await look(page, 'plant-phone');
  await page.emulateMedia({ colorScheme: 'dark' });
  await look(page, 'plant-phone-dark');

  await please('trigger');
  await page.waitForFunction(() => document.querySelector('.view.old'));
  seen.old = await card('s1').textContent();
  await look(page, 'plant-old');

  // Without pictures, then without a broker, and nobody reloads.
  await page.uncheck('#pictures');
  await please('kill the station');
  await page.waitForFunction(() => document.body.textContent.includes('the connection was lost'));
  await please('kill the broker');
  await page.waitForSelector('#lost:visible');
  seen.lost = await page.textContent('#lost');
  await please('start the broker');
  await page.waitForSelector('#lost', { state: 'hidden' });
  seen.back = await page.textContent('#broker');
});
