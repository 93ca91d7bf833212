// Teaches the parts that were called good on the page of the review, as a quality engineer would. Additional argument: the token.
'use strict';
require('./browser.cjs')(async ({ url, rest: [token], seen, open, look, ...tools }) => {
  const page = await open(1440, 1000, `${url}review`);
  await tools.has(page, '#corrections', 'Teach the good ones');
  seen.signedOut = await page.isDisabled('#corrections button');
  await tools.signIn(page, token);
  await tools.has(page, '#sign-in', 'Sign out');
  await page.waitForFunction(() => !document.querySelector('#corrections button').disabled);
  seen.offer = await page.textContent('#corrections');
  await page.click('#corrections button');
  await page.waitForFunction(() => document.querySelector('.correction') && [...document.querySelectorAll('.missed img')].every(i => i.complete));
  seen.title = await page.textContent('#d-title');
  seen.preview = (await page.textContent('#d-body')).trim();
  seen.consent = [await page.isDisabled('#d-yes')];
  await look(page, 'review-teach');
  await page.check('#d-accept');
  seen.consent.push(await page.isDisabled('#d-yes'));
  await page.click('#d-yes');
  await tools.has(page, '#told', 'The station tries the new version');
  await tools.please('wait');
  await page.reload();
  await tools.has(page, '#corrections', 'learned');
  seen.after = await page.textContent('#corrections');
  await look(page, 'review-taught');
  await page.close();
});
