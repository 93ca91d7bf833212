// Drives a station's dashboard as an operator would. An additional argument: the token.
'use strict';
require('./browser.cjs')(async ({ url, rest: [token], seen, open, please, look, ...tools }) => {
  const page = await open(1440, 1000);
  const text = (id, on = page) => on.textContent(id);
  const has = (id, what, on = page) => tools.has(on, id, what);
  const parts = (n, on = page) => on.waitForFunction(n => document.querySelectorAll('.part').length === n, n);
  const preview = async on => { await on.waitForFunction(() => document.querySelector('.correction')); return (await text('#d-body', on)).trim(); };
  const signIn = (on, secret = token) => tools.signIn(on, secret);
  const signedIn = on => has('#sign-in', 'Sign out', on);
  await page.waitForFunction(() => ['Ready', 'Running'].includes(document.getElementById('state').textContent));
  seen.title = await text('#title');
  seen.canSetBefore = await page.isEnabled('#set');

  await signIn(page, 'not the token of this station');
  await page.waitForFunction(() => document.getElementById('d-error').textContent);
  seen.refusal = await text('#d-error');
  await signIn(page);
  await signedIn(page);

  // Live verdicts with their pictures, none of which are published.
  for (let i = 1; i <= 4; i++) {
    await page.click('text=Trigger');
    await parts(i);
  }
  seen.verdict = await text('#verdict');
  await page.waitForFunction(() => document.getElementById('heatmap').naturalWidth > 0 && document.getElementById('frame').naturalWidth > 0);
  seen.regions = await page.locator('#regions rect').count();
  seen.explanation = await text('#explanation');
  seen.dots = await page.locator('#trend circle').count();
  seen.rate = await text('#rate');
  await look(page, 'desktop');
  // On a screen of any width the picture, or its placeholder, is not higher than the screen.
  const viewEnds = () => page.evaluate(() => scrollY + document.getElementById('view').getBoundingClientRect().bottom);
  await page.setViewportSize({ width: 2560, height: 900 });
  seen.viewEnds = [await viewEnds()];
  await page.setViewportSize({ width: 1440, height: 1000 });

  await page.fill('#heat', '0');
  seen.opacity = await page.evaluate(() => getComputedStyle(document.getElementById('heatmap')).opacity);
  await page.fill('#heat', '70');
  await page.uncheck('#boxes');
  seen.regionsOff = await page.locator('#regions rect').count();
  await page.check('#boxes');

  await page.click('#filter >> text=NG');
  seen.ng = await page.locator('.part').count();
  await page.locator('.part').last().click();
  seen.held = await text('#when');
  await page.click('#back');
  seen.live = await text('#when');
  await page.click('#filter >> text=All');

  await page.fill('#threshold', String(Number(await page.inputValue('#threshold')) * 1.5));
  await page.click('#set');
  await page.click('#d-yes');
  await has('#bank-facts', 'its own');
  await page.click('#own');
  await page.click('#d-yes');
  await page.waitForFunction(() => !document.getElementById('bank-facts').textContent.includes('its own'));

  // "This was good": previewed and cancelled, then learned, then taken back.
  await page.click('text=#4 was good…');
  seen.preview = await preview(page);
  await look(page, 'teach');
  await page.click('#d-no');
  await page.click('text=#4 was good…');
  await preview(page);
  seen.notYet = await text('#bank-facts');
  await page.evaluate(() => {
    window.phases = [];
    const update = document.getElementById('update');
    new MutationObserver(() => phases.push(update.textContent)).observe(update, { childList: true });
  });
  seen.consent = [await page.isDisabled('#d-yes')];
  await page.check('#d-accept'); // the part is no longer found: that must be ticked first
  seen.consent.push(await page.isDisabled('#d-yes'));
  await page.click('#d-yes');
  await has('#bank-facts', 'version 2');
  await has('#update', 'first verdicts');
  seen.watched = await text('#update');
  seen.phases = await page.evaluate(() => phases);
  for (let i = 5; i <= 8; i++) {
    await page.click('text=Trigger');
    await parts(i);
  }
  seen.taught = await text('#verdict');
  await look(page, 'taught');
  await page.click('text=Go back to version 1…');
  seen.rollback = await text('#d-text');
  await page.click('#d-yes');
  await has('#bank-facts', 'judges nowparts version 1');
  seen.last = await text('#last');
  for (let i = 9; i <= 12; i++) {
    await page.click('text=Trigger');
    await parts(i);
  }
  seen.rolledBack = await text('#verdict');

  // The same on a touch screen.
  const phone = await open(390, 844);
  await signIn(phone);
  await signedIn(phone);
  await parts(12, phone);
  await look(phone, 'phone');
  await phone.emulateMedia({ colorScheme: 'dark' });
  await look(phone, 'phone-dark');
  await phone.tap('text=#12 was good…');
  await preview(phone);
  await look(phone, 'phone-teach');
  await phone.tap('#d-no');
  await phone.tap('text=Go back to version 2…');
  await look(phone, 'phone-rollback');
  await phone.tap('#d-no');

  // The station is killed and started again, and no page is reloaded. A part comes before the user has signed in again.
  await page.evaluate(() => { window.since = 'before'; });
  await page.locator('.part').first().click();
  await please('kill');
  await page.waitForSelector('#lost:visible');
  seen.lost = await text('#lost');
  await look(page, 'lost');
  await look(phone, 'phone-lost');
  await please('start');
  for (const on of [page, phone]) {
    await on.waitForSelector('#lost', { state: 'hidden' });
    await parts(13, on);
  }
  seen.since = await page.evaluate(() => window.since);
  seen.state = await text('#state');
  seen.stillHeld = await text('#when');
  await page.click('#back');
  seen.caughtUp = await text('#when');
  seen.signedOut = await text('#sign-in');
  await signIn(page);
  await signedIn(page);
  await page.click('#filter >> text=NG');
  await page.locator('.part').last().click();
  await page.click('text=#2 was good…');
  await page.waitForFunction(() => document.getElementById('d-error').textContent);
  seen.gone = await text('#d-error');
  await page.click('#d-no');

  // A cable is pulled, and the connection raises no error.
  const silent = await open(1440, 1000, 'about:blank');
  await silent.clock.install();
  await silent.goto(url);
  await parts(13, silent);
  await silent.context().setOffline(true);
  await silent.clock.fastForward(13000);
  await silent.waitForSelector('#lost:visible');
  await silent.context().setOffline(false);
  await silent.clock.fastForward(13000);
  await silent.waitForSelector('#lost', { state: 'hidden' });

  await page.click('#filter >> text=All');
  await page.setViewportSize({ width: 2560, height: 1440 });
  await look(page, 'wall');
  await page.setViewportSize({ width: 2560, height: 900 });
  seen.viewEnds.push(await viewEnds());
});
