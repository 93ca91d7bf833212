// Drives the bank panel of a station whose cameras "side" and "back" have a detector of their own. Two additional arguments: the token, and a camera of the station's detector.
'use strict';
require('./browser.cjs')(async ({ rest: [token, other], seen, open, please, look, signIn, has }) => {
  const page = await open(1440, 1000);
  const facts = () => page.textContent('#bank-facts');
  await signIn(page, token);
  await has(page, '#sign-in', 'Sign out');
  await page.click('#cameras >> text=side');
  await has(page, '#bank-facts', 'own version 1');
  seen.before = await facts();
  await please('push');
  await has(page, '#bank-facts', 'own version 2');
  seen.pushed = await facts();
  await look(page, 'own-bank');
  await page.click('text=Go back to version 1…');
  seen.question = await page.textContent('#d-text');
  await page.click('#d-yes');
  await has(page, '#bank-facts', 'judges nowown version 1');
  seen.last = await page.textContent('#last');
  await page.click(`#cameras >> text=${other}`);
  await has(page, '#bank-facts', 'parts version 1');
  seen.stations = await page.textContent('#bank');
});
