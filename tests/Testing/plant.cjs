// Drives the page of all stations. An additional argument: a text that no response to a browser may contain.
'use strict';
require('./browser.cjs')(async ({ url, rest: [secret], seen, open, please, look }) => {
  const page = await open(1440, 1000);
  const card = (station, on = page) => on.locator(`.station[aria-label="${station}"]`);
  seen.elsewhere = [];
  seen.secrets = [];
  const watch = on => {
    on.on('request', r => { if (!r.url().startsWith('blob:') && new URL(r.url()).origin !== new URL(url).origin) seen.elsewhere.push(r.url()); });
    on.on('websocket', socket => seen.elsewhere.push(socket.url()));
    on.on('response', async r => {
      if ((r.headers()['content-type'] ?? '').includes('event-stream')) return;
      if (await r.text().then(text => text.includes(secret), () => false)) seen.secrets.push(r.url());
    });
  };
  watch(page);
  await page.reload();

  await page.waitForFunction(() => document.querySelectorAll('.station').length === 4 && document.body.textContent.includes('Ready'));
  seen.order = await page.locator('.station h2').allTextContents();
  seen.absent = await card('s0').textContent();
  seen.updating = await card('s9').textContent();
  await please('trigger');
  await page.waitForFunction(() => [...document.querySelectorAll('.station img')].filter(i => i.naturalWidth > 0).length === 2);
  seen.judged = await card('s2').textContent();
  seen.dots = await card('s2').locator('circle').count();
  seen.tiles = await page.textContent('#tiles');
  await page.waitForFunction(() => document.querySelector('#missed').textContent);
  seen.missed = await page.textContent('#missed');
  await look(page, 'plant');
  await page.setViewportSize({ width: 390, height: 844 });
  await look(page, 'plant-phone');
  await page.emulateMedia({ colorScheme: 'dark' });
  await look(page, 'plant-phone-dark');

  // The next part has no picture: the previous one stays and is marked as such. A page that is opened now shows the same.
  await please('trigger');
  await page.waitForFunction(() => document.querySelector('.view.old'));
  seen.old = await card('s2').textContent();
  await look(page, 'plant-old');
  const late = await open(1440, 1000);
  watch(late);
  await late.waitForFunction(() => document.querySelectorAll('.station').length === 4 && [...document.querySelectorAll('.view.old img')].filter(i => i.naturalWidth > 0).length === 2);
  seen.late = await card('s2', late).textContent();
  seen.lateAbsent = await card('s0', late).textContent();
  await late.close();

  // Without pictures, then without the other station, without a broker and without this station, and without a reload.
  await page.uncheck('#pictures');
  await please('kill the other station');
  await page.waitForFunction(() => document.body.textContent.includes('the connection was lost'));
  await please('kill the broker');
  await page.waitForSelector('#lost:visible');
  seen.lost = await page.textContent('#lost');
  await look(page, 'plant-lost');
  await please('start the broker');
  await page.waitForSelector('#lost', { state: 'hidden' });
  seen.back = await page.textContent('#broker');
  await please('kill this station');
  await page.waitForSelector('#lost:visible');
  seen.away = await page.textContent('#lost');
  await please('start this station');
  await page.waitForFunction(() => document.querySelector('#lost').hidden && document.querySelector('#broker').textContent === 'broker connected');
  await please('judge');
  await page.close();
});
